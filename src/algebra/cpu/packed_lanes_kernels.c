/* packed_lanes_kernels.c - Cholesky factors and inverses of a group of matrices, each in a lane.
 *
 * Textbook algorithms on entries that are vectors, cut into tiles of TILE x TILE entries that stay
 * in registers while a sum over the third index runs: TILE^2 multiplications for 2 TILE loads.
 * A = L L^T takes D^3/3 flops a lane, R = L^-1 and R^T R as many each. Blocks of rows and columns
 * begin at multiples of TILE; the last block of rows may be shorter.
 *
 *   L_rc = (A_rc - sum_{p<c} L_rp L_cp) / L_cc          R_rc = -1/L_rr sum_{p=c}^{r-1} L_rp R_pc
 *   (R^T R)_rc = sum_{p>=r} R_pr R_pc */

/* One source for vectors of several widths: what is alike for one of them differs for another, and
 * loops over registers are unrolled.
 * NOLINTBEGIN(bugprone-branch-clone,misc-redundant-expression) */
#include "algebra/algebra.h"
#include "algebra/cpu/packed_lanes.h"
#include "core/real.h"
#include "core/vector.h"

#define INLINE static inline __attribute__((always_inline))
#define LANES (RFIM__ALIGNMENT / sizeof(RFIM_REAL))
#define WIDTH RFIM_VECTOR_LANES
#if RFIM_VECTOR_BYTES == 64
#define TILE 4 /* 32 registers */
#else
#define TILE 3 /* 16 */
#endif

typedef rfim__vector vector;
typedef vector tile[TILE][TILE];
typedef __typeof__((vector){0} > (vector){0}) mask; /* all bits of a lane, or none */

/* A vector's share of the line of an entry */
INLINE vector load(const RFIM_REAL *a, size_t entry)
{
    return *(const rfim__loose_vector *)(a + entry * LANES);
}

INLINE void store(RFIM_REAL *a, size_t entry, vector x)
{
    *(rfim__loose_vector *)(a + entry * LANES) = x;
}

INLINE RFIM_REAL *row_of(RFIM_REAL *a, size_t k)
{
    return a + rfim__triangle(k) * LANES;
}

INLINE vector root_of(vector x)
{
    RFIM__UNROLL
    for (size_t v = 0; v < WIDTH; v++)
        x[v] = RFIM_SQRT(x[v]);
    return x;
}

/* Runs f with `rows` as a constant, 1 ... TILE. */
#define WITH_ROWS(f, rows, ...)                                                                    \
    do {                                                                                           \
        if ((rows) == TILE)                                                                        \
            f(TILE, __VA_ARGS__);                                                                  \
        else if ((rows) == 1)                                                                      \
            f(1, __VA_ARGS__);                                                                     \
        else if ((rows) == 2)                                                                      \
            f(2, __VA_ARGS__);                                                                     \
        else                                                                                       \
            f(3, __VA_ARGS__);                                                                     \
    } while (0)
_Static_assert(TILE == 3 || TILE == 4, "WITH_ROWS");

/* --- Cholesky --------------------------------------------------------------------------------- */

/* Rows row ... row+rows-1 of L, columns column ... column+TILE-1, left of the diagonal block */
INLINE void factorise_tile(const size_t rows, RFIM_REAL *a, size_t row, size_t column)
{
    tile sum;
    RFIM_REAL *x[TILE];
    const RFIM_REAL *y[TILE];
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++)
        x[r] = row_of(a, row + r);
    RFIM__UNROLL
    for (size_t c = 0; c < TILE; c++)
        y[c] = row_of(a, column + c);
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++) {
        RFIM__UNROLL
        for (size_t c = 0; c < TILE; c++)
            sum[r][c] = load(x[r], column + c);
    }
    for (size_t p = 0; p < column; p++) {
        vector yp[TILE];
        RFIM__UNROLL
        for (size_t c = 0; c < TILE; c++)
            yp[c] = load(y[c], p);
        RFIM__UNROLL
        for (size_t r = 0; r < rows; r++) {
            vector xp = load(x[r], p);
            RFIM__UNROLL
            for (size_t c = 0; c < TILE; c++)
                sum[r][c] -= xp * yp[c];
        }
    }
    RFIM__UNROLL
    for (size_t c = 0; c < TILE; c++) {
        vector inverse = load(y[c], column + c);
        RFIM__UNROLL
        for (size_t r = 0; r < rows; r++) {
            RFIM__UNROLL
            for (size_t p = 0; p < c; p++)
                sum[r][c] -= sum[r][p] * load(y[c], column + p);
            sum[r][c] *= inverse;
            store(x[r], column + c, sum[r][c]);
        }
    }
}

