#include "core/size.h"
#include "optimizer/check.h"
#include "optimizer/method.h"
#include "optimizer/schedule.h"

static const rfim__method_table *const methods[] = {
    [RFIM_SGD] = &rfim__sgd_method,
    [RFIM_ADAM] = &rfim__adam_method,
    [RFIM_RNGD] = &rfim__rngd_method,
};

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
    rfim_status status = rfim__optimizer_check(network, options);
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
    rfim__mirror_free(context, &optimizer->momentum);
    rfim__accumulator_free(context, &optimizer->accumulator);
    rfim__release(context, optimizer);
}

/* Updates module l; false: a number is no longer finite. */
static bool update_module(rfim_optimizer *optimizer, rfim_trace *trace, size_t l, double rate)
{
    rfim_network *network = optimizer->network;
    rfim__direction direction = {.kind = RFIM__DIRECTION_MATRIX, .scale = 1};
    if (network->modules[l].parameters.rows > 0)
        optimizer->method->direct(optimizer, trace, l, rate, &direction);
    if (network->modules[l].parameters.rows > 0 && optimizer->momentum.copies > 0 &&
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
