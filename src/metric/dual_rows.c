/* dual_rows.c - products with R, whose rows are sqrt(w_i) g_ia, and R Lambda^-1 R^T; by the
 * references and roots of a frame, R is never formed. */
#include "metric/dual.h"

static const rfim__sample_kernels *kernels_of(const rfim__metric *metric)
{
    return rfim__sample_kernels_of(metric->algebra);
}

static rfim__matrix references_of(const rfim__metric *metric, const rfim__dual_frame *frame)
{
    return rfim__rows(metric->algebra, frame->references, 0, frame->count);
}

/* Row a of each sample, of all parts. */
static rfim__matrix roots_of(const rfim__metric *metric, const rfim__dual_frame *frame, size_t a)
{
    return rfim__samples_copy(metric, frame->roots, rfim__dual_copies(&metric->shape), a,
                              frame->count);
}

/* Rows (a, i) of y. */
static rfim__matrix rows_of(const rfim__metric *metric, const rfim__dual_frame *frame, size_t a)
{
    const rfim__dual *dual = metric->state;
    return rfim__rows(metric->algebra, dual->y, a * frame->count, frame->count);
}

rfim__matrix rfim__dual_rows_of(const rfim__metric *metric, const rfim__dual_frame *frame)
{
    const rfim__dual *dual = metric->state;
    return rfim__rows(metric->algebra, dual->y, 0,
                      frame->count * rfim__dual_copies(&metric->shape));
}

rfim__matrix rfim__dual_system(const rfim__metric *metric, const rfim__dual_frame *frame, size_t b)
{
    size_t order = frame->count * rfim__dual_copies(&metric->shape);
    return rfim__columns(metric->algebra,
                         rfim__rows(metric->algebra, frame->systems, b * order, order), 0, order);
}

rfim__matrix rfim__dual_main_diagonal(rfim__matrix a)
{
    a.columns = a.rows > 0 ? 1 : 0;
    a.stride++;
    return a;
}

/* --- what is taken over ----------------------------------------------------------------------- */

static void fill_roots(rfim__metric *metric, rfim__dual_frame *frame)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    size_t q = frame->count;
    size_t copies = rfim__dual_copies(&metric->shape);
    rfim__matrix weights = rfim__rows(algebra, dual->samples.weights, 0, q);
    rfim__matrix curvature = dual->samples.curvature;
    rfim__matrix roots = rfim__rows(algebra, frame->roots, 0, q * copies);
    rfim__matrix u = rfim__rows(algebra, dual->u, 0, q);
    switch (metric->shape.curvature) {
    case RFIM__UNIT:
        algebra->ops.fill(algebra, 1, u);
        kernels_of(metric)->roots(weights, u, roots);
        break;
    case RFIM__WEIGHTS:
        kernels_of(metric)->roots(weights, rfim__rows(algebra, curvature, 0, q), roots);
        break;
    case RFIM__CLASSES:
        kernels_of(metric)->class_roots(weights, rfim__rows(algebra, curvature, 0, q), roots);
        break;
    case RFIM__FACTORS:
        algebra->ops.fill(algebra, 1, u);
        kernels_of(metric)->roots(weights, u, u);
        for (size_t a = 0; a < copies; a++)
            algebra->ops.multiply(algebra, u, rfim__samples_copy(metric, curvature, copies, a, q),
                                  roots_of(metric, frame, a));
        break;
    }
}

void rfim__dual_frame_fill(rfim__metric *metric, rfim__dual_frame *frame)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    frame->count = dual->samples.count;
    rfim__matrix from = rfim__rows(algebra, dual->samples.references, 0, frame->count);
    algebra->ops.combine(algebra, 1, from, 0, from, references_of(metric, frame));
    fill_roots(metric, frame);
}

/* --- R v and R^T y ---------------------------------------------------------------------------- */