/* The block of L on the diagonal; good loses the lanes whose pivot is not positive and finite. */
INLINE void factorise_diagonal(const size_t rows, RFIM_REAL *a, size_t row, RFIM_REAL *roots,
                               mask *good)
{
    tile sum;
    RFIM_REAL *x[TILE];
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++)
        x[r] = row_of(a, row + r);
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++) {
        RFIM__UNROLL
        for (size_t c = 0; c <= r; c++)
            sum[r][c] = load(x[r], row + c);
    }
    for (size_t p = 0; p < row; p++) {
        vector xp[TILE];
        RFIM__UNROLL
        for (size_t r = 0; r < rows; r++)
            xp[r] = load(x[r], p);
        RFIM__UNROLL
        for (size_t r = 0; r < rows; r++) {
            RFIM__UNROLL
            for (size_t c = 0; c <= r; c++)
                sum[r][c] -= xp[r] * xp[c];
        }
    }
    RFIM__UNROLL
    for (size_t c = 0; c < rows; c++) {
        RFIM__UNROLL
        for (size_t p = 0; p < c; p++)
            sum[c][c] -= sum[c][p] * sum[c][p];
        *good &= (sum[c][c] > 0) & (sum[c][c] < (RFIM_REAL)INFINITY);
        vector root = root_of(sum[c][c]);
        vector inverse = 1 / root;
        store(x[c], row + c, inverse);
        if (roots)
            store(roots, row + c, root);
        RFIM__UNROLL
        for (size_t r = c + 1; r < rows; r++) {
            RFIM__UNROLL
            for (size_t p = 0; p < c; p++)
                sum[r][c] -= sum[r][p] * sum[c][p];
            sum[r][c] *= inverse;
            store(x[r], row + c, sum[r][c]);
        }
    }
}

static size_t rows_at(size_t order, size_t row)
{
    return order - row < TILE ? order - row : TILE;
}

/* One vector's share of the lanes; returns the first lane of it that fails, from 1, or 0. */
static size_t factorise_share(RFIM_REAL *a, size_t order, RFIM_REAL *roots)
{
    const vector zero = {0};
    mask good = zero == zero;
    for (size_t column = 0; column < order; column += TILE) {
        WITH_ROWS(factorise_diagonal, rows_at(order, column), a, column, roots, &good);
        for (size_t row = column + TILE; row < order; row += TILE)
            WITH_ROWS(factorise_tile, rows_at(order, row), a, row, column);
    }
    for (size_t v = 0; v < WIDTH; v++)
        if (!good[v])
            return v + 1;
    return 0;
}

static size_t factorise(void *a, size_t order, void *roots)
{
    for (size_t first = 0; first < LANES; first += WIDTH) {
        size_t bad = factorise_share((RFIM_REAL *)a + first, order,
                                     roots ? (RFIM_REAL *)roots + first : NULL);
        if (bad > 0)
            return first + bad;
    }
    return 0;
}

/* --- R = L^-1 --------------------------------------------------------------------------------- */

/* Left of the diagonal block of these rows; above them and to the left R is done. */
INLINE void invert_tile(const size_t rows, RFIM_REAL *a, size_t row, size_t column)
{
    tile sum = {{{0}}};
    RFIM_REAL *x[TILE];
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++)
        x[r] = row_of(a, row + r);
    RFIM__UNROLL
    for (size_t p = 0; p < TILE; p++) {
        RFIM__UNROLL
        for (size_t c = 0; c <= p; c++) {
            vector y = load(row_of(a, column + p), column + c);
            RFIM__UNROLL
            for (size_t r = 0; r < rows; r++)
                sum[r][c] += load(x[r], column + p) * y;
        }
    }
    for (size_t p = column + TILE; p < row; p++) {
        const RFIM_REAL *y = row_of(a, p);
        vector yp[TILE];
        RFIM__UNROLL
        for (size_t c = 0; c < TILE; c++)
            yp[c] = load(y, column + c);
        RFIM__UNROLL
        for (size_t r = 0; r < rows; r++) {
            vector xp = load(x[r], p);
            RFIM__UNROLL
            for (size_t c = 0; c < TILE; c++)
                sum[r][c] += xp * yp[c];
        }
    }
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++) {
        vector inverse = -load(x[r], row + r);
        RFIM__UNROLL
        for (size_t c = 0; c < TILE; c++) {
            RFIM__UNROLL
            for (size_t p = 0; p < r; p++)
                sum[r][c] += load(x[r], row + p) * sum[p][c];
            sum[r][c] *= inverse;
        }
    }
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++) {
        RFIM__UNROLL
        for (size_t c = 0; c < TILE; c++)
            store(x[r], column + c, sum[r][c]);
    }
}

