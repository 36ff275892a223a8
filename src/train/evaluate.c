#include "train/evaluate.h"

#include "core/size.h"

#include <math.h>

rfim_status rfim__target_source_of(rfim_network *network, const rfim_dataset *dataset,
                                   rfim_target_rule rule, rfim__target_source *out)
{
    rfim_context *context = network->context;
    size_t inputs = rfim_network_inputs(network);
    size_t outputs = rfim_network_outputs(network);
    bool softmax = network->loss == RFIM_LOSS_SOFTMAX;
    if (dataset->inputs != inputs)
        return rfim__fail(context, RFIM_ERROR_SHAPE,
                          "the network has %zu inputs, the data have %zu numbers a sample; change "
                          "the network's first width to %zu",
                          inputs, dataset->inputs, dataset->inputs);
    bool own = rule == RFIM_TARGETS_DATA ||
               (rule == RFIM_TARGETS_AUTOMATIC &&
                (softmax || inputs != outputs || dataset->target_kind == RFIM_TARGET_VALUES));
    *out = own ? RFIM__TARGETS_OF_DATA : RFIM__TARGETS_ARE_INPUTS;
    if (!own && (softmax || inputs != outputs))
        return rfim__fail(context, RFIM_ERROR_SHAPE,
                          "to reproduce its inputs the network needs as many outputs as inputs "
                          "(%zu, found %zu) and the loss sigmoid or squared",
                          inputs, outputs);
    if (own && dataset->target_kind == RFIM_TARGET_NONE)
        return rfim__fail(context, RFIM_ERROR_SHAPE,
                          "the data have no targets; take `--target inputs` for an auto-encoder");
    if (own && softmax && dataset->target_kind != RFIM_TARGET_LABELS)
        return rfim__fail(context, RFIM_ERROR_SHAPE,
                          "the loss softmax wants classes, the data have values; take the loss "
                          "squared or sigmoid");
    bool fits = dataset->target_kind == RFIM_TARGET_LABELS ? dataset->targets <= outputs
                                                           : dataset->targets == outputs;
    if (own && !fits)
        return rfim__fail(context, RFIM_ERROR_SHAPE,
                          "the network has %zu outputs, the data have %zu %s; change the "
                          "network's last width to %zu",
                          outputs, dataset->targets,
                          dataset->target_kind == RFIM_TARGET_LABELS ? "classes"
                                                                     : "target values a sample",
                          dataset->targets);
    return RFIM_OK;
}

rfim_status rfim_targets_are_inputs(rfim_network *network, const rfim_dataset *dataset,
                                    rfim_target_rule rule, int *out)
{
    rfim__target_source source = RFIM__TARGETS_OF_DATA;
    if (!network || !dataset || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = rfim__target_source_of(network, dataset, rule, &source);
    if (status == RFIM_OK)
        *out = source == RFIM__TARGETS_ARE_INPUTS;
    return status;
}

rfim_status rfim__check_splits(rfim_network *network, const rfim_splits *splits,
                               rfim_target_rule rule)
{
    const rfim_dataset *const parts[] = {splits->train, splits->valid, splits->test};
    rfim_status status = RFIM_OK;
    for (size_t s = 0; s < sizeof parts / sizeof *parts && status == RFIM_OK; s++) {
        rfim__target_source ignored;
        if (parts[s])
            status = rfim__target_source_of(network, parts[s], rule, &ignored);
    }
    return status;
}

rfim_status rfim__evaluate(rfim_trace *trace, const rfim_dataset *dataset, size_t samples,
                           rfim_target_rule rule, rfim_evaluation *out)
{
    rfim_network *network = trace->network;
    rfim__target_source source;
    rfim__loss_sums sums = {0};
    rfim_status status = rfim__target_source_of(network, dataset, rule, &source);
    if (status != RFIM_OK)
        return status;
    rfim__algebra_begin(network->context);
    for (size_t first = 0; first < samples && status == RFIM_OK; first += RFIM__EVAL_BATCH) {
        size_t n = rfim__size_min(samples - first, RFIM__EVAL_BATCH);
        status = rfim__trace_load(trace, dataset, NULL, first, n);
        if (status == RFIM_OK)
            status = rfim__trace_load_targets(trace, dataset, source, NULL, first);
        if (status != RFIM_OK)
            break;
        rfim__trace_pass(trace, RFIM__INFER);
        rfim__loss_sums piece = rfim__trace_loss_sums(trace);
        sums.loss += piece.loss;
        sums.correct += piece.correct;
        sums.error += piece.error;
    }
    rfim__algebra_end(network->context);
    double n = (double)samples;
    bool classes = source == RFIM__TARGETS_OF_DATA && dataset->target_kind == RFIM_TARGET_LABELS;
    out->samples = samples;
    out->loss = sums.loss / n;
    out->accuracy = classes ? sums.correct / n : NAN;
    out->error = classes ? NAN : sums.error / n;
    return status;
}

rfim_status rfim_evaluate(rfim_network *network, const rfim_dataset *dataset,
                          rfim_target_rule target, rfim_evaluation *out)
{
    if (!network || !dataset || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim_trace *trace = NULL;
    rfim_status status = rfim__trace_create(network, RFIM__EVAL_BATCH, false, &trace);
    if (status == RFIM_OK)
        status = rfim__evaluate(trace, dataset, dataset->samples, target, out);
    rfim_trace_free(trace);
    return status;
}
