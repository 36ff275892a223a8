/* inverse.c - the explicit inverse of one damped matrix: by sweeps, or by LAPACK. The sweeps
 * of sweep_kernels.c pass over the matrix once for every block of pivots: they are for matrices
 * that the second cache holds, more or less. */
#include "algebra/cpu/inverse.h"

#include "algebra/cpu/cpu.h"
#include "algebra/cpu/sweep.h"
#include "core/size.h"

#define SMALL_ORDER 1024 /* LAPACK takes half as long again there, 2.7 times as long at 81 */

static bool is_small(size_t order)
{
    return order <= SMALL_ORDER;
}

size_t rfim__cpu_invert_damped(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                               rfim__matrix p, bool wide)
{
    bool widened = wide && algebra->precision != RFIM_DOUBLE;
    if (m.rows == 0)
        return 0;
    if (is_small(m.rows) && !widened)
        return RFIM__PICK_VARIANT(rfim__sweep, algebra->context->kernels, algebra->precision)
            ->invert(m, lambda, p, algebra->scratch);
    return RFIM__PICK_VARIANT(rfim__factor, algebra->context->kernels, algebra->precision)
        ->invert_damped(algebra, m, lambda, p, wide);
}

size_t rfim__invert_damped_room(const rfim__algebra *algebra, size_t order)
{
    size_t room = 0;
    size_t numbers = sizeof(double) / algebra->item; /* in the place of one of float64 */
    size_t small = is_small(order) ? rfim__sweep_room(order) : 0;
    if (numbers == 1)
        return small;
    return rfim__size_multiply(order, order, &room) && rfim__size_multiply(room, numbers, &room)
               ? rfim__size_max(room, small)
               : SIZE_MAX;
}
