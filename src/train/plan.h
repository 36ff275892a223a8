/* plan.h - the inside of a plan: what a run takes, part by part, from shapes alone.
 *
 * The process itself is a part as well: code, the BLAS' buffers, stacks (plan_run.c). */
#ifndef RFIM_TRAIN_PLAN_H
#define RFIM_TRAIN_PLAN_H

#include "network/network.h"
#include "optimizer/plan.h"

#include <rfim/data.h>
#include <rfim/plan.h>

struct rfim_plan {
    rfim_context *context;
    rfim_plan_part *parts; /* in the order in which they are allocated */
    size_t count;
    size_t steps;
};

/* What a plan has to know of the data. */
typedef struct rfim__plan_data {
    size_t samples;       /* to train on */
    size_t order;         /* columns of x~ that are not always 0 (data/kept_inputs.h) */
    size_t numbers;       /* of all samples, without zeros at the beginning (likewise) */
    double squares;       /* sum over samples of the square of how many those are */
    double bytes;         /* of all splits */
    double opening_bytes; /* more of them, while they are opened */
} rfim__plan_data;

/* What a plan has found out for a trainer. */
typedef struct rfim__plan_verdict {
    size_t metric_memory; /* bytes that are left for the metrics; 0: no limit that they would have
                             to know */
    bool whitens;         /* the first layer is trained on whitened samples */
} rfim__plan_verdict;

/* The plan of training the network (its shapes count, not its numbers). The memory limit of the
 * options is kept, or RFIM_ERROR_MEMORY. verdict may be NULL. */
rfim_status rfim__plan_run(const rfim_network *network, const rfim__plan_data *data,
                           const rfim_options *options, rfim__plan_verdict *verdict,
                           rfim_plan **out);

/* For a trainer: what cannot be is refused, RFIM_ERROR_MEMORY when the options' memory limit cannot
 * be kept. */
rfim_status rfim__plan_check(const rfim_network *network, const rfim_splits *splits,
                             const rfim_options *options, rfim__plan_verdict *verdict);

#endif
