/* shared.c - the metric of a linear layer: G = (1/n) X~^T X~ / sigma^2, one block for all outputs
 * (Sun and Nielsen 2017, linear layer; with damping known as FOOF, Benzing 2022).
 * Cost: observe n D^2 flops, Cholesky D^3/3, inverse 2 D^3, direction 2 D^2 m. */
#include "metric/metric.h"

#include <math.h>
#include <string.h>

static size_t order_of(const rfim__metric *metric)
{
    return metric->shape.parts[0].rows;
}

static double copies_of(const rfim__metric *metric)
{
    return (double)metric->shape.parts[0].columns;
}

static size_t state_bytes(const rfim__shape *shape)
{
    (void)shape;
    return 0;
}

static bool holds(const rfim__shape *shape)
{
    return shape->count == 1 && shape->parts[0].kind == RFIM__LAYER &&
           shape->curvature == RFIM__UNIT;
}

static void blocks(const rfim__shape *shape, size_t *block_order, size_t *count)
{
    *block_order = shape->parts[0].rows;
    *count = 1;
}

static void plan(const rfim__metric *metric, rfim_metric_plan *out)
{
    double D = (double)order_of(metric);
    out->blocks = 1;
    out->factor_order = order_of(metric);
    out->observe_flops = D * D;
    out->refresh_flops = metric->inverse ? D * D * D : D * D * D / 3;
    out->solve_flops = 2 * D * D * copies_of(metric);
}

static void place(rfim__metric *metric, rfim__arena *arena)
{
    size_t order = order_of(metric);
    metric->m = rfim__arena_matrix(arena, metric->algebra, order, order);
    metric->factor = rfim__arena_matrix(arena, metric->algebra, order, order);
    metric->next_factor = rfim__arena_matrix(arena, metric->algebra, order, order);
}

static size_t room(const rfim__metric *metric)
{
    size_t order = order_of(metric);
    return metric->inverse ? rfim__invert_damped_room(metric->algebra, order)
                           : metric->algebra->ops.eigen_room(order, false);
}

static rfim__matrix entry(const rfim__algebra *algebra, rfim__matrix x, size_t k)
{
    return rfim__columns(algebra, rfim__rows(algebra, x, k, 1), k, 1);
}

static void set_identity(rfim__metric *metric, double scale)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.fill(algebra, 0, metric->m);
    for (size_t k = 0; k < metric->m.rows; k++)
        algebra->ops.fill(algebra, scale, entry(algebra, metric->m, k));
}

static bool observe(rfim__metric *metric, double keep, double add, const rfim__observation *seen)
{
    metric->algebra->ops.gram(metric->algebra, keep, add * seen->scale / (double)seen->samples,
                              seen->parts[0].reference, metric->m);
    return true;
}

static bool merge(rfim__metric *metric, double keep, double add, const rfim__metric *other)
{
    metric->algebra->ops.combine(metric->algebra, keep, metric->m, add, other->m, metric->m);
    return true;
}

static size_t tensors(rfim__metric *metric, rfim__metric_tensor out[RFIM__METRIC_TENSORS])
{
    out[0] = (rfim__metric_tensor){"metric", &metric->m, metric->m.rows};
    return 1;
}

static void block_diagonal(rfim__metric *metric, rfim__matrix out)
{
    rfim__algebra *algebra = metric->algebra;
    for (size_t k = 0; k < metric->m.rows; k++)
        algebra->ops.combine(algebra, 1, entry(algebra, metric->m, k), 0, out,
                             rfim__rows(algebra, out, k, 1));
}

static void multiply(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.symmetrise(algebra, metric->m);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, metric->m, v[0], 0, out[0]);
}

static void diagonal(rfim__metric *metric, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    block_diagonal(metric, rfim__columns(algebra, out[0], 0, 1));
    for (size_t j = 1; j < out[0].columns; j++)
        algebra->ops.combine(algebra, 1, rfim__columns(algebra, out[0], 0, 1), 0, out[0],
                             rfim__columns(algebra, out[0], j, 1));
}

static double squares(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.symmetrise(algebra, metric->m);
    return copies_of(metric) * algebra->ops.dot(algebra, metric->m, metric->m);
}

static bool spectrum(rfim__metric *metric, double *out)
{
    rfim__algebra *algebra = metric->algebra;
    size_t order = metric->m.rows;
    rfim__matrix copy = metric->next_factor; /* free between refreshes */
    algebra->ops.combine(algebra, 1, metric->m, 0, metric->m, copy);
    if (algebra->ops.eigen(algebra, copy, false, metric->row) != 0)
        return false;
    algebra->ops.export(algebra, metric->row, out);
    for (size_t j = 1; j < metric->shape.parts[0].columns; j++)
        memcpy(out + j * order, out, order * sizeof *out);
    return true;
}

static size_t factorise(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__matrix next = metric->next_factor;
    algebra->ops.combine(algebra, 1, metric->m, 0, metric->m, next);
    for (size_t k = 0; k < next.rows; k++)
        algebra->ops.combine(algebra, 1, entry(algebra, next, k), 1,
                             rfim__rows(algebra, metric->next_lambda, k, 1),
                             entry(algebra, next, k));
    return algebra->ops.cholesky(algebra, next) > 0 ? 1 : 0;
}

static size_t invert(rfim__metric *metric, rfim__algebra *algebra)
{
    size_t failed = algebra->ops.invert_damped(algebra, rfim__metric_source(metric),
                                               metric->next_lambda, metric->next_factor,
                                               metric->next_wide);
    return failed > 0 ? 1 : 0;
}

static void accept(rfim__metric *metric)
{
    rfim__matrix_swap(&metric->factor, &metric->next_factor);
}

static void solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.combine(algebra, 1, v[0], 0, v[0], out[0]);
    algebra->ops.cholesky_solve(algebra, metric->factor, out[0]);
}

static void sqrt_solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.combine(algebra, 1, v[0], 0, v[0], out[0]);
    algebra->ops.triangle_solve(algebra, metric->factor, RFIM__TRANSPOSED, out[0]);
}

static double log_det(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    double sum = 0;
    for (size_t k = 0; k < metric->factor.rows; k++) {
        double pivot = 0;
        algebra->ops.export(algebra, entry(algebra, metric->factor, k), &pivot);
        sum += 2 * log(pivot);
    }
    return copies_of(metric) * sum;
}

static void direction(rfim__metric *metric, const rfim__matrix *gradient, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    if (metric->inverse)
        algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, metric->factor, gradient[0], 0,
                          out[0]);
    else
        solve(metric, gradient, out);
}

const rfim__metric_table rfim__shared_metric = {
    .name = "shared",
    .representation = RFIM_SHARED,
    .state_bytes = state_bytes,
    .holds = holds,
    .blocks = blocks,
    .plan = plan,
    .place = place,
    .room = room,
    .set_identity = set_identity,
    .observe = observe,
    .merge = merge,
    .tensors = tensors,
    .block_diagonal = block_diagonal,
    .multiply = multiply,
    .diagonal = diagonal,
    .squares = squares,
    .spectrum = spectrum,
    .factorise = factorise,
    .invert = invert,
    .accept = accept,
    .solve = solve,
    .sqrt_solve = sqrt_solve,
    .log_det = log_det,
    .direction = direction,
};
