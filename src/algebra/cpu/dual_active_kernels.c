/* dual_active_kernels.c - dual systems of hard relus: rows with s = 0 are left out.
 *
 * A tile of work is a block of columns. Its active rows are listed column by column first, and the
 * columns sorted by how many they are, so that the systems of a group are nearly of one size: with
 * blocks of 256 one does 14 % more products than there are, with 64 half as many again. Then every
 * lane picks its own rows and columns of K, and is filled up with the identity to the longest. */

/* One source for vectors of several widths: what is alike for one of them differs for another, and
 * loops over registers are unrolled.
 * NOLINTBEGIN(bugprone-branch-clone,misc-redundant-expression) */
#include "algebra/cpu/dual_group.h"
#include "algebra/cpu/turn.h"

#include <string.h>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#define BLOCK RFIM__DUAL_BLOCK
#define STRIP RFIM__LANES /* columns that share a cache line */

/* A block's columns, of n rows at most; what is said to be [columns x n] has row v for column v. */
typedef struct block {
    size_t first; /* column of the matrices */
    size_t columns;
    size_t n;
    RFIM_REAL *value; /* [columns x n] of R, then of Z: active rows only */
    int32_t *row;     /* [columns x n] which rows these are */
    uint16_t *mask;   /* [columns x chunks] bit l of chunk b: is row b LANES + l active? */
    size_t chunks;
    RFIM_REAL *picked; /* [LANES x width] one row of each lane's system */
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
    b.chunks = b.n / LANES + 1;
    b.width = (b.chunks + 1) * LANES;
    b.picked = *room;
    b.value = b.picked + LANES * b.width;
    b.row = (int32_t *)(void *)(b.value + most * b.n);
    b.mask = (uint16_t *)(b.row + most * b.n);
    *room = b.mask + most * b.chunks;
    return b;
}

/* Lists of `width` columns from number `start` of the block. Every row is written; it stays when
 * the next goes behind it. A sum that is not finite gives NaN in s away. */
INLINE void list_columns(rfim__dual_job *job, block *b, size_t start, const size_t width)
{
    size_t place[STRIP];
    RFIM_REAL sum[STRIP] = {0};
    for (size_t v = 0; v < width; v++)
        place[v] = (start + v) * b->n;
    for (size_t i = 0; i < b->n; i++) {
        for (size_t v = 0; v < width; v++) {
            RFIM_REAL s = get(job, job->s, i, b->first + start + v);
            b->row[place[v]] = (int32_t)i;
            b->value[place[v]] = get(job, job->r, i, b->first + start + v);
            place[v] += s != 0;
            sum[v] += s;
        }
    }
    for (size_t v = 0; v < width; v++) {
        b->count[start + v] = place[v] - (start + v) * b->n;
        if (sum[v] * 0 != 0)
            rfim__dual_report(job, b->first + start + v + 1);
    }
}

