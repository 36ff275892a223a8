/* factor_kernels.c - Cholesky factors and what is done with them: LAPACK and BLAS, on one thread.
 *
 * The library's own threads are off (rfim__algebra_begin), so the bits are those of one thread. */
#include "algebra/cpu/blas.h"
#include "algebra/cpu/cpu.h"

#include <math.h>

static RFIM_REAL *at(rfim__matrix x, size_t i, size_t j)
{
    return (RFIM_REAL *)x.data + i * x.stride + j;
}

static size_t cholesky(rfim__algebra *algebra, rfim__matrix a)
{
    (void)algebra;
    if (a.rows == 0)
        return 0;
    int order = (int)a.rows;
    int stride = (int)a.stride;
    int info = 0;
    LAPACK_POTRF("U", &order, at(a, 0, 0), &stride, &info, 1);
    /* A pivot that is NaN or infinite passes LAPACK's test in some kernels. */
    size_t done = info > 0 ? (size_t)info - 1 : a.rows;
    for (size_t k = 0; k < done; k++) {
        RFIM_REAL pivot = *at(a, k, k);
        if (!(pivot > 0 && pivot < (RFIM_REAL)INFINITY))
            return k + 1;
    }
    return (size_t)info;
}

static void cholesky_invert(rfim__algebra *algebra, rfim__matrix l)
{
    (void)algebra;
    if (l.rows == 0)
        return;
    int order = (int)l.rows;
    int stride = (int)l.stride;
    int info = 0;
    LAPACK_POTRI("U", &order, at(l, 0, 0), &stride, &info, 1);
    for (size_t k = 0; k < l.rows; k++)
        for (size_t j = 0; j < k; j++)
            *at(l, j, k) = *at(l, k, j);
}

static void triangle_solve(rfim__algebra *algebra, rfim__matrix l, rfim__transposed transposed,
                           rfim__matrix b)
{
    (void)algebra;
    if (l.rows == 0 || b.columns == 0)
        return;
    BLAS_TRSM(CblasRowMajor, CblasLeft, CblasLower, transposed ? CblasTrans : CblasNoTrans,
              CblasNonUnit, (blasint)b.rows, (blasint)b.columns, 1, at(l, 0, 0), (blasint)l.stride,
              at(b, 0, 0), (blasint)b.stride);
}

static void cholesky_solve(rfim__algebra *algebra, rfim__matrix l, rfim__matrix b)
{
    triangle_solve(algebra, l, RFIM__PLAIN, b);
    triangle_solve(algebra, l, RFIM__TRANSPOSED, b);
}

const rfim__factor_part RFIM__VARIANT(rfim__factor) = {
    .cholesky = cholesky,
    .cholesky_invert = cholesky_invert,
    .cholesky_solve = cholesky_solve,
    .triangle_solve = triangle_solve,
};
