/* shared.c - the metric of a linear layer: G = (1/n) X~^T X~ / sigma^2, one block for all outputs
 * (Sun and Nielsen 2017, linear layer; with damping known as FOOF, Benzing 2022).
 * Cost: observe n D^2 flops, invert 2 D^3, direction 2 D^2 m. */
#include "metric/metric.h"

static void shape(size_t order, size_t outputs, size_t *rows, size_t *columns)
{
    (void)outputs;
    *rows = order;
    *columns = order;
}

static size_t room(size_t samples, size_t order)
{
    (void)samples;
    (void)order;
    return 0;
}

static rfim__matrix entry(const rfim__algebra *algebra, rfim__matrix x, size_t k)
{
    return rfim__columns(algebra, rfim__rows(algebra, x, k, 1), k, 1);
}

static size_t work_rows(size_t samples)
{
    (void)samples;
    return 0;
}

static void set_identity(rfim__metric *metric, double scale, rfim__matrix m)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.fill(algebra, 0, m);
    for (size_t k = 0; k < metric->order; k++)
        algebra->ops.fill(algebra, scale, entry(algebra, m, k));
}

static void observe(rfim__metric *metric, double keep, double add, const rfim__response_view *view)
{
    double n = (double)view->input.rows;
    metric->algebra->ops.gram(metric->algebra, keep, add / (n * metric->sigma * metric->sigma),
                              view->input, metric->m);
}

static void diagonal(rfim__metric *metric, rfim__matrix out)
{
    rfim__algebra *algebra = metric->algebra;
    for (size_t k = 0; k < metric->order; k++)
        algebra->ops.combine(algebra, 1, entry(algebra, metric->m, k), 0, out,
                             rfim__rows(algebra, out, k, 1));
}

static size_t invert(rfim__metric *metric, rfim__matrix lambda, rfim__matrix p)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.combine(algebra, 1, metric->m, 0, metric->m, p);
    for (size_t k = 0; k < metric->order; k++)
        algebra->ops.combine(algebra, 1, entry(algebra, p, k), 1, rfim__rows(algebra, lambda, k, 1),
                             entry(algebra, p, k));
    if (algebra->ops.cholesky(algebra, p) > 0)
        return 1;
    algebra->ops.cholesky_invert(algebra, p);
    return 0;
}

static void direction(rfim__metric *metric, rfim__matrix gradient, rfim__matrix out)
{
    metric->algebra->ops.gemm(metric->algebra, RFIM__PLAIN, RFIM__PLAIN, 1, metric->p, gradient, 0,
                              out);
}

const rfim__metric_table rfim__shared_metric = {
    .name = "shared",
    .shape = shape,
    .room = room,
    .work_rows = work_rows,
    .set_identity = set_identity,
    .observe = observe,
    .diagonal = diagonal,
    .invert = invert,
    .direction = direction,
};
