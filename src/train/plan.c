#include "train/plan.h"

#include "core/size.h"
#include "data/dataset.h"
#include "data/kept_inputs.h"
#include "optimizer/layers.h"
#include "train/evaluate.h"
#include "train/watched_memory.h"

#include <assert.h>

static double dataset_bytes(const rfim_dataset *dataset)
{
    if (!dataset)
        return 0;
    double values = (double)dataset->inputs * (double)rfim__type_size(dataset->type);
    double targets = dataset->labels ? sizeof *dataset->labels
                     : dataset->target_values
                         ? (double)dataset->targets * sizeof *dataset->target_values
                         : 0;
    return (double)dataset->samples * (values + targets);
}

/* scans: the inputs are looked at, one by one; else all of them count. */
static rfim_status describe(const rfim_splits *splits, bool scans, rfim__plan_data *out)
{
    size_t all = splits->train->inputs + 1;
    rfim__kept_inputs inputs = {.order = all,
                                .numbers = splits->train->samples * rfim__stride(all),
                                .squares = (double)splits->train->samples * (double)all *
                                           (double)all};
    rfim_status status = scans ? rfim__kept_inputs_find(splits->train, &inputs) : RFIM_OK;
    *out = (rfim__plan_data){.samples = splits->train->samples,
                             .order = inputs.order,
                             .numbers = inputs.numbers,
                             .squares = inputs.squares,
                             .bytes = dataset_bytes(splits->train) + dataset_bytes(splits->valid) +
                                      dataset_bytes(splits->test)};
    rfim__kept_inputs_free(&inputs);
    return status;
}

/* The data are opened, looked at, and freed again. */
static rfim_status look_at_data(rfim_network *network, const rfim_options *options,
                                rfim__plan_data *out)
{
    rfim_context *context = network->context;
    rfim__watched_memory watch;
    rfim_splits splits;
    rfim__watched_memory_begin(&watch, context);
    rfim_status status = rfim_splits_open(context, &options->data, &splits);
    double most = (double)watch.most;
    if (status == RFIM_OK)
        status = rfim__check_splits(network, &splits, options->train.target);
    if (status == RFIM_OK)
        status = describe(&splits, true, out);
    rfim_splits_free(&splits);
    assert(watch.bytes == 0);
    rfim__watched_memory_end(&watch);
    if (status == RFIM_OK && most > out->bytes)
        out->opening_bytes = most - out->bytes;
    return status;
}

rfim_status rfim_plan_create(rfim_context *context, const rfim_options *options, rfim_plan **out)
{
    rfim_network *network = NULL;
    rfim__plan_data data;
    if (!context || !options || !out)
        return RFIM_ERROR_ARGUMENT;
    *out = NULL;
    rfim_options settings = *options;
    settings.init.seed = settings.data.split_seed = settings.train.seed;
    rfim_status status = rfim_options_check(context, &settings);
    if (status == RFIM_OK)
        status = rfim__network_outline(context, settings.network, &settings.init, &network);
    if (status == RFIM_OK)
        status = look_at_data(network, &settings, &data);
    if (status == RFIM_OK)
        status = rfim__plan_run(network, &data, &settings, NULL, out);
    rfim_network_free(network);
    return status;
}

rfim_status rfim__plan_check(const rfim_network *network, const rfim_splits *splits,
                             const rfim_options *options, rfim__plan_verdict *verdict)
{
    rfim_plan *plan = NULL;
    rfim__plan_data data;
    *verdict = (rfim__plan_verdict){0};
    rfim_status status = describe(splits, options->optimizer.memory > 0, &data);
    if (status == RFIM_OK)
        status = rfim__plan_run(network, &data, options, verdict, &plan);
    rfim_plan_free(plan);
    return status;
}

void rfim_plan_free(rfim_plan *plan)
{
    if (!plan)
        return;
    rfim__release(plan->context, plan->parts);
    rfim__release(plan->context, plan);
}

size_t rfim_plan_parts(const rfim_plan *plan)
{
    return plan->count;
}

const rfim_plan_part *rfim_plan_part_at(const rfim_plan *plan, size_t index)
{
    return index < plan->count ? &plan->parts[index] : NULL;
}

double rfim_plan_bytes(const rfim_plan *plan)
{
    double taken = 0;
    double most = 0;
    for (size_t index = 0; index < plan->count; index++) {
        const rfim_plan_part *part = &plan->parts[index];
        taken += part->bytes;
        if (taken + part->setup_bytes > most)
            most = taken + part->setup_bytes;
    }
    return most;
}

size_t rfim_plan_steps(const rfim_plan *plan)
{
    return plan->steps;
}

const char *rfim_metric_memory_name(rfim_metric_memory memory)
{
    return (int)memory >= 0 && memory <= RFIM_MEMORY_PRIOR_BATCH ? rfim__memory_name(memory) : "";
}

const char *rfim_form_name(rfim_form form)
{
    return (int)form >= 0 && form <= RFIM_FORM_WHITENED ? rfim__form_name(form) : "";
}
