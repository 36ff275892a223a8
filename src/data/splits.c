/* splits.c - opens what a text names, and cuts it into training, validation and test data. */
#include "core/random.h"
#include "core/size.h"
#include "data/dataset.h"
#include "data/digits.h"
#include "data/idx_folder.h"
#include "data/standardize.h"
#include "data/tabular.h"
#include "data/where.h"

#include <assert.h>
#include <string.h>

#define PARTS 3 /* train, valid, test, in this order */

/* order[0 ... count-1] = first, first + 1, ...; shuffled when the rule says so. */
static uint32_t *make_order(rfim_context *context, const rfim_data_options *options, size_t count)
{
    uint32_t *order = rfim__allocate(context, count, sizeof *order);
    if (!order)
        return NULL;
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    if (options->split == RFIM_SPLIT_PAPER) {
        rfim__random random = rfim__random_start(options->split_seed,
                                                 rfim__stream(RFIM__STREAM_SPLIT, 0));
        rfim__random_shuffle(&random, order, count);
    }
    return order;
}

/* Cuts whole into successive parts of `sizes` samples, NULL for a size of 0. */
static rfim_status cut(rfim_context *context, const rfim_data_options *options,
                       const rfim_dataset *whole, const size_t sizes[PARTS],
                       rfim_dataset *parts[PARTS])
{
    rfim_status status = RFIM_OK;
    uint32_t *order = make_order(context, options, whole->samples);
    if (!order)
        return RFIM_ERROR_MEMORY;
    const uint32_t *rows = order;
    for (size_t part = 0; part < PARTS && status == RFIM_OK; part++) {
        if (sizes[part] > 0)
            status = rfim__dataset_select(whole, rows, sizes[part], &parts[part]);
        rows += sizes[part];
    }
    rfim__release(context, order);
    return status;
}

static rfim_status too_few(rfim_context *context, const char *folder, size_t samples)
{
    return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                      "%s: %zu %s too few to split; each of training and validation needs one",
                      folder, samples, samples == 1 ? "image is" : "images are");
}

/* First 5/6 of the training file, its last 1/6, the test file as it is. */
static rfim_status split_standard(rfim_context *context, const rfim_data_options *options,
                                  const char *folder, rfim_dataset *train, rfim_dataset **test,
                                  rfim_dataset *parts[PARTS])
{
    size_t sizes[PARTS] = {train->samples / 6 * 5 + train->samples % 6 * 5 / 6, 0, 0};
    sizes[1] = train->samples - sizes[0];
    if (sizes[0] == 0)
        return too_few(context, folder, train->samples);
    parts[2] = *test;
    *test = NULL;
    return cut(context, options, train, sizes, parts);
}

/* Both files together, shuffled: 5/7, 1/7, and the rest. */
static rfim_status split_paper(rfim_context *context, const rfim_data_options *options,
                               const char *folder, const rfim_dataset *train,
                               const rfim_dataset *test, rfim_dataset *parts[PARTS])
{
    const rfim_dataset *const files[] = {train, test};
    rfim_dataset *whole = NULL;
    rfim_status status = rfim__dataset_join(files, 2, &whole);
    if (status != RFIM_OK)
        return status;
    size_t count = whole->samples;
    size_t sizes[PARTS] = {count / 7 * 5 + count % 7 * 5 / 7, 0, 0};
    sizes[1] = (count - sizes[0]) / 2;
    sizes[2] = count - sizes[0] - sizes[1];
    status = sizes[1] == 0 ? too_few(context, folder, count)
                           : cut(context, options, whole, sizes, parts);
    rfim_dataset_free(whole);
    return status;
}

static rfim_status open_folder(rfim_context *context, const rfim_data_options *options,
                               const char *folder, rfim_dataset *parts[PARTS])
{
    rfim_dataset *train = NULL;
    rfim_dataset *test = NULL;
    rfim_status status = rfim__idx_folder_read(context, folder, &train, &test);
    if (status != RFIM_OK)
        return status;
    if (options->split == RFIM_SPLIT_PAPER)
        status = split_paper(context, options, folder, train, test, parts);
    else
        status = split_standard(context, options, folder, train, &test, parts);
    rfim_dataset_free(train);
    rfim_dataset_free(test);
    return status;
}

