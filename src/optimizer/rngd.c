/* rngd.c - relative natural gradient descent (Sun and Nielsen 2017, section 5;
 * docs/mathematics.md, section 1).
 *
 * Each module with a closed-form response has a metric M and its damped inverse P:
 *   1. direction = P (gradient + l2 W);  W <- W - rate direction
 *   2. every metric_every steps: M <- decay M + (1 - decay) G, G read off the training pass, or
 *      off a second pass over the same batch with the new weights
 *   3. every refresh_every steps, counted from the epoch's start: P <- (M + Lambda)^-1
 * Modules whose RFIM is the identity (batch norm) take the plain gradient. With momentum:
 * v <- momentum v + direction, W <- W - rate v. */
#include "optimizer/rngd.h"

#include "optimizer/method.h"

#include <math.h>

/* Flops of a refresh that a person would notice: about two seconds of one core. */
#define COSTLY_REFRESH 2e10

typedef struct rngd_state {
    rfim__metric **metrics; /* [modules], NULL where the plain gradient is natural */
    rfim__matrix *natural;  /* [modules] P gradient; with momentum apart from the directions */
    void *natural_block;
    void *momentum_block;
} rngd_state;

/* Where a module stands among those that have a metric. */
static rfim_representation representation_of(const rfim_optimizer_options *options, size_t index,
                                             size_t count)
{
    if (index + 1 == count)
        return options->last;
    return index == 0 ? options->first : options->hidden;
}

/* Says which metric a module gets, and warns of one that takes long to factorise. */
static void announce(rfim_context *context, const rfim__module *module, const rfim__metric *metric)
{
    double flops = (double)metric->blocks * pow((double)metric->block_order, 3);
    rfim__log(context, RFIM_LOG_INFO, "metric     %s: `%s`, %zu block%s of %zu x %zu", module->name,
              metric->table->name, metric->blocks, metric->blocks == 1 ? "" : "s",
              metric->block_order, metric->block_order);
    if (metric->blocks > 1 && flops > COSTLY_REFRESH)
        rfim__log(context, RFIM_LOG_WARNING,
                  "the metric of %s takes %.0f Gflop at every refresh and %.1f GB; the "
                  "representation `shared` takes a %zu-th of it",
                  module->name, flops * 1e-9, (double)metric->bytes * 1e-9, metric->blocks);
}

/* The metric of a layer's own response, with the explicit inverse as its factor. */
static rfim_status create_metric(rfim_optimizer *optimizer, const rfim__module *module,
                                 rfim_representation representation, rfim__metric **out)
{
    const rfim_optimizer_options *options = &optimizer->options;
    rfim__part part = {.kind = RFIM__LAYER, .rows = module->inputs + 1, .columns = module->outputs};
    rfim__shape shape = {
        .parts = &part,
        .count = 1,
        .order = part.rows * part.columns,
        .curvature = representation == RFIM_NEURON ? RFIM__WEIGHTS : RFIM__UNIT,
        .copies = 1,
        .scale = 1 / (options->sigma * options->sigma),
        .piece = optimizer->max_samples,
    };
    rfim__metric_settings settings = {.representation = representation,
                                      .name = module->name,
                                      .inverse = true,
                                      .view_samples = optimizer->max_samples};
    rfim_status status = rfim__metric_create(optimizer->network->algebra, &shape, &settings, out);
    if (status == RFIM_OK)
        rfim__metric_set_prior(*out, options->metric_prior);
    return status;
}

static rfim_status create_metrics(rfim_optimizer *optimizer, rngd_state *state)
{
    rfim_network *network = optimizer->network;
    rfim__slot nowhere = {0};
    rfim__response_view view;
    size_t count = 0;
    size_t index = 0;
    for (size_t l = 0; l < network->count; l++)
        count += network->modules[l].table->response(&network->modules[l], &nowhere, &view);
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        if (!module->table->response(module, &nowhere, &view)) {
            if (module->parameters.rows == 0)
                continue;
            rfim__log(network->context, RFIM_LOG_INFO,
                      "metric     %s: the identity, the plain gradient is natural", module->name);
            continue;
        }
        rfim_representation representation = representation_of(&optimizer->options, index++, count);
        rfim_status status = create_metric(optimizer, module, representation, &state->metrics[l]);
        if (status != RFIM_OK)
            return status;
        announce(network->context, module, state->metrics[l]);
    }
    return RFIM_OK;
}

