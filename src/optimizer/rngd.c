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

#include "core/size.h"
#include "optimizer/background.h"
#include "optimizer/curvature.h"
#include "optimizer/damping_control.h"
#include "optimizer/layers.h"
#include "optimizer/method.h"
#include "optimizer/periods.h"
#include "optimizer/plan_response.h"
#include "optimizer/step_control.h"
#include "optimizer/step_length.h"
#include "optimizer/step_quadratic.h"

/* Flops of a refresh that a person would notice: about two seconds of one core. */
#define COSTLY_REFRESH 4e10

/* Ways back at a collection that a person would notice: of the passes of ten steps. */
#define MANY_COPIES 20

typedef struct rngd_state {
    rfim__form **forms;          /* [modules], NULL where the plain gradient is natural */
    rfim__direction *directions; /* [modules] of this step, unless its control is `fixed` */
    rfim__move *moves;           /* [modules] */
    rfim__step_length length;
    void *length_block;
    void *work; /* one place for the work areas of all layers; NULL: each has its own */
    rfim__curvatures *curvatures;        /* NULL: every layer's own view says what it needs */
    rfim__metric **together;             /* [metrics] room to say which are refreshed so */
    rfim_metric_refresh_report *reports; /* [metrics] */
    rfim__quadratic quadratic;
    rfim__quadratic_part *parts; /* [modules] */
    rfim__damping_control damping;
    rfim__background *background; /* NULL: refreshes are done at once */
    bool pending;                 /* it has some under way */
    size_t given_out;             /* at which step */
    bool collects;                /* this step does */
    size_t elapsed;               /* steps from the collection before to this one */
    size_t collections;           /* so far */
    size_t collected, refreshed;  /* the last steps that did so */
} rngd_state;

/* Says which metric a module gets, and warns of one that takes long to factorise. */
static void announce(rfim_context *context, const rfim__module *module, const rfim__form *form)
{
    const rfim__layer_plan *plan = &form->plan;
    const rfim__metric *metric = form->metric;
    rfim__log(context, RFIM_LOG_INFO,
              "metric     %s: `%s`, response `%s`, memory `%s`, form `%s`%s", module->name,
              rfim_representation_name(plan->representation), rfim_response_name(plan->response),
              rfim__memory_name(plan->memory), rfim__form_name(plan->form),
              plan->wide ? ", float64 factors" : "");
    if (plan->copies > MANY_COPIES)
        rfim__log(context, RFIM_LOG_WARNING,
                  "the response of %s is sent back %zu times at every collection; --curvature "
                  "sampled sends it once",
                  module->name, plan->copies);
    if (metric && metric->blocks > 1 &&
        rfim__refresh_cost(plan->representation, metric->block_order, metric->blocks) >
            COSTLY_REFRESH)
        rfim__log(context, RFIM_LOG_WARNING,
                  "the metric of %s takes %.0f Gflop at every refresh and %.1f GB; the "
                  "representation `shared` takes a %zu-th of it",
                  module->name,
                  1e-9 * (double)metric->blocks * (double)metric->block_order *
                      (double)metric->block_order * (double)metric->block_order,
                  (double)metric->bytes * 1e-9, metric->blocks);
}

/* A direction that is used before the next one is made leaves its work areas to that. */
static rfim_status create_work(rfim_optimizer *optimizer, rngd_state *state,
                               const rfim__layer_plan *plans)
{
    rfim_network *network = optimizer->network;
    size_t most = 0;
    if (!rfim__plan_in_turn(&optimizer->options))
        return RFIM_OK;
    for (size_t l = 0; l < network->count; l++)
        most = rfim__size_max(most, plans[l].work);
    if (most == 0)
        return RFIM_OK;
    state->work = rfim__allocate(network->context, most, 1);
    return state->work ? RFIM_OK : RFIM_ERROR_MEMORY;
}

