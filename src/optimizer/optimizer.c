#include "core/size.h"
#include "optimizer/method.h"
#include "optimizer/schedule.h"

#include <math.h>

static const rfim__method_table *const methods[] = {
    [RFIM_SGD] = &rfim__sgd_method,
    [RFIM_ADAM] = &rfim__adam_method,
    [RFIM_RNGD] = &rfim__rngd_method,
};

static bool within(double value, double low, double high)
{
    return value >= low && value <= high;
}

static bool is_representation(rfim_representation representation)
{
    return (int)representation >= 0 && representation <= RFIM_KRONECKER;
}

/* Above 0, and neither 0 nor infinite, nor its inverse, once it is in the network's precision. */
static bool positive(const rfim_network *network, double value)
{
    double smallest = network->algebra->precision == RFIM_DOUBLE ? 1e-300 : 1e-37;
    return within(value, smallest, 1 / smallest);
}

static rfim_status check(const rfim_network *network, const rfim_optimizer_options *o)
{
    const char *wrong = NULL;
    if ((int)o->method < 0 || o->method > RFIM_RNGD)
        wrong = "method is one of rfim_method";
    else if ((int)o->schedule < 0 || o->schedule > RFIM_SCHEDULE_COSINE)
        wrong = "schedule is one of rfim_schedule_rule";
    else if (!is_representation(o->first) || !is_representation(o->hidden) ||
             !is_representation(o->last))
        wrong = "first, hidden and last are each RFIM_SHARED, RFIM_NEURON or RFIM_KRONECKER";
    else if ((int)o->curvature < 0 || o->curvature > RFIM_CURVATURE_SAMPLED)
        wrong = "curvature is one of rfim_curvature";
    else if ((int)o->metric_pass < 0 || o->metric_pass > RFIM_METRIC_PASS_AGAIN)
        wrong = "metric_pass is one of rfim_metric_pass";
    else if ((int)o->step_control < 0 || o->step_control > RFIM_STEP_QUADRATIC)
        wrong = "step_control is one of rfim_step_control";
    else if (o->method == RFIM_RNGD && o->step_control == RFIM_STEP_QUADRATIC && o->momentum != 0)
        wrong = "step_control quadratic chooses the momentum itself; leave momentum at 0";
    else if (o->method == RFIM_RNGD && o->step_control == RFIM_STEP_QUADRATIC && o->accumulate > 1)
        wrong = "step_control quadratic models one batch; take accumulate 1, and a larger batch";
    else if (!positive(network, o->rho) || !(o->kappa >= 0 && isfinite(o->kappa)))
        wrong = "rho is above 0, kappa 0 or more, and both are finite";
    else if ((int)o->metric_average < 0 || o->metric_average > RFIM_AVERAGE_CORRECTED)
        wrong = "metric_average is one of rfim_metric_average";
    else if ((int)o->damping_rule < 0 || o->damping_rule > RFIM_DAMPING_ABSOLUTE)
        wrong = "damping_rule is one of rfim_damping_rule";
    else if ((int)o->damping_control < 0 || o->damping_control > RFIM_DAMPING_CONTROL_LM)
        wrong = "damping_control is one of rfim_damping_control";
    else if (o->method == RFIM_RNGD && o->damping_control == RFIM_DAMPING_CONTROL_LM &&
             o->step_control != RFIM_STEP_QUADRATIC)
        wrong = "damping_control lm goes by the model of step_control quadratic; take that, or "
                "fixed damping";
    else if (!(o->learning_rate >= 0 && isfinite(o->learning_rate)))
        wrong = "learning_rate is 0 or more, and finite";
    else if (!within(o->momentum, 0, 1) || o->momentum == 1)
        wrong = "momentum is from 0 to below 1";
    else if ((int)o->momentum_kind < 0 || o->momentum_kind > RFIM_MOMENTUM_SPRING)
        wrong = "momentum_kind is one of rfim_momentum_kind";
    else if (o->method == RFIM_SGD && rfim__momentum_is(o, RFIM_MOMENTUM_SPRING))
        wrong = "the momentum_kind spring is of a damped metric, which sgd has not; take another";
    else if (o->accumulate == 0)
        wrong = "accumulate is 1 or more";
    else if (o->accumulate > 1 && o->method == RFIM_RNGD &&
             o->metric_pass == RFIM_METRIC_PASS_AGAIN)
        wrong = "accumulate above 1 does not go with a second pass for the metric, which would be "
                "over the last batch alone; take metric_pass training";
    else if (!(o->l2 >= 0 && isfinite(o->l2)) ||
             !(o->weight_decay >= 0 && isfinite(o->weight_decay)))
        wrong = "l2 and weight_decay are 0 or more, and finite";
    else if (!within(o->adam_beta1, 0, 1) || !within(o->adam_beta2, 0, 1) || o->adam_beta1 == 1 ||
             o->adam_beta2 == 1 || !positive(network, o->adam_epsilon))
        wrong = "adam_beta1 and adam_beta2 are from 0 to below 1, adam_epsilon is above 0 in the "
                "network's precision";
    else if (!within(o->metric_decay, 0, 1) ||
             !(positive(network, o->metric_prior) || o->metric_prior == 0))
        wrong = "metric_decay is from 0 to 1, metric_prior 0 or above 0 in the network's precision";
    else if (!(o->metric_prior_samples >= 0 && isfinite(o->metric_prior_samples)))
        wrong = "metric_prior_samples is 0 or more, and finite";
    else if (o->metric_prior == 0 && o->metric_average != RFIM_AVERAGE_CORRECTED)
        wrong =
            "metric_prior is above 0 with the metric_average exponential, whose first step goes "
            "by the prior alone";
    else if (o->metric_every == 0 || o->refresh_every == 0)
        wrong = "metric_every and refresh_every are 1 or more";
    else if (o->refresh_delay >= o->refresh_every && o->refresh_delay > 0)
        wrong = "refresh_delay is below refresh_every";
    else if ((o->damping != 0 && !positive(network, o->damping)) || !positive(network, o->sigma))
        wrong = "damping is 0 or more, sigma above 0, and both are finite in the network's "
                "precision";
    else if ((int)o->metric_units < 0 || o->metric_units > RFIM_UNITS_TYPICAL)
        wrong = "metric_units is one of rfim_metric_units";
    else if ((int)o->shared_nu < 0 || o->shared_nu > RFIM_NU_MEAN)
        wrong = "shared_nu is one of rfim_shared_nu";
    if (!wrong)
        return RFIM_OK;
    return rfim__fail(network->context, RFIM_ERROR_ARGUMENT, "optimizer: %s", wrong);
}

