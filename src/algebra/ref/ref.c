/* ref.c - the reference backend: float64, triple loops that read like the formulas. */
#include "algebra/algebra.h"

#include <math.h>
#include <string.h>

static double *at(rfim__matrix x, size_t i, size_t j)
{
    return (double *)x.data + i * x.stride + j;
}

static double *packed(rfim__matrix m, size_t k, size_t l, size_t j)
{
    return at(m, rfim__triangle(k) + l, j);
}

static void fill(rfim__algebra *algebra, double value, rfim__matrix x)
{
    (void)algebra;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            *at(x, i, j) = value;
}

static void combine(rfim__algebra *algebra, double alpha, rfim__matrix x, double beta,
                    rfim__matrix y, rfim__matrix z)
{
    (void)algebra;
    for (size_t i = 0; i < z.rows; i++) {
        for (size_t j = 0; j < z.columns; j++) {
            double from_x = alpha != 0 ? alpha * *at(x, i, j) : 0;
            double from_y = beta != 0 ? beta * *at(y, i, j) : 0;
            *at(z, i, j) = from_x + from_y;
        }
    }
}

static void multiply(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y, rfim__matrix z)
{
    (void)algebra;
    for (size_t i = 0; i < z.rows; i++)
        for (size_t j = 0; j < z.columns; j++)
            *at(z, i, j) = *at(x, i, j) * *at(y, i, j);
}

static void scale_rows(rfim__algebra *algebra, rfim__matrix d, rfim__matrix x)
{
    (void)algebra;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            *at(x, i, j) *= *at(d, i, 0);
}

static void transpose(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y)
{
    (void)algebra;
    for (size_t i = 0; i < y.rows; i++)
        for (size_t j = 0; j < y.columns; j++)
            *at(y, i, j) = *at(x, j, i);
}

static void symmetrise(rfim__algebra *algebra, rfim__matrix a)
{
    (void)algebra;
    for (size_t i = 0; i < a.rows; i++)
        for (size_t j = i + 1; j < a.rows; j++)
            *at(a, i, j) = *at(a, j, i);
}

static double dot(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y)
{
    (void)algebra;
    double sum = 0;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            sum += *at(x, i, j) * *at(y, i, j);
    return sum;
}

static bool finite(rfim__algebra *algebra, rfim__matrix x)
{
    (void)algebra;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            if (!isfinite(*at(x, i, j)))
                return false;
    return true;
}

static void import(rfim__algebra *algebra, const double *values, rfim__matrix x)
{
    (void)algebra;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            *at(x, i, j) = values[i * x.columns + j];
}

static void export(rfim__algebra *algebra, rfim__matrix x, double *values)
{
    (void)algebra;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            values[i * x.columns + j] = *at(x, i, j);
}

static void gemm(rfim__algebra *algebra, rfim__transposed ta, rfim__transposed tb, double alpha,
                 rfim__matrix a, rfim__matrix b, double beta, rfim__matrix c)
{
    (void)algebra;
    size_t inner = ta ? a.rows : a.columns;
    for (size_t i = 0; i < c.rows; i++) {
        for (size_t j = 0; j < c.columns; j++) {
            double sum = 0;
            for (size_t k = 0; k < inner; k++)
                sum += (ta ? *at(a, k, i) : *at(a, i, k)) * (tb ? *at(b, j, k) : *at(b, k, j));
            *at(c, i, j) = alpha * sum + (beta != 0 ? beta * *at(c, i, j) : 0);
        }
    }
}

static void gram(rfim__algebra *algebra, double keep, double add, rfim__matrix x, rfim__matrix g)
{
    (void)algebra;
    for (size_t k = 0; k < g.rows; k++) {
        for (size_t l = 0; l <= k; l++) {
            double sum = 0;
            for (size_t i = 0; i < x.rows; i++)
                sum += *at(x, i, k) * *at(x, i, l);
            *at(g, k, l) = (keep != 0 ? keep * *at(g, k, l) : 0) + add * sum;
        }
    }
}

static void gram_weighted(rfim__algebra *algebra, double keep, double add, rfim__matrix x,
                          rfim__matrix nu, rfim__matrix m)
{
    (void)algebra;
    for (size_t j = 0; j < nu.columns; j++) {
        for (size_t k = 0; k < x.columns; k++) {
            for (size_t l = 0; l <= k; l++) {
                double sum = 0;
                for (size_t i = 0; i < x.rows; i++)
                    sum += *at(nu, i, j) * *at(x, i, k) * *at(x, i, l);
                double *entry = packed(m, k, l, j);
                *entry = (keep != 0 ? keep * *entry : 0) + add * sum;
            }
        }
    }
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

static void cholesky_solve(rfim__algebra *algebra, rfim__matrix l, rfim__matrix b)
{
    (void)algebra;
    for (size_t j = 0; j < b.columns; j++) {
        for (size_t k = 0; k < l.rows; k++) {
            double sum = *at(b, k, j);
            for (size_t p = 0; p < k; p++)
                sum -= *at(l, k, p) * *at(b, p, j);
            *at(b, k, j) = sum / *at(l, k, k);
        }
        for (size_t k = l.rows; k-- > 0;) {
            double sum = *at(b, k, j);
            for (size_t p = k + 1; p < l.rows; p++)
                sum -= *at(l, p, k) * *at(b, p, j);
            *at(b, k, j) = sum / *at(l, k, k);
        }
    }
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

static size_t packed_invert(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                            rfim__matrix p)
{
    size_t order = lambda.rows;
    rfim__matrix a = {algebra->scratch, order, order, order};
    for (size_t j = 0; j < lambda.columns; j++) {
        for (size_t k = 0; k < order; k++)
            for (size_t l = 0; l <= k; l++)
                *at(a, k, l) = *packed(m, k, l, j) + (k == l ? *at(lambda, k, j) : 0);
        if (cholesky(algebra, a) > 0)
            return j + 1;
        cholesky_invert(algebra, a);
        for (size_t k = 0; k < order; k++)
            for (size_t l = 0; l <= k; l++)
                *packed(p, k, l, j) = *at(a, k, l);
    }
    return 0;
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

rfim_status rfim__algebra_create_ref(rfim_context *context, rfim__algebra **out)
{
    *out = NULL;
    rfim__algebra *algebra = rfim__allocate(context, 1, sizeof *algebra);
    if (!algebra)
        return RFIM_ERROR_MEMORY;
    algebra->ops = (rfim__algebra_table){.name = "ref",
                                         .fill = fill,
                                         .combine = combine,
                                         .multiply = multiply,
                                         .scale_rows = scale_rows,
                                         .transpose = transpose,
                                         .symmetrise = symmetrise,
                                         .dot = dot,
                                         .finite = finite,
                                         .import = import,
                                         .export = export,
                                         .gemm = gemm,
                                         .gram = gram,
                                         .gram_weighted = gram_weighted,
                                         .cholesky = cholesky,
                                         .cholesky_invert = cholesky_invert,
                                         .cholesky_solve = cholesky_solve,
                                         .packed_invert = packed_invert,
                                         .packed_multiply = packed_multiply,
                                         .packed_diagonal = packed_diagonal};
    algebra->context = context;
    algebra->precision = RFIM_DOUBLE;
    algebra->item = sizeof(double);
    algebra->threads = 1;
    *out = algebra;
    return RFIM_OK;
}
