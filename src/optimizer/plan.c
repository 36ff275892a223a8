#include "optimizer/plan.h"

#include "core/number.h"
#include "network/network.h"
#include "optimizer/damping_control.h"
#include "optimizer/form.h"
#include "optimizer/layers.h"
#include "optimizer/momentum.h"
#include "optimizer/periods.h"
#include "optimizer/plan_response.h"
#include "optimizer/step_control.h"

#include <math.h>
#include <stdio.h>

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

/* Why a form cannot serve this momentum or step control; NULL: it can. */
static const char *objection_to_step(const rfim_optimizer_options *options,
                                     const rfim__layer_plan *plan)
{
    bool dual = plan->form == RFIM_FORM_DUAL || plan->form == RFIM_FORM_ACTIVE;
    bool inputs = plan->form == RFIM_FORM_INPUTS;
    if (rfim__momentum_is(options, RFIM_MOMENTUM_BEFORE) && (dual || inputs))
        return dual ? "a dual form makes no gradient of which --momentum-kind before could take "
                      "the mean; take another kind, or the memory `ema`"
                    : "the form `inputs` makes no gradient of which --momentum-kind before could "
                      "take the mean; take another kind, or the form `gradient`";
    if (options->step_control == RFIM_STEP_QUADRATIC && (dual || inputs))
        return dual ? "a dual form makes no matrix of its direction that --step-control quadratic "
                      "could push through the network; take another, or the memory `ema`"
                    : "the form `inputs` makes no matrix of its direction that --step-control "
                      "quadratic could push through the network; take the form `gradient`";
    if (!rfim__momentum_is(options, RFIM_MOMENTUM_SPRING))
        return NULL;
    if (inputs)
        return "the form `inputs` makes no gradient that --momentum-kind spring could be added "
               "to; take another kind, or the form `gradient`";
    if (dual && rfim__step_control_measures(options))
        return "a dual form does not tell how long a direction with --momentum-kind spring is; "
               "take --step-control fixed, or the memory `ema`";
    return NULL;
}

/* Why a form cannot serve; NULL: it can. */
static const char *objection(const rfim__plan_case *subject, const rfim__module *module,
                             const rfim__layer_plan *plan)
{
    const rfim_optimizer_options *options = subject->options;
    bool dual = plan->form == RFIM_FORM_DUAL || plan->form == RFIM_FORM_ACTIVE;
    bool dataset = plan->memory == RFIM_MEMORY_DATASET;
    const rfim__activation *f = &module->activation;
    if (dataset != (plan->form == RFIM_FORM_WHITENED))
        return dataset ? "the memory `dataset` is kept by the form `whitened` alone"
                       : "the form `whitened` is for the memory `dataset`";
    if (dataset)
        return NULL;
    if (dual && plan->representation == RFIM_KRONECKER)
        return "a Kronecker product has two inverses of its own, and no system of the samples; "
               "take `gradient` or `inputs`";
    if (!dual && plan->memory == RFIM_MEMORY_PRIOR_BATCH)
        return "the memory `prior+batch` is worked out by the form `dual` or `active`";
    if (dual && plan->memory == RFIM_MEMORY_EMA)
        return "the memory `ema` holds more samples than a dual system of one batch; take "
               "`gradient` or `inputs`";
    if (dual && plan->memory == RFIM_MEMORY_BATCH && subject->batch > module->inputs + 1)
        return "its batch has more samples than it has inputs: the dual system would be the larger "
               "one, and singular but for its damping; take `gradient` or `inputs`";
    if (dual && options->l2 != 0)
        return "a dual form makes no gradient that coupled --l2 could be added to; take "
               "--weight-decay, or the memory `ema` with the form `gradient`";
    if ((dual || plan->form == RFIM_FORM_INPUTS) && options->accumulate > 1)
        return dual ? "a dual form knows one batch, --accumulate makes a step of several; take the "
                      "memory `ema`"
                    : "the form `inputs` knows one batch, --accumulate makes a step of several; "
                      "take `gradient`";
    if (plan->form == RFIM_FORM_INPUTS && options->l2 != 0)
        return "the form `inputs` makes no gradient that coupled --l2 could be added to; take "
               "--weight-decay, or the memory `ema` with the form `gradient`";
    if (objection_to_step(options, plan))
        return objection_to_step(options, plan);
    if (plan->form == RFIM_FORM_INPUTS && plan->representation == RFIM_NEURON)
        return "the form `inputs` needs one inverse for all outputs (`shared`)";
    if (dual && plan->memory == RFIM_MEMORY_BATCH && options->damping_rule == RFIM_DAMPING_DIAGONAL)
        return "damping relative to the `diagonal` is another system for every output in dual "
               "form; take `gradient`, or another damping";
    if (plan->form != RFIM_FORM_ACTIVE)
        return NULL;
    if (plan->representation != RFIM_NEURON)
        return "the form `active` is for the metric `neuron`";
    if (f->kind != RFIM__RELU || f->omega != 0 || f->iota != 0 || options->sigma != 1)
        return "the form `active` needs nu of 0 or 1: the activation `relu omega=0`, and sigma 1";
    return NULL;
}

