/* products.h - sums of products, for properties of conformance.h.
 *
 * The bound of an entry: a sum of n products, however it is ordered, is off by at most n units of
 * the sum of the absolute products (Higham, Accuracy and Stability, section 3.1); scaling by
 * alpha and adding beta C round a few times more. */
#ifndef RFIM_TESTS_ALGEBRA_PRODUCTS_H
#define RFIM_TESTS_ALGEBRA_PRODUCTS_H

#include "conformance.h"

static inline double factor(trial *t)
{
    static const double factors[] = {0, 1, 1, -1, 0.995, 0.005 / 50};
    return factors[rfim__random_below(&t->random, 6)];
}

/* What the result already holds: NaN when it must not be read. */
static inline operand *result_operand(trial *t, double keep, size_t rows, size_t columns)
{
    return keep != 0 ? random_operand(t, rows, columns) : new_operand(t, rows, columns);
}

static inline double *transposed(trial *t, const double *x, size_t rows, size_t columns)
{
    double *y = new_values(t, rows * columns);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            y[j * rows + i] = x[i * columns + j];
    return y;
}

typedef struct sum {
    long double value;
    double size; /* of absolute values */
} sum;

static inline sum inner_product(const double *a, const double *b, size_t count)
{
    sum s = {0, 0};
    for (size_t k = 0; k < count; k++) {
        long double product = (long double)a[k] * b[k];
        s.value += product;
        s.size += fabs((double)product);
    }
    return s;
}

/* Is entry (i, j) of c the number alpha s + beta before? */
static inline void expect_entry(const trial *t, const operand *c, size_t i, size_t j, double alpha,
                                sum s, double beta, double before, size_t terms)
{
    long double expected = alpha * s.value + (beta != 0 ? (long double)beta * before : 0);
    double size = fabs(alpha) * s.size + (beta != 0 ? fabs(beta * before) : 0);
    double found = get(t, c, i, j);
    double bound = ((double)terms + 6) * t->unit * size;
    expect(t, fabs(found - (double)expected) <= bound,
           "entry %zu %zu is %.17g, not %.17Lg, bound %g", i, j, found, expected, bound);
}

#endif
