/* kronecker.c - a product of means in place of the mean of products (K-FAC's factors, Martens and
 * Grosse 2015; docs/mathematics.md 4.6), for one layer:
 *
 *   G = A (x) B / mass,   A = sum of add x mean P_i          [m x m]
 *                         B = sum of add x mean x~_i x~_i^T  [D x D]
 *
 * and mass the sum of add, so that observing the same samples again leaves G as it is. keep and add
 * act on A, B and mass apart: exact where P_i and x~_i are uncorrelated or one of them is constant
 * (UNIT: the linear layer). G v is B V A / mass for V [D x m].
 * Cost: observe D^2 + m^2 flops a sample (FACTORS: copies m^2), multiply 2 D m (D + m). */
#include "metric/kronecker.h"

#include "core/size.h"
#include "metric/vector.h"

static const rfim__part *part_of(const rfim__metric *metric)
{
    return &metric->shape.parts[0];
}

static size_t state_bytes(const rfim__shape *shape)
{
    (void)shape;
    return sizeof(rfim__kronecker_state);
}

static bool holds(const rfim__shape *shape)
{
    return shape->count == 1 && shape->parts[0].kind == RFIM__LAYER;
}

static void blocks(const rfim__shape *shape, size_t *block_order, size_t *count)
{
    *block_order = shape->order;
    *count = 1;
}

static void plan(const rfim__metric *metric, rfim_metric_plan *out)
{
    double D = (double)part_of(metric)->rows;
    double m = (double)part_of(metric)->columns;
    bool exact = metric->shape.kronecker_rule == RFIM_KRONECKER_EXACT;
    out->blocks = 2;
    out->factor_order = rfim__size_max(part_of(metric)->rows, part_of(metric)->columns);
    out->observe_flops = D * D + (double)metric->shape.copies * m * m;
    out->refresh_flops = (exact ? 9 : 1.0 / 3) * (D * D * D + m * m * m);
    out->solve_flops = (exact ? 4 : 2) * D * m * (D + m);
}

static void place(rfim__metric *metric, rfim__arena *arena)
{
    rfim__kronecker_state *state = metric->state;
    rfim__algebra *algebra = metric->algebra;
    size_t D = part_of(metric)->rows;
    size_t m = part_of(metric)->columns;
    size_t longest = rfim__size_max(metric->shape.piece, rfim__size_max(D, m));
    state->outputs = rfim__arena_matrix(arena, algebra, m, m);
    state->inputs = rfim__arena_matrix(arena, algebra, D, D);
    state->mass = rfim__arena_matrix(arena, algebra, 1, 1);
    state->ones = rfim__arena_matrix(arena, algebra, longest, 1);
    state->v = rfim__arena_matrix(arena, algebra, D, m);
    state->w = rfim__arena_matrix(arena, algebra, D, m);
    state->sums = rfim__vector_place_flat(arena, algebra, m);
    rfim__kronecker_place_factor(metric, arena);
}

/* Small matrices take more room without vectors than with them. */
static size_t eigen_room(const rfim__metric *metric, size_t order)
{
    return rfim__size_max(metric->algebra->ops.eigen_room(order, false),
                          metric->algebra->ops.eigen_room(order, true));
}

static size_t room(const rfim__metric *metric)
{
    return rfim__size_max(eigen_room(metric, part_of(metric)->rows),
                          eigen_room(metric, part_of(metric)->columns));
}

static double mass_of(const rfim__metric *metric)
{
    const rfim__kronecker_state *state = metric->state;
    double mass = 0;
    metric->algebra->ops.export(metric->algebra, state->mass, &mass);
    return mass;
}

double rfim__kronecker_share(const rfim__metric *metric)
{
    double mass = mass_of(metric);
    return mass != 0 ? 1 / mass : 0;
}

/* --- collecting ------------------------------------------------------------------------------- */

/* scale I is what an observation of weight `scale` with x~ x~^T = I and P = I would add. */
static void set_identity(rfim__metric *metric, double scale)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    algebra->ops.fill(algebra, 0, state->outputs);
    algebra->ops.fill(algebra, 0, state->inputs);
    algebra->ops.fill(algebra, scale, rfim__kronecker_diagonal_of(state->outputs));
    algebra->ops.fill(algebra, scale, rfim__kronecker_diagonal_of(state->inputs));
    algebra->ops.fill(algebra, scale, state->mass);
}

/* diag(A) <- diag(A) + add x sum over the rows of P */
static void add_to_diagonal(rfim__metric *metric, double add, rfim__matrix p)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, add, p,
                      rfim__rows(algebra, state->ones, 0, p.rows), 1,
                      rfim__kronecker_diagonal_of(state->outputs));
}

/* A <- keep A + share x sum of diag(eta) - eta eta^T. eta (1 - eta) is the product of eta with the
 * sum of the other eta, so the diagonal is minus the sum of the entries beside it: no difference
 * of numbers near 1, where one class has nearly all. */
static void observe_classes(rfim__metric *metric, double keep, double share, rfim__matrix eta)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    rfim__matrix added = state->next.outputs; /* free between refreshes */
    rfim__matrix diagonal = rfim__kronecker_diagonal_of(added);
    algebra->ops.gram(algebra, 0, -share, eta, added);
    algebra->ops.symmetrise(algebra, added);
    algebra->ops.fill(algebra, 0, diagonal);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, -1, added,
                      rfim__rows(algebra, state->ones, 0, added.rows), 0, state->sums);
    algebra->ops.combine(algebra, 1, state->sums, 0, state->sums, diagonal);
    algebra->ops.combine(algebra, keep, state->outputs, 1, added, state->outputs);
}

