/* watched_memory.h - how much memory a piece of work takes at most. */
#ifndef RFIM_TRAIN_WATCHED_MEMORY_H
#define RFIM_TRAIN_WATCHED_MEMORY_H

#include "core/context.h"

typedef struct rfim__watched_memory {
    rfim_context *context;
    rfim_allocator inner;
    size_t bytes; /* in use, of what was allocated since */
    size_t most;
} rfim__watched_memory;

/* Between the two, what the context allocates is counted. Whatever is allocated in between is to be
 * released in between, and nothing from before; by one thread. */
void rfim__watched_memory_begin(rfim__watched_memory *watch, rfim_context *context);
void rfim__watched_memory_end(rfim__watched_memory *watch);

#endif
