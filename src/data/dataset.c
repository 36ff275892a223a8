#include "data/dataset.h"

#include "core/size.h"

#include <assert.h>
#include <string.h>

size_t rfim__type_size(rfim_type type)
{
    switch (type) {
    case RFIM_UINT8:
        return 1;
    case RFIM_FLOAT64:
        return 8;
    case RFIM_INT32:
    case RFIM_FLOAT32:
        return 4;
    }
    return 0;
}

static rfim_status allocate_targets(rfim_dataset *dataset)
{
    if (dataset->target_kind == RFIM_TARGET_LABELS) {
        dataset->labels = rfim__allocate(dataset->context, dataset->samples,
                                         sizeof *dataset->labels);
        return dataset->labels ? RFIM_OK : RFIM_ERROR_MEMORY;
    }
    if (dataset->target_kind == RFIM_TARGET_VALUES) {
        size_t row = 0;
        if (!rfim__size_multiply(dataset->targets, sizeof *dataset->target_values, &row))
            row = SIZE_MAX; /* the allocation below says that this is too much */
        dataset->target_values = rfim__allocate(dataset->context, dataset->samples, row);
        return dataset->target_values ? RFIM_OK : RFIM_ERROR_MEMORY;
    }
    return RFIM_OK;
}

rfim_status rfim__dataset_create(rfim_context *context, size_t samples, size_t inputs,
                                 rfim_type type, rfim_target_kind kind, size_t targets,
                                 rfim_dataset **out)
{
    *out = NULL;
    rfim_dataset *dataset = rfim__allocate(context, 1, sizeof *dataset);
    if (!dataset)
        return RFIM_ERROR_MEMORY;
    dataset->context = context;
    dataset->samples = samples;
    dataset->inputs = inputs;
    dataset->type = type;
    dataset->target_kind = kind;
    dataset->targets = targets;
    size_t row = 0;
    if (!rfim__size_multiply(inputs, rfim__type_size(type), &row))
        row = SIZE_MAX;
    dataset->values = rfim__allocate(context, samples, row);
    if (!dataset->values || allocate_targets(dataset) != RFIM_OK) {
        rfim_dataset_free(dataset);
        return RFIM_ERROR_MEMORY;
    }
    *out = dataset;
    return RFIM_OK;
}

void rfim_dataset_free(rfim_dataset *dataset)
{
    if (!dataset)
        return;
    rfim__release(dataset->context, dataset->values);
    rfim__release(dataset->context, dataset->labels);
    rfim__release(dataset->context, dataset->target_values);
    rfim__release(dataset->context, dataset->mean);
    rfim__release(dataset->context, dataset);
}

rfim_status rfim__dataset_keep_moments(rfim_dataset *dataset, const double *mean,
                                       const double *deviation)
{
    size_t d = dataset->inputs;
    dataset->mean = rfim__allocate(dataset->context, d, 2 * sizeof *dataset->mean);
    if (!dataset->mean)
        return RFIM_ERROR_MEMORY;
    dataset->deviation = dataset->mean + d;
    memcpy(dataset->mean, mean, d * sizeof *mean);
    memcpy(dataset->deviation, deviation, d * sizeof *deviation);
    return RFIM_OK;
}

/* Copies row `from` of source to row `to` of target; both have the same kind of rows. */
static void copy_row(const rfim_dataset *source, size_t from, rfim_dataset *target, size_t to)
{
    size_t bytes = source->inputs * rfim__type_size(source->type);
    memcpy((uint8_t *)target->values + to * bytes, (const uint8_t *)source->values + from * bytes,
           bytes);
    if (source->labels)
        target->labels[to] = source->labels[from];
    if (source->target_values)
        memcpy(target->target_values + to * target->targets,
               source->target_values + from * source->targets,
               source->targets * sizeof *source->target_values);
}

