/* idx_files.h - writes small IDX files, right ones and wrong ones, into folders of their own. */
#ifndef TESTS_DATA_IDX_FILES_H
#define TESTS_DATA_IDX_FILES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define TRAIN_IMAGES "train-images-idx3-ubyte"
#define TRAIN_LABELS "train-labels-idx1-ubyte"
#define TEST_IMAGES "t10k-images-idx3-ubyte"
#define TEST_LABELS "t10k-labels-idx1-ubyte"

/* Bytes of an IDX file of unsigned bytes: value of number index = index mod modulus. */
static inline size_t idx_bytes(uint8_t *out, int dimensions, const uint32_t *shape,
                               unsigned modulus)
{
    size_t size = 4;
    size_t count = 1;
    const uint8_t magic[4] = {0, 0, 8, (uint8_t)dimensions};
    memcpy(out, magic, 4);
    for (int axis = 0; axis < dimensions; axis++) {
        for (int byte = 3; byte >= 0; byte--)
            out[size++] = (uint8_t)(shape[axis] >> (8 * byte));
        count *= shape[axis];
    }
    for (size_t index = 0; index < count; index++)
        out[size++] = (uint8_t)(index % modulus);
    return size;
}

/* Packs bytes as gzip; how many there are then. */
static inline size_t gzip_bytes(const uint8_t *data, size_t size, uint8_t *out, size_t room)
{
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = (z_const Bytef *)data;
    stream.avail_in = (uInt)size;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    deflate(&stream, Z_FINISH);
    size_t written = stream.total_out;
    deflateEnd(&stream);
    return written;
}

static inline void write_file(const char *folder, const char *name, const void *data, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
}

static inline void remove_file(const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

static inline void write_images(const char *folder, const char *name, uint32_t count,
                                uint32_t height, uint32_t width)
{
    static uint8_t bytes[1 << 16];
    const uint32_t shape[] = {count, height, width};
    write_file(folder, name, bytes, idx_bytes(bytes, 3, shape, 251));
}

/* Labels 0, 1, ..., classes - 1, 0, 1, ... */
static inline void write_labels(const char *folder, const char *name, uint32_t count,
                                unsigned classes)
{
    static uint8_t bytes[1 << 16];
    write_file(folder, name, bytes, idx_bytes(bytes, 1, &count, classes));
}

/* A new folder under $TMPDIR or /tmp; its name goes to folder (at least 256 bytes). */
static inline void make_folder(char *folder)
{
    const char *where = getenv("TMPDIR");
    snprintf(folder, 256, "%s/rfim-test-XXXXXX", where ? where : "/tmp");
    if (!mkdtemp(folder))
        abort();
}

/* The four files: 12 training images with labels 0 ... 2, and 4 test images, 3 x 5 pixels. */
static inline void write_small_folder(const char *folder)
{
    write_images(folder, TRAIN_IMAGES, 12, 3, 5);
    write_labels(folder, TRAIN_LABELS, 12, 3);
    write_images(folder, TEST_IMAGES, 4, 3, 5);
    write_labels(folder, TEST_LABELS, 4, 3);
}

static inline void remove_folder(const char *folder)
{
    const char *const names[] = {TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS};
    for (int index = 0; index < 4; index++) {
        char packed[64];
        snprintf(packed, sizeof packed, "%s.gz", names[index]);
        remove_file(folder, names[index]);
        remove_file(folder, packed);
    }
    rmdir(folder);
}

#endif
