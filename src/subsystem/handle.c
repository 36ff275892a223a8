/* handle.c - metrics come and go: options, plans, creation. */
#include "subsystem/handle.h"

#include "core/size.h"
#include "metric/representation.h"
#include "metric/vector.h"

#include <math.h>
#include <stdio.h>

#define MAX_SAMPLES 1024
#define MAX_BYTES ((size_t)1 << 31)

void rfim_metric_defaults(rfim_metric_options *options)
{
    *options = (rfim_metric_options){.sigma = 1,
                                     .representation = RFIM_DENSE,
                                     .max_samples = MAX_SAMPLES,
                                     .max_bytes = MAX_BYTES};
}

rfim_status rfim_metric_plan_get(rfim_network *network, const rfim_metric_options *options,
                                 rfim_metric_plan *out)
{
    if (!network || !options || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim__subsystem subsystem;
    rfim__metric metric;
    rfim_status status = rfim__subsystem_resolve(network, options, &subsystem);
    if (status != RFIM_OK)
        return status;
    rfim__metric_settings settings = {.representation = options->representation,
                                      .name = subsystem.name};
    const rfim__metric_table *table = rfim__metric_tables[options->representation];
    void *state = rfim__allocate(network->context, 1, table->state_bytes(&subsystem.shape));
    if (!state)
        status = RFIM_ERROR_MEMORY;
    else if (!rfim__metric_plan(network->algebra, &subsystem.shape, &settings, state, &metric, out))
        out->bytes = INFINITY;
    rfim__release(network->context, state);
    rfim__subsystem_release(&subsystem);
    return status;
}

/* Lays out the vectors; with arena->base NULL only the bytes are counted. */
static void place(rfim_metric *metric, rfim__arena *arena)
{
    const rfim__shape *shape = &metric->subsystem.shape;
    rfim__algebra *algebra = metric->network->algebra;
    rfim__vector_place(arena, algebra, shape, metric->v);
    rfim__vector_place(arena, algebra, shape, metric->out);
    metric->flat = rfim__vector_place_flat(arena, algebra, shape->order);
}

static rfim_status allocate_vectors(rfim_metric *metric)
{
    rfim__arena arena = {0};
    size_t parts = metric->subsystem.shape.count;
    metric->v = rfim__allocate(metric->context, parts, sizeof *metric->v);
    metric->out = rfim__allocate(metric->context, parts, sizeof *metric->out);
    if (!metric->v || !metric->out)
        return RFIM_ERROR_MEMORY;
    place(metric, &arena);
    metric->storage = rfim__allocate(metric->context, arena.used, 1);
    if (!metric->storage)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = metric->storage};
    place(metric, &arena);
    return RFIM_OK;
}

/* Bytes of the subsystem's metric in another representation; INFINITY where that cannot hold it. */
static double bytes_as(rfim_network *network, const rfim_metric_options *options,
                       rfim_representation representation)
{
    rfim_metric_options other = *options;
    rfim_metric_plan plan;
    other.representation = representation;
    return rfim_metric_plan_get(network, &other, &plan) == RFIM_OK ? plan.bytes : INFINITY;
}

static bool is_too_large(rfim_network *network, const rfim_metric_options *options)
{
    return bytes_as(network, options, options->representation) > (double)options->max_bytes;
}

/* Goes on with the sentence of a metric that takes too much: what would fit. */
static rfim_status advise(rfim_network *network, const rfim_metric_options *options)
{
    char sentence[RFIM__ERROR_SIZE];
    char names[128] = "";
    size_t used = 0;
    const rfim__metric_table *table = rfim__metric_tables[options->representation];
    snprintf(sentence, sizeof sentence, "%s", network->context->error);
    for (int r = 0; r < RFIM_REPRESENTATIONS; r++) {
        rfim_representation other = (rfim_representation)r;
        if (other == options->representation ||
            bytes_as(network, options, other) > (double)options->max_bytes)
            continue;
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? " or " : "",
                                 rfim_representation_name(other));
    }
    return rfim__fail(network->context, RFIM_ERROR_MEMORY, "%.700s; %s%s%s%s", sentence,
                      used > 0 ? "take " : "", names, used > 0 ? ", or " : "",
                      table->samples ? "keep fewer samples (max_samples), or raise max_bytes"
                                     : "raise max_bytes");
}

