/* kronecker_factor.c - damped Kronecker products. With A' = A / mass, G = A' (x) B:
 *
 *   exact, lambda I    A' = U diag(a) U^T, B = W diag(b) W^T:
 *                      (G + lambda I)^-1 = (U (x) W) diag(1 / (a_j b_k + lambda)) (U (x) W)^T
 *   exact, eps diag G  G + Lambda = S (A~ (x) B~ + eps I) S, S^2 = diag G, with the correlation
 *                      matrices A~ and B~, and then as above
 *   factored           (A' + (root/pi) I) (x) (B + pi root I), root = sqrt(lambda),
 *                      pi^2 = tr(B) m / (tr(A') D)                    (K-FAC; Cholesky factors);
 *                      where G = 0, lambda I
 *
 * Where a diagonal entry of A or B is 0 (an input that is never on), its row is 0 as well (else the
 * matrix is not positive, and nothing is factorised), and what is to be inverted there is
 * Lambda = eps tr(G)/N (damping.h) alone, beside everything else. A~ or
 * B~ gets -1 on its diagonal: far from all other eigenvalues, so that its eigenvector mixes with no
 * other; the eigenvalue is then set to 0. Where eps diag G would be too small to be inverted for an
 * entry whose factors are not, Lambda is eps tr(G)/N for all. `factored` adds more than a diagonal:
 * Lambda is then told as the diagonal of what it adds.
 * Cost: 9 (D^3 + m^3) flops, solve 4 D m (D + m); factored: (D^3 + m^3) / 3 and 2 D m (D + m). */
#include "metric/damping.h"
#include "metric/divide.h"
#include "metric/kronecker.h"
#include "metric/vector.h"

#include <math.h>

static const rfim__part *part_of(const rfim__metric *metric)
{
    return &metric->shape.parts[0];
}

static bool is_exact(const rfim__metric *metric)
{
    return metric->shape.kronecker_rule == RFIM_KRONECKER_EXACT;
}

static const rfim__kronecker_kernels *kernels_of(const rfim__algebra *algebra)
{
    return RFIM__PICK_VARIANT(rfim__kroneckers, algebra->context->kernels, algebra->precision);
}

static void place_one(rfim__metric *metric, rfim__arena *arena, rfim__kronecker_factor *factor)
{
    rfim__algebra *algebra = metric->algebra;
    size_t D = part_of(metric)->rows;
    size_t m = part_of(metric)->columns;
    size_t products = is_exact(metric) ? D : 0;
    factor->outputs = rfim__arena_matrix(arena, algebra, m, m);
    factor->inputs = rfim__arena_matrix(arena, algebra, D, D);
    factor->divisor = rfim__arena_matrix(arena, algebra, products, m);
    factor->scale = rfim__arena_matrix(arena, algebra, products, m);
}

void rfim__kronecker_place_factor(rfim__metric *metric, rfim__arena *arena)
{
    rfim__kronecker_state *state = metric->state;
    rfim__algebra *algebra = metric->algebra;
    size_t D = part_of(metric)->rows;
    size_t m = part_of(metric)->columns;
    place_one(metric, arena, &state->factor);
    place_one(metric, arena, &state->next);
    state->output_values = rfim__arena_matrix(arena, algebra, 1, m);
    state->input_values = rfim__arena_matrix(arena, algebra, 1, D);
    state->output_roots = rfim__vector_place_flat(arena, algebra, m);
    state->input_roots = rfim__vector_place_flat(arena, algebra, D);
    state->turned = rfim__arena_matrix(arena, algebra, is_exact(metric) ? 0 : m, D);
}

static void copy(rfim__algebra *algebra, rfim__matrix x, rfim__matrix to)
{
    algebra->ops.combine(algebra, 1, x, 0, x, to);
}

/* --- factorising ------------------------------------------------------------------------------ */

/* Sum of a matrix with one column */
static double sum_of(const rfim__metric *metric, rfim__matrix x)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    algebra->ops.fill(algebra, 1, state->ones);
    return algebra->ops.dot(algebra, x, rfim__rows(algebra, state->ones, 0, x.rows));
}

/* A' and B where the next factor is made; where both are negative, so that their product is not,
 * with their signs turned. */
static void stage(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    double sign = sum_of(metric, rfim__kronecker_diagonal_of(state->inputs)) < 0 ? -1 : 1;
    algebra->ops.combine(algebra, sign * rfim__kronecker_share(metric), state->outputs, 0,
                         state->outputs, state->next.outputs);
    algebra->ops.combine(algebra, sign, state->inputs, 0, state->inputs, state->next.inputs);
}

/* lambda of `mean-diagonal` (damping.h) */
static double mean_lambda(const rfim__metric *metric, double mean)
{
    double lambda = metric->next_damping * mean;
    return lambda >= 0 && lambda < RFIM__LEAST_DAMPING(metric->algebra->item) ? metric->next_damping
                                                                              : lambda;
}

/* Of the rules that make a multiple of I */
static double uniform_lambda(const rfim__metric *metric)
{
    double lambda = 0;
    metric->algebra->ops.export(metric->algebra,
                                rfim__rows(metric->algebra, metric->next_lambda, 0, 1), &lambda);
    return lambda;
}

