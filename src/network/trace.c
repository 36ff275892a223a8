#include "network/trace.h"

#include "algebra/ragged.h"
#include "core/size.h"
#include "data/gather.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t last_of(const rfim_trace *trace)
{
    return trace->network->count - 1;
}

void rfim__trace_lay_out(rfim_trace *trace, rfim__arena *arena, bool gradients)
{
    const rfim_network *network = trace->network;
    size_t n = trace->max_samples;
    size_t back = gradients ? n : 0;
    trace->inputs = rfim__arena_matrix(arena, network->algebra, n, network->modules[0].inputs + 1);
    trace->targets = rfim__arena_matrix(arena, network->algebra, n,
                                        network->modules[network->count - 1].outputs);
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        rfim__slot *slot = &trace->slots[l];
        size_t m = module->outputs;
        slot->input = l == 0 ? trace->inputs : trace->slots[l - 1].output;
        slot->pre = rfim__arena_matrix(arena, network->algebra, n, m);
        slot->output = rfim__arena_matrix(arena, network->algebra, n, m + 1);
        slot->delta = rfim__arena_matrix(arena, network->algebra, back, m);
        slot->gradient = rfim__arena_matrix(arena, network->algebra,
                                            gradients ? module->parameters.rows : 0, m);
        slot->statistics = rfim__arena_matrix(arena, network->algebra,
                                              module->table->statistics_rows(module), m);
    }
    size_t bytes = rfim__size_round_up(n * sizeof *trace->labels, RFIM__ALIGNMENT);
    if (arena->base)
        trace->labels = (int32_t *)(void *)(arena->base + arena->used);
    if (!rfim__size_add(arena->used, bytes, &arena->used))
        arena->overflow = true;
}

/* Makes all matrices n rows long. */
static void set_samples(rfim_trace *trace, size_t n)
{
    trace->samples = n;
    trace->inputs.rows = n;
    trace->targets.rows = n;
    for (size_t l = 0; l < trace->network->count; l++) {
        rfim__slot *slot = &trace->slots[l];
        slot->input.rows = n;
        slot->firsts = NULL;
        slot->pre.rows = n;
        slot->output.rows = n;
        slot->delta.rows = slot->delta.rows > 0 ? n : 0;
    }
    trace->forward_done = false;
    trace->loss_done = false;
    trace->backward_done = false;
}

rfim_status rfim__trace_create(rfim_network *network, size_t max_samples, bool gradients,
                               rfim_trace **out)
{
    rfim_context *context = network->context;
    *out = NULL;
    if (max_samples == 0 || max_samples > UINT32_MAX)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "trace: a batch has 1 to %u samples, found %zu", UINT32_MAX, max_samples);
    rfim_trace *trace = rfim__allocate(context, 1, sizeof *trace);
    if (!trace)
        return RFIM_ERROR_MEMORY;
    rfim_status status = RFIM_ERROR_MEMORY;
    trace->network = network;
    trace->max_samples = max_samples;
    trace->slots = rfim__allocate(context, network->count, sizeof *trace->slots);
    if (!trace->slots)
        goto done;
    rfim__arena arena = {0};
    rfim__trace_lay_out(trace, &arena, gradients);
    if (arena.overflow) {
        status = rfim__fail(context, RFIM_ERROR_MEMORY,
                            "trace: a batch of %zu samples is more than this machine can address; "
                            "take a smaller one",
                            max_samples);
        goto done;
    }
    trace->block = rfim__allocate(context, arena.used, 1);
    if (!trace->block)
        goto done;
    arena = (rfim__arena){.base = trace->block};
    rfim__trace_lay_out(trace, &arena, gradients);
    /* the ones of h~ = (h; 1); modules write the other columns only */
    for (size_t l = 0; l < network->count; l++)
        network->algebra->ops.fill(network->algebra, 1,
                                   rfim__columns(network->algebra, trace->slots[l].output,
                                                 network->modules[l].outputs, 1));
    set_samples(trace, max_samples);
    trace->samples = 0;
    status = RFIM_OK;
done:
    if (status != RFIM_OK) {
        rfim_trace_free(trace);
        trace = NULL;
    }
    *out = trace;
    return status;
}

rfim_status rfim_trace_create(rfim_network *network, size_t max_samples, rfim_trace **out)
{
    if (!network || !out)
        return RFIM_ERROR_ARGUMENT;
    return rfim__trace_create(network, max_samples, true, out);
}

void rfim_trace_free(rfim_trace *trace)
{
    if (!trace)
        return;
    rfim_context *context = trace->network->context;
    rfim__release(context, trace->slots);
    rfim__release(context, trace->block);
    rfim__release(context, trace);
}

static rfim_status check_array(rfim_context *context, const char *what, rfim_array array)
{
    if (!array.data)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT, "the %s of the batch are at no address",
                          what);
    if ((int)array.type < (int)RFIM_UINT8 || (int)array.type > (int)RFIM_FLOAT64)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "the type of the %s is one of rfim_type, found %d", what,
                          (int)array.type);
    return RFIM_OK;
}

