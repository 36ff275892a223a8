/* dual.h - the dual systems of algebra.h as jobs for a team: what is compiled once (dual.c) calls
 * what is compiled for every precision and instruction set (dual_kernels.c).
 *
 * A tile of the job is a group of `lanes` columns. Groups of dual_solve_active take their columns
 * in descending order of active rows, so that the systems of a group are nearly of one size. */
#ifndef RFIM_ALGEBRA_CPU_DUAL_H
#define RFIM_ALGEBRA_CPU_DUAL_H

#include "algebra/algebra.h"
#include "core/kernels.h"

#include <stdint.h>

typedef struct rfim__dual_job {
    rfim__matrix k; /* in the precision that is worked in; the rest as the algebra has it */
    rfim__matrix s, c, r, z; /* [n x m]; c: [1 x m] */
    bool narrow;             /* worked in float64, while s, c, r and z are float32 */
    const size_t *order;     /* solve_active: all columns, those with most active rows first */
    size_t used;             /* bytes at the start of each thread's scratch that belong to others */
    size_t failed;           /* first bad column, from 1; 0 while there is none */
} rfim__dual_job;

typedef struct rfim__dual_part {
    size_t lanes;
    /* Tiles of a rfim__dual_job (algebra/cpu/team.h): group number `group`. */
    void (*solve)(void *job, size_t group, void *scratch);
    void (*solve_active)(void *job, size_t group, void *scratch);
    /* count_j <- rows i with s_ij != 0 */
    void (*count_active)(rfim__matrix s, size_t *count);
} rfim__dual_part;

RFIM__DECLARE_VARIANTS(rfim__dual_part, rfim__dual);

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
