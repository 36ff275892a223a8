/* product_kernels.c - products on fixed tiles, one thread a tile.
 *
 * The bits of a product change with the shape of the call (and, the library's, with the number of
 * its threads). So the shapes are cut here, by rules that know the operands only. Tiles are small
 * enough for many threads to share them evenly, and large enough to be worked on at full speed. */
#include "algebra/cpu/cpu.h"
#include "algebra/cpu/micro.h"
#include "algebra/cpu/team.h"
#include "core/vector.h"

#define TILE_FLOPS 1.6e7   /* ours: about 80 us */
#define TILE_BYTES 5e5     /* of A: a quarter of the second cache */
#define TILE_ROWS 48       /* at least, so that packing B pays */
#define EVEN 4             /* tiles in a row are a multiple of it, so that threads share evenly */
#define LIBRARY_FLOPS 5e7  /* the library's: from here on 4 tiles */
#define LARGE_FLOPS 1.6e10 /* from here on 16 */
#define NARROW 128         /* rows or columns that are not cut */
/* Rows of a gram's tile: fewer leave more of the other triangle out, more read X less often. */
#define GRAM_ROWS 64
#define SMALL_GRAM_ROWS 32 /* ... of matrices up to this order: */
#define SMALL_GRAM 256
#define LIBRARY_GRAM_ROWS 192