/* Makes the correlation matrices, the scale and Lambda of the rule `diagonal`. Returns what is to
 * be added in the scaled basis, or, where it does not do, lambda of `mean-diagonal` after all. NaN:
 * not positive definite. zeros: rows of zeros in A and B. */
static double standardise(rfim__metric *metric, size_t zeros[2])
{
    rfim__algebra *algebra = metric->algebra;
    const rfim__kronecker_kernels *kernels = kernels_of(algebra);
    rfim__kronecker_state *state = metric->state;
    rfim__kronecker_factor *next = &state->next;
    double eps = metric->next_damping;
    rfim__kronecker_diagonal a = kernels->roots(next->outputs, state->output_roots);
    rfim__kronecker_diagonal b = kernels->roots(next->inputs, state->input_roots);
    double mean = a.sum * b.sum / (double)metric->shape.order;
    if (!a.positive || !b.positive)
        return NAN;
    next->scaled = mean > 0 && eps * a.least * b.least >= RFIM__LEAST_DAMPING(algebra->item);
    if (!next->scaled) {
        algebra->ops.fill(algebra, mean_lambda(metric, mean), metric->next_lambda);
        return mean_lambda(metric, mean);
    }
    kernels->scale_both(state->output_roots, next->outputs);
    kernels->scale_both(state->input_roots, next->inputs);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1, state->input_roots,
                      state->output_roots, 0, next->scale);
    kernels->damp(eps, mean, next->scale, state->v);
    rfim__vector_flatten(algebra, &metric->shape, &state->v, metric->next_lambda);
    next->eps = eps;
    zeros[0] = a.zeros;
    zeros[1] = b.zeros;
    return eps;
}

/* Eigenvalues, ascending, of which the first `zeros` are -1 and become 0. */
static bool decompose(rfim__metric *metric, size_t zeros, rfim__matrix a, rfim__matrix values)
{
    rfim__algebra *algebra = metric->algebra;
    double least = 0;
    if (algebra->ops.eigen(algebra, a, true, values) != 0)
        return false;
    algebra->ops.export(algebra, rfim__columns(algebra, values, 0, 1), &least);
    algebra->ops.fill(algebra, 0, rfim__columns(algebra, values, 0, zeros));
    return zeros == 0 || least > -1.5; /* else one is far from positive */
}

static size_t factorise_exact(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    rfim__kronecker_factor *next = &state->next;
    size_t zeros[2] = {0, 0};
    next->scaled = false;
    double add = metric->next_rule == RFIM_DAMPING_DIAGONAL ? standardise(metric, zeros)
                                                            : uniform_lambda(metric);
    if (isnan(add) || !decompose(metric, zeros[0], next->outputs, state->output_values) ||
        !decompose(metric, zeros[1], next->inputs, state->input_values))
        return 1;
    algebra->ops.fill(algebra, add, next->divisor);
    algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, 1, state->input_values,
                      state->output_values, 1, next->divisor);
    return rfim__divide_kernels_of(algebra)->positive(next->divisor) ? 0 : 1;
}

/* Lambda <- the diagonal of (A' + alpha I) (x) (B + beta I) - A' (x) B */
static void tell_added(rfim__metric *metric, double alpha, double beta)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    rfim__matrix a = rfim__kronecker_diagonal_of(state->next.outputs);
    rfim__matrix b = rfim__kronecker_diagonal_of(state->next.inputs);
    algebra->ops.fill(algebra, 1, state->ones);
    algebra->ops.fill(algebra, alpha * beta, state->v);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, alpha, b,
                      rfim__rows(algebra, state->ones, 0, a.rows), 1, state->v);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, beta,
                      rfim__rows(algebra, state->ones, 0, b.rows), a, 1, state->v);
    rfim__vector_flatten(algebra, &metric->shape, &state->v, metric->next_lambda);
}

static void add_to_diagonal(rfim__metric *metric, double add, rfim__matrix x)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    rfim__matrix diagonal = rfim__kronecker_diagonal_of(x);
    algebra->ops.fill(algebra, 1, state->ones);
    algebra->ops.combine(algebra, 1, diagonal, add, rfim__rows(algebra, state->ones, 0, x.rows),
                         diagonal);
}

/* G = 0 with a factor that is not (neurons that are all dead, or inputs that are all 0): what is
 * left of the damped product as pi goes to its limit is lambda I, as if both factors were 0. The
 * rounding of the other one's entries, which may be of any size, does not count then. */
static void clear_if_nothing(rfim__metric *metric, double a, double b)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_factor *next = &((rfim__kronecker_state *)metric->state)->next;
    rfim__matrix zero = a == 0 ? next->outputs : next->inputs;
    rfim__matrix other = a == 0 ? next->inputs : next->outputs;
    if (a != 0 && b != 0)
        return;
    algebra->ops.symmetrise(algebra, zero);
    if (algebra->ops.dot(algebra, zero, zero) == 0 && algebra->ops.finite(algebra, other))
        algebra->ops.fill(algebra, 0, other);
}

