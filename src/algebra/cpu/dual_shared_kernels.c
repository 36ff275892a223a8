/* dual_shared_kernels.c - one Cholesky factor for all columns: Z <- L^-T L^-1 R.
 *
 * A tile of work is COLUMNS columns of R, copied side by side so that they stay in the first cache.
 * ROWS of them at a time are in registers, and each number of L serves WIDE vectors. */

/* One source for vectors of several widths: what is alike for one of them differs for another, and
 * loops over registers are unrolled.
 * NOLINTBEGIN(readability-function-cognitive-complexity) */
#include "algebra/cpu/dual_group.h"

#define ROWS TILE
#define WIDE (RFIM_VECTOR_BYTES == 64 ? 4 : 3)
#define COLUMNS (WIDE * LANES)

/* L^T above the diagonal, and 1/L_kk on it. */
static void prepare(rfim__matrix l)
{
    RFIM_REAL *a = l.data;
    for (size_t k = 0; k < l.rows; k++) {
        for (size_t p = 0; p < k; p++)
            a[p * l.stride + k] = a[k * l.stride + p];
        a[k * l.stride + k] = 1 / a[k * l.stride + k];
    }
}

/* Rows i ... i + rows-1 of L^-1 Y, once those before them are done; up: of L^-T Y, once those
 * behind them are. */
INLINE void solve_rows(rfim__matrix l, vector *y, size_t i, const size_t rows, const bool up)
{
    const RFIM_REAL *a = (const RFIM_REAL *)l.data + i * l.stride;
    vector sum[ROWS][WIDE];
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++) {
        RFIM__UNROLL
        for (size_t w = 0; w < WIDE; w++)
            sum[r][w] = y[(i + r) * WIDE + w];
    }
    for (size_t p = up ? i + rows : 0; p < (up ? l.rows : i); p++) {
        RFIM__UNROLL
        for (size_t r = 0; r < rows; r++) {
            RFIM_REAL number = a[r * l.stride + p];
            RFIM__UNROLL
            for (size_t w = 0; w < WIDE; w++)
                sum[r][w] -= number * y[p * WIDE + w];
        }
    }
    RFIM__UNROLL
    for (size_t step = 0; step < rows; step++) {
        size_t r = up ? rows - 1 - step : step;
        RFIM__UNROLL
        for (size_t w = 0; w < WIDE; w++) {
            RFIM__UNROLL
            for (size_t before = 0; before < step; before++) {
                size_t q = up ? rows - 1 - before : before;
                sum[r][w] -= a[r * l.stride + i + q] * sum[q][w];
            }
            sum[r][w] *= a[r * l.stride + i + r];
            y[(i + r) * WIDE + w] = sum[r][w];
        }
    }
}

static void solve(void *data, size_t tile, void *scratch)
{
    const rfim__dual_job *job = data;
    size_t n = job->k.rows;
    size_t first = tile * COLUMNS;
    vector *y = (vector *)(void *)((char *)scratch + job->used);
    for (size_t i = 0; i < n; i++)
        for (size_t w = 0; w < WIDE; w++)
            y[i * WIDE + w] = get_row(job, job->r, i, first + w * LANES);
    size_t whole = n / ROWS * ROWS;
    for (size_t i = 0; i < whole; i += ROWS)
        solve_rows(job->k, y, i, ROWS, false);
    for (size_t i = whole; i < n; i++)
        solve_rows(job->k, y, i, 1, false);
    for (size_t i = n; i > whole; i--)
        solve_rows(job->k, y, i - 1, 1, true);
    for (size_t i = whole; i > 0; i -= ROWS)
        solve_rows(job->k, y, i - ROWS, ROWS, true);
    for (size_t i = 0; i < n; i++)
        for (size_t w = 0; w < WIDE; w++)
            put_row(job, job->z, i, first + w * LANES, y[i * WIDE + w]);
}

const rfim__dual_shared_part RFIM__VARIANT(rfim__dual_shared) = {
    .columns = COLUMNS,
    .prepare = prepare,
    .solve = solve,
};

/* NOLINTEND(readability-function-cognitive-complexity) */