size_t rfim_optimizer_samples(const rfim_optimizer_options *options, size_t batch, size_t samples)
{
    size_t together = 0;
    if (!rfim__size_multiply(batch, options->accumulate, &together))
        together = SIZE_MAX;
    return rfim__size_min(together, samples);
}

rfim_status rfim_optimizer_create(rfim_trace *trace, const rfim_optimizer_options *options,
                                  rfim_optimizer **out)
{
    if (!trace || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim_network *network = trace->network;
    rfim_context *context = network->context;
    *out = NULL;
    if (!options)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "optimizer: there are no options; fill them by rfim_optimizer_defaults");
    rfim_status status = check(network, options);
    if (status != RFIM_OK)
        return status;
    rfim_optimizer *optimizer = rfim__allocate(context, 1, sizeof *optimizer);
    if (!optimizer)
        return RFIM_ERROR_MEMORY;
    optimizer->network = network;
    optimizer->options = *options;
    size_t samples = rfim_optimizer_samples(options, trace->max_samples, SIZE_MAX);
    rfim_optimizer_settle(&optimizer->options, samples, network->modules[0].inputs, 0);
    optimizer->max_samples = trace->max_samples;
    optimizer->method = methods[options->method];
    rfim__algebra_begin(context);
    status = rfim__momentum_create(network, options, &optimizer->momentum);
    if (status == RFIM_OK)
        status = rfim__accumulator_create(network, options, &optimizer->accumulator);
    if (status == RFIM_OK)
        status = optimizer->method->create(optimizer);
    rfim__algebra_end(context);
    if (status != RFIM_OK) {
        rfim_optimizer_free(optimizer);
        optimizer = NULL;
    }
    *out = optimizer;
    return status;
}

void rfim_optimizer_free(rfim_optimizer *optimizer)
{
    if (!optimizer)
        return;
    rfim_context *context = optimizer->network->context;
    optimizer->method->free(optimizer);
    rfim__momentum_free(context, &optimizer->momentum);
    rfim__accumulator_free(context, &optimizer->accumulator);
    rfim__release(context, optimizer);
}

rfim_status rfim__optimizer_mirror(rfim_optimizer *optimizer, size_t copies, rfim__matrix *out,
                                   void **block)
{
    rfim_network *network = optimizer->network;
    rfim__arena arena = {0};
    *block = NULL;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t l = 0; l < network->count; l++)
            for (size_t c = 0; c < copies; c++)
                out[l * copies + c] = rfim__arena_matrix(&arena, network->algebra,
                                                         network->modules[l].parameters.rows,
                                                         network->modules[l].outputs);
        if (pass == 1)
            break;
        if (arena.overflow)
            return rfim__fail(network->context, RFIM_ERROR_MEMORY,
                              "the optimiser's state is more than this machine can address");
        *block = rfim__allocate(network->context, arena.used, 1);
        if (!*block)
            return RFIM_ERROR_MEMORY;
        arena = (rfim__arena){.base = *block};
    }
    return RFIM_OK;
}

