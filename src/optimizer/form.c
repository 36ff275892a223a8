#include "optimizer/form.h"

#include "core/size.h"

const rfim__form_table *rfim__form_table_of(rfim_form form)
{
    switch (form) {
    case RFIM_FORM_GRADIENT:
        return &rfim__gradient_form;
    case RFIM_FORM_INPUTS:
        return &rfim__inputs_form;
    case RFIM_FORM_DUAL:
    case RFIM_FORM_ACTIVE:
        return &rfim__dual_form;
    default:
        return &rfim__plain_form;
    }
}

/* Memory `prior+batch` remembers the shared metric, whatever the representation. */
bool rfim__form_shape(const rfim__layer_plan *plan, const rfim__module *module, double sigma,
                      size_t batch, rfim__part *part, rfim__shape *shape,
                      rfim_representation *representation)
{
    bool dual = plan->form == RFIM_FORM_DUAL || plan->form == RFIM_FORM_ACTIVE;
    if (plan->form == RFIM_FORM_WHITENED || (dual && plan->memory == RFIM_MEMORY_BATCH))
        return false;
    *representation = plan->memory == RFIM_MEMORY_PRIOR_BATCH ? RFIM_SHARED : plan->representation;
    *part = (rfim__part){
        .kind = RFIM__LAYER, .rows = module->inputs + 1, .columns = module->outputs};
    *shape = (rfim__shape){
        .parts = part,
        .count = 1,
        .order = part->rows * part->columns,
        .curvature = *representation == RFIM_NEURON ? RFIM__WEIGHTS : RFIM__UNIT,
        .copies = 1,
        .scale = 1 / (sigma * sigma),
        .piece = batch,
    };
    return true;
}

static rfim__metric_settings settings_of(rfim_representation representation,
                                         const rfim__module *module, const rfim__layer_plan *plan,
                                         size_t batch)
{
    return (rfim__metric_settings){.representation = representation,
                                   .name = module->name,
                                   .inverse = true,
                                   .wide = plan->wide,
                                   .background = plan->background,
                                   .units = plan->units,
                                   .view_samples = batch};
}

size_t rfim__form_bytes(rfim__algebra *algebra, const rfim__layer_plan *plan,
                        const rfim__module *module, double sigma, size_t batch)
{
    rfim__form form = {.plan = *plan};
    rfim__arena arena = {0};
    rfim__part part;
    rfim__shape shape;
    rfim_representation representation;
    rfim__form_table_of(plan->form)->place(&form, algebra, module, batch, &arena);
    if (!rfim__form_shape(plan, module, sigma, batch, &part, &shape, &representation))
        return arena.overflow ? SIZE_MAX : arena.used;
    rfim__metric_settings settings = settings_of(representation, module, plan, batch);
    rfim__metric metric;
    rfim_metric_plan bytes;
    double state[64] = {0}; /* of shared and neuron: a few words */
    if (rfim__metric_tables[representation]->state_bytes(&shape) > sizeof state)
        return SIZE_MAX;
    if (!rfim__metric_plan(algebra, &shape, &settings, state, &metric, &bytes) || arena.overflow)
        return SIZE_MAX;
    return metric.bytes + arena.used;
}

size_t rfim__form_room(rfim__algebra *algebra, const rfim__layer_plan *plan,
                       const rfim__module *module, double sigma, size_t batch)
{
    rfim__form form = {.plan = *plan};
    rfim__arena arena = {0};
    rfim__part part;
    rfim__shape shape;
    rfim_representation representation;
    rfim__form_table_of(plan->form)->place(&form, algebra, module, batch, &arena);
    size_t room = rfim__form_table_of(plan->form)->room(&form, batch);
    if (!rfim__form_shape(plan, module, sigma, batch, &part, &shape, &representation))
        return room;
    rfim__metric_settings settings = settings_of(representation, module, plan, batch);
    rfim__metric metric;
    rfim_metric_plan bytes;
    double state[64] = {0}; /* of shared and neuron: a few words */
    if (rfim__metric_tables[representation]->state_bytes(&shape) > sizeof state)
        return SIZE_MAX;
    if (!rfim__metric_plan(algebra, &shape, &settings, state, &metric, &bytes))
        return SIZE_MAX;
    return rfim__size_max(room, metric.table->room(&metric));
}