static size_t factorise_factored(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_factor *next = &((rfim__kronecker_state *)metric->state)->next;
    double D = (double)part_of(metric)->rows;
    double m = (double)part_of(metric)->columns;
    double a = sum_of(metric, rfim__kronecker_diagonal_of(next->outputs));
    double b = sum_of(metric, rfim__kronecker_diagonal_of(next->inputs));
    clear_if_nothing(metric, a, b);
    double pi = a > 0 && b > 0 ? sqrt(b * m / (a * D)) : 1;
    double lambda = metric->next_rule == RFIM_DAMPING_DIAGONAL
                        ? mean_lambda(metric, a * b / (D * m))
                        : uniform_lambda(metric);
    if (!(lambda >= 0))
        return 1;
    tell_added(metric, sqrt(lambda) / pi, sqrt(lambda) * pi);
    add_to_diagonal(metric, sqrt(lambda) / pi, next->outputs);
    add_to_diagonal(metric, sqrt(lambda) * pi, next->inputs);
    return algebra->ops.cholesky(algebra, next->outputs) > 0 ||
                   algebra->ops.cholesky(algebra, next->inputs) > 0
               ? 1
               : 0;
}

size_t rfim__kronecker_factorise(rfim__metric *metric)
{
    stage(metric);
    return is_exact(metric) ? factorise_exact(metric) : factorise_factored(metric);
}

void rfim__kronecker_accept(rfim__metric *metric)
{
    rfim__kronecker_state *state = metric->state;
    rfim__kronecker_factor accepted = state->next;
    state->next = state->factor;
    state->factor = accepted;
}

/* --- solving ---------------------------------------------------------------------------------- */

/* X <- f(W^T X U) turned back, with f the division by the eigenvalues or by their roots */
static void divide_in_basis(rfim__metric *metric, bool root, rfim__matrix x)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    const rfim__kronecker_factor *factor = &state->factor;
    const rfim__divide_kernels *kernels = rfim__divide_kernels_of(algebra);
    rfim__matrix w = state->w;
    algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, 1, factor->inputs, x, 0, w);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, w, factor->outputs, 0, x);
    if (root)
        kernels->divide_root(factor->divisor, x);
    else
        kernels->divide(factor->divisor, x);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, factor->inputs, x, 0, w);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1, w, factor->outputs, 0, x);
}

/* X <- L_B^-T X L_A^-1, or (L_B L_B^T)^-1 X (L_A L_A^T)^-1 */
static void solve_factored(rfim__metric *metric, bool root, rfim__matrix x)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    const rfim__kronecker_factor *factor = &state->factor;
    if (root)
        algebra->ops.triangle_solve(algebra, factor->inputs, RFIM__TRANSPOSED, x);
    else
        algebra->ops.cholesky_solve(algebra, factor->inputs, x);
    algebra->ops.transpose(algebra, x, state->turned);
    if (root)
        algebra->ops.triangle_solve(algebra, factor->outputs, RFIM__TRANSPOSED, state->turned);
    else
        algebra->ops.cholesky_solve(algebra, factor->outputs, state->turned);
    algebra->ops.transpose(algebra, state->turned, x);
}

/* By the eigenvectors; the root is the symmetric one in the scaled basis, times 1/S. */
static void solve_exact(rfim__metric *metric, bool root, const rfim__matrix *v, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__kronecker_state *state = metric->state;
    const rfim__kronecker_factor *factor = &state->factor;
    if (factor->scaled)
        kernels_of(algebra)->enter(factor->scale, root, v[0], state->v);
    else
        copy(algebra, v[0], state->v);
    divide_in_basis(metric, root, state->v);
    if (factor->scaled)
        kernels_of(algebra)->leave(factor->scale, factor->eps, root, v[0], state->v, out[0]);
    else
        copy(algebra, state->v, out[0]);
}

void rfim__kronecker_solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    if (is_exact(metric)) {
        solve_exact(metric, false, v, out);
        return;
    }
    copy(metric->algebra, v[0], out[0]);
    solve_factored(metric, false, out[0]);
}

void rfim__kronecker_sqrt_solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    if (is_exact(metric)) {
        solve_exact(metric, true, v, out);
        return;
    }
    copy(metric->algebra, v[0], out[0]);
    solve_factored(metric, true, out[0]);
}

double rfim__kronecker_log_det(rfim__metric *metric)
{
    const rfim__divide_kernels *kernels = rfim__divide_kernels_of(metric->algebra);
    rfim__kronecker_state *state = metric->state;
    const rfim__kronecker_factor *factor = &state->factor;
    if (!is_exact(metric))
        return 2 * (double)part_of(metric)->rows *
                   kernels->log_sum(rfim__kronecker_diagonal_of(factor->outputs)) +
               2 * (double)part_of(metric)->columns *
                   kernels->log_sum(rfim__kronecker_diagonal_of(factor->inputs));
    return kernels->log_sum(factor->divisor) -
           (factor->scaled ? 2 * kernels_of(metric->algebra)->log_sum(factor->scale) : 0);
}
