/* collect.c - metrics take in samples: from a trace, from a data set, from each other. */
#include "core/size.h"
#include "subsystem/handle.h"

#include <math.h>
#include <string.h>

#define PASS_SAMPLES 512

typedef struct collection {
    rfim_metric *metric;
    double keep;  /* of the next piece */
    double share; /* add / n: what a sample counts */
} collection;

static bool take(void *user, const rfim__observation *seen)
{
    collection *c = user;
    rfim__metric *core = c->metric->core;
    bool taken = core->table->observe(core, c->keep, c->share * (double)seen->samples, seen);
    c->keep = 1;
    return taken;
}

static rfim_status check_factors(rfim_metric *metric, double keep, double add)
{
    if (isfinite(keep) && isfinite(add))
        return RFIM_OK;
    return rfim__fail(metric->context, RFIM_ERROR_ARGUMENT,
                      "metric of %s: keep and add are finite numbers, found %g and %g",
                      metric->subsystem.name, keep, add);
}

/* softmax and gram keep the samples themselves. */
static rfim_status check_room(rfim_metric *metric, double keep, double add, size_t samples)
{
    const rfim__metric_table *table = metric->core->table;
    if (!table->samples)
        return RFIM_OK;
    if (keep < 0 || add < 0)
        return rfim__fail(metric->context, RFIM_ERROR_UNSUPPORTED,
                          "metric of %s: `%s` keeps samples and cannot take them off again: keep "
                          "and add are at least 0, found %g and %g; take `dense`",
                          metric->subsystem.name, table->name, keep, add);
    size_t most = metric->subsystem.options.max_samples;
    size_t kept = keep == 0 ? 0 : table->samples(metric->core);
    if (samples <= most && kept <= most - samples)
        return RFIM_OK;
    return rfim__fail(metric->context, RFIM_ERROR_SHAPE,
                      "metric of %s: `%s` keeps at most %zu samples, found %zu; raise max_samples, "
                      "or take fewer samples",
                      metric->subsystem.name, table->name, most, kept + samples);
}

static rfim_status check_trace(rfim_metric *metric, const rfim_trace *trace)
{
    if (trace->network != metric->network)
        return rfim__fail(metric->context, RFIM_ERROR_ARGUMENT,
                          "metric of %s: the trace belongs to another network",
                          metric->subsystem.name);
    if (!trace->forward_done)
        return rfim__fail(metric->context, RFIM_ERROR_ARGUMENT,
                          "metric of %s: call rfim_trace_forward before rfim_metric_observe",
                          metric->subsystem.name);
    if (trace->edition != trace->network->edition)
        return rfim__fail(metric->context, RFIM_ERROR_ARGUMENT,
                          "metric of %s: the network has changed since the forward pass; "
                          "pass the batch forward again",
                          metric->subsystem.name);
    return RFIM_OK;
}

rfim_status rfim_metric_observe(rfim_metric *metric, rfim_trace *trace, double keep, double add)
{
    if (!metric || !trace)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = check_trace(metric, trace);
    if (status == RFIM_OK)
        status = check_factors(metric, keep, add);
    if (status == RFIM_OK)
        status = check_room(metric, keep, add, add == 0 ? 0 : trace->samples);
    if (status != RFIM_OK)
        return status;
    collection c = {metric, keep, add / (double)trace->samples};
    rfim__algebra_begin(metric->context);
    rfim__observer_read(metric->observer, trace, take, &c);
    rfim__algebra_end(metric->context);
    metric->pass = keep == 0 && add == 1 ? trace->pass : 0;
    return RFIM_OK;
}

