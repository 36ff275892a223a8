#include "fim/subject.h"

#include <math.h>

static bool is_batch_norm(const rfim__subject *subject, size_t module)
{
    return subject->network->modules[module].table == &rfim__batch_norm_module;
}

/* The same network in float64: every float is a double. */
static rfim_status copy_network(rfim_network *network, rfim_network **out)
{
    rfim_network_options options;
    size_t widest = 0;
    rfim_network_defaults(&options);
    options.precision = RFIM_DOUBLE;
    rfim_status status = rfim_network_create(network->context, network->text, &options, out);
    if (status != RFIM_OK)
        return status;
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        size_t numbers = (module->parameters.rows + module->state.rows) * module->outputs;
        widest = numbers > widest ? numbers : widest;
    }
    double *values = rfim__allocate(network->context, widest, sizeof *values);
    if (!values)
        return RFIM_ERROR_MEMORY;
    size_t tensors = rfim_network_tensors(network);
    for (size_t t = 0; t < tensors && status == RFIM_OK; t++) {
        status = rfim_network_tensor_read(network, t, values);
        if (status == RFIM_OK)
            status = rfim_network_tensor_write(*out, t, values);
    }
    rfim__release(network->context, values);
    return status;
}

static rfim_status lay_out(rfim__subject *subject)
{
    const rfim_network *network = subject->network;
    subject->first = rfim__allocate(subject->context, network->count, sizeof *subject->first);
    if (!subject->first)
        return RFIM_ERROR_MEMORY;
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        if (module->parameters.rows > 0 && module->table != &rfim__linear_module &&
            !is_batch_norm(subject, l))
            return rfim__fail(subject->context, RFIM_ERROR_UNSUPPORTED,
                              "fim: derivatives with respect to the parameters of %s (`%s`) are "
                              "not known; they are of `linear` and `batchnorm`",
                              module->name, module->table->word);
        subject->first[l] = subject->order;
        subject->order += module->parameters.rows * module->outputs;
    }
    return RFIM_OK;
}

static rfim_status pass(rfim__subject *subject, rfim_array inputs)
{
    rfim_status status = rfim_trace_create(subject->network, inputs.rows, &subject->trace);
    if (status == RFIM_OK)
        status = rfim__trace_load_inputs(subject->trace, inputs, NULL, 0, inputs.rows);
    if (status != RFIM_OK)
        return status;
    rfim__trace_pass(subject->trace, RFIM__INFER);
    for (size_t i = 0; i < subject->samples; i++)
        for (size_t j = 0; j < subject->outputs; j++)
            if (!isfinite(rfim__subject_response(subject, i)[j]))
                return rfim__fail(subject->context, RFIM_DIVERGED,
                                  "fim: output %zu of the network is not finite for sample %zu; "
                                  "its weights are too large",
                                  j, i);
    return RFIM_OK;
}

rfim_status rfim__subject_begin(rfim_network *network, rfim_array inputs, rfim__subject *out)
{
    rfim_status status = RFIM_OK;
    *out = (rfim__subject){.context = network->context, .network = network};
    if (inputs.rows == 0)
        return rfim__fail(network->context, RFIM_ERROR_SHAPE,
                          "fim: the batch is empty; a mean over samples needs at least one");
    out->samples = inputs.rows;
    out->outputs = rfim_network_outputs(network);
    if (network->algebra->precision != RFIM_DOUBLE) {
        out->copied = true;
        out->network = NULL;
        status = copy_network(network, &out->network);
    }
    if (status == RFIM_OK)
        status = lay_out(out);
    if (status == RFIM_OK)
        status = pass(out, inputs);
    if (status != RFIM_OK)
        rfim__subject_end(out);
    return status;
}

void rfim__subject_end(rfim__subject *subject)
{
    rfim_trace_free(subject->trace);
    if (subject->copied)
        rfim_network_free(subject->network);
    rfim__release(subject->context, subject->first);
    *subject = (rfim__subject){0};
}

const double *rfim__subject_response(const rfim__subject *subject, size_t sample)
{
    return rfim__row(subject->trace->slots[subject->network->count - 1].output, sample);
}

rfim__matrix rfim__subject_responses(const rfim__subject *subject, size_t sample, size_t copies)
{
    rfim__slot slot = rfim__subject_repeat(subject, subject->network->count - 1, sample, copies);
    return rfim__columns(subject->network->algebra, slot.output, 0, subject->outputs);
}

const double *rfim__subject_reference(const rfim__subject *subject, size_t module, size_t sample,
                                      size_t j, double pair[2])
{
    const rfim__slot *slot = &subject->trace->slots[module];
    if (!is_batch_norm(subject, module))
        return rfim__row(slot->input, sample);
    pair[0] = rfim__row(slot->pre, sample)[j];
    pair[1] = 1;
    return pair;
}

rfim__slot rfim__subject_repeat(const rfim__subject *subject, size_t module, size_t sample,
                                size_t copies)
{
    rfim__slot slot = rfim__slot_rows(subject->network->algebra, &subject->trace->slots[module],
                                      sample, 1);
    rfim__matrix *const parts[] = {&slot.input, &slot.pre, &slot.output};
    for (size_t part = 0; part < 3; part++) {
        parts[part]->rows = copies;
        parts[part]->stride = 0;
    }
    return slot;
}
