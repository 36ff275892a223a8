/* dual_look.c - looking at a metric through the samples that it remembers. */
#include "metric/dual.h"
#include "metric/response.h"

#include <string.h>

static const rfim__sample_kernels *kernels_of(const rfim__metric *metric)
{
    return rfim__sample_kernels_of(metric->algebra);
}

/* Row a of the curvature of all samples kept. */
static rfim__matrix curvature_of(const rfim__metric *metric, size_t a)
{
    const rfim__dual *dual = metric->state;
    size_t copies = metric->shape.curvature == RFIM__FACTORS ? metric->shape.copies : 1;
    return rfim__samples_copy(metric, dual->samples.curvature, copies, a, dual->samples.count);
}

/* U <- w_i P_i u_i; leaves it in what is returned */
static rfim__matrix apply_curvature(rfim__metric *metric, rfim__matrix u)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    rfim__matrix t = rfim__rows(algebra, dual->t, 0, u.rows);
    rfim__matrix dots = rfim__columns(algebra, rfim__rows(algebra, dual->kernel, 0, u.rows), 0, 1);
    switch (metric->shape.curvature) {
    case RFIM__UNIT:
        t = u;
        break;
    case RFIM__WEIGHTS:
        algebra->ops.multiply(algebra, u, curvature_of(metric, 0), t);
        break;
    case RFIM__CLASSES:
        kernels_of(metric)->class_multiply(curvature_of(metric, 0), u);
        t = u;
        break;
    case RFIM__FACTORS:
        algebra->ops.fill(algebra, 0, t);
        for (size_t a = 0; a < metric->shape.copies; a++) {
            kernels_of(metric)->row_dots(u, curvature_of(metric, a), dots);
            kernels_of(metric)->add_scaled_rows(dots, curvature_of(metric, a), t);
        }
        break;
    }
    algebra->ops.scale_rows(algebra, rfim__rows(algebra, dual->samples.weights, 0, u.rows), t);
    return t;
}

void rfim__dual_multiply(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    rfim__matrix references = rfim__rows(algebra, dual->samples.references, 0, dual->samples.count);
    rfim__matrix u = rfim__rows(algebra, dual->u, 0, dual->samples.count);
    rfim__dual_references_forward(metric, references, v, u);
    rfim__dual_references_backward(metric, references, apply_curvature(metric, u), out);
}

/* U <- w_i (P_i)_jj */
static void weights_of(rfim__metric *metric, rfim__matrix u)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    rfim__matrix t = rfim__rows(algebra, dual->t, 0, u.rows);
    switch (metric->shape.curvature) {
    case RFIM__UNIT:
        algebra->ops.fill(algebra, 1, u);
        break;
    case RFIM__WEIGHTS:
        algebra->ops.combine(algebra, 1, curvature_of(metric, 0), 0, u, u);
        break;
    case RFIM__CLASSES:
        rfim__response_kernels_of(algebra)->others(curvature_of(metric, 0), u);
        algebra->ops.multiply(algebra, curvature_of(metric, 0), u, u);
        break;
    case RFIM__FACTORS:
        algebra->ops.fill(algebra, 0, u);
        for (size_t a = 0; a < metric->shape.copies; a++) {
            rfim__matrix s = curvature_of(metric, a);
            algebra->ops.multiply(algebra, s, s, t);
            algebra->ops.combine(algebra, 1, u, 1, t, u);
        }
        break;
    }
    algebra->ops.scale_rows(algebra, rfim__rows(algebra, dual->samples.weights, 0, u.rows), u);
}

