/* packed.h - packed lanes (algebra/algebra.h) as operands of conformance.h. */
#ifndef RFIM_TESTS_ALGEBRA_PACKED_H
#define RFIM_TESTS_ALGEBRA_PACKED_H

#include "conformance.h"

/* m matrices of NaN; 0 in the lanes beyond */
static inline operand *new_packed(trial *t, size_t order, size_t m)
{
    size_t lanes = rfim__packed_lanes(t->algebra);
    operand *x = new_strided_operand(t, rfim__packed_rows(t->algebra, order, m), lanes, lanes);
    for (size_t j = m; j % lanes > 0; j++)
        for (size_t e = 0; e < rfim__triangle(order); e++)
            set(t, x, rfim__packed_row(order, j / lanes, 0, 0) + e, j % lanes, 0);
    return x;
}

static inline double get_packed(const trial *t, const operand *x, size_t order, size_t j, size_t k,
                                size_t l)
{
    size_t lanes = rfim__packed_lanes(t->algebra);
    return get(t, x, rfim__packed_row(order, j / lanes, k, l), j % lanes);
}

static inline void set_packed_entry(const trial *t, const operand *x, size_t order, size_t j,
                                    size_t k, size_t l, double number)
{
    size_t lanes = rfim__packed_lanes(t->algebra);
    set(t, x, rfim__packed_row(order, j / lanes, k, l), j % lanes, number);
}

/* Matrix j <- a, [order x order] */
static inline void set_packed(const trial *t, const operand *x, size_t j, const double *a,
                              size_t order)
{
    for (size_t k = 0; k < order; k++)
        for (size_t l = 0; l <= k; l++)
            set_packed_entry(t, x, order, j, k, l, a[k * order + l]);
}

/* Lanes beyond the m matrices hold 0. */
static inline void expect_nothing_beyond(const trial *t, const operand *x, size_t order, size_t m)
{
    for (size_t j = m; j % rfim__packed_lanes(t->algebra) > 0; j++)
        for (size_t k = 0; k < order; k++)
            for (size_t l = 0; l <= k; l++)
                expect(t, get_packed(t, x, order, j, k, l) == 0,
                       "entry %zu %zu of lane %zu, beyond %zu matrices, is %g", k, l, j, m,
                       get_packed(t, x, order, j, k, l));
}

#endif
