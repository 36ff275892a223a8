/* dual_active_kernels.c - dual systems of hard relus: rows with s = 0 are left out.
 *
 * A tile of work is a block of columns. Its active rows are listed column by column first, and the
 * columns sorted by how many they are, so that the systems of a group are nearly of one size: with
 * blocks of 256 one does 14 % more products than there are, with 64 half as many again. Then every
 * lane picks its own rows and columns of K, and is filled up with the identity to the longest. */

/* One source for vectors of several widths: what is alike for one of them differs for another, and
 * loops over registers are unrolled.
 * NOLINTBEGIN(bugprone-branch-clone,misc-redundant-expression) */
#include "algebra/cpu/compress.h"
#include "algebra/cpu/dual_group.h"
#include "algebra/cpu/turn.h"

#include <string.h>

#define BLOCK RFIM__DUAL_BLOCK

/* A block's columns, of n rows at most; what is said to be [columns x n] has row v for column v. */
typedef struct block {
    size_t first; /* column of the matrices */
    size_t columns;
    size_t n;
    RFIM_REAL *value; /* [columns x n] of R, then of Z: active rows only */
    int32_t *row;     /* [columns x n] which rows these are */
    rfim__some *mask; /* [columns x chunks] bit l of chunk q: is row q LANES + l active? */
    size_t chunks;
    RFIM_REAL *picked; /* [LANES x TILE x width] a panel's rows of each lane's system */
    size_t width;
    size_t count[BLOCK]; /* active rows */
    size_t order[BLOCK];
} block;

static block block_in(const rfim__dual_job *job, size_t tile, void **room)
{
    block b = {.first = tile * BLOCK, .n = job->k.rows};
    size_t left = job->s.columns - b.first;
    size_t most = rfim__dual_listed(job->s.columns);
    b.columns = rfim__size_min(left, BLOCK);
    b.chunks = (b.n + LANES - 1) / LANES;
    b.width = (b.chunks + 1) * LANES;
    b.picked = *room;
    b.value = b.picked + LANES * TILE * b.width;
    b.row = (int32_t *)(void *)(b.value + most * b.n);
    b.mask = (rfim__some *)(b.row + most * b.n);
    *room = b.mask + most * b.chunks;
    return b;
}

/* Vectors of LANES columns of x from number `first`: LANES rows of each, from chunk q; 0 where
 * there are none. Returns 0 times each column's sum. */
INLINE vector load_chunk(const rfim__dual_job *job, rfim__matrix x, size_t q, size_t first,
                         vector columns[LANES])
{
    vector rows[LANES];
    vector zero = {0};
    for (size_t l = 0; l < LANES; l++) {
        size_t i = q * LANES + l;
        rows[l] = i < x.rows ? get_row(job, x, i, first) : (vector){0};
        zero += 0 * rows[l];
    }
    rfim__turn_square((const RFIM_REAL *)rows, LANES, (RFIM_REAL *)columns, LANES);
    return zero;
}

/* Lists of LANES columns from number `start` of the block. A number in s that is not finite is
 * given away by 0 times it. */
static void list_columns(rfim__dual_job *job, block *b, size_t start)
{
    size_t columns = rfim__size_min(LANES, b->columns - start);
    vector zero = {0};
    memset(b->count + start, 0, columns * sizeof *b->count);
    for (size_t q = 0; q < b->chunks; q++) {
        vector s[LANES];
        vector r[LANES];
        zero += load_chunk(job, job->s, q, b->first + start, s);
        load_chunk(job, job->r, q, b->first + start, r);
        for (size_t v = 0; v < columns; v++) {
            rfim__some some = rfim__not_zero(s[v]);
            size_t place = (start + v) * b->n + b->count[start + v];
            rfim__compress(some, r[v], b->value + place);
            rfim__compress_numbers(some, q * LANES, b->row + place);
            b->mask[(start + v) * b->chunks + q] = some;
            b->count[start + v] += rfim__some_count(some);
        }
    }
    for (size_t v = 0; v < columns; v++)
        if (zero[v] != 0)
            rfim__dual_report(job, b->first + start + v + 1);
}

/* The columns with most rows first, then by number: counting sort. */
static void sort_columns(block *b)
{
    int32_t *start = (int32_t *)(void *)b->picked; /* of the columns with n - k rows, at k + 1 */
    memset(start, 0, (b->n + 2) * sizeof *start);
    for (size_t v = 0; v < b->columns; v++)
        start[b->n - b->count[v] + 1]++;
    for (size_t k = 0; k < b->n; k++)
        start[k + 1] += start[k];
    for (size_t v = 0; v < b->columns; v++)
        b->order[start[b->n - b->count[v]]++] = v;
}

