/* model_file.c - networks as safetensors files: the arrays by their names, and in the metadata the
 * network's text, so that the file needs no other. */
#include "core/file.h"
#include "io/safetensors.h"
#include "network/tensors.h"

#include <math.h>
#include <rfim/io.h>
#include <string.h>

#define FORMAT "rfim-model-1"

/* All tensors of a network, in its own precision; *block holds their numbers. */
static rfim_status collect(const rfim_network *network, rfim__tensor *tensors, char (*names)[48],
                           size_t count, char *block, double *room)
{
    bool wide = network->algebra->precision == RFIM_DOUBLE;
    for (size_t t = 0; t < count; t++) {
        rfim_tensor_info info;
        rfim_status status = rfim_network_tensor_info(network, t, &info);
        if (status == RFIM_OK)
            status = rfim_network_tensor_read(network, t, room);
        if (status != RFIM_OK)
            return status;
        memcpy(names[t], info.name, sizeof info.name);
        size_t numbers = info.rows * info.columns;
        tensors[t] = (rfim__tensor){.name = names[t],
                                    .type = wide ? RFIM_FLOAT64 : RFIM_FLOAT32,
                                    .rank = info.vector ? 1 : 2,
                                    .shape = {info.rows, info.columns},
                                    .data = block};
        for (size_t k = 0; k < numbers; k++) {
            if (wide)
                ((double *)(void *)block)[k] = room[k];
            else
                ((float *)(void *)block)[k] = (float)room[k];
        }
        block += numbers * network->algebra->item;
    }
    return RFIM_OK;
}

rfim_status rfim_network_save(const rfim_network *network, const char *path)
{
    if (!network || !path)
        return RFIM_ERROR_ARGUMENT;
    rfim_context *context = network->context;
    size_t count = rfim_network_tensors(network);
    size_t numbers = 0;
    size_t largest = 0;
    for (size_t t = 0; t < count; t++) {
        rfim_tensor_info info;
        rfim_status found = rfim_network_tensor_info(network, t, &info);
        if (found != RFIM_OK)
            return found;
        numbers += info.rows * info.columns;
        if (info.rows * info.columns > largest)
            largest = info.rows * info.columns;
    }
    rfim_status status = RFIM_ERROR_MEMORY;
    rfim__tensor *tensors = rfim__allocate(context, count, sizeof *tensors);
    char(*names)[48] = rfim__allocate(context, count, sizeof *names);
    char *block = rfim__allocate(context, numbers, network->algebra->item);
    double *room = rfim__allocate(context, largest, sizeof *room);
    if (tensors && names && block && room) {
        const char *metadata[] = {"format", FORMAT, "network", network->text, NULL};
        status = collect(network, tensors, names, count, block, room);
        if (status == RFIM_OK)
            status = rfim__safetensors_write(context, path, tensors, count, metadata);
    }
    rfim__release(context, tensors);
    rfim__release(context, names);
    rfim__release(context, block);
    rfim__release(context, room);
    return status;
}

/* The sentence of what went wrong, as a fault of the file. */
static rfim_status blame_file(rfim_context *context, const char *path, rfim_status status)
{
    if (status != RFIM_ERROR_ARGUMENT)
        return status;
    return rfim__fail(context, RFIM_ERROR_FORMAT, "%s: %s", path, context->error);
}

/* One array of the network from the file. */
static rfim_status restore(rfim_network *network, const char *path, const rfim__safetensors *file,
                           size_t index)
{
    rfim_context *context = network->context;
    rfim_tensor_info info;
    rfim_status status = rfim_network_tensor_info(network, index, &info);
    if (status != RFIM_OK)
        return status;
    const rfim__tensor *tensor = rfim__safetensors_find(file, info.name);
    if (!tensor)
        return rfim__fail(context, RFIM_ERROR_FORMAT,
                          "%s has no array `%s`, which its network needs", path, info.name);
    if (tensor->rank != (info.vector ? 1u : 2u) || tensor->shape[0] != info.rows ||
        (!info.vector && tensor->shape[1] != info.columns))
        return rfim__fail(context, RFIM_ERROR_FORMAT,
                          "%s: `%s` should have the shape %zu x %zu, found %zu x %zu", path,
                          info.name, info.rows, info.columns, tensor->shape[0], tensor->shape[1]);
    double *values = rfim__allocate(context, info.rows * info.columns, sizeof *values);
    if (!values)
        return RFIM_ERROR_MEMORY;
    rfim__tensor_read_doubles(tensor, values);
    status = rfim_network_tensor_write(network, index, values);
    rfim__release(context, values);
    return blame_file(context, path, status);
}

static rfim_status from_file(rfim_context *context, const char *path, const rfim__safetensors *file,
                             rfim_network **out)
{
    const char *format = rfim__safetensors_metadata(file, "format");
    const char *text = rfim__safetensors_metadata(file, "network");
    if (!format || strcmp(format, FORMAT) != 0 || !text)
        return rfim__fail(context, RFIM_ERROR_FORMAT,
                          "%s is a safetensors file, but not a model that rfim wrote (its metadata "
                          "should say format=%s and network=...)",
                          path, FORMAT);
    rfim_network_options options;
    rfim_network_defaults(&options);
    /* The text may ask for more than the file holds: look before memory is taken. */
    rfim__module *modules = NULL;
    size_t count = 0;
    rfim_loss_kind loss;
    rfim_status status = rfim__network_parse(context, text, &modules, &count, &loss);
    if (status != RFIM_OK)
        return blame_file(context, path, status);
    double wanted = 0;
    for (size_t l = 0; l < count; l++)
        wanted += (double)(modules[l].table->parameter_rows(&modules[l]) +
                           modules[l].table->state_rows(&modules[l])) *
                  (double)modules[l].outputs;
    rfim__release(context, modules);
    double found = 0;
    for (size_t t = 0; t < rfim__safetensors_count(file); t++) {
        const rfim__tensor *tensor = rfim__safetensors_tensor(file, t);
        found += (double)rfim__tensor_numbers(tensor);
        if (tensor->type == RFIM_FLOAT64)
            options.precision = RFIM_DOUBLE;
    }
    if (wanted != found)
        return rfim__fail(context, RFIM_ERROR_FORMAT,
                          "%s: its network `%.200s` has %.0f numbers, the file holds %.0f", path,
                          text, wanted, found);
    status = blame_file(context, path, rfim_network_create(context, text, &options, out));
    for (size_t t = 0; status == RFIM_OK && t < rfim_network_tensors(*out); t++)
        status = restore(*out, path, file, t);
    if (status != RFIM_OK) {
        rfim_network_free(*out);
        *out = NULL;
    }
    return status;
}

rfim_status rfim_network_load(rfim_context *context, const char *path, rfim_network **out)
{
    uint8_t *data = NULL;
    size_t size = 0;
    rfim__safetensors *file = NULL;
    *out = NULL;
    rfim_status status = rfim__file_read(context, path, &data, &size);
    if (status == RFIM_OK)
        status = rfim__safetensors_parse(context, path, data, size, &file);
    if (status == RFIM_OK)
        status = from_file(context, path, file, out);
    rfim__safetensors_free(file);
    rfim__release(context, data);
    return status;
}