rfim_status rfim__trace_load_inputs(rfim_trace *trace, rfim_array inputs, const uint32_t *rows,
                                    size_t first, size_t n)
{
    rfim_network *network = trace->network;
    if (inputs.columns != rfim_network_inputs(network))
        return rfim__fail(network->context, RFIM_ERROR_SHAPE,
                          "the network has %zu inputs, the samples have %zu numbers each; change "
                          "the network's first width",
                          rfim_network_inputs(network), inputs.columns);
    if (n == 0 || n > trace->max_samples)
        return rfim__fail(network->context, RFIM_ERROR_SHAPE,
                          "the trace has room for 1 to %zu samples, found %zu", trace->max_samples,
                          n);
    rfim_status status = check_array(network->context, "inputs", inputs);
    if (status != RFIM_OK)
        return status;
    set_samples(trace, n);
    if (!rfim__gather_kernels_of(network->algebra)->inputs(inputs, rows, first, trace->inputs))
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "the inputs of the batch hold NaN or infinite numbers");
    return RFIM_OK;
}

rfim__matrix rfim__trace_begin(rfim_trace *trace, size_t n)
{
    set_samples(trace, n);
    return trace->inputs;
}

static rfim_array inputs_of(const rfim_dataset *dataset)
{
    rfim_array inputs = {dataset->values, dataset->type, dataset->samples, dataset->inputs};
    return inputs;
}

rfim_status rfim__trace_load(rfim_trace *trace, const rfim_dataset *dataset, const uint32_t *rows,
                             size_t first, size_t n)
{
    return rfim__trace_load_inputs(trace, inputs_of(dataset), rows, first, n);
}

static rfim_status load_values(rfim_trace *trace, rfim_array values, const uint32_t *rows,
                               size_t first)
{
    rfim_network *network = trace->network;
    if (values.columns != rfim_network_outputs(network))
        return rfim__fail(network->context, RFIM_ERROR_SHAPE,
                          "the network has %zu outputs, the targets have %zu numbers each; change "
                          "the network's last width",
                          rfim_network_outputs(network), values.columns);
    if (network->loss == RFIM_LOSS_SOFTMAX)
        return rfim__fail(network->context, RFIM_ERROR_UNSUPPORTED,
                          "the loss softmax wants classes as targets, found values; take the loss "
                          "squared or sigmoid");
    trace->has_labels = false;
    if (!rfim__gather_kernels_of(network->algebra)->values(values, rows, first, trace->targets))
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "the targets of the batch hold NaN or infinite numbers");
    return RFIM_OK;
}

static rfim_status load_labels(rfim_trace *trace, rfim_array labels, const uint32_t *rows,
                               size_t first)
{
    size_t outputs = rfim_network_outputs(trace->network);
    for (size_t i = 0; i < trace->samples; i++) {
        size_t sample = rows ? rows[i] : first + i;
        int32_t label = labels.type == RFIM_UINT8 ? ((const uint8_t *)labels.data)[sample]
                                                  : ((const int32_t *)labels.data)[sample];
        if (label < 0 || (size_t)label >= outputs)
            return rfim__fail(trace->network->context, RFIM_ERROR_SHAPE,
                              "the class of sample %zu is %d, the network's %zu outputs stand for "
                              "classes 0 to %zu; change the network's last width",
                              sample, (int)label, outputs, outputs - 1);
        trace->labels[i] = label;
    }
    trace->has_labels = true;
    return RFIM_OK;
}

rfim_status rfim__trace_load_targets(rfim_trace *trace, const rfim_dataset *dataset,
                                     rfim__target_source source, const uint32_t *rows, size_t first)
{
    rfim_array values = inputs_of(dataset);
    rfim_array labels = {dataset->labels, RFIM_INT32, dataset->samples, 1};
    if (source == RFIM__TARGETS_OF_DATA && dataset->target_kind == RFIM_TARGET_LABELS)
        return load_labels(trace, labels, rows, first);
    if (source == RFIM__TARGETS_OF_DATA && dataset->target_kind == RFIM_TARGET_VALUES) {
        rfim_array own = {dataset->target_values, RFIM_FLOAT64, dataset->samples, dataset->targets};
        values = own;
    }
    return load_values(trace, values, rows, first);
}

void rfim__trace_pass(rfim_trace *trace, rfim__mode mode)
{
    rfim_network *network = trace->network;
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        module->table->forward(network->algebra, module, &trace->slots[l], mode);
    }
    trace->pass = ++network->passes;
    trace->edition = network->edition;
    trace->forward_done = true;
}

rfim__loss_sums rfim__trace_loss_sums(rfim_trace *trace)
{
    rfim_network *network = trace->network;
    rfim__slot *last = &trace->slots[last_of(trace)];
    rfim__targets targets = {trace->has_labels ? trace->labels : NULL, trace->targets};
    rfim__matrix e = last->delta;
    if (e.rows == 0)
        e.data = NULL;
    return rfim__loss_of(
        network->algebra, network->loss,
        rfim__columns(network->algebra, last->output, 0, rfim_network_outputs(network)), &targets,
        e);
}

