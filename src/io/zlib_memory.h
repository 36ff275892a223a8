/* zlib_memory.h - zlib takes its memory from the context's allocator. */
#ifndef RFIM_IO_ZLIB_MEMORY_H
#define RFIM_IO_ZLIB_MEMORY_H

#include "core/context.h"

#include <zlib.h>

/* A stream of zeros that inflateInit2 or deflateInit may be called on. */
z_stream rfim__zlib_stream(rfim_context *context);

#endif
