/* elementwise_kernels.c - loops over all numbers of a matrix. Memory-bound; large matrices are cut
 * into pieces of whole rows for the team. */
#include "algebra/cpu/cpu.h"
#include "algebra/cpu/team.h"
#include "algebra/cpu/turn.h"

#define PIECE ((size_t)16384) /* numbers, about */
#define MOST_PIECES ((size_t)64)
#define FLOPS_A_BYTE 12 /* what a product does while a byte comes from memory */

static RFIM_REAL *row(rfim__matrix x, size_t i)
{
    return (RFIM_REAL *)x.data + i * x.stride;
}

/* What the pieces of one operation share. */
typedef struct pass {
    rfim__matrix x, y, z;
    RFIM_REAL alpha, beta;
    size_t rows, pieces;
    bool wrong;               /* some number is not finite */
    double sums[MOST_PIECES]; /* by piece */
} pass;

typedef struct range {
    size_t first, end; /* rows */
} range;

static range rows_of(const pass *p, size_t piece)
{
    return (range){p->rows * piece / p->pieces, p->rows * (piece + 1) / p->pieces};
}

/* rows x columns numbers of so many matrices */
static void run(const rfim__algebra *algebra, pass *p, size_t rows, size_t columns, size_t matrices,
                rfim__tile_fn piece)
{
    size_t wanted = rows * columns / PIECE;
    p->rows = rows;
    p->pieces = wanted < 1 ? 1 : wanted > MOST_PIECES ? MOST_PIECES : wanted;
    if (p->pieces > rows)
        p->pieces = rows;
    double bytes = (double)(rows * columns * matrices * sizeof(RFIM_REAL));
    rfim__team_run(algebra, p->pieces, FLOPS_A_BYTE * bytes, piece, p);
}

static void found_wrong(pass *p)
{
#pragma omp atomic write
    p->wrong = true;
}

static void fill(rfim__algebra *algebra, double value, rfim__matrix x)
{
    (void)algebra;
    for (size_t i = 0; i < x.rows; i++) {
        RFIM_REAL *xi = row(x, i);
        for (size_t j = 0; j < x.columns; j++)
            xi[j] = (RFIM_REAL)value;
    }
}

#define LANES RFIM_VECTOR_LANES

static RFIM_REAL sum_of(rfim__vector x)
{
    RFIM_REAL sum = 0;
    for (size_t v = 0; v < LANES; v++)
        sum += x[v];
    return sum;
}

/* Rows of Z = a X + b Y, or a X where there is no Y. Told: 0 or NaN, the sum of 0 z. */
static inline RFIM_REAL combine_rows(const pass *p, range rows, const bool both, const bool test)
{
    rfim__vector sums = {0};
    RFIM_REAL rest = 0;
    for (size_t i = rows.first; i < rows.end; i++) {
        const RFIM_REAL *x = row(p->x, i);
        const RFIM_REAL *y = both ? row(p->y, i) : x;
        RFIM_REAL *z = row(p->z, i);
        size_t j = 0;
        for (; j + LANES <= p->z.columns; j += LANES) {
            rfim__vector out = p->alpha * *(const rfim__loose_vector *)(x + j);
            if (both)
                out += p->beta * *(const rfim__loose_vector *)(y + j);
            *(rfim__loose_vector *)(z + j) = out;
            if (test)
                sums += 0 * out;
        }
        for (; j < p->z.columns; j++) {
            z[j] = both ? p->alpha * x[j] + p->beta * y[j] : p->alpha * x[j];
            rest += test ? 0 * z[j] : 0;
        }
    }
    return rest + sum_of(sums);
}

static void combine_piece(void *job, size_t piece, void *scratch)
{
    (void)scratch;
    combine_rows(job, rows_of(job, piece), true, false);
}

static void combine_one_piece(void *job, size_t piece, void *scratch)
{
    (void)scratch;
    combine_rows(job, rows_of(job, piece), false, false);
}

static void combine_finite_piece(void *job, size_t piece, void *scratch)
{
    (void)scratch;
    if (combine_rows(job, rows_of(job, piece), true, true) != 0)
        found_wrong(job);
}

