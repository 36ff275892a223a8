/* neuron.c - one block a neuron: G_j = (1/n) sum_i (P_i)_jj x~_i x~_i^T, kept as packed lanes
 * (algebra/algebra.h). For a layer's own response (P_i)_jj = nu_ij and the metric is exact: the
 * non-linear layer of Sun and Nielsen 2017. For deeper responses and soft-max it is the diagonal
 * blocks of the metric. Channels of batch normalisation: blocks of order 2
 * (docs/mathematics.md 4.4). Cost: observe n m D^2 flops, Cholesky m D^3/3, inverse m D^3,
 * direction 2 m D^2. */
#include "core/size.h"
#include "metric/metric.h"
#include "metric/weights.h"

#include <math.h>

typedef struct neuron_state {
    rfim__weights weights;
    rfim__matrix product; /* [piece x m] */
    rfim__matrix ones;    /* [piece x 1] */
    rfim__matrix square;  /* [D x D], of spectrum */
} neuron_state;

static const rfim__part *part_of(const rfim__metric *metric)
{
    return &metric->shape.parts[0];
}

static size_t state_bytes(const rfim__shape *shape)
{
    (void)shape;
    return sizeof(neuron_state);
}

static bool holds(const rfim__shape *shape)
{
    return shape->count == 1;
}

static void blocks(const rfim__shape *shape, size_t *block_order, size_t *count)
{
    *block_order = shape->parts[0].rows;
    *count = shape->parts[0].columns;
}

static void plan(const rfim__metric *metric, rfim_metric_plan *out)
{
    double D = (double)part_of(metric)->rows;
    double m = (double)part_of(metric)->columns;
    out->blocks = part_of(metric)->columns;
    out->factor_order = part_of(metric)->rows;
    out->observe_flops = m * D * D;
    out->refresh_flops = metric->inverse ? m * D * D * D : m * D * D * D / 3;
    out->solve_flops = 2 * m * D * D;
}

static void place(rfim__metric *metric, rfim__arena *arena)
{
    neuron_state *state = metric->state;
    rfim__algebra *algebra = metric->algebra;
    const rfim__part *part = part_of(metric);
    size_t piece = metric->inverse ? 0 : metric->shape.piece;
    size_t order = metric->inverse ? 0 : part->rows;
    metric->m = rfim__arena_packed(arena, algebra, part->rows, part->columns);
    metric->factor = rfim__arena_packed(arena, algebra, part->rows, part->columns);
    metric->next_factor = rfim__arena_packed(arena, algebra, part->rows, part->columns);
    rfim__weights_place(arena, algebra, &metric->shape, piece, &state->weights);
    state->product = rfim__arena_matrix(arena, algebra, piece, part->columns);
    state->ones = rfim__arena_matrix(arena, algebra, piece, 1);
    state->square = rfim__arena_matrix(arena, algebra, order, order);
}

static size_t room(const rfim__metric *metric)
{
    size_t order = part_of(metric)->rows;
    size_t multiply = rfim__packed_multiply_room(order);
    if (metric->inverse)
        return rfim__size_max(multiply, rfim__packed_invert_room(metric->algebra, order));
    size_t factor = rfim__size_max(rfim__packed_cholesky_room(order),
                                   metric->algebra->ops.eigen_room(order, false));
    return rfim__size_max(multiply, factor);
}

static size_t groups_of(const rfim__metric *metric)
{
    return rfim__packed_groups(metric->algebra, metric->blocks);
}

/* Entry (k,l) of the blocks of a group.   [1 x count] */
static rfim__matrix entry(const rfim__metric *metric, rfim__matrix packed, size_t group, size_t k,
                          size_t l)
{
    return rfim__packed_entry(metric->algebra, packed, metric->block_order, metric->blocks, group,
                              k, l);
}

static void set_identity(rfim__metric *metric, double scale)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.fill(algebra, 0, metric->m);
    for (size_t g = 0; g < groups_of(metric); g++)
        for (size_t k = 0; k < metric->block_order; k++)
            algebra->ops.fill(algebra, scale, entry(metric, metric->m, g, k, k));
}

/* Entry (k,l) of the blocks <- keep entry + add x sum over samples of X */
static void add_column_sums(rfim__metric *metric, double keep, double add, rfim__matrix x, size_t k,
                            size_t l)
{
    rfim__algebra *algebra = metric->algebra;
    neuron_state *state = metric->state;
    size_t lanes = rfim__packed_lanes(algebra);
    for (size_t g = 0; g < groups_of(metric); g++) {
        rfim__matrix sums = entry(metric, metric->m, g, k, l);
        algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, add,
                          rfim__rows(algebra, state->ones, 0, x.rows),
                          rfim__columns(algebra, x, g * lanes, sums.columns), keep, sums);
    }
}

