#include "optimizer/plan_cost.h"

#include "optimizer/damping_control.h"
#include "optimizer/periods.h"
#include "optimizer/plan_response.h"
#include "optimizer/step_control.h"

#include <math.h>

/* How much longer a flop takes than one of a library product (docs/performance.md, measured). */
#define SLOW_FACTOR 3.0   /* one inverse */
#define SLOW_LANES 1.3    /* inverses of many small matrices in lanes */
#define SLOW_APPLY 8.0    /* ... applied: bound by memory */
#define SLOW_DUAL 1.2     /* dual systems in lanes */
#define SLOW_ACTIVE 2.0   /* the same over active rows */
#define ACTIVE_ENTRY 18.0 /* flops' worth of picking an entry of K, of which a system has n^2 */
#define SLOW_WIDE 2.0     /* float64 in place of float32 */

/* Float32 factors lose about 2^-24 times the condition of the damped system (docs/mathematics.md
 * 6); beyond this they are worked out in float64. */
#define MOST_LOSS 1e-3

/* The sizes that costs depend on. */
typedef struct sizes {
    double n, d, m;
    double collect, refresh; /* how often a step does it */
    double curvature;        /* flops of reading it, where it is read apart */
} sizes;

/* Of a step: all its batches. */
static double samples_of(const rfim__plan_case *subject)
{
    return (double)rfim_optimizer_samples(subject->options, subject->batch, SIZE_MAX);
}

static sizes sizes_of(const rfim__plan_case *subject, const rfim__module *module,
                      const rfim__layer_plan *plan)
{
    const rfim_optimizer_options *options = subject->options;
    return (sizes){.n = samples_of(subject),
                   .d = (double)module->inputs + 1,
                   .m = (double)module->outputs,
                   .collect = rfim__period_rate(options, options->metric_every),
                   .refresh = rfim__period_rate(options, options->refresh_every),
                   .curvature = rfim__plan_reads_curvature(plan)
                                    ? rfim__plan_curvature_flops(
                                          subject, (size_t)(module - subject->modules), plan)
                                    : 0};
}

/* A bound of the condition of the damped metric, from the damping rule alone; an absolute damping
 * says nothing about it. */
static double condition_bound(const rfim_optimizer_options *options, double order)
{
    if (options->damping_rule == RFIM_DAMPING_ABSOLUTE)
        return INFINITY;
    double loosest = options->damping_rule == RFIM_DAMPING_TRACE ? 1 : order;
    if (options->damping_control == RFIM_DAMPING_CONTROL_LM)
        loosest *= RFIM__DAMPING_RANGE;
    return 1 + loosest / options->damping;
}

/* The same of the larger factor of a Kronecker product, damped as form_kronecker.c says. */
static double factor_condition_bound(const rfim_optimizer_options *options, double d, double m)
{
    if (options->damping_rule == RFIM_DAMPING_ABSOLUTE)
        return INFINITY;
    double eps = options->damping * (options->damping_rule == RFIM_DAMPING_TRACE ? d * m : 1);
    if (options->damping_control == RFIM_DAMPING_CONTROL_LM)
        eps /= RFIM__DAMPING_RANGE;
    return 1 + fmax(d, m) / sqrt(eps);
}

static bool wants_wide(const rfim__plan_case *subject, const rfim__layer_plan *plan, const sizes *z)
{
    double bound = plan->representation == RFIM_KRONECKER
                       ? factor_condition_bound(subject->options, z->d, z->m)
                       : condition_bound(subject->options, z->d);
    return plan->form != RFIM_FORM_WHITENED && /* its factor sees to itself */
           subject->algebra->precision == RFIM_SINGLE && 0x1p-24 * bound > MOST_LOSS;
}

double rfim__refresh_cost(rfim_representation representation, size_t order, size_t blocks)
{
    double flops = pow((double)order, 3) * (double)blocks;
    return flops * (representation == RFIM_NEURON ? SLOW_LANES : SLOW_FACTOR);
}

