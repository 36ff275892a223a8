/* divide_kernels.c - loops of divide.h. */
#include "core/real.h"
#include "metric/divide.h"

static RFIM_REAL *row(rfim__matrix x, size_t i)
{
    return (RFIM_REAL *)x.data + i * x.stride;
}

static bool positive(rfim__matrix d)
{
    for (size_t i = 0; i < d.rows; i++)
        for (size_t j = 0; j < d.columns; j++)
            if (!(row(d, i)[j] > 0 && row(d, i)[j] < (RFIM_REAL)INFINITY))
                return false;
    return true;
}

static void divide(rfim__matrix d, rfim__matrix x)
{
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            row(x, i)[j] /= row(d, i)[j];
}

static void divide_root(rfim__matrix d, rfim__matrix x)
{
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            row(x, i)[j] /= RFIM_SQRT(row(d, i)[j]);
}

static double log_sum(rfim__matrix d)
{
    double sum = 0;
    for (size_t i = 0; i < d.rows; i++)
        for (size_t j = 0; j < d.columns; j++)
            sum += log((double)row(d, i)[j]);
    return sum;
}

const rfim__divide_kernels RFIM__VARIANT(rfim__divides) = {
    .positive = positive,
    .divide = divide,
    .divide_root = divide_root,
    .log_sum = log_sum,
};
