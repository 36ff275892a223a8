/* inverse.c - the explicit inverse of one damped matrix.
 *
 * LAPACK's potri is made for large matrices: at D = 81 it takes four times as long as solving with
 * the factor for all columns of I by our own kernels, which is the way of small ones here. */
#include "algebra/cpu/inverse.h"

#include "algebra/cpu/cpu.h"
#include "algebra/cpu/dual.h"
#include "algebra/cpu/team.h"
#include "core/size.h"

#define SMALL_ORDER 256

static bool is_small(size_t order)
{
    return order <= SMALL_ORDER;
}

/* L <- the lower triangle of M, which it takes whole rows of, with lambda added */
static void copy_damped(const rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                        rfim__matrix l)
{
    rfim__matrix diagonal = {l.data, l.rows, 1, l.stride + 1};
    algebra->ops.combine((rfim__algebra *)algebra, 1, m, 0, m, l);
    algebra->ops.combine((rfim__algebra *)algebra, 1, diagonal, 1, lambda, diagonal);
}

static size_t invert_small(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                           rfim__matrix p)
{
    rfim_kernels kernels = algebra->context->kernels;
    const rfim__dual_shared_part *part = RFIM__PICK_VARIANT(rfim__dual_shared, kernels,
                                                            algebra->precision);
    size_t order = m.rows;
    rfim__matrix l = {algebra->scratch, order, order, order};
    rfim__matrix diagonal = {p.data, order, 1, p.stride + 1};
    rfim__dual_job job = {.k = l, .r = p, .z = p};
    job.used = rfim__size_round_up(order * order * algebra->item, RFIM__ALIGNMENT);
    copy_damped(algebra, m, lambda, l);
    size_t failed = algebra->ops.cholesky(algebra, l);
    if (failed > 0)
        return failed;
    part->prepare(l);
    algebra->ops.fill(algebra, 0, p);
    algebra->ops.fill(algebra, 1, diagonal);
    for (size_t tile = 0; tile < (order + part->columns - 1) / part->columns; tile++)
        part->solve(&job, tile, algebra->scratch);
    algebra->ops.symmetrise(algebra, p);
    return 0;
}

size_t rfim__cpu_invert_damped(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                               rfim__matrix p, bool wide)
{
    bool widened = wide && algebra->precision != RFIM_DOUBLE;
    if (m.rows == 0)
        return 0;
    if (is_small(m.rows) && !widened)
        return invert_small(algebra, m, lambda, p);
    return RFIM__PICK_VARIANT(rfim__factor, algebra->context->kernels, algebra->precision)
        ->invert_damped(algebra, m, lambda, p, wide);
}

size_t rfim__invert_damped_room(const rfim__algebra *algebra, size_t order)
{
    size_t room = 0;
    size_t numbers = sizeof(double) / algebra->item; /* in the place of one of float64 */
    size_t small = is_small(order) ? rfim__dual_room(order, order) : 0;
    if (numbers == 1)
        return small;
    return rfim__size_multiply(order, order, &room) && rfim__size_multiply(room, numbers, &room)
               ? rfim__size_max(room, small)
               : SIZE_MAX;
}