void rfim__dual_references_forward(rfim__metric *metric, rfim__matrix references,
                                   const rfim__matrix *v, rfim__matrix u)
{
    rfim__algebra *algebra = metric->algebra;
    for (size_t p = 0; p < metric->shape.count; p++) {
        rfim__matrix x = rfim__samples_reference(metric, references, p);
        rfim__matrix up = rfim__samples_outputs(metric, u, p);
        if (metric->shape.parts[p].kind == RFIM__LAYER)
            algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, x, v[p], 0, up);
        else
            kernels_of(metric)->channels_forward(x, v[p], up);
    }
}

void rfim__dual_references_backward(rfim__metric *metric, rfim__matrix references, rfim__matrix t,
                                    rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    for (size_t p = 0; p < metric->shape.count; p++) {
        rfim__matrix x = rfim__samples_reference(metric, references, p);
        rfim__matrix tp = rfim__samples_outputs(metric, t, p);
        if (metric->shape.parts[p].kind == RFIM__LAYER)
            algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, 1, x, tp, 0, out[p]);
        else
            kernels_of(metric)->channels_backward(x, tp, out[p]);
    }
}

void rfim__dual_forward(rfim__metric *metric, const rfim__dual_frame *frame, const rfim__matrix *v)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    rfim__matrix u = rfim__rows(algebra, dual->u, 0, frame->count);
    rfim__dual_references_forward(metric, references_of(metric, frame), v, u);
    if (!rfim__dual_is_joint(&metric->shape)) {
        algebra->ops.multiply(algebra, u, roots_of(metric, frame, 0),
                              rfim__dual_rows_of(metric, frame));
        return;
    }
    for (size_t a = 0; a < rfim__dual_copies(&metric->shape); a++)
        kernels_of(metric)->row_dots(u, roots_of(metric, frame, a), rows_of(metric, frame, a));
}

void rfim__dual_backward(rfim__metric *metric, const rfim__dual_frame *frame, rfim__matrix *out)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    rfim__matrix t = rfim__rows(algebra, dual->t, 0, frame->count);
    if (rfim__dual_is_joint(&metric->shape)) {
        algebra->ops.fill(algebra, 0, t);
        for (size_t a = 0; a < rfim__dual_copies(&metric->shape); a++)
            kernels_of(metric)->add_scaled_rows(rows_of(metric, frame, a),
                                                roots_of(metric, frame, a), t);
    } else {
        algebra->ops.multiply(algebra, rfim__dual_rows_of(metric, frame),
                              roots_of(metric, frame, 0), t);
    }
    rfim__dual_references_backward(metric, references_of(metric, frame), t, out);
}

/* --- R Lambda^-1 R^T -------------------------------------------------------------------------- */

/* dual->kernel <- K_ik, the product of the references of samples i and k within Lambda^-1 of
 * output j: for a layer x~_i^T Lambda_:j^-1 x~_k, for channels the same of (a^_ij, 1). */
static rfim__matrix kernel_of(rfim__metric *metric, const rfim__dual_frame *frame, size_t p,
                              size_t j)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    const rfim__part *part = &metric->shape.parts[p];
    size_t q = frame->count;
    rfim__matrix x = rfim__samples_reference(metric, references_of(metric, frame), p);
    rfim__matrix root = rfim__columns(algebra, frame->root[p], j, 1);
    rfim__matrix scaled = rfim__columns(algebra, rfim__rows(algebra, dual->scaled, 0, q), 0,
                                        part->rows);
    rfim__matrix kernel = rfim__columns(algebra, rfim__rows(algebra, dual->kernel, 0, q), 0, q);
    if (part->kind == RFIM__CHANNELS) {
        rfim__matrix gain = rfim__columns(algebra, scaled, 0, 1);
        rfim__matrix shift = rfim__columns(algebra, scaled, 1, 1);
        algebra->ops.fill(algebra, 1, shift);
        kernels_of(metric)->scale_columns(rfim__columns(algebra, x, j, 1), root, gain);
        kernels_of(metric)->scale_columns(shift, rfim__rows(algebra, root, 1, 1), shift);
    } else {
        kernels_of(metric)->scale_columns(x, root, scaled);
    }
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1, scaled, scaled, 0, kernel);
    return kernel;
}

