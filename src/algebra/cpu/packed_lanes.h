/* packed_lanes.h - a group of packed lanes (algebra/algebra.h): as many matrices as a cache line
 * has numbers, one in each lane. Entry (k,l), l <= k, of all of them is the line k(k+1)/2 + l of
 * `a`. */
#ifndef RFIM_ALGEBRA_CPU_PACKED_LANES_H
#define RFIM_ALGEBRA_CPU_PACKED_LANES_H

#include "core/context.h"
#include "core/kernels.h"

#include <stddef.h>

/* A flop on lanes, against one of a large library product with the same instruction set. */
#define RFIM__LANES_SLOWNESS 1.5

typedef struct rfim__lanes_part {
    /* A <- L with A = L L^T, in place; the diagonal keeps 1/L_kk, and L_kk itself goes to roots,
     * [order x lanes], unless that is NULL. Returns the first lane (from 1) that has a pivot which
     * is not positive and finite, or 0; then A is of no use. */
    size_t (*factorise)(void *a, size_t order, void *roots);
    /* What factorise left <- (L L^T)^-1 */
    void (*invert)(void *a, size_t order);
} rfim__lanes_part;

RFIM__DECLARE_VARIANTS(rfim__lanes_part, rfim__lanes);

#endif
