/* gzip.h - gzip files that lie in memory (RFC 1952), by zlib. */
#ifndef RFIM_IO_GZIP_H
#define RFIM_IO_GZIP_H

#include "core/context.h"

#include <stdbool.h>

/* A byte of deflate data stands for at most so many bytes: no honest file claims more. */
#define RFIM__GZIP_MOST_RATIO 1032

/* Do the bytes begin as a gzip file does? */
bool rfim__gzip_recognise(const uint8_t *data, size_t size);

/* Inflates until `room` bytes are written to out, or the file ends. *written: bytes written.
 * *more: the file goes on beyond them; its rest, with its checksum, is then unread. Otherwise the
 * whole file was read and its checksum is right. `name` is what errors call the file.
 * RFIM_ERROR_FORMAT: damaged, cut short, or followed by other bytes; RFIM_ERROR_MEMORY. */
rfim_status rfim__gzip_inflate(rfim_context *context, const char *name, const uint8_t *data,
                               size_t size, uint8_t *out, size_t room, size_t *written, bool *more);

#endif
