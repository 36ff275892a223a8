#include "io/zlib_memory.h"

static voidpf take(voidpf context, uInt items, uInt size)
{
    return rfim__allocate(context, items, size);
}

static void give_back(voidpf context, voidpf memory)
{
    rfim__release(context, memory);
}

z_stream rfim__zlib_stream(rfim_context *context)
{
    z_stream stream = {.zalloc = take, .zfree = give_back, .opaque = context};
    return stream;
}
