/* blas_info.c - which BLAS was loaded: all of Debian's builds share one library name. */
#include <cblas.h>
#include <rfim/context.h>

const char *rfim_blas_description(void)
{
    return openblas_get_config();
}

int rfim_blas_matches(void)
{
    return openblas_get_parallel() == 2; /* 0 sequential, 1 pthreads, 2 OpenMP */
}
