#include "io/png.h"

#include "core/size.h"
#include "io/zlib_memory.h"

#include <limits.h>
#include <string.h>

#define SIGNATURE_SIZE 8
#define HEADER_SIZE 13
#define CHUNK_EXTRA 12      /* length, name and checksum of a chunk */
#define LARGEST 0x7fffffffu /* of a side and of a chunk */

static void put_number(uint8_t *at, uint32_t number)
{
    for (int byte = 0; byte < 4; byte++)
        at[byte] = (uint8_t)(number >> (24 - 8 * byte));
}

/* Completes a chunk whose content lies at at + 8 already; the end of the chunk. */
static uint8_t *close_chunk(uint8_t *at, const char *name, size_t length)
{
    put_number(at, (uint32_t)length);
    memcpy(at + 4, name, 4);
    uLong checksum = crc32(0, at + 4, (uInt)(length + 4));
    put_number(at + 8 + length, (uint32_t)checksum);
    return at + length + CHUNK_EXTRA;
}

static uint8_t *put_header(uint8_t *at, size_t height, size_t width, rfim__png_colours colours)
{
    uint8_t *content = at + 8;
    memset(content, 0, HEADER_SIZE);
    put_number(content, (uint32_t)width);
    put_number(content + 4, (uint32_t)height);
    content[8] = 8;                                /* bits a channel */
    content[9] = colours == RFIM__PNG_RGB ? 2 : 0; /* colour type */
    return close_chunk(at, "IHDR", HEADER_SIZE);
}

/* Deflates the rows, each after a byte 0 (no filter), into room bytes; how many were used. */
static size_t deflate_rows(z_stream *stream, const uint8_t *pixels, size_t height, size_t row,
                           uint8_t *out, size_t room)
{
    Bytef filter = 0;
    stream->next_out = out;
    stream->avail_out = (uInt)room;
    for (size_t y = 0; y < height; y++) {
        stream->next_in = &filter;
        stream->avail_in = 1;
        deflate(stream, Z_NO_FLUSH);
        stream->next_in = (z_const Bytef *)(pixels + y * row);
        stream->avail_in = (uInt)row;
        deflate(stream, Z_NO_FLUSH);
    }
    deflate(stream, Z_FINISH);
    return room - stream->avail_out;
}

static rfim_status check_size(rfim_context *context, size_t height, size_t width,
                              rfim__png_colours colours, size_t *bytes)
{
    size_t row = 0;
    bool fits = height <= LARGEST && width <= LARGEST &&
                rfim__size_multiply(width, (size_t)colours, &row) &&
                rfim__size_multiply(row + 1, height, bytes) && *bytes <= LARGEST / 2;
    if (fits && height > 0 && width > 0)
        return RFIM_OK;
    return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                      "a picture of %zu x %zu pixels cannot be a PNG file; it needs at least one "
                      "pixel and at most 1 GiB of them",
                      width, height);
}

rfim_status rfim__png_encode(rfim_context *context, const uint8_t *pixels, size_t height,
                             size_t width, rfim__png_colours colours, uint8_t **png, size_t *size)
{
    static const uint8_t signature[SIGNATURE_SIZE] = {137, 'P', 'N', 'G', 13, 10, 26, 10};
    size_t bytes = 0;
    *png = NULL;
    *size = 0;
    rfim_status status = check_size(context, height, width, colours, &bytes);
    if (status != RFIM_OK)
        return status;
    z_stream stream = rfim__zlib_stream(context);
    if (deflateInit(&stream, Z_BEST_COMPRESSION) != Z_OK)
        return RFIM_ERROR_MEMORY;
    size_t room = deflateBound(&stream, (uLong)bytes);
    uint8_t *file = rfim__allocate(context, SIGNATURE_SIZE + 3 * CHUNK_EXTRA + HEADER_SIZE + room,
                                   1);
    if (!file) {
        status = RFIM_ERROR_MEMORY;
        goto done;
    }
    memcpy(file, signature, SIGNATURE_SIZE);
    uint8_t *at = put_header(file + SIGNATURE_SIZE, height, width, colours);
    size_t used = deflate_rows(&stream, pixels, height, width * (size_t)colours, at + 8, room);
    at = close_chunk(at, "IDAT", used);
    at = close_chunk(at, "IEND", 0);
    *png = file;
    *size = (size_t)(at - file);
done:
    deflateEnd(&stream);
    return status;
}
