/* plan.h - what a training run will take, before anything of it is allocated: bytes and flops of
 * every subsystem, and which form of its metric is taken, and why. */
#ifndef RFIM_PLAN_H
#define RFIM_PLAN_H

#include <rfim/options.h>

/* One subsystem, or something else that takes memory: the weights, a trace, the data. */
typedef struct rfim_plan_part {
    char name[48]; /* "layer1", "norm1", "network", "training trace", "data", ... */
    int subsystem; /* 1: a module of the network */
    /* Of a subsystem that has a metric; else -1. */
    int representation;  /* rfim_representation */
    int response;        /* rfim_response */
    int memory;          /* rfim_metric_memory */
    int form;            /* rfim_form, never automatic */
    int wide;            /* 1: its factors are worked out in float64 */
    double bytes;        /* for the whole run */
    double setup_bytes;  /* more of them, until the first step */
    double setup_flops;  /* once */
    double base_flops;   /* a step: forward, backward and update, as for a plain gradient */
    double metric_flops; /* a step, on average: what the metric adds; negative where it saves */
    double share;        /* of the time of a step, estimated from flops and how fast they run */
    char why[240];       /* this form: one sentence; "": there is nothing to say */
} rfim_plan_part;

typedef struct rfim_plan rfim_plan;

#ifdef __cplusplus
extern "C" {
#endif

/* The plan of `rfim train` with these options. Opens the data only to learn their sizes, and frees
 * them again. Errors: as training would have before its first step; RFIM_ERROR_MEMORY when
 * options->optimizer.memory does not suffice: the sentence names what takes too much. */
RFIM_API rfim_status rfim_plan_create(rfim_context *context, const rfim_options *options,
                                      rfim_plan **out);
RFIM_API void rfim_plan_free(rfim_plan *plan);
RFIM_API size_t rfim_plan_parts(const rfim_plan *plan);
/* NULL beyond the last. */
RFIM_API const rfim_plan_part *rfim_plan_part_at(const rfim_plan *plan, size_t index);
/* What the parts take together at most: at work, or before the first step where that is more.
 * Parts are in the order in which they are allocated. */
RFIM_API double rfim_plan_bytes(const rfim_plan *plan);
/* Of the run. */
RFIM_API size_t rfim_plan_steps(const rfim_plan *plan);

/* "ema", "batch", "dataset" or "prior+batch". */
RFIM_API const char *rfim_metric_memory_name(rfim_metric_memory memory);
/* "gradient", ... */
RFIM_API const char *rfim_form_name(rfim_form form);

#ifdef __cplusplus
}
#endif
#endif
