/* accumulator.h - one step from several batches, as if they were one: with n_b samples in batch b
 * and n in all, the gradient is sum_b (n_b / n) gradient_b, and the metric of the step likewise
 * sum_b (n_b / n) G_b (metric/metric.h: rfim__collection). Batch by batch, so that traces and work
 * areas are no larger than one batch. */
#ifndef RFIM_OPTIMIZER_ACCUMULATOR_H
#define RFIM_OPTIMIZER_ACCUMULATOR_H

#include "network/trace.h"
#include "optimizer/mirror.h"

#include <rfim/optimizer.h>

typedef struct rfim__accumulator {
    rfim__mirror sums; /* nothing is kept where every batch is a step */
    size_t batches;    /* of the step, so far */
    size_t samples;    /* in them */
    size_t whole;      /* of all its batches; while there are none: 0 */
} rfim__accumulator;

rfim_status rfim__accumulator_create(const rfim_network *network,
                                     const rfim_optimizer_options *options, rfim__accumulator *out);
void rfim__accumulator_free(rfim_context *context, rfim__accumulator *accumulator);
/* Bytes of its matrices are added to an arena without a base. */
void rfim__accumulator_count(const rfim_network *network, const rfim_optimizer_options *options,
                             rfim__arena *arena);

/* What the batch on the trace has of the step's samples. */
double rfim__accumulator_share(const rfim__accumulator *accumulator, const rfim_trace *trace);
/* Takes the gradients on the trace in. */
void rfim__accumulator_add(rfim__accumulator *accumulator, const rfim_trace *trace);
/* With the last batch on the trace: its gradients <- those of the whole step. */
void rfim__accumulator_finish(rfim__accumulator *accumulator, const rfim_trace *trace);

#endif
