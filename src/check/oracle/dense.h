/* dense.h - small dense matrices by plain loops, row-major without gaps. */
#ifndef RFIM_CHECK_ORACLE_DENSE_H
#define RFIM_CHECK_ORACLE_DENSE_H

#include <stdbool.h>
#include <stddef.h>

/* |A - B|_F / |B|_F of two lists of numbers; of B = 0: |A|_F. NaN anywhere gives NaN. */
double rfim__oracle_difference(const double *a, const double *b, size_t count);
/* y [rows] <- A [rows x columns] x [columns] */
void rfim__oracle_matvec(const double *a, size_t rows, size_t columns, const double *x, double *y);
/* v^T A v, A [order x order] */
double rfim__oracle_quadratic(const double *a, size_t order, const double *v);
/* C [rows x columns] <- A [rows x inner] B [inner x columns] */
void rfim__oracle_product(const double *a, const double *b, size_t rows, size_t inner,
                          size_t columns, double *c);
/* C <- A (x) B, the Kronecker product: A [p x p], B [q x q], C [pq x pq] */
void rfim__oracle_kronecker(const double *a, size_t p, const double *b, size_t q, double *c);
/* The eigenvalues of symmetric A [order x order], ascending, by Jacobi's rotations. A is destroyed.
 * false when it holds what is not finite. */
bool rfim__oracle_eigenvalues(double *a, size_t order, double *values);
/* X [order x columns] with A X = B, by Gauss-Jordan with pivots: B becomes X, A is destroyed. false
 * when A is singular. */
bool rfim__oracle_solve(double *a, size_t order, double *b, size_t columns);

#endif
