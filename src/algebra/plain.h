/* plain.h - library calls as anybody would make them, on one thread: what benchmarks measure our
 * own kernels against. Nothing else uses them. Float32, row-major. Call them between
 * rfim__algebra_begin and _end, which sets the BLAS to one thread. */
#ifndef RFIM_ALGEBRA_PLAIN_H
#define RFIM_ALGEBRA_PLAIN_H

#include "algebra/algebra.h"

/* C <- op(A) op(B) + beta C by sgemm. */
void rfim__plain_product(rfim__transposed ta, rfim__transposed tb, rfim__matrix a, rfim__matrix b,
                         double beta, rfim__matrix c);
/* y <- A x by ssymv; the lower triangle of A counts.   A: [D x D], x, y: [D] */
void rfim__plain_symmetric(rfim__matrix a, const float *x, float *y);
/* A <- A^-1 by spotrf and spotri, lower triangle only. Returns 0 when it is positive definite. */
int rfim__plain_invert(rfim__matrix a);
/* z <- A^-1 z by spotrf and spotrs; A is of no use afterwards. Returns as above.   z: [D] */
int rfim__plain_solve(rfim__matrix a, float *z);
/* The same for k right-hand sides, the rows of B: [k x D]. */
int rfim__plain_solve_rows(rfim__matrix a, rfim__matrix b);

#endif
