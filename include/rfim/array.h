/* array.h - how arrays cross the API: a pointer, a type tag and a shape. Row-major, borrowed. */
#ifndef RFIM_ARRAY_H
#define RFIM_ARRAY_H

#include <stddef.h>
#include <stdint.h>

/* Arithmetic of a network, fixed when it is created. */
typedef enum rfim_precision { RFIM_SINGLE, RFIM_DOUBLE } rfim_precision;

typedef enum rfim_type { RFIM_UINT8, RFIM_INT32, RFIM_FLOAT32, RFIM_FLOAT64 } rfim_type;

/* rows x columns numbers, row after row without gaps. The caller owns the memory. */
typedef struct rfim_array {
    const void *data;
    rfim_type type;
    size_t rows;
    size_t columns;
} rfim_array;

static inline rfim_array rfim_floats(const float *data, size_t rows, size_t columns)
{
    rfim_array array = {data, RFIM_FLOAT32, rows, columns};
    return array;
}

static inline rfim_array rfim_doubles(const double *data, size_t rows, size_t columns)
{
    rfim_array array = {data, RFIM_FLOAT64, rows, columns};
    return array;
}

/* Bytes stand for grey values: 0 ... 255 is read as 0 ... 1. */
static inline rfim_array rfim_bytes(const uint8_t *data, size_t rows, size_t columns)
{
    rfim_array array = {data, RFIM_UINT8, rows, columns};
    return array;
}

/* Class numbers, 0 ... classes-1. */
static inline rfim_array rfim_labels(const int32_t *data, size_t rows)
{
    rfim_array array = {data, RFIM_INT32, rows, 1};
    return array;
}

/* For data sets without targets (an auto-encoder's target is its input). */
static inline rfim_array rfim_no_targets(void)
{
    rfim_array array = {NULL, RFIM_INT32, 0, 0};
    return array;
}

#endif
