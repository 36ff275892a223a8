/* eigen_kernels.c - all eigenvalues of a symmetric matrix, and its eigenvectors: LAPACK's syevd
 * (reduction to a tridiagonal matrix, then divide and conquer), on one thread.
 *
 * Backward stable: the eigenvalues are off by a small multiple of N u |A|, so those that are much
 * smaller than the largest one have few correct digits, or none. Cost: about 4/3 N^3 flops for the
 * values, up to 9 N^3 with the vectors. */
#include "algebra/cpu/blas.h"
#include "algebra/cpu/cpu.h"

#include <math.h>

#define BLOCK 32 /* rows and columns whose blocks on both sides stay in the first cache */

static RFIM_REAL *at(rfim__matrix x, size_t i, size_t j)
{
    return (RFIM_REAL *)x.data + i * x.stride + j;
}

/* LAPACK's iteration is not made for anything else, and need not come back. */
static bool lower_is_finite(rfim__matrix a)
{
    for (size_t k = 0; k < a.rows; k++)
        for (size_t l = 0; l <= k; l++)
            if (!isfinite(*at(a, k, l)))
                return false;
    return true;
}

static size_t block_end(size_t first, size_t count)
{
    return first + BLOCK < count ? first + BLOCK : count;
}

static void transpose_in_place(rfim__matrix a)
{
    for (size_t first_k = 0; first_k < a.rows; first_k += BLOCK) {
        for (size_t first_l = 0; first_l <= first_k; first_l += BLOCK) {
            for (size_t k = first_k; k < block_end(first_k, a.rows); k++) {
                for (size_t l = first_l; l < block_end(first_l, k); l++) {
                    RFIM_REAL entry = *at(a, k, l);
                    *at(a, k, l) = *at(a, l, k);
                    *at(a, l, k) = entry;
                }
            }
        }
    }
}

static size_t eigen(rfim__algebra *algebra, rfim__matrix a, bool vectors, rfim__matrix w)
{
    if (a.rows == 0)
        return 0;
    if (!lower_is_finite(a))
        return 1;
    int order = (int)a.rows;
    int stride = (int)a.stride;
    int numbers = (int)rfim__eigen_numbers(a.rows, vectors);
    int integers = (int)rfim__eigen_integers(a.rows, vectors);
    int info = 0;
    RFIM_REAL *work = algebra->scratch;
    LAPACK_SYEVD(vectors ? "V" : "N", "U", &order, at(a, 0, 0), &stride, at(w, 0, 0), work,
                 &numbers, (int *)(void *)(work + numbers), &integers, &info, 1, 1);
    if (vectors)
        transpose_in_place(a); /* LAPACK's columns are our rows */
    return info == 0 ? 0 : 1;
}

const rfim__eigen_part RFIM__VARIANT(rfim__eigen) = {
    .eigen = eigen,
};
