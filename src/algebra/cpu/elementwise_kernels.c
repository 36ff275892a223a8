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
    .dot = dot,
    .finite = finite,
    .import = import,
    .export = export,
};
