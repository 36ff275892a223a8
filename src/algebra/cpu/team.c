#include "algebra/cpu/team.h"

#include "core/denormals.h"

#include <omp.h>

void rfim__team_run(const rfim__algebra *algebra, size_t tiles, double flops, rfim__tile_fn run,
                    void *job)
{
    if (rfim__team_alone(algebra, tiles, flops)) {
        for (size_t t = 0; t < tiles; t++)
            run(job, t, algebra->scratch);
        return;
    }
#pragma omp parallel num_threads((int)algebra->threads)
    {
        uint64_t denormals = rfim__denormals_flush();
        void *scratch = algebra->scratch ? (char *)algebra->scratch +
                                               (size_t)omp_get_thread_num() * algebra->scratch_bytes
                                         : NULL;
#pragma omp for schedule(dynamic, 1) nowait
        for (size_t t = 0; t < tiles; t++)
            run(job, t, scratch);
        rfim__denormals_restore(denormals);
    }
}
