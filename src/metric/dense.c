/* dense.c - every entry of G = (1/n) sum_i J_i^T P_i J_i, [N x N] in flat order (vector.h), of
 * which the lower triangle counts. Exact for every curvature (dense_observe.c).
 * Cost: Cholesky N^3/3 flops, solve 2 N^2. */
#include "metric/dense.h"

#include "core/size.h"
#include "metric/vector.h"

#include <math.h>

#define MOST_JACOBIAN_ROWS ((size_t)256)

static const rfim__part *part_of(const rfim__metric *metric)
{
    return &metric->shape.parts[0];
}

static size_t state_bytes(const rfim__shape *shape)
{
    (void)shape;
    return sizeof(rfim__dense_state);
}

static bool holds(const rfim__shape *shape)
{
    (void)shape;
    return true;
}

static void blocks(const rfim__shape *shape, size_t *block_order, size_t *count)
{
    *block_order = shape->order;
    *count = 1;
}

static double observe_flops(const rfim__shape *shape)
{
    double D = (double)shape->parts[0].rows;
    double m = (double)shape->parts[0].columns;
    double N = (double)shape->order;
    switch (shape->curvature) {
    case RFIM__UNIT:
        return D * D;
    case RFIM__WEIGHTS:
        return m * D * D;
    case RFIM__CLASSES:
        return m * m * D * D;
    default:
        return (double)shape->copies * N * N;
    }
}

static void plan(const rfim__metric *metric, rfim_metric_plan *out)
{
    double N = (double)metric->shape.order;
    out->blocks = 1;
    out->factor_order = metric->shape.order;
    out->observe_flops = observe_flops(&metric->shape);
    out->refresh_flops = N * N * N / 3;
    out->solve_flops = 2 * N * N;
}

/* Jacobian rows that the work area holds */
static size_t jacobian_rows(const rfim__shape *shape)
{
    size_t rows = 0;
    if (shape->curvature != RFIM__FACTORS)
        return 0;
    if (!rfim__size_multiply(shape->copies, shape->piece, &rows))
        return MOST_JACOBIAN_ROWS;
    return rfim__size_min(rows, MOST_JACOBIAN_ROWS);
}

static void place(rfim__metric *metric, rfim__arena *arena)
{
    rfim__dense_state *state = metric->state;
    rfim__algebra *algebra = metric->algebra;
    const rfim__shape *shape = &metric->shape;
    size_t order = shape->order;
    size_t piece = shape->curvature == RFIM__FACTORS ? 0 : shape->piece;
    size_t rows = part_of(metric)->rows;
    metric->m = rfim__arena_matrix(arena, algebra, order, order);
    metric->factor = rfim__arena_matrix(arena, algebra, order, order);
    metric->next_factor = rfim__arena_matrix(arena, algebra, order, order);
    rfim__weights_place(arena, algebra, shape, piece, &state->weights);
    state->column = rfim__arena_matrix(arena, algebra, piece, 1);
    state->scaled = rfim__arena_matrix(arena, algebra, piece, rows);
    state->block = rfim__arena_matrix(arena, algebra, piece > 0 ? rows : 0, rows);
    state->jacobian = rfim__arena_matrix(arena, algebra, jacobian_rows(shape), order);
    state->flat = rfim__vector_place_flat(arena, algebra, order);
    state->product = rfim__vector_place_flat(arena, algebra, order);
}

static size_t room(const rfim__metric *metric)
{
    return metric->algebra->ops.eigen_room(metric->shape.order, false);
}

/* The diagonal of a square matrix, as a column */
static rfim__matrix diagonal_of(rfim__matrix x)
{
    rfim__matrix view = {x.data, x.rows, 1, x.stride + 1};
    return view;
}

static void set_identity(rfim__metric *metric, double scale)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.fill(algebra, 0, metric->m);
    algebra->ops.fill(algebra, scale, diagonal_of(metric->m));
}

static void copy(rfim__algebra *algebra, rfim__matrix x, rfim__matrix to)
{
    algebra->ops.combine(algebra, 1, x, 0, x, to);
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

/* --- looking ---------------------------------------------------------------------------------- */

static void block_diagonal(rfim__metric *metric, rfim__matrix out)
{
    copy(metric->algebra, diagonal_of(metric->m), out);
}

static void diagonal(rfim__metric *metric, rfim__matrix *out)
{
    rfim__dense_state *state = metric->state;
    block_diagonal(metric, state->flat);
    rfim__vector_unflatten(metric->algebra, &metric->shape, state->flat, out);
}

static void multiply(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dense_state *state = metric->state;
    rfim__vector_flatten(algebra, &metric->shape, v, state->flat);
    algebra->ops.symmetrise(algebra, metric->m);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, metric->m, state->flat, 0,
                      state->product);
    rfim__vector_unflatten(algebra, &metric->shape, state->product, out);
}

static double squares(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.symmetrise(algebra, metric->m);
    return algebra->ops.dot(algebra, metric->m, metric->m);
}

static bool spectrum(rfim__metric *metric, double *out)
{
    rfim__algebra *algebra = metric->algebra;
    copy(algebra, metric->m, metric->next_factor); /* free between refreshes */
    if (algebra->ops.eigen(algebra, metric->next_factor, false, metric->row) != 0)
        return false;
    algebra->ops.export(algebra, metric->row, out);
    return true;
}

/* --- factorising and solving ------------------------------------------------------------------ */

static size_t factorise(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__matrix next = metric->next_factor;
    copy(algebra, metric->m, next);
    algebra->ops.combine(algebra, 1, diagonal_of(next), 1, metric->next_lambda, diagonal_of(next));
    return algebra->ops.cholesky(algebra, next) > 0 ? 1 : 0;
}

static void accept(rfim__metric *metric)
{
    rfim__matrix_swap(&metric->factor, &metric->next_factor);
}

static void solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    rfim__dense_state *state = metric->state;
    rfim__vector_flatten(metric->algebra, &metric->shape, v, state->flat);
    metric->algebra->ops.cholesky_solve(metric->algebra, metric->factor, state->flat);
    rfim__vector_unflatten(metric->algebra, &metric->shape, state->flat, out);
}

/* S = L^-T */
static void sqrt_solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dense_state *state = metric->state;
    rfim__vector_flatten(algebra, &metric->shape, v, state->flat);
    algebra->ops.triangle_solve(algebra, metric->factor, RFIM__TRANSPOSED, state->flat);
    rfim__vector_unflatten(algebra, &metric->shape, state->flat, out);
}

static double log_det(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    double sum = 0;
    for (size_t k = 0; k < metric->factor.rows; k++) {
        double pivot = 0;
        algebra->ops.export(algebra, rfim__rows(algebra, diagonal_of(metric->factor), k, 1),
                            &pivot);
        sum += 2 * log(pivot);
    }
    return sum;
}

const rfim__metric_table rfim__dense_metric = {
    .name = "dense",
    .representation = RFIM_DENSE,
    .state_bytes = state_bytes,
    .holds = holds,
    .blocks = blocks,
    .plan = plan,
    .place = place,
    .room = room,
    .set_identity = set_identity,
    .observe = rfim__dense_observe,
    .merge = merge,
    .tensors = tensors,
    .block_diagonal = block_diagonal,
    .multiply = multiply,
    .diagonal = diagonal,
    .squares = squares,
    .spectrum = spectrum,
    .factorise = factorise,
    .accept = accept,
    .solve = solve,
    .sqrt_solve = sqrt_solve,
    .log_det = log_det,
    .direction = solve,
};
