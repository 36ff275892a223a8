/* watched_memory.h - contexts whose memory is watched: how much is held, and what happens when
 * there is no more. */
#ifndef RFIM_TESTS_IO_WATCHED_MEMORY_H
#define RFIM_TESTS_IO_WATCHED_MEMORY_H

#include <rfim/context.h>
#include <stdlib.h>

typedef struct watched_memory {
    size_t blocks;    /* held now */
    size_t calls;     /* allocations asked for so far */
    size_t largest;   /* bytes of the largest */
    size_t fail_from; /* the number of the first call that gets nothing; 0: none fails */
} watched_memory;

static inline void *watched_allocate(void *user, size_t alignment, size_t bytes)
{
    watched_memory *memory = user;
    memory->calls++;
    if (bytes > memory->largest)
        memory->largest = bytes;
    if (memory->fail_from > 0 && memory->calls >= memory->fail_from)
        return NULL;
    memory->blocks++;
    return aligned_alloc(alignment, bytes);
}

static inline void watched_release(void *user, void *block)
{
    watched_memory *memory = user;
    memory->blocks--;
    free(block);
}

/* NULL when the context itself gets no memory. */
static inline rfim_context *watched_context(watched_memory *memory, size_t fail_from)
{
    rfim_context_options options;
    rfim_context *context = NULL;
    *memory = (watched_memory){.fail_from = fail_from};
    rfim_context_defaults(&options);
    options.allocator = (rfim_allocator){watched_allocate, watched_release, memory};
    rfim_context_create(&options, &context);
    return context;
}

#endif
