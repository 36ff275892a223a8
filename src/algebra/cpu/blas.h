/* blas.h - the library products and factors that we call, for RFIM_REAL.
 *
 * LAPACK's Fortran symbols are declared here with their hidden string lengths: OpenBLAS comes
 * without LAPACKE. Row-major lower triangles are LAPACK's column-major upper ones. */
#ifndef RFIM_ALGEBRA_CPU_BLAS_H
#define RFIM_ALGEBRA_CPU_BLAS_H

#include <cblas.h>
#include <stddef.h>

void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info, size_t);
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t);
void spotri_(const char *uplo, const int *n, float *a, const int *lda, int *info, size_t);
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t);
void ssyevd_(const char *jobz, const char *uplo, const int *n, float *a, const int *lda, float *w,
             float *work, const int *lwork, int *iwork, const int *liwork, int *info, size_t,
             size_t);
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info, size_t,
             size_t);

#ifdef RFIM_REAL_IS_f64
#define BLAS_GEMM cblas_dgemm
#define BLAS_TRSM cblas_dtrsm
#define LAPACK_POTRF dpotrf_
#define LAPACK_POTRI dpotri_
#define LAPACK_SYEVD dsyevd_
#else
#define BLAS_GEMM cblas_sgemm
#define BLAS_TRSM cblas_strsm
#define LAPACK_POTRF spotrf_
#define LAPACK_POTRI spotri_
#define LAPACK_SYEVD ssyevd_
#endif

#endif
