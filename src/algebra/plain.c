#include "algebra/plain.h"

#include <cblas.h>

void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info, size_t);
void spotri_(const char *uplo, const int *n, float *a, const int *lda, int *info, size_t);
void spotrs_(const char *uplo, const int *n, const int *columns, const float *a, const int *lda,
             float *b, const int *ldb, int *info, size_t);

static CBLAS_TRANSPOSE word(rfim__transposed transposed)
{
    return transposed == RFIM__TRANSPOSED ? CblasTrans : CblasNoTrans;
}

void rfim__plain_product(rfim__transposed ta, rfim__transposed tb, rfim__matrix a, rfim__matrix b,
                         double beta, rfim__matrix c)
{
    size_t inner = ta == RFIM__TRANSPOSED ? a.rows : a.columns;
    cblas_sgemm(CblasRowMajor, word(ta), word(tb), (int)c.rows, (int)c.columns, (int)inner, 1,
                a.data, (int)a.stride, b.data, (int)b.stride, (float)beta, c.data, (int)c.stride);
}

void rfim__plain_symmetric(rfim__matrix a, const float *x, float *y)
{
    cblas_ssymv(CblasRowMajor, CblasLower, (int)a.rows, 1, a.data, (int)a.stride, x, 1, 0, y, 1);
}

/* A row-major lower triangle is LAPACK's upper one. */
int rfim__plain_invert(rfim__matrix a)
{
    int order = (int)a.rows;
    int stride = (int)a.stride;
    int info = 0;
    spotrf_("U", &order, a.data, &stride, &info, 1);
    if (info == 0)
        spotri_("U", &order, a.data, &stride, &info, 1);
    return info;
}

int rfim__plain_solve_rows(rfim__matrix a, rfim__matrix b)
{
    int order = (int)a.rows;
    int stride = (int)a.stride;
    int count = (int)b.rows;
    int step = (int)b.stride;
    int info = 0;
    spotrf_("U", &order, a.data, &stride, &info, 1);
    if (info == 0)
        spotrs_("U", &order, &count, a.data, &stride, b.data, &step, &info, 1);
    return info;
}

int rfim__plain_solve(rfim__matrix a, float *z)
{
    return rfim__plain_solve_rows(a, (rfim__matrix){z, 1, a.rows, a.rows});
}
