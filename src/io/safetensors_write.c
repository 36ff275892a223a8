/* Writing safetensors. The header's keys keep a fixed order, so equal contents are equal bytes. */
#include "core/file.h"
#include "core/size.h"
#include "io/safetensors.h"
#include "io/text.h"

#include <string.h>

#define LENGTH_BYTES 8
#define HEADER_STEP 8 /* the header is padded with blanks, so that the numbers are aligned */

static size_t bytes_of_one(const rfim__tensor *tensor)
{
    return tensor->type == RFIM_FLOAT32 ? 4 : 8;
}

/* Numbers of a tensor to be written, whose unused axes may hold anything. */
static size_t numbers_of(const rfim__tensor *tensor)
{
    size_t numbers = 1;
    for (size_t axis = 0; axis < tensor->rank; axis++)
        numbers *= tensor->shape[axis];
    return numbers;
}

static rfim_status check_tensor(rfim_context *context, const rfim__tensor *tensors, size_t index)
{
    const rfim__tensor *tensor = &tensors[index];
    if (tensor->type != RFIM_FLOAT32 && tensor->type != RFIM_FLOAT64)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "tensor %s must hold float32 or float64 to be saved", tensor->name);
    if (tensor->rank > 2)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "tensor %s has %zu axes; at most 2 can be saved", tensor->name,
                          tensor->rank);
    bool twice = strcmp(tensor->name, "__metadata__") == 0;
    for (size_t other = 0; other < index; other++)
        twice = twice || strcmp(tensor->name, tensors[other].name) == 0;
    if (twice)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "the tensor name %s is taken; every tensor needs its own", tensor->name);
    return RFIM_OK;
}

static void write_metadata(rfim__text *header, const char *const *metadata)
{
    rfim__text_append(header, "\"__metadata__\":{");
    for (size_t item = 0; metadata[item]; item += 2) {
        rfim__text_append(header, item > 0 ? "," : "");
        rfim__text_json_string(header, metadata[item]);
        rfim__text_append(header, ":");
        rfim__text_json_string(header, metadata[item + 1]);
    }
    rfim__text_append(header, "}");
}

/* Appends one tensor's entry; *place moves on by its bytes. */
static void write_entry(rfim__text *header, const rfim__tensor *tensor, size_t *place)
{
    rfim__text_json_string(header, tensor->name);
    rfim__text_format(header, ":{\"dtype\":\"%s\",\"shape\":[",
                      tensor->type == RFIM_FLOAT32 ? "F32" : "F64");
    for (size_t axis = 0; axis < tensor->rank; axis++)
        rfim__text_format(header, "%s%zu", axis > 0 ? "," : "", tensor->shape[axis]);
    const size_t end = *place + numbers_of(tensor) * bytes_of_one(tensor);
    rfim__text_format(header, "],\"data_offsets\":[%zu,%zu]}", *place, end);
    *place = end;
}

static void write_header(rfim__text *header, const rfim__tensor *tensors, size_t count,
                         const char *const *metadata, size_t *bytes)
{
    rfim__text_append(header, "{");
    if (metadata)
        write_metadata(header, metadata);
    *bytes = 0;
    for (size_t index = 0; index < count; index++) {
        rfim__text_append(header, metadata || index > 0 ? "," : "");
        write_entry(header, &tensors[index], bytes);
    }
    rfim__text_append(header, "}");
    while (header->status == RFIM_OK && header->length % HEADER_STEP != 0)
        rfim__text_append(header, " ");
}

/* Numbers as little-endian bytes, whatever this machine's order is. */
static uint8_t *write_numbers(const rfim__tensor *tensor, uint8_t *to)
{
    const size_t numbers = numbers_of(tensor);
    const size_t size = bytes_of_one(tensor);
    const uint8_t *from = tensor->data;
    for (size_t number = 0; number < numbers; number++, from += size) {
        uint64_t bits = 0;
        uint32_t short_bits = 0;
        if (size == sizeof short_bits) {
            memcpy(&short_bits, from, sizeof short_bits);
            bits = short_bits;
        } else {
            memcpy(&bits, from, sizeof bits);
        }
        for (size_t byte = 0; byte < size; byte++, bits >>= 8)
            *to++ = (uint8_t)bits;
    }
    return to;
}

rfim_status rfim__safetensors_encode(rfim_context *context, const rfim__tensor *tensors,
                                     size_t count, const char *const *metadata, uint8_t **data,
                                     size_t *size)
{
    *data = NULL;
    *size = 0;
    rfim_status status = RFIM_OK;
    for (size_t index = 0; index < count && status == RFIM_OK; index++)
        status = check_tensor(context, tensors, index);
    if (status != RFIM_OK)
        return status;
    rfim__text header;
    rfim__text_begin(&header, context);
    size_t bytes = 0; /* of numbers, all in memory already: sums of them cannot wrap */
    write_header(&header, tensors, count, metadata, &bytes);
    status = header.status;
    if (status != RFIM_OK)
        goto done;
    *data = rfim__allocate(context, LENGTH_BYTES + header.length + bytes, 1);
    if (!*data) {
        status = RFIM_ERROR_MEMORY;
        goto done;
    }
    *size = LENGTH_BYTES + header.length + bytes;
    for (size_t byte = 0; byte < LENGTH_BYTES; byte++)
        (*data)[byte] = (uint8_t)((uint64_t)header.length >> 8 * byte);
    memcpy(*data + LENGTH_BYTES, header.data, header.length);
    uint8_t *to = *data + LENGTH_BYTES + header.length;
    for (size_t index = 0; index < count; index++)
        to = write_numbers(&tensors[index], to);
done:
    rfim__text_end(&header);
    return status;
}

rfim_status rfim__safetensors_write(rfim_context *context, const char *path,
                                    const rfim__tensor *tensors, size_t count,
                                    const char *const *metadata)
{
    uint8_t *data = NULL;
    size_t size = 0;
    rfim_status status = rfim__safetensors_encode(context, tensors, count, metadata, &data, &size);
    if (status == RFIM_OK)
        status = rfim__file_write(context, path, data, size);
    rfim__release(context, data);
    return status;
}
