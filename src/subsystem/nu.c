/* nu.c - how much information each response carries about its pre-activation. */
#include "metric/response.h"
#include "subsystem/handle.h"
#include "subsystem/response_root.h"

#include <math.h>

/* out <- eta (1 - eta): the diagonal of F */
static void read_classes(rfim__algebra *algebra, rfim__matrix u, rfim__matrix eta, rfim__matrix out)
{
    rfim__response_kernels_of(algebra)->softmax(u, eta);
    rfim__response_kernels_of(algebra)->others(eta, out);
    algebra->ops.multiply(algebra, eta, out, out);
}

rfim_status rfim_metric_nu(rfim_trace *trace, size_t module, rfim_family family, double sigma,
                           double *nu)
{
    if (!trace || !nu)
        return RFIM_ERROR_ARGUMENT;
    rfim_network *network = trace->network;
    rfim__algebra *algebra = network->algebra;
    rfim__asked_response response;
    if (!trace->forward_done)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "nu: call rfim_trace_forward first");
    if (module >= network->count || (int)family < 0 || family > RFIM_FAMILY_CATEGORICAL ||
        !(sigma > 0 && isfinite(sigma)))
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "nu: a module below %zu, a family of rfim_family and a sigma above 0 are "
                          "wanted, found %zu, %d and %g",
                          network->count, module, (int)family, sigma);
    rfim_status status = rfim__subsystem_response(network, module, family, sigma, &response);
    if (status != RFIM_OK)
        return status;
    rfim__arena arena = {0};
    size_t m = network->modules[module].outputs;
    rfim__arena_matrix(&arena, algebra, trace->samples, m);
    rfim__arena_matrix(&arena, algebra, trace->samples, m);
    void *storage = rfim__allocate(network->context, arena.used, 1);
    if (!storage)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = storage};
    rfim__matrix out = rfim__arena_matrix(&arena, algebra, trace->samples, m);
    rfim__matrix eta = rfim__arena_matrix(&arena, algebra, trace->samples, m);
    const rfim__slot *slot = &trace->slots[module];
    rfim__algebra_begin(network->context);
    if (response.family == RFIM_FAMILY_CATEGORICAL)
        read_classes(algebra, rfim__response_pre(network, module, slot), eta, out);
    else
        rfim__response_information(network, &response, slot, out);
    algebra->ops.export(algebra, out, nu);
    rfim__algebra_end(network->context);
    rfim__release(network->context, storage);
    return RFIM_OK;
}
