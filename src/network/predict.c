/* predict.c - inference for arrays of any length, piece by piece. */
#include "core/size.h"
#include "data/gather.h"
#include "network/trace.h"

#define PIECE 512 /* samples a pass */

rfim_status rfim_network_predict(rfim_network *network, rfim_array inputs, double *outputs)
{
    if (!network || (inputs.rows > 0 && !outputs))
        return RFIM_ERROR_ARGUMENT;
    rfim_context *context = network->context;
    if (inputs.columns != rfim_network_inputs(network))
        return rfim__fail(context, RFIM_ERROR_SHAPE,
                          "the network has %zu inputs, the samples have %zu numbers each",
                          rfim_network_inputs(network), inputs.columns);
    if (inputs.rows == 0)
        return RFIM_OK;
    rfim_trace *trace = NULL;
    rfim_status status = rfim__trace_create(network, rfim__size_min(inputs.rows, PIECE), false,
                                            &trace);
    if (status != RFIM_OK)
        return status;
    size_t m = rfim_network_outputs(network);
    rfim__algebra_begin(context);
    for (size_t first = 0; first < inputs.rows && status == RFIM_OK; first += PIECE) {
        size_t n = rfim__size_min(inputs.rows - first, PIECE);
        status = rfim__trace_load_inputs(trace, inputs, NULL, first, n);
        if (status != RFIM_OK)
            break;
        rfim__trace_pass(trace, RFIM__INFER);
        rfim__loss_kernels_of(network->algebra)
            ->respond(
                network->loss,
                rfim__columns(network->algebra, trace->slots[network->count - 1].output, 0, m),
                outputs + first * m);
    }
    rfim__algebra_end(context);
    rfim_trace_free(trace);
    return status;
}
