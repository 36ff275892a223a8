/* product_kernels.c - products and factors: OpenBLAS on fixed tiles, one thread a tile.
 *
 * The bits of a library product change with the number of threads that the library uses, and with
 * the shape of the call. So the shapes are cut here, by rules that know the operands only. */
#include "algebra/cpu/blas.h"
#include "algebra/cpu/cpu.h"

#include <omp.h>

#define TILE_FLOPS 6e6 /* a tile worth a thread of its own: about 60 us */
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

/* One tile of C: rows [row, row+rows), columns [column, column+columns). */
static void tile(rfim__transposed ta, rfim__transposed tb, double alpha, rfim__matrix a,
                 rfim__matrix b, double beta, rfim__matrix c, size_t row, size_t rows,
                 size_t column, size_t columns)
{
    size_t inner = ta ? a.rows : a.columns;
    const RFIM_REAL *pa = ta ? at(a, 0, row) : at(a, row, 0);
    const RFIM_REAL *pb = tb ? at(b, column, 0) : at(b, 0, column);
    BLAS_GEMM(CblasRowMajor, blas_op(ta), blas_op(tb), (blasint)rows, (blasint)columns,
              (blasint)inner, (RFIM_REAL)alpha, pa, (blasint)a.stride, pb, (blasint)b.stride,
              (RFIM_REAL)beta, at(c, row, column), (blasint)c.stride);
}

/* Length of the pieces that `length` is cut into to make about `tiles` of them. */
static size_t piece_of(size_t length, size_t tiles)
{
    size_t piece = (length + tiles - 1) / tiles;
    return (piece + RFIM__LANES - 1) / RFIM__LANES * RFIM__LANES;
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
    if (tiles == 1) {
        tile(ta, tb, alpha, a, b, beta, c, 0, c.rows, 0, c.columns);
        return;
    }
    bool by_rows = c.rows >= c.columns;
    size_t length = by_rows ? c.rows : c.columns;
    size_t piece = piece_of(length, tiles);
    size_t pieces = (length + piece - 1) / piece;
#pragma omp parallel for schedule(static) num_threads(rfim__team(algebra, pieces))                 \
    if (rfim__team(algebra, pieces) > 1)
    for (size_t p = 0; p < pieces; p++) {
        size_t first = p * piece;
        size_t count = first + piece < length ? piece : length - first;
        if (by_rows)
            tile(ta, tb, alpha, a, b, beta, c, first, count, 0, c.columns);
        else
            tile(ta, tb, alpha, a, b, beta, c, 0, c.rows, first, count);
    }
}

static void gram(rfim__algebra *algebra, double keep, double add, rfim__matrix x, rfim__matrix g)
{
    size_t order = g.rows;
    if (order == 0)
        return;
    if (x.rows == 0) {
        scale(keep, g);
        return;
    }
    size_t tiles = (order + GRAM_ROWS - 1) / GRAM_ROWS;
    /* Rows of the triangle grow: hand the long ones out first. */
#pragma omp parallel for schedule(dynamic, 1) num_threads(rfim__team(algebra, tiles))              \
    if (tiles > 2 && rfim__team(algebra, tiles) > 1)
    for (size_t t = 0; t < tiles; t++) {
        size_t row = (tiles - 1 - t) * GRAM_ROWS;
        size_t rows = row + GRAM_ROWS < order ? GRAM_ROWS : order - row;
        tile(RFIM__TRANSPOSED, RFIM__PLAIN, add, x, x, keep, g, row, rows, 0, row + rows);
    }
}

/* Z: [n x entries], entry (k,l) of row i is x_ik x_il, triangle rows first ... first+rows-1. */
static void unpack_products(rfim__matrix x, size_t first, size_t rows, size_t entries,
                            RFIM_REAL *z)
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

/* All neurons at once: M <- keep M + add Z^T nu, Z the packed rows of x~x~^T (spec 3.2). */
static void gram_weighted(rfim__algebra *algebra, double keep, double add, rfim__matrix x,
                          rfim__matrix nu, rfim__matrix m)
{
    size_t order = x.columns;
    if (order == 0 || nu.columns == 0)
        return;
    if (x.rows == 0) {
        scale(keep, m);
        return;
    }
    size_t step = rfim__gram_rows(order);
    size_t tiles = (order + step - 1) / step;
#pragma omp parallel for schedule(dynamic, 1) num_threads(rfim__team(algebra, tiles))              \
    if (tiles > 2 && rfim__team(algebra, tiles) > 1)
    for (size_t t = 0; t < tiles; t++) {
        size_t first = (tiles - 1 - t) * step;
        size_t rows = first + step < order ? step : order - first;
        size_t begin = rfim__triangle(first);
        size_t entries = rfim__triangle(first + rows) - begin;
        RFIM_REAL *z = rfim__scratch(algebra, omp_get_thread_num());
        unpack_products(x, first, rows, entries, z);
        BLAS_GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, (blasint)entries, (blasint)nu.columns,
                  (blasint)x.rows, (RFIM_REAL)add, z, (blasint)entries, at(nu, 0, 0),
                  (blasint)nu.stride, (RFIM_REAL)keep, at(m, begin, 0), (blasint)m.stride);
    }
}

static size_t cholesky(rfim__algebra *algebra, rfim__matrix a)
{
    (void)algebra;
    if (a.rows == 0)
        return 0;
    int order = (int)a.rows;
    int stride = (int)a.stride;
    int info = 0;
    LAPACK_POTRF("U", &order, at(a, 0, 0), &stride, &info, 1);
    /* A NaN pivot passes LAPACK's test in some kernels: look at the last one as well. */
    if (info == 0 && !(*at(a, a.rows - 1, a.rows - 1) > 0))
        info = order;
    return (size_t)info;
}

static void cholesky_invert(rfim__algebra *algebra, rfim__matrix l)
{
    (void)algebra;
    if (l.rows == 0)
        return;
    int order = (int)l.rows;
    int stride = (int)l.stride;
    int info = 0;
    LAPACK_POTRI("U", &order, at(l, 0, 0), &stride, &info, 1);
    for (size_t k = 0; k < l.rows; k++)
        for (size_t j = 0; j < k; j++)
            *at(l, j, k) = *at(l, k, j);
}

static void cholesky_solve(rfim__algebra *algebra, rfim__matrix l, rfim__matrix b)
{
    (void)algebra;
    if (l.rows == 0 || b.columns == 0)
        return;
    BLAS_TRSM(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, (blasint)b.rows,
              (blasint)b.columns, 1, at(l, 0, 0), (blasint)l.stride, at(b, 0, 0),
              (blasint)b.stride);
    BLAS_TRSM(CblasRowMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, (blasint)b.rows,
              (blasint)b.columns, 1, at(l, 0, 0), (blasint)l.stride, at(b, 0, 0),
              (blasint)b.stride);
}

const rfim__product_part RFIM__VARIANT(rfim__product) = {
    .gemm = gemm,
    .gram = gram,
    .gram_weighted = gram_weighted,
    .cholesky = cholesky,
    .cholesky_invert = cholesky_invert,
    .cholesky_solve = cholesky_solve,
};
