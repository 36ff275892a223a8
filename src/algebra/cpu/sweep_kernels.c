/* sweep_kernels.c - the inverse of one small positive definite matrix, in place of a factor.
 *
 * The sweep of a block K of pivots (the Gauss-Jordan elimination of a symmetric matrix; Goodnight
 * 1979), with the Cholesky factor of the block alone, A_KK = L L^T:
 *   C_J = L^-1 A_KJ     A_IJ <- A_IJ - C_I^T C_J     A_KJ <- L^-T C_J     A_KK <- -L^-T L^-1
 * for all I and J but K. With all blocks swept A has become -A^-1. What stands between blocks that
 * are not swept yet are the Schur complements of Cholesky's method, and between those that are, the
 * sum of X^T X over the rows of X = (Cholesky factor)^-1 so far: the rounding errors are the same.
 * (With A_KK^-1 in place of L, one product less, they would grow with its condition.) A stays
 * symmetric, so that only its lower triangle is worked on: D^3 flops, nearly all of them in the
 * second formula, whose rows are whole vectors.
 *
 * Rows are padded to whole blocks. What stands above the diagonal, in a block on it, is of no use,
 * and nothing is made of it. */
#include "algebra/cpu/sweep.h"
#include "core/real.h"
#include "core/vector.h"

#include <math.h>

#define BLOCK RFIM__SWEEP_BLOCK
#define LANES RFIM_VECTOR_LANES
#define INLINE static inline __attribute__((always_inline))
/* ROWS x COLUMNS vectors of A are in registers while a block's pivots pass. */
#if RFIM_VECTOR_BYTES == 64
#define ROWS 8
#else
#define ROWS 4
#endif
#define COLUMNS 3
_Static_assert(BLOCK % ROWS == 0 && BLOCK % LANES == 0, "tiles end where blocks do");

typedef struct sweep {
    size_t order, stride;
    RFIM_REAL *a; /* [stride x stride] */
    RFIM_REAL *c; /* [BLOCK x stride]: A_K:, then C, with L^-1 in the columns of K */
    RFIM_REAL *x; /* [BLOCK x stride]: -C, and L^-1 */
} sweep;

INLINE rfim__vector load(const RFIM_REAL *a)
{
    return *(const rfim__loose_vector *)a;
}

INLINE void store(RFIM_REAL *a, rfim__vector x)
{
    *(rfim__loose_vector *)a = x;
}

/* Y <- Y + F^T X   Y: [ROWS x columns vectors], F: [pivots x ROWS], X: [pivots x columns] */
INLINE void add_tile(const size_t columns, size_t pivots, const RFIM_REAL *f, const RFIM_REAL *x,
                     RFIM_REAL *y, size_t stride)
{
    rfim__vector sum[ROWS][COLUMNS];
    RFIM__UNROLL
    for (size_t i = 0; i < ROWS; i++) {
        RFIM__UNROLL
        for (size_t v = 0; v < columns; v++)
            sum[i][v] = load(y + i * stride + v * LANES);
    }
    for (size_t k = 0; k < pivots; k++) {
        rfim__vector xk[COLUMNS];
        RFIM__UNROLL
        for (size_t v = 0; v < columns; v++)
            xk[v] = load(x + k * stride + v * LANES);
        RFIM__UNROLL
        for (size_t i = 0; i < ROWS; i++) {
            RFIM__UNROLL
            for (size_t v = 0; v < columns; v++)
                sum[i][v] += f[k * stride + i] * xk[v];
        }
    }
    RFIM__UNROLL
    for (size_t i = 0; i < ROWS; i++) {
        RFIM__UNROLL
        for (size_t v = 0; v < columns; v++)
            store(y + i * stride + v * LANES, sum[i][v]);
    }
}

/* The same for `length` numbers in a row, a multiple of the lanes */
INLINE void add_rows(size_t pivots, const RFIM_REAL *f, const RFIM_REAL *x, RFIM_REAL *y,
                     size_t stride, size_t length)
{
    size_t j = 0;
    for (; j + COLUMNS * LANES <= length; j += COLUMNS * LANES)
        add_tile(COLUMNS, pivots, f, x + j, y + j, stride);
    if (j + 2 * LANES <= length)
        add_tile(2, pivots, f, x + j, y + j, stride);
    else if (j < length)
        add_tile(1, pivots, f, x + j, y + j, stride);
}

