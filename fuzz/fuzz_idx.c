/* Any bytes whatever as an IDX file. The second half of the inputs is packed by gzip first, so
 * that mutations reach the header inside; the others may begin like gzip by themselves. */
#include "io/idx.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads every value, so that a view beyond the data is seen. */
static void parse(rfim_context *context, const uint8_t *data, size_t size)
{
    rfim__idx idx;
    if (rfim__idx_parse(context, "fuzz", data, size, &idx) != RFIM_OK)
        return;
    volatile uint8_t sum = 0;
    for (size_t index = 0; index < idx.count; index++)
        sum = (uint8_t)(sum + idx.values[index]);
    rfim__idx_free(context, &idx);
}

static void parse_packed(rfim_context *context, const uint8_t *data, size_t size)
{
    z_stream stream = {.next_in = (z_const Bytef *)data, .avail_in = (uInt)size};
    if (deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return;
    size_t room = deflateBound(&stream, (uLong)size);
    uint8_t *packed = malloc(room);
    stream.next_out = packed;
    stream.avail_out = (uInt)room;
    if (packed && deflate(&stream, Z_FINISH) == Z_STREAM_END)
        parse(context, packed, stream.total_out);
    deflateEnd(&stream);
    free(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rfim_context *context = NULL;
    if (size == 0 || rfim_context_create(NULL, &context) != RFIM_OK)
        return 0;
    if (data[0] & 1)
        parse_packed(context, data + 1, size - 1);
    else
        parse(context, data + 1, size - 1);
    rfim_context_free(context);
    return 0;
}
