#include "data/kept_inputs.h"

#include "core/size.h"
#include "data/gather.h"

#include <stdlib.h>

#define COUNTED 4096 /* samples at most, evenly spread, that uses are counted over */

/* `body` with `row`, the numbers of a sample as they are in the data set. */
#define WITH_ROW(dataset, sample, body)                                                            \
    do {                                                                                           \
        size_t at = (sample) * (dataset)->inputs;                                                  \
        if ((dataset)->type == RFIM_UINT8) {                                                       \
            const uint8_t *restrict row = (const uint8_t *)(dataset)->values + at;                 \
            body;                                                                                  \
        } else if ((dataset)->type == RFIM_FLOAT32) {                                              \
            const float *restrict row = (const float *)(dataset)->values + at;                     \
            body;                                                                                  \
        } else {                                                                                   \
            const double *restrict row = (const double *)(dataset)->values + at;                   \
            body;                                                                                  \
        }                                                                                          \
    } while (0)

/* seen[k] <- not 0 when input k is not 0 in every sample */
static void scan(const rfim_dataset *dataset, uint8_t *restrict seen)
{
    size_t d = dataset->inputs;
    for (size_t i = 0; i < dataset->samples; i++)
        WITH_ROW(dataset, i, for (size_t k = 0; k < d; k++) seen[k] |= row[k] != 0);
}

/* An input that is kept, and in how many samples of those looked at it is not 0. */
typedef struct use {
    uint32_t count, input;
} use;

static void count_uses(const rfim_dataset *dataset, size_t count, use *restrict uses)
{
    size_t stride = rfim__size_max((dataset->samples + COUNTED - 1) / COUNTED, 1);
    for (size_t i = 0; i < dataset->samples; i += stride)
        WITH_ROW(dataset, i,
                 for (size_t k = 0; k < count; k++) uses[k].count += row[uses[k].input] != 0);
}

static int compare(const void *a, const void *b)
{
    const use *x = a;
    const use *y = b;
    if (x->count != y->count)
        return x->count < y->count ? -1 : 1;
    return x->input < y->input ? -1 : x->input > y->input;
}

/* kept <- the same, without the one, by use */
static rfim_status sort(const rfim_dataset *dataset, rfim__kept_inputs *inputs)
{
    size_t count = inputs->order - 1;
    use *uses = rfim__allocate(inputs->context, count, sizeof *uses);
    if (!uses)
        return RFIM_ERROR_MEMORY;
    for (size_t k = 0; k < count; k++)
        uses[k].input = inputs->kept[k];
    count_uses(dataset, count, uses);
    qsort(uses, count, sizeof *uses, compare);
    inputs->in_order = true;
    for (size_t k = 0; k < count; k++) {
        inputs->in_order = inputs->in_order && inputs->kept[k] == uses[k].input;
        inputs->kept[k] = uses[k].input;
    }
    rfim__release(inputs->context, uses);
    return RFIM_OK;
}

/* seen: of all D columns of x~ */
static void divide(const uint8_t *seen, rfim__kept_inputs *out)
{
    size_t all = out->inputs + 1;
    size_t left = 0;
    for (size_t k = 0; k < all; k++)
        left += seen[k] != 0;
    out->order = left;
    out->dropped = out->kept + left;
    left = 0;
    for (size_t k = 0; k < all; k++) {
        if (seen[k])
            out->kept[left++] = (uint32_t)k;
        else
            out->dropped[k - left] = (uint32_t)k;
    }
}

static void count_numbers(const rfim_dataset *dataset, rfim__kept_inputs *inputs)
{
    for (size_t i = 0; i < dataset->samples; i++) {
        size_t first = rfim__kept_inputs_first(inputs, dataset, i);
        double left = (double)(inputs->order - first);
        inputs->numbers += rfim__stride(inputs->order) - first;
        inputs->squares += left * left;
    }
}

rfim_status rfim__kept_inputs_find(const rfim_dataset *dataset, rfim__kept_inputs *out)
{
    rfim_context *context = dataset->context;
    size_t d = dataset->inputs;
    *out = (rfim__kept_inputs){.context = context, .inputs = d, .order = 1};
    out->kept = rfim__allocate(context, d + 1, sizeof *out->kept);
    uint8_t *seen = rfim__allocate(context, d + 1, 1);
    rfim_status status = RFIM_ERROR_MEMORY;
    if (out->kept && seen) {
        bool some = false;
        scan(dataset, seen);
        for (size_t k = 0; k < d; k++)
            some = some || seen[k] != 0;
        seen[0] |= !some;
        seen[d] = 1;
        divide(seen, out);
        status = sort(dataset, out);
        if (status == RFIM_OK)
            count_numbers(dataset, out);
    }
    rfim__release(context, seen);
    return status;
}

void rfim__kept_inputs_free(rfim__kept_inputs *inputs)
{
    if (inputs->kept)
        rfim__release(inputs->context, inputs->kept);
    *inputs = (rfim__kept_inputs){0};
}

size_t rfim__kept_inputs_first(const rfim__kept_inputs *inputs, const rfim_dataset *dataset,
                               size_t sample)
{
    const uint32_t *kept = inputs->kept;
    size_t last = inputs->order - 1;
    size_t k = 0;
    WITH_ROW(dataset, sample, while (k < last && row[kept[k]] == 0) k++);
    return k / RFIM__KEPT_UNIT * RFIM__KEPT_UNIT;
}

bool rfim__kept_inputs_load(const rfim__kept_inputs *inputs, const rfim__algebra *algebra,
                            const rfim_dataset *dataset, const uint32_t *rows, size_t first,
                            rfim__matrix x)
{
    rfim_array values = {dataset->values, dataset->type, dataset->samples, dataset->inputs};
    const rfim__gather_kernels *kernels = rfim__gather_kernels_of(algebra);
    if (inputs->in_order && inputs->order > inputs->inputs)
        return kernels->inputs(values, rows, first, x);
    x.columns = inputs->order;
    return kernels->picked(values, rows, first, inputs->kept, x);
}
