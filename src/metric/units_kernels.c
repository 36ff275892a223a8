/* units_kernels.c - loops of units.h. */
#include "metric/units.h"

static RFIM_REAL *row_of(rfim__matrix x, size_t i)
{
    return (RFIM_REAL *)x.data + i * x.stride;
}

static void collect(double keep, double add, rfim__matrix x, rfim__matrix moments)
{
    RFIM_REAL *restrict second = row_of(moments, 0);
    RFIM_REAL *restrict fourth = row_of(moments, 1);
    RFIM_REAL kept = (RFIM_REAL)keep;
    RFIM_REAL share = (RFIM_REAL)(add / (double)x.rows);
    for (size_t k = 0; k < x.columns; k++) {
        second[k] *= kept;
        fourth[k] *= kept;
    }
    for (size_t i = 0; i < x.rows; i++) {
        const RFIM_REAL *restrict sample = row_of(x, i);
        for (size_t k = 0; k < x.columns; k++) {
            RFIM_REAL square = sample[k] * sample[k];
            second[k] += share * square;
            fourth[k] += share * square * square;
        }
    }
}

static void of(rfim__matrix moments, rfim__matrix a)
{
    const RFIM_REAL *second = row_of(moments, 0);
    const RFIM_REAL *fourth = row_of(moments, 1);
    RFIM_REAL *unit = row_of(a, 0);
    double sum = 0;
    size_t active = 0;
    for (size_t k = 0; k < a.columns; k++) {
        /* not finite where the numbers are too large to be raised to the fourth power */
        double ratio = second[k] > 0 ? (double)fourth[k] / (double)second[k] : 0;
        bool is_active = ratio > 0 && ratio < 1e300;
        unit[k] = is_active ? (RFIM_REAL)ratio : 0;
        sum += is_active ? (double)unit[k] : 0;
        active += is_active;
    }
    double mean = active > 0 ? sum / (double)active : 1;
    for (size_t k = 0; k < a.columns; k++)
        unit[k] = unit[k] > 0 ? unit[k] : (RFIM_REAL)mean;
}

static void divide(rfim__matrix a, rfim__matrix y)
{
    const RFIM_REAL *unit = row_of(a, 0);
    for (size_t k = 0; k < y.rows; k++)
        for (size_t j = 0; j < y.columns; j++)
            row_of(y, k)[j] /= unit[k];
}

static void multiply(rfim__matrix a, rfim__matrix y)
{
    const RFIM_REAL *unit = row_of(a, 0);
    for (size_t k = 0; k < y.rows; k++)
        for (size_t j = 0; j < y.columns; j++)
            row_of(y, k)[j] *= unit[k];
}

const rfim__unit_kernels RFIM__VARIANT(rfim__units) = {
    .collect = collect,
    .of = of,
    .divide = divide,
    .multiply = multiply,
};
