/* safetensors.h - named arrays in a file: 8 bytes with the header's length, a JSON header, then the
 * numbers, little-endian, without gaps. https://github.com/huggingface/safetensors
 *
 * Nothing but the arrays and the metadata goes into the file: equal contents, equal bytes. */
#ifndef RFIM_IO_SAFETENSORS_H
#define RFIM_IO_SAFETENSORS_H

#include "core/context.h"

#include <rfim/array.h>
#include <stdint.h>

typedef struct rfim__tensor {
    const char *name;
    rfim_type type;   /* RFIM_FLOAT32 or RFIM_FLOAT64 */
    size_t rank;      /* 0 ... 2 axes */
    size_t shape[2];  /* of the axes there are; the others are 1 */
    const void *data; /* row-major. In a file that was read: little-endian, perhaps unaligned */
} rfim__tensor;

/* The file's bytes in memory; the caller frees *data by rfim__release. metadata: key, value, key,
 * value, ..., NULL; or NULL for none. Header keys keep the order given, metadata first.
 * RFIM_ERROR_ARGUMENT: another type, rank above 2, or a name used twice. */
rfim_status rfim__safetensors_encode(rfim_context *context, const rfim__tensor *tensors,
                                     size_t count, const char *const *metadata, uint8_t **data,
                                     size_t *size);
/* The same into a file, under a temporary name first, then moved into place. */
rfim_status rfim__safetensors_write(rfim_context *context, const char *path,
                                    const rfim__tensor *tensors, size_t count,
                                    const char *const *metadata);

/* What was found in a file. */
typedef struct rfim__safetensors rfim__safetensors;

/* Reads size bytes at data, which must stay in place while *out is used: tensors point into them.
 * name: how error sentences call the file. Every length, shape and offset is checked; tensors
 * must be F32 or F64, have at most two axes, and cover the file without holes or overlaps.
 * RFIM_ERROR_FORMAT or RFIM_ERROR_MEMORY; then *out is NULL. */
rfim_status rfim__safetensors_parse(rfim_context *context, const char *name, const void *data,
                                    size_t size, rfim__safetensors **out);
void rfim__safetensors_free(rfim__safetensors *file);

/* The value of a metadata key, NULL when there is none. */
const char *rfim__safetensors_metadata(const rfim__safetensors *file, const char *key);
size_t rfim__safetensors_count(const rfim__safetensors *file);
/* index: 0 ... count - 1, in the order of the numbers in the file. */
const rfim__tensor *rfim__safetensors_tensor(const rfim__safetensors *file, size_t index);
/* NULL when there is no tensor of that name. */
const rfim__tensor *rfim__safetensors_find(const rfim__safetensors *file, const char *name);

/* How many numbers a tensor has: the product of its axes. */
size_t rfim__tensor_numbers(const rfim__tensor *tensor);
/* The numbers of a tensor that was read, in either precision, aligned or not. out: as many
 * doubles as rfim__tensor_numbers says. */
void rfim__tensor_read_doubles(const rfim__tensor *tensor, double *out);

#endif
