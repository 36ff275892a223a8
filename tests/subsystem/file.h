/* file.h - a place for one metric's file. */
#ifndef RFIM_TESTS_SUBSYSTEM_FILE_H
#define RFIM_TESTS_SUBSYSTEM_FILE_H

#include "subsystem/kinds.h"

#include <unistd.h>

typedef struct place {
    char folder[32];
    char path[64];
} place;

static inline place open_place(void)
{
    place p = {"/tmp/rfim-metric-XXXXXX", ""};
    assert_non_null(mkdtemp(p.folder));
    snprintf(p.path, sizeof p.path, "%s/metric.safetensors", p.folder);
    return p;
}

static inline void close_place(const place *p)
{
    unlink(p->path);
    assert_int_equal(rmdir(p->folder), 0); /* no temporary file is left */
}

static inline uint8_t *bytes_of(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    uint8_t *bytes = malloc(1 << 22);
    assert_non_null(bytes);
    *size = fread(bytes, 1, 1 << 22, file);
    fclose(file);
    return bytes;
}

static inline void write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

#endif