static void combine_one_finite_piece(void *job, size_t piece, void *scratch)
{
    (void)scratch;
    if (combine_rows(job, rows_of(job, piece), false, true) != 0)
        found_wrong(job);
}

static bool combine_pieces(rfim__algebra *algebra, pass *p, bool test)
{
    if (p->alpha == 0 && p->beta == 0) {
        fill(algebra, 0, p->z);
        return true;
    }
    bool both = p->alpha != 0 && p->beta != 0;
    if (p->alpha == 0) {
        p->x = p->y;
        p->alpha = p->beta;
    }
    if (test)
        run(algebra, p, p->z.rows, p->z.columns, both ? 3 : 2,
            both ? combine_finite_piece : combine_one_finite_piece);
    else
        run(algebra, p, p->z.rows, p->z.columns, both ? 3 : 2,
            both ? combine_piece : combine_one_piece);
    return !p->wrong;
}

static void combine(rfim__algebra *algebra, double alpha, rfim__matrix x, double beta,
                    rfim__matrix y, rfim__matrix z)
{
    pass p = {.x = x, .y = y, .z = z, .alpha = (RFIM_REAL)alpha, .beta = (RFIM_REAL)beta};
    combine_pieces(algebra, &p, false);
}

static bool combine_finite(rfim__algebra *algebra, double alpha, rfim__matrix x, double beta,
                           rfim__matrix y, rfim__matrix z)
{
    pass p = {.x = x, .y = y, .z = z, .alpha = (RFIM_REAL)alpha, .beta = (RFIM_REAL)beta};
    return combine_pieces(algebra, &p, true);
}

static void multiply_piece(void *job, size_t piece, void *scratch)
{
    (void)scratch;
    const pass *p = job;
    range rows = rows_of(p, piece);
    for (size_t i = rows.first; i < rows.end; i++) {
        const RFIM_REAL *x = row(p->x, i);
        const RFIM_REAL *y = row(p->y, i);
        RFIM_REAL *z = row(p->z, i);
        for (size_t j = 0; j < p->z.columns; j++)
            z[j] = x[j] * y[j];
    }
}

static void multiply(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y, rfim__matrix z)
{
    pass p = {.x = x, .y = y, .z = z};
    run(algebra, &p, z.rows, z.columns, 3, multiply_piece);
}

static void scale_piece(void *job, size_t piece, void *scratch)
{
    (void)scratch;
    const pass *p = job;
    range rows = rows_of(p, piece);
    for (size_t i = rows.first; i < rows.end; i++) {
        RFIM_REAL factor = *row(p->y, i);
        RFIM_REAL *x = row(p->x, i);
        for (size_t j = 0; j < p->x.columns; j++)
            x[j] *= factor;
    }
}

static void scale_rows(rfim__algebra *algebra, rfim__matrix d, rfim__matrix x)
{
    pass p = {.x = x, .y = d};
    run(algebra, &p, x.rows, x.columns, 2, scale_piece);
}

#define STRIP 64 /* rows of Y that are filled together */

/* Rows first ... end - 1 of Y = X^T, in squares of LANES; the last ones lie over those before. */
static void turn_strip(rfim__matrix x, rfim__matrix y, size_t first, size_t end)
{
    if (x.rows < LANES || end - first < LANES) {
        for (size_t i = first; i < end; i++)
            for (size_t j = 0; j < x.rows; j++)
                row(y, i)[j] = row(x, j)[i];
        return;
    }
    for (size_t j = 0; j < x.rows; j += LANES) {
        size_t at = j + LANES <= x.rows ? j : x.rows - LANES;
        rfim__turn_rows(row(x, at) + first, x.stride, end - first, row(y, first) + at, y.stride);
    }
}

static void transpose_piece(void *job, size_t piece, void *scratch)
{
    (void)scratch;
    const pass *p = job;
    range rows = rows_of(p, piece);
    while (rows.first < rows.end) {
        size_t left = rows.end - rows.first;
        size_t count = left < STRIP + LANES ? left : STRIP;
        turn_strip(p->x, p->y, rows.first, rows.first + count);
        rows.first += count;
    }
}

static void transpose(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y)
{
    pass p = {.x = x, .y = y};
    run(algebra, &p, y.rows, y.columns, 2, transpose_piece);
}

