/* network.h - the inside of a network: modules in order, their parameters in one block, a loss. */
#ifndef RFIM_NETWORK_NETWORK_H
#define RFIM_NETWORK_NETWORK_H

#include "network/module.h"

#include <rfim/network.h>

struct rfim_network {
    rfim_context *context;
    rfim__algebra *algebra;
    rfim__module *modules; /* [count] */
    size_t count;
    rfim_loss_kind loss;
    void *block;    /* parameters, previous parameters, states of all modules */
    char *text;     /* long form */
    size_t updates; /* how many updates the parameters have seen */
    size_t edition; /* changes whenever a parameter does */
    size_t passes;  /* how many there have been, on all traces */
};

#define RFIM__MOST_MODULES 2048 /* in a text */

/* What a network's text says: modules (without their numbers) and the loss. The caller frees
 * *modules by rfim__release. */
rfim_status rfim__network_parse(rfim_context *context, const char *text, rfim__module **modules,
                                size_t *count, rfim_loss_kind *loss);
/* The long form, to be freed by rfim__release. */
rfim_status rfim__network_describe(rfim_context *context, const rfim__module *modules, size_t count,
                                   rfim_loss_kind loss, char **text);
const char *rfim__loss_name(rfim_loss_kind loss);
/* A network without numbers, which takes hardly any memory: modules with their shapes, loss, text
 * and algebra. It ends by rfim_network_free. */
rfim_status rfim__network_outline(rfim_context *context, const char *text,
                                  const rfim_network_options *options, rfim_network **out);
/* Gives every module its matrices; with arena->base NULL only their shapes, and counts the bytes.
 */
void rfim__network_lay_out(rfim_network *network, rfim__arena *arena);

/* The module of this name ("layer2"); false when there is none. */
bool rfim__module_find(const rfim_network *network, const char *name, size_t *index);

/* Where the parameters of a module are to go. */
typedef enum rfim__direction_kind {
    RFIM__DIRECTION_MATRIX,  /* along scale matrix [parameter_rows x m] */
    RFIM__DIRECTION_PRODUCT, /* along scale left^T right, never formed */
    RFIM__DIRECTION_WRITTEN  /* module->previous holds the new parameters already */
} rfim__direction_kind;

typedef struct rfim__direction {
    rfim__direction_kind kind;
    rfim__matrix matrix;
    rfim__matrix left;      /* [k x parameter_rows], k samples in most cases */
    rfim__matrix right;     /* [k x m] */
    const uint32_t *firsts; /* of left (algebra/ragged.h), or NULL */
    double scale;
    bool finite; /* of what is written */
} rfim__direction;

/* Updates module l. Weights: W <- (1 - decay) W - step direction; the rows without decay (biases):
 * W <- W - step direction. Moving averages take in the statistics of its slot. The old numbers stay
 * in `previous`. Is every number finite? Once per module, then rfim__network_updated. */
bool rfim__network_update(rfim_network *network, const rfim__slot *slots, size_t l,
                          const rfim__direction *direction, double step, double decay);
void rfim__network_updated(rfim_network *network);
/* Takes the update of modules first ... first+count-1 back, which is not finished yet. */
void rfim__network_abandon(rfim_network *network, size_t first, size_t count);
/* Takes the last update back; once. */
void rfim__network_undo(rfim_network *network);
/* (1/2) sum of the squares of the decayed rows (no biases), over all modules. */
double rfim__network_half_squares(rfim_network *network);

#endif
