/* compare.h - how far numbers are from what they should be. Whatever cannot be told is NaN. */
#ifndef RFIM_CHECK_COMPARE_H
#define RFIM_CHECK_COMPARE_H

#include "check/check.h"

/* |A - B|_F / |B|_F. NaN when A or B is NULL or holds what is not finite, or B = 0: nothing is
 * compared with nothing. */
double rfim__check_difference(const double *a, const double *b, size_t count);
/* The same of one number. */
double rfim__check_apart(double a, double b);
/* |x|, Euclidean (Frobenius) */
double rfim__check_norm(const double *x, size_t count);
/* How far the eigenvalues of symmetric A [order x order] reach below 0: max(0, -smallest) /
 * |A|_F. NaN when A = 0. */
double rfim__check_below_zero(rfim__check *check, const double *a, size_t order);
/* out <- A - B, or NULL */
double *rfim__check_minus(rfim__check *check, const double *a, const double *b, size_t count);
/* A copy, or NULL. */
double *rfim__check_copy(rfim__check *check, const double *a, size_t count);

/* The largest |gap| of an entry in units of its standard error, but of no less than the root mean
 * square of all of them: of rare outcomes the draws may have seen none, and then tell an error of
 * 0. NaN when all standard errors are 0. */
double rfim__check_worst_entry(const double *gap, const double *errors, size_t count);
/* What that may be for a symmetric matrix. Of K normal numbers the largest is beyond z with a
 * probability of at most K e^(-z^2/2); z is where this is what 4 is for one of them, 6e-5. */
double rfim__check_entry_bound(size_t order);

/* The larger of two errors; NaN when one is. */
double rfim__check_worse(double a, double b);

#endif
