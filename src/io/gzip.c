#include "io/gzip.h"

#include "core/size.h"
#include "io/zlib_memory.h"

#include <limits.h>

bool rfim__gzip_recognise(const uint8_t *data, size_t size)
{
    return size >= 2 && data[0] == 0x1f && data[1] == 0x8b;
}

/* Where the stream stands; zlib counts in unsigned int, files in size_t. */
typedef struct reader {
    rfim_context *context;
    const char *name;
    const uint8_t *data; /* what zlib has not been given yet */
    size_t left;
    uint8_t *out; /* what zlib has not been given yet */
    size_t room;
    uint8_t beyond; /* takes the byte after the last one wanted */
    bool probing;   /* zlib has been given `beyond` */
    z_stream stream;
} reader;

static void feed(reader *it)
{
    z_stream *stream = &it->stream;
    if (stream->avail_in == 0) {
        size_t piece = rfim__size_min(it->left, UINT_MAX);
        stream->next_in = (z_const Bytef *)it->data;
        stream->avail_in = (uInt)piece;
        it->data += piece;
        it->left -= piece;
    }
    if (stream->avail_out == 0 && it->room > 0) {
        size_t piece = rfim__size_min(it->room, UINT_MAX);
        stream->next_out = it->out;
        stream->avail_out = (uInt)piece;
        it->out += piece;
        it->room -= piece;
    } else if (stream->avail_out == 0) {
        stream->next_out = &it->beyond;
        stream->avail_out = 1;
        it->probing = true;
    }
}

/* A member has ended: true when another follows, which gzip files may have. */
static bool next_member(reader *it)
{
    size_t rest = it->stream.avail_in + it->left;
    const uint8_t *next = it->stream.avail_in > 0 ? it->stream.next_in : it->data;
    return rfim__gzip_recognise(next, rest) && inflateReset(&it->stream) == Z_OK;
}

static rfim_status inflate_all(reader *it, bool *more)
{
    for (;;) {
        feed(it);
        int code = inflate(&it->stream, Z_NO_FLUSH);
        *more = it->probing && it->stream.avail_out == 0;
        if (*more)
            return RFIM_OK;
        if (code == Z_STREAM_END) {
            if (it->stream.avail_in + it->left == 0)
                return RFIM_OK;
            if (!next_member(it))
                return rfim__fail(it->context, RFIM_ERROR_FORMAT,
                                  "%s: %zu bytes follow the end of its gzip data; make the file "
                                  "again",
                                  it->name, it->stream.avail_in + it->left);
        } else if (code == Z_MEM_ERROR) {
            return rfim__fail(it->context, RFIM_ERROR_MEMORY, "%s: no memory to inflate it",
                              it->name);
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return rfim__fail(it->context, RFIM_ERROR_FORMAT,
                              "%s: its gzip data are damaged (%s); fetch or make the file again",
                              it->name, it->stream.msg ? it->stream.msg : zError(code));
        } else if (it->stream.avail_in + it->left == 0 && it->stream.avail_out > 0) {
            return rfim__fail(it->context, RFIM_ERROR_FORMAT,
                              "%s: its gzip data are cut short; fetch or make the file again",
                              it->name);
        }
    }
}

rfim_status rfim__gzip_inflate(rfim_context *context, const char *name, const uint8_t *data,
                               size_t size, uint8_t *out, size_t room, size_t *written, bool *more)
{
    *written = 0;
    *more = false;
    reader it = {.context = context,
                 .name = name,
                 .data = data,
                 .left = size,
                 .out = out,
                 .room = room,
                 .stream = rfim__zlib_stream(context)};
    if (inflateInit2(&it.stream, 16 + MAX_WBITS) != Z_OK) /* 16: a gzip header, no other */
        return rfim__fail(context, RFIM_ERROR_MEMORY, "%s: no memory to inflate it", name);
    rfim_status status = inflate_all(&it, more);
    if (status == RFIM_OK)
        *written = it.probing ? room : room - it.room - it.stream.avail_out;
    inflateEnd(&it.stream);
    return status;
}
