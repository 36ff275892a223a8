/* dual_lanes.h - A z = y for RFIM_VECTOR_LANES positive definite A at once, one in each lane of a
 * vector, by Cholesky: A = L L^T. For *_kernels.c files.
 *
 * The order is a multiple of TILE. Panel i is the rows TILE i ... TILE i + TILE-1 of the lower
 * triangle, stored column by column: entry (TILE i + r, p) is vector p TILE + r of the panel. So a
 * tile of TILE x TILE entries stays in registers while two panels stream past it: TILE^2 products
 * for 2 TILE vectors read. Where A_kk was, L has 1/L_kk.
 *
 * The last row of the order is no equation: it holds y^T, and factorising makes L^-1 y of it. */

/* One source for vectors of several widths: what is alike for one of them differs for another, and
 * loops over registers are unrolled.
 * NOLINTBEGIN(readability-misleading-indentation,readability-function-cognitive-complexity) */
#ifndef RFIM_ALGEBRA_CPU_DUAL_LANES_H
#define RFIM_ALGEBRA_CPU_DUAL_LANES_H

#include "core/real.h"
#include "core/vector.h"

#include <stdbool.h>
#include <stddef.h>

#define LANES RFIM_VECTOR_LANES
#define TILE (RFIM_VECTOR_BYTES == 64 ? 5 : 3) /* registers: 32 with AVX-512, 16 without */

#define INLINE static inline __attribute__((always_inline))

typedef rfim__vector vector;

INLINE vector *panel_of(vector *a, size_t i)
{
    return a + TILE * TILE * i * (i + 1) / 2;
}

/* sum_rc <- sum_rc - sum_p a_rp b_cp; triangle: where c <= r only */
INLINE void subtract_products(vector sum[TILE][TILE], const vector *a, const vector *b,
                              size_t depth, const bool triangle)
{
    for (size_t p = 0; p < depth; p++, a += TILE, b += TILE) {
        RFIM__UNROLL
        for (size_t r = 0; r < TILE; r++) {
            vector left = a[r];
            RFIM__UNROLL
            for (size_t c = 0; c < TILE; c++)
                if (!triangle || c <= r)
                    sum[r][c] -= left * b[c];
        }
    }
}

/* A call, lest what it takes to do it lane by lane keeps compilers from unrolling around it. */
static __attribute__((noinline)) void invert_root(RFIM_REAL *number)
{
    for (size_t v = 0; v < LANES; v++)
        number[v] = 1 / RFIM_SQRT(number[v]);
}

/* Tile (i, j), j < i, of L, from that of A, which is given, and the tiles before it in rows i and
 * j. */
INLINE void factor_tile(vector *a, size_t i, size_t j, vector sum[TILE][TILE])
{
    vector *tile = panel_of(a, i) + j * TILE * TILE;
    const vector *pivots = panel_of(a, j) + j * TILE * TILE;
    subtract_products(sum, panel_of(a, i), panel_of(a, j), j * TILE, false);
    RFIM__UNROLL
    for (size_t c = 0; c < TILE; c++) {
        RFIM__UNROLL
        for (size_t r = 0; r < TILE; r++) {
            RFIM__UNROLL
            for (size_t d = 0; d < c; d++)
                sum[r][c] -= sum[r][d] * pivots[d * TILE + c];
            sum[r][c] *= pivots[c * TILE + c];
            tile[c * TILE + r] = sum[r][c];
        }
    }
}

/* Tile (i, i). A pivot that is not positive and finite ends as an inverse that is not, either. */
INLINE void factor_diagonal(vector *a, size_t i, vector sum[TILE][TILE])
{
    vector *tile = panel_of(a, i) + i * TILE * TILE;
    subtract_products(sum, panel_of(a, i), panel_of(a, i), i * TILE, true);
    RFIM__UNROLL
    for (size_t c = 0; c < TILE; c++) {
        RFIM__UNROLL
        for (size_t r = c; r < TILE; r++)
            RFIM__UNROLL
        for (size_t d = 0; d < c; d++)
            sum[r][c] -= sum[r][d] * sum[c][d];
        tile[c * TILE + c] = sum[c][c];
        invert_root((RFIM_REAL *)&tile[c * TILE + c]);
        sum[c][c] = tile[c * TILE + c];
        RFIM__UNROLL
        for (size_t r = c + 1; r < TILE; r++) {
            sum[r][c] *= sum[c][c];
            tile[c * TILE + r] = sum[r][c];
        }
    }
}

/* z <- L^-T L^-1 y, out of the last row; z_(order-1) is 0. L's last row is of no use then. */
INLINE void solve_up(vector *a, size_t panels, vector *z)
{
    vector *last = panel_of(a, panels - 1) + TILE - 1;
    for (size_t p = 0; p < panels * TILE; p++) {
        z[p] = p + 1 < panels * TILE ? last[p * TILE] : (vector){0};
        last[p * TILE] = (vector){0};
    }
    for (size_t i = panels; i-- > 0;) {
        const vector *ai = panel_of(a, i);
        const vector *tile = ai + i * TILE * TILE;
        vector zi[TILE];
        RFIM__UNROLL
        for (size_t r = TILE; r-- > 0;) {
            zi[r] = z[i * TILE + r];
            RFIM__UNROLL
            for (size_t q = r + 1; q < TILE; q++)
                zi[r] -= tile[r * TILE + q] * zi[q];
            zi[r] *= tile[r * TILE + r];
            z[i * TILE + r] = zi[r];
        }
        for (size_t p = 0; p < i * TILE; p++) {
            vector sum = z[p];
            RFIM__UNROLL
            for (size_t r = 0; r < TILE; r++)
                sum -= ai[p * TILE + r] * zi[r];
            z[p] = sum;
        }
    }
}

#endif

/* NOLINTEND(readability-misleading-indentation,readability-function-cognitive-complexity) */
