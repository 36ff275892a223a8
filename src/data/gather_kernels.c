/* gather_kernels.c - loops of gather.h. */
#include "data/dataset.h"
#include "data/gather.h"

/* x/255 rounded to nearest, as rfim_dataset_read_inputs divides: 1/255 in two parts, the first so
 * short that its product with a byte is exact. The binary digits of x/255 repeat after eight, so it
 * is never so near to the middle between two numbers that the rounding of the small part matters
 * (tests/data/test_grey_values.c tries all 256). */
#ifdef RFIM_REAL_IS_f64
#define INVERSE_LONG 0x1.0101010101p-8
#define INVERSE_REST 0x1.01010101010101p-56
#else
#define INVERSE_LONG 0x1.0101p-8f
#define INVERSE_REST 0x1.010102p-32f
#endif

static void convert_bytes(const uint8_t *restrict data, size_t count, RFIM_REAL *restrict out)
{
    for (size_t k = 0; k < count; k++) {
        RFIM_REAL x = (RFIM_REAL)(int32_t)data[k]; /* vectors have the conversion from int32 */
        out[k] = x * INVERSE_LONG + x * INVERSE_REST;
    }
}

/* One row of numbers into RFIM_REAL; the sum of 0 x tells whether all are finite. */
#define CONVERT(type)                                                                              \
    do {                                                                                           \
        const type *restrict in = data;                                                            \
        _Pragma("omp simd reduction(+ : check)") for (size_t k = 0; k < count; k++)                \
        {                                                                                          \
            out[k] = (RFIM_REAL)in[k];                                                             \
            check += 0 * out[k];                                                                   \
        }                                                                                          \
    } while (0)

static RFIM_REAL convert(const void *data, rfim_type type, size_t count, RFIM_REAL *restrict out)
{
    RFIM_REAL check = 0;
    switch (type) {
    case RFIM_UINT8:
        convert_bytes(data, count, out);
        break;
    case RFIM_INT32:
        CONVERT(int32_t);
        break;
    case RFIM_FLOAT32:
        CONVERT(float);
        break;
    default:
        CONVERT(double);
        break;
    }
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

#define PIECE 256 /* numbers that are picked before they are converted */
#define PICK(type)                                                                                 \
    for (size_t k = 0; k < count; k++)                                                             \
    ((type *)out)[k] = ((const type *)row)[columns[k]]

static void pick(const void *restrict row, rfim_type type, const uint32_t *restrict columns,
                 size_t count, void *restrict out)
{
    switch (type) {
    case RFIM_UINT8:
        PICK(uint8_t);
        break;
    case RFIM_INT32:
        PICK(int32_t);
        break;
    case RFIM_FLOAT32:
        PICK(float);
        break;
    default:
        PICK(double);
        break;
    }
}

static bool picked_of(rfim_array values, const uint32_t *rows, size_t first,
                      const uint32_t *columns, rfim__matrix x)
{
    RFIM_REAL check = 0;
    union {
        uint8_t bytes[PIECE];
        int32_t integers[PIECE];
        float floats[PIECE];
        double doubles[PIECE];
    } piece = {.doubles = {0}};
    size_t bytes = values.columns * rfim__type_size(values.type);
    size_t last = x.columns - 1;
    for (size_t i = 0; i < x.rows; i++) {
        size_t sample = rows ? rows[i] : first + i;
        const char *row = (const char *)values.data + sample * bytes;
        RFIM_REAL *out = (RFIM_REAL *)x.data + i * x.stride;
        for (size_t k = 0; k < last; k += PIECE) {
            size_t count = last - k < PIECE ? last - k : PIECE;
            pick(row, values.type, columns + k, count, &piece);
            check += convert(&piece, values.type, count, out + k);
        }
        out[last] = 1;
    }
    return check == 0;
}

const rfim__gather_kernels RFIM__VARIANT(rfim__gather) = {
    .inputs = inputs_of,
    .picked = picked_of,
    .values = values_of,
};