/* B_i <- B_i - f_i u for all rows */
INLINE void subtract_outer(const RFIM_REAL f[BLOCK], const RFIM_REAL u[BLOCK],
                           RFIM_REAL b[BLOCK][BLOCK])
{
    RFIM__UNROLL
    for (size_t i = 0; i < BLOCK; i++) {
        RFIM__UNROLL
        for (size_t v = 0; v < BLOCK; v += LANES)
            store(&b[i][v], load(&b[i][v]) - f[i] * load(u + v));
    }
}

/* B, both triangles, <- L^T, B = L L^T; its diagonal keeps 1/L_kk. Returns as invert. All rows are
 * worked on at every pivot, those above it with 0: loops of one length are what takes least. */
static size_t factorise(size_t pivots, RFIM_REAL b[BLOCK][BLOCK])
{
    for (size_t k = 0; k < pivots; k++) {
        RFIM_REAL pivot = b[k][k];
        RFIM_REAL u[BLOCK], f[BLOCK];
        RFIM_REAL inverse = 1 / RFIM_SQRT(pivot);
        if (!(pivot > 0 && pivot < (RFIM_REAL)INFINITY))
            return k + 1;
        for (size_t j = 0; j < BLOCK; j++) {
            u[j] = inverse * b[k][j];
            f[j] = j > k ? u[j] : 0;
        }
        subtract_outer(f, u, b);
        for (size_t j = 0; j < BLOCK; j++)
            b[k][j] = u[j];
        b[k][k] = inverse;
    }
    return 0;
}

INLINE void load_column(const RFIM_REAL *a, size_t stride, rfim__vector x[BLOCK])
{
    RFIM__UNROLL
    for (size_t k = 0; k < BLOCK; k++)
        x[k] = load(a + k * stride);
}

INLINE void store_column(const rfim__vector x[BLOCK], RFIM_REAL sign, RFIM_REAL *a, size_t stride)
{
    RFIM__UNROLL
    for (size_t k = 0; k < BLOCK; k++)
        store(a + k * stride, sign * x[k]);
}

/* X <- L^-1 X   X: [BLOCK x LANES] */
INLINE void solve_down(const RFIM_REAL b[BLOCK][BLOCK], rfim__vector x[BLOCK])
{
    RFIM__UNROLL
    for (size_t k = 0; k < BLOCK; k++) {
        x[k] *= b[k][k];
        RFIM__UNROLL
        for (size_t p = k + 1; p < BLOCK; p++)
            x[p] -= b[k][p] * x[k];
    }
}

/* X <- L^-T X */
INLINE void solve_up(const RFIM_REAL b[BLOCK][BLOCK], rfim__vector x[BLOCK])
{
    RFIM__UNROLL
    for (size_t q = 0; q < BLOCK; q++) {
        size_t k = BLOCK - 1 - q;
        x[k] *= b[k][k];
        RFIM__UNROLL
        for (size_t p = 0; p < k; p++)
            x[p] -= b[p][k] * x[k];
    }
}

/* C <- A_K:, I in the columns of K; A_IK <- 0 below the block */
static void take_panel(const sweep *s, size_t first, size_t pivots)
{
    for (size_t k = 0; k < BLOCK; k++) {
        RFIM_REAL *c = s->c + k * s->stride;
        const RFIM_REAL *row = s->a + (first + k) * s->stride;
        for (size_t j = 0; j < first; j++)
            c[j] = k < pivots ? row[j] : 0;
        for (size_t j = 0; j < BLOCK; j++)
            c[first + j] = j == k;
    }
    for (size_t i = first + BLOCK; i < s->order; i++) {
        RFIM_REAL *row = s->a + i * s->stride + first;
        RFIM__UNROLL
        for (size_t k = 0; k < BLOCK; k++)
            s->c[k * s->stride + i] = row[k];
        for (size_t k = 0; k < BLOCK; k++)
            row[k] = 0;
    }
}

