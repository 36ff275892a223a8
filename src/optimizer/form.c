#include "optimizer/form.h"

#include "core/size.h"

const rfim__form_table *rfim__form_table_of(const rfim__layer_plan *plan)
{
    bool kronecker = plan->representation == RFIM_KRONECKER;
    switch (plan->form) {
    case RFIM_FORM_GRADIENT:
        return kronecker ? &rfim__kronecker_gradient_form : &rfim__gradient_form;
    case RFIM_FORM_INPUTS:
        return kronecker ? &rfim__kronecker_inputs_form : &rfim__inputs_form;
    case RFIM_FORM_DUAL:
    case RFIM_FORM_ACTIVE:
        return &rfim__dual_form;
    default:
        return &rfim__plain_form;
    }
}

/* One of the metrics that a layer remembers. */
typedef struct kept_metric {
    rfim__part part;
    rfim__shape shape;
    rfim__metric_settings settings;
} kept_metric;

static void describe(const rfim__layer_plan *plan, const rfim__module *module,
                     rfim_representation representation, size_t rows, size_t batch,
                     kept_metric *out)
{
    bool neuron = representation == RFIM_NEURON;
    out->part = (rfim__part){.kind = RFIM__LAYER, .rows = rows, .columns = module->outputs};
    out->shape = (rfim__shape){.parts = &out->part,
                               .count = 1,
                               .order = out->part.rows * out->part.columns,
                               .curvature = neuron ? RFIM__WEIGHTS : RFIM__UNIT,
                               .copies = 1,
                               .scale = 1,
                               .piece = batch};
    out->settings = (rfim__metric_settings){.representation = representation,
                                            .name = module->name,
                                            .inverse = true,
                                            .wide = plan->wide,
                                            .background = plan->background,
                                            .units = plan->units,
                                            .view_samples = batch};
}

/* What a layer remembers; returns how many metrics. Memory `prior+batch` remembers the shared
 * metric, whatever the representation; a Kronecker product has a metric like the shared one for
 * each of its factors. */
static size_t list_metrics(const rfim__layer_plan *plan, const rfim__module *module, double sigma,
                           size_t batch, kept_metric out[RFIM__FORM_METRICS])
{
    bool dual = plan->form == RFIM_FORM_DUAL || plan->form == RFIM_FORM_ACTIVE;
    bool kronecker = plan->representation == RFIM_KRONECKER;
    if (plan->form == RFIM_FORM_WHITENED || (dual && plan->memory == RFIM_MEMORY_BATCH))
        return 0;
    rfim_representation representation = kronecker || plan->memory == RFIM_MEMORY_PRIOR_BATCH
                                             ? RFIM_SHARED
                                             : plan->representation;
    describe(plan, module, representation, module->inputs + 1, batch, &out[0]);
    if (!kronecker) {
        out[0].shape.scale = 1 / (sigma * sigma);
        return 1;
    }
    describe(plan, module, RFIM_SHARED, module->outputs, batch, &out[1]);
    out[1].settings.units = false;
    return 2;
}

/* The metric's layout, from its shape alone; false: more than this machine can address. */
static bool lay_out(rfim__algebra *algebra, const kept_metric *kept, rfim__metric *metric)
{
    double state[64] = {0}; /* of shared and neuron: a few words */
    rfim_metric_plan bytes;
    return rfim__metric_tables[kept->settings.representation]->state_bytes(&kept->shape) <=
               sizeof state &&
           rfim__metric_plan(algebra, &kept->shape, &kept->settings, state, metric, &bytes);
}

/* The work areas, with the form's own. */
static void place_areas(rfim__form *form, const rfim__algebra *algebra, const rfim__module *module,
                        size_t n, rfim__arena *arena)
{
    rfim__form_table_of(&form->plan)->place(form, algebra, module, n, arena);
    if (form->plan.mean_nu)
        form->mean_nu.nu = rfim__arena_matrix(arena, algebra, n, module->outputs);
}

size_t rfim__form_work_bytes(const rfim__algebra *algebra, const rfim__layer_plan *plan,
                             const rfim__module *module, size_t batch)
{
    rfim__form form = {.plan = *plan};
    rfim__arena arena = {0};
    place_areas(&form, algebra, module, batch, &arena);
    return arena.overflow ? SIZE_MAX : arena.used;
}