/* Lane v <- column columns[v] of the block: R and c; 0 and 1 in padding. */
static void set_lanes(const rfim__dual_job *job, const block *b, const group *g,
                      const size_t *columns)
{
    const vector one = (vector){0} + 1;
    vector counts = {0};
    vector c = {0};
    for (size_t v = 0; v < LANES; v++) {
        counts[v] = (RFIM_REAL)b->count[columns[v]];
        c[v] = get(job, job->c, 0, b->first + columns[v]);
    }
    for (size_t first = 0; first < g->panels * TILE; first += LANES) {
        vector values[LANES];
        vector turned[LANES];
        for (size_t v = 0; v < LANES; v++)
            values[v] = *(const loose_vector *)(b->value + columns[v] * b->n + first);
        rfim__turn_square((const RFIM_REAL *)values, LANES, (RFIM_REAL *)turned, LANES);
        for (size_t l = 0; l < LANES && first + l < g->panels * TILE; l++) {
            lane_mask own = (RFIM_REAL)(first + l) < counts;
            g->z[first + l] = (vector)((lane_mask)turned[l] & own);
            g->c[first + l] = (vector)(((lane_mask)c & own) | ((lane_mask)one & ~own));
        }
    }
}

/* The other way round: the first `lanes` columns get their solution. Numbers behind the last active
 * row are of no use. */
static void take_lanes(const block *b, const group *g, const size_t *columns)
{
    for (size_t first = 0; first < g->rows; first += LANES) {
        vector values[LANES];
        size_t room = rfim__size_min(LANES, b->n - first);
        rfim__turn_square((const RFIM_REAL *)(g->z + first), LANES, (RFIM_REAL *)values, LANES);
        for (size_t v = 0; v < g->count; v++) {
            RFIM_REAL *to = b->value + columns[v] * b->n + first;
            if (room == LANES)
                *(loose_vector *)to = values[v];
            else
                memcpy(to, &values[v], room * sizeof *to);
        }
    }
}

/* The active columns of row `row` of K, side by side: up to the diagonal, and then perhaps some
 * that are of no use. */
static void pick(const block *b, size_t column, size_t row, const group *g, RFIM_REAL *out)
{
    const RFIM_REAL *k = g->k + row * g->stride;
    const int32_t *list = b->row + column * b->n;
    for (size_t p = 0; p < b->count[column] && (size_t)list[p] <= row; p++)
        out[p] = k[list[p]];
}

/* The same of the TILE rows in `list`, as far as the last one's diagonal. */
static void pick_tile(const block *b, size_t column, const int32_t *list, const group *g,
                      RFIM_REAL *out)
{
#if defined(__AVX512F__)
    const rfim__some *mask = b->mask + column * b->chunks;
    const RFIM_REAL *k[TILE];
    for (size_t r = 0; r < TILE; r++)
        k[r] = g->k + (size_t)list[r] * g->stride;
    for (size_t q = 0; q <= (size_t)list[TILE - 1] / LANES; q++) {
        RFIM__UNROLL
        for (size_t r = 0; r < TILE; r++) {
#ifdef RFIM_REAL_IS_f64
            __m512d numbers = _mm512_maskz_loadu_pd((__mmask8)mask[q], k[r] + q * LANES);
            _mm512_storeu_pd(out + r * b->width,
                             _mm512_maskz_compress_pd((__mmask8)mask[q], numbers));
#else
            __m512 numbers = _mm512_maskz_loadu_ps(mask[q], k[r] + q * LANES);
            _mm512_storeu_ps(out + r * b->width, _mm512_maskz_compress_ps(mask[q], numbers));
#endif
        }
        out += rfim__some_count(mask[q]);
    }
#else
    for (size_t r = 0; r < TILE; r++)
        pick(b, column, (size_t)list[r], g, out + r * b->width);
#endif
}

/* Rows `first` ... first + TILE - 1 of the system of a column; 0 behind its last one. */
static void pick_rows(const block *b, size_t column, size_t first, const group *g, RFIM_REAL *out)
{
    const int32_t *list = b->row + column * b->n + first;
    size_t count = b->count[column];
    if (first + TILE <= count) {
        pick_tile(b, column, list, g, out);
        return;
    }
    for (size_t r = 0; r < TILE; r++) {
        if (first + r < count)
            pick(b, column, (size_t)list[r], g, out + r * b->width);
        else
            memset(out + r * b->width, 0, (first + r + 1) * sizeof *out);
    }
}

