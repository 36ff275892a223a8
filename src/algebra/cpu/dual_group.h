/* dual_group.h - operands of dual systems; and a group of them, LANES columns j: B_j = S_j K S_j +
 * c_j I, with R as one more row behind B's; what is the same for both ways to B. For *_kernels.c
 * files. */

/* One source for vectors of several widths: what is alike for one of them differs for another, and
 * loops over registers are unrolled.
 * NOLINTBEGIN(misc-redundant-expression) */
#ifndef RFIM_ALGEBRA_CPU_DUAL_GROUP_H
#define RFIM_ALGEBRA_CPU_DUAL_GROUP_H

#include "algebra/cpu/dual.h"
#include "algebra/cpu/dual_lanes.h"

#include <math.h>

typedef rfim__loose_vector loose_vector;
typedef __typeof__((vector){0} < (vector){0}) lane_mask; /* all bits of a lane, or none */

/* The systems of a group; all arrays are in the thread's scratch. */
typedef struct group {
    const RFIM_REAL *k;
    size_t stride;
    size_t rows;   /* of the longest system */
    size_t panels; /* rows, padding, and the right-hand side: panels of TILE rows */
    size_t count;  /* lanes in use */
    vector *s;     /* [panels TILE] 0 in padding */
    vector *c;     /* [panels TILE] what the diagonal gets; 1 in padding */
    vector *z;     /* [panels TILE] R, then the solution */
    vector *a;     /* the panels */
    size_t column[LANES];
} group;

/* A group of at most `rows` rows, in `room`; */
INLINE group group_in(const rfim__dual_job *job, size_t rows, void *room)
{
    group g = {.k = job->k.data, .stride = job->k.stride};
    size_t length = (rows / TILE + 1) * TILE;
    g.s = room;
    g.c = g.s + length;
    g.z = g.c + length;
    g.a = g.z + length;
    return g;
}

INLINE void set_rows(group *g, size_t rows)
{
    g->rows = rows;
    g->panels = rows / TILE + 1;
}

/* Are the matrices float32, while this file works in float64? */
INLINE bool is_narrow(const rfim__dual_job *job)
{
    return sizeof(RFIM_REAL) > sizeof(float) && job->narrow;
}

INLINE RFIM_REAL get(const rfim__dual_job *job, rfim__matrix x, size_t i, size_t j)
{
    size_t index = i * x.stride + j;
    return is_narrow(job) ? (RFIM_REAL)((const float *)x.data)[index]
                          : ((const RFIM_REAL *)x.data)[index];
}

INLINE void put(const rfim__dual_job *job, rfim__matrix x, size_t i, size_t j, RFIM_REAL number)
{
    size_t index = i * x.stride + j;
    if (is_narrow(job))
        ((float *)x.data)[index] = (float)number;
    else
        ((RFIM_REAL *)x.data)[index] = number;
}

/* LANES numbers of row i, from column `first`; 0 behind the last column */
INLINE vector get_row(const rfim__dual_job *job, rfim__matrix x, size_t i, size_t first)
{
    if (first + LANES <= x.columns && !is_narrow(job))
        return *(const loose_vector *)((const RFIM_REAL *)x.data + i * x.stride + first);
    vector numbers = {0};
    for (size_t v = 0; v < LANES && first + v < x.columns; v++)
        numbers[v] = get(job, x, i, first + v);
    return numbers;
}

INLINE void put_row(const rfim__dual_job *job, rfim__matrix x, size_t i, size_t first,
                    vector numbers)
{
    if (first + LANES <= x.columns && !is_narrow(job))
        *(loose_vector *)((RFIM_REAL *)x.data + i * x.stride + first) = numbers;
    else
        for (size_t v = 0; v < LANES && first + v < x.columns; v++)
            put(job, x, i, first + v, numbers[v]);
}

/* Solves; reports the first lane's column that has a bad pivot. */
INLINE void finish(rfim__dual_job *job, const group *g)
{
    vector none = {0};
    lane_mask good = none == none;
    for (size_t k = 0; k < g->rows; k++) {
        vector inverse = panel_of(g->a, k / TILE)[k * TILE + k % TILE];
        good &= (inverse > 0) & (inverse < (RFIM_REAL)INFINITY);
    }
    for (size_t v = 0; v < g->count; v++)
        if (!good[v])
            rfim__dual_report(job, g->column[v] + 1);
    solve_up(g->a, g->panels, g->z);
}

#endif

/* NOLINTEND(misc-redundant-expression) */
