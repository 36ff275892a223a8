/* packed_lanes.h - Cholesky factors of RFIM__LANES matrices at once, one in each lane of a vector:
 * what the two files packed_*_kernels.c share. */
#ifndef RFIM_ALGEBRA_CPU_PACKED_LANES_H
#define RFIM_ALGEBRA_CPU_PACKED_LANES_H

#include "algebra/algebra.h"
#include "core/kernels.h"

#include <math.h>

#define RFIM__LANES_SLOWNESS 10.0 /* of a flop here, against one of a library product */

typedef RFIM_REAL rfim__lanes[RFIM__LANES];

static inline size_t rfim__lanes_groups(size_t columns)
{
    return (columns + RFIM__LANES - 1) / RFIM__LANES;
}

/* y <- y - a b */
static inline void rfim__lanes_subtract(RFIM_REAL *restrict y, const RFIM_REAL *restrict a,
                                        const RFIM_REAL *restrict b)
{
    for (size_t v = 0; v < RFIM__LANES; v++)
        y[v] -= a[v] * b[v];
}

/* Lanes first ... first+count-1 of the packed matrix, damped; the lanes beyond are the identity. */
static inline void rfim__lanes_load(rfim__matrix m, rfim__matrix lambda, size_t first, size_t count,
                                    rfim__lanes *a)
{
    size_t order = lambda.rows;
    const RFIM_REAL *entries = (const RFIM_REAL *)m.data + first;
    const RFIM_REAL *damping = (const RFIM_REAL *)lambda.data + first;
    for (size_t e = 0; e < rfim__triangle(order); e++)
        for (size_t v = 0; v < RFIM__LANES; v++)
            a[e][v] = v < count ? entries[e * m.stride + v] : 0;
    for (size_t k = 0; k < order; k++)
        for (size_t v = 0; v < RFIM__LANES; v++)
            a[rfim__triangle(k) + k][v] += v < count ? damping[k * lambda.stride + v] : 1;
}

/* The smaller of `failed` and the first lane (from 1) whose pivot is not positive and finite; 0
 * stands for none. */
static inline size_t rfim__lanes_first_failure(size_t failed, const RFIM_REAL *pivot)
{
    for (size_t v = 0; v < RFIM__LANES && (failed == 0 || v + 1 < failed); v++)
        if (!(pivot[v] > 0 && pivot[v] < (RFIM_REAL)INFINITY))
            return v + 1;
    return failed;
}

/* Rows k of L from row k of A: L_kl = (A_kl - sum_p L_kp L_lp) / L_ll; the diagonal keeps 1/L_kk,
 * and L_kk itself goes to roots (order of them) unless that is NULL.
 * Returns the first lane (from 1) that has a pivot which is not positive and finite, or 0. Lanes
 * do not mix: the others go on, as one before it may fail at a later pivot. */
static inline size_t rfim__lanes_factorise(rfim__lanes *a, size_t order, rfim__lanes *roots)
{
    size_t failed = 0;
    for (size_t k = 0; k < order; k++) {
        rfim__lanes *ak = a + rfim__triangle(k);
        for (size_t l = 0; l <= k; l++) {
            const rfim__lanes *al = a + rfim__triangle(l);
            rfim__lanes sum;
            for (size_t v = 0; v < RFIM__LANES; v++)
                sum[v] = ak[l][v];
            for (size_t p = 0; p < l; p++)
                rfim__lanes_subtract(sum, ak[p], al[p]);
            if (l < k) {
                for (size_t v = 0; v < RFIM__LANES; v++)
                    ak[l][v] = sum[v] * al[l][v];
                continue;
            }
            failed = rfim__lanes_first_failure(failed, sum);
            for (size_t v = 0; v < RFIM__LANES; v++) {
                RFIM_REAL root = (RFIM_REAL)sqrt((double)sum[v]);
                ak[k][v] = 1 / root;
                if (roots)
                    roots[k][v] = root;
            }
        }
    }
    return failed;
}

/* From any thread: *failed <- the smaller of it and block `bad`; 0 stands for none. */
static inline void rfim__lanes_report(size_t *failed, size_t bad)
{
    if (bad == 0)
        return;
#pragma omp critical(rfim_packed)
    if (*failed == 0 || bad < *failed)
        *failed = bad;
}

#endif