/* Panel i of B. Behind its last column a few numbers may be written that the next panel has not
 * been written over yet. */
static void gather_panel(const block *b, const group *g, const size_t *columns, size_t i)
{
    vector *panel = panel_of(g->a, i);
    for (size_t v = 0; v < LANES; v++)
        pick_rows(b, columns[v], i * TILE, g, b->picked + v * TILE * b->width);
    for (size_t r = 0; r < TILE; r++) {
        size_t row = i * TILE + r; /* of the systems */
        for (size_t p = 0; p <= row; p += LANES)
            rfim__turn_square(b->picked + r * b->width + p, TILE * b->width,
                              (RFIM_REAL *)(panel + p * TILE + r), TILE * LANES);
        panel[row * TILE + r] += g->c[row];
    }
}

INLINE void load_tile(vector sum[TILE][TILE], const vector *tile)
{
    RFIM__UNROLL
    for (size_t c = 0; c < TILE; c++)
        RFIM__UNROLL
    for (size_t r = 0; r < TILE; r++)
        sum[r][c] = tile[c * TILE + r];
}

/* Panel i of L from that of B, once the panels before it are done. */
static void factor_panel(vector *a, size_t i)
{
    vector tile[TILE][TILE];
    vector diagonal[TILE][TILE];
    for (size_t j = 0; j < i; j++) {
        load_tile(tile, panel_of(a, i) + j * TILE * TILE);
        factor_tile(a, i, j, tile);
    }
    load_tile(diagonal, panel_of(a, i) + i * TILE * TILE);
    factor_diagonal(a, i, diagonal);
}

/* The last row of the last panel <- R^T */
static void write_right_side(const group *g)
{
    vector *last = panel_of(g->a, g->panels - 1) + TILE - 1;
    for (size_t p = 0; p < g->panels * TILE; p++)
        last[p * TILE] = g->z[p];
}

/* Columns order[first ...] of the block. */
static void solve_group(rfim__dual_job *job, block *b, size_t first, void *room)
{
    group g = group_in(job, b->n, room);
    size_t columns[LANES];
    set_rows(&g, b->count[b->order[first]]);
    if (g.rows == 0)
        return;
    g.count = b->columns - first < LANES ? b->columns - first : LANES;
    while (b->count[b->order[first + g.count - 1]] == 0)
        g.count--;
    for (size_t v = 0; v < LANES; v++) {
        columns[v] = b->order[first + (v < g.count ? v : 0)];
        g.column[v] = b->first + columns[v];
    }
    set_lanes(job, b, &g, columns);
    for (size_t i = 0; i < g.panels; i++) {
        gather_panel(b, &g, columns, i);
        if (i + 1 == g.panels)
            write_right_side(&g);
        factor_panel(g.a, i);
    }
    finish(job, &g);
    take_lanes(b, &g, columns);
}

/* Z: LANES columns from number `start` of the block, the values where they belong, 0 elsewhere. */
static void write_columns(const rfim__dual_job *job, const block *b, size_t start)
{
    size_t columns = rfim__size_min(LANES, b->columns - start);
    const RFIM_REAL *value[LANES];
    vector lists[LANES] = {{0}};
    for (size_t v = 0; v < columns; v++)
        value[v] = b->value + (start + v) * b->n;
    for (size_t q = 0; q < b->chunks; q++) {
        vector rows[LANES];
        for (size_t v = 0; v < columns; v++) {
            rfim__some some = b->mask[(start + v) * b->chunks + q];
            lists[v] = rfim__expand(some, value[v]);
            value[v] += rfim__some_count(some);
        }
        rfim__turn_square((const RFIM_REAL *)lists, LANES, (RFIM_REAL *)rows, LANES);
        for (size_t l = 0; l < LANES && q * LANES + l < b->n; l++)
            put_row(job, job->z, q * LANES + l, b->first + start, rows[l]);
    }
}

static void solve(void *data, size_t tile, void *scratch)
{
    rfim__dual_job *job = data;
    void *room = (char *)scratch + job->used;
    block b = block_in(job, tile, &room);
    for (size_t v = 0; v < b.columns; v += LANES)
        list_columns(job, &b, v);
    sort_columns(&b);
    for (size_t v = 0; v < b.columns; v += LANES)
        solve_group(job, &b, v, room);
    for (size_t v = 0; v < b.columns; v += LANES)
        write_columns(job, &b, v);
}

const rfim__dual_active_part RFIM__VARIANT(rfim__dual_active) = {
    .solve = solve,
};

/* NOLINTEND(bugprone-branch-clone,misc-redundant-expression) */
