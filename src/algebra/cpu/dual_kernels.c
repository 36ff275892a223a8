/* dual_kernels.c - dual systems of all rows. One number of K serves all lanes, so the tiles of B
 * are made where they are needed, in registers. */

/* One source for vectors of several widths: what is alike for one of them differs for another, and
 * loops over registers are unrolled.
 * NOLINTBEGIN(readability-function-cognitive-complexity) */
#include "algebra/cpu/dual_group.h"

/* Tile (i, j) of B. In the last panel there are rows behind K's: padding, where s is 0, for which
 * K's last row is read again, and R. */
INLINE void write_tile(const group *g, size_t i, size_t j, vector sum[TILE][TILE])
{
    size_t most = g->rows - 1;
    RFIM__UNROLL
    for (size_t r = 0; r < TILE; r++) {
        size_t row = i * TILE + r;
        const RFIM_REAL *k = g->k + (row < most ? row : most) * g->stride;
        RFIM__UNROLL
        for (size_t c = 0; c < TILE; c++) {
            size_t column = j * TILE + c;
            sum[r][c] = k[column < most ? column : most] * (g->s[row] * g->s[column]);
        }
    }
    if (i + 1 == g->panels) {
        RFIM__UNROLL
        for (size_t c = 0; c < TILE; c++)
            sum[TILE - 1][c] = g->z[j * TILE + c];
    }
    if (i == j) {
        RFIM__UNROLL
        for (size_t r = 0; r < TILE; r++)
            sum[r][r] += g->c[i * TILE + r];
    }
}

/* Panel i of L, once the panels before it are done. */
static void factor_panel(const group *g, size_t i)
{
    vector tile[TILE][TILE];
    vector diagonal[TILE][TILE];
    for (size_t j = 0; j < i; j++) {
        write_tile(g, i, j, tile);
        factor_tile(g->a, i, j, tile);
    }
    write_tile(g, i, i, diagonal);
    factor_diagonal(g->a, i, diagonal);
}

/* s, c and R of the group's columns. Where s and c are all 0, c <- 1 makes Z 0. */
static void read_columns(const rfim__dual_job *job, group *g)
{
    size_t first = g->column[0];
    size_t length = g->panels * TILE;
    vector c = get_row(job, job->c, 0, first);
    lane_mask used = c != 0;
    for (size_t i = 0; i < length; i++) {
        bool within = i < g->rows;
        g->s[i] = within ? get_row(job, job->s, i, first) : (vector){0};
        g->z[i] = within ? get_row(job, job->r, i, first) : (vector){0};
        used |= g->s[i] != 0;
    }
    for (size_t v = 0; v < LANES; v++)
        c[v] = used[v] ? c[v] : 1;
    for (size_t i = 0; i < length; i++)
        g->c[i] = i < g->rows ? c : (vector){0} + 1;
}

static void solve(void *data, size_t index, void *scratch)
{
    rfim__dual_job *job = data;
    size_t first = index * LANES;
    group g = group_in(job, job->k.rows, (char *)scratch + job->used);
    set_rows(&g, job->k.rows);
    g.count = job->s.columns - first < LANES ? job->s.columns - first : LANES;
    for (size_t v = 0; v < LANES; v++)
        g.column[v] = first + v;
    read_columns(job, &g);
    for (size_t i = 0; i < g.panels; i++)
        factor_panel(&g, i);
    finish(job, &g);
    for (size_t i = 0; i < g.rows; i++)
        put_row(job, job->z, i, first, g.s[i] * g.z[i]);
}

const rfim__dual_part RFIM__VARIANT(rfim__dual) = {
    .lanes = LANES,
    .solve = solve,
};

/* NOLINTEND(readability-function-cognitive-complexity) */
