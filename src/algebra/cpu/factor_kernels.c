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

#define BLOCK 16

/* The upper triangle <- the lower one; a block of it at a time stays in the cache. */
static void mirror(rfim__matrix a)
{
    for (size_t row = 0; row < a.rows; row += BLOCK)
        for (size_t column = 0; column <= row; column += BLOCK)
            for (size_t k = row; k < a.rows && k < row + BLOCK; k++)
                for (size_t j = column; j < k && j < column + BLOCK; j++)
                    *at(a, j, k) = *at(a, k, j);
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
    mirror(l);
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

/* A: [D x D] without gaps, its lower triangle <- the inverse. Returns as cholesky. */
static size_t invert_wide(double *a, size_t rows)
{
    int order = (int)rows;
    int info = 0;
    dpotrf_("U", &order, a, &order, &info, 1);
    size_t done = info > 0 ? (size_t)info - 1 : rows;
    for (size_t k = 0; k < done; k++)
        if (!(a[k * rows + k] > 0 && a[k * rows + k] < INFINITY))
            return k + 1;
    if (info == 0)
        dpotri_("U", &order, a, &order, &info, 1);
    return (size_t)info;
}

static size_t invert_damped_wide(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                                 rfim__matrix p)
{
    size_t order = m.rows;
    double *a = algebra->scratch;
    for (size_t k = 0; k < order; k++) {
        for (size_t l = 0; l <= k; l++)
            a[k * order + l] = (double)*at(m, k, l);
        a[k * order + k] += (double)*at(lambda, k, 0);
    }
    size_t failed = invert_wide(a, order);
    for (size_t k = 0; k < order && failed == 0; k++)
        for (size_t l = 0; l <= k; l++)
            *at(p, k, l) = (RFIM_REAL)a[k * order + l];
    return failed;
}

static size_t invert_damped(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda,
                            rfim__matrix p, bool wide)
{
    if (m.rows == 0)
        return 0;
    if (wide && sizeof(RFIM_REAL) < sizeof(double)) {
        size_t failed = invert_damped_wide(algebra, m, lambda, p);
        mirror(p);
        return failed;
    }
    for (size_t k = 0; k < m.rows; k++) {
        for (size_t l = 0; l <= k; l++)
            *at(p, k, l) = *at(m, k, l);
        *at(p, k, k) += *at(lambda, k, 0);
    }
    size_t failed = cholesky(algebra, p);
    if (failed == 0)
        cholesky_invert(algebra, p);
    return failed;
}

const rfim__factor_part RFIM__VARIANT(rfim__factor) = {
    .cholesky = cholesky,
    .cholesky_invert = cholesky_invert,
    .cholesky_solve = cholesky_solve,
    .triangle_solve = triangle_solve,
    .invert_damped = invert_damped,
};