static RFIM_REAL *at(rfim__matrix x, size_t i, size_t j)
{
    return (RFIM_REAL *)x.data + i * x.stride + j;
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

/* The tile of C with rows [row, row+rows) and columns [column, column+columns). */
static rfim__product tile_of(const rfim__product *p, size_t row, size_t rows, size_t column,
                             size_t columns)
{
    rfim__product t = *p;
    t.a = p->ta ? part(p->a, 0, p->a.rows, row, rows) : part(p->a, row, rows, 0, p->a.columns);
    t.b = p->tb ? part(p->b, column, columns, 0, p->b.columns)
                : part(p->b, 0, p->b.rows, column, columns);
    if (p->turned.data)
        t.turned = part(p->turned, column, columns, 0, p->turned.columns);
    t.c = part(p->c, row, rows, column, columns);
    t.d = p->beta != 0 ? part(p->d, row, rows, column, columns) : t.c;
    return t;
}

/* A product in rows x columns tiles. */
typedef struct gemm_job {
    rfim__product whole;
    bool ours, test;
    bool wrong; /* some tile has a number that is not finite */
    size_t rows, columns;
} gemm_job;

/* Where piece number `index` of `pieces` begins; columns in whole vectors. */
static size_t cut(size_t length, size_t index, size_t pieces, size_t unit)
{
    size_t units = (length + unit - 1) / unit;
    size_t first = units * index / pieces * unit;
    return first < length ? first : length;
}

static void gemm_tile(void *job, size_t index, void *scratch)
{
    (void)scratch;
    gemm_job *g = job;
    rfim__matrix c = g->whole.c;
    size_t i = index / g->columns;
    size_t j = index % g->columns;
    size_t row = cut(c.rows, i, g->rows, 1);
    size_t column = cut(c.columns, j, g->columns, RFIM_VECTOR_LANES);
    rfim__product t = tile_of(&g->whole, row, cut(c.rows, i + 1, g->rows, 1) - row, column,
                              cut(c.columns, j + 1, g->columns, RFIM_VECTOR_LANES) - column);
    if (!RFIM__VARIANT(rfim__alone).product(&t, g->ours, g->test)) {
#pragma omp atomic write
        g->wrong = true;
    }
}

static size_t between(double wanted, size_t least, size_t most)
{
    return wanted <= (double)least ? least : wanted >= (double)most ? most : (size_t)wanted;
}

/* Ours: as many columns as the kernels work on together, or several times as many, by rows. The
 * rows of A stay in the second cache while the columns go by. */
static void cut_for_ours(gemm_job *g)
{
    rfim__matrix c = g->whole.c;
    size_t unit = RFIM__VARIANT(rfim__micro).columns;
    size_t panels = (c.columns + unit - 1) / unit;
    double panel_flops = rfim__product_flops(&g->whole) / (double)panels;
    double rows_bytes = (double)c.rows * (double)rfim__product_inner(&g->whole) * sizeof(RFIM_REAL);
    double by_flops = panel_flops / TILE_FLOPS + 0.5;
    double by_cache = panels > 1 ? rows_bytes / TILE_BYTES + 0.5 : 1;
    size_t most_rows = c.rows / TILE_ROWS > 0 ? c.rows / TILE_ROWS : 1;
    size_t together = between(TILE_FLOPS / panel_flops, 1, panels);
    size_t tiles = (panels + together - 1) / together;
    g->columns = tiles < EVEN ? tiles : (tiles + EVEN - 1) / EVEN * EVEN;
    g->rows = between(by_flops > by_cache ? by_flops : by_cache, 1, most_rows);
}

/* The library's: squares, as it packs both operands of every tile; strips of a narrow C. */
static void cut_for_library(gemm_job *g)
{
    rfim__matrix c = g->whole.c;
    double flops = rfim__product_flops(&g->whole);
    size_t side = flops < LIBRARY_FLOPS ? 1 : flops < LARGE_FLOPS ? 2 : 4;
    g->rows = c.columns < NARROW ? side * side : c.rows < NARROW ? 1 : side;
    g->columns = c.rows < NARROW && c.columns >= NARROW ? side * side : side * side / g->rows;
}

static bool run(rfim__algebra *algebra, const rfim__product *p, bool test)
{
    gemm_job job = {.whole = *p, .ours = RFIM__VARIANT(rfim__alone).ours(p), .test = test};
    double flops = rfim__product_flops(p);
    if (job.ours)
        cut_for_ours(&job);
    else
        cut_for_library(&job);
    if (rfim__team_alone(algebra, job.rows * job.columns, flops))
        job.whole.ahead = &algebra->ahead;
    rfim__team_run(algebra, job.rows * job.columns, flops, gemm_tile, &job);
    return !job.wrong;
}

static rfim__product make_product(rfim__transposed ta, rfim__transposed tb, double alpha,
                                  rfim__matrix a, rfim__matrix b, double beta, rfim__matrix d,
                                  rfim__matrix c)
{
    rfim__product p = {
        .ta = ta, .tb = tb, .alpha = alpha, .beta = beta, .a = a, .b = b, .d = d, .c = c};
    if (tb == RFIM__SYMMETRIC) {
        p.tb = RFIM__PLAIN;
        p.turned = b;
    }
    return p;
}

static bool gemm_add(rfim__algebra *algebra, rfim__transposed ta, rfim__transposed tb, double alpha,
                     rfim__matrix a, rfim__matrix b, double beta, rfim__matrix d, rfim__matrix c)
{
    rfim__product p = make_product(ta, tb, alpha, a, b, beta, d, c);
    if (c.rows == 0 || c.columns == 0)
        return true;
    if (rfim__product_inner(&p) == 0)
        return algebra->ops.combine_finite(algebra, beta, d, 0, d, c);
    return run(algebra, &p, true);
}

static void gemm(rfim__algebra *algebra, rfim__transposed ta, rfim__transposed tb, double alpha,
                 rfim__matrix a, rfim__matrix b, double beta, rfim__matrix c)
{
    rfim__product p = make_product(ta, tb, alpha, a, b, beta, c, c);
    if (c.rows == 0 || c.columns == 0)
        return;
    if (rfim__product_inner(&p) == 0)
        scale(beta, c);
    else
        run(algebra, &p, false);
}

typedef struct gram_job {
    double keep, add;
    rfim__matrix x, m;
    bool ours;
    size_t tiles;
    size_t step; /* triangle rows of a tile */
} gram_job;

/* Rows of the triangle grow: the long ones are handed out first. */
static size_t gram_first_row(const gram_job *g, size_t index)
{
    return (g->tiles - 1 - index) * g->step;
}

/* Triangle rows, with all columns up to the last one of the diagonal. */
static void gram_tile(void *job, size_t index, void *scratch)
{
    (void)scratch;
    const gram_job *g = job;
    size_t row = gram_first_row(g, index);
    size_t rows = row + g->step < g->m.rows ? g->step : g->m.rows - row;
    rfim__product whole = make_product(RFIM__TRANSPOSED, RFIM__PLAIN, g->add, g->x, g->x, g->keep,
                                       g->m, g->m);
    rfim__product t = tile_of(&whole, row, rows, 0, row + rows);
    RFIM__VARIANT(rfim__alone).product(&t, g->ours, false);
}

static void gram(rfim__algebra *algebra, double keep, double add, rfim__matrix x, rfim__matrix g)
{
    if (g.rows == 0)
        return;
    if (x.rows == 0) {
        scale(keep, g);
        return;
    }
    gram_job job = {.keep = keep, .add = add, .x = x, .m = g};
    rfim__product whole = make_product(RFIM__TRANSPOSED, RFIM__PLAIN, add, x, x, keep, g, g);
    double flops = rfim__product_flops(&whole);
    job.ours = RFIM__VARIANT(rfim__alone).ours(&whole);
    job.step = !job.ours ? LIBRARY_GRAM_ROWS : g.rows > SMALL_GRAM ? GRAM_ROWS : SMALL_GRAM_ROWS;
    job.tiles = (g.rows + job.step - 1) / job.step;
    rfim__team_run(algebra, job.tiles, flops / 2, gram_tile, &job);
}

const rfim__product_part RFIM__VARIANT(rfim__product) = {
    .gemm = gemm,
    .gemm_add = gemm_add,
    .gram = gram,
};
