/* dense_observe.c - what the samples add to a dense metric:
 *
 *   UNIT, WEIGHTS  block (j,j) = (1/n) X_j^T diag(nu_:j) X_j, as the Gram matrix of sqrt(nu) X_j
 *   CLASSES        the same with nu = eta (1 - eta), and block (j,k) = -(1/n) X^T diag(eta_j
 *                  eta_k) X    (soft-max layer)
 *   FACTORS        the Gram matrix of the Jacobian rows g_ai of all parts, a few at a time
 *
 * X_j is x~, or of channel j of batch normalisation (a^_j, 1).
 * Cost: D^2, m D^2, m^2 D^2 and copies N^2 flops a sample. */
#include "core/size.h"
#include "metric/dense.h"
#include "metric/response.h"

static const rfim__part *part_of(const rfim__metric *metric)
{
    return &metric->shape.parts[0];
}

/* Block (j,k) of outputs */
static rfim__matrix block_of(const rfim__metric *metric, size_t j, size_t k)
{
    size_t order = part_of(metric)->rows;
    rfim__matrix rows = rfim__rows(metric->algebra, metric->m, j * order, order);
    return rfim__columns(metric->algebra, rows, k * order, order);
}

static void copy(rfim__algebra *algebra, rfim__matrix x, rfim__matrix to)
{
    algebra->ops.combine(algebra, 1, x, 0, x, to);
}

/* diag(d) X_j in the work area.   d: [n x 1] */
static rfim__matrix scaled_reference(rfim__metric *metric, rfim__matrix reference, size_t j,
                                     rfim__matrix d)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dense_state *state = metric->state;
    rfim__matrix scaled = rfim__rows(algebra, state->scaled, 0, reference.rows);
    if (part_of(metric)->kind == RFIM__LAYER) {
        copy(algebra, reference, scaled);
    } else {
        copy(algebra, rfim__columns(algebra, reference, j, 1),
             rfim__columns(algebra, scaled, 0, 1));
        algebra->ops.fill(algebra, 1, rfim__columns(algebra, scaled, 1, 1));
    }
    algebra->ops.scale_rows(algebra, d, scaled);
    return scaled;
}

static void observe_weights(rfim__metric *metric, double add, const rfim__observation *seen)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dense_state *state = metric->state;
    rfim__matrix weights = rfim__weights_of(algebra, &state->weights, seen, 0);
    rfim__matrix root = rfim__rows(algebra, state->column, 0, seen->samples);
    for (size_t j = 0; j < weights.columns; j++) {
        copy(algebra, rfim__columns(algebra, weights, j, 1), root);
        rfim__response_kernels_of(algebra)->root(root);
        rfim__matrix scaled = scaled_reference(metric, seen->parts[0].reference, j, root);
        algebra->ops.gram(algebra, 1, add, scaled, block_of(metric, j, j));
    }
}

/* The same block for every output */
static void observe_unit(rfim__metric *metric, double add, const rfim__observation *seen)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dense_state *state = metric->state;
    algebra->ops.gram(algebra, 0, add * seen->scale, seen->parts[0].reference, state->block);
    for (size_t j = 0; j < part_of(metric)->columns; j++)
        algebra->ops.combine(algebra, 1, block_of(metric, j, j), 1, state->block,
                             block_of(metric, j, j));
}

static void observe_classes(rfim__metric *metric, double add, const rfim__observation *seen)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dense_state *state = metric->state;
    rfim__matrix x = seen->parts[0].reference;
    rfim__matrix eta = seen->parts[0].curvature;
    rfim__matrix weight = rfim__rows(algebra, state->column, 0, seen->samples);
    for (size_t j = 0; j < eta.columns; j++) {
        rfim__matrix eta_j = rfim__columns(algebra, eta, j, 1);
        for (size_t k = 0; k < j; k++) {
            algebra->ops.multiply(algebra, eta_j, rfim__columns(algebra, eta, k, 1), weight);
            rfim__matrix scaled = scaled_reference(metric, x, j, weight);
            algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, -add, x, scaled, 1,
                              block_of(metric, j, k));
        }
    }
    observe_weights(metric, add, seen); /* eta_j (1 - eta_j) */
}

static void observe_factors(rfim__metric *metric, double add, const rfim__observation *seen)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dense_state *state = metric->state;
    const rfim__dense_kernels *kernels = RFIM__PICK_VARIANT(rfim__denses, algebra->context->kernels,
                                                            algebra->precision);
    size_t rows = seen->copies * seen->samples;
    for (size_t first = 0; first < rows; first += state->jacobian.rows) {
        rfim__matrix jacobian = rfim__rows(algebra, state->jacobian, 0,
                                           rfim__size_min(rows - first, state->jacobian.rows));
        for (size_t p = 0; p < metric->shape.count; p++) {
            const rfim__part *part = &metric->shape.parts[p];
            kernels->jacobian(
                part->kind, seen->parts[p].reference, seen->parts[p].curvature, first,
                rfim__columns(algebra, jacobian, part->first, part->rows * part->columns));
        }
        algebra->ops.gram(algebra, 1, add, jacobian, metric->m);
    }
}

bool rfim__dense_observe(rfim__metric *metric, double keep, double add,
                         const rfim__observation *seen)
{
    double share = add / (double)seen->samples;
    if (keep != 1)
        metric->algebra->ops.combine(metric->algebra, keep, metric->m, 0, metric->m, metric->m);
    if (seen->curvature == RFIM__FACTORS)
        observe_factors(metric, share, seen);
    else if (seen->curvature == RFIM__CLASSES)
        observe_classes(metric, share, seen);
    else if (seen->curvature == RFIM__UNIT && part_of(metric)->kind == RFIM__LAYER)
        observe_unit(metric, share, seen);
    else
        observe_weights(metric, share, seen);
    return true;
}
