/* plan.h - which form of its damped system every layer gets, from shapes alone, and what it takes.
 *
 * Forms of one metric give the same direction up to rounding; the planner takes the cheapest that
 * serves. Only `whitened` has a set-up, and its memory has no other form. Flops count a
 * multiplication and an addition as two. Costs compare by time: flops times how much slower than a
 * library product they run (docs/performance.md). */
#ifndef RFIM_OPTIMIZER_PLAN_H
#define RFIM_OPTIMIZER_PLAN_H

#include "network/module.h"

#include <rfim/optimizer.h>

/* What a plan is made for. */
typedef struct rfim__plan_case {
    rfim__algebra *algebra; /* of the network's precision: for sizes only */
    const rfim__module *modules;
    size_t count;
    const rfim_optimizer_options *options;
    size_t batch;          /* samples of a step, at most */
    size_t samples;        /* of the training set; 0: there is none to be seen */
    double whitened_bytes; /* that whitened samples may take, where nobody asked for them */
} rfim__plan_case;

typedef struct rfim__layer_plan {
    bool has_metric; /* else the plain gradient is natural, or there are no parameters */
    rfim_representation representation;
    rfim_metric_memory memory;
    rfim_response response;
    size_t response_module; /* at whose output it lies */
    size_t copies; /* vectors of a sample that are sent back from there; 0: it is its own */
    rfim_form form;
    bool wide;           /* factors in float64 */
    bool background;     /* refreshed by a thread of its own: M is kept apart meanwhile */
    bool spring;         /* its last direction is part of its system (momentum.h) */
    bool in_turn;        /* see rfim__plan_in_turn */
    bool units;          /* prior and damping in units of the inputs */
    bool mean_nu;        /* shared, and times the mean of nu */
    size_t bytes;        /* metric and work areas, for the whole run; where layers share their work
                            areas, these count for the one that needs most */
    size_t work;         /* bytes of its work areas alone, wherever they count */
    double base_flops;   /* a step with the plain gradient: forward, backward, update */
    double metric_flops; /* a step: what is added, on average */
    double cost;         /* of the metric, as flops of library products */
    char why[240];
} rfim__layer_plan;

/* Whitened samples that nobody asked for, and with no memory limit in the options, take no more. */
#define RFIM__WHITENED_BYTES 1e9

/* Plans every module. RFIM_ERROR_ARGUMENT: settings that contradict each other; RFIM_ERROR_MEMORY:
 * options->memory does not suffice. Each names the layer. */
rfim_status rfim__plan_layers(const rfim__plan_case *subject, rfim__layer_plan *out);

/* Is the direction of each layer used up before the next one is made, so that they can share work
 * areas? Not where step control looks at all of them, nor where they are remembered (spring). */
bool rfim__plan_in_turn(const rfim_optimizer_options *options);

/* Of a refresh of one metric: the time that it takes, as flops of library products. */
double rfim__refresh_cost(rfim_representation representation, size_t order, size_t blocks);

#endif
