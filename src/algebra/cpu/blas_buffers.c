#include "algebra/cpu/blas_buffers.h"

#define MOST 64

/* OpenBLAS' own allocator: buffers that are given back stay mapped for the next call. Weak, as
 * other BLAS libraries do not have it. */
extern void *blas_memory_alloc(int) __attribute__((weak));
extern void blas_memory_free(void *) __attribute__((weak));

void rfim__blas_reserve_buffers(size_t threads)
{
    void *buffers[MOST];
    size_t count = threads < MOST ? threads : MOST;
    if (!blas_memory_alloc || !blas_memory_free)
        return;
    for (size_t b = 0; b < count; b++)
        buffers[b] = blas_memory_alloc(0);
    for (size_t b = 0; b < count; b++)
        if (buffers[b])
            blas_memory_free(buffers[b]);
}
