/* scarce_memory.h - contexts whose memory runs out when a test says so. */
#ifndef RFIM_TESTS_NETWORK_SCARCE_MEMORY_H
#define RFIM_TESTS_NETWORK_SCARCE_MEMORY_H

#include <rfim/context.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct scarce_memory {
    size_t blocks;  /* held now */
    size_t calls;   /* allocations asked for so far */
    size_t largest; /* bytes of the largest */
    size_t fails;   /* the number of the call that gets nothing; 0: none */
    bool for_ever;  /* and those after it get nothing either */
    size_t most;    /* larger blocks are refused */
} scarce_memory;

static inline void *scarce_allocate(void *user, size_t alignment, size_t bytes)
{
    scarce_memory *memory = user;
    memory->calls++;
    if (bytes > memory->largest)
        memory->largest = bytes;
    if (bytes > memory->most || memory->calls == memory->fails ||
        (memory->for_ever && memory->fails > 0 && memory->calls > memory->fails))
        return NULL;
    memory->blocks++;
    return aligned_alloc(alignment, bytes);
}

static inline void scarce_release(void *user, void *block)
{
    scarce_memory *memory = user;
    memory->blocks--;
    free(block);
}

/* NULL when the context itself gets no memory. */
static inline rfim_context *scarce_context(scarce_memory *memory)
{
    rfim_context_options options;
    rfim_context *context = NULL;
    if (memory->most == 0)
        memory->most = SIZE_MAX;
    rfim_context_defaults(&options);
    options.allocator = (rfim_allocator){scarce_allocate, scarce_release, memory};
    rfim_context_create(&options, &context);
    return context;
}

#endif
