/* softmax.c - a soft-max layer, exact: G = sum_i w_i F_i (x) x~_i x~_i^T, F_i = diag(eta_i) -
 * eta_i eta_i^T, by the samples themselves (docs/mathematics.md 4.1). F = L L^T with L = diag(s)(I
 * - s s^T), s = sqrt(eta), so G = R^T R with the rows sqrt(w_i) (L_i)_:a (x) x~_i, and B of dual.h
 * is
 *
 *   B_(ia),(kb) = [same] + sqrt(w_i w_k) (x~_i^T Lambda^-1 x~_k) (L_i^T L_k)_ab
 *
 * of order q m. Constants over the classes are in the null space of G: damping is mandatory, and
 * with a Lambda that is the same for all classes the step of a gradient sums to 0 over them.
 * Cost: multiply 4 q D m, refresh q^2 D + q^2 m^3 + (q m)^3 / 3, solve about 36 q D m. */
#include "metric/dual.h"

static bool holds(const rfim__shape *shape)
{
    return shape->curvature == RFIM__CLASSES && shape->count == 1 &&
           shape->parts[0].kind == RFIM__LAYER;
}

/* L_i r_i = delta_i for r_i = delta_i / s_i, since delta_i sums to 0: the gradient X^T delta / n
 * is R^T y for y = r / (n sqrt(w)). A probability that has underflowed counts as one so small that
 * it changes nothing else: its delta, which may be -1, still gets its step. */
static void direction_from_delta(rfim__metric *metric, rfim__matrix delta,
                                 const rfim__matrix *gradient, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    const rfim__sample_kernels *kernels = rfim__sample_kernels_of(algebra);
    const rfim__dual *dual = metric->state;
    const rfim__dual_frame *frame = &dual->frames[dual->used];
    size_t q = frame->count;
    rfim__matrix u = rfim__rows(algebra, dual->u, 0, q);
    rfim__matrix y = rfim__dual_rows_of(metric, frame);
    kernels->roots(rfim__rows(algebra, dual->samples.weights, 0, q),
                   rfim__rows(algebra, dual->samples.curvature, 0, q), u);
    kernels->divide((double)q, delta, u, u);
    for (size_t a = 0; a < u.columns; a++) {
        rfim__matrix column = rfim__columns(algebra, u, a, 1);
        algebra->ops.combine(algebra, 1, column, 0, column, rfim__rows(algebra, y, a * q, q));
    }
    rfim__dual_lift(metric, gradient, out);
}

const rfim__metric_table rfim__softmax_metric = {
    .name = "softmax",
    .representation = RFIM_SOFTMAX,
    .state_bytes = rfim__dual_state_bytes,
    .holds = holds,
    .blocks = rfim__dual_lambda_blocks,
    .plan = rfim__dual_plan,
    .place = rfim__dual_place,
    .room = rfim__dual_metric_room,
    .set_identity = rfim__dual_set_identity,
    .observe = rfim__dual_observe,
    .merge = rfim__dual_merge,
    .tensors = rfim__dual_tensors,
    .filled = rfim__dual_filled,
    .block_diagonal = rfim__dual_block_diagonal,
    .multiply = rfim__dual_multiply,
    .diagonal = rfim__dual_diagonal,
    .squares = rfim__dual_squares,
    .spectrum = rfim__dual_spectrum,
    .factorise = rfim__dual_factorise,
    .accept = rfim__dual_accept,
    .solve = rfim__dual_solve,
    .log_det = rfim__dual_log_det,
    .direction = rfim__dual_solve,
    .direction_from_delta = direction_from_delta,
    .samples = rfim__dual_samples,
};
