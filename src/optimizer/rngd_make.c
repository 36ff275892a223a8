/* rngd_make.c - what relative natural gradient descent needs before its first step. */
#include "core/size.h"
#include "optimizer/layers.h"
#include "optimizer/method.h"
#include "optimizer/plan_response.h"
#include "optimizer/rngd_state.h"

/* Flops of a refresh that a person would notice: about two seconds of one core. */
#define COSTLY_REFRESH 4e10

/* Ways back at a collection that a person would notice: of the passes of ten steps. */
#define MANY_COPIES 20

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
static rfim_status create_work(rfim_optimizer *optimizer, rfim__rngd_state *state,
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

static rfim_status create_forms(rfim_optimizer *optimizer, rfim__rngd_state *state,
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

static rfim_status create_background(rfim_optimizer *optimizer, rfim__rngd_state *state)
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
static rfim_status create_step(rfim_optimizer *optimizer, rfim__rngd_state *state)
{
    rfim_network *network = optimizer->network;
    rfim__arena arena = {0};
    if (!rfim__step_control_waits(&optimizer->options))
        return RFIM_OK;
    state->directions = rfim__allocate(network->context, network->count, sizeof *state->directions);
    state->moves = rfim__allocate(network->context, network->count, sizeof *state->moves);
    state->parts = rfim__allocate(network->context, network->count, sizeof *state->parts);
    state->output = rfim__output_view_of(network);
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

rfim_status rfim__rngd_create(rfim_optimizer *optimizer)
{
    rfim_network *network = optimizer->network;
    rfim__rngd_state *state = rfim__allocate(network->context, 1, sizeof *state);
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

void rfim__rngd_free(rfim_optimizer *optimizer)
{
    rfim_context *context = optimizer->network->context;
    rfim__rngd_state *state = optimizer->state;
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
