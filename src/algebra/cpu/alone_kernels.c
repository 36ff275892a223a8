/* alone_kernels.c - one product by one thread: ours or the library's. */
#include "algebra/cpu/blas.h"
#include "algebra/cpu/micro.h"
#include "core/vector.h"

#define ALLOCATES_AT_MOST 1e6 /* rows x columns x inner: the library allocates */
#define OURS_AT_MOST 3e8      /* rows x columns x inner: both operands are near enough */
#define INNER_BYTES 4500      /* a block of rows of A of any product stays near for our kernels */

static RFIM_REAL *row(rfim__matrix x, size_t i)
{
    return (RFIM_REAL *)x.data + i * x.stride;
}

/* Ours read op(B) anew for every block of rows: where the inner dimension is long, the library's
 * blocks of all three are better. docs/performance.md has the measurements. */
static bool ours(const rfim__product *p)
{
    double work = rfim__product_flops(p) / 2;
    if (work <= ALLOCATES_AT_MOST || RFIM_VECTOR_BYTES == 16)
        return work <= ALLOCATES_AT_MOST;
    return work <= OURS_AT_MOST || rfim__product_inner(p) * sizeof(RFIM_REAL) <= INNER_BYTES;
}

static void copy(rfim__matrix from, rfim__matrix to)
{
    for (size_t i = 0; i < to.rows; i++)
        for (size_t j = 0; j < to.columns; j++)
            row(to, i)[j] = row(from, i)[j];
}

static bool finite(rfim__matrix x)
{
    RFIM_REAL sum = 0;
    for (size_t i = 0; i < x.rows; i++) {
        const RFIM_REAL *xi = row(x, i);
#pragma omp simd reduction(+ : sum)
        for (size_t j = 0; j < x.columns; j++)
            sum += 0 * xi[j];
    }
    return sum == 0;
}

static CBLAS_TRANSPOSE blas_op(rfim__transposed t)
{
    return t == RFIM__TRANSPOSED ? CblasTrans : CblasNoTrans;
}

static bool product(const rfim__product *p, bool by_ours, bool test)
{
    if (by_ours)
        return RFIM__VARIANT(rfim__micro).product(p, test);
    if (p->beta != 0 && p->d.data != p->c.data)
        copy(p->d, p->c);
    BLAS_GEMM(CblasRowMajor, blas_op(p->ta), blas_op(p->tb), (blasint)p->c.rows,
              (blasint)p->c.columns, (blasint)rfim__product_inner(p), (RFIM_REAL)p->alpha,
              p->a.data, (blasint)p->a.stride, p->b.data, (blasint)p->b.stride, (RFIM_REAL)p->beta,
              p->c.data, (blasint)p->c.stride);
    return !test || finite(p->c);
}

const rfim__alone_part RFIM__VARIANT(rfim__alone) = {
    .ours = ours,
    .product = product,
};
