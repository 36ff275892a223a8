#include "metric/metric.h"

#include "core/number.h"
#include "core/size.h"
#include "metric/units.h"
#include "metric/vector.h"

#include <stdio.h>
#include <string.h>

const rfim__metric_table *const rfim__metric_tables[RFIM_REPRESENTATIONS] = {
    [RFIM_SHARED] = &rfim__shared_metric,       [RFIM_NEURON] = &rfim__neuron_metric,
    [RFIM_KRONECKER] = &rfim__kronecker_metric, [RFIM_DENSE] = &rfim__dense_metric,
    [RFIM_DIAGONAL] = &rfim__diagonal_metric,   [RFIM_SOFTMAX] = &rfim__softmax_metric,
    [RFIM_GRAM] = &rfim__gram_metric,
};

/* One block: a column without gaps, which would be fifteen times longer with them. */
static rfim__matrix place_lambda(const rfim__metric *metric, rfim__arena *arena)
{
    return metric->blocks == 1
               ? rfim__vector_place_flat(arena, metric->algebra, metric->block_order)
               : rfim__arena_matrix(arena, metric->algebra, metric->block_order, metric->blocks);
}

/* Lays everything out; with arena->base NULL only the bytes are counted. */
static void place(rfim__metric *metric, const rfim__metric_settings *settings, rfim__arena *arena)
{
    metric->lambda = place_lambda(metric, arena);
    metric->next_lambda = place_lambda(metric, arena);
    metric->row = rfim__arena_matrix(arena, metric->algebra, metric->inverse ? 0 : 1,
                                     metric->block_order);
    metric->nu = rfim__arena_matrix(arena, metric->algebra, settings->view_samples,
                                    metric->shape.parts[0].columns);
    size_t units = settings->units ? metric->block_order : 0;
    metric->moments = rfim__arena_matrix(arena, metric->algebra, units > 0 ? 2 : 0, units);
    metric->unit = rfim__arena_matrix(arena, metric->algebra, units > 0 ? 1 : 0, units);
    metric->next_unit = rfim__arena_matrix(arena, metric->algebra, units > 0 ? 1 : 0, units);
    metric->table->place(metric, arena);
    rfim__matrix m = {0};
    if (settings->background)
        m = metric->table->packed
                ? rfim__arena_packed(arena, metric->algebra, metric->block_order, metric->blocks)
                : rfim__arena_matrix(arena, metric->algebra, metric->m.rows, metric->m.columns);
    metric->snapshot = m;
}

/* A metric that is laid out nowhere yet. */
static void begin(rfim__algebra *algebra, const rfim__shape *shape,
                  const rfim__metric_settings *settings, rfim__metric *metric)
{
    metric->table = rfim__metric_tables[settings->representation];
    metric->algebra = algebra;
    metric->shape = *shape;
    metric->inverse = settings->inverse;
    metric->wide = settings->inverse && settings->wide;
    snprintf(metric->name, sizeof metric->name, "%s", settings->name);
    metric->table->blocks(shape, &metric->block_order, &metric->blocks);
}

static rfim_status allocate_state(rfim__metric *metric)
{
    rfim_context *context = metric->algebra->context;
    metric->parts = rfim__allocate(context, metric->shape.count, sizeof *metric->parts);
    if (!metric->parts)
        return RFIM_ERROR_MEMORY;
    memcpy(metric->parts, metric->shape.parts, metric->shape.count * sizeof *metric->parts);
    metric->shape.parts = metric->parts;
    metric->state = rfim__allocate(context, 1, metric->table->state_bytes(&metric->shape));
    return metric->state ? RFIM_OK : RFIM_ERROR_MEMORY;
}

static rfim_status too_large(const rfim__metric *metric, size_t allowed)
{
    char taken[RFIM__BYTES_TEXT];
    char limit[RFIM__BYTES_TEXT];
    rfim__bytes_text((double)metric->bytes, taken);
    rfim__bytes_text((double)allowed, limit);
    return rfim__fail(metric->algebra->context, RFIM_ERROR_MEMORY,
                      "the metric `%s` of %s takes %s of memory, more than the %s allowed",
                      metric->table->name, metric->name, taken, limit);
}