static void mark_rows(const block *b)
{
    memset(b->mask, 0, b->columns * b->chunks * sizeof *b->mask);
    for (size_t v = 0; v < b->columns; v++) {
        for (size_t e = 0; e < b->count[v]; e++) {
            size_t row = (size_t)b->row[v * b->n + e];
            b->mask[v * b->chunks + row / LANES] |= (uint16_t)(1u << row % LANES);
        }
    }
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

/* Lane v <- column `column` of the block: R and c; 0 and 1 in padding. */
static void set_lane(const rfim__dual_job *job, const block *b, const group *g, size_t v,
                     size_t column)
{
    const RFIM_REAL *value = b->value + column * b->n;
    RFIM_REAL c = get(job, job->c, 0, b->first + column);
    RFIM_REAL *lane_c = (RFIM_REAL *)g->c + v;
    RFIM_REAL *lane_z = (RFIM_REAL *)g->z + v;
    for (size_t i = 0; i < g->panels * TILE; i++) {
        bool own = i < b->count[column];
        lane_c[i * LANES] = own ? c : 1;
        lane_z[i * LANES] = own ? value[i] : 0;
    }
}

/* The active columns of row `row` of K, side by side: up to the diagonal, and then perhaps some
 * that are of no use. */
static void pick(const block *b, size_t column, size_t row, const group *g, RFIM_REAL *out)
{
    const RFIM_REAL *k = g->k + row * g->stride;
#if defined(__AVX512F__)
    const uint16_t *mask = b->mask + column * b->chunks;
    for (size_t q = 0; q <= row / LANES; q++) {
#ifdef RFIM_REAL_IS_f64
        __m512d numbers = _mm512_maskz_loadu_pd((__mmask8)mask[q], k + q * LANES);
        _mm512_storeu_pd(out, _mm512_maskz_compress_pd((__mmask8)mask[q], numbers));
#else
        __m512 numbers = _mm512_maskz_loadu_ps(mask[q], k + q * LANES);
        _mm512_storeu_ps(out, _mm512_maskz_compress_ps(mask[q], numbers));
#endif
        out += __builtin_popcount(mask[q]);
    }
#else
    const int32_t *list = b->row + column * b->n;
    for (size_t p = 0; p < b->count[column] && (size_t)list[p] <= row; p++)
        out[p] = k[list[p]];
#endif
}

/* Panel i of B. Behind its last column a few numbers may be written that the next panel has not
 * been written over yet. */
static void gather_panel(const block *b, const group *g, const size_t *columns, size_t i)
{
    vector *panel = panel_of(g->a, i);
    for (size_t r = 0; r < TILE; r++) {
        size_t row = i * TILE + r; /* of the systems */
        for (size_t v = 0; v < LANES; v++) {
            RFIM_REAL *out = b->picked + v * b->width;
            if (row < b->count[columns[v]])
                pick(b, columns[v], (size_t)b->row[columns[v] * b->n + row], g, out);
            else
                memset(out, 0, (row + 1) * sizeof *out);
        }
        for (size_t p = 0; p <= row; p += LANES)
            rfim__turn_square(b->picked + p, b->width, (RFIM_REAL *)(panel + p * TILE + r),
                              TILE * LANES);
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
        set_lane(job, b, &g, v, columns[v]);
    }
    for (size_t i = 0; i < g.panels; i++) {
        gather_panel(b, &g, columns, i);
        if (i + 1 == g.panels)
            write_right_side(&g);
        factor_panel(g.a, i);
    }
    finish(job, &g);
    for (size_t v = 0; v < g.count; v++)
        for (size_t i = 0; i < b->count[columns[v]]; i++)
            b->value[columns[v] * b->n + i] = g.z[i][v];
}

/* Z <- 0, and the values where they belong */
static void write_columns(const rfim__dual_job *job, const block *b)
{
    size_t item = is_narrow(job) ? sizeof(float) : sizeof(RFIM_REAL);
    for (size_t i = 0; i < b->n; i++)
        memset((char *)job->z.data + (i * job->z.stride + b->first) * item, 0, b->columns * item);
    for (size_t v = 0; v < b->columns; v++)
        for (size_t i = 0; i < b->count[v]; i++)
            put(job, job->z, (size_t)b->row[v * b->n + i], b->first + v, b->value[v * b->n + i]);
}

static void solve(void *data, size_t tile, void *scratch)
{
    rfim__dual_job *job = data;
    void *room = (char *)scratch + job->used;
    block b = block_in(job, tile, &room);
    for (size_t v = 0; v < b.columns; v += STRIP) {
        if (b.columns - v >= STRIP)
            list_columns(job, &b, v, STRIP);
        else
            list_columns(job, &b, v, b.columns - v);
    }
    mark_rows(&b);
    sort_columns(&b);
    for (size_t v = 0; v < b.columns; v += LANES)
        solve_group(job, &b, v, room);
    write_columns(job, &b);
}

const rfim__dual_active_part RFIM__VARIANT(rfim__dual_active) = {
    .solve = solve,
};

/* NOLINTEND(bugprone-branch-clone,misc-redundant-expression) */