/* Flops of the metric that is remembered, a step, and their cost. */
static void count_memory(const rfim__layer_plan *plan, const sizes *z, double *flops, double *cost)
{
    bool neuron = plan->representation == RFIM_NEURON && plan->memory != RFIM_MEMORY_PRIOR_BATCH;
    bool batch = plan->memory == RFIM_MEMORY_BATCH;
    double blocks = neuron ? z->m : 1;
    double collected = blocks * z->n * z->d * z->d * (batch ? 1 : z->collect);
    double outputs = plan->representation == RFIM_KRONECKER ? pow(z->m, 3) : 0;
    double factored = (blocks * pow(z->d, 3) + outputs) * (batch ? 1 : z->refresh);
    double slow = neuron ? SLOW_LANES : SLOW_FACTOR;
    *flops += collected + factored;
    *cost += collected + factored * slow * (plan->wide ? SLOW_WIDE : 1);
}

static void count_primal(rfim__layer_plan *plan, const sizes *z)
{
    bool neuron = plan->representation == RFIM_NEURON;
    bool inputs = plan->form == RFIM_FORM_INPUTS;
    double applied = inputs ? 2 * z->n * z->d * z->d : 2 * z->m * z->d * z->d;
    if (plan->representation == RFIM_KRONECKER)
        applied += inputs ? 2 * z->n * z->m * z->m : 2 * z->m * z->m * z->d;
    count_memory(plan, z, &plan->metric_flops, &plan->cost);
    plan->metric_flops += z->collect * z->curvature;
    plan->cost += z->collect * z->curvature;
    plan->metric_flops += applied;
    plan->cost += applied * (neuron ? SLOW_APPLY : 1);
    /* the gradient apart from the update: written and read once more */
    if (plan->form == RFIM_FORM_GRADIENT)
        plan->cost += 10 * z->d * z->m;
}

static void count_dual(rfim__layer_plan *plan, const sizes *z)
{
    bool neuron = plan->representation == RFIM_NEURON;
    bool active = plan->form == RFIM_FORM_ACTIVE;
    double systems = neuron ? z->m : 1;
    double factored = systems * pow(z->n, 3) / (active ? 24 : 3);
    double solved = 2 * z->n * z->n * z->m / (active ? 4 : 1);
    double slow = (active ? SLOW_ACTIVE : neuron ? SLOW_DUAL : 1) * (plan->wide ? SLOW_WIDE : 1);
    if (plan->memory == RFIM_MEMORY_PRIOR_BATCH) {
        count_memory(plan, z, &plan->metric_flops, &plan->cost);
        plan->metric_flops += 2 * z->n * z->d * z->d;
        plan->cost += 2 * z->n * z->d * z->d;
    }
    plan->metric_flops += 2 * z->n * z->n * z->d + factored + solved;
    plan->cost += 2 * z->n * z->n * z->d + (factored + solved) * slow;
    if (active)
        plan->cost += ACTIVE_ENTRY * z->m * z->n * z->n;
}

void rfim__plan_cost(const rfim__plan_case *subject, const rfim__module *module,
                     rfim__layer_plan *plan)
{
    sizes z = sizes_of(subject, module, plan);
    plan->metric_flops = 0;
    plan->cost = 0;
    plan->wide = wants_wide(subject, plan, &z);
    if (plan->form == RFIM_FORM_DUAL || plan->form == RFIM_FORM_ACTIVE)
        count_dual(plan, &z);
    else if (plan->form != RFIM_FORM_WHITENED)
        count_primal(plan, &z);
    if (rfim__step_control_measures(subject->options) && plan->form != RFIM_FORM_GRADIENT &&
        plan->form != RFIM_FORM_WHITENED) { /* step_length.h */
        double measured = 2 * z.n * z.n * (z.d + z.m);
        plan->metric_flops += measured;
        plan->cost += measured;
    }
    if (subject->options->step_control == RFIM_STEP_QUADRATIC) { /* two tangents */
        double pushed = (module == subject->modules ? 4 : 8) * z.n * z.d * z.m;
        plan->metric_flops += pushed;
        plan->cost += pushed;
    }
}

double rfim__plan_base_flops(const rfim__plan_case *subject, size_t l)
{
    const rfim__module *module = &subject->modules[l];
    double d = (double)module->inputs + 1;
    if (!module->table->product)
        return 0;
    return (l == 0 ? 4.0 : 6.0) * samples_of(subject) * d * (double)module->outputs;
}
