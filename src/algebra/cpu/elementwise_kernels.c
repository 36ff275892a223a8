/* elementwise_kernels.c - loops over all numbers of a matrix. Memory-bound, one thread. */
#include "algebra/cpu/cpu.h"
#include "core/vector.h"

#include <math.h>

static RFIM_REAL *row(rfim__matrix x, size_t i)
{
    return (RFIM_REAL *)x.data + i * x.stride;
}

static void fill(rfim__algebra *algebra, double value, rfim__matrix x)
{
    (void)algebra;
    for (size_t i = 0; i < x.rows; i++) {
        RFIM_REAL *xi = row(x, i);
        for (size_t j = 0; j < x.columns; j++)
            xi[j] = (RFIM_REAL)value;
    }
}

static void combine(rfim__algebra *algebra, double alpha, rfim__matrix x, double beta,
                    rfim__matrix y, rfim__matrix z)
{
    (void)algebra;
    RFIM_REAL a = (RFIM_REAL)alpha;
    RFIM_REAL b = (RFIM_REAL)beta;
    for (size_t i = 0; i < z.rows; i++) {
        RFIM_REAL *zi = row(z, i);
        if (a == 0 && b == 0) {
            for (size_t j = 0; j < z.columns; j++)
                zi[j] = 0;
        } else if (b == 0) {
            const RFIM_REAL *xi = row(x, i);
            for (size_t j = 0; j < z.columns; j++)
                zi[j] = a * xi[j];
        } else if (a == 0) {
            const RFIM_REAL *yi = row(y, i);
            for (size_t j = 0; j < z.columns; j++)
                zi[j] = b * yi[j];
        } else {
            const RFIM_REAL *xi = row(x, i);
            const RFIM_REAL *yi = row(y, i);
            for (size_t j = 0; j < z.columns; j++)
                zi[j] = a * xi[j] + b * yi[j];
        }
    }
}

static void multiply(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y, rfim__matrix z)
{
    (void)algebra;
    for (size_t i = 0; i < z.rows; i++) {
        const RFIM_REAL *xi = row(x, i);
        const RFIM_REAL *yi = row(y, i);
        RFIM_REAL *zi = row(z, i);
        for (size_t j = 0; j < z.columns; j++)
            zi[j] = xi[j] * yi[j];
    }
}

static void scale_rows(rfim__algebra *algebra, rfim__matrix d, rfim__matrix x)
{
    (void)algebra;
    for (size_t i = 0; i < x.rows; i++) {
        RFIM_REAL factor = *row(d, i);
        RFIM_REAL *xi = row(x, i);
        for (size_t j = 0; j < x.columns; j++)
            xi[j] *= factor;
    }
}

/* Blocks whose rows on both sides stay in the first cache. */
#define BLOCK 32

static size_t block_end(size_t first, size_t count)
{
    return first + BLOCK < count ? first + BLOCK : count;
}

static void transpose(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y)
{
    (void)algebra;
    for (size_t first_i = 0; first_i < y.rows; first_i += BLOCK)
        for (size_t first_j = 0; first_j < y.columns; first_j += BLOCK)
            for (size_t i = first_i; i < block_end(first_i, y.rows); i++)
                for (size_t j = first_j; j < block_end(first_j, y.columns); j++)
                    row(y, i)[j] = row(x, j)[i];
}

static void symmetrise(rfim__algebra *algebra, rfim__matrix a)
{
    (void)algebra;
    for (size_t first_i = 0; first_i < a.rows; first_i += BLOCK)
        for (size_t first_j = first_i; first_j < a.rows; first_j += BLOCK)
            for (size_t i = first_i; i < block_end(first_i, a.rows); i++)
                for (size_t j = first_j > i ? first_j : i + 1; j < block_end(first_j, a.rows); j++)
                    row(a, i)[j] = row(a, j)[i];
}

static double dot(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y)
{
    (void)algebra;
    double sum = 0;
    for (size_t i = 0; i < x.rows; i++) {
        const RFIM_REAL *xi = row(x, i);
        const RFIM_REAL *yi = row(y, i);
#pragma omp simd reduction(+ : sum)
        for (size_t j = 0; j < x.columns; j++)
            sum += (double)xi[j] * (double)yi[j];
    }
    return sum;
}

static bool finite(rfim__algebra *algebra, rfim__matrix x)
{
    (void)algebra;
    /* 0 x is 0 for finite x and NaN otherwise: the sum tells in one pass without branches. */
    rfim__vector sums = {0};
    RFIM_REAL rest = 0;
    for (size_t i = 0; i < x.rows; i++) {
        const RFIM_REAL *xi = row(x, i);
        size_t j = 0;
        for (; j + RFIM_VECTOR_LANES <= x.columns; j += RFIM_VECTOR_LANES)
            sums += 0 * *(const rfim__loose_vector *)(xi + j);
        for (; j < x.columns; j++)
            rest += 0 * xi[j];
    }
    for (size_t v = 0; v < RFIM_VECTOR_LANES; v++)
        rest += sums[v];
    return rest == 0;
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
    for (size_t i = 0; i < x.rows; i++) {
        RFIM_REAL *xi = row(x, i);
        for (size_t j = 0; j < x.columns; j++)
            xi[j] = (RFIM_REAL)values[i * x.columns + j];
    }
}

static void export(rfim__algebra *algebra, rfim__matrix x, double *values)
{
    (void)algebra;
    for (size_t i = 0; i < x.rows; i++) {
        const RFIM_REAL *xi = row(x, i);
        for (size_t j = 0; j < x.columns; j++)
            values[i * x.columns + j] = (double)xi[j];
    }
}

const rfim__elementwise_part RFIM__VARIANT(rfim__elementwise) = {
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
};