INLINE void invert_diagonal(const size_t rows, RFIM_REAL *a, size_t row)
{
    tile l;
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++) {
        RFIM__UNROLL
        for (size_t c = 0; c <= r; c++)
            l[r][c] = load(row_of(a, row + r), row + c);
    }
    RFIM__UNROLL
    for (size_t r = 1; r < rows; r++) {
        vector done[TILE];
        RFIM__UNROLL
        for (size_t c = 0; c < r; c++) {
            vector sum = l[r][c] * l[c][c];
            RFIM__UNROLL
            for (size_t p = c + 1; p < r; p++)
                sum += l[r][p] * l[p][c];
            done[c] = -l[r][r] * sum;
        }
        RFIM__UNROLL
        for (size_t c = 0; c < r; c++) {
            l[r][c] = done[c];
            store(row_of(a, row + r), row + c, done[c]);
        }
    }
}

static void invert_triangle(RFIM_REAL *a, size_t order)
{
    for (size_t row = 0; row < order; row += TILE) {
        for (size_t column = 0; column < row; column += TILE)
            WITH_ROWS(invert_tile, rows_at(order, row), a, row, column);
        WITH_ROWS(invert_diagonal, rows_at(order, row), a, row);
    }
}

/* --- R^T R ------------------------------------------------------------------------------------ */

/* Needs these rows of R and those below only, so it can take the place of R from the top. */
INLINE void multiply_tile(const size_t rows, RFIM_REAL *a, size_t order, size_t row, size_t column)
{
    tile sum = {{{0}}};
    RFIM__UNROLL
    for (size_t p = 0; p < rows; p++) {
        const RFIM_REAL *x = row_of(a, row + p);
        RFIM__UNROLL
        for (size_t c = 0; c < TILE; c++) {
            vector y = load(x, column + c);
            RFIM__UNROLL
            for (size_t r = 0; r <= p; r++)
                sum[r][c] += load(x, row + r) * y;
        }
    }
    for (size_t p = row + rows; p < order; p++) {
        const RFIM_REAL *x = row_of(a, p);
        vector y[TILE];
        RFIM__UNROLL
        for (size_t c = 0; c < TILE; c++)
            y[c] = load(x, column + c);
        RFIM__UNROLL
        for (size_t r = 0; r < rows; r++) {
            vector xr = load(x, row + r);
            RFIM__UNROLL
            for (size_t c = 0; c < TILE; c++)
                sum[r][c] += xr * y[c];
        }
    }
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++) {
        RFIM__UNROLL
        for (size_t c = 0; c < TILE; c++)
            store(row_of(a, row + r), column + c, sum[r][c]);
    }
}

INLINE void multiply_diagonal(const size_t rows, RFIM_REAL *a, size_t order, size_t row)
{
    tile sum = {{{0}}};
    RFIM__UNROLL
    for (size_t p = 0; p < rows; p++) {
        RFIM__UNROLL
        for (size_t r = 0; r <= p; r++) {
            RFIM__UNROLL
            for (size_t c = 0; c <= r; c++)
                sum[r][c] += load(row_of(a, row + p), row + r) * load(row_of(a, row + p), row + c);
        }
    }
    for (size_t p = row + rows; p < order; p++) {
        const RFIM_REAL *x = row_of(a, p);
        vector y[TILE];
        RFIM__UNROLL
        for (size_t c = 0; c < rows; c++)
            y[c] = load(x, row + c);
        RFIM__UNROLL
        for (size_t r = 0; r < rows; r++) {
            RFIM__UNROLL
            for (size_t c = 0; c <= r; c++)
                sum[r][c] += y[r] * y[c];
        }
    }
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++) {
        RFIM__UNROLL
        for (size_t c = 0; c <= r; c++)
            store(row_of(a, row + r), row + c, sum[r][c]);
    }
}

static void multiply_triangles(RFIM_REAL *a, size_t order)
{
    for (size_t row = 0; row < order; row += TILE) {
        for (size_t column = 0; column < row; column += TILE)
            WITH_ROWS(multiply_tile, rows_at(order, row), a, order, row, column);
        WITH_ROWS(multiply_diagonal, rows_at(order, row), a, order, row);
    }
}

static void invert(void *a, size_t order)
{
    for (size_t first = 0; first < LANES; first += WIDTH) {
        invert_triangle((RFIM_REAL *)a + first, order);
        multiply_triangles((RFIM_REAL *)a + first, order);
    }
}

const rfim__lanes_part RFIM__VARIANT(rfim__lanes) = {
    .factorise = factorise,
    .invert = invert,
};

/* NOLINTEND(bugprone-branch-clone,misc-redundant-expression) */
