/* dual.h - the dual systems of algebra.h as jobs for a team: what is compiled once (dual.c) calls
 * what is compiled for every precision and instruction set (dual_*kernels.c).
 */
#ifndef RFIM_ALGEBRA_CPU_DUAL_H
#define RFIM_ALGEBRA_CPU_DUAL_H

#include "algebra/algebra.h"
#include "core/kernels.h"
#include "core/size.h"

#include <stdint.h>

typedef struct rfim__dual_job {
    rfim__matrix k; /* in the precision that is worked in; the rest as the algebra has it */
    rfim__matrix s, c, r, z; /* [n x m]; c: [1 x m] */
    bool narrow;             /* worked in float64, while s, c, r and z are float32 */
    size_t used;             /* bytes at the start of each thread's scratch that belong to others */
    size_t failed;           /* first bad column, from 1; 0 while there is none */
} rfim__dual_job;

/* Tiles of a rfim__dual_job (algebra/cpu/team.h). */
typedef struct rfim__dual_part {
    size_t lanes; /* columns of a tile */
    void (*solve)(void *job, size_t tile, void *scratch);
} rfim__dual_part;

#define RFIM__DUAL_BLOCK 256 /* columns of a tile, at most */

/* Columns that a tile has room for lists of; a multiple of 64, so that arrays of them are aligned
 */
static inline size_t rfim__dual_listed(size_t columns)
{
    return rfim__size_round_up(rfim__size_min(columns, RFIM__DUAL_BLOCK), 64);
}

typedef struct rfim__dual_active_part {
    void (*solve)(void *job, size_t tile, void *scratch);
} rfim__dual_active_part;

/* One factor for all columns: job->k is L, prepared; s and c are not used. */
typedef struct rfim__dual_shared_part {
    size_t columns; /* of a tile */
    void (*prepare)(rfim__matrix l);
    void (*solve)(void *job, size_t tile, void *scratch);
} rfim__dual_shared_part;

RFIM__DECLARE_VARIANTS(rfim__dual_part, rfim__dual);
RFIM__DECLARE_VARIANTS(rfim__dual_shared_part, rfim__dual_shared);
RFIM__DECLARE_VARIANTS(rfim__dual_active_part, rfim__dual_active);

/* From any thread: column `bad` (from 1) has no positive definite system. */
void rfim__dual_report(rfim__dual_job *job, size_t bad);

/* The operations, for the cpu backend's table. */
size_t rfim__cpu_dual_solve_shared(rfim__algebra *algebra, rfim__matrix k, double c, rfim__matrix r,
                                   rfim__matrix z, bool wide);
size_t rfim__cpu_dual_solve(rfim__algebra *algebra, rfim__matrix k, rfim__matrix s, rfim__matrix c,
                            rfim__matrix r, rfim__matrix z, bool wide);
size_t rfim__cpu_dual_solve_active(rfim__algebra *algebra, rfim__matrix k, rfim__matrix s,
                                   rfim__matrix c, rfim__matrix r, rfim__matrix z, bool wide);

#endif
