/* team.h - tiles of work handed out to threads: the one place where a step starts any. */
#ifndef RFIM_ALGEBRA_CPU_TEAM_H
#define RFIM_ALGEBRA_CPU_TEAM_H

#include "algebra/algebra.h"

/* Is such a job left to the calling thread? */
static inline bool rfim__team_alone(const rfim__algebra *algebra, size_t tiles, double flops)
{
    return flops < algebra->team_flops || tiles < 2 || algebra->threads < 2;
}

/* Runs every tile once, in any order: on the calling thread when the job's flops are not worth a
 * team (algebra->team_flops) or there is one tile, else on the whole team. The team always has the
 * same size: OpenMP makes a team anew, allocating, whenever the size changes. */
void rfim__team_run(const rfim__algebra *algebra, size_t tiles, double flops, rfim__tile_fn run,
                    void *job);

#endif
