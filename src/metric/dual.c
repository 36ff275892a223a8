#include "metric/dual.h"

#include "core/size.h"

#include <math.h>

#define LARGEST_ROUNDING .25
#define VECTORS 8
#define LISTS (VECTORS + 4) /* of matrices: vectors, lambda and root of both frames */

static const rfim__sample_kernels *kernels_of(const rfim__metric *metric)
{
    return rfim__sample_kernels_of(metric->algebra);
}

bool rfim__dual_is_joint(const rfim__shape *shape)
{
    return shape->curvature == RFIM__FACTORS || shape->curvature == RFIM__CLASSES;
}

size_t rfim__dual_copies(const rfim__shape *shape)
{
    return shape->curvature == RFIM__FACTORS   ? shape->copies
           : shape->curvature == RFIM__CLASSES ? shape->parts[0].columns
                                               : 1;
}

/* Is there one system that solves for all columns? */
static bool is_shared(const rfim__shape *shape)
{
    return shape->curvature == RFIM__UNIT && shape->parts[0].kind == RFIM__LAYER;
}

size_t rfim__dual_blocks(const rfim__shape *shape)
{
    return rfim__dual_is_joint(shape) || is_shared(shape) ? 1 : shape->parts[0].columns;
}

/* --- laying out ------------------------------------------------------------------------------- */

size_t rfim__dual_state_bytes(const rfim__shape *shape)
{
    return sizeof(rfim__dual) + LISTS * shape->count * sizeof(rfim__matrix);
}

void rfim__dual_lambda_blocks(const rfim__shape *shape, size_t *block_order, size_t *blocks)
{
    *block_order = shape->order;
    *blocks = 1;
}

void rfim__dual_plan(const rfim__metric *metric, rfim_metric_plan *out)
{
    const rfim__shape *shape = &metric->shape;
    double q = (double)shape->max_samples;
    double order = q * (double)rfim__dual_copies(shape);
    double blocks = (double)rfim__dual_blocks(shape);
    double row = (double)shape->order / (double)rfim__samples_all_outputs(shape);
    double columns = is_shared(shape) ? (double)shape->parts[0].columns : blocks;
    out->blocks = rfim__dual_blocks(shape);
    out->factor_order = shape->max_samples * rfim__dual_copies(shape);
    out->observe_flops = 0;
    out->refresh_flops = 2 * q * q * row + 2 * blocks * order * order +
                         blocks * order * order * order / 3;
    /* three rounds of one iteration */
    out->solve_flops = 36 * q * (double)shape->order + 6 * order * order * columns;
}

static void place_frame(rfim__metric *metric, rfim__dual_frame *frame, rfim__arena *arena)
{
    rfim__algebra *algebra = metric->algebra;
    const rfim__shape *shape = &metric->shape;
    const rfim__dual *dual = metric->state;
    size_t order = 0;
    size_t rows = 0;
    if (!rfim__size_multiply(shape->max_samples, rfim__dual_copies(shape), &order) ||
        !rfim__size_multiply(order, rfim__dual_blocks(shape), &rows))
        arena->overflow = true;
    frame->references = rfim__arena_matrix(arena, algebra, shape->max_samples,
                                           dual->samples.references.columns);
    frame->roots = rfim__arena_matrix(arena, algebra, order, rfim__samples_all_outputs(shape));
    frame->systems = rfim__arena_matrix(arena, algebra, rows, order);
    rfim__vector_place(arena, algebra, shape, frame->lambda);
    rfim__vector_place(arena, algebra, shape, frame->root);
}

static void share_lists(const rfim__shape *shape, rfim__dual *dual)
{
    rfim__matrix **lists[LISTS] = {
        &dual->z,
        &dual->best,
        &dual->rest,
        &dual->step,
        &dual->search,
        &dual->image,
        &dual->product,
        &dual->next,
        &dual->frames[0].lambda,
        &dual->frames[0].root,
        &dual->frames[1].lambda,
        &dual->frames[1].root,
    };
    for (size_t i = 0; i < LISTS; i++)
        *lists[i] = dual->lists + i * shape->count;
}

static size_t longest_row(const rfim__shape *shape)
{
    size_t longest = 0;
    for (size_t p = 0; p < shape->count; p++)
        longest = rfim__size_max(longest, shape->parts[p].rows);
    return longest;
}

void rfim__dual_place(rfim__metric *metric, rfim__arena *arena)
{
    rfim__dual *dual = metric->state;
    rfim__algebra *algebra = metric->algebra;
    const rfim__shape *shape = &metric->shape;
    size_t most = shape->max_samples;
    size_t outputs = rfim__samples_all_outputs(shape);
    bool joint = rfim__dual_is_joint(shape);
    share_lists(shape, dual);
    rfim__samples_place(&dual->samples, metric, arena);
    place_frame(metric, &dual->frames[0], arena);
    place_frame(metric, &dual->frames[1], arena);
    size_t order = dual->frames[0].systems.columns;
    dual->scaled = rfim__arena_matrix(arena, algebra, most, longest_row(shape));
    dual->kernel = rfim__arena_matrix(arena, algebra, most, most);
    dual->pair = rfim__arena_matrix(arena, algebra, joint ? most : 0, most);
    dual->u = rfim__arena_matrix(arena, algebra, most, outputs);
    dual->t = rfim__arena_matrix(arena, algebra, most, outputs);
    dual->y = joint ? rfim__vector_place_flat(arena, algebra, order)
                    : rfim__arena_matrix(arena, algebra, most, outputs);
    dual->row = rfim__arena_matrix(arena, algebra, 1, order);
    dual->flat = rfim__vector_place_flat(arena, algebra, shape->order);
    for (size_t i = 0; i < VECTORS; i++)
        rfim__vector_place(arena, algebra, shape, dual->lists + i * shape->count);
}

