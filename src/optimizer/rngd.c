/* rngd.c - relative natural gradient descent (Sun and Nielsen 2017, section 5;
 * docs/mathematics.md, section 1).
 *
 * Each module with a closed-form response has a metric M and its damped inverse P, at work in the
 * form that was planned for it (plan.h, form.h):
 *   1. direction = P (gradient + l2 W);  W <- W - rate direction
 *   2. every metric_every steps: M <- decay M + (1 - decay) G, G read off the training pass, or
 *      off a second pass over the same batch with the new weights
 *   3. every refresh_every steps, counted from the epoch's start: P <- (M + Lambda)^-1
 * 2. and 3. more often in the first metric_ramp steps, as weights move fastest then (periods.h).
 * How far along its direction each module goes is step control's (step_control.h); its factor is
 * part of the direction from then on.
 * Metrics of one batch are collected and solved with in 1. Modules whose RFIM is the identity
 * (batch norm) take the plain gradient. Momentum: momentum.h. */
#include "optimizer/rngd.h"

#include "optimizer/method.h"
#include "optimizer/periods.h"
#include "optimizer/rngd_state.h"

rfim__metric *rfim__rngd_metric(const rfim_optimizer *optimizer, size_t module)
{
    const rfim__rngd_state *state = optimizer->state;
    return state->forms[module] ? state->forms[module]->metric : NULL;
}

rfim__form *rfim__rngd_form(const rfim_optimizer *optimizer, size_t module)
{
    const rfim__rngd_state *state = optimizer->state;
    return state->forms[module];
}

/* The next inverses for each neuron, from that turn of the step on, are brought nearer by the
 * products until then: reading them is what most of their time goes into. */
static void ask_ahead(rfim_optimizer *optimizer, size_t step, size_t turn)
{
    rfim__rngd_state *state = optimizer->state;
    size_t count = optimizer->network->count;
    for (; turn < count; turn++) {
        const rfim__form *form = state->forms[rfim__turn_module(count, step, turn)];
        if (!rfim__form_remembers(form) || !form->metric->table->packed)
            continue;
        rfim__algebra_ahead(optimizer->network->algebra, form->metric->factor);
        return;
    }
}

/* Of module l; the plain gradient where that is natural. */
static void form_direction(rfim_optimizer *optimizer, rfim_trace *trace, size_t l,
                           rfim__direction *direction)
{
    rfim__rngd_state *state = optimizer->state;
    size_t step = optimizer->report.steps;
    ask_ahead(optimizer, step, rfim__turn_module(optimizer->network->count, step, l));
    if (state->forms[l])
        rfim__form_direct(state->forms[l], trace, direction);
    else
        *direction = rfim__gradient_direction(optimizer, trace, l);
}

static void direct(rfim_optimizer *optimizer, rfim_trace *trace, size_t l, double rate,
                   rfim__direction *direction)
{
    rfim__rngd_state *state = optimizer->state;
    (void)rate;
    if (state->directions)
        *direction = state->directions[l];
    else
        form_direction(optimizer, trace, l, direction);
}

/* Of the response that a layer's metric looks at. */
static size_t response_outputs(const rfim_network *network, const rfim__form *form, size_t l)
{
    return network->modules[form ? form->plan.response_module : l].outputs;
}

/* All directions, matrices in the forms that serve here, <- the step that minimises the quadratic
 * model. */
static void minimise(rfim_optimizer *optimizer, rfim_trace *trace)
{
    rfim__rngd_state *state = optimizer->state;
    const rfim_network *network = optimizer->network;
    for (size_t l = 0; l < network->count; l++) {
        if (network->modules[l].parameters.rows == 0)
            continue;
        const rfim__form *form = state->forms[l];
        rfim__direction *direction = &state->directions[l];
        if (direction->scale != 1)
            network->algebra->ops.combine(network->algebra, direction->scale, direction->matrix, 0,
                                          direction->matrix, direction->matrix);
        direction->scale = 1;
        state->parts[l].direction = direction->matrix;
        if (!form)
            continue;
        state->parts[l].lambda = form->metric->lambda;
        state->parts[l].weight = form->mean_nu.in_use;
        if (form->outputs)
            state->parts[l].outputs = form->outputs->lambda;
    }
    if (rfim__damping_control_is_due(&optimizer->options, optimizer->report.steps))
        state->damping.cost = rfim__damping_control_cost(trace, optimizer->options.l2);
    rfim__quadratic_solve(&state->quadratic, trace, optimizer->options.l2, state->parts);
    for (size_t l = 0; l < network->count; l++)
        if (network->modules[l].parameters.rows > 0)
            state->directions[l].matrix = rfim__quadratic_step(&state->quadratic, network->algebra,
                                                               l, state->directions[l].matrix);
}

