#include "data/kept_inputs.h"

#include "data/gather.h"

#include <string.h>

/* seen[k] <- not 0 when input k is not 0 in every sample */
static void scan(const rfim_dataset *dataset, uint8_t *restrict seen)
{
    size_t d = dataset->inputs;
    for (size_t i = 0; i < dataset->samples; i++) {
        if (dataset->type == RFIM_UINT8) {
            const uint8_t *restrict row = (const uint8_t *)dataset->values + i * d;
            for (size_t k = 0; k < d; k++)
                seen[k] |= row[k];
        } else if (dataset->type == RFIM_FLOAT32) {
            const float *restrict row = (const float *)dataset->values + i * d;
            for (size_t k = 0; k < d; k++)
                seen[k] |= row[k] != 0;
        } else {
            const double *restrict row = (const double *)dataset->values + i * d;
            for (size_t k = 0; k < d; k++)
                seen[k] |= row[k] != 0;
        }
    }
}

rfim_status rfim__kept_inputs_find(const rfim_dataset *dataset, rfim__kept_inputs *out)
{
    rfim_context *context = dataset->context;
    size_t all = dataset->inputs + 1;
    *out = (rfim__kept_inputs){.context = context, .inputs = dataset->inputs, .order = 1};
    out->kept = rfim__allocate(context, all, sizeof *out->kept);
    uint8_t *seen = rfim__allocate(context, all, 1);
    rfim_status status = RFIM_ERROR_MEMORY;
    if (out->kept && seen) {
        scan(dataset, seen);
        seen[dataset->inputs] = 1;
        size_t left = 0;
        for (size_t k = 0; k < all; k++)
            left += seen[k] != 0;
        if (left == 1) {
            seen[0] = 1;
            left = 2;
        }
        out->order = left;
        out->dropped = out->kept + left;
        left = 0;
        for (size_t k = 0; k < all; k++) {
            if (seen[k])
                out->kept[left++] = (uint32_t)k;
            else
                out->dropped[k - left] = (uint32_t)k;
        }
        status = RFIM_OK;
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

/* Closes the gaps that the dropped columns leave in one sample. item: bytes of a number */
static void close_gaps(const rfim__kept_inputs *inputs, size_t item, char *row)
{
    const uint32_t *kept = inputs->kept;
    for (size_t first = 0; first < inputs->order;) {
        size_t end = first + 1;
        while (end < inputs->order && kept[end] == kept[end - 1] + 1)
            end++;
        if (kept[first] > first)
            memmove(row + first * item, row + kept[first] * item, (end - first) * item);
        first = end;
    }
}

bool rfim__kept_inputs_load(const rfim__kept_inputs *inputs, const rfim__algebra *algebra,
                            const rfim_dataset *dataset, const uint32_t *rows, size_t first,
                            rfim__matrix x)
{
    rfim_array values = {dataset->values, dataset->type, dataset->samples, dataset->inputs};
    if (!rfim__gather_kernels_of(algebra)->inputs(values, rows, first, x))
        return false;
    for (size_t i = 0; i < x.rows && inputs->order <= inputs->inputs; i++)
        close_gaps(inputs, algebra->item, (char *)x.data + i * x.stride * algebra->item);
    return true;
}
