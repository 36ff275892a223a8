/* gather_kernels.c - loops of gather.h. */
#include "data/dataset.h"
#include "data/gather.h"

/* One row of numbers into RFIM_REAL; the sum of 0 x tells whether all are finite. */
static RFIM_REAL convert(const void *data, rfim_type type, size_t count, RFIM_REAL *out)
{
    RFIM_REAL check = 0;
    switch (type) {
    case RFIM_UINT8:
        for (size_t k = 0; k < count; k++)
            out[k] = (RFIM_REAL)((const uint8_t *)data)[k] / 255; /* as rfim_dataset_read_inputs */
        return 0;
    case RFIM_INT32:
        for (size_t k = 0; k < count; k++)
            out[k] = (RFIM_REAL)((const int32_t *)data)[k];
        return 0;
    case RFIM_FLOAT32:
        for (size_t k = 0; k < count; k++)
            out[k] = (RFIM_REAL)((const float *)data)[k];
        break;
    default:
        for (size_t k = 0; k < count; k++)
            out[k] = (RFIM_REAL)((const double *)data)[k];
        break;
    }
#pragma omp simd reduction(+ : check)
    for (size_t k = 0; k < count; k++)
        check += 0 * out[k];
    return check;
}

static bool values_of(rfim_array values, const uint32_t *rows, size_t first, rfim__matrix y)
{
    RFIM_REAL check = 0;
    size_t bytes = values.columns * rfim__type_size(values.type);
    for (size_t i = 0; i < y.rows; i++) {
        size_t sample = rows ? rows[i] : first + i;
        check += convert((const char *)values.data + sample * bytes, values.type, values.columns,
                         (RFIM_REAL *)y.data + i * y.stride);
    }
    return check == 0;
}

static bool inputs_of(rfim_array values, const uint32_t *rows, size_t first, rfim__matrix x)
{
    for (size_t i = 0; i < x.rows; i++)
        ((RFIM_REAL *)x.data)[i * x.stride + values.columns] = 1;
    return values_of(values, rows, first, x);
}

const rfim__gather_kernels RFIM__VARIANT(rfim__gather) = {
    .inputs = inputs_of,
    .values = values_of,
};
