#include "io/idx.h"

#include "core/size.h"
#include "io/gzip.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAGIC_SIZE 4
#define LONGEST_HEADER (MAGIC_SIZE + 4 * RFIM__IDX_DIMENSIONS)
#define UNSIGNED_BYTES 8

static uint32_t read_number(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static const char *type_name(uint8_t type)
{
    switch (type) {
    case 0x09:
        return "signed bytes";
    case 0x0B:
        return "16-bit integers";
    case 0x0C:
        return "32-bit integers";
    case 0x0D:
        return "32-bit floating-point numbers";
    case 0x0E:
        return "64-bit floating-point numbers";
    default:
        return "numbers of an unknown type";
    }
}

static rfim_status check_magic(rfim_context *context, const char *name, const uint8_t *data,
                               size_t size)
{
    if (size < MAGIC_SIZE)
        return rfim__fail(context, RFIM_ERROR_FORMAT,
                          "%s is truncated: %zu bytes, not even the 4 of an IDX magic number", name,
                          size);
    if (data[0] != 0 || data[1] != 0)
        return rfim__fail(context, RFIM_ERROR_FORMAT,
                          "%s is no IDX file: its magic number is 0x%08" PRIx32
                          ", but images have 0x00000803 and labels 0x00000801",
                          name, read_number(data));
    if (data[2] != UNSIGNED_BYTES)
        return rfim__fail(context, RFIM_ERROR_FORMAT,
                          "%s holds %s (type 0x%02x in its magic number); only unsigned bytes, "
                          "type 0x08, can be read",
                          name, type_name(data[2]), data[2]);
    if (data[3] < 1 || data[3] > RFIM__IDX_DIMENSIONS)
        return rfim__fail(context, RFIM_ERROR_FORMAT,
                          "%s has %d dimensions by its magic number; 1 to %d can be read", name,
                          data[3], RFIM__IDX_DIMENSIONS);
    return RFIM_OK;
}

/* "60000 x 28 x 28" */
static void shape_text(const rfim__idx *idx, char *text, size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (size_t axis = 0; axis < idx->dimensions && length < size; axis++) {
        int more = snprintf(text + length, size - length, "%s%zu", axis > 0 ? " x " : "",
                            idx->shape[axis]);
        length += more > 0 ? (size_t)more : 0;
    }
}

/* Reads the header out of the first `size` bytes of the file; *header: its length. */
static rfim_status parse_header(rfim_context *context, const char *name, const uint8_t *data,
                                size_t size, rfim__idx *idx, size_t *header)
{
    rfim_status status = check_magic(context, name, data, size);
    if (status != RFIM_OK)
        return status;
    idx->dimensions = data[3];
    *header = MAGIC_SIZE + 4 * idx->dimensions;
    if (size < *header)
        return rfim__fail(context, RFIM_ERROR_FORMAT,
                          "%s is truncated: %zu bytes, but its header alone has %zu", name, size,
                          *header);
    idx->count = 1;
    bool fits = true;
    for (size_t axis = 0; axis < RFIM__IDX_DIMENSIONS; axis++)
        idx->shape[axis] = axis < idx->dimensions ? read_number(data + MAGIC_SIZE + 4 * axis) : 1;
    for (size_t axis = 0; axis < idx->dimensions; axis++)
        fits = fits && rfim__size_multiply(idx->count, idx->shape[axis], &idx->count);
    if (!fits || idx->count > SIZE_MAX / 2) {
        char shape[96];
        shape_text(idx, shape, sizeof shape);
        return rfim__fail(context, RFIM_ERROR_FORMAT, "%s has absurd dimensions in its header: %s",
                          name, shape);
    }
    return RFIM_OK;
}

/* `values` numbers follow the header, where the shape says idx->count. more: at least so many. */
static rfim_status check_length(rfim_context *context, const char *name, const rfim__idx *idx,
                                size_t values, bool more)
{
    char shape[96];
    if (values == idx->count && !more)
        return RFIM_OK;
    shape_text(idx, shape, sizeof shape);
    if (values < idx->count)
        return rfim__fail(context, RFIM_ERROR_FORMAT,
                          "%s is truncated: its header says %s = %zu bytes, but %zu follow", name,
                          shape, idx->count, values);
    return rfim__fail(context, RFIM_ERROR_FORMAT,
                      "%s has trailing bytes: its header says %s = %zu bytes, but %s%zu follow",
                      name, shape, idx->count, more ? "more than " : "", values);
}

static rfim_status parse_plain(rfim_context *context, const char *name, const uint8_t *data,
                               size_t size, rfim__idx *idx)
{
    size_t header = 0;
    rfim_status status = parse_header(context, name, data, size, idx, &header);
    if (status != RFIM_OK)
        return status;
    idx->values = data + header;
    return check_length(context, name, idx, size - header, false);
}

static rfim_status parse_gzip(rfim_context *context, const char *name, const uint8_t *data,
                              size_t size, rfim__idx *idx)
{
    uint8_t start[LONGEST_HEADER];
    size_t header = 0;
    size_t written = 0;
    bool more = false;
    rfim_status status = rfim__gzip_inflate(context, name, data, size, start, sizeof start,
                                            &written, &more);
    if (status == RFIM_OK)
        status = parse_header(context, name, start, written, idx, &header);
    if (status != RFIM_OK)
        return status;
    if (idx->count / RFIM__GZIP_MOST_RATIO > size) {
        char shape[96];
        shape_text(idx, shape, sizeof shape);
        return rfim__fail(context, RFIM_ERROR_FORMAT,
                          "%s has absurd dimensions in its header: %s = %zu bytes cannot come out "
                          "of %zu bytes of gzip data",
                          name, shape, idx->count, size);
    }
    idx->owned = rfim__allocate(context, header + idx->count, 1);
    if (!idx->owned)
        return RFIM_ERROR_MEMORY;
    status = rfim__gzip_inflate(context, name, data, size, idx->owned, header + idx->count,
                                &written, &more);
    if (status != RFIM_OK)
        return status;
    idx->values = idx->owned + header;
    return check_length(context, name, idx, written - header, more);
}

rfim_status rfim__idx_parse(rfim_context *context, const char *name, const uint8_t *data,
                            size_t size, rfim__idx *out)
{
    memset(out, 0, sizeof *out);
    rfim_status status = rfim__gzip_recognise(data, size)
                             ? parse_gzip(context, name, data, size, out)
                             : parse_plain(context, name, data, size, out);
    if (status != RFIM_OK)
        rfim__idx_free(context, out);
    return status;
}

void rfim__idx_free(rfim_context *context, rfim__idx *idx)
{
    rfim__release(context, idx->owned);
    memset(idx, 0, sizeof *idx);
}
