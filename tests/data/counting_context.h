/* counting_context.h - a watched context in a fixture: its threads, its end, and a memory that
 * runs out after so many more allocations. */
#ifndef TESTS_DATA_COUNTING_CONTEXT_H
#define TESTS_DATA_COUNTING_CONTEXT_H

#include "core/context.h"
#include "io/watched_memory.h"

typedef struct counting {
    watched_memory memory;
    rfim_context *context;
} counting;

/* threads 0: as many as there are. */
static inline rfim_context *counting_start(counting *it, size_t threads)
{
    it->context = watched_context(&it->memory, 0);
    if (it->context && threads > 0)
        it->context->threads = threads;
    return it->context;
}

/* Only so many more allocations succeed. */
static inline void counting_limit(counting *it, size_t left)
{
    it->memory.fail_from = it->memory.calls + left + 1;
}

/* Ends the context; how many blocks are still there: 0, or something leaked. */
static inline size_t counting_end(counting *it)
{
    rfim_context_free(it->context);
    return it->memory.blocks;
}

#endif
