/* Reading safetensors: every number of the header is checked before it is used. */
#include "io/safetensors.h"

#include "core/size.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_BYTES 8

typedef struct stored_tensor {
    rfim__tensor tensor;
    size_t begin, end; /* bytes, from the end of the header */
    size_t number;     /* place in the header */
} stored_tensor;

struct rfim__safetensors {
    rfim_context *context;
    const char *name;
    json_t *header; /* owns the names and the metadata */
    stored_tensor *tensors;
    size_t count;
};

/* One dimension or offset: a whole number from 0 that size_t holds. */
static bool read_size(const json_t *value, size_t *out)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *out = (size_t)json_integer_value(value);
    return true;
}

static rfim_status read_type(rfim__safetensors *file, const char *name, const json_t *entry,
                             rfim__tensor *tensor)
{
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    if (!type)
        return rfim__fail(file->context, RFIM_ERROR_FORMAT, "%s: tensor %.80s has no dtype",
                          file->name, name);
    if (strcmp(type, "F32") != 0 && strcmp(type, "F64") != 0)
        return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                          "%s: tensor %.80s holds numbers of type %.20s; F32 and F64 can be read: "
                          "convert it",
                          file->name, name, type);
    tensor->type = strcmp(type, "F32") == 0 ? RFIM_FLOAT32 : RFIM_FLOAT64;
    return RFIM_OK;
}

static rfim_status read_shape(rfim__safetensors *file, const char *name, const json_t *entry,
                              rfim__tensor *tensor)
{
    const json_t *shape = json_object_get(entry, "shape");
    if (!json_is_array(shape))
        return rfim__fail(file->context, RFIM_ERROR_FORMAT, "%s: tensor %.80s has no shape",
                          file->name, name);
    tensor->rank = json_array_size(shape);
    if (tensor->rank > 2)
        return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                          "%s: tensor %.80s has %zu axes; at most 2 can be read", file->name, name,
                          tensor->rank);
    tensor->shape[0] = tensor->shape[1] = 1;
    for (size_t axis = 0; axis < tensor->rank; axis++)
        if (!read_size(json_array_get(shape, axis), &tensor->shape[axis]))
            return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                              "%s: tensor %.80s has a shape that is not made of whole numbers from "
                              "0",
                              file->name, name);
    return RFIM_OK;
}

/* Where the numbers lie, which must agree with shape and type. room: bytes after the header. */
static rfim_status read_place(rfim__safetensors *file, const char *name, const json_t *entry,
                              size_t room, stored_tensor *stored)
{
    const json_t *offsets = json_object_get(entry, "data_offsets");
    const rfim__tensor *tensor = &stored->tensor;
    if (json_array_size(offsets) != 2 || !read_size(json_array_get(offsets, 0), &stored->begin) ||
        !read_size(json_array_get(offsets, 1), &stored->end) || stored->begin > stored->end)
        return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                          "%s: tensor %.80s needs data_offsets [begin, end]", file->name, name);
    if (stored->end > room)
        return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                          "%s: tensor %.80s ends at byte %zu of the data, but the file has only "
                          "%zu: it is truncated or damaged",
                          file->name, name, stored->end, room);
    size_t bytes = tensor->type == RFIM_FLOAT32 ? 4 : 8;
    if (!rfim__size_multiply(tensor->shape[0], bytes, &bytes) ||
        !rfim__size_multiply(tensor->shape[1], bytes, &bytes) ||
        bytes != stored->end - stored->begin)
        return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                          "%s: tensor %.80s of shape %zu x %zu does not fit its %zu bytes",
                          file->name, name, tensor->shape[0], tensor->shape[1],
                          stored->end - stored->begin);
    return RFIM_OK;
}

static rfim_status read_tensor(rfim__safetensors *file, const char *name, const json_t *entry,
                               const uint8_t *numbers, size_t room)
{
    stored_tensor *stored = &file->tensors[file->count];
    stored->tensor.name = name;
    stored->number = file->count;
    if (!json_is_object(entry))
        return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                          "%s: the header has no dtype, shape and data_offsets for %.80s",
                          file->name, name);
    rfim_status status = read_type(file, name, entry, &stored->tensor);
    if (status == RFIM_OK)
        status = read_shape(file, name, entry, &stored->tensor);
    if (status == RFIM_OK)
        status = read_place(file, name, entry, room, stored);
    if (status != RFIM_OK)
        return status;
    stored->tensor.data = numbers + stored->begin;
    file->count++;
    return RFIM_OK;
}

static rfim_status check_metadata(rfim__safetensors *file)
{
    json_t *metadata = json_object_get(file->header, "__metadata__");
    if (metadata && !json_is_object(metadata))
        return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                          "%s: __metadata__ must be an object of strings", file->name);
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(metadata, key, value)
        if (!json_is_string(value))
            return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                              "%s: __metadata__ must hold strings only, but %.80s is none",
                              file->name, key);
    return RFIM_OK;
}

static int by_place(const void *a, const void *b)
{
    const stored_tensor *left = a;
    const stored_tensor *right = b;
    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    if (left->end != right->end)
        return left->end < right->end ? -1 : 1;
    return left->number < right->number ? -1 : 1;
}

