/* method.h - an optimisation method as a table of functions, and what all of them share. */
#ifndef RFIM_OPTIMIZER_METHOD_H
#define RFIM_OPTIMIZER_METHOD_H

#include "network/trace.h"

#include <rfim/optimizer.h>

typedef struct rfim__method_table {
    const char *name;
    /* Makes optimizer->state; free undoes whatever of it was made. */
    rfim_status (*create)(rfim_optimizer *optimizer);
    void (*free)(rfim_optimizer *optimizer);
    /* Turns the gradients on the trace (coupled L2 included) into optimizer->directions. */
    void (*direct)(rfim_optimizer *optimizer, rfim_trace *trace);
    /* What remains once the network has been updated; may be NULL. */
    void (*finish)(rfim_optimizer *optimizer, rfim_trace *trace);
} rfim__method_table;

struct rfim_optimizer {
    rfim_network *network;
    rfim_optimizer_options options;
    size_t max_samples; /* of a batch */
    const rfim__method_table *method;
    void *state;              /* the method's own */
    rfim__matrix *directions; /* [modules]: where the update of each is found */
    rfim_optimizer_report report;
    size_t since_epoch; /* steps since the epoch began: the paper's itr */
};

extern const rfim__method_table rfim__sgd_method;
extern const rfim__method_table rfim__adam_method;
extern const rfim__method_table rfim__rngd_method;

/* Matrices like the parameters of every module, `copies` of each, in one zeroed block:
 * out[l * copies + c]. The caller frees *block by rfim__release. */
rfim_status rfim__optimizer_mirror(rfim_optimizer *optimizer, size_t copies, rfim__matrix *out,
                                   void **block);

#endif
