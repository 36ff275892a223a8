/* small_kernels.c - small products in registers.
 *
 * op(B) plain: tiles of ROWS x PANEL vectors of C are summed up in registers, one vector of B and
 * one number of A at a time. The columns that do not fill a vector are first copied, CHUNK rows of
 * B at a time, into a buffer with zeros behind them. op(B) transposed: both operands are read along
 * their rows, an entry of C is a dot product in LANES partial sums. */
#include "algebra/cpu/small.h"
#include "core/vector.h"

#define LANES RFIM_VECTOR_LANES
#define ROWS (RFIM_VECTOR_BYTES == 64 ? 8 : 4) /* registers: 32 with AVX-512, 16 without */
#define PANEL 3
#define CHUNK 256

typedef rfim__vector vector;
typedef rfim__loose_vector loose_vector;

#define INLINE static inline __attribute__((always_inline))

static RFIM_REAL *at(rfim__matrix x, size_t i, size_t j)
{
    return (RFIM_REAL *)x.data + i * x.stride + j;
}

/* op(A) as base + i * row + k * column. */
typedef struct left {
    const RFIM_REAL *base;
    size_t row;
    size_t column;
} left;

/* One tile of C, `rows` x `vectors`: sum over count values of k. Stored columns: width. */
INLINE void micro(const size_t rows, const size_t vectors, left a, const RFIM_REAL *b,
                  size_t stride, size_t count, RFIM_REAL alpha, RFIM_REAL beta, RFIM_REAL *c,
                  size_t c_stride, size_t width)
{
    vector sum[ROWS][PANEL];
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < vectors; v++)
            sum[r][v] = (vector){0};
    for (size_t k = 0; k < count; k++) {
        vector right[PANEL];
        for (size_t v = 0; v < vectors; v++)
            right[v] = *(const loose_vector *)(b + k * stride + v * LANES);
        for (size_t r = 0; r < rows; r++) {
            RFIM_REAL number = a.base[r * a.row + k * a.column];
            for (size_t v = 0; v < vectors; v++)
                sum[r][v] += number * right[v];
        }
    }
    for (size_t r = 0; r < rows; r++) {
        RFIM_REAL *cr = c + r * c_stride;
        if (width < vectors * LANES) { /* one vector that is not full */
            for (size_t t = 0; t < width; t++)
                cr[t] = alpha * sum[r][0][t] + (beta != 0 ? beta * cr[t] : 0);
            continue;
        }
        for (size_t v = 0; v < vectors; v++) {
            loose_vector *out = (loose_vector *)(cr + v * LANES);
            *out = beta != 0 ? alpha * sum[r][v] + beta * *out : alpha * sum[r][v];
        }
    }
}

/* All rows of one panel of columns. */
INLINE void panel(const size_t vectors, left a, size_t rows, const RFIM_REAL *b, size_t stride,
                  size_t count, RFIM_REAL alpha, RFIM_REAL beta, RFIM_REAL *c, size_t c_stride,
                  size_t width)
{
    size_t i = 0;
    for (; i + ROWS <= rows; i += ROWS) {
        left ai = {a.base + i * a.row, a.row, a.column};
        micro(ROWS, vectors, ai, b, stride, count, alpha, beta, c + i * c_stride, c_stride, width);
    }
    for (; i + 2 <= rows; i += 2) {
        left ai = {a.base + i * a.row, a.row, a.column};
        micro(2, vectors, ai, b, stride, count, alpha, beta, c + i * c_stride, c_stride, width);
    }
    if (i < rows) {
        left ai = {a.base + i * a.row, a.row, a.column};
        micro(1, vectors, ai, b, stride, count, alpha, beta, c + i * c_stride, c_stride, width);
    }
}

/* The last columns, fewer than a vector. */
static void edge(left a, rfim__matrix b, double alpha, double beta, rfim__matrix c, size_t column)
{
    vector buffer[CHUNK];
    size_t width = c.columns - column;
    for (size_t first = 0; first < b.rows; first += CHUNK) {
        size_t count = b.rows - first < CHUNK ? b.rows - first : CHUNK;
        for (size_t k = 0; k < count; k++) {
            buffer[k] = (vector){0};
            for (size_t t = 0; t < width; t++)
                buffer[k][t] = at(b, first + k, column)[t];
        }
        left ak = {a.base + first * a.column, a.row, a.column};
        panel(1, ak, c.rows, (const RFIM_REAL *)buffer, LANES, count, (RFIM_REAL)alpha,
              first == 0 ? (RFIM_REAL)beta : 1, at(c, 0, column), c.stride, width);
    }
}

static void plain_right(left a, rfim__matrix b, double alpha, double beta, rfim__matrix c)
{
    size_t j = 0;
    RFIM_REAL scale = (RFIM_REAL)alpha;
    RFIM_REAL keep = (RFIM_REAL)beta;
    for (; j + PANEL * LANES <= c.columns; j += PANEL * LANES)
        panel(PANEL, a, c.rows, at(b, 0, j), b.stride, b.rows, scale, keep, at(c, 0, j), c.stride,
              PANEL * LANES);
    for (; j + 2 * LANES <= c.columns; j += 2 * LANES)
        panel(2, a, c.rows, at(b, 0, j), b.stride, b.rows, scale, keep, at(c, 0, j), c.stride,
              2 * LANES);
    for (; j + LANES <= c.columns; j += LANES)
        panel(1, a, c.rows, at(b, 0, j), b.stride, b.rows, scale, keep, at(c, 0, j), c.stride,
              LANES);
    if (j < c.columns)
        edge(a, b, alpha, beta, c, j);
}

static RFIM_REAL dot(left a, const RFIM_REAL *b, size_t count)
{
    RFIM_REAL part[LANES] = {0};
    size_t k = 0;
    for (; k + LANES <= count; k += LANES)
        for (size_t v = 0; v < LANES; v++)
            part[v] += a.base[(k + v) * a.column] * b[k + v];
    for (size_t v = 0; k < count; k++, v++)
        part[v] += a.base[k * a.column] * b[k];
    RFIM_REAL sum = 0;
    for (size_t v = 0; v < LANES; v++)
        sum += part[v];
    return sum;
}

static void transposed_right(left a, rfim__matrix b, double alpha, double beta, rfim__matrix c)
{
    RFIM_REAL scale = (RFIM_REAL)alpha;
    RFIM_REAL keep = (RFIM_REAL)beta;
    for (size_t i = 0; i < c.rows; i++) {
        left ai = {a.base + i * a.row, a.row, a.column};
        for (size_t j = 0; j < c.columns; j++) {
            RFIM_REAL sum = scale * dot(ai, at(b, j, 0), b.columns);
            *at(c, i, j) = keep != 0 ? sum + keep * *at(c, i, j) : sum;
        }
    }
}

static void product(rfim__transposed ta, rfim__transposed tb, double alpha, rfim__matrix a,
                    rfim__matrix b, double beta, rfim__matrix c)
{
    left from_a = {a.data, ta == RFIM__PLAIN ? a.stride : 1, ta == RFIM__PLAIN ? 1 : a.stride};
    if (tb == RFIM__PLAIN)
        plain_right(from_a, b, alpha, beta, c);
    else
        transposed_right(from_a, b, alpha, beta, c);
}

const rfim__small_part RFIM__VARIANT(rfim__small) = {
    .product = product,
};
