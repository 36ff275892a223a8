/* dual_kernels.c - one group of dual systems: B_j = S_j K S_j + c_j I for LANES columns j.
 *
 * Two ways to B. Where every row takes part, one number of K serves all lanes. Where inactive rows
 * are left out, every lane picks rows and columns of K of its own, and lanes with fewer rows than
 * the longest are filled up with the identity. From there on both are the same: panel by panel,
 * B is written and factorised while it is still in the cache nearest to the core; R rides along. */
#include "algebra/cpu/dual.h"
#include "algebra/cpu/dual_lanes.h"

#include <math.h>

typedef rfim__loose_vector loose_vector;
typedef __typeof__((vector){0} < (vector){0}) mask; /* all bits of a lane, or none */

/* The systems of a group; all arrays are in the thread's scratch. */
typedef struct group {
    const RFIM_REAL *k;
    size_t stride;
    size_t rows;     /* of the longest system */
    size_t panels;   /* rows, padding, and the right-hand side: panels of TILE rows */
    size_t count;    /* lanes in use */
    vector *s;       /* [panels TILE] 0 in padding */
    vector *c;       /* [panels TILE] what the diagonal gets; 1 in padding */
    vector *z;       /* [panels TILE] R, then the solution */
    vector *a;       /* the panels */
    int32_t *row;    /* [panels TILE x LANES] the row of K that each lane has there */
    int32_t *offset; /* where it begins in K */
    size_t column[LANES];
    size_t active[LANES];
} group;

/* Every array for `rows` rows */
static group start(const rfim__dual_job *job, size_t rows, void *scratch)
{
    group g = {.k = job->k.data, .stride = job->k.stride};
    size_t length = (rows / TILE + 1) * TILE;
    g.s = (vector *)((char *)scratch + job->used);
    g.c = g.s + length;
    g.z = g.c + length;
    g.row = (int32_t *)(g.z + length);
    g.offset = g.row + length * LANES;
    g.a = (vector *)(g.offset + length * LANES);
    return g;
}

static void set_rows(group *g, size_t rows)
{
    g->rows = rows;
    g->panels = rows / TILE + 1;
}

static RFIM_REAL get(const rfim__dual_job *job, rfim__matrix x, size_t i, size_t j)
{
    size_t index = i * x.stride + j;
    return job->narrow ? (RFIM_REAL)((const float *)x.data)[index]
                       : ((const RFIM_REAL *)x.data)[index];
}

static void put(const rfim__dual_job *job, rfim__matrix x, size_t i, size_t j, RFIM_REAL number)
{
    size_t index = i * x.stride + j;
    if (job->narrow)
        ((float *)x.data)[index] = (float)number;
    else
        ((RFIM_REAL *)x.data)[index] = number;
}

/* `count` numbers of row i, from column `first`; 0 in the lanes beyond */
static vector get_row(const rfim__dual_job *job, rfim__matrix x, size_t i, size_t first,
                      size_t count)
{
    if (count == LANES && !job->narrow)
        return *(const loose_vector *)((const RFIM_REAL *)x.data + i * x.stride + first);
    vector numbers = {0};
    for (size_t v = 0; v < count; v++)
        numbers[v] = get(job, x, i, first + v);
    return numbers;
}

static void put_row(const rfim__dual_job *job, rfim__matrix x, size_t i, size_t first, size_t count,
                    vector numbers)
{
    if (count == LANES && !job->narrow)
        *(loose_vector *)((RFIM_REAL *)x.data + i * x.stride + first) = numbers;
    else
        for (size_t v = 0; v < count; v++)
            put(job, x, i, first + v, numbers[v]);
}

/* Factorises and solves; reports the first lane's column that has a bad pivot. */
static void finish(rfim__dual_job *job, const group *g)
{
    mask good = (vector){0} == (vector){0};
    for (size_t k = 0; k < g->rows; k++) {
        vector inverse = panel_of(g->a, k / TILE)[k * TILE + k % TILE];
        good &= (inverse > 0) & (inverse < (RFIM_REAL)INFINITY);
    }
    for (size_t v = 0; v < g->count; v++)
        if (!good[v] && g->active[v] > 0)
            rfim__dual_report(job, g->column[v] + 1);
    solve_up(g->a, g->panels, g->z);
}

/* --- all rows --------------------------------------------------------------------------------- */

/* The last row of the last panel <- R^T */
static void write_right_side(const group *g)
{
    vector *last = panel_of(g->a, g->panels - 1) + TILE - 1;
    for (size_t p = 0; p < g->panels * TILE; p++)
        last[p * TILE] = g->z[p];
}

/* Panel i of B; behind K's last row it is read again, for padding where s is 0. */
static void write_panel(const group *g, size_t i)
{
    vector *panel = panel_of(g->a, i);
    for (size_t r = 0; r < TILE; r++) {
        size_t row = i * TILE + r;
        const RFIM_REAL *k = g->k + (row < g->rows ? row : g->rows - 1) * g->stride;
        size_t end = row < g->rows ? row : g->rows;
        vector s = g->s[row];
        for (size_t p = 0; p < end; p++)
            panel[p * TILE + r] = k[p] * s * g->s[p];
        for (size_t p = end; p < row; p++)
            panel[p * TILE + r] = (vector){0};
        panel[row * TILE + r] = g->c[row];
        if (row < g->rows)
            panel[row * TILE + r] += k[row] * s * s;
    }
}