/* Metrics as far as they are collected before the update, all directions, and how far to go along
 * them. The pass was one of the weights as they are here. */
static void prepare(rfim_optimizer *optimizer, rfim_trace *trace, double rate)
{
    rfim__rngd_state *state = optimizer->state;
    const rfim_network *network = optimizer->network;
    (void)rate;
    rfim__rngd_decide_collection(optimizer);
    if (rfim__rngd_begins_with_metric(optimizer)) {
        rfim__rngd_collect(optimizer, trace);
        rfim__rngd_refresh(optimizer);
        rfim__rngd_refresh_nu(optimizer);
    } else if (state->collects && optimizer->options.metric_pass == RFIM_METRIC_PASS_TRAINING) {
        rfim__rngd_collect_curvature(optimizer, trace);
    }
    if (!state->directions)
        return;
    for (size_t turn = 0; turn < network->count; turn++) {
        size_t l = rfim__turn_module(network->count, optimizer->report.steps, turn);
        const rfim__module *module = &network->modules[l];
        state->moves[l] = (rfim__move){0};
        state->parts[l] = (rfim__quadratic_part){0};
        if (module->parameters.rows == 0)
            continue;
        form_direction(optimizer, trace, l, &state->directions[l]);
        if (!rfim__step_control_measures(&optimizer->options))
            continue;
        state->moves[l].outputs = response_outputs(network, state->forms[l], l);
        state->moves[l].square = rfim__step_length_square(&state->length, trace, l,
                                                          &state->directions[l]);
    }
    if (optimizer->options.step_control == RFIM_STEP_QUADRATIC) {
        minimise(optimizer, trace);
        return;
    }
    rfim__rngd_look_at_output(optimizer, trace);
    rfim__step_control(&optimizer->options, &state->output, state->moves, network->count);
    for (size_t l = 0; l < network->count; l++)
        state->directions[l].scale *= state->moves[l].factor;
}

/* The damping of the refreshes to come, by how the step has turned out on its batch, which is
 * passed forward once more. */
static void adapt_damping(rfim_optimizer *optimizer, rfim_trace *trace)
{
    rfim__rngd_state *state = optimizer->state;
    rfim_optimizer_options *options = &optimizer->options;
    if (!rfim__damping_control_is_due(options, optimizer->report.steps))
        return;
    rfim__trace_pass(trace, RFIM__TRAIN);
    double after = rfim__damping_control_cost(trace, options->l2);
    double predicted = rfim__quadratic_decrease(&state->quadratic, optimizer->report.learning_rate);
    options->damping = rfim__damping_control_next(&state->damping, options->damping,
                                                  state->damping.cost - after, predicted);
}

/* A refresh that is due while another one is under way (an epoch begins) waits for it. */
static void finish(rfim_optimizer *optimizer, rfim_trace *trace)
{
    const rfim_optimizer_options *options = &optimizer->options;
    rfim__rngd_state *state = optimizer->state;
    size_t step = optimizer->report.steps;
    bool is_due = optimizer->since_epoch % options->refresh_every == 0 ||
                  step - state->refreshed >= rfim__period_at(options, options->refresh_every, step);
    bool over = step - state->given_out >= options->refresh_delay;
    if (rfim__rngd_begins_with_metric(optimizer))
        return;
    if (state->collects && options->metric_pass == RFIM_METRIC_PASS_AGAIN)
        rfim__rngd_collect(optimizer, trace);
    else if (state->collects)
        rfim__rngd_collect_views(optimizer, trace);
    adapt_damping(optimizer, trace);
    if (state->pending && (over || is_due))
        rfim__rngd_take_over(optimizer);
    if (is_due) {
        state->refreshed = step;
        rfim__rngd_refresh_nu(optimizer);
    }
    if (is_due && state->background)
        rfim__rngd_give_out(optimizer);
    else if (is_due)
        rfim__rngd_refresh(optimizer);
    ask_ahead(optimizer, step + 1, 0);
}

const rfim__method_table rfim__rngd_method = {
    .name = "rngd",
    .create = rfim__rngd_create,
    .free = rfim__rngd_free,
    .gather = rfim__rngd_gather,
    .prepare = prepare,
    .direct = direct,
    .finish = finish,
};
