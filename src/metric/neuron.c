/* neuron.c - the metric of a non-linear layer: G_j = (1/n) X~^T diag(nu_:j) X~, one block for each
 * neuron (Sun and Nielsen 2017, non-linear layer), kept as packed lanes (algebra/algebra.h).
 * Cost: observe n m D^2 flops, invert m D^3, direction 2 m D^2. */
#include "metric/metric.h"

static void shape(size_t order, size_t outputs, size_t *rows, size_t *columns)
{
    *rows = rfim__triangle(order);
    *columns = outputs;
}

static size_t room(size_t samples, size_t order)
{
    size_t collect = rfim__gram_weighted_room(samples, order);
    size_t factor = rfim__packed_invert_room(order);
    return collect > factor ? collect : factor;
}

static size_t work_rows(size_t samples)
{
    return samples; /* nu */
}

static void set_identity(rfim__metric *metric, double scale, rfim__matrix m)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.fill(algebra, 0, m);
    for (size_t k = 0; k < metric->order; k++)
        algebra->ops.fill(algebra, scale, rfim__rows(algebra, m, rfim__triangle(k) + k, 1));
}

static void observe(rfim__metric *metric, double keep, double add, const rfim__response_view *view)
{
    rfim__matrix nu = rfim__rows(metric->algebra, metric->work, 0, view->input.rows);
    rfim__response_nu(metric->algebra, &view->activation, rfim__family_of(view->activation.kind),
                      metric->sigma, view->pre, nu);
    metric->algebra->ops.gram_weighted(metric->algebra, keep, add / (double)view->input.rows,
                                       view->input, nu, metric->m);
}

static void diagonal(rfim__metric *metric, rfim__matrix out)
{
    metric->algebra->ops.packed_diagonal(metric->algebra, metric->m, out);
}

static size_t invert(rfim__metric *metric, rfim__matrix lambda, rfim__matrix p)
{
    return metric->algebra->ops.packed_invert(metric->algebra, metric->m, lambda, p);
}

static void direction(rfim__metric *metric, rfim__matrix gradient, rfim__matrix out)
{
    metric->algebra->ops.packed_multiply(metric->algebra, metric->p, gradient, out);
}

const rfim__metric_table rfim__neuron_metric = {
    .name = "neuron",
    .shape = shape,
    .room = room,
    .work_rows = work_rows,
    .set_identity = set_identity,
    .observe = observe,
    .diagonal = diagonal,
    .invert = invert,
    .direction = direction,
};
