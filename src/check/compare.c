#include "check/compare.h"

#include "check/oracle/dense.h"

#include <math.h>
#include <string.h>

double rfim__check_norm(const double *x, size_t count)
{
    double largest = 0;
    double sum = 0;
    if (!x)
        return (double)NAN;
    for (size_t k = 0; k < count; k++) {
        if (!isfinite(x[k]))
            return (double)NAN;
        largest = fmax(largest, fabs(x[k]));
    }
    for (size_t k = 0; k < count && largest > 0; k++)
        sum += (x[k] / largest) * (x[k] / largest);
    return largest * sqrt(sum);
}

double rfim__check_difference(const double *a, const double *b, size_t count)
{
    double norm = rfim__check_norm(b, count);
    if (!(norm > 0) || !isfinite(rfim__check_norm(a, count)))
        return (double)NAN;
    return rfim__oracle_difference(a, b, count);
}

double rfim__check_apart(double a, double b)
{
    return rfim__check_difference(&a, &b, 1);
}

double *rfim__check_copy(rfim__check *check, const double *a, size_t count)
{
    double *out = a ? rfim__check_numbers(check, count) : NULL;
    if (out)
        memcpy(out, a, count * sizeof *out);
    return out;
}

double *rfim__check_minus(rfim__check *check, const double *a, const double *b, size_t count)
{
    double *out = a && b ? rfim__check_numbers(check, count) : NULL;
    for (size_t k = 0; out && k < count; k++)
        out[k] = a[k] - b[k];
    return out;
}

double rfim__check_below_zero(rfim__check *check, const double *a, size_t order)
{
    double norm = rfim__check_norm(a, order * order);
    double *copy = rfim__check_copy(check, a, order * order);
    double *values = rfim__check_numbers(check, order);
    if (!(norm > 0) || !copy || !values || !rfim__oracle_eigenvalues(copy, order, values))
        return (double)NAN;
    return fmax(0, -values[0]) / norm;
}

double rfim__check_worst_entry(const double *gap, const double *errors, size_t count)
{
    double usual = rfim__check_norm(errors, count) / sqrt((double)count);
    double worst = 0;
    if (!gap || !(usual > 0))
        return (double)NAN;
    for (size_t k = 0; k < count; k++)
        worst = rfim__check_worse(worst, fabs(gap[k]) / fmax(errors[k], usual));
    return worst;
}

double rfim__check_entry_bound(size_t order)
{
    double different = (double)order * ((double)order + 1) / 2;
    return sqrt(2 * log(different / 6e-5));
}

double rfim__check_worse(double a, double b)
{
    return isnan(a) || isnan(b) ? (double)NAN : fmax(a, b);
}
