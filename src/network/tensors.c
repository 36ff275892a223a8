/* tensors.c - a network's numbers by name, laid out as model files hold them: weights [m x d]. */
#include "network/tensors.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool rfim__network_find_tensor(const rfim_network *network, size_t index, rfim__tensor_place *out)
{
    memset(out, 0, sizeof *out);
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        rfim__module_tensor tensors[RFIM__MODULE_TENSORS];
        size_t count = module->table->tensors(module, tensors);
        if (index < count) {
            out->module = l;
            out->tensor = tensors[index];
            return true;
        }
        index -= count;
    }
    return false;
}

static rfim_status find(const rfim_network *network, size_t index, rfim__tensor_place *place)
{
    if (rfim__network_find_tensor(network, index, place))
        return RFIM_OK;
    return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                      "the network has %zu tensors, tensor %zu was asked for",
                      rfim_network_tensors(network), index);
}

void rfim__tensor_name(const rfim_network *network, const rfim__tensor_place *place, char *name,
                       size_t size)
{
    snprintf(name, size, "%s.%s", network->modules[place->module].name, place->tensor.suffix);
}

size_t rfim_network_tensors(const rfim_network *network)
{
    rfim__tensor_place place;
    size_t count = 0;
    while (rfim__network_find_tensor(network, count, &place))
        count++;
    return count;
}

rfim_status rfim_network_tensor_info(const rfim_network *network, size_t index,
                                     rfim_tensor_info *out)
{
    if (!network || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim__tensor_place place;
    rfim_status status = find(network, index, &place);
    if (status != RFIM_OK)
        return status;
    memset(out, 0, sizeof *out);
    rfim__tensor_name(network, &place, out->name, sizeof out->name);
    out->rows = network->modules[place.module].outputs;
    out->columns = place.tensor.rows;
    out->vector = place.tensor.vector;
    out->trained = place.tensor.trained;
    return RFIM_OK;
}

/* The rows that a tensor is of `trained` or of `state`. */
static rfim__matrix rows_of(const rfim_network *network, const rfim__tensor_place *place,
                            rfim__matrix trained, rfim__matrix state)
{
    return rfim__rows(network->algebra, place->tensor.trained ? trained : state,
                      place->tensor.first_row, place->tensor.rows);
}

/* Through the algebra row by row, as stored arrays are the transposes: [m x rows]. */
static rfim_status read_transposed(const rfim_network *network, rfim__matrix rows, double *values)
{
    double *row = rfim__allocate(network->context, rows.columns, sizeof *row);
    if (!row)
        return RFIM_ERROR_MEMORY;
    for (size_t k = 0; k < rows.rows; k++) {
        network->algebra->ops.export(network->algebra, rfim__rows(network->algebra, rows, k, 1),
                                     row);
        for (size_t j = 0; j < rows.columns; j++)
            values[j * rows.rows + k] = row[j];
    }
    rfim__release(network->context, row);
    return RFIM_OK;
}

rfim_status rfim_network_tensor_read(const rfim_network *network, size_t index, double *values)
{
    if (!network || !values)
        return RFIM_ERROR_ARGUMENT;
    rfim__tensor_place place;
    rfim_status status = find(network, index, &place);
    if (status != RFIM_OK)
        return status;
    const rfim__module *module = &network->modules[place.module];
    return read_transposed(network, rows_of(network, &place, module->parameters, module->state),
                           values);
}

static rfim_status check_values(const rfim_network *network, const rfim__tensor_place *place,
                                const double *values, size_t count)
{
    const char *module = network->modules[place->module].name;
    bool wide = network->algebra->precision == RFIM_DOUBLE;
    for (size_t k = 0; k < count; k++) {
        if (!isfinite(values[k]) || (!wide && !isfinite((float)values[k])))
            return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                              "%s.%s: number %zu is NaN, infinite or too large for %s precision, "
                              "found %g",
                              module, place->tensor.suffix, k, wide ? "double" : "single",
                              values[k]);
        if (place->tensor.not_negative && values[k] < 0)
            return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                              "%s.%s: number %zu is a variance and cannot be negative, found %g",
                              module, place->tensor.suffix, k, values[k]);
    }
    return RFIM_OK;
}

rfim_status rfim_network_tensor_write(rfim_network *network, size_t index, const double *values)
{
    if (!network || !values)
        return RFIM_ERROR_ARGUMENT;
    rfim__tensor_place place;
    rfim_status status = find(network, index, &place);
    if (status != RFIM_OK)
        return status;
    const rfim__module *module = &network->modules[place.module];
    rfim__matrix rows = rows_of(network, &place, module->parameters, module->state);
    status = check_values(network, &place, values, rows.rows * rows.columns);
    if (status != RFIM_OK)
        return status;
    double *row = rfim__allocate(network->context, rows.columns, sizeof *row);
    if (!row)
        return RFIM_ERROR_MEMORY;
    for (size_t k = 0; k < rows.rows; k++) {
        for (size_t j = 0; j < rows.columns; j++)
            row[j] = values[j * rows.rows + k];
        network->algebra->ops.import(network->algebra, row,
                                     rfim__rows(network->algebra, rows, k, 1));
    }
    rfim__release(network->context, row);
    network->edition++;
    return RFIM_OK;
}

rfim_status rfim_trace_gradient(const rfim_trace *trace, size_t index, double *values)
{
    if (!trace || !values)
        return RFIM_ERROR_ARGUMENT;
    const rfim_network *network = trace->network;
    rfim__tensor_place place;
    rfim_status status = find(network, index, &place);
    if (status != RFIM_OK)
        return status;
    if (!place.tensor.trained)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "%s.%s is a moving average and has no gradient",
                          network->modules[place.module].name, place.tensor.suffix);
    if (!trace->backward_done)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "trace: call rfim_trace_backward before rfim_trace_gradient");
    rfim__algebra_begin(network->context);
    rfim__matrix gradient = rfim__trace_gradient(trace, place.module);
    rfim__algebra_end(network->context);
    return read_transposed(network, rows_of(network, &place, gradient, gradient), values);
}
