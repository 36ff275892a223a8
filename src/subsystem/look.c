/* look.c - what there is to see of a metric: quadratic forms, trace, spectrum, every entry. */
#include "subsystem/handle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

rfim_status rfim_metric_quadratic(rfim_metric *metric, const double *v, double *out)
{
    if (!metric || !v || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim__algebra *algebra = metric->network->algebra;
    rfim__algebra_begin(metric->context);
    rfim_status status = rfim__handle_import(metric, v);
    if (status == RFIM_OK) {
        metric->core->table->multiply(metric->core, metric->v, metric->out);
        *out = 0;
        for (size_t p = 0; p < metric->subsystem.shape.count; p++)
            *out += algebra->ops.dot(algebra, metric->v[p], metric->out[p]);
    }
    rfim__algebra_end(metric->context);
    return status;
}

rfim_status rfim_metric_metric_trace(rfim_metric *metric, double *out)
{
    if (!metric || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim__algebra *algebra = metric->network->algebra;
    rfim__algebra_begin(metric->context);
    metric->core->table->diagonal(metric->core, metric->out);
    *out = 0;
    for (size_t p = 0; p < metric->subsystem.shape.count; p++) {
        algebra->ops.fill(algebra, 1, metric->v[p]);
        *out += algebra->ops.dot(algebra, metric->v[p], metric->out[p]);
    }
    rfim__algebra_end(metric->context);
    return RFIM_OK;
}

rfim_status rfim_metric_diagonal(rfim_metric *metric, double *out)
{
    if (!metric || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim__algebra_begin(metric->context);
    metric->core->table->diagonal(metric->core, metric->out);
    rfim__handle_export(metric, metric->out, out);
    rfim__algebra_end(metric->context);
    return RFIM_OK;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x < y) - (x > y);
}

rfim_status rfim_metric_spectrum(rfim_metric *metric, double *out)
{
    if (!metric || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim__algebra_begin(metric->context);
    bool converged = metric->core->table->spectrum(metric->core, out);
    rfim__algebra_end(metric->context);
    if (!converged)
        return rfim__fail(metric->context, RFIM_DIVERGED,
                          "metric of %s: its eigenvalues cannot be computed: it holds NaN or "
                          "infinite numbers, or its order is beyond %zu",
                          metric->subsystem.name, RFIM__MOST_EIGEN_ORDER);
    qsort(out, metric->subsystem.shape.order, sizeof *out, descending);
    return RFIM_OK;
}

rfim_status rfim_metric_effective_rank(rfim_metric *metric, double *out)
{
    double metric_trace = 0;
    if (!metric || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = rfim_metric_metric_trace(metric, &metric_trace);
    if (status != RFIM_OK)
        return status;
    rfim__algebra_begin(metric->context);
    double squares = metric->core->table->squares(metric->core);
    rfim__algebra_end(metric->context);
    *out = squares == 0 ? 0 : metric_trace * metric_trace / squares; /* NaN stays */
    return RFIM_OK;
}

/* A dense metric is there already. */
static rfim_status export_dense(rfim_metric *metric, double *out)
{
    rfim__algebra *algebra = metric->network->algebra;
    algebra->ops.symmetrise(algebra, metric->core->m);
    algebra->ops.export(algebra, metric->core->m, out);
    return RFIM_OK;
}

/* Else column after column, G e_c; G is symmetric, so that rows are columns. */
rfim_status rfim_metric_to_dense(rfim_metric *metric, double *out)
{
    if (!metric || !out)
        return RFIM_ERROR_ARGUMENT;
    size_t order = metric->subsystem.shape.order;
    rfim_status status = RFIM_OK;
    if (metric->subsystem.options.representation == RFIM_DENSE)
        return export_dense(metric, out);
    for (size_t c = 0; c < order && status == RFIM_OK; c++) {
        double *row = out + c * order;
        memset(row, 0, order * sizeof *row);
        row[c] = 1;
        status = rfim_metric_multiply(metric, row, row);
    }
    for (size_t c = 0; c < order; c++) /* the same bits on both sides */
        for (size_t k = 0; k < c; k++)
            out[k * order + c] = out[c * order + k];
    return status;
}
