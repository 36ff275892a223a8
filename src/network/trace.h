/* trace.h - the inside of a trace: one slot a module, the batch, and its targets. */
#ifndef RFIM_NETWORK_TRACE_H
#define RFIM_NETWORK_TRACE_H

#include "data/dataset.h"
#include "network/loss.h"
#include "network/network.h"

struct rfim_trace {
    rfim_network *network;
    size_t max_samples;
    size_t samples; /* of the batch on it */
    void *block;
    rfim__slot *slots;    /* [modules], as wide as the batch on it */
    rfim__matrix inputs;  /* [n x (d+1)] */
    rfim__matrix targets; /* [n x m], when they are values */
    int32_t *labels;      /* [max_samples], when they are classes */
    bool has_labels;      /* the batch's targets are classes */
    size_t pass;          /* the number of its last pass: no other pass of the network has it */
    size_t edition;       /* of the network at the last pass */
    bool forward_done;
    bool loss_done;
    bool backward_done;
};

/* gradients false: a trace for inference, without room for the way back. */
rfim_status rfim__trace_create(rfim_network *network, size_t max_samples, bool gradients,
                               rfim_trace **out);
/* Gives every slot its matrices; with arena->base NULL only their shapes, and counts the bytes.
 * Network, max_samples and slots are set. */
void rfim__trace_lay_out(rfim_trace *trace, rfim__arena *arena, bool gradients);

/* Puts samples of an array or of a data set on the trace: rows[0 ... n-1], or first ... first+n-1
 * when rows is NULL. */
rfim_status rfim__trace_load_inputs(rfim_trace *trace, rfim_array inputs, const uint32_t *rows,
                                    size_t first, size_t n);
rfim_status rfim__trace_load(rfim_trace *trace, const rfim_dataset *dataset, const uint32_t *rows,
                             size_t first, size_t n);

/* Begins a batch of n samples, 1 to max_samples, whose inputs the caller writes: [n x (d+1)], every
 * column of it. */
rfim__matrix rfim__trace_begin(rfim_trace *trace, size_t n);

/* Which targets a data set gives: its own, or the inputs. */
typedef enum rfim__target_source {
    RFIM__TARGETS_OF_DATA,
    RFIM__TARGETS_ARE_INPUTS
} rfim__target_source;

rfim_status rfim__trace_load_targets(rfim_trace *trace, const rfim_dataset *dataset,
                                     rfim__target_source source, const uint32_t *rows,
                                     size_t first);

/* A pass over the batch that is on the trace. */
void rfim__trace_pass(rfim_trace *trace, rfim__mode mode);
/* Sums over the batch; fills the last slot's delta when the trace has gradients. */
rfim__loss_sums rfim__trace_loss_sums(rfim_trace *trace);
/* Where the numbers of the last pass stop being finite: " (the output of layer3 is the first that
 * is not)", or "" where it is the loss alone. */
#define RFIM__BLAME_TEXT 128
void rfim__trace_blame(const rfim_trace *trace, char text[RFIM__BLAME_TEXT]);

/* The gradient of module l, formed where it is not yet. After a backward pass. */
rfim__matrix rfim__trace_gradient(const rfim_trace *trace, size_t l);

#endif