static rfim_status no_memory(const rfim__metric *metric)
{
    char wanted[RFIM__BYTES_TEXT];
    rfim__bytes_text((double)metric->bytes, wanted);
    return rfim__fail(metric->algebra->context, RFIM_ERROR_MEMORY,
                      "no memory for the metric `%s` of %s: %s; take a smaller representation",
                      metric->table->name, metric->name, wanted);
}

static rfim_status allocate(rfim__metric *metric, const rfim__metric_settings *settings)
{
    rfim__arena arena = {0};
    place(metric, settings, &arena);
    if (arena.overflow)
        return rfim__fail(metric->algebra->context, RFIM_ERROR_MEMORY,
                          "the metric `%s` of %s is more memory than this machine can address",
                          metric->table->name, metric->name);
    metric->bytes = arena.used;
    if (settings->max_bytes > 0 && arena.used > settings->max_bytes)
        return too_large(metric, settings->max_bytes);
    metric->storage = rfim__allocate(metric->algebra->context, arena.used, 1);
    if (!metric->storage)
        return no_memory(metric);
    arena = (rfim__arena){.base = metric->storage};
    place(metric, settings, &arena);
    return RFIM_OK;
}

/* Scratch, which all metrics of an algebra share. */
static rfim_status reserve(const rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    size_t room = metric->table->room(metric);
    if (room < SIZE_MAX)
        return rfim__algebra_reserve(algebra, room);
    return rfim__fail(algebra->context, RFIM_ERROR_UNSUPPORTED,
                      "the metric `%s` of %s has an order beyond %zu, the largest whose "
                      "eigenvalues can be computed; take `diagonal`",
                      metric->table->name, metric->name, RFIM__MOST_EIGEN_ORDER);
}

rfim_status rfim__metric_create(rfim__algebra *algebra, const rfim__shape *shape,
                                const rfim__metric_settings *settings, rfim__metric **out)
{
    *out = NULL;
    rfim__metric *metric = rfim__allocate(algebra->context, 1, sizeof *metric);
    if (!metric)
        return RFIM_ERROR_MEMORY;
    begin(algebra, shape, settings, metric);
    rfim_status status = allocate_state(metric);
    if (status == RFIM_OK)
        status = allocate(metric, settings);
    if (status == RFIM_OK)
        status = reserve(metric);
    if (status == RFIM_OK)
        metric->table->set_identity(metric, 0);
    if (status != RFIM_OK) {
        rfim__metric_free(metric);
        metric = NULL;
    }
    *out = metric;
    return status;
}

void rfim__metric_free(rfim__metric *metric)
{
    if (!metric)
        return;
    rfim_context *context = metric->algebra->context;
    rfim__release(context, metric->state);
    rfim__release(context, metric->storage);
    rfim__release(context, metric->parts);
    rfim__release(context, metric);
}

bool rfim__metric_plan(rfim__algebra *algebra, const rfim__shape *shape,
                       const rfim__metric_settings *settings, void *state, rfim__metric *metric,
                       rfim_metric_plan *out)
{
    rfim__arena arena = {0};
    *metric = (rfim__metric){.state = state};
    begin(algebra, shape, settings, metric);
    place(metric, settings, &arena);
    metric->bytes = arena.used;
    double scratch = (double)metric->table->room(metric) * (double)algebra->item;
    *out = (rfim_metric_plan){.order = shape->order,
                              .bytes = (double)arena.used,
                              .scratch_bytes = scratch * (double)algebra->threads};
    metric->table->plan(metric, out);
    return !arena.overflow;
}

