/* alone_kernels.c - one product by one thread: ours or the library's. */
#include "algebra/cpu/blas.h"
#include "algebra/cpu/micro.h"
#include "core/vector.h"

/* rows x columns x inner up to which ours are taken. The library allocates up to 10^6; beyond,
 * its packed operands win where ours no longer stay in the second cache. docs/performance.md has
 * the measurements. */
#if RFIM_VECTOR_BYTES == 16
#define OURS_AT_MOST 1e6
#elif defined(RFIM_REAL_IS_f64)
#define OURS_AT_MOST 2e7
#else
#define OURS_AT_MOST 3e8
#endif

static RFIM_REAL *row(rfim__matrix x, size_t i)
{
    return (RFIM_REAL *)x.data + i * x.stride;
}

static bool ours(const rfim__product *p)
{
    return rfim__product_flops(p) <= 2 * OURS_AT_MOST;
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
