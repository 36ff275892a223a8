/* kronecker_kernels.c - loops of kronecker.h. */
#include "metric/kronecker.h"

#include <math.h>

static RFIM_REAL *at(rfim__matrix x, size_t i, size_t j)
{
    return (RFIM_REAL *)x.data + i * x.stride + j;
}

/* An entry of the diagonal counts as 0 below `negligible` of the largest: the root of that, which
 * bounds the entries beside it in a matrix without negative eigenvalues, is less than one rounding.
 * Differences of metrics may end as far below 0 as `rounding`, and their entries beside a 0 as far
 * from it; what is farther away is no rounding, and the matrix is indefinite. */
static const double negligible = sizeof(RFIM_REAL) == sizeof(double) ? 0x1p-110 : 0x1p-50;
static const double rounding = sizeof(RFIM_REAL) == sizeof(double) ? 0x1p-49 : 0x1p-20;

/* Is what stands in the rows of zeros as good as 0? */
static bool zeros_hold(rfim__matrix a, rfim__matrix r, double most)
{
    for (size_t k = 0; k < a.rows; k++)
        for (size_t l = 0; l < k; l++)
            if ((*at(r, k, 0) == 0 || *at(r, l, 0) == 0) &&
                !(fabs((double)*at(a, k, l)) <= rounding * most))
                return false;
    return true;
}

static rfim__kronecker_diagonal roots(rfim__matrix a, rfim__matrix r)
{
    rfim__kronecker_diagonal told = {0, INFINITY, 0, true};
    double most = 0;
    for (size_t k = 0; k < a.rows; k++) {
        told.sum += (double)*at(a, k, k);
        most = fmax(most, (double)*at(a, k, k));
    }
    for (size_t k = 0; k < a.rows; k++) {
        double entry = (double)*at(a, k, k);
        bool counts = entry > 0 && entry >= negligible * most;
        *at(r, k, 0) = (RFIM_REAL)(counts ? 1 / sqrt(entry) : 0);
        told.zeros += !counts;
        told.least = counts ? fmin(told.least, entry) : told.least;
        told.positive = told.positive && entry >= -rounding * most && entry < INFINITY;
    }
    told.positive = told.positive && zeros_hold(a, r, most);
    return told;
}

static void scale_both(rfim__matrix r, rfim__matrix a)
{
    for (size_t k = 0; k < a.rows; k++) {
        for (size_t l = 0; l <= k; l++)
            *at(a, k, l) = *at(r, k, 0) * *at(a, k, l) * *at(r, l, 0);
        if (*at(r, k, 0) == 0)
            *at(a, k, k) = -1;
    }
}

static void damp(double eps, double mean, rfim__matrix scale, rfim__matrix lambda)
{
    for (size_t k = 0; k < scale.rows; k++) {
        for (size_t j = 0; j < scale.columns; j++) {
            RFIM_REAL *entry = at(scale, k, j);
            if (*entry == 0)
                *entry = (RFIM_REAL)(-1 / sqrt(mean));
            *at(lambda, k, j) = (RFIM_REAL)(eps / ((double)*entry * (double)*entry));
        }
    }
}

static void enter(rfim__matrix scale, bool root, rfim__matrix v, rfim__matrix x)
{
    for (size_t k = 0; k < scale.rows; k++) {
        for (size_t j = 0; j < scale.columns; j++) {
            RFIM_REAL s = *at(scale, k, j);
            *at(x, k, j) = s < 0 ? 0 : root ? *at(v, k, j) : s * *at(v, k, j);
        }
    }
}

static void leave(rfim__matrix scale, double eps, bool root, rfim__matrix v, rfim__matrix x,
                  rfim__matrix out)
{
    for (size_t k = 0; k < scale.rows; k++) {
        for (size_t j = 0; j < scale.columns; j++) {
            double s = (double)*at(scale, k, j);
            double alone = root ? -s / sqrt(eps) : s * s / eps;
            *at(out, k, j) = s < 0 ? (RFIM_REAL)(alone * (double)*at(v, k, j))
                                   : *at(scale, k, j) * *at(x, k, j);
        }
    }
}

static double log_sum(rfim__matrix scale)
{
    double sum = 0;
    for (size_t k = 0; k < scale.rows; k++)
        for (size_t j = 0; j < scale.columns; j++)
            sum += log(fabs((double)*at(scale, k, j)));
    return sum;
}

const rfim__kronecker_kernels RFIM__VARIANT(rfim__kroneckers) = {
    .roots = roots,
    .scale_both = scale_both,
    .damp = damp,
    .enter = enter,
    .leave = leave,
    .log_sum = log_sum,
};