void rfim__dual_diagonal(rfim__metric *metric, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    size_t q = dual->samples.count;
    rfim__matrix references = rfim__rows(algebra, dual->samples.references, 0, q);
    rfim__matrix u = rfim__rows(algebra, dual->u, 0, q);
    rfim__matrix t = rfim__rows(algebra, dual->t, 0, q);
    weights_of(metric, u);
    for (size_t p = 0; p < metric->shape.count; p++) {
        rfim__matrix x = rfim__samples_reference(metric, references, p);
        rfim__matrix up = rfim__samples_outputs(metric, u, p);
        rfim__matrix tp = rfim__samples_outputs(metric, t, p);
        if (metric->shape.parts[p].kind == RFIM__LAYER) {
            rfim__matrix squares = rfim__columns(algebra, rfim__rows(algebra, dual->scaled, 0, q),
                                                 0, x.columns);
            algebra->ops.multiply(algebra, x, x, squares);
            algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, 1, squares, up, 0, out[p]);
        } else {
            /* sum of w P a^^2, and of w P */
            algebra->ops.multiply(algebra, up, x, tp);
            kernels_of(metric)->channels_backward(x, up, dual->product[p]);
            kernels_of(metric)->channels_backward(x, tp, out[p]);
            rfim__matrix shifts = rfim__rows(algebra, dual->product[p], 1, 1);
            algebra->ops.combine(algebra, 1, shifts, 0, shifts, rfim__rows(algebra, out[p], 1, 1));
        }
    }
}

void rfim__dual_block_diagonal(rfim__metric *metric, rfim__matrix out)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    rfim__dual_diagonal(metric, dual->z);
    rfim__vector_flatten(algebra, &metric->shape, dual->z, dual->flat);
    algebra->ops.combine(algebra, 1, dual->flat, 0, dual->flat, out);
}

/* R R^T, system by system, in the frame that is free between refreshes. */
static const rfim__dual_frame *plain_systems(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    rfim__dual_frame *frame = &dual->frames[1 - dual->used];
    for (size_t p = 0; p < metric->shape.count; p++) {
        algebra->ops.fill(algebra, 1, frame->lambda[p]);
        algebra->ops.fill(algebra, 1, frame->root[p]);
    }
    rfim__dual_frame_fill(metric, frame);
    rfim__dual_frame_systems(metric, frame);
    return frame;
}

/* Neurons that each system stands for. */
static size_t times_of(const rfim__metric *metric)
{
    const rfim__shape *shape = &metric->shape;
    return rfim__dual_is_joint(shape) ? 1 : shape->parts[0].columns / rfim__dual_blocks(shape);
}

/* |R^T R|_F = |R R^T|_F */
double rfim__dual_squares(rfim__metric *metric)
{
    rfim__algebra *algebra = metric->algebra;
    const rfim__dual_frame *frame = plain_systems(metric);
    double sum = 0;
    for (size_t b = 0; b < rfim__dual_blocks(&metric->shape); b++) {
        rfim__matrix system = rfim__dual_system(metric, frame, b);
        algebra->ops.symmetrise(algebra, system);
        sum += algebra->ops.dot(algebra, system, system);
    }
    return (double)times_of(metric) * sum;
}

/* The eigenvalues of R^T R are those of R R^T; zeros fill up, or are left out. */
bool rfim__dual_spectrum(rfim__metric *metric, double *out)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    const rfim__dual_frame *frame = plain_systems(metric);
    size_t blocks = rfim__dual_blocks(&metric->shape);
    size_t length = metric->shape.order / (blocks * times_of(metric));
    for (size_t b = 0; b < blocks; b++) {
        rfim__matrix system = rfim__dual_system(metric, frame, b);
        rfim__matrix values = rfim__columns(algebra, dual->row, 0, system.rows);
        if (system.rows > RFIM__MOST_EIGEN_ORDER ||
            (system.rows > 0 && algebra->ops.eigen(algebra, system, false, values) != 0))
            return false;
        size_t kept = system.rows < length ? system.rows : length;
        double *to = out + b * length;
        memset(to, 0, length * sizeof *to);
        algebra->ops.export(algebra, rfim__columns(algebra, values, system.rows - kept, kept),
                            to + length - kept);
    }
    for (size_t j = 1; j < times_of(metric); j++)
        memcpy(out + j * length, out, length * sizeof *out);
    return true;
}
