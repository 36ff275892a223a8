/* product_kernels.c - products: OpenBLAS on fixed tiles, one thread a tile.
 *
 * The bits of a library product change with the number of threads that the library uses, and with
 * the shape of the call. So the shapes are cut here, by rules that know the operands only. */
#include "algebra/cpu/blas.h"
#include "algebra/cpu/cpu.h"
#include "algebra/cpu/small.h"
#include "algebra/cpu/team.h"

#define TILE_FLOPS 6e6 /* a tile: about 60 us */
#define MOST_TILES 64
#define GRAM_ROWS 96

static RFIM_REAL *at(rfim__matrix x, size_t i, size_t j)
{
    return (RFIM_REAL *)x.data + i * x.stride + j;
}

static CBLAS_TRANSPOSE blas_op(rfim__transposed t)
{
    return t == RFIM__TRANSPOSED ? CblasTrans : CblasNoTrans;
}

static void scale(double beta, rfim__matrix c)
{
    for (size_t i = 0; i < c.rows; i++)
        for (size_t j = 0; j < c.columns; j++)
            *at(c, i, j) = beta != 0 ? (RFIM_REAL)beta * *at(c, i, j) : 0;
}

/* The sub-matrix [first_row, +rows) x [first_column, +columns). */
static rfim__matrix part(rfim__matrix x, size_t first_row, size_t rows, size_t first_column,
                         size_t columns)
{
    rfim__matrix y = {at(x, first_row, first_column), rows, columns, x.stride};
    return y;
}

/* One product by one thread: ours where the library's would allocate, else the library's. (The
 * library takes its small path for rows x columns x inner up to 10^6; transposed right operands
 * go there only up to 1200 entries of C.) */
static void product(rfim__transposed ta, rfim__transposed tb, double alpha, rfim__matrix a,
                    rfim__matrix b, double beta, rfim__matrix c)
{
    size_t inner = ta ? a.rows : a.columns;
    double work = (double)c.rows * (double)c.columns * (double)inner;
    bool library = work > RFIM__SMALL_PRODUCT ||
                   (!ta && tb && (double)c.rows * (double)c.columns > 1200);
    if (!library) {
        RFIM__VARIANT(rfim__small).product(ta, tb, alpha, a, b, beta, c);
        return;
    }
    BLAS_GEMM(CblasRowMajor, blas_op(ta), blas_op(tb), (blasint)c.rows, (blasint)c.columns,
              (blasint)inner, (RFIM_REAL)alpha, a.data, (blasint)a.stride, b.data,
              (blasint)b.stride, (RFIM_REAL)beta, c.data, (blasint)c.stride);
}

/* One tile of C: rows [row, row+rows), columns [column, column+columns). */
static void tile(rfim__transposed ta, rfim__transposed tb, double alpha, rfim__matrix a,
                 rfim__matrix b, double beta, rfim__matrix c, size_t row, size_t rows,
                 size_t column, size_t columns)
{
    product(ta, tb, alpha, ta ? part(a, 0, a.rows, row, rows) : part(a, row, rows, 0, a.columns),
            tb ? part(b, column, columns, 0, b.columns) : part(b, 0, b.rows, column, columns), beta,
            part(c, row, rows, column, columns));
}

/* Length of the pieces that `length` is cut into to make about `tiles` of them. */
static size_t piece_of(size_t length, size_t tiles)
{
    size_t piece = (length + tiles - 1) / tiles;
    return (piece + RFIM__LANES - 1) / RFIM__LANES * RFIM__LANES;
}

/* A product cut into pieces of its longer side. */
typedef struct gemm_job {
    rfim__transposed ta, tb;
    double alpha, beta;
    rfim__matrix a, b, c;
    bool by_rows;
    size_t piece;
} gemm_job;

static void gemm_piece(void *job, size_t index, void *scratch)
{
    (void)scratch;
    const gemm_job *g = job;
    size_t length = g->by_rows ? g->c.rows : g->c.columns;
    size_t first = index * g->piece;
    size_t count = first + g->piece < length ? g->piece : length - first;
    if (g->by_rows)
        tile(g->ta, g->tb, g->alpha, g->a, g->b, g->beta, g->c, first, count, 0, g->c.columns);
    else
        tile(g->ta, g->tb, g->alpha, g->a, g->b, g->beta, g->c, 0, g->c.rows, first, count);
}