static rfim_status create_metric(rfim__form *form)
{
    rfim_network *network = form->optimizer->network;
    const rfim__module *module = &network->modules[form->l];
    size_t batch = form->optimizer->max_samples;
    rfim__part part;
    rfim__shape shape;
    rfim_representation representation;
    if (!rfim__form_shape(&form->plan, module, form->optimizer->options.sigma, batch, &part, &shape,
                          &representation))
        return RFIM_OK;
    rfim__metric_settings settings = settings_of(representation, module, &form->plan, batch);
    rfim_status status = rfim__metric_create(network->algebra, &shape, &settings, &form->metric);
    if (status == RFIM_OK)
        rfim__metric_set_prior(form->metric, form->optimizer->options.metric_prior);
    return status;
}

static rfim_status place(rfim__form *form)
{
    rfim_network *network = form->optimizer->network;
    const rfim__module *module = &network->modules[form->l];
    size_t n = form->optimizer->max_samples;
    rfim__arena arena = {0};
    form->table->place(form, network->algebra, module, n, &arena);
    if (arena.overflow)
        return rfim__fail(network->context, RFIM_ERROR_MEMORY,
                          "the work areas of %s are more than this machine can address",
                          module->name);
    if (arena.used == 0)
        return RFIM_OK;
    form->block = rfim__allocate(network->context, arena.used, 1);
    if (!form->block)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = form->block};
    form->table->place(form, network->algebra, module, n, &arena);
    return rfim__algebra_reserve(network->algebra, form->table->room(form, n));
}

rfim_status rfim__form_create(rfim_optimizer *optimizer, size_t l, const rfim__layer_plan *plan,
                              rfim__form **out)
{
    rfim__form *form = rfim__allocate(optimizer->network->context, 1, sizeof *form);
    *out = form;
    if (!form)
        return RFIM_ERROR_MEMORY;
    *form = (rfim__form){
        .table = rfim__form_table_of(plan->form), .optimizer = optimizer, .l = l, .plan = *plan};
    rfim_status status = create_metric(form);
    if (status == RFIM_OK)
        status = place(form);
    return status; /* the caller frees what there is */
}

void rfim__form_free(rfim__form *form)
{
    if (!form)
        return;
    rfim_context *context = form->optimizer->network->context;
    rfim__metric_free(form->metric);
    rfim__release(context, form->block);
    rfim__release(context, form);
}

void rfim__form_observe(rfim__form *form, const rfim_trace *trace, double keep, double add)
{
    const rfim__module *module = &trace->network->modules[form->l];
    rfim__response_view view;
    module->table->response(module, &trace->slots[form->l], &view);
    const rfim__accumulator *accumulator = &form->optimizer->accumulator;
    const rfim__collection collection = {.keep = keep,
                                         .add = add,
                                         .share = rfim__accumulator_share(accumulator, trace),
                                         .begins = accumulator->batches == 0};
    rfim__metric_observe_part(form->metric, &collection, form->optimizer->options.sigma, &view);
}

void rfim__form_refreshed(rfim__form *form, const rfim_metric_refresh_report *result)
{
    rfim_optimizer *optimizer = form->optimizer;
    rfim_network *network = optimizer->network;
    bool widened = result->wide && !form->plan.wide;
    optimizer->report.refreshes++;
    optimizer->report.retries += result->retries > 0 || widened;
    optimizer->report.kept += result->kept != 0;
    if (form->metric->damping > optimizer->report.damping)
        optimizer->report.damping = form->metric->damping;
    if (result->retries > 0 || widened)
        rfim__log(network->context, RFIM_LOG_WARNING,
                  "step %zu: the metric of %s (block %zu) is not positive definite at damping "
                  "%g; %s",
                  optimizer->report.steps + 1, network->modules[form->l].name, result->block,
                  optimizer->options.damping,
                  result->kept          ? "the last good factor is kept"
                  : result->retries > 0 ? "it is with more"
                                        : "it is in float64");
}

void rfim__form_refresh(rfim__form *form)
{
    const rfim_optimizer_options *options = &form->optimizer->options;
    rfim_metric_refresh_report result = rfim__metric_refresh(form->metric, options->damping_rule,
                                                             options->damping);
    rfim__form_refreshed(form, &result);
}

void rfim__form_gather(rfim__form *form, const rfim_trace *trace)
{
    if (form->plan.memory == RFIM_MEMORY_BATCH)
        rfim__form_observe(form, trace, 0, 1);
}

void rfim__form_of_batch(rfim__form *form, const rfim_trace *trace)
{
    rfim__form_gather(form, trace);
    if (form->plan.memory == RFIM_MEMORY_BATCH)
        rfim__form_refresh(form);
}