static rfim_status create_forms(rfim_optimizer *optimizer, rngd_state *state,
                                rfim__layer_plan *plans)
{
    rfim_network *network = optimizer->network;
    rfim__plan_case subject = {.algebra = network->algebra,
                               .modules = network->modules,
                               .count = network->count,
                               .options = &optimizer->options,
                               .batch = optimizer->max_samples};
    rfim_status status = rfim__plan_layers(&subject, plans);
    if (status == RFIM_OK)
        status = create_work(optimizer, state, plans);
    for (size_t l = 0; l < network->count && status == RFIM_OK; l++) {
        const rfim__module *module = &network->modules[l];
        if (!plans[l].has_metric) {
            if (module->parameters.rows > 0)
                rfim__log(network->context, RFIM_LOG_INFO,
                          "metric     %s: the identity, the plain gradient is natural",
                          module->name);
            continue;
        }
        status = rfim__form_create(optimizer, l, &plans[l], state->work, &state->forms[l]);
        if (status == RFIM_OK)
            announce(network->context, module, state->forms[l]);
    }
    return status;
}

static rfim_status create_background(rfim_optimizer *optimizer, rngd_state *state)
{
    size_t count = optimizer->network->count;
    size_t room = 0;
    /* Other builds have one number of threads for the whole process. */
    if (!rfim_blas_matches())
        return rfim__fail(optimizer->network->context, RFIM_ERROR_UNSUPPORTED,
                          "refreshes in the background need OpenBLAS built with OpenMP, found %s; "
                          "take --refresh-delay 0",
                          rfim_blas_description());
    for (size_t l = 0; l < count; l++) {
        rfim__metric *metrics[RFIM__FORM_METRICS];
        if (!rfim__form_remembers(state->forms[l]))
            continue;
        for (size_t k = rfim__form_metrics(state->forms[l], metrics); k-- > 0;)
            room = rfim__size_max(room, rfim__metric_factorise_room(metrics[k]));
    }
    return rfim__background_create(optimizer->network->algebra, RFIM__FORM_METRICS * count, room,
                                   &state->background);
}

/* What step control needs where it looks at all directions before the first module moves. */
static rfim_status create_step(rfim_optimizer *optimizer, rngd_state *state)
{
    rfim_network *network = optimizer->network;
    rfim__arena arena = {0};
    if (!rfim__step_control_waits(&optimizer->options))
        return RFIM_OK;
    state->directions = rfim__allocate(network->context, network->count, sizeof *state->directions);
    state->moves = rfim__allocate(network->context, network->count, sizeof *state->moves);
    state->parts = rfim__allocate(network->context, network->count, sizeof *state->parts);
    if (!state->directions || !state->moves || !state->parts)
        return RFIM_ERROR_MEMORY;
    if (!rfim__step_control_measures(&optimizer->options))
        return rfim__quadratic_create(network, optimizer->max_samples, &state->quadratic);
    rfim__step_length_place(&state->length, network->algebra, optimizer->max_samples, &arena);
    if (arena.overflow)
        return rfim__fail(network->context, RFIM_ERROR_MEMORY,
                          "step control for batches of %zu samples is more than this machine can "
                          "address; take smaller ones",
                          optimizer->max_samples);
    state->length_block = rfim__allocate(network->context, arena.used, 1);
    if (!state->length_block)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = state->length_block};
    rfim__step_length_place(&state->length, network->algebra, optimizer->max_samples, &arena);
    return RFIM_OK;
}

static rfim_status create(rfim_optimizer *optimizer)
{
    rfim_network *network = optimizer->network;
    rngd_state *state = rfim__allocate(network->context, 1, sizeof *state);
    optimizer->state = state;
    if (!state)
        return RFIM_ERROR_MEMORY;
    state->damping.first = optimizer->options.damping;
    state->forms = rfim__allocate(network->context, network->count, sizeof *state->forms);
    rfim__layer_plan *plans = rfim__allocate(network->context, network->count, sizeof *plans);
    size_t metrics = RFIM__FORM_METRICS * network->count;
    state->together = rfim__allocate(network->context, metrics, sizeof *state->together);
    state->reports = rfim__allocate(network->context, metrics, sizeof *state->reports);
    bool has_room = state->forms && state->together && state->reports && plans;
    rfim_status status = has_room ? RFIM_OK : RFIM_ERROR_MEMORY;
    if (status == RFIM_OK)
        status = create_step(optimizer, state);
    if (status == RFIM_OK)
        status = create_forms(optimizer, state, plans);
    if (status == RFIM_OK)
        status = rfim__curvatures_create(optimizer, state->forms, plans, &state->curvatures);
    if (status == RFIM_OK && optimizer->options.refresh_delay > 0)
        status = create_background(optimizer, state);
    rfim__release(network->context, plans);
    return status;
}

