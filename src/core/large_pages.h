/* large_pages.h - memory whose addresses the processor translates with fewer entries.
 *
 * Steps go through metrics and data of many megabytes; in pages of 4 KiB they wait for address
 * translations as well: a step on whitened data took 4 to 6 % longer (docs/performance.md). */
#ifndef RFIM_CORE_LARGE_PAGES_H
#define RFIM_CORE_LARGE_PAGES_H

#include <stddef.h>

/* Memory at a multiple of `alignment` (a power of two), to be given back by free; NULL: none. From
 * 2 MiB on in large pages, where the system has them. */
void *rfim__large_pages_allocate(size_t alignment, size_t bytes);

#endif