static void gemm(rfim__algebra *algebra, rfim__transposed ta, rfim__transposed tb, double alpha,
                 rfim__matrix a, rfim__matrix b, double beta, rfim__matrix c)
{
    size_t inner = ta ? a.rows : a.columns;
    if (c.rows == 0 || c.columns == 0)
        return;
    if (inner == 0) {
        scale(beta, c);
        return;
    }
    double wanted = 2.0 * (double)c.rows * (double)c.columns * (double)inner / TILE_FLOPS;
    size_t tiles = wanted < 2 ? 1 : wanted > MOST_TILES ? MOST_TILES : (size_t)wanted;
    gemm_job job = {ta, tb, alpha, beta, a, b, c, c.rows >= c.columns, 0};
    size_t length = job.by_rows ? c.rows : c.columns;
    job.piece = piece_of(length, tiles);
    rfim__team_run(algebra, (length + job.piece - 1) / job.piece, wanted * TILE_FLOPS, gemm_piece,
                   &job);
}

static bool gemm_add(rfim__algebra *algebra, rfim__transposed ta, rfim__transposed tb, double alpha,
                     rfim__matrix a, rfim__matrix b, double beta, rfim__matrix d, rfim__matrix c)
{
    if (beta != 0 && c.data != d.data)
        algebra->ops.combine(algebra, 1, d, 0, d, c);
    gemm(algebra, ta, tb, alpha, a, b, beta, c);
    return algebra->ops.finite(algebra, c);
}

typedef struct gram_job {
    double keep, add;
    rfim__matrix x, nu, m;
    size_t tiles;
    size_t step; /* triangle rows of a tile */
} gram_job;

/* Rows of the triangle grow: the long ones are handed out first. */
static size_t gram_first_row(const gram_job *g, size_t index)
{
    return (g->tiles - 1 - index) * g->step;
}

static void gram_tile(void *job, size_t index, void *scratch)
{
    (void)scratch;
    const gram_job *g = job;
    size_t row = gram_first_row(g, index);
    size_t rows = row + g->step < g->m.rows ? g->step : g->m.rows - row;
    tile(RFIM__TRANSPOSED, RFIM__PLAIN, g->add, g->x, g->x, g->keep, g->m, row, rows, 0,
         row + rows);
}

static void gram(rfim__algebra *algebra, double keep, double add, rfim__matrix x, rfim__matrix g)
{
    if (g.rows == 0)
        return;
    if (x.rows == 0) {
        scale(keep, g);
        return;
    }
    gram_job job = {.keep = keep, .add = add, .x = x, .m = g, .step = GRAM_ROWS};
    job.tiles = (g.rows + GRAM_ROWS - 1) / GRAM_ROWS;
    double flops = (double)x.rows * (double)g.rows * (double)g.rows;
    rfim__team_run(algebra, job.tiles, flops, gram_tile, &job);
}

/* Z: [n x entries], entry (k,l) of row i is x_ik x_il, triangle rows first ... first+rows-1. */
static void unpack_products(rfim__matrix x, size_t first, size_t rows, size_t entries, RFIM_REAL *z)
{
    for (size_t i = 0; i < x.rows; i++) {
        const RFIM_REAL *xi = at(x, i, 0);
        RFIM_REAL *zi = z + i * entries;
        for (size_t k = first; k < first + rows; k++) {
            for (size_t l = 0; l <= k; l++)
                zi[l] = xi[k] * xi[l];
            zi += k + 1;
        }
    }
}

static void gram_weighted_tile(void *job, size_t index, void *scratch)
{
    const gram_job *g = job;
    size_t order = g->x.columns;
    size_t row = gram_first_row(g, index);
    size_t rows = row + g->step < order ? g->step : order - row;
    size_t begin = rfim__triangle(row);
    size_t entries = rfim__triangle(row + rows) - begin;
    unpack_products(g->x, row, rows, entries, scratch);
    rfim__matrix z = {scratch, g->x.rows, entries, entries};
    product(RFIM__TRANSPOSED, RFIM__PLAIN, g->add, z, g->nu, g->keep,
            part(g->m, begin, entries, 0, g->m.columns));
}

/* All neurons at once: M <- keep M + add Z^T nu, Z the packed rows of x~x~^T, one a sample. */
static void gram_weighted(rfim__algebra *algebra, double keep, double add, rfim__matrix x,
                          rfim__matrix nu, rfim__matrix m)
{
    if (x.columns == 0 || nu.columns == 0)
        return;
    if (x.rows == 0) {
        scale(keep, m);
        return;
    }
    gram_job job = {keep, add, x, nu, m, 0, rfim__gram_rows(x.columns)};
    job.tiles = (x.columns + job.step - 1) / job.step;
    double flops = 2.0 * (double)x.rows * (double)m.rows * (double)nu.columns;
    rfim__team_run(algebra, job.tiles, flops, gram_weighted_tile, &job);
}

const rfim__product_part RFIM__VARIANT(rfim__product) = {
    .gemm = gemm,
    .gemm_add = gemm_add,
    .gram = gram,
    .gram_weighted = gram_weighted,
};
