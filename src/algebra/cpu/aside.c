/* aside.c - the algebra of a thread that works in the background. */
#include "algebra/algebra.h"
#include "algebra/cpu/blas_buffers.h"
#include "core/denormals.h"

#include <omp.h>

rfim_status rfim__algebra_create_aside(const rfim__algebra *algebra, size_t numbers,
                                       rfim__algebra **out)
{
    rfim__algebra *aside = rfim__allocate(algebra->context, 1, sizeof *aside);
    *out = aside;
    if (!aside)
        return RFIM_ERROR_MEMORY;
    *aside = *algebra;
    aside->threads = 1;
    aside->scratch = NULL;
    aside->scratch_bytes = 0;
    rfim__blas_reserve_buffers(algebra->threads + 1);
    rfim_status status = rfim__algebra_reserve(aside, numbers);
    if (status != RFIM_OK) {
        rfim__algebra_free(aside);
        *out = NULL;
    }
    return status;
}

/* OpenBLAS asks OpenMP how many threads a call may have; that is this thread's own setting, so the
 * call does not look at what other threads have set, and the bits are those of one thread. */
void rfim__algebra_adopt_thread(void)
{
    rfim__denormals_flush();
    omp_set_num_threads(1);
}