/* Updates module l; false: a number is no longer finite. */
static bool update_module(rfim_optimizer *optimizer, rfim_trace *trace, size_t l, double rate)
{
    rfim_network *network = optimizer->network;
    rfim__direction direction = {.kind = RFIM__DIRECTION_MATRIX, .scale = 1};
    if (network->modules[l].parameters.rows > 0)
        optimizer->method->direct(optimizer, trace, l, rate, &direction);
    if (network->modules[l].parameters.rows > 0 && optimizer->momentum.v &&
        !rfim__momentum_is(&optimizer->options, RFIM_MOMENTUM_BEFORE))
        rfim__momentum_add(&optimizer->momentum, network->algebra, &optimizer->options, l,
                           &direction);
    return rfim__network_update(network, trace->slots, l, &direction, rate,
                                rate * optimizer->options.weight_decay);
}

/* Updates the network, module by module, and takes that back when a number is no longer finite: the
 * direction was not, or the rate was too large for it. Modules do not see each other
 * here. */
static rfim_status update(rfim_optimizer *optimizer, rfim_trace *trace, double rate)
{
    rfim_network *network = optimizer->network;
    bool forward = optimizer->report.steps % 2 == 0;
    if (optimizer->method->prepare)
        optimizer->method->prepare(optimizer, trace, rate);
    for (size_t k = 0; k < network->count; k++) {
        size_t l = rfim__turn_module(network->count, optimizer->report.steps, k);
        if (update_module(optimizer, trace, l, rate))
            continue;
        rfim__network_abandon(network, forward ? 0 : l, k + 1);
        return rfim__fail(network->context, RFIM_DIVERGED,
                          "step %zu would make %s infinite or NaN; lower the learning rate or "
                          "raise the damping",
                          optimizer->report.steps + 1, network->modules[l].name);
    }
    rfim__network_updated(network);
    return RFIM_OK;
}

/* Can the trace be worked with? */
static rfim_status check_trace(const rfim_optimizer *optimizer, const rfim_trace *trace)
{
    rfim_network *network = optimizer->network;
    if (trace->network != network || trace->samples > optimizer->max_samples)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "optimizer: the trace is of another network, or has a larger batch than "
                          "the one that the optimiser was made for");
    if (!trace->backward_done)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "optimizer: call rfim_trace_backward before rfim_optimizer_step");
    return RFIM_OK;
}

/* The gradients are used up, and the pass was one of the old weights. */
static void spend(rfim_trace *trace)
{
    trace->backward_done = false;
    trace->forward_done = false;
}

rfim_status rfim_optimizer_accumulate(rfim_optimizer *optimizer, rfim_trace *trace, size_t samples)
{
    if (!optimizer || !trace)
        return RFIM_ERROR_ARGUMENT;
    rfim_context *context = optimizer->network->context;
    rfim__accumulator *accumulator = &optimizer->accumulator;
    rfim_status status = check_trace(optimizer, trace);
    if (status != RFIM_OK)
        return status;
    if (accumulator->batches + 1 >= optimizer->options.accumulate)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "optimizer: a step has %zu batches at most, as options.accumulate says; "
                          "the last one goes to rfim_optimizer_step",
                          optimizer->options.accumulate);
    if (accumulator->samples + trace->samples >= samples ||
        (accumulator->batches > 0 && samples != accumulator->whole))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "optimizer: batches of a step are to have %zu samples together, say the "
                          "same number for each; found %zu, with more to come",
                          samples, accumulator->samples + trace->samples);
    rfim__algebra_begin(context);
    accumulator->whole = samples;
    if (optimizer->method->gather)
        optimizer->method->gather(optimizer, trace);
    rfim__accumulator_add(accumulator, trace);
    spend(trace);
    rfim__algebra_end(context);
    return RFIM_OK;
}

rfim_status rfim_optimizer_step(rfim_optimizer *optimizer, rfim_trace *trace)
{
    if (!optimizer || !trace)
        return RFIM_ERROR_ARGUMENT;
    rfim_network *network = optimizer->network;
    rfim__accumulator *accumulator = &optimizer->accumulator;
    rfim_status status = check_trace(optimizer, trace);
    if (status != RFIM_OK)
        return status;
    if (accumulator->batches > 0 && accumulator->samples + trace->samples != accumulator->whole)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "optimizer: the batches of this step were to have %zu samples together, "
                          "found %zu",
                          accumulator->whole, accumulator->samples + trace->samples);
    rfim__algebra_begin(network->context);
    if (accumulator->batches > 0)
        rfim__accumulator_finish(accumulator, trace);
    double rate = rfim__schedule_rate(&optimizer->options, optimizer->report.steps);
    status = update(optimizer, trace, rate);
    if (status == RFIM_OK) {
        optimizer->report.learning_rate = rate;
        if (optimizer->method->finish)
            optimizer->method->finish(optimizer, trace);
        optimizer->report.steps++;
        optimizer->since_epoch++;
    }
    accumulator->batches = 0;
    accumulator->samples = 0;
    accumulator->whole = 0;
    spend(trace);
    rfim__algebra_end(network->context);
    return status;
}

void rfim_optimizer_begin_epoch(rfim_optimizer *optimizer)
{
    optimizer->since_epoch = 0;
}

void rfim_optimizer_report_get(const rfim_optimizer *optimizer, rfim_optimizer_report *out)
{
    *out = optimizer->report;
}
