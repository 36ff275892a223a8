/* ref.c - the reference backend: float64, triple loops that read like the formulas. */
#include "algebra/ref/ref.h"

#include <math.h>

static double *at(rfim__matrix x, size_t i, size_t j)
{
    return (double *)x.data + i * x.stride + j;
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

static bool combine_finite(rfim__algebra *algebra, double alpha, rfim__matrix x, double beta,
                           rfim__matrix y, rfim__matrix z)
{
    combine(algebra, alpha, x, beta, y, z);
    return finite(algebra, z);
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

static bool gemm_add(rfim__algebra *algebra, rfim__transposed ta, rfim__transposed tb, double alpha,
                     rfim__matrix a, rfim__matrix b, double beta, rfim__matrix d, rfim__matrix c)
{
    if (beta != 0)
        combine(algebra, 1, d, 0, d, c);
    gemm(algebra, ta, tb, alpha, a, b, beta, c);
    return finite(algebra, c);
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
                double *entry = rfim__ref_packed(m, x.columns, k, l, j);
                *entry = (keep != 0 ? keep * *entry : 0) + add * sum;
            }
        }
    }
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
                                         .combine_finite = combine_finite,
                                         .multiply = multiply,
                                         .scale_rows = scale_rows,
                                         .transpose = transpose,
                                         .symmetrise = symmetrise,
                                         .dot = dot,
                                         .finite = finite,
                                         .import = import,
                                         .export = export,
                                         .gemm = gemm,
                                         .gemm_add = gemm_add,
                                         .gram = gram,
                                         .gram_weighted = gram_weighted};
    rfim__ref_fill_factors(&algebra->ops);
    rfim__ref_fill_eigen(&algebra->ops);
    rfim__ref_fill_packed(&algebra->ops);
    rfim__ref_fill_dual(&algebra->ops);
    algebra->context = context;
    algebra->precision = RFIM_DOUBLE;
    algebra->item = sizeof(double);
    algebra->threads = 1;
    *out = algebra;
    return RFIM_OK;
}
