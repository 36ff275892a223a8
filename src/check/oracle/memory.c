#include "check/oracle/memory.h"

#include <string.h>

void *rfim__oracle_array(const rfim__oracle_memory *memory, size_t a, size_t b, size_t bytes)
{
    if (a == 0 || b == 0)
        a = b = 1;
    if (a > (size_t)-1 / b || a * b > (size_t)-1 / bytes)
        return NULL;
    void *block = memory->allocate(memory->user, a * b * bytes);
    if (block)
        memset(block, 0, a * b * bytes);
    return block;
}

void rfim__oracle_release(const rfim__oracle_memory *memory, void *block)
{
    if (block)
        memory->release(memory->user, block);
}
