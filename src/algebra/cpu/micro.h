/* micro.h - products by one thread: C <- alpha op(A) op(B) + beta D, by kernels of ours or by the
 * library's.
 *
 * Ours allocate nothing (the library's small products do, at every call), need no packed copy of
 * A, add D and look for numbers that are not finite while C is still in registers. */
#ifndef RFIM_ALGEBRA_CPU_MICRO_H
#define RFIM_ALGEBRA_CPU_MICRO_H

#include "algebra/algebra.h"
#include "core/kernels.h"

/* A product, or a tile of one. With beta = 0, D is not read; D is C itself or apart from it. The
 * inner dimension, columns of op(A) and rows of op(B), is at least 1. */
typedef struct rfim__product {
    rfim__transposed ta, tb;
    double alpha, beta;
    rfim__matrix a, b, d, c;
    rfim__matrix turned; /* B^T where B is a part of a symmetric matrix, tb is plain; no data: it is
                            not */
    rfim__ahead *ahead;  /* what our kernels ask for on their way; NULL: nothing */
} rfim__product;

static inline size_t rfim__product_inner(const rfim__product *p)
{
    return p->ta ? p->a.rows : p->a.columns;
}

static inline double rfim__product_flops(const rfim__product *p)
{
    return 2.0 * (double)p->c.rows * (double)p->c.columns * (double)rfim__product_inner(p);
}

typedef struct rfim__micro_part {
    /* By ours. Told: with test, whether every number of C is finite; else true. */
    bool (*product)(const rfim__product *p, bool test);
    size_t columns; /* that are worked on together: a tile best has a multiple of them */
} rfim__micro_part;

#define RFIM__DOTS_INNER 2048

/* C of one column, of a product with an A that is not transposed: at least as many rows and as long
 * an inner dimension as a vector has lanes, RFIM__DOTS_INNER at most. Told: as above. */
typedef struct rfim__dots_part {
    bool (*product)(const rfim__product *p, bool test);
} rfim__dots_part;

typedef struct rfim__alone_part {
    /* Are ours the better choice? Depends on shapes, precision and instruction set alone. */
    bool (*ours)(const rfim__product *p);
    /* By ours or the library's. Told: as above. */
    bool (*product)(const rfim__product *p, bool ours, bool test);
} rfim__alone_part;

RFIM__DECLARE_VARIANTS(rfim__micro_part, rfim__micro);
RFIM__DECLARE_VARIANTS(rfim__dots_part, rfim__dots);
RFIM__DECLARE_VARIANTS(rfim__alone_part, rfim__alone);

#endif
