/* packed_group.h - views of packed lanes for the packed_*_kernels.c and gram_kernels.c: where a
 * group begins, how many matrices it has, and the columns of an ordinary matrix that go with it. */
#ifndef RFIM_ALGEBRA_CPU_PACKED_GROUP_H
#define RFIM_ALGEBRA_CPU_PACKED_GROUP_H

#include "algebra/algebra.h"

#define RFIM__GROUP_LANES (RFIM__ALIGNMENT / sizeof(RFIM_REAL))

typedef RFIM_REAL rfim__lanes_line[RFIM__GROUP_LANES];

static inline RFIM_REAL *rfim__group_at(rfim__matrix packed, size_t order, size_t group)
{
    return (RFIM_REAL *)packed.data + group * rfim__triangle(order) * RFIM__GROUP_LANES;
}

/* Matrices of the group, of m */
static inline size_t rfim__group_count(size_t m, size_t group)
{
    size_t left = m - group * RFIM__GROUP_LANES;
    return left < RFIM__GROUP_LANES ? left : RFIM__GROUP_LANES;
}

/* lines <- the columns of X [rows x m] that go with the group; lanes beyond m get `beyond` */
static inline void rfim__group_load(rfim__matrix x, size_t group, RFIM_REAL beyond,
                                    rfim__lanes_line *restrict lines)
{
    size_t count = rfim__group_count(x.columns, group);
    const RFIM_REAL *from = (const RFIM_REAL *)x.data + group * RFIM__GROUP_LANES;
    for (size_t k = 0; k < x.rows && count == RFIM__GROUP_LANES; k++)
        for (size_t v = 0; v < RFIM__GROUP_LANES; v++)
            lines[k][v] = from[k * x.stride + v];
    for (size_t k = 0; k < x.rows && count < RFIM__GROUP_LANES; k++)
        for (size_t v = 0; v < RFIM__GROUP_LANES; v++)
            lines[k][v] = v < count ? from[k * x.stride + v] : beyond;
}

/* X's columns of the group <- lines */
static inline void rfim__group_store(const rfim__lanes_line *restrict lines, size_t group,
                                     rfim__matrix x)
{
    size_t count = rfim__group_count(x.columns, group);
    RFIM_REAL *to = (RFIM_REAL *)x.data + group * RFIM__GROUP_LANES;
    for (size_t k = 0; k < x.rows && count == RFIM__GROUP_LANES; k++)
        for (size_t v = 0; v < RFIM__GROUP_LANES; v++)
            to[k * x.stride + v] = lines[k][v];
    for (size_t k = 0; k < x.rows && count < RFIM__GROUP_LANES; k++)
        for (size_t v = 0; v < count; v++)
            to[k * x.stride + v] = lines[k][v];
}

/* Lanes count ... of a group <- 0 */
static inline void rfim__group_clear(RFIM_REAL *a, size_t order, size_t count)
{
    for (size_t e = 0; e < rfim__triangle(order) && count < RFIM__GROUP_LANES; e++)
        for (size_t v = count; v < RFIM__GROUP_LANES; v++)
            a[e * RFIM__GROUP_LANES + v] = 0;
}

/* A <- M + diag(Lambda) in the lanes of the group, the identity in lanes beyond; M may be A. */
static inline void rfim__group_damp(rfim__matrix m, rfim__matrix lambda, size_t group, RFIM_REAL *a)
{
    size_t order = lambda.rows;
    size_t count = rfim__group_count(lambda.columns, group);
    const RFIM_REAL *from = rfim__group_at(m, order, group);
    const RFIM_REAL *damping = (const RFIM_REAL *)lambda.data + group * RFIM__GROUP_LANES;
    if (a != from)
        for (size_t e = 0; e < rfim__triangle(order) * RFIM__GROUP_LANES; e++)
            a[e] = from[e];
    for (size_t k = 0; k < order; k++) {
        RFIM_REAL *akk = a + (rfim__triangle(k) + k) * RFIM__GROUP_LANES;
        for (size_t v = 0; v < RFIM__GROUP_LANES; v++)
            akk[v] += v < count ? damping[k * lambda.stride + v] : 1;
    }
}

/* From any thread: *failed <- the smaller of it and block `bad`; 0 stands for none. */
static inline void rfim__group_report(size_t *failed, size_t bad)
{
    if (bad == 0)
        return;
#pragma omp critical(rfim_packed)
    if (*failed == 0 || bad < *failed)
        *failed = bad;
}

#endif