size_t rfim__form_bytes(rfim__algebra *algebra, const rfim__layer_plan *plan,
                        const rfim__module *module, double sigma, size_t batch)
{
    kept_metric kept[RFIM__FORM_METRICS];
    size_t count = list_metrics(plan, module, sigma, batch, kept);
    size_t bytes = rfim__form_work_bytes(algebra, plan, module, batch);
    for (size_t k = 0; k < count; k++) {
        rfim__metric metric;
        if (!lay_out(algebra, &kept[k], &metric) || !rfim__size_add(bytes, metric.bytes, &bytes))
            return SIZE_MAX;
    }
    return bytes;
}

static size_t room_of(const rfim__form *form, size_t n)
{
    return form->table->room ? form->table->room(form, n) : 0;
}

size_t rfim__form_room(rfim__algebra *algebra, const rfim__layer_plan *plan,
                       const rfim__module *module, double sigma, size_t batch)
{
    rfim__form form = {.plan = *plan};
    rfim__arena arena = {0};
    kept_metric kept[RFIM__FORM_METRICS];
    size_t count = list_metrics(plan, module, sigma, batch, kept);
    rfim__form_table_of(plan)->place(&form, algebra, module, batch, &arena);
    form.table = rfim__form_table_of(plan);
    size_t room = room_of(&form, batch);
    for (size_t k = 0; k < count; k++) {
        rfim__metric metric;
        if (!lay_out(algebra, &kept[k], &metric))
            return SIZE_MAX;
        room = rfim__size_max(room, metric.table->room(&metric));
    }
    return room;
}

static rfim_status create_metrics(rfim__form *form)
{
    rfim_network *network = form->optimizer->network;
    const rfim_optimizer_options *options = &form->optimizer->options;
    kept_metric kept[RFIM__FORM_METRICS];
    rfim__metric **metrics[RFIM__FORM_METRICS] = {&form->metric, &form->outputs};
    size_t count = list_metrics(&form->plan, &network->modules[form->l], options->sigma,
                                form->optimizer->max_samples, kept);
    for (size_t k = 0; k < count; k++) {
        rfim_status status = rfim__metric_create(network->algebra, &kept[k].shape,
                                                 &kept[k].settings, metrics[k]);
        if (status != RFIM_OK)
            return status;
        /* The prior of a product: prior I (x) I. */
        bool unit = k > 0 && options->metric_prior > 0;
        rfim__metric_set_prior(*metrics[k], unit ? 1 : options->metric_prior);
    }
    return RFIM_OK;
}

/* In `work`, or in a block of its own. */
static rfim_status place(rfim__form *form, void *work)
{
    rfim_network *network = form->optimizer->network;
    const rfim__module *module = &network->modules[form->l];
    size_t n = form->optimizer->max_samples;
    size_t bytes = rfim__form_work_bytes(network->algebra, &form->plan, module, n);
    if (bytes == SIZE_MAX)
        return rfim__fail(network->context, RFIM_ERROR_MEMORY,
                          "the work areas of %s are more than this machine can address",
                          module->name);
    if (bytes == 0)
        return RFIM_OK;
    if (!work) {
        form->block = rfim__allocate(network->context, bytes, 1);
        work = form->block;
    }
    if (!work)
        return RFIM_ERROR_MEMORY;
    rfim__arena arena = {.base = work};
    place_areas(form, network->algebra, module, n, &arena);
    return rfim__algebra_reserve(network->algebra, room_of(form, n));
}

rfim_status rfim__form_create(rfim_optimizer *optimizer, size_t l, const rfim__layer_plan *plan,
                              void *work, rfim__form **out)
{
    rfim__form *form = rfim__allocate(optimizer->network->context, 1, sizeof *form);
    *out = form;
    if (!form)
        return RFIM_ERROR_MEMORY;
    *form = (rfim__form){.table = rfim__form_table_of(plan),
                         .optimizer = optimizer,
                         .l = l,
                         .plan = *plan,
                         .mean_nu = {.mean = 1, .in_use = 1}};
    rfim_status status = create_metrics(form);
    if (status == RFIM_OK)
        status = place(form, work);
    return status; /* the caller frees what there is */
}

void rfim__form_free(rfim__form *form)
{
    if (!form)
        return;
    rfim_context *context = form->optimizer->network->context;
    rfim__metric_free(form->metric);
    rfim__metric_free(form->outputs);
    rfim__release(context, form->block);
    rfim__release(context, form);
}

void rfim__form_direct(rfim__form *form, rfim_trace *trace, rfim__direction *direction)
{
    form->table->direct(form, trace, direction);
    direction->scale /= form->mean_nu.in_use;
}
