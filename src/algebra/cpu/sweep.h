/* sweep.h - the inverse of one small positive definite matrix, by sweeping blocks of pivots. */
#ifndef RFIM_ALGEBRA_CPU_SWEEP_H
#define RFIM_ALGEBRA_CPU_SWEEP_H

#include "algebra/algebra.h"
#include "core/kernels.h"
#include "core/size.h"

#define RFIM__SWEEP_BLOCK RFIM__LANES /* pivots that are swept together */

/* Numbers of a row of the work area */
static inline size_t rfim__sweep_stride(size_t order)
{
    return rfim__size_round_up(order, RFIM__SWEEP_BLOCK);
}

/* Numbers of room: the matrix, and two panels of a block of rows */
static inline size_t rfim__sweep_room(size_t order)
{
    return (rfim__sweep_stride(order) + 2 * RFIM__SWEEP_BLOCK) * rfim__sweep_stride(order);
}

typedef struct rfim__sweep_part {
    /* P <- (M + diag(lambda))^-1, both triangles.   M, P: [D x D], lambda: [D x 1], room:
     * rfim__sweep_room numbers, aligned. Returns 0, or the first pivot (from 1) that is not
     * positive and finite; P is then as it was. */
    size_t (*invert)(rfim__matrix m, rfim__matrix lambda, rfim__matrix p, void *room);
} rfim__sweep_part;

RFIM__DECLARE_VARIANTS(rfim__sweep_part, rfim__sweep);

#endif