/* Why the cheapest form is the cheapest. */
static const char *reason_of(const rfim__plan_case *subject, const rfim__layer_plan *plan)
{
    bool neuron = plan->representation == RFIM_NEURON;
    switch (plan->form) {
    case RFIM_FORM_WHITENED:
        return "constant of the data: the plain gradient in whitened coordinates is natural";
    case RFIM_FORM_GRADIENT:
        if (neuron)
            return "one inverse for each output, kept from refresh to refresh";
        if (subject->options->step_control == RFIM_STEP_QUADRATIC)
            return "step control pushes the direction through the network";
        if (subject->options->accumulate > 1)
            return "the gradient is accumulated over several batches";
        if (rfim__momentum_is(subject->options, RFIM_MOMENTUM_BEFORE) ||
            rfim__momentum_is(subject->options, RFIM_MOMENTUM_SPRING))
            return "momentum is of the gradient";
        if (plan->representation == RFIM_KRONECKER)
            return subject->options->l2 != 0
                       ? "coupled l2 is added to the gradient"
                       : "two inverses are applied to the gradient in fewer flops than to X and "
                         "delta";
        return subject->options->l2 != 0
                   ? "coupled l2 is added to the gradient"
                   : "2 D^2 m flops on the gradient are less than 2 n D^2 on X";
    case RFIM_FORM_INPUTS:
        if (plan->representation == RFIM_KRONECKER)
            return "one inverse is applied to X and one to delta in fewer flops than to the "
                   "gradient, which is not formed";
        return "2 n D^2 flops on X are less than 2 D^2 m on the gradient, which is not formed";
    case RFIM_FORM_DUAL:
        if (plan->memory == RFIM_MEMORY_PRIOR_BATCH)
            return neuron ? "one prior for all outputs, and a system of the samples for each"
                          : "one prior and one system of the samples for all outputs";
        return "no more samples than inputs: the smaller system is the dual one";
    default:
        return "nu is 0 or 1: only the active samples enter a system";
    }
}

/* One sentence on the form that was taken. */
static void explain(const rfim__plan_case *subject, rfim__layer_plan *plan, rfim_form wanted,
                    size_t candidates, bool is_smallest)
{
    const char *reason = wanted != RFIM_FORM_AUTOMATIC ? "asked for by --form"
                         : is_smallest && candidates > 1
                             ? "the smallest form: --memory leaves no room for the cheapest"
                             : reason_of(subject, plan);
    bool only = wanted == RFIM_FORM_AUTOMATIC && candidates == 1;
    char response[80] = "";
    if (plan->copies > 0)
        snprintf(response, sizeof response,
                 "; the response `%s` comes back %zu time%s a collection",
                 rfim_response_name(plan->response), plan->copies, plan->copies == 1 ? "" : "s");
    snprintf(plan->why, sizeof plan->why, "%s%s%s%s", only ? "the only form that serves: " : "",
             reason, plan->wide ? "; float64 factors: float32 might lose more than 1e-3" : "",
             response);
}

