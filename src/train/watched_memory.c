#include "train/watched_memory.h"

#include <string.h>

/* The size of a block stands before it, in as many bytes as keep it aligned. */
static void *allocate(void *user, size_t alignment, size_t bytes)
{
    rfim__watched_memory *watch = user;
    char *block = watch->inner.allocate(watch->inner.user, alignment, RFIM__ALIGNMENT + bytes);
    if (!block)
        return NULL;
    memcpy(block, &bytes, sizeof bytes);
    watch->bytes += bytes;
    if (watch->bytes > watch->most)
        watch->most = watch->bytes;
    return block + RFIM__ALIGNMENT;
}

static void release(void *user, void *memory)
{
    rfim__watched_memory *watch = user;
    char *block = (char *)memory - RFIM__ALIGNMENT;
    size_t bytes = 0;
    memcpy(&bytes, block, sizeof bytes);
    watch->bytes -= bytes;
    watch->inner.release(watch->inner.user, block);
}

void rfim__watched_memory_begin(rfim__watched_memory *watch, rfim_context *context)
{
    *watch = (rfim__watched_memory){.context = context, .inner = context->allocator};
    context->allocator = (rfim_allocator){.allocate = allocate, .release = release, .user = watch};
}

void rfim__watched_memory_end(rfim__watched_memory *watch)
{
    watch->context->allocator = watch->inner;
}
