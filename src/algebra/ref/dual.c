/* dual.c - the reference backend's dual systems: written out one after the other, in float64. */
#include "algebra/ref/ref.h"

#include <math.h>

static double *at(rfim__matrix x, size_t i, size_t j)
{
    return (double *)x.data + i * x.stride + j;
}

static size_t dual_solve_shared(rfim__algebra *algebra, rfim__matrix k, double c, rfim__matrix r,
                                rfim__matrix z, bool wide)
{
    (void)wide;
    rfim__matrix a = {algebra->scratch, k.rows, k.rows, k.rows};
    for (size_t i = 0; i < k.rows; i++)
        for (size_t l = 0; l <= i; l++)
            *at(a, i, l) = *at(k, i, l) + (i == l ? c : 0);
    size_t failed = algebra->ops.cholesky(algebra, a);
    if (failed > 0)
        return failed;
    algebra->ops.combine(algebra, 1, r, 0, r, z);
    algebra->ops.cholesky_solve(algebra, a, z);
    return 0;
}

static bool is_zero(rfim__matrix s, size_t j)
{
    for (size_t i = 0; i < s.rows; i++)
        if (*at(s, i, j) != 0)
            return false;
    return true;
}

/* Column j, of the rows with s != 0, or of all of them. */
static size_t solve_column(rfim__algebra *algebra, rfim__matrix k, rfim__matrix s, double c,
                           rfim__matrix r, rfim__matrix z, size_t j, bool active_only)
{
    size_t n = k.rows;
    rfim__matrix a = {algebra->scratch, 0, 0, n};
    rfim__matrix y = {(double *)algebra->scratch + n * n, 0, 1, 1};
    double *row = (double *)y.data + n; /* of K, where row a.rows of A comes from */
    for (size_t i = 0; i < n; i++) {
        if (active_only && *at(s, i, j) == 0)
            continue;
        row[a.rows] = (double)i;
        *at(y, a.rows, 0) = *at(r, i, j);
        for (size_t l = 0; l <= a.rows; l++) {
            size_t p = (size_t)row[l];
            *at(a, a.rows, l) = *at(s, i, j) * *at(k, i, p) * *at(s, p, j) + (i == p ? c : 0);
        }
        a.rows++;
    }
    a.columns = y.rows = a.rows;
    size_t failed = algebra->ops.cholesky(algebra, a);
    if (failed > 0)
        return failed;
    algebra->ops.cholesky_solve(algebra, a, y);
    for (size_t i = 0; i < n; i++)
        *at(z, i, j) = 0;
    for (size_t l = 0; l < a.rows; l++)
        *at(z, (size_t)row[l], j) = *at(s, (size_t)row[l], j) * *at(y, l, 0);
    return 0;
}

static size_t dual_solve(rfim__algebra *algebra, rfim__matrix k, rfim__matrix s, rfim__matrix c,
                         rfim__matrix r, rfim__matrix z, bool wide)
{
    (void)wide;
    for (size_t j = 0; j < z.columns; j++) {
        bool dead = *at(c, 0, j) == 0 && is_zero(s, j);
        if (solve_column(algebra, k, s, dead ? 1 : *at(c, 0, j), r, z, j, false) > 0)
            return j + 1;
    }
    return 0;
}

static size_t dual_solve_active(rfim__algebra *algebra, rfim__matrix k, rfim__matrix s,
                                rfim__matrix c, rfim__matrix r, rfim__matrix z, bool wide)
{
    (void)wide;
    for (size_t j = 0; j < z.columns; j++)
        if (solve_column(algebra, k, s, *at(c, 0, j), r, z, j, true) > 0)
            return j + 1;
    return 0;
}

void rfim__ref_fill_dual(rfim__algebra_table *table)
{
    table->dual_solve_shared = dual_solve_shared;
    table->dual_solve = dual_solve;
    table->dual_solve_active = dual_solve_active;
}