/* No form serves: says what keeps the one that the memory is made for. */
static rfim_status refuse_all(const rfim__plan_case *subject, const rfim__module *module,
                              rfim_form wanted, const rfim__layer_plan *plan)
{
    rfim__layer_plan natural = *plan;
    natural.form = wanted != RFIM_FORM_AUTOMATIC             ? wanted
                   : plan->memory == RFIM_MEMORY_PRIOR_BATCH ? RFIM_FORM_DUAL
                                                             : RFIM_FORM_GRADIENT;
    if (wanted != RFIM_FORM_AUTOMATIC)
        return rfim__fail(subject->algebra->context, RFIM_ERROR_ARGUMENT,
                          "%s cannot take the form `%s`: %s", module->name, rfim__form_name(wanted),
                          objection(subject, module, &natural));
    return rfim__fail(subject->algebra->context, RFIM_ERROR_ARGUMENT,
                      "%s cannot have the metric memory `%s`: %s", module->name,
                      rfim__memory_name(plan->memory), objection(subject, module, &natural));
}

bool rfim__plan_in_turn(const rfim_optimizer_options *options)
{
    return !rfim__step_control_waits(options) && !rfim__momentum_is(options, RFIM_MOMENTUM_SPRING);
}

/* The plan of one form; false: it cannot serve. */
static bool consider(const rfim__plan_case *subject, const rfim__module *module, rfim_form form,
                     rfim__layer_plan *plan)
{
    sizes z = sizes_of(subject, module, plan);
    bool dual = form == RFIM_FORM_DUAL || form == RFIM_FORM_ACTIVE;
    plan->form = form;
    plan->metric_flops = 0;
    plan->cost = 0;
    if (objection(subject, module, plan))
        return false;
    plan->wide = wants_wide(subject, plan, &z);
    /* Hidden responses have units of their own: that of the bias's input, 1. */
    plan->units = subject->options->metric_units == RFIM_UNITS_TYPICAL &&
                  module == subject->modules;
    plan->mean_nu = subject->options->shared_nu == RFIM_NU_MEAN &&
                    plan->representation == RFIM_SHARED && plan->response == RFIM_RESPONSE_OWN &&
                    module->activation.kind != RFIM__LINEAR;
    plan->spring = rfim__momentum_is(subject->options, RFIM_MOMENTUM_SPRING);
    plan->in_turn = rfim__plan_in_turn(subject->options);
    plan->background = subject->options->refresh_delay > 0 && plan->memory != RFIM_MEMORY_BATCH;
    if (dual)
        count_dual(plan, &z);
    else if (form != RFIM_FORM_WHITENED)
        count_primal(plan, &z);
    if (subject->options->step_control == RFIM_STEP_QUADRATIC) { /* two tangents */
        double pushed = (module == subject->modules ? 4 : 8) * z.n * z.d * z.m;
        plan->metric_flops += pushed;
        plan->cost += pushed;
    }
    plan->bytes = rfim__form_bytes(subject->algebra, plan, module, subject->options->sigma,
                                   subject->batch);
    plan->work = rfim__form_work_bytes(subject->algebra, plan, module, subject->batch);
    return true;
}

/* The cheapest form of at most `budget` bytes; of those beyond, the smallest. */
static rfim_status choose(const rfim__plan_case *subject, const rfim__module *module,
                          rfim_form wanted, double budget, rfim__layer_plan *plan)
{
    rfim__layer_plan best = *plan;
    size_t candidates = 0;
    best.form = RFIM_FORM_AUTOMATIC;
    for (int form = RFIM_FORM_GRADIENT; form <= RFIM_FORM_WHITENED; form++) {
        rfim__layer_plan candidate = *plan;
        if (wanted != RFIM_FORM_AUTOMATIC && (rfim_form)form != wanted)
            continue;
        if (!consider(subject, module, (rfim_form)form, &candidate))
            continue;
        candidates++;
        bool fits = (double)candidate.bytes <= budget;
        bool best_fits = (double)best.bytes <= budget;
        if (best.form == RFIM_FORM_AUTOMATIC || (fits && !best_fits) ||
            (fits == best_fits &&
             (fits ? candidate.cost < best.cost : candidate.bytes < best.bytes)))
            best = candidate;
    }
    if (candidates == 0)
        return refuse_all(subject, module, wanted, plan);
    *plan = best;
    explain(subject, plan, wanted, candidates, budget == 0);
    return RFIM_OK;
}

