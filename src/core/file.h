/* file.h - whole files in and out. Formats work on (pointer, length); only this file opens any. */
#ifndef RFIM_CORE_FILE_H
#define RFIM_CORE_FILE_H

#include "core/context.h"

#include <stdbool.h>
#include <stdint.h>

/* Reads a whole file into memory that rfim__release frees; a NUL byte follows the last one. */
rfim_status rfim__file_read(rfim_context *context, const char *path, uint8_t **data, size_t *size);

/* Writes a whole file: under a temporary name in the same folder, then moved into place, so that
 * a reader sees the old file or the new one, never half of one. */
rfim_status rfim__file_write(rfim_context *context, const char *path, const void *data,
                             size_t size);

/* Appends and flushes to the disk's cache. Creates the file. */
rfim_status rfim__file_append(rfim_context *context, const char *path, const void *data,
                              size_t size);

bool rfim__file_exists(const char *path);
bool rfim__folder_exists(const char *path);

/* The path from the root, without links, of a file or folder that is there. false, and out is as it
 * was, when it is not there or does not fit. */
bool rfim__path_absolute(const char *path, char *out, size_t size);

/* folder + "/" + name into out (size bytes); an error when it does not fit. */
rfim_status rfim__path_join(rfim_context *context, const char *folder, const char *name, char *out,
                            size_t size);

#endif
