/* madvise; NOLINTNEXTLINE(bugprone-reserved-identifier) */
#define _DEFAULT_SOURCE
#include "core/large_pages.h"

#include <stdlib.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#define LARGE_PAGE ((size_t)2 << 20)

void *rfim__large_pages_allocate(size_t alignment, size_t bytes)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (bytes >= LARGE_PAGE && alignment <= LARGE_PAGE) {
        void *memory = NULL;
        if (posix_memalign(&memory, LARGE_PAGE, bytes) != 0)
            return NULL;
        /* advice: whether it is taken makes no difference but in time */
        (void)madvise(memory, bytes / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
        return memory;
    }
#endif
    return aligned_alloc(alignment, bytes);
}
