/* packed.c - the reference backend's work on packed lanes: one matrix after the other. */
#include "algebra/ref/ref.h"

#include <math.h>

static double *at(rfim__matrix x, size_t i, size_t j)
{
    return (double *)x.data + i * x.stride + j;
}

static double *packed(rfim__matrix m, size_t k, size_t l, size_t j)
{
    return at(m, rfim__triangle(k) + l, j);
}

static size_t packed_invert(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                            rfim__matrix p)
{
    size_t order = lambda.rows;
    rfim__matrix a = {algebra->scratch, order, order, order};
    for (size_t j = 0; j < lambda.columns; j++) {
        for (size_t k = 0; k < order; k++)
            for (size_t l = 0; l <= k; l++)
                *at(a, k, l) = *packed(m, k, l, j) + (k == l ? *at(lambda, k, j) : 0);
        if (algebra->ops.cholesky(algebra, a) > 0)
            return j + 1;
        algebra->ops.cholesky_invert(algebra, a);
        for (size_t k = 0; k < order; k++)
            for (size_t l = 0; l <= k; l++)
                *packed(p, k, l, j) = *at(a, k, l);
    }
    return 0;
}

static size_t packed_cholesky(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                              rfim__matrix l)
{
    (void)algebra;
    for (size_t j = 0; j < lambda.columns; j++) {
        for (size_t k = 0; k < lambda.rows; k++) {
            for (size_t i = 0; i <= k; i++) {
                double sum = *packed(m, k, i, j) + (k == i ? *at(lambda, k, j) : 0);
                for (size_t p = 0; p < i; p++)
                    sum -= *packed(l, k, p, j) * *packed(l, i, p, j);
                if (k == i && !(sum > 0 && sum < INFINITY))
                    return j + 1;
                *packed(l, k, i, j) = k == i ? sqrt(sum) : sum / *packed(l, i, i, j);
            }
        }
    }
    return 0;
}

static void packed_triangle_solve(rfim__algebra *algebra, rfim__matrix l,
                                  rfim__transposed transposed, rfim__matrix b)
{
    (void)algebra;
    for (size_t j = 0; j < b.columns; j++) {
        for (size_t row = 0; row < b.rows; row++) {
            size_t k = transposed ? b.rows - 1 - row : row;
            double sum = *at(b, k, j);
            for (size_t p = 0; p < k && !transposed; p++)
                sum -= *packed(l, k, p, j) * *at(b, p, j);
            for (size_t p = k + 1; p < b.rows && transposed; p++)
                sum -= *packed(l, p, k, j) * *at(b, p, j);
            *at(b, k, j) = sum / *packed(l, k, k, j);
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
    for (size_t j = 0; j < b.columns; j++) {
        for (size_t k = 0; k < b.rows; k++) {
            double sum = 0;
            for (size_t l = 0; l < b.rows; l++)
                sum += (l <= k ? *packed(a, k, l, j) : *packed(a, l, k, j)) * *at(b, l, j);
            *at(c, k, j) = sum;
        }
    }
}

static void packed_diagonal(rfim__algebra *algebra, rfim__matrix a, rfim__matrix d)
{
    (void)algebra;
    for (size_t k = 0; k < d.rows; k++)
        for (size_t j = 0; j < d.columns; j++)
            *at(d, k, j) = *packed(a, k, k, j);
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
