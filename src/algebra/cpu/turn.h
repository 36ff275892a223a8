/* turn.h - transposition in registers, for *_kernels.c files. */

/* One source for vectors of several widths: what is alike for one of them differs for another, and
 * loops over registers are unrolled.
 * NOLINTBEGIN(bugprone-macro-parentheses,readability-function-cognitive-complexity) */
#ifndef RFIM_ALGEBRA_CPU_TURN_H
#define RFIM_ALGEBRA_CPU_TURN_H

#include "core/vector.h"

#include <stddef.h>

/* Lanes as a number that the preprocessor knows. */
#ifdef RFIM_REAL_IS_f64
#define RFIM__TURN_LANES (RFIM_VECTOR_BYTES / 8)
#else
#define RFIM__TURN_LANES (RFIM_VECTOR_BYTES / 4)
#endif

/* Where lane l comes from in step s, of the lanes of x followed by those of y. */
#define RFIM__TURN_LOW(l, s) ((l) & (s) ? RFIM__TURN_LANES + (l) - (s) : (l))
#define RFIM__TURN_HIGH(l, s) ((l) & (s) ? RFIM__TURN_LANES + (l) : (l) + (s))
#define RFIM__TURN_2(where, l, s) where(l, s), where(l + 1, s)
#define RFIM__TURN_4(where, l, s) RFIM__TURN_2(where, l, s), RFIM__TURN_2(where, l + 2, s)
#define RFIM__TURN_8(where, l, s) RFIM__TURN_4(where, l, s), RFIM__TURN_4(where, l + 4, s)
#define RFIM__TURN_16(where, l, s) RFIM__TURN_8(where, l, s), RFIM__TURN_8(where, l + 8, s)
#if RFIM__TURN_LANES == 16
#define RFIM__TURN_LIST RFIM__TURN_16
#elif RFIM__TURN_LANES == 8
#define RFIM__TURN_LIST RFIM__TURN_8
#elif RFIM__TURN_LANES == 4
#define RFIM__TURN_LIST RFIM__TURN_4
#else
#define RFIM__TURN_LIST RFIM__TURN_2
#endif

/* Blocks of s x s change places across the diagonal of every block of 2 s x 2 s. */
#define RFIM__TURN_STEP(rows, s)                                                                   \
    for (size_t r = 0; r < RFIM__TURN_LANES; r++)                                                  \
        if ((r & (s)) == 0) {                                                                      \
            rfim__vector low = (rows)[r];                                                          \
            rfim__vector high = (rows)[r + (s)];                                                   \
            (rows)[r] = __builtin_shufflevector(low, high, RFIM__TURN_LIST(RFIM__TURN_LOW, 0, s)); \
            (rows)[r + (s)] = __builtin_shufflevector(low, high,                                   \
                                                      RFIM__TURN_LIST(RFIM__TURN_HIGH, 0, s));     \
        }

/* The square of RFIM_VECTOR_LANES rows of x, to the rows of y. */
static inline void rfim__turn_square(const RFIM_REAL *x, size_t x_stride, RFIM_REAL *y,
                                     size_t y_stride)
{
    rfim__vector rows[RFIM__TURN_LANES];
    RFIM__UNROLL
    for (size_t r = 0; r < RFIM__TURN_LANES; r++)
        rows[r] = *(const rfim__loose_vector *)(x + r * x_stride);
#if RFIM__TURN_LANES > 8
    RFIM__UNROLL
    RFIM__TURN_STEP(rows, 8)
#endif
#if RFIM__TURN_LANES > 4
    RFIM__UNROLL
    RFIM__TURN_STEP(rows, 4)
#endif
#if RFIM__TURN_LANES > 2
    RFIM__UNROLL
    RFIM__TURN_STEP(rows, 2)
#endif
    RFIM__UNROLL
    RFIM__TURN_STEP(rows, 1)
    RFIM__UNROLL
    for (size_t r = 0; r < RFIM__TURN_LANES; r++)
        *(rfim__loose_vector *)(y + r * y_stride) = rows[r];
}

/* Y [count x RFIM_VECTOR_LANES] <- X^T, X with RFIM_VECTOR_LANES rows. The last square lies over
 * the one before. */
static inline void rfim__turn_rows(const RFIM_REAL *x, size_t x_stride, size_t count, RFIM_REAL *y,
                                   size_t y_stride)
{
    if (count < RFIM__TURN_LANES) {
        for (size_t k = 0; k < count; k++)
            for (size_t r = 0; r < RFIM__TURN_LANES; r++)
                y[k * y_stride + r] = x[r * x_stride + k];
        return;
    }
    for (size_t k = 0; k < count; k += RFIM__TURN_LANES) {
        size_t first = k + RFIM__TURN_LANES <= count ? k : count - RFIM__TURN_LANES;
        rfim__turn_square(x + first, x_stride, y + first * y_stride, y_stride);
    }
}

#endif

/* NOLINTEND(bugprone-macro-parentheses,readability-function-cognitive-complexity) */