rfim_status rfim_metric_observe_dataset(rfim_metric *metric, const rfim_dataset *dataset,
                                        size_t samples)
{
    if (!metric || !dataset)
        return RFIM_ERROR_ARGUMENT;
    if (dataset->samples == 0)
        return rfim__fail(metric->context, RFIM_ERROR_ARGUMENT,
                          "metric of %s: the data set is empty; a metric is a mean over samples",
                          metric->subsystem.name);
    if (samples > dataset->samples)
        return rfim__fail(metric->context, RFIM_ERROR_ARGUMENT,
                          "metric of %s: the data set has %zu samples, %zu were asked for",
                          metric->subsystem.name, dataset->samples, samples);
    if (samples == 0)
        samples = dataset->samples;
    rfim_status status = check_room(metric, 0, 1, samples);
    if (status != RFIM_OK)
        return status;
    rfim_trace *trace = NULL;
    status = rfim__trace_create(metric->network, rfim__size_min(samples, PASS_SAMPLES), false,
                                &trace);
    if (status != RFIM_OK)
        return status;
    collection c = {metric, 0, 1 / (double)samples};
    metric->pass = 0;
    rfim__algebra_begin(metric->context);
    for (size_t first = 0; first < samples && status == RFIM_OK; first += PASS_SAMPLES) {
        status = rfim__trace_load(trace, dataset, NULL, first,
                                  rfim__size_min(samples - first, PASS_SAMPLES));
        if (status != RFIM_OK)
            break;
        rfim__trace_pass(trace, RFIM__INFER);
        rfim__observer_read(metric->observer, trace, take, &c);
    }
    rfim__algebra_end(metric->context);
    rfim_trace_free(trace);
    return status;
}

rfim_status rfim_metric_merge(rfim_metric *metric, double keep, double add,
                              const rfim_metric *other)
{
    if (!metric || !other)
        return RFIM_ERROR_ARGUMENT;
    const rfim_metric_options *a = &metric->subsystem.options;
    const rfim_metric_options *b = &other->subsystem.options;
    rfim_status status = check_factors(metric, keep, add);
    if (status != RFIM_OK)
        return status;
    if (metric->network->algebra->precision != other->network->algebra->precision ||
        strcmp(metric->network->text, other->network->text) != 0 || a->sigma != b->sigma ||
        a->first != b->first || a->last != b->last || a->first_output != b->first_output ||
        a->variable != b->variable || a->response != b->response ||
        a->representation != b->representation ||
        metric->subsystem.response.family != other->subsystem.response.family ||
        metric->subsystem.shape.order != other->subsystem.shape.order ||
        metric->subsystem.shape.copies != other->subsystem.shape.copies)
        return rfim__fail(metric->context, RFIM_ERROR_SHAPE,
                          "metric of %s: only a metric of the same subsystem, response, "
                          "representation and precision can be merged with it",
                          metric->subsystem.name);
    if (other->core->table->samples)
        status = check_room(metric, keep, add, other->core->table->samples(other->core));
    if (status != RFIM_OK)
        return status;
    rfim__algebra_begin(metric->context);
    metric->core->table->merge(metric->core, keep, add, other->core);
    rfim__algebra_end(metric->context);
    metric->pass = 0;
    return RFIM_OK;
}

rfim_status rfim_metric_reset(rfim_metric *metric, double scale)
{
    if (!metric)
        return RFIM_ERROR_ARGUMENT;
    if (!isfinite(scale))
        return rfim__fail(metric->context, RFIM_ERROR_ARGUMENT,
                          "metric of %s: the scale of a reset is a finite number, found %g",
                          metric->subsystem.name, scale);
    if (scale != 0 && metric->core->table->samples)
        return rfim__fail(metric->context, RFIM_ERROR_UNSUPPORTED,
                          "metric of %s: `%s` keeps samples and can only be emptied (scale 0), "
                          "found %g",
                          metric->subsystem.name, metric->core->table->name, scale);
    rfim__algebra_begin(metric->context);
    metric->core->table->set_identity(metric->core, scale);
    rfim__algebra_end(metric->context);
    metric->core->factorised = false;
    metric->pass = 0;
    return RFIM_OK;
}
