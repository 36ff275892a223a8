/* packed.c - the reference backend's work on packed lanes: one matrix after the other. */
#include "algebra/ref/ref.h"

#include <math.h>

static double *at(rfim__matrix x, size_t i, size_t j)
{
    return (double *)x.data + i * x.stride + j;
}

/* Lanes beyond the m matrices of the last group hold 0. */
static void clear_beyond(const rfim__algebra *algebra, rfim__matrix packed, size_t order, size_t m)
{
    size_t lanes = rfim__packed_lanes(algebra);
    for (size_t j = m; j % lanes > 0; j++)
        for (size_t k = 0; k < order; k++)
            for (size_t l = 0; l <= k; l++)
                *rfim__ref_packed(packed, order, k, l, j) = 0;
}

static size_t packed_invert(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                            rfim__matrix p, bool wide)
{
    (void)wide; /* everything is float64 here */
    size_t order = lambda.rows;
    rfim__matrix a = {algebra->scratch, order, order, order};
    for (size_t j = 0; j < lambda.columns; j++) {
        for (size_t k = 0; k < order; k++)
            for (size_t l = 0; l <= k; l++)
                *at(a, k, l) = *rfim__ref_packed(m, order, k, l, j);
        for (size_t k = 0; k < order; k++)
            *at(a, k, k) += *at(lambda, k, j);
        if (algebra->ops.cholesky(algebra, a) > 0)
            return j + 1;
        algebra->ops.cholesky_invert(algebra, a);
        for (size_t k = 0; k < order; k++)
            for (size_t l = 0; l <= k; l++)
                *rfim__ref_packed(p, order, k, l, j) = *at(a, k, l);
    }
    clear_beyond(algebra, p, order, lambda.columns);
    return 0;
}

static size_t packed_cholesky(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                              rfim__matrix l)
{
    size_t order = lambda.rows;
    for (size_t j = 0; j < lambda.columns; j++) {
        for (size_t k = 0; k < order; k++) {
            for (size_t i = 0; i <= k; i++) {
                double sum = *rfim__ref_packed(m, order, k, i, j);
                sum += k == i ? *at(lambda, k, j) : 0;
                for (size_t p = 0; p < i; p++)
                    sum -= *rfim__ref_packed(l, order, k, p, j) *
                           *rfim__ref_packed(l, order, i, p, j);
                if (k == i && !(sum > 0 && sum < INFINITY))
                    return j + 1;
                *rfim__ref_packed(l, order, k, i, j) = k == i ? sqrt(sum)
                                                              : sum / *rfim__ref_packed(l, order, i,
                                                                                        i, j);
            }
        }
    }
    clear_beyond(algebra, l, order, lambda.columns);
    return 0;
}

static void packed_triangle_solve(rfim__algebra *algebra, rfim__matrix l,
                                  rfim__transposed transposed, rfim__matrix b)
{
    (void)algebra;
    size_t order = b.rows;
    for (size_t j = 0; j < b.columns; j++) {
        for (size_t row = 0; row < order; row++) {
            size_t k = transposed ? order - 1 - row : row;
            double sum = *at(b, k, j);
            for (size_t p = 0; p < k && !transposed; p++)
                sum -= *rfim__ref_packed(l, order, k, p, j) * *at(b, p, j);
            for (size_t p = k + 1; p < order && transposed; p++)
                sum -= *rfim__ref_packed(l, order, p, k, j) * *at(b, p, j);
            *at(b, k, j) = sum / *rfim__ref_packed(l, order, k, k, j);
        }
    }
}

static void packed_solve(rfim__algebra *algebra, rfim__matrix l, rfim__matrix b)
{
    packed_triangle_solve(algebra, l, RFIM__PLAIN, b);
    packed_triangle_solve(algebra, l, RFIM__TRANSPOSED, b);
}

static void packed_multiply(rfim__algebra *algebra, rfim__matrix a, rfim__matrix b, rfim__matrix c)
{
    (void)algebra;
    size_t order = b.rows;
    for (size_t j = 0; j < b.columns; j++) {
        for (size_t k = 0; k < order; k++) {
            double sum = 0;
            for (size_t l = 0; l < order; l++)
                sum += *rfim__ref_packed(a, order, l <= k ? k : l, l <= k ? l : k, j) *
                       *at(b, l, j);
            *at(c, k, j) = sum;
        }
    }
}

static void packed_diagonal(rfim__algebra *algebra, rfim__matrix a, rfim__matrix d)
{
    (void)algebra;
    for (size_t k = 0; k < d.rows; k++)
        for (size_t j = 0; j < d.columns; j++)
            *at(d, k, j) = *rfim__ref_packed(a, d.rows, k, k, j);
}

void rfim__ref_fill_packed(rfim__algebra_table *table)
{
    table->packed_invert = packed_invert;
    table->packed_cholesky = packed_cholesky;
    table->packed_solve = packed_solve;
    table->packed_triangle_solve = packed_triangle_solve;
    table->packed_multiply = packed_multiply;
    table->packed_diagonal = packed_diagonal;
}