/* Channel by channel: sum of w (a^^2, a^; a^, 1). */
static void observe_channels(rfim__metric *metric, double keep, double add, rfim__matrix a,
                             rfim__matrix weights)
{
    rfim__algebra *algebra = metric->algebra;
    neuron_state *state = metric->state;
    rfim__matrix product = rfim__rows(algebra, state->product, 0, weights.rows);
    algebra->ops.fill(algebra, 1, state->ones);
    add_column_sums(metric, keep, add, weights, 1, 1);
    algebra->ops.multiply(algebra, weights, a, product);
    add_column_sums(metric, keep, add, product, 1, 0);
    algebra->ops.multiply(algebra, product, a, product);
    add_column_sums(metric, keep, add, product, 0, 0);
}

static bool observe(rfim__metric *metric, double keep, double add, const rfim__observation *seen)
{
    rfim__algebra *algebra = metric->algebra;
    neuron_state *state = metric->state;
    rfim__matrix weights = rfim__weights_of(algebra, &state->weights, seen, 0);
    rfim__matrix reference = seen->parts[0].reference;
    double share = add / (double)seen->samples;
    if (part_of(metric)->kind == RFIM__CHANNELS)
        observe_channels(metric, keep, share, reference, weights);
    else
        algebra->ops.gram_weighted(algebra, keep, share, reference, weights, metric->m);
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

static void diagonal(rfim__metric *metric, rfim__matrix *out)
{
    metric->algebra->ops.packed_diagonal(metric->algebra, metric->m, out[0]);
}

static void block_diagonal(rfim__metric *metric, rfim__matrix out)
{
    diagonal(metric, &out);
}

static void multiply(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    metric->algebra->ops.packed_multiply(metric->algebra, metric->m, v[0], out[0]);
}

/* |G|_F^2: entries off the diagonal count twice. */
static double squares(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    double sum = 2 * algebra->ops.dot(algebra, metric->m, metric->m);
    for (size_t g = 0; g < groups_of(metric); g++) {
        for (size_t k = 0; k < metric->block_order; k++) {
            rfim__matrix own = entry(metric, metric->m, g, k, k);
            sum -= algebra->ops.dot(algebra, own, own);
        }
    }
    return sum;
}

/* Block j as a square matrix; its lower triangle counts. */
static rfim__matrix unpack(rfim__metric *metric, size_t j)
{
    rfim__algebra *algebra = metric->algebra;
    neuron_state *state = metric->state;
    size_t lanes = rfim__packed_lanes(algebra);
    for (size_t k = 0; k < state->square.rows; k++) {
        rfim__matrix row = entry(metric, metric->m, j / lanes, k, 0);
        row.rows = k + 1; /* entries (k,0) ... (k,k) */
        algebra->ops.transpose(
            algebra, rfim__columns(algebra, row, j % lanes, 1),
            rfim__columns(algebra, rfim__rows(algebra, state->square, k, 1), 0, k + 1));
    }
    return state->square;
}

static bool spectrum(rfim__metric *metric, double *out)
{
    rfim__algebra *algebra = metric->algebra;
    for (size_t j = 0; j < metric->blocks; j++) {
        if (algebra->ops.eigen(algebra, unpack(metric, j), false, metric->row) != 0)
            return false;
        algebra->ops.export(algebra, metric->row, out + j * metric->block_order);
    }
    return true;
}

static size_t factorise(rfim__metric *metric)
{
    return metric->algebra->ops.packed_cholesky(metric->algebra, metric->m, metric->next_lambda,
                                                metric->next_factor);
}

static size_t invert(rfim__metric *metric, rfim__algebra *algebra)
{
    return algebra->ops.packed_invert(algebra, rfim__metric_source(metric), metric->next_lambda,
                                      metric->next_factor, metric->next_wide);
}

static void accept(rfim__metric *metric)
{
    rfim__matrix_swap(&metric->factor, &metric->next_factor);
}

static void solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.combine(algebra, 1, v[0], 0, v[0], out[0]);
    algebra->ops.packed_solve(algebra, metric->factor, out[0]);
}

static void sqrt_solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    algebra->ops.combine(algebra, 1, v[0], 0, v[0], out[0]);
    algebra->ops.packed_triangle_solve(algebra, metric->factor, RFIM__TRANSPOSED, out[0]);
}

static double log_det(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    double sum = 0;
    for (size_t g = 0; g < groups_of(metric); g++) {
        for (size_t k = 0; k < metric->block_order; k++) {
            rfim__matrix pivots = entry(metric, metric->factor, g, k, k);
            for (size_t j = 0; j < pivots.columns; j++) {
                double pivot = 0;
                algebra->ops.export(algebra, rfim__columns(algebra, pivots, j, 1), &pivot);
                sum += 2 * log(pivot);
            }
        }
    }
    return sum;
}

static void direction(rfim__metric *metric, const rfim__matrix *gradient, rfim__matrix *out)
{
    if (metric->inverse)
        metric->algebra->ops.packed_multiply(metric->algebra, metric->factor, gradient[0], out[0]);
    else
        solve(metric, gradient, out);
}

const rfim__metric_table rfim__neuron_metric = {
    .name = "neuron",
    .representation = RFIM_NEURON,
    .packed = true,
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