/* s, c and R of the group's columns. Where s and c are all 0, c <- 1 makes Z 0. */
static void read_columns(const rfim__dual_job *job, group *g)
{
    size_t first = g->column[0];
    size_t length = g->panels * TILE;
    vector c = get_row(job, job->c, 0, first, g->count);
    mask used = c != 0;
    for (size_t i = 0; i < length; i++) {
        bool within = i < g->rows;
        g->s[i] = within ? get_row(job, job->s, i, first, g->count) : (vector){0};
        g->z[i] = within ? get_row(job, job->r, i, first, g->count) : (vector){0};
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
    group g = start(job, job->k.rows, scratch);
    set_rows(&g, job->k.rows);
    g.count = job->s.columns - first < LANES ? job->s.columns - first : LANES;
    for (size_t v = 0; v < LANES; v++) {
        g.column[v] = first + v;
        g.active[v] = g.rows;
    }
    read_columns(job, &g);
    for (size_t i = 0; i < g.panels; i++) {
        write_panel(&g, i);
        if (i + 1 == g.panels)
            write_right_side(&g);
        factor_panel(g.a, i);
    }
    finish(job, &g);
    for (size_t i = 0; i < g.rows; i++)
        put_row(job, job->z, i, first, g.count, g.s[i] * g.z[i]);
}

/* --- active rows only ------------------------------------------------------------------------- */

/* The active rows of every lane, s and R there; Z <- 0. */
static void read_active(const rfim__dual_job *job, group *g)
{
    RFIM_REAL *s = (RFIM_REAL *)g->s;
    RFIM_REAL *z = (RFIM_REAL *)g->z;
    for (size_t i = 0; i < job->k.rows; i++) {
        for (size_t v = 0; v < g->count; v++) {
            size_t place = g->active[v] * LANES + v;
            RFIM_REAL number = get(job, job->s, i, g->column[v]);
            g->row[place] = (int32_t)i;
            s[place] = number;
            z[place] = get(job, job->r, i, g->column[v]);
            g->active[v] += number != 0;
            put(job, job->z, i, g->column[v], 0);
        }
    }
}

/* The identity where a lane has fewer rows than the longest, and its own c before that. */
static void fill_up(const rfim__dual_job *job, group *g)
{
    RFIM_REAL *s = (RFIM_REAL *)g->s;
    RFIM_REAL *c = (RFIM_REAL *)g->c;
    RFIM_REAL *z = (RFIM_REAL *)g->z;
    for (size_t v = 0; v < LANES; v++) {
        RFIM_REAL own = v < g->count ? get(job, job->c, 0, g->column[v]) : 0;
        for (size_t i = 0; i < g->active[v]; i++)
            c[i * LANES + v] = own;
        size_t last = g->active[v] > 0 ? g->active[v] - 1 : 0;
        for (size_t i = g->active[v]; i < g->panels * TILE; i++) {
            g->row[i * LANES + v] = g->active[v] > 0 ? g->row[last * LANES + v] : 0;
            s[i * LANES + v] = z[i * LANES + v] = 0;
            c[i * LANES + v] = 1;
        }
    }
    for (size_t e = 0; e < g->panels * TILE * LANES; e++)
        g->offset[e] = g->row[e] * (int32_t)g->stride;
}

/* Panel i of B: entry (row, p) of lane v is K at that lane's own rows. */
static void gather_panel(const group *g, size_t i)
{
    vector *panel = panel_of(g->a, i);
    for (size_t p = 0; p < (i + 1) * TILE; p++) {
        const int32_t *column = g->row + p * LANES;
        for (size_t r = 0; r < TILE; r++) {
            const int32_t *offset = g->offset + (i * TILE + r) * LANES;
            RFIM_REAL number[LANES];
            for (size_t v = 0; v < LANES; v++)
                number[v] = g->k[offset[v] + column[v]];
            panel[p * TILE + r] = *(const loose_vector *)number * g->s[i * TILE + r] * g->s[p];
        }
    }
    for (size_t r = 0; r < TILE; r++)
        panel[(i * TILE + r) * TILE + r] += g->c[i * TILE + r];
}

static void solve_active(void *data, size_t index, void *scratch)
{
    rfim__dual_job *job = data;
    size_t first = index * LANES;
    group g = start(job, job->k.rows, scratch);
    g.count = job->s.columns - first < LANES ? job->s.columns - first : LANES;
    for (size_t v = 0; v < g.count; v++)
        g.column[v] = job->order[first + v];
    read_active(job, &g);
    if (g.active[0] == 0)
        return;
    set_rows(&g, g.active[0]);
    fill_up(job, &g);
    for (size_t i = 0; i < g.panels; i++) {
        gather_panel(&g, i);
        if (i + 1 == g.panels)
            write_right_side(&g);
        factor_panel(g.a, i);
    }
    finish(job, &g);
    for (size_t i = 0; i < g.rows; i++)
        for (size_t v = 0; v < g.count; v++)
            if (i < g.active[v])
                put(job, job->z, (size_t)g.row[i * LANES + v], g.column[v], g.s[i][v] * g.z[i][v]);
}

static void count_active(rfim__matrix s, size_t *count)
{
    for (size_t j = 0; j < s.columns; j++)
        count[j] = 0;
    for (size_t i = 0; i < s.rows; i++) {
        const RFIM_REAL *row = (const RFIM_REAL *)s.data + i * s.stride;
        for (size_t j = 0; j < s.columns; j++)
            count[j] += row[j] != 0;
    }
}

const rfim__dual_part RFIM__VARIANT(rfim__dual) = {
    .lanes = LANES,
    .solve = solve,
    .solve_active = solve_active,
    .count_active = count_active,
};
