/* factors.c - the reference backend's Cholesky factors and what is done with them. */
#include "algebra/ref/ref.h"

#include <math.h>

static double *at(rfim__matrix x, size_t i, size_t j)
{
    return (double *)x.data + i * x.stride + j;
}

static size_t cholesky(rfim__algebra *algebra, rfim__matrix a)
{
    (void)algebra;
    for (size_t k = 0; k < a.rows; k++) {
        for (size_t l = 0; l <= k; l++) {
            double sum = *at(a, k, l);
            for (size_t p = 0; p < l; p++)
                sum -= *at(a, k, p) * *at(a, l, p);
            if (k == l && !(sum > 0 && sum < INFINITY))
                return k + 1;
            *at(a, k, l) = k == l ? sqrt(sum) : sum / *at(a, l, l);
        }
    }
    return 0;
}

/* B <- L^-1 B, from the first row down */
static void solve_down(rfim__matrix l, rfim__matrix b)
{
    for (size_t j = 0; j < b.columns; j++) {
        for (size_t k = 0; k < l.rows; k++) {
            double sum = *at(b, k, j);
            for (size_t p = 0; p < k; p++)
                sum -= *at(l, k, p) * *at(b, p, j);
            *at(b, k, j) = sum / *at(l, k, k);
        }
    }
}

/* B <- L^-T B, from the last row up */
static void solve_up(rfim__matrix l, rfim__matrix b)
{
    for (size_t j = 0; j < b.columns; j++) {
        for (size_t k = l.rows; k-- > 0;) {
            double sum = *at(b, k, j);
            for (size_t p = k + 1; p < l.rows; p++)
                sum -= *at(l, p, k) * *at(b, p, j);
            *at(b, k, j) = sum / *at(l, k, k);
        }
    }
}

static void triangle_solve(rfim__algebra *algebra, rfim__matrix l, rfim__transposed transposed,
                           rfim__matrix b)
{
    (void)algebra;
    if (transposed)
        solve_up(l, b);
    else
        solve_down(l, b);
}

static void cholesky_solve(rfim__algebra *algebra, rfim__matrix l, rfim__matrix b)
{
    (void)algebra;
    solve_down(l, b);
    solve_up(l, b);
}

/* L <- L^-1 (lower triangle), in place, column by column from the right. */
static void invert_triangle(rfim__matrix l)
{
    for (size_t j = l.rows; j-- > 0;) {
        *at(l, j, j) = 1 / *at(l, j, j);
        for (size_t k = l.rows; k-- > j + 1;) {
            double sum = 0;
            for (size_t p = j + 1; p <= k; p++)
                sum += *at(l, k, p) * *at(l, p, j);
            *at(l, k, j) = -sum * *at(l, j, j);
        }
    }
}

static void cholesky_invert(rfim__algebra *algebra, rfim__matrix l)
{
    (void)algebra;
    size_t order = l.rows;
    invert_triangle(l);
    for (size_t k = 0; k < order; k++) { /* (L L^T)^-1 = L^-T L^-1 */
        for (size_t j = 0; j <= k; j++) {
            double sum = 0;
            for (size_t p = k; p < order; p++)
                sum += *at(l, p, k) * *at(l, p, j);
            *at(l, k, j) = sum;
        }
    }
    for (size_t k = 0; k < order; k++)
        for (size_t j = k + 1; j < order; j++)
            *at(l, k, j) = *at(l, j, k);
}

static size_t invert_damped(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                            rfim__matrix p, bool wide)
{
    (void)wide; /* everything is float64 here */
    for (size_t k = 0; k < m.rows; k++)
        for (size_t l = 0; l <= k; l++)
            *at(p, k, l) = *at(m, k, l) + (k == l ? *at(lambda, k, 0) : 0);
    size_t failed = cholesky(algebra, p);
    if (failed == 0)
        cholesky_invert(algebra, p);
    return failed;
}

void rfim__ref_fill_factors(rfim__algebra_table *table)
{
    table->cholesky = cholesky;
    table->cholesky_invert = cholesky_invert;
    table->cholesky_solve = cholesky_solve;
    table->triangle_solve = triangle_solve;
    table->invert_damped = invert_damped;
}