/* Is K the same for all outputs of a part? */
static bool is_common(const rfim__metric *metric, const rfim__dual_frame *frame, size_t p)
{
    return metric->shape.parts[p].kind == RFIM__LAYER &&
           kernels_of(metric)->constant(frame->lambda[p]);
}

/* One system a neuron, or one for all: B_ik = r_ij K_ik r_kj */
static void separate_systems(rfim__metric *metric, rfim__dual_frame *frame)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__matrix roots = roots_of(metric, frame, 0);
    rfim__matrix kernel = {0};
    bool common = is_common(metric, frame, 0);
    for (size_t b = 0; b < rfim__dual_blocks(&metric->shape); b++) {
        rfim__matrix system = rfim__dual_system(metric, frame, b);
        rfim__matrix root = rfim__columns(algebra, roots, b, 1);
        if (b == 0 || !common)
            kernel = kernel_of(metric, frame, 0, b);
        algebra->ops.fill(algebra, 0, system);
        kernels_of(metric)->add_sandwich(kernel, root, root, system);
    }
}

/* Block (a, b) of the joint system: rows and columns of all samples. */
static rfim__matrix joint_block(const rfim__metric *metric, const rfim__dual_frame *frame, size_t a,
                                size_t b)
{
    size_t q = frame->count;
    rfim__matrix system = rfim__dual_system(metric, frame, 0);
    return rfim__columns(metric->algebra, rfim__rows(metric->algebra, system, a * q, q), b * q, q);
}

/* B_(ai),(bk) += K_ik (s_ai . s_bk), where K does not depend on the output */
static void add_common(rfim__metric *metric, rfim__dual_frame *frame, size_t p)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    size_t q = frame->count;
    rfim__matrix kernel = kernel_of(metric, frame, p, 0);
    rfim__matrix pair = rfim__columns(algebra, rfim__rows(algebra, dual->pair, 0, q), 0, q);
    for (size_t a = 0; a < rfim__dual_copies(&metric->shape); a++) {
        rfim__matrix left = rfim__samples_outputs(metric, roots_of(metric, frame, a), p);
        for (size_t b = 0; b <= a; b++) {
            rfim__matrix right = rfim__samples_outputs(metric, roots_of(metric, frame, b), p);
            rfim__matrix block = joint_block(metric, frame, a, b);
            algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1, left, right, 0, pair);
            algebra->ops.multiply(algebra, pair, kernel, pair);
            algebra->ops.combine(algebra, 1, block, 1, pair, block);
        }
    }
}

/* B_(ai),(bk) += sum_j s_aij K_ikj s_bkj */
static void add_output_by_output(rfim__metric *metric, rfim__dual_frame *frame, size_t p)
{
    rfim__algebra *algebra = metric->algebra;
    for (size_t j = 0; j < metric->shape.parts[p].columns; j++) {
        rfim__matrix kernel = kernel_of(metric, frame, p, j);
        for (size_t a = 0; a < rfim__dual_copies(&metric->shape); a++) {
            rfim__matrix left = rfim__samples_outputs(metric, roots_of(metric, frame, a), p);
            for (size_t b = 0; b <= a; b++) {
                rfim__matrix right = rfim__samples_outputs(metric, roots_of(metric, frame, b), p);
                kernels_of(metric)->add_sandwich(kernel, rfim__columns(algebra, left, j, 1),
                                                 rfim__columns(algebra, right, j, 1),
                                                 joint_block(metric, frame, a, b));
            }
        }
    }
}

void rfim__dual_frame_systems(rfim__metric *metric, rfim__dual_frame *frame)
{
    rfim__algebra *algebra = metric->algebra;
    if (!rfim__dual_is_joint(&metric->shape)) {
        separate_systems(metric, frame);
        return;
    }
    algebra->ops.fill(algebra, 0, rfim__dual_system(metric, frame, 0));
    for (size_t p = 0; p < metric->shape.count; p++) {
        if (is_common(metric, frame, p))
            add_common(metric, frame, p);
        else
            add_output_by_output(metric, frame, p);
    }
}