/* Blocks whose rows on both sides stay in the first cache. */
#define BLOCK 32

static size_t block_end(size_t first, size_t count)
{
    return first + BLOCK < count ? first + BLOCK : count;
}

static void symmetrise(rfim__algebra *algebra, rfim__matrix a)
{
    (void)algebra;
    for (size_t first_i = 0; first_i < a.rows; first_i += BLOCK)
        for (size_t first_j = first_i; first_j < a.rows; first_j += BLOCK)
            for (size_t i = first_i; i < block_end(first_i, a.rows); i++)
                for (size_t j = first_j > i ? first_j : i + 1; j < block_end(first_j, a.rows); j++)
                    row(a, i)[j] = row(a, j)[i];
}

static void dot_piece(void *job, size_t piece, void *scratch)
{
    (void)scratch;
    pass *p = job;
    range rows = rows_of(p, piece);
    double parts[LANES] = {0};
    double sum = 0;
    for (size_t i = rows.first; i < rows.end; i++) {
        const RFIM_REAL *x = row(p->x, i);
        const RFIM_REAL *y = row(p->y, i);
        size_t j = 0;
        for (; j + LANES <= p->x.columns; j += LANES) {
#pragma omp simd
            for (size_t v = 0; v < LANES; v++)
                parts[v] += (double)x[j + v] * (double)y[j + v];
        }
        for (; j < p->x.columns; j++)
            sum += (double)x[j] * (double)y[j];
    }
    for (size_t v = 0; v < LANES; v++)
        sum += parts[v];
    p->sums[piece] = sum;
}

static double dot(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y)
{
    pass p = {.x = x, .y = y};
    double sum = 0;
    run(algebra, &p, x.rows, x.columns, 2, dot_piece);
    for (size_t piece = 0; piece < p.pieces; piece++)
        sum += p.sums[piece];
    return sum;
}

/* 0 x is 0 for finite x and NaN otherwise: the sum tells in one pass without branches. */
static void finite_piece(void *job, size_t piece, void *scratch)
{
    (void)scratch;
    pass *p = job;
    range rows = rows_of(p, piece);
    rfim__vector sums[4] = {{0}};
    RFIM_REAL rest = 0;
    for (size_t i = rows.first; i < rows.end; i++) {
        const RFIM_REAL *x = row(p->x, i);
        size_t j = 0;
        for (; j + 4 * LANES <= p->x.columns; j += 4 * LANES) {
            RFIM__UNROLL
            for (size_t v = 0; v < 4; v++)
                sums[v] += 0 * *(const rfim__loose_vector *)(x + j + v * LANES);
        }
        for (; j + LANES <= p->x.columns; j += LANES)
            sums[0] += 0 * *(const rfim__loose_vector *)(x + j);
        for (; j < p->x.columns; j++)
            rest += 0 * x[j];
    }
    sums[0] += sums[1] + sums[2] + sums[3];
    if (rest + sum_of(sums[0]) != 0)
        found_wrong(p);
}

static bool finite(rfim__algebra *algebra, rfim__matrix x)
{
    pass p = {.x = x};
    run(algebra, &p, x.rows, x.columns, 1, finite_piece);
    return !p.wrong;
}

static void import(rfim__algebra *algebra, const double *values, rfim__matrix x)
{
    (void)algebra;
    for (size_t i = 0; i < x.rows; i++) {
        RFIM_REAL *xi = row(x, i);
        for (size_t j = 0; j < x.columns; j++)
            xi[j] = (RFIM_REAL)values[i * x.columns + j];
    }
}

static void export(rfim__algebra *algebra, rfim__matrix x, double *values)
{
    (void)algebra;
    for (size_t i = 0; i < x.rows; i++) {
        const RFIM_REAL *xi = row(x, i);
        for (size_t j = 0; j < x.columns; j++)
            values[i * x.columns + j] = (double)xi[j];
    }
}

const rfim__elementwise_part RFIM__VARIANT(rfim__elementwise) = {
    .fill = fill,
    .combine = combine,
    .combine_finite = combine_finite,
    .multiply = multiply,
    .scale_rows = scale_rows,
    .transpose = transpose,
    .symmetrise = symmetrise,
    .dot = dot,
    .finite = finite,
    .import = import,
    .export = export,
};
