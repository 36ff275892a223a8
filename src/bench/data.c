/* data.c - what programs are trained on: so many samples that a batch comes from memory, and that
 * the refreshes, which are counted from the beginning of an epoch, fall into even periods. */
#include "bench/net.h"
#include "core/size.h"
#include "data/dataset.h"

#include <stdio.h>
#include <string.h>

static size_t wanted_samples(size_t batch, size_t period)
{
    size_t unit = 0;
    if (!rfim__size_multiply(batch, period, &unit) || unit > RFIM__BENCH_MOST_SAMPLES)
        unit = batch;
    return (RFIM__BENCH_SAMPLES + unit - 1) / unit * unit;
}

/* As many of the first samples, `most` of them, as make whole periods, or at least whole batches.
 */
static rfim_status cut(rfim_dataset **dataset, size_t most, size_t batch, size_t period)
{
    rfim_dataset *whole = *dataset;
    size_t unit = 0;
    size_t count = rfim__size_min(whole->samples, most);
    if (!rfim__size_multiply(batch, period, &unit) || unit > count)
        unit = batch;
    count = count / unit * unit;
    if (count == 0 || count == whole->samples)
        return RFIM_OK;
    uint32_t *rows = rfim__allocate(whole->context, count, sizeof *rows);
    if (!rows)
        return RFIM_ERROR_MEMORY;
    for (size_t i = 0; i < count; i++)
        rows[i] = (uint32_t)i;
    rfim_status status = rfim__dataset_select(whole, rows, count, dataset);
    rfim__release(whole->context, rows);
    if (status == RFIM_OK)
        rfim_dataset_free(whole);
    else
        *dataset = whole;
    return status;
}

rfim_status rfim__bench_trim(const rfim_dataset *dataset, const rfim__kept_inputs *kept,
                             rfim_dataset **out)
{
    size_t item = rfim__type_size(dataset->type);
    size_t inputs = kept->order - 1;
    *out = NULL;
    if (inputs == dataset->inputs || inputs == 0)
        return RFIM_OK;
    rfim_status status = rfim__dataset_create(dataset->context, dataset->samples, inputs,
                                              dataset->type, dataset->target_kind, dataset->targets,
                                              out);
    if (status != RFIM_OK)
        return status;
    for (size_t i = 0; i < dataset->samples; i++) {
        const char *from = (const char *)dataset->values + i * dataset->inputs * item;
        char *to = (char *)(*out)->values + i * inputs * item;
        for (size_t k = 0; k < inputs; k++)
            memcpy(to + k * item, from + kept->kept[k] * item, item);
    }
    if (dataset->labels)
        memcpy((*out)->labels, dataset->labels, dataset->samples * sizeof *dataset->labels);
    if (dataset->target_values)
        memcpy((*out)->target_values, dataset->target_values,
               dataset->samples * dataset->targets * sizeof *dataset->target_values);
    return RFIM_OK;
}

rfim_status rfim__bench_data_open(rfim_context *context, const rfim_data_options *options,
                                  size_t batch, size_t period, rfim__bench_data *out)
{
    rfim_data_options own = *options;
    size_t most = own.train_samples > 0 ? own.train_samples : wanted_samples(batch, period);
    memset(out, 0, sizeof *out);
    out->context = context;
    if (strcmp(own.where, "digits") == 0)
        snprintf(own.where, sizeof own.where, "digits:%zu/10/10", most);
    rfim_status status = rfim_splits_open(context, &own, &out->splits);
    if (status != RFIM_OK)
        return status;
    rfim_dataset_free(out->splits.valid);
    rfim_dataset_free(out->splits.test);
    out->splits.valid = NULL;
    out->splits.test = NULL;
    if (out->splits.train->samples < batch)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "bench: a batch of %zu samples is more than the %zu training samples",
                          batch, out->splits.train->samples);
    status = cut(&out->splits.train, most, batch, period);
    if (status == RFIM_OK)
        status = rfim__kept_inputs_find(out->splits.train, &out->inputs);
    if (status == RFIM_OK)
        status = rfim__bench_trim(out->splits.train, &out->inputs, &out->trimmed);
    return status;
}

void rfim__bench_data_free(rfim__bench_data *data)
{
    rfim_dataset_free(data->trimmed);
    rfim__kept_inputs_free(&data->inputs);
    rfim_splits_free(&data->splits);
}