static rfim_status create(rfim_optimizer *optimizer)
{
    rfim_network *network = optimizer->network;
    rngd_state *state = rfim__allocate(network->context, 1, sizeof *state);
    optimizer->state = state;
    if (!state)
        return RFIM_ERROR_MEMORY;
    state->metrics = rfim__allocate(network->context, network->count, sizeof(rfim__metric *));
    state->natural = rfim__allocate(network->context, network->count, sizeof *state->natural);
    if (!state->metrics || !state->natural)
        return RFIM_ERROR_MEMORY;
    rfim_status status = rfim__optimizer_mirror(optimizer, 1, state->natural,
                                                &state->natural_block);
    if (status == RFIM_OK && optimizer->options.momentum != 0)
        status = rfim__optimizer_mirror(optimizer, 1, optimizer->directions,
                                        &state->momentum_block);
    if (status == RFIM_OK)
        status = create_metrics(optimizer, state);
    return status;
}

static void release(rfim_optimizer *optimizer)
{
    rfim_context *context = optimizer->network->context;
    rngd_state *state = optimizer->state;
    if (!state)
        return;
    for (size_t l = 0; state->metrics && l < optimizer->network->count; l++)
        rfim__metric_free(state->metrics[l]);
    rfim__release(context, state->metrics);
    rfim__release(context, state->natural);
    rfim__release(context, state->natural_block);
    rfim__release(context, state->momentum_block);
    rfim__release(context, state);
}

rfim__metric *rfim__rngd_metric(const rfim_optimizer *optimizer, size_t module)
{
    const rngd_state *state = optimizer->state;
    return state->metrics[module];
}

static void direct(rfim_optimizer *optimizer, rfim_trace *trace)
{
    rngd_state *state = optimizer->state;
    rfim__algebra *algebra = optimizer->network->algebra;
    for (size_t l = 0; l < optimizer->network->count; l++) {
        rfim__matrix natural = trace->slots[l].gradient;
        if (state->metrics[l]) {
            natural = state->natural[l];
            state->metrics[l]->table->direction(state->metrics[l], &trace->slots[l].gradient,
                                                &natural);
        }
        if (optimizer->options.momentum == 0)
            optimizer->directions[l] = natural;
        else
            algebra->ops.combine(algebra, optimizer->options.momentum, optimizer->directions[l], 1,
                                 natural, optimizer->directions[l]);
    }
}

static void refresh(rfim_optimizer *optimizer)
{
    rfim_network *network = optimizer->network;
    rngd_state *state = optimizer->state;
    optimizer->report.damping = 0;
    for (size_t l = 0; l < network->count; l++) {
        rfim__metric *metric = state->metrics[l];
        if (!metric)
            continue;
        rfim_metric_refresh_report result = rfim__metric_refresh(
            metric, optimizer->options.damping_rule, optimizer->options.damping);
        optimizer->report.refreshes++;
        optimizer->report.retries += result.retries > 0;
        optimizer->report.kept += result.kept != 0;
        if (metric->damping > optimizer->report.damping)
            optimizer->report.damping = metric->damping;
        if (result.retries > 0)
            rfim__log(network->context, RFIM_LOG_WARNING,
                      "step %zu: the metric of %s (block %zu) is not positive definite at damping "
                      "%g; %s",
                      optimizer->report.steps + 1, network->modules[l].name, result.block,
                      optimizer->options.damping,
                      result.kept ? "the last good factor is kept" : "it is with more");
    }
}

static void finish(rfim_optimizer *optimizer, rfim_trace *trace)
{
    const rfim_optimizer_options *options = &optimizer->options;
    rfim_network *network = optimizer->network;
    rngd_state *state = optimizer->state;
    if (optimizer->report.steps % options->metric_every == 0) {
        if (options->metric_pass == RFIM_METRIC_PASS_AGAIN)
            rfim__trace_pass(trace, RFIM__TRAIN);
        for (size_t l = 0; l < network->count; l++) {
            rfim__response_view view;
            if (!state->metrics[l])
                continue;
            network->modules[l].table->response(&network->modules[l], &trace->slots[l], &view);
            rfim__metric_observe_view(state->metrics[l], options->metric_decay,
                                      1 - options->metric_decay, options->sigma, &view);
        }
    }
    if (optimizer->since_epoch % options->refresh_every == 0)
        refresh(optimizer);
}

const rfim__method_table rfim__rngd_method = {
    .name = "rngd",
    .create = create,
    .free = release,
    .direct = direct,
    .finish = finish,
};