/* Where a module stands among those that have a metric. */
static rfim_representation representation_of(const rfim_optimizer_options *options, size_t index,
                                             size_t count)
{
    if (index + 1 == count)
        return options->last;
    return index == 0 ? options->first : options->hidden;
}

/* Memory `dataset` beyond its own conditions. */
static rfim_status check_dataset(const rfim__plan_case *subject, size_t l,
                                 const rfim__layer_plan *plan)
{
    const rfim__module *module = &subject->modules[l];
    const rfim_optimizer_options *options = subject->options;
    const char *why = NULL;
    if (plan->memory != RFIM_MEMORY_DATASET)
        return RFIM_OK;
    if (l > 0)
        why = "its inputs change with the weights before it; only the first layer's are the data "
              "themselves";
    else if (plan->representation != RFIM_SHARED)
        why = "its metric depends on its weights; take --representation-first shared";
    else if (options->l2 != 0)
        why = "coupled --l2 would need the inverse at every step; take --weight-decay";
    else if (options->step_control == RFIM_STEP_QUADRATIC)
        why = "--step-control quadratic needs its damping apart from it; take another";
    else if (rfim__momentum_is(options, RFIM_MOMENTUM_SPRING))
        why = "--momentum-kind spring needs its damping apart from it; take another kind";
    else if (options->metric_pass == RFIM_METRIC_PASS_AGAIN)
        why = "--metric-pass again reads metrics off the batches";
    else if (subject->samples == 0 && !module->whitened)
        why = "an optimiser by itself does not see the data set; train by rfim_train or a "
              "rfim_trainer";
    if (!why)
        return RFIM_OK;
    return rfim__fail(subject->algebra->context, RFIM_ERROR_ARGUMENT,
                      "%s cannot have the metric memory `dataset`: %s", module->name, why);
}

static size_t count_metrics(const rfim__plan_case *subject)
{
    rfim__slot nowhere = {0};
    rfim__response_view view;
    size_t count = 0;
    for (size_t l = 0; l < subject->count; l++)
        count += subject->modules[l].table->response(&subject->modules[l], &nowhere, &view);
    return count;
}

/* Forward, backward and the update: 6 n D m flops, 4 n D m in the first module. */
static double base_flops(const rfim__plan_case *subject, size_t l)
{
    const rfim__module *module = &subject->modules[l];
    double d = (double)module->inputs + 1;
    if (!module->table->product)
        return 0;
    return (l == 0 ? 4.0 : 6.0) * samples_of(subject) * d * (double)module->outputs;
}

static rfim_status plan_layer(const rfim__plan_case *subject, size_t l, double budget,
                              rfim__layer_plan *plan)
{
    rfim_context *context = subject->algebra->context;
    const rfim__module *module = &subject->modules[l];
    rfim_form wanted = RFIM_FORM_AUTOMATIC;
    rfim_status status = rfim__layers_memory(context, subject->options->metric_memory, module->name,
                                             &plan->memory);
    if (status == RFIM_OK)
        status = rfim__layers_form(context, subject->options->form, module->name, &wanted);
    if (status == RFIM_OK)
        status = rfim__plan_response(subject, l, plan);
    if (status == RFIM_OK)
        status = check_dataset(subject, l, plan);
    if (status == RFIM_OK)
        status = choose(subject, module, wanted, budget, plan);
    return status;
}

