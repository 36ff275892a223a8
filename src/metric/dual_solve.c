/* dual_solve.c - solving with G + Lambda by the systems of dual.h, and refining the solution. */
#include "metric/dual.h"

#include <math.h>

#define ROUNDS 12
#define ITERATIONS 10 /* of conjugate gradients in a round, at most */
#define NEAR 1e-3     /* what a round is to leave of the residual */
#define UNITS 8       /* of rounding, that a step straight from y may be off */

/* dual->y <- B^-1 dual->y */
static void solve_systems(rfim__metric *metric, const rfim__dual_frame *frame)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__matrix y = rfim__dual_rows_of(metric, frame);
    size_t blocks = rfim__dual_blocks(&metric->shape);
    size_t columns = y.columns / blocks;
    for (size_t b = 0; b < blocks; b++)
        algebra->ops.cholesky_solve(algebra, rfim__dual_system(metric, frame, b),
                                    rfim__columns(algebra, y, b * columns, columns));
}

/* x <- Lambda^-1 x */
static void divide_by_lambda(rfim__metric *metric, const rfim__dual_frame *frame, rfim__matrix *x)
{
    rfim__algebra *algebra = metric->algebra;
    for (size_t p = 0; p < metric->shape.count; p++) {
        algebra->ops.multiply(algebra, x[p], frame->root[p], x[p]);
        algebra->ops.multiply(algebra, x[p], frame->root[p], x[p]);
    }
}

/* z <- alpha x + beta y */
static void combine(rfim__metric *metric, double alpha, const rfim__matrix *x, double beta,
                    const rfim__matrix *y, rfim__matrix *z)
{
    for (size_t p = 0; p < metric->shape.count; p++)
        metric->algebra->ops.combine(metric->algebra, alpha, x[p], beta, y[p], z[p]);
}

static double dot(rfim__metric *metric, const rfim__matrix *x, const rfim__matrix *y)
{
    double sum = 0;
    for (size_t p = 0; p < metric->shape.count; p++)
        sum += metric->algebra->ops.dot(metric->algebra, x[p], y[p]);
    return sum;
}

/* z <- Lambda^-1 (v - R^T B^-1 R Lambda^-1 v) */
static void solve_once(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *z)
{
    const rfim__dual *dual = metric->state;
    const rfim__dual_frame *frame = &dual->frames[dual->used];
    combine(metric, 1, v, 0, v, z);
    divide_by_lambda(metric, frame, z);
    rfim__dual_forward(metric, frame, z);
    solve_systems(metric, frame);
    rfim__dual_backward(metric, frame, dual->product);
    combine(metric, 1, v, -1, dual->product, z);
    divide_by_lambda(metric, frame, z);
}

/* out <- (G + Lambda) v; work: one more vector, of no use afterwards */
static void multiply_damped(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *work,
                            rfim__matrix *out)
{
    const rfim__dual *dual = metric->state;
    const rfim__dual_frame *frame = &dual->frames[dual->used];
    rfim__dual_forward(metric, frame, v);
    rfim__dual_backward(metric, frame, out);
    for (size_t p = 0; p < metric->shape.count; p++)
        metric->algebra->ops.multiply(metric->algebra, frame->lambda[p], v[p], work[p]);
    combine(metric, 1, out, 1, work, out);
}

/* rest^T Lambda^-1 rest: the residual as a Lambda with very different entries wants it measured */
static double size_of_rest(rfim__metric *metric)
{
    const rfim__dual *dual = metric->state;
    const rfim__dual_frame *frame = &dual->frames[dual->used];
    for (size_t p = 0; p < metric->shape.count; p++)
        metric->algebra->ops.multiply(metric->algebra, dual->rest[p], frame->root[p],
                                      dual->product[p]);
    return dot(metric, dual->product, dual->product);
}

/* dual->step <- about (G + Lambda)^-1 dual->rest, by conjugate gradients with solve_once for a
 * preconditioner; dual->rest <- what is left of it. As the preconditioner is exact but for
 * rounding, one iteration is nearly always enough. (turn is beta as Polak and Ribiere have it,
 * which forgives a preconditioner that is not quite symmetric.) */