/* C <- L^-1 C, and what it is multiplied with */
static void solve_panel(const sweep *s, const RFIM_REAL b[BLOCK][BLOCK], size_t first)
{
    for (size_t j = 0; j < s->stride; j += LANES) {
        rfim__vector x[BLOCK];
        load_column(s->c + j, s->stride, x);
        solve_down(b, x);
        store_column(x, 1, s->c + j, s->stride);
        store_column(x, j >= first && j < first + BLOCK ? 1 : -1, s->x + j, s->stride);
    }
}

/* A_K: <- L^-T C, A_KK <- -L^-T L^-1 */
static void give_panel(const sweep *s, const RFIM_REAL b[BLOCK][BLOCK], size_t first)
{
    for (size_t j = 0; j < first + BLOCK; j += LANES) {
        rfim__vector x[BLOCK];
        load_column(s->c + j, s->stride, x);
        solve_up(b, x);
        store_column(x, j < first ? 1 : -1, s->a + first * s->stride + j, s->stride);
    }
}

static void add_all(const sweep *s, size_t pivots, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i += ROWS)
        add_rows(pivots, s->c + i, s->x, s->a + i * s->stride, s->stride,
                 rfim__size_round_up(i + ROWS, LANES));
}

static size_t sweep_block(const sweep *s, size_t first)
{
    RFIM_REAL b[BLOCK][BLOCK] = {{0}};
    size_t pivots = rfim__size_min(BLOCK, s->order - first);
    for (size_t k = 0; k < BLOCK; k++) {
        const RFIM_REAL *row = s->a + (first + k) * s->stride + first;
        for (size_t j = 0; j <= k && k < pivots; j++)
            b[k][j] = b[j][k] = row[j];
        if (k >= pivots)
            b[k][k] = 1;
    }
    size_t bad = factorise(pivots, b);
    if (bad > 0)
        return first + bad;
    take_panel(s, first, pivots);
    solve_panel(s, b, first);
    add_all(s, pivots, 0, first);
    add_all(s, pivots, first + BLOCK, rfim__size_round_up(s->order, ROWS));
    give_panel(s, b, first);
    return 0;
}

/* A <- M + diag(lambda), whole rows as far as blocks go */
static void take(const sweep *s, rfim__matrix m, rfim__matrix lambda)
{
    for (size_t k = 0; k < s->order; k++) {
        const RFIM_REAL *from = (const RFIM_REAL *)m.data + k * m.stride;
        RFIM_REAL *to = s->a + k * s->stride;
        size_t end = rfim__size_min(k / BLOCK * BLOCK + BLOCK, s->order);
        for (size_t l = 0; l < end; l++)
            to[l] = from[l];
        to[k] += ((const RFIM_REAL *)lambda.data)[k * lambda.stride];
    }
    for (size_t k = s->order; k < rfim__size_round_up(s->order, ROWS); k++)
        for (size_t l = 0; l < s->stride; l++)
            s->a[k * s->stride + l] = 0;
    for (size_t k = 0; k < BLOCK; k++)
        for (size_t j = s->order; j < s->stride; j++)
            s->c[k * s->stride + j] = 0;
}

/* P <- -A; blocks on one side of the diagonal after the other, so that both stay near */
static void give(const sweep *s, rfim__matrix p)
{
    for (size_t row = 0; row < s->order; row += BLOCK) {
        size_t end = row + BLOCK < s->order ? row + BLOCK : s->order;
        for (size_t k = row; k < end; k++)
            for (size_t l = 0; l <= k; l++)
                ((RFIM_REAL *)p.data)[k * p.stride + l] = -s->a[k * s->stride + l];
        for (size_t l = 0; l < end; l++)
            for (size_t k = l < row ? row : l + 1; k < end; k++)
                ((RFIM_REAL *)p.data)[l * p.stride + k] = -s->a[k * s->stride + l];
    }
}

static size_t invert(rfim__matrix m, rfim__matrix lambda, rfim__matrix p, void *room)
{
    sweep s = {.order = m.rows, .stride = rfim__sweep_stride(m.rows), .a = room};
    s.c = s.a + s.stride * s.stride;
    s.x = s.c + BLOCK * s.stride;
    take(&s, m, lambda);
    for (size_t first = 0; first < s.order; first += BLOCK) {
        size_t bad = sweep_block(&s, first);
        if (bad > 0)
            return bad;
    }
    give(&s, p);
    return 0;
}

const rfim__sweep_part RFIM__VARIANT(rfim__sweep) = {
    .invert = invert,
};
