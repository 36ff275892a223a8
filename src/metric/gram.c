/* gram.c - the metric as the samples themselves: G = R^T R, row (i,a) of R is sqrt(w_i) times the
 * Jacobian row of copy a of sample i (shape.h). Exact for every curvature, one part or many. It
 * solves in the Gram matrix of those rows (dual.h), of the order of the samples, not of the
 * parameters; worth it where samples x copies are fewer than the rows of W. In training known as
 * ISAAC (Petersen 2023) for UNIT.
 * Cost, of q samples of a layer with D inputs and m outputs: observe nothing, refresh q^2 D +
 * m q^3 / 3 (UNIT: q^3 / 3; FACTORS: (q copies)^3 / 3), solve about 36 q D m. */
#include "metric/dual.h"

static bool holds(const rfim__shape *shape)
{
    return shape->curvature != RFIM__CLASSES;
}

/* X^T S B^-1 S^-1 delta (docs/mathematics.md 6): with G = R^T R, R = sqrt(w nu) X, the gradient
 * X^T delta / n is R^T y for y = delta / (n sqrt(w nu)). */
static void direction_from_delta(rfim__metric *metric, rfim__matrix delta,
                                 const rfim__matrix *gradient, rfim__matrix *out)
{
    const rfim__dual *dual = metric->state;
    const rfim__dual_frame *frame = &dual->frames[dual->used];
    rfim__matrix roots = rfim__rows(metric->algebra, frame->roots, 0, frame->count);
    rfim__sample_kernels_of(metric->algebra)
        ->divide((double)frame->count, delta, roots, rfim__dual_rows_of(metric, frame));
    rfim__dual_lift(metric, gradient, out);
}

const rfim__metric_table rfim__gram_metric = {
    .name = "gram",
    .representation = RFIM_GRAM,
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