size_t rfim__dual_metric_room(const rfim__metric *metric)
{
    const rfim__dual *dual = metric->state;
    size_t order = dual->frames[0].systems.columns;
    return order > RFIM__MOST_EIGEN_ORDER ? 0 : metric->algebra->ops.eigen_room(order, false);
}

/* --- collecting ------------------------------------------------------------------------------- */

void rfim__dual_set_identity(rfim__metric *metric, double scale)
{
    (void)scale;
    rfim__dual *dual = metric->state;
    rfim__samples_clear(&dual->samples);
}

bool rfim__dual_observe(rfim__metric *metric, double keep, double add,
                        const rfim__observation *seen)
{
    rfim__dual *dual = metric->state;
    return rfim__samples_observe(metric, &dual->samples, keep, add, seen);
}

bool rfim__dual_merge(rfim__metric *metric, double keep, double add, const rfim__metric *other)
{
    rfim__dual *dual = metric->state;
    const rfim__dual *from = other->state;
    return rfim__samples_merge(metric, &dual->samples, keep, add, &from->samples);
}

size_t rfim__dual_tensors(rfim__metric *metric, rfim__metric_tensor out[RFIM__METRIC_TENSORS])
{
    rfim__dual *dual = metric->state;
    return rfim__samples_tensors(metric, &dual->samples, out);
}

void rfim__dual_filled(rfim__metric *metric, size_t rows)
{
    rfim__dual *dual = metric->state;
    dual->samples.count = rows;
}

size_t rfim__dual_samples(const rfim__metric *metric)
{
    const rfim__dual *dual = metric->state;
    return dual->samples.count;
}

/* --- factorising ------------------------------------------------------------------------------ */

/* Lambda, part by part, and its inverse root. false: it is not positive and finite. */
static bool take_lambda(rfim__metric *metric, rfim__dual_frame *frame)
{
    rfim__algebra *algebra = metric->algebra;
    rfim__dual *dual = metric->state;
    bool positive = true;
    algebra->ops.combine(algebra, 1, metric->next_lambda, 0, metric->next_lambda, dual->flat);
    rfim__vector_unflatten(algebra, &metric->shape, dual->flat, frame->lambda);
    for (size_t p = 0; p < metric->shape.count; p++) {
        kernels_of(metric)->inverse_roots(frame->lambda[p], frame->root[p]);
        positive = positive && algebra->ops.finite(algebra, frame->lambda[p]) &&
                   algebra->ops.finite(algebra, frame->root[p]);
    }
    return positive;
}

/* B <- its factor. The eigenvalues of B are 1 and more: where B is so large that the rounding of
 * its entries reaches 1, what is left of Lambda is noise, and B counts as not positive definite. */
static bool factorise_system(rfim__metric *metric, rfim__matrix system)
{
    rfim__algebra *algebra = metric->algebra;
    double unit = algebra->precision == RFIM_DOUBLE ? 0x1p-53 : 0x1p-24;
    kernels_of(metric)->add_constant(1, rfim__dual_main_diagonal(system));
    algebra->ops.symmetrise(algebra, system);
    double size = sqrt(algebra->ops.dot(algebra, system, system));
    return size * unit <= LARGEST_ROUNDING && algebra->ops.cholesky(algebra, system) == 0;
}

size_t rfim__dual_factorise(rfim__metric *metric)
{
    rfim__dual *dual = metric->state;
    rfim__dual_frame *next = &dual->frames[1 - dual->used];
    if (!take_lambda(metric, next))
        return 1;
    rfim__dual_frame_fill(metric, next);
    rfim__dual_frame_systems(metric, next);
    for (size_t b = 0; b < rfim__dual_blocks(&metric->shape); b++)
        if (!factorise_system(metric, rfim__dual_system(metric, next, b)))
            return 1;
    return 0;
}

void rfim__dual_accept(rfim__metric *metric)
{
    rfim__dual *dual = metric->state;
    dual->used = 1 - dual->used;
}

double rfim__dual_log_det(rfim__metric *metric)
{
    rfim__dual *dual = metric->state;
    const rfim__dual_frame *frame = &dual->frames[dual->used];
    const rfim__part *part = &metric->shape.parts[0];
    double sum = 0;
    for (size_t b = 0; b < rfim__dual_blocks(&metric->shape); b++) {
        rfim__matrix factor = rfim__dual_system(metric, frame, b);
        sum += 2 * kernels_of(metric)->log_sum(rfim__dual_main_diagonal(factor));
    }
    sum *= is_shared(&metric->shape) ? (double)part->columns : 1;
    for (size_t p = 0; p < metric->shape.count; p++)
        sum += kernels_of(metric)->log_sum(frame->lambda[p]);
    return sum;
}
