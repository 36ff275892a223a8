/* rngd_metrics.c - the metrics of all layers from step to step: collected, refreshed, at once or in
 * the background. */
#include "optimizer/method.h"
#include "optimizer/periods.h"
#include "optimizer/rngd_state.h"

/* What collection number `count` (from 1) adds to an M, so many steps after the last one;
 * `corrected` counts the prior as one more, and forgets nothing of the data themselves. */
static double share(const rfim_optimizer_options *options, bool is_data, size_t count, size_t steps)
{
    double add = 1 - rfim__period_decay(options, steps);
    double mean = 1 / (double)(count + (options->metric_prior > 0));
    bool is_mean = options->metric_average == RFIM_AVERAGE_CORRECTED && (is_data || mean > add);
    return is_mean ? mean : add;
}

void rfim__rngd_decide_collection(rfim_optimizer *optimizer)
{
    const rfim_optimizer_options *options = &optimizer->options;
    rfim__rngd_state *state = optimizer->state;
    size_t step = optimizer->report.steps;
    if (optimizer->accumulator.batches > 0)
        return;
    state->collects = step % options->metric_every == 0 ||
                      step - state->collected >=
                          rfim__period_at(options, options->metric_every, step);
    if (!state->collects)
        return;
    state->elapsed = step > 0 ? step - state->collected
                              : rfim__period_at(options, options->metric_every, 0);
    state->collections++;
    state->collected = step;
}

void rfim__rngd_collect_curvature(rfim_optimizer *optimizer, const rfim_trace *trace)
{
    rfim__rngd_state *state = optimizer->state;
    if (state->curvatures)
        rfim__curvatures_collect(
            state->curvatures, trace, state->collections,
            share(&optimizer->options, false, state->collections, state->elapsed));
}

void rfim__rngd_collect_views(rfim_optimizer *optimizer, const rfim_trace *trace)
{
    rfim__rngd_state *state = optimizer->state;
    for (size_t l = 0; l < optimizer->network->count; l++) {
        rfim__form *form = state->forms[l];
        if (!form)
            continue;
        bool is_data = l == 0 && form->plan.representation != RFIM_NEURON;
        double add = share(&optimizer->options, is_data, state->collections, state->elapsed);
        if (rfim__form_remembers(form) &&
            (form->outputs || form->plan.response == RFIM_RESPONSE_OWN))
            rfim__form_observe(form, trace, 1 - add, add);
        rfim__form_observe_nu(form, trace, state->collections,
                              1 - rfim__period_decay(&optimizer->options, state->elapsed));
    }
}

void rfim__rngd_collect(rfim_optimizer *optimizer, rfim_trace *trace)
{
    if (optimizer->options.metric_pass == RFIM_METRIC_PASS_AGAIN)
        rfim__trace_pass(trace, RFIM__TRAIN);
    rfim__rngd_collect_curvature(optimizer, trace);
    rfim__rngd_collect_views(optimizer, trace);
}

void rfim__rngd_look_at_output(rfim_optimizer *optimizer, const rfim_trace *trace)
{
    rfim__rngd_state *state = optimizer->state;
    if (optimizer->options.step_control == RFIM_STEP_OUTPUT)
        rfim__output_view_add(&state->output, trace, optimizer->accumulator.batches == 0,
                              rfim__accumulator_share(&optimizer->accumulator, trace));
}

void rfim__rngd_gather(rfim_optimizer *optimizer, rfim_trace *trace)
{
    rfim__rngd_state *state = optimizer->state;
    rfim__rngd_decide_collection(optimizer);
    if (state->collects)
        rfim__rngd_collect(optimizer, trace);
    rfim__rngd_look_at_output(optimizer, trace);
    for (size_t l = 0; l < optimizer->network->count; l++)
        if (state->forms[l])
            rfim__form_gather(state->forms[l], trace);
}

/* Metrics with one block are factorised together, a thread for each; those with many one after the
 * other, all threads for each. */
static bool has_one_block(const rfim__form *form)
{
    return rfim__form_remembers(form) && !form->metric->table->packed;
}

static void factorise_together(rfim_optimizer *optimizer)
{
    rfim__rngd_state *state = optimizer->state;
    size_t count = 0;
    for (size_t l = 0; l < optimizer->network->count; l++) {
        if (!has_one_block(state->forms[l]))
            continue;
        rfim__form_prepare(state->forms[l]);
        count += rfim__form_metrics(state->forms[l], state->together + count);
    }
    rfim__metrics_factorise_next(optimizer->network->algebra, state->together, count,
                                 state->reports);
}

void rfim__rngd_refresh(rfim_optimizer *optimizer)
{
    rfim__rngd_state *state = optimizer->state;
    const rfim_metric_refresh_report *report = state->reports;
    factorise_together(optimizer);
    optimizer->report.damping = 0;
    for (size_t l = 0; l < optimizer->network->count; l++) {
        if (has_one_block(state->forms[l]))
            report += rfim__form_accept(state->forms[l], report);
        else if (rfim__form_remembers(state->forms[l]))
            rfim__form_refresh(state->forms[l]);
    }
}

void rfim__rngd_refresh_nu(rfim_optimizer *optimizer)
{
    rfim__rngd_state *state = optimizer->state;
    for (size_t l = 0; l < optimizer->network->count; l++)
        if (state->forms[l])
            rfim__mean_nu_refresh(&state->forms[l]->mean_nu);
}

bool rfim__rngd_begins_with_metric(const rfim_optimizer *optimizer)
{
    return optimizer->report.steps == 0 &&
           optimizer->options.metric_average == RFIM_AVERAGE_CORRECTED;
}

void rfim__rngd_give_out(rfim_optimizer *optimizer)
{
    rfim__rngd_state *state = optimizer->state;
    for (size_t l = 0; l < optimizer->network->count; l++) {
        rfim__metric *metrics[RFIM__FORM_METRICS];
        if (!rfim__form_remembers(state->forms[l]))
            continue;
        rfim__form_prepare(state->forms[l]);
        size_t count = rfim__form_metrics(state->forms[l], metrics);
        for (size_t k = 0; k < count; k++)
            rfim__background_add(state->background, metrics[k]);
    }
    state->given_out = optimizer->report.steps;
    state->pending = true;
    rfim__background_start(state->background);
}

void rfim__rngd_take_over(rfim_optimizer *optimizer)
{
    rfim__rngd_state *state = optimizer->state;
    const rfim_metric_refresh_report *reports = NULL;
    optimizer->report.damping = 0;
    state->pending = false;
    rfim__background_finish(state->background, &reports);
    for (size_t l = 0; l < optimizer->network->count; l++) {
        if (rfim__form_remembers(state->forms[l]))
            reports += rfim__form_accept(state->forms[l], reports);
    }
}