static rfim_status too_large(const rfim__plan_case *subject, const rfim__layer_plan *plans,
                             double total)
{
    char taken[RFIM__BYTES_TEXT];
    char limit[RFIM__BYTES_TEXT];
    char largest[RFIM__BYTES_TEXT];
    size_t worst = 0;
    for (size_t l = 1; l < subject->count; l++)
        if (plans[l].bytes > plans[worst].bytes)
            worst = l;
    rfim__bytes_text(total, taken);
    rfim__bytes_text((double)subject->options->memory, limit);
    rfim__bytes_text((double)plans[worst].bytes, largest);
    return rfim__fail(subject->algebra->context, RFIM_ERROR_MEMORY,
                      "the metrics take %s of memory in their smallest forms, %s are left for "
                      "them; the largest is that of %s (`%s`, `%s`) with %s: take another "
                      "--representation or --metric-memory for it, or allow more by --memory",
                      taken, limit, subject->modules[worst].name,
                      rfim_representation_name(plans[worst].representation),
                      rfim__memory_name(plans[worst].memory), largest);
}

/* The largest work areas serve all layers, where one direction after the other is used up. */
static void share_work(const rfim__plan_case *subject, rfim__layer_plan *out, double *total)
{
    size_t most = 0;
    if (!rfim__plan_in_turn(subject->options))
        return;
    for (size_t l = 1; l < subject->count; l++)
        if (out[l].work > out[most].work)
            most = l;
    for (size_t l = 0; l < subject->count; l++) {
        if (l == most || out[l].bytes == SIZE_MAX)
            continue;
        out[l].bytes -= out[l].work;
        *total -= (double)out[l].work;
    }
}

static rfim_status plan_all(const rfim__plan_case *subject, const double *budgets,
                            rfim__layer_plan *out, double *total)
{
    size_t count = count_metrics(subject);
    size_t index = 0;
    *total = 0;
    for (size_t l = 0; l < subject->count; l++) {
        const rfim__module *module = &subject->modules[l];
        rfim__slot nowhere = {0};
        rfim__response_view view;
        out[l] = (rfim__layer_plan){.base_flops = base_flops(subject, l)};
        out[l].has_metric = module->table->response(module, &nowhere, &view);
        if (!out[l].has_metric)
            continue;
        out[l].representation = representation_of(subject->options, index++, count);
        rfim_status status = plan_layer(subject, l, budgets ? budgets[l] : INFINITY, &out[l]);
        if (status != RFIM_OK)
            return status;
        *total += (double)out[l].bytes;
    }
    share_work(subject, out, total);
    return RFIM_OK;
}

/* The cheapest forms; where they take too much memory together, the smallest ones, layer by layer
 * from the one that takes most. */
static rfim_status fit(const rfim__plan_case *subject, rfim__layer_plan *out, double total)
{
    rfim_context *context = subject->algebra->context;
    double limit = (double)subject->options->memory;
    double *budgets = rfim__allocate(context, subject->count, sizeof *budgets);
    rfim_status status = budgets ? RFIM_OK : RFIM_ERROR_MEMORY;
    for (size_t l = 0; budgets && l < subject->count; l++)
        budgets[l] = INFINITY;
    for (size_t round = 0; status == RFIM_OK && total > limit && round < subject->count; round++) {
        size_t worst = 0;
        for (size_t l = 1; l < subject->count; l++)
            if ((budgets[l] > 0 && out[l].bytes > out[worst].bytes) || budgets[worst] == 0)
                worst = l;
        budgets[worst] = 0;
        status = plan_all(subject, budgets, out, &total);
    }
    if (status == RFIM_OK && total > limit)
        status = too_large(subject, out, total);
    rfim__release(context, budgets);
    return status;
}

rfim_status rfim__plan_layers(const rfim__plan_case *subject, rfim__layer_plan *out)
{
    const rfim_optimizer_options *options = subject->options;
    rfim_context *context = subject->algebra->context;
    double total = 0;
    rfim_status status = rfim__layers_check(context, options->metric_memory, "metric-memory",
                                            subject->modules, subject->count);
    if (status == RFIM_OK)
        status = rfim__layers_check(context, options->form, "form", subject->modules,
                                    subject->count);
    if (status == RFIM_OK)
        status = rfim__layers_check(context, options->response, "response", subject->modules,
                                    subject->count);
    if (status == RFIM_OK)
        status = plan_all(subject, NULL, out, &total);
    if (status == RFIM_OK && options->memory > 0 && total > (double)options->memory)
        status = fit(subject, out, total);
    return status;
}