static void release(rfim_optimizer *optimizer)
{
    rfim_context *context = optimizer->network->context;
    rngd_state *state = optimizer->state;
    if (!state)
        return;
    rfim__background_free(state->background);
    rfim__curvatures_free(state->curvatures);
    optimizer->network->algebra->ahead = (rfim__ahead){0};
    for (size_t l = 0; state->forms && l < optimizer->network->count; l++)
        rfim__form_free(state->forms[l]);
    rfim__release(context, state->forms);
    rfim__release(context, state->directions);
    rfim__release(context, state->moves);
    rfim__release(context, state->length_block);
    rfim__release(context, state->work);
    rfim__release(context, state->parts);
    rfim__quadratic_free(context, &state->quadratic);
    rfim__release(context, state->together);
    rfim__release(context, state->reports);
    rfim__release(context, state);
}

rfim__metric *rfim__rngd_metric(const rfim_optimizer *optimizer, size_t module)
{
    const rngd_state *state = optimizer->state;
    return state->forms[module] ? state->forms[module]->metric : NULL;
}

rfim__form *rfim__rngd_form(const rfim_optimizer *optimizer, size_t module)
{
    const rngd_state *state = optimizer->state;
    return state->forms[module];
}

/* The next inverses for each neuron, from that turn of the step on, are brought nearer by the
 * products until then: reading them is what most of their time goes into. */
static void ask_ahead(rfim_optimizer *optimizer, size_t step, size_t turn)
{
    rngd_state *state = optimizer->state;
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
    rngd_state *state = optimizer->state;
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
    rngd_state *state = optimizer->state;
    (void)rate;
    if (state->directions)
        *direction = state->directions[l];
    else
        form_direction(optimizer, trace, l, direction);
}

/* What collection number `count` (from 1) adds to an M, so many steps after the last one;
 * `corrected` counts the prior as one more, and forgets nothing of the data themselves. */
static double share(const rfim_optimizer_options *options, bool is_data, size_t count, size_t steps)
{
    double add = 1 - rfim__period_decay(options, steps);
    double mean = 1 / (double)(count + (options->metric_prior > 0));
    bool is_mean = options->metric_average == RFIM_AVERAGE_CORRECTED && (is_data || mean > add);
    return is_mean ? mean : add;
}