rfim_status rfim_metric_create(rfim_network *network, const rfim_metric_options *options,
                               rfim_metric **out)
{
    if (out)
        *out = NULL;
    if (!network || !options || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim_metric *metric = rfim__allocate(network->context, 1, sizeof *metric);
    if (!metric)
        return RFIM_ERROR_MEMORY;
    metric->context = network->context;
    metric->network = network;
    rfim_status status = rfim__subsystem_resolve(network, options, &metric->subsystem);
    if (status != RFIM_OK) {
        rfim__release(network->context, metric);
        return status;
    }
    rfim__metric_settings settings = {.representation = options->representation,
                                      .name = metric->subsystem.name,
                                      .max_bytes = options->max_bytes};
    rfim__algebra_begin(network->context);
    status = rfim__metric_create(network->algebra, &metric->subsystem.shape, &settings,
                                 &metric->core);
    rfim__algebra_end(network->context);
    if (status == RFIM_ERROR_MEMORY && options->max_bytes > 0 && is_too_large(network, options))
        status = advise(network, options);
    if (status == RFIM_OK)
        status = rfim__observer_create(&metric->subsystem, &metric->observer);
    if (status == RFIM_OK)
        status = allocate_vectors(metric);
    if (status != RFIM_OK) {
        rfim_metric_free(metric);
        metric = NULL;
    }
    *out = metric;
    return status;
}

void rfim_metric_free(rfim_metric *metric)
{
    if (!metric)
        return;
    rfim_context *context = metric->context;
    rfim__metric_free(metric->core);
    rfim__observer_free(metric->observer);
    rfim__release(context, metric->v);
    rfim__release(context, metric->out);
    rfim__release(context, metric->storage);
    rfim__subsystem_release(&metric->subsystem);
    rfim__release(context, metric);
}

void rfim_metric_options_get(const rfim_metric *metric, rfim_metric_options *out)
{
    if (metric && out)
        *out = metric->subsystem.options;
}

size_t rfim_metric_order(const rfim_metric *metric)
{
    return metric ? metric->subsystem.shape.order : 0;
}

rfim_status rfim__handle_like(const rfim_metric *metric, rfim_representation representation,
                              rfim_metric **out)
{
    rfim_metric_options options = metric->subsystem.options;
    options.representation = representation;
    return rfim_metric_create(metric->network, &options, out);
}

rfim_status rfim__handle_import(rfim_metric *metric, const double *values)
{
    rfim__algebra *algebra = metric->network->algebra;
    algebra->ops.import(algebra, values, metric->flat);
    if (!algebra->ops.finite(algebra, metric->flat))
        return rfim__fail(metric->context, RFIM_ERROR_ARGUMENT,
                          "metric of %s: the vector holds NaN or infinite numbers",
                          metric->subsystem.name);
    rfim__vector_unflatten(algebra, &metric->subsystem.shape, metric->flat, metric->v);
    return RFIM_OK;
}

void rfim__handle_export(rfim_metric *metric, const rfim__matrix *list, double *values)
{
    rfim__algebra *algebra = metric->network->algebra;
    rfim__vector_flatten(algebra, &metric->subsystem.shape, list, metric->flat);
    algebra->ops.export(algebra, metric->flat, values);
}

rfim_status rfim__handle_check_factor(const rfim_metric *metric, const char *verb)
{
    if (metric->core->factorised)
        return RFIM_OK;
    return rfim__fail(metric->context, RFIM_ERROR_ARGUMENT,
                      "metric of %s: call rfim_metric_refresh before %s", metric->subsystem.name,
                      verb);
}