/* Room for `samples` rows of the same kind as model's. */
static rfim_status create_like(const rfim_dataset *model, size_t samples, rfim_dataset **out)
{
    rfim_status status = rfim__dataset_create(model->context, samples, model->inputs, model->type,
                                              model->target_kind, model->targets, out);
    if (status != RFIM_OK)
        return status;
    (*out)->image_height = model->image_height;
    (*out)->image_width = model->image_width;
    if (model->mean)
        status = rfim__dataset_keep_moments(*out, model->mean, model->deviation);
    if (status != RFIM_OK) {
        rfim_dataset_free(*out);
        *out = NULL;
    }
    return status;
}

rfim_status rfim__dataset_select(const rfim_dataset *dataset, const uint32_t *rows, size_t count,
                                 rfim_dataset **out)
{
    rfim_status status = create_like(dataset, count, out);
    if (status != RFIM_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        copy_row(dataset, rows[i], *out, i);
    return RFIM_OK;
}

rfim_status rfim__dataset_join(const rfim_dataset *const *parts, size_t count, rfim_dataset **out)
{
    size_t samples = 0;
    *out = NULL;
    for (size_t part = 0; part < count; part++) {
        assert(parts[part]->inputs == parts[0]->inputs);
        assert(parts[part]->targets == parts[0]->targets);
        samples += parts[part]->samples;
    }
    if (samples > UINT32_MAX)
        return rfim__fail(parts[0]->context, RFIM_ERROR_ARGUMENT,
                          "%zu samples are too many: at most %u can be numbered", samples,
                          UINT32_MAX);
    rfim_status status = create_like(parts[0], samples, out);
    if (status != RFIM_OK)
        return status;
    size_t to = 0;
    for (size_t part = 0; part < count; part++)
        for (size_t i = 0; i < parts[part]->samples; i++)
            copy_row(parts[part], i, *out, to++);
    return RFIM_OK;
}

size_t rfim_dataset_samples(const rfim_dataset *dataset)
{
    return dataset->samples;
}

size_t rfim_dataset_inputs(const rfim_dataset *dataset)
{
    return dataset->inputs;
}

rfim_target_kind rfim_dataset_target_kind(const rfim_dataset *dataset)
{
    return dataset->target_kind;
}

size_t rfim_dataset_targets(const rfim_dataset *dataset)
{
    return dataset->targets;
}

void rfim_dataset_image_shape(const rfim_dataset *dataset, size_t *height, size_t *width)
{
    *height = dataset->image_height;
    *width = dataset->image_width;
}

static rfim_status check_sample(const rfim_dataset *dataset, size_t sample)
{
    if (sample < dataset->samples)
        return RFIM_OK;
    return rfim__fail(dataset->context, RFIM_ERROR_ARGUMENT,
                      "sample %zu of a data set of %zu samples, which are numbered from 0", sample,
                      dataset->samples);
}

rfim_status rfim_dataset_read_inputs(const rfim_dataset *dataset, size_t sample, double *inputs)
{
    rfim_status status = check_sample(dataset, sample);
    if (status != RFIM_OK)
        return status;
    size_t first = sample * dataset->inputs;
    for (size_t k = 0; k < dataset->inputs; k++) {
        if (dataset->type == RFIM_UINT8)
            inputs[k] = ((const uint8_t *)dataset->values)[first + k] / 255.0;
        else if (dataset->type == RFIM_FLOAT32)
            inputs[k] = (double)((const float *)dataset->values)[first + k];
        else
            inputs[k] = ((const double *)dataset->values)[first + k];
    }
    return RFIM_OK;
}

rfim_status rfim_dataset_read_targets(const rfim_dataset *dataset, size_t sample, double *targets)
{
    rfim_status status = check_sample(dataset, sample);
    if (status != RFIM_OK)
        return status;
    if (dataset->target_kind == RFIM_TARGET_NONE)
        return rfim__fail(dataset->context, RFIM_ERROR_ARGUMENT,
                          "this data set has no targets to read");
    if (dataset->target_kind == RFIM_TARGET_LABELS)
        targets[0] = dataset->labels[sample];
    else
        memcpy(targets, dataset->target_values + sample * dataset->targets,
               dataset->targets * sizeof *targets);
    return RFIM_OK;
}