/* A <- keep A + add x mean P_i */
static void observe_outputs(rfim__metric *metric, double keep, double add,
                            const rfim__observation *seen)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    rfim__matrix p = seen->parts[0].curvature;
    rfim__matrix diagonal = rfim__kronecker_diagonal_of(state->outputs);
    double share = add / (double)seen->samples;
    switch (seen->curvature) {
    case RFIM__UNIT:
        algebra->ops.combine(algebra, keep, state->outputs, 0, state->outputs, state->outputs);
        algebra->ops.combine(algebra, 1, diagonal, add * seen->scale,
                             rfim__rows(algebra, state->ones, 0, diagonal.rows), diagonal);
        break;
    case RFIM__WEIGHTS:
        algebra->ops.combine(algebra, keep, state->outputs, 0, state->outputs, state->outputs);
        add_to_diagonal(metric, share, p);
        break;
    case RFIM__CLASSES:
        observe_classes(metric, keep, share, p);
        break;
    case RFIM__FACTORS:
        algebra->ops.gram(algebra, keep, share,
                          rfim__rows(algebra, p, 0, seen->copies * seen->samples), state->outputs);
        break;
    }
}

static bool observe(rfim__metric *metric, double keep, double add, const rfim__observation *seen)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    algebra->ops.fill(algebra, 1, state->ones);
    observe_outputs(metric, keep, add, seen);
    algebra->ops.gram(algebra, keep, add / (double)seen->samples, seen->parts[0].reference,
                      state->inputs);
    algebra->ops.fill(algebra, (keep != 0 ? keep * mass_of(metric) : 0) + add, state->mass);
    return true;
}

static bool merge(rfim__metric *metric, double keep, double add, const rfim__metric *other)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    const rfim__kronecker_state *from = other->state;
    algebra->ops.combine(algebra, keep, state->outputs, add, from->outputs, state->outputs);
    algebra->ops.combine(algebra, keep, state->inputs, add, from->inputs, state->inputs);
    algebra->ops.combine(algebra, keep, state->mass, add, from->mass, state->mass);
    return true;
}

static size_t tensors(rfim__metric *metric, rfim__metric_tensor out[RFIM__METRIC_TENSORS])
{
    rfim__kronecker_state *state = metric->state;
    out[0] = (rfim__metric_tensor){"outputs", &state->outputs, state->outputs.rows};
    out[1] = (rfim__metric_tensor){"inputs", &state->inputs, state->inputs.rows};
    out[2] = (rfim__metric_tensor){"mass", &state->mass, 1};
    return 3;
}

/* --- looking ---------------------------------------------------------------------------------- */

rfim__matrix rfim__kronecker_mean_outputs(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    rfim__matrix a = state->next.outputs; /* free between refreshes */
    algebra->ops.combine(algebra, rfim__kronecker_share(metric), state->outputs, 0, state->outputs,
                         a);
    algebra->ops.symmetrise(algebra, a);
    return a;
}

static void diagonal(rfim__metric *metric, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1,
                      rfim__kronecker_diagonal_of(state->inputs),
                      rfim__kronecker_diagonal_of(rfim__kronecker_mean_outputs(metric)), 0, out[0]);
}

static void block_diagonal(rfim__metric *metric, rfim__matrix out)
{
    rfim__kronecker_state *state = metric->state;
    diagonal(metric, &state->v);
    rfim__vector_flatten(metric->algebra, &metric->shape, &state->v, out);
}

static void multiply(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    algebra->ops.symmetrise(algebra, state->inputs);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, v[0],
                      rfim__kronecker_mean_outputs(metric), 0, state->w);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, state->inputs, state->w, 0, out[0]);
}

static double squares(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    rfim__matrix a = rfim__kronecker_mean_outputs(metric);
    algebra->ops.symmetrise(algebra, state->inputs);
    return algebra->ops.dot(algebra, a, a) *
           algebra->ops.dot(algebra, state->inputs, state->inputs);
}

/* The products of the eigenvalues of A and of B */
static bool spectrum(rfim__metric *metric, double *out)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    rfim__matrix a = rfim__kronecker_mean_outputs(metric);
    rfim__matrix b = state->next.inputs; /* free between refreshes */
    algebra->ops.combine(algebra, 1, state->inputs, 0, state->inputs, b);
    if (algebra->ops.eigen(algebra, a, false, state->output_values) != 0 ||
        algebra->ops.eigen(algebra, b, false, state->input_values) != 0)
        return false;
    algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, 1, state->input_values,
                      state->output_values, 0, state->v);
    algebra->ops.export(algebra, state->v, out);
    return true;
}

const rfim__metric_table rfim__kronecker_metric = {
    .name = "kronecker",
    .representation = RFIM_KRONECKER,
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
    .factorise = rfim__kronecker_factorise,
    .accept = rfim__kronecker_accept,
    .solve = rfim__kronecker_solve,
    .sqrt_solve = rfim__kronecker_sqrt_solve,
    .log_det = rfim__kronecker_log_det,
    .direction = rfim__kronecker_solve,
};