void rfim__metric_set_prior(rfim__metric *metric, double prior)
{
    metric->prior = prior;
    metric->seen = false;
    metric->table->set_identity(metric, prior);
    if (prior == 0) /* no factor before the first refresh */
        return;
    rfim__matrix collected = metric->m;
    metric->m = metric->factor; /* an inverse has the layout of the metric */
    metric->table->set_identity(metric, 1 / prior);
    metric->m = collected;
}

/* M <- M + scale diag(a).   shared, neuron */
static void add_units(rfim__metric *metric, double scale)
{
    rfim__algebra *algebra = metric->algebra;
    size_t order = metric->block_order;
    for (size_t k = 0; k < order; k++) {
        rfim__matrix a = rfim__columns(algebra, metric->unit, k, 1);
        if (!metric->table->packed) {
            rfim__matrix own = rfim__columns(algebra, rfim__rows(algebra, metric->m, k, 1), k, 1);
            algebra->ops.combine(algebra, 1, own, scale, a, own);
            continue;
        }
        double unit = 0;
        algebra->ops.export(algebra, a, &unit);
        for (size_t j = 0; j < metric->blocks; j++) {
            size_t lanes = rfim__packed_lanes(algebra);
            rfim__matrix own = rfim__columns(
                algebra,
                rfim__packed_entry(algebra, metric->m, order, metric->blocks, j / lanes, k, k),
                j % lanes, 1);
            algebra->ops.combine(algebra, 1, own, scale, a, own);
        }
    }
}

/* The units as the samples so far have them, with the metric's own memory. The prior, that is I
 * until then, is in units of the first collection: of all its batches, so it is moved with them. */
static void collect_units(rfim__metric *metric, const rfim__collection *c, rfim__matrix x)
{
    const rfim__unit_kernels *kernels = rfim__unit_kernels_of(metric->algebra);
    double keep = metric->opening ? 0 : c->keep;
    double add = metric->opening ? 1 : c->add;
    if (metric->opening && c->begins)
        metric->table->set_identity(metric, 0);
    else if (metric->opening)
        add_units(metric, -c->keep * metric->prior);
    kernels->collect(c->begins ? keep : 1, add * c->share, x, metric->moments);
    kernels->of(metric->moments, metric->unit);
    if (metric->opening)
        add_units(metric, (c->begins ? 1 : c->keep) * metric->prior);
}

static void observe(rfim__metric *metric, const rfim__collection *collection,
                    const rfim__observation *seen)
{
    if (collection->begins)
        metric->opening = !metric->seen;
    if (metric->unit.rows > 0)
        collect_units(metric, collection, seen->parts[0].reference);
    metric->seen = true;
    metric->table->observe(metric, collection->begins ? collection->keep : 1,
                           collection->add * collection->share, seen);
}

void rfim__metric_observe_view(rfim__metric *metric, double keep, double add, double sigma,
                               const rfim__response_view *view)
{
    const rfim__collection whole = {keep, add, 1, true};
    rfim__metric_observe_part(metric, &whole, sigma, view);
}

void rfim__metric_observe_part(rfim__metric *metric, const rfim__collection *collection,
                               double sigma, const rfim__response_view *view)
{
    size_t n = view->input.rows;
    rfim__observed_part part = {.reference = view->input};
    rfim__observation seen = {n, 1, metric->shape.curvature, 1 / (sigma * sigma), &part};
    if (seen.curvature == RFIM__WEIGHTS) {
        part.curvature = rfim__rows(metric->algebra, metric->nu, 0, n);
        rfim__response_nu(metric->algebra, &view->activation,
                          rfim__family_of(view->activation.kind), sigma, view->pre, part.curvature);
    }
    observe(metric, collection, &seen);
}

void rfim__metric_observe_weights(rfim__metric *metric, const rfim__collection *collection,
                                  rfim__matrix x, rfim__matrix nu)
{
    rfim__observed_part part = {.reference = x, .curvature = nu};
    rfim__observation seen = {x.rows, 1, RFIM__WEIGHTS, 1, &part};
    observe(metric, collection, &seen);
}