/* Sorts the tensors; they must follow one another from the first byte to the last. */
static rfim_status check_places(rfim__safetensors *file, size_t room)
{
    qsort(file->tensors, file->count, sizeof *file->tensors, by_place);
    size_t place = 0;
    for (size_t index = 0; index < file->count; index++) {
        const stored_tensor *stored = &file->tensors[index];
        if (stored->begin != place)
            return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                              "%s: tensor %.80s begins at byte %zu of the data, expected %zu: "
                              "tensors must neither overlap nor leave holes",
                              file->name, stored->tensor.name, stored->begin, place);
        place = stored->end;
    }
    if (place != room)
        return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                          "%s: %zu bytes of numbers are described, but the file has %zu",
                          file->name, place, room);
    return RFIM_OK;
}

static rfim_status read_header(rfim__safetensors *file, const uint8_t *data, size_t size)
{
    uint64_t length = 0;
    if (size >= LENGTH_BYTES)
        for (size_t byte = LENGTH_BYTES; byte-- > 0;)
            length = length << 8 | data[byte];
    if (size < LENGTH_BYTES || length < 2 || length > size - LENGTH_BYTES)
        return rfim__fail(
            file->context, RFIM_ERROR_FORMAT,
            "%s is no safetensors file, or a truncated one: a header of %llu bytes does not fit a "
            "file of %zu bytes",
            file->name, (unsigned long long)length, size);
    const uint8_t *const header = data + LENGTH_BYTES;
    json_error_t error = {.text = "it does not begin with {"};
    if (*header == '{')
        file->header = json_loadb((const char *)header, (size_t)length, JSON_REJECT_DUPLICATES,
                                  &error);
    if (!file->header)
        return rfim__fail(file->context, RFIM_ERROR_FORMAT,
                          "%s is no safetensors file: its header is no JSON object: %s", file->name,
                          error.text);
    file->tensors = rfim__allocate(file->context, json_object_size(file->header),
                                   sizeof *file->tensors);
    if (!file->tensors)
        return RFIM_ERROR_MEMORY;
    rfim_status status = check_metadata(file);
    const size_t room = size - LENGTH_BYTES - (size_t)length;
    const char *name = NULL;
    json_t *entry = NULL;
    json_object_foreach(file->header, name, entry)
        if (status == RFIM_OK && strcmp(name, "__metadata__") != 0)
            status = read_tensor(file, name, entry, header + length, room);
    return status == RFIM_OK ? check_places(file, room) : status;
}

rfim_status rfim__safetensors_parse(rfim_context *context, const char *name, const void *data,
                                    size_t size, rfim__safetensors **out)
{
    *out = NULL;
    rfim__safetensors *file = rfim__allocate(context, 1, sizeof *file);
    if (!file)
        return RFIM_ERROR_MEMORY;
    file->context = context;
    file->name = name;
    rfim_status status = read_header(file, data, size);
    file->name = NULL; /* the caller's */
    if (status != RFIM_OK)
        rfim__safetensors_free(file);
    else
        *out = file;
    return status;
}

void rfim__safetensors_free(rfim__safetensors *file)
{
    if (!file)
        return;
    json_decref(file->header);
    rfim__release(file->context, file->tensors);
    rfim__release(file->context, file);
}

const char *rfim__safetensors_metadata(const rfim__safetensors *file, const char *key)
{
    return json_string_value(json_object_get(json_object_get(file->header, "__metadata__"), key));
}

size_t rfim__safetensors_count(const rfim__safetensors *file)
{
    return file->count;
}

const rfim__tensor *rfim__safetensors_tensor(const rfim__safetensors *file, size_t index)
{
    return &file->tensors[index].tensor;
}

const rfim__tensor *rfim__safetensors_find(const rfim__safetensors *file, const char *name)
{
    for (size_t index = 0; index < file->count; index++)
        if (strcmp(file->tensors[index].tensor.name, name) == 0)
            return &file->tensors[index].tensor;
    return NULL;
}

size_t rfim__tensor_numbers(const rfim__tensor *tensor)
{
    return tensor->shape[0] * tensor->shape[1];
}

/* size bytes, the lowest first. */
static uint64_t little_endian(const uint8_t *bytes, size_t size)
{
    uint64_t bits = 0;
    for (size_t byte = size; byte-- > 0;)
        bits = bits << 8 | bytes[byte];
    return bits;
}

void rfim__tensor_read_doubles(const rfim__tensor *tensor, double *out)
{
    const uint8_t *bytes = tensor->data;
    const size_t numbers = rfim__tensor_numbers(tensor);
    for (size_t number = 0; number < numbers; number++) {
        if (tensor->type == RFIM_FLOAT32) {
            uint32_t bits = (uint32_t)little_endian(bytes + 4 * number, 4);
            float value;
            memcpy(&value, &bits, sizeof value);
            out[number] = (double)value;
        } else {
            uint64_t bits = little_endian(bytes + 8 * number, 8);
            memcpy(&out[number], &bits, sizeof bits);
        }
    }
}