/* Does this step collect? With its first batch. */
static void decide_collection(rfim_optimizer *optimizer)
{
    const rfim_optimizer_options *options = &optimizer->options;
    rngd_state *state = optimizer->state;
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

/* Of the response beyond the layers' own, by the weights of the pass. */
static void collect_curvature(rfim_optimizer *optimizer, const rfim_trace *trace)
{
    rngd_state *state = optimizer->state;
    if (state->curvatures)
        rfim__curvatures_collect(
            state->curvatures, trace, state->collections,
            share(&optimizer->options, false, state->collections, state->elapsed));
}

/* What the layers' own views say: references, and own responses. */
static void collect_views(rfim_optimizer *optimizer, const rfim_trace *trace)
{
    rngd_state *state = optimizer->state;
    for (size_t l = 0; l < optimizer->network->count; l++) {
        rfim__form *form = state->forms[l];
        double add = share(&optimizer->options, l == 0, state->collections, state->elapsed);
        if (rfim__form_remembers(form) &&
            (form->outputs || form->plan.response == RFIM_RESPONSE_OWN))
            rfim__form_observe(form, trace, 1 - add, add);
        if (form)
            rfim__form_observe_nu(form, trace, state->collections,
                                  1 - rfim__period_decay(&optimizer->options, state->elapsed));
    }
}

/* All of it, of the batch on the trace, by one pass with the weights that the network has. */
static void collect(rfim_optimizer *optimizer, rfim_trace *trace)
{
    if (optimizer->options.metric_pass == RFIM_METRIC_PASS_AGAIN)
        rfim__trace_pass(trace, RFIM__TRAIN);
    collect_curvature(optimizer, trace);
    collect_views(optimizer, trace);
}

static void gather(rfim_optimizer *optimizer, rfim_trace *trace)
{
    rngd_state *state = optimizer->state;
    decide_collection(optimizer);
    if (state->collects)
        collect(optimizer, trace);
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
    rngd_state *state = optimizer->state;
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

static void refresh(rfim_optimizer *optimizer)
{
    rngd_state *state = optimizer->state;
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

/* Goes with the inverses, though it needs no factorising. */
static void refresh_nu(rfim_optimizer *optimizer)
{
    rngd_state *state = optimizer->state;
    for (size_t l = 0; l < optimizer->network->count; l++)
        if (state->forms[l])
            rfim__mean_nu_refresh(&state->forms[l]->mean_nu);
}

/* Unless the first step is to go by the prior alone (the paper's), its metric comes first. */
static bool begins_with_metric(const rfim_optimizer *optimizer)
{
    return optimizer->report.steps == 0 &&
           optimizer->options.metric_average == RFIM_AVERAGE_CORRECTED;
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
    rngd_state *state = optimizer->state;
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
    rngd_state *state = optimizer->state;
    const rfim_network *network = optimizer->network;
    (void)rate;
    decide_collection(optimizer);
    if (begins_with_metric(optimizer)) {
        collect(optimizer, trace);
        refresh(optimizer);
        refresh_nu(optimizer);
    } else if (state->collects && optimizer->options.metric_pass == RFIM_METRIC_PASS_TRAINING) {
        collect_curvature(optimizer, trace);
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
    rfim__step_control(&optimizer->options, state->moves, network->count);
    for (size_t l = 0; l < network->count; l++)
        state->directions[l].scale *= state->moves[l].factor;
}

static void give_out(rfim_optimizer *optimizer)
{
    rngd_state *state = optimizer->state;
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

static void take_over(rfim_optimizer *optimizer)
{
    rngd_state *state = optimizer->state;
    const rfim_metric_refresh_report *reports = NULL;
    optimizer->report.damping = 0;
    state->pending = false;
    rfim__background_finish(state->background, &reports);
    for (size_t l = 0; l < optimizer->network->count; l++) {
        if (rfim__form_remembers(state->forms[l]))
            reports += rfim__form_accept(state->forms[l], reports);
    }
}

/* The damping of the refreshes to come, by how the step has turned out on its batch, which is
 * passed forward once more. */
static void adapt_damping(rfim_optimizer *optimizer, rfim_trace *trace)
{
    rngd_state *state = optimizer->state;
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
    rngd_state *state = optimizer->state;
    size_t step = optimizer->report.steps;
    bool is_due = optimizer->since_epoch % options->refresh_every == 0 ||
                  step - state->refreshed >= rfim__period_at(options, options->refresh_every, step);
    bool over = step - state->given_out >= options->refresh_delay;
    if (begins_with_metric(optimizer))
        return;
    if (state->collects && options->metric_pass == RFIM_METRIC_PASS_AGAIN)
        collect(optimizer, trace);
    else if (state->collects)
        collect_views(optimizer, trace);
    adapt_damping(optimizer, trace);
    if (state->pending && (over || is_due))
        take_over(optimizer);
    if (is_due) {
        state->refreshed = step;
        refresh_nu(optimizer);
    }
    if (is_due && state->background)
        give_out(optimizer);
    else if (is_due)
        refresh(optimizer);
    ask_ahead(optimizer, step + 1, 0);
}

const rfim__method_table rfim__rngd_method = {
    .name = "rngd",
    .create = create,
    .free = release,
    .gather = gather,
    .prepare = prepare,
    .direct = direct,
    .finish = finish,
};
