/* diagonal.c - the diagonal of G alone, flat (vector.h), for every kind of part:
 *
 *   LAYER     G_kj = (1/n) sum_i x~_ik^2 (P_i)_jj
 *   CHANNELS  gamma: (1/n) sum_i a^_ij^2 (P_i)_jj    beta: (1/n) sum_i (P_i)_jj
 *
 * In flat order the numbers of a part are the transpose [m x rows] of its matrix.
 * Cost: observe 2 n N flops, all else N. */
#include "core/size.h"
#include "metric/divide.h"
#include "metric/metric.h"
#include "metric/vector.h"
#include "metric/weights.h"

typedef struct diagonal_state {
    rfim__weights weights;
    rfim__matrix squares; /* [piece x rows of the largest part] */
    rfim__matrix ones;    /* [piece x 1] */
    rfim__matrix flat;    /* [N x 1]: a vector */
} diagonal_state;

static size_t state_bytes(const rfim__shape *shape)
{
    (void)shape;
    return sizeof(diagonal_state);
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

static void plan(const rfim__metric *metric, rfim_metric_plan *out)
{
    double N = (double)metric->shape.order;
    out->blocks = metric->shape.order;
    out->factor_order = 1;
    out->observe_flops = (double)(metric->shape.copies + 1) * N;
    out->refresh_flops = N;
    out->solve_flops = N;
}

static void place(rfim__metric *metric, rfim__arena *arena)
{
    diagonal_state *state = metric->state;
    rfim__algebra *algebra = metric->algebra;
    const rfim__shape *shape = &metric->shape;
    size_t widest = 0;
    for (size_t p = 0; p < shape->count; p++)
        widest = rfim__size_max(widest, shape->parts[p].kind == RFIM__LAYER
                                            ? shape->parts[p].rows
                                            : shape->parts[p].columns);
    metric->m = rfim__vector_place_flat(arena, algebra, shape->order);
    metric->factor = rfim__vector_place_flat(arena, algebra, shape->order);
    metric->next_factor = rfim__vector_place_flat(arena, algebra, shape->order);
    rfim__weights_place(arena, algebra, shape, shape->piece, &state->weights);
    state->squares = rfim__arena_matrix(arena, algebra, shape->piece, widest);
    state->ones = rfim__arena_matrix(arena, algebra, shape->piece, 1);
    state->flat = rfim__vector_place_flat(arena, algebra, shape->order);
}

static size_t room(const rfim__metric *metric)
{
    (void)metric;
    return 0;
}

static void set_identity(rfim__metric *metric, double scale)
{
    metric->algebra->ops.fill(metric->algebra, scale, metric->m);
}

/* --- collecting ------------------------------------------------------------------------------- */

/* The numbers of a part in G, [m x rows] */
static rfim__matrix numbers_of(const rfim__metric *metric, size_t p)
{
    const rfim__part *part = &metric->shape.parts[p];
    rfim__matrix view = {(char *)metric->m.data + part->first * metric->algebra->item,
                         part->columns, part->rows, part->rows};
    return view;
}

static void observe_part(rfim__metric *metric, double keep, double add,
                         const rfim__observation *seen, size_t p)
{
    rfim__algebra *algebra = metric->algebra;
    diagonal_state *state = metric->state;
    rfim__matrix to = numbers_of(metric, p);
    rfim__matrix x = seen->parts[p].reference;
    rfim__matrix weights = rfim__weights_of(algebra, &state->weights, seen, p);
    rfim__matrix squares = rfim__columns(algebra, rfim__rows(algebra, state->squares, 0, x.rows), 0,
                                         x.columns);
    rfim__matrix ones = rfim__rows(algebra, state->ones, 0, x.rows);
    algebra->ops.multiply(algebra, x, x, squares);
    if (metric->shape.parts[p].kind == RFIM__LAYER) {
        algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, add, weights, squares, keep, to);
        return;
    }
    algebra->ops.fill(algebra, 1, ones);
    algebra->ops.multiply(algebra, weights, squares, squares);
    algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, add, squares, ones, keep,
                      rfim__columns(algebra, to, 0, 1));
    algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, add, weights, ones, keep,
                      rfim__columns(algebra, to, 1, 1));
}

static bool observe(rfim__metric *metric, double keep, double add, const rfim__observation *seen)
{
    for (size_t p = 0; p < metric->shape.count; p++)
        observe_part(metric, keep, add / (double)seen->samples, seen, p);
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

/* --- looking ---------------------------------------------------------------------------------- */

static void copy(rfim__algebra *algebra, rfim__matrix x, rfim__matrix to)
{
    algebra->ops.combine(algebra, 1, x, 0, x, to);
}

static void block_diagonal(rfim__metric *metric, rfim__matrix out)
{
    copy(metric->algebra, metric->m, out);
}

static void diagonal(rfim__metric *metric, rfim__matrix *out)
{
    rfim__vector_unflatten(metric->algebra, &metric->shape, metric->m, out);
}

static void multiply(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    diagonal_state *state = metric->state;
    rfim__vector_flatten(metric->algebra, &metric->shape, v, state->flat);
    metric->algebra->ops.multiply(metric->algebra, metric->m, state->flat, state->flat);
    rfim__vector_unflatten(metric->algebra, &metric->shape, state->flat, out);
}

static double squares(rfim__metric *metric)
{
    return metric->algebra->ops.dot(metric->algebra, metric->m, metric->m);
}

static bool spectrum(rfim__metric *metric, double *out)
{
    if (!metric->algebra->ops.finite(metric->algebra, metric->m))
        return false;
    metric->algebra->ops.export(metric->algebra, metric->m, out);
    return true;
}

/* --- factorising and solving ------------------------------------------------------------------ */

static size_t factorise(rfim__metric *metric)
{
    metric->algebra->ops.combine(metric->algebra, 1, metric->m, 1, metric->next_lambda,
                                 metric->next_factor);
    return rfim__divide_kernels_of(metric->algebra)->positive(metric->next_factor) ? 0 : 1;
}

static void accept(rfim__metric *metric)
{
    rfim__matrix_swap(&metric->factor, &metric->next_factor);
}

static void solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    diagonal_state *state = metric->state;
    rfim__vector_flatten(metric->algebra, &metric->shape, v, state->flat);
    rfim__divide_kernels_of(metric->algebra)->divide(metric->factor, state->flat);
    rfim__vector_unflatten(metric->algebra, &metric->shape, state->flat, out);
}

static void sqrt_solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    diagonal_state *state = metric->state;
    rfim__vector_flatten(metric->algebra, &metric->shape, v, state->flat);
    rfim__divide_kernels_of(metric->algebra)->divide_root(metric->factor, state->flat);
    rfim__vector_unflatten(metric->algebra, &metric->shape, state->flat, out);
}

static double log_det(rfim__metric *metric)
{
    return rfim__divide_kernels_of(metric->algebra)->log_sum(metric->factor);
}

const rfim__metric_table rfim__diagonal_metric = {
    .name = "diagonal",
    .representation = RFIM_DIAGONAL,
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
    .accept = accept,
    .solve = solve,
    .sqrt_solve = sqrt_solve,
    .log_det = log_det,
    .direction = solve,
};
