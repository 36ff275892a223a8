/* small_matrix.h - the oracle's own linear algebra: [D x D] row-major, plain loops, no library. */
#ifndef ORACLE_SMALL_MATRIX_H
#define ORACLE_SMALL_MATRIX_H

#include <stddef.h>

/* Zeroed memory, to be freed by free(); aborts when there is none: this is a test. */
void *oracle_zeroed(size_t count, size_t size);
double *oracle_doubles(size_t count);

void oracle_set_identity(double *A, size_t D);

/* M + damping * tr(M) * I */
void oracle_damp(const double *M, size_t D, double damping, double *damped);

/* Gauss-Jordan with row pivots on [A | I]; destroys A. A singular A shows as inf or NaN. */
void oracle_invert(double *A, size_t D, double *inverse);

/* max |eigenvalue| / min |eigenvalue| of a symmetric A; destroys A; NaN if A is not finite. */
double oracle_symmetric_condition(double *A, size_t D);

#endif
