/* cpu.h - the parts that the cpu backend's table is put together from; each is compiled for every
 * precision and instruction set (core/kernels.h). What an operation does: algebra/algebra.h. */
#ifndef RFIM_ALGEBRA_CPU_CPU_H
#define RFIM_ALGEBRA_CPU_CPU_H

#include "algebra/algebra.h"
#include "core/kernels.h"

typedef struct rfim__elementwise_part {
    void (*fill)(rfim__algebra *, double, rfim__matrix);
    void (*combine)(rfim__algebra *, double, rfim__matrix, double, rfim__matrix, rfim__matrix);
    bool (*combine_finite)(rfim__algebra *, double, rfim__matrix, double, rfim__matrix,
                           rfim__matrix);
    void (*multiply)(rfim__algebra *, rfim__matrix, rfim__matrix, rfim__matrix);
    void (*scale_rows)(rfim__algebra *, rfim__matrix, rfim__matrix);
    void (*transpose)(rfim__algebra *, rfim__matrix, rfim__matrix);
    void (*symmetrise)(rfim__algebra *, rfim__matrix);
    double (*dot)(rfim__algebra *, rfim__matrix, rfim__matrix);
    bool (*finite)(rfim__algebra *, rfim__matrix);
    void (*import)(rfim__algebra *, const double *, rfim__matrix);
    void (*export)(rfim__algebra *, rfim__matrix, double *);
} rfim__elementwise_part;

typedef struct rfim__product_part {
    void (*gemm)(rfim__algebra *, rfim__transposed, rfim__transposed, double, rfim__matrix,
                 rfim__matrix, double, rfim__matrix);
    bool (*gemm_add)(rfim__algebra *, rfim__transposed, rfim__transposed, double, rfim__matrix,
                     rfim__matrix, double, rfim__matrix, rfim__matrix);
    void (*gram)(rfim__algebra *, double, double, rfim__matrix, rfim__matrix);
} rfim__product_part;

typedef struct rfim__gram_part {
    void (*gram_weighted)(rfim__algebra *, double, double, rfim__matrix, rfim__matrix,
                          rfim__matrix);
} rfim__gram_part;

typedef struct rfim__factor_part {
    size_t (*cholesky)(rfim__algebra *, rfim__matrix);
    void (*cholesky_invert)(rfim__algebra *, rfim__matrix);
    void (*cholesky_solve)(rfim__algebra *, rfim__matrix, rfim__matrix);
    void (*triangle_solve)(rfim__algebra *, rfim__matrix, rfim__transposed, rfim__matrix);
    size_t (*invert_damped)(rfim__algebra *, rfim__matrix, rfim__matrix, rfim__matrix, bool);
} rfim__factor_part;

typedef struct rfim__eigen_part {
    size_t (*eigen)(rfim__algebra *, rfim__matrix, bool, rfim__matrix);
} rfim__eigen_part;

typedef struct rfim__packed_part {
    size_t (*invert)(rfim__algebra *, rfim__matrix, rfim__matrix, rfim__matrix, bool);
    void (*multiply)(rfim__algebra *, rfim__matrix, rfim__matrix, rfim__matrix);
    void (*diagonal)(rfim__algebra *, rfim__matrix, rfim__matrix);
} rfim__packed_part;

typedef struct rfim__packed_factor_part {
    size_t (*cholesky)(rfim__algebra *, rfim__matrix, rfim__matrix, rfim__matrix);
    void (*solve)(rfim__algebra *, rfim__matrix, rfim__matrix);
    void (*triangle_solve)(rfim__algebra *, rfim__matrix, rfim__transposed, rfim__matrix);
} rfim__packed_factor_part;

RFIM__DECLARE_VARIANTS(rfim__elementwise_part, rfim__elementwise);
RFIM__DECLARE_VARIANTS(rfim__product_part, rfim__product);
RFIM__DECLARE_VARIANTS(rfim__gram_part, rfim__gram);
RFIM__DECLARE_VARIANTS(rfim__factor_part, rfim__factor);
RFIM__DECLARE_VARIANTS(rfim__eigen_part, rfim__eigen);
RFIM__DECLARE_VARIANTS(rfim__packed_part, rfim__packed);
RFIM__DECLARE_VARIANTS(rfim__packed_factor_part, rfim__packed_factor);

/* Work areas of LAPACK's syevd, in numbers and in integers. Without vectors 2 N + 1 numbers would
 * do; with N more for each column of a block the reduction to a tridiagonal matrix goes by blocks.
 */
static inline size_t rfim__eigen_numbers(size_t order, bool vectors)
{
    return vectors ? 2 * order * order + 6 * order + 1 : (2 + 64) * order + 1;
}

static inline size_t rfim__eigen_integers(size_t order, bool vectors)
{
    return vectors ? 5 * order + 3 : 1;
}

#endif
