/* memory.h - arrays of work memory from whoever asks the oracle. */
#ifndef RFIM_CHECK_ORACLE_MEMORY_H
#define RFIM_CHECK_ORACLE_MEMORY_H

#include "check/oracle/oracle.h"

/* a x b members of so many bytes, zeroed; NULL when there is no room or the size does not fit. No
 * members: one. */
void *rfim__oracle_array(const rfim__oracle_memory *memory, size_t a, size_t b, size_t bytes);
/* NULL is legal. */
void rfim__oracle_release(const rfim__oracle_memory *memory, void *block);

#endif