static void improve(rfim__metric *metric, double size)
{
    const rfim__dual *dual = metric->state;
    solve_once(metric, dual->rest, dual->search);
    combine(metric, 0, dual->search, 0, dual->search, dual->step);
    double gain = dot(metric, dual->rest, dual->search);
    if (!(gain > 0)) { /* nothing but rounding; Lambda^-1 is positive, if far from the solution */
        combine(metric, 1, dual->rest, 0, dual->rest, dual->search);
        divide_by_lambda(metric, &dual->frames[dual->used], dual->search);
        gain = dot(metric, dual->rest, dual->search);
    }
    for (int i = 0; i < ITERATIONS; i++) {
        multiply_damped(metric, dual->search, dual->product, dual->image);
        double length = gain / dot(metric, dual->search, dual->image);
        if (!(length > 0 && length < INFINITY))
            return;
        combine(metric, 1, dual->step, length, dual->search, dual->step);
        combine(metric, 1, dual->rest, -length, dual->image, dual->rest);
        if (!(size_of_rest(metric) > NEAR * NEAR * size))
            return;
        solve_once(metric, dual->rest, dual->next);
        double turn = -length * dot(metric, dual->next, dual->image) / gain;
        gain = dot(metric, dual->rest, dual->next);
        combine(metric, 1, dual->next, turn, dual->search, dual->search);
    }
}

/* dual->rest <- v - (G + Lambda) z; returns its size */
static double residual(rfim__metric *metric, const rfim__matrix *v, const rfim__matrix *z)
{
    const rfim__dual *dual = metric->state;
    multiply_damped(metric, z, dual->product, dual->image);
    combine(metric, 1, v, -1, dual->image, dual->rest);
    return size_of_rest(metric);
}

/* Refines until a round does not halve the residual, or it is as small as the rounding of v:
 * rounding is all that is left then. */
void rfim__dual_solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    const rfim__dual *dual = metric->state;
    combine(metric, 0, v, 0, v, dual->best);
    combine(metric, 1, v, 0, v, dual->rest);
    double size = size_of_rest(metric);
    double unit = metric->algebra->precision == RFIM_DOUBLE ? 0x1p-53 : 0x1p-24;
    double enough = unit * unit * size;
    for (int round = 0; round < ROUNDS && size > enough; round++) {
        improve(metric, size);
        combine(metric, 1, dual->best, 1, dual->step, dual->z);
        double next = residual(metric, v, dual->z);
        if (round > 0 && !(next < size))
            break;
        combine(metric, 1, dual->z, 0, dual->z, dual->best);
        if (round > 0 && next > size / 4)
            break;
        size = next;
    }
    combine(metric, 1, dual->best, 0, dual->best, out);
}

/* --- straight from y -------------------------------------------------------------------------- */

/* tr G of one LAYER part: the sum of |root_ia|^2 |x~_i|^2 */
static double trace_of(rfim__metric *metric, const rfim__dual_frame *frame)
{
    rfim__algebra *algebra = metric->algebra;
    const rfim__dual *dual = metric->state;
    const rfim__sample_kernels *kernels = rfim__sample_kernels_of(algebra);
    size_t q = frame->count;
    size_t copies = rfim__dual_copies(&metric->shape);
    rfim__matrix x = rfim__rows(algebra, frame->references, 0, q);
    rfim__matrix lengths = rfim__columns(algebra, rfim__rows(algebra, dual->kernel, 0, q), 0, 1);
    rfim__matrix sums = rfim__columns(algebra, rfim__rows(algebra, dual->t, 0, q), 0, 1);
    double sum = 0;
    kernels->row_dots(x, x, lengths);
    for (size_t a = 0; a < copies; a++) {
        rfim__matrix root = rfim__samples_copy(metric, frame->roots, copies, a, q);
        kernels->row_dots(root, root, sums);
        sum += algebra->ops.dot(algebra, lengths, sums);
    }
    return sum;
}

/* Is what z leaves of v no more than rounding, |v - (G + Lambda) z| beside tr(G) |z| + |v|? */
static bool is_accurate(rfim__metric *metric, const rfim__matrix *v, const rfim__matrix *z)
{
    const rfim__dual *dual = metric->state;
    double unit = metric->algebra->precision == RFIM_DOUBLE ? 0x1p-53 : 0x1p-24;
    double size = trace_of(metric, &dual->frames[dual->used]) * sqrt(dot(metric, z, z)) +
                  sqrt(dot(metric, v, v));
    residual(metric, v, z);
    return sqrt(dot(metric, dual->rest, dual->rest)) <= UNITS * unit * size;
}

void rfim__dual_lift(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out)
{
    const rfim__dual *dual = metric->state;
    const rfim__dual_frame *frame = &dual->frames[dual->used];
    solve_systems(metric, frame);
    rfim__dual_backward(metric, frame, out);
    divide_by_lambda(metric, frame, out);
    if (!is_accurate(metric, v, out))
        rfim__dual_solve(metric, v, out);
}
