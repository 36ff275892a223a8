/* raw_inputs.c - a network that was trained on standardised inputs, changed so that it takes them
 * as they were:
 *
 *   W^T (x - mean) / deviation + b = W'^T x + b',   W' = W / deviation,   b' = b - mean^T W'
 *
 * Worked out in float64. Caveat: in float32 the rounding of W' x counts as many times as the mean
 * is larger than the deviation. */
#include "data/dataset.h"
#include "network/tensors.h"

/* weight [m x d], bias [m], as model files hold them */
static void fold(const rfim_dataset *dataset, size_t outputs, double *weight, double *bias)
{
    size_t d = dataset->inputs;
    for (size_t j = 0; j < outputs; j++) {
        for (size_t k = 0; k < d; k++) {
            weight[j * d + k] /= dataset->deviation[k];
            bias[j] -= dataset->mean[k] * weight[j * d + k];
        }
    }
}

static rfim_status check(const rfim_network *network, const rfim_dataset *dataset)
{
    const rfim__module *first = &network->modules[0];
    if (!dataset->mean)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "these data are not standardised: the network takes their inputs as they "
                          "are already");
    if (first->table != &rfim__linear_module)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "standardised inputs are folded into a linear first module, but the "
                          "network begins with %s; leave standardize out, or put a linear module "
                          "first",
                          first->name);
    if (first->inputs != dataset->inputs)
        return rfim__fail(network->context, RFIM_ERROR_SHAPE,
                          "the network has %zu inputs, the data have %zu numbers a sample",
                          first->inputs, dataset->inputs);
    return RFIM_OK;
}

rfim_status rfim_network_take_raw_inputs(rfim_network *network, const rfim_dataset *dataset)
{
    if (!network || !dataset)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = check(network, dataset);
    if (status != RFIM_OK)
        return status;
    size_t outputs = network->modules[0].outputs;
    size_t numbers = outputs * dataset->inputs;
    /* The first module's tensors are its weight and its bias. */
    double *weight = rfim__allocate(network->context, numbers + outputs, sizeof *weight);
    if (!weight)
        return RFIM_ERROR_MEMORY;
    double *bias = weight + numbers;
    status = rfim_network_tensor_read(network, 0, weight);
    if (status == RFIM_OK)
        status = rfim_network_tensor_read(network, 1, bias);
    if (status == RFIM_OK) {
        fold(dataset, outputs, weight, bias);
        status = rfim_network_tensor_write(network, 0, weight);
    }
    if (status == RFIM_OK)
        status = rfim_network_tensor_write(network, 1, bias);
    rfim__release(network->context, weight);
    return status;
}