static rfim_status make_part(rfim_context *context, rfim__where_kind kind, uint64_t seed,
                             size_t part, size_t samples, rfim_dataset **out)
{
    if (kind == RFIM__WHERE_DIGITS)
        return rfim__digits_create(context, seed, (rfim__digits_split)part, samples, out);
    return rfim__tabular_create(context, seed, (rfim__tabular_split)part, samples, out);
}

/* Built-in data are made as three splits; `paper` shuffles them all and cuts them to the same
 * sizes. */
static rfim_status open_built_in(rfim_context *context, const rfim_data_options *options,
                                 const rfim__where *where, rfim_dataset *parts[PARTS])
{
    const size_t *samples = where->samples;
    rfim_status status = RFIM_OK;
    for (size_t part = 0; part < PARTS && status == RFIM_OK; part++)
        if (samples[part] > 0)
            status = make_part(context, where->kind, options->data_seed, part, samples[part],
                               &parts[part]);
    if (status != RFIM_OK || options->split != RFIM_SPLIT_PAPER)
        return status;
    const rfim_dataset *made[PARTS];
    rfim_dataset *whole = NULL;
    size_t count = 0;
    for (size_t part = 0; part < PARTS; part++)
        if (parts[part])
            made[count++] = parts[part];
    status = rfim__dataset_join(made, count, &whole);
    if (status != RFIM_OK)
        return status;
    for (size_t part = 0; part < PARTS; part++) {
        rfim_dataset_free(parts[part]);
        parts[part] = NULL;
    }
    status = cut(context, options, whole, samples, parts);
    rfim_dataset_free(whole);
    return status;
}

static rfim_status keep_first(rfim_context *context, size_t samples, rfim_dataset **train)
{
    assert(*train); /* neither folders nor built-in data come without training data */
    if (samples == 0 || samples == (*train)->samples)
        return RFIM_OK;
    if (samples > (*train)->samples)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "train-samples: %zu are asked for, but the training split has %zu",
                          samples, (*train)->samples);
    /* Cutting off the end would keep its memory: copy what is kept. */
    const rfim_data_options in_order = {.split = RFIM_SPLIT_STANDARD};
    const size_t sizes[PARTS] = {samples, 0, 0};
    rfim_dataset *parts[PARTS] = {NULL, NULL, NULL};
    rfim_status status = cut(context, &in_order, *train, sizes, parts);
    if (status != RFIM_OK)
        return status;
    rfim_dataset_free(*train);
    *train = parts[0];
    return RFIM_OK;
}

rfim_status rfim_splits_open(rfim_context *context, const rfim_data_options *options,
                             rfim_splits *out)
{
    if (!options || !out)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "data need options and a place for the splits");
    memset(out, 0, sizeof *out);
    rfim__where where;
    rfim_dataset *parts[PARTS] = {NULL, NULL, NULL};
    rfim_status status = rfim__where_parse(context, options->where, &where);
    if (status != RFIM_OK)
        return status;
    if (where.kind == RFIM__WHERE_FOLDER)
        status = open_folder(context, options, where.folder, parts);
    else
        status = open_built_in(context, options, &where, parts);
    if (status == RFIM_OK)
        status = keep_first(context, options->train_samples, &parts[0]);
    if (status == RFIM_OK && options->standardize)
        status = rfim__standardize(parts, PARTS);
    rfim_splits splits = {parts[0], parts[1], parts[2]};
    if (status == RFIM_OK)
        *out = splits;
    else
        rfim_splits_free(&splits);
    return status;
}

void rfim_splits_free(rfim_splits *splits)
{
    if (!splits)
        return;
    rfim_dataset_free(splits->train);
    rfim_dataset_free(splits->valid);
    rfim_dataset_free(splits->test);
    memset(splits, 0, sizeof *splits);
}