rfim_status rfim_trace_forward(rfim_trace *trace, rfim_array inputs)
{
    if (!trace)
        return RFIM_ERROR_ARGUMENT;
    rfim_context *context = trace->network->context;
    rfim_status status = rfim__trace_load_inputs(trace, inputs, NULL, 0, inputs.rows);
    if (status != RFIM_OK)
        return status;
    rfim__algebra_begin(context);
    rfim__trace_pass(trace, RFIM__TRAIN);
    rfim__algebra_end(context);
    return RFIM_OK;
}

rfim_status rfim_trace_loss(rfim_trace *trace, rfim_array targets, double *loss)
{
    if (!trace || !loss)
        return RFIM_ERROR_ARGUMENT;
    rfim_network *network = trace->network;
    rfim_status status = RFIM_OK;
    if (!trace->forward_done)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "trace: call rfim_trace_forward before rfim_trace_loss");
    trace->loss_done = false;
    if (!targets.data && targets.rows == 0) {
        rfim__matrix inputs = rfim__columns(network->algebra, trace->inputs, 0,
                                            rfim_network_inputs(network));
        if (inputs.columns != rfim_network_outputs(network) || network->loss == RFIM_LOSS_SOFTMAX)
            return rfim__fail(network->context, RFIM_ERROR_SHAPE,
                              "without targets the network reproduces its inputs: it needs as "
                              "many outputs as inputs, and the loss squared or sigmoid");
        trace->has_labels = false;
        network->algebra->ops.combine(network->algebra, 1, inputs, 0, inputs, trace->targets);
    } else if (targets.rows != trace->samples) {
        return rfim__fail(network->context, RFIM_ERROR_SHAPE,
                          "the batch has %zu samples, its targets have %zu rows", trace->samples,
                          targets.rows);
    } else if ((status = check_array(network->context, "targets", targets)) != RFIM_OK) {
        return status;
    } else if (targets.columns == 1 && (targets.type == RFIM_INT32 || targets.type == RFIM_UINT8)) {
        status = load_labels(trace, targets, NULL, 0);
    } else {
        status = load_values(trace, targets, NULL, 0);
    }
    if (status != RFIM_OK)
        return status;
    rfim__algebra_begin(network->context);
    *loss = rfim__trace_loss_sums(trace).loss / (double)trace->samples;
    rfim__algebra_end(network->context);
    trace->loss_done = isfinite(*loss);
    if (trace->loss_done)
        return RFIM_OK;
    char blame[RFIM__BLAME_TEXT];
    rfim__trace_blame(trace, blame);
    return rfim__fail(network->context, RFIM_DIVERGED,
                      "the loss is not finite after %zu updates%s; lower the learning rate or "
                      "raise the damping",
                      network->updates, blame);
}

void rfim__trace_blame(const rfim_trace *trace, char text[RFIM__BLAME_TEXT])
{
    rfim_network *network = trace->network;
    text[0] = '\0';
    for (size_t l = 0; l < network->count && text[0] == '\0'; l++) {
        const rfim__slot *slot = &trace->slots[l];
        if (network->algebra->ops.finite(network->algebra, slot->pre) &&
            network->algebra->ops.finite(network->algebra, slot->output))
            continue;
        snprintf(text, RFIM__BLAME_TEXT, " (the output of %.60s is the first that is not)",
                 network->modules[l].name);
    }
}

rfim_status rfim_trace_backward(rfim_trace *trace)
{
    if (!trace)
        return RFIM_ERROR_ARGUMENT;
    rfim_network *network = trace->network;
    rfim__algebra *algebra = network->algebra;
    rfim_status status = RFIM_OK;
    if (!trace->loss_done)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "trace: call rfim_trace_loss before rfim_trace_backward");
    rfim__algebra_begin(network->context);
    for (size_t l = network->count; l-- > 0 && status == RFIM_OK;) {
        const rfim__module *module = &network->modules[l];
        rfim__matrix input_delta = {0};
        if (l > 0)
            input_delta = trace->slots[l - 1].delta;
        module->table->backward(algebra, module, &trace->slots[l], input_delta);
        trace->slots[l].gradient_formed = !module->table->product;
        if (!algebra->ops.finite(algebra, trace->slots[l].delta))
            status = rfim__fail(network->context, RFIM_DIVERGED,
                                "the gradient of %s is not finite after %zu updates; lower the "
                                "learning rate or raise the damping",
                                module->name, network->updates);
    }
    rfim__algebra_end(network->context);
    trace->loss_done = false; /* the deltas are used up */
    trace->backward_done = status == RFIM_OK;
    return status;
}

rfim__matrix rfim__trace_gradient(const rfim_trace *trace, size_t l)
{
    rfim__algebra *algebra = trace->network->algebra;
    rfim__slot *slot = &trace->slots[l];
    if (!slot->gradient_formed)
        rfim__ragged_multiply_add(algebra, 1 / (double)slot->input.rows, slot->input, slot->firsts,
                                  slot->delta, 0, slot->gradient, slot->gradient);
    slot->gradient_formed = true;
    return slot->gradient;
}
