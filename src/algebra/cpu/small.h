/* small.h - products too small for the library: C <- alpha op(A) op(B) + beta C.
 *
 * The library's own small products allocate memory at every call; these never do. What they do is
 * in small_kernels.c. Which products are small depends on their shapes alone. */
#ifndef RFIM_ALGEBRA_CPU_SMALL_H
#define RFIM_ALGEBRA_CPU_SMALL_H

#include "algebra/algebra.h"
#include "core/kernels.h"

#define RFIM__SMALL_PRODUCT 1e6 /* rows x columns x inner, at most */

typedef struct rfim__small_part {
    /* inner = columns of op(A) = rows of op(B), at least 1; with beta = 0, C is not read */
    void (*product)(rfim__transposed ta, rfim__transposed tb, double alpha, rfim__matrix a,
                    rfim__matrix b, double beta, rfim__matrix c);
} rfim__small_part;

RFIM__DECLARE_VARIANTS(rfim__small_part, rfim__small);

#endif
