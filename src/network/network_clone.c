#include "network/network_clone.h"

#include <string.h>

/* order 0: the first module as it is */
static rfim_status fill(rfim_network *clone, const rfim_network *network, size_t order)
{
    rfim_context *context = network->context;
    clone->modules = rfim__allocate(context, network->count, sizeof *clone->modules);
    clone->text = rfim__copy_text(context, network->text);
    if (!clone->modules || !clone->text)
        return RFIM_ERROR_MEMORY;
    memcpy(clone->modules, network->modules, network->count * sizeof *clone->modules);
    clone->count = network->count;
    clone->loss = network->loss;
    if (order > 0) {
        clone->modules[0].inputs = order - 1;
        clone->modules[0].whitened = true;
    }
    rfim_status status = rfim__algebra_create_cpu(context, network->algebra->precision,
                                                  &clone->algebra);
    if (status != RFIM_OK)
        return status;
    clone->algebra->team_flops = network->algebra->team_flops;
    rfim__arena arena = {0};
    rfim__network_lay_out(
        clone, &arena); /* no larger than what `network` has, so that it can be addressed */
    clone->block = rfim__allocate(context, arena.used, 1);
    if (!clone->block)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = clone->block};
    rfim__network_lay_out(clone, &arena);
    rfim__network_copy(clone, network, order > 0);
    return RFIM_OK;
}

static rfim_status make(const rfim_network *network, size_t order, rfim_network **out)
{
    rfim_network *clone = rfim__allocate(network->context, 1, sizeof *clone);
    *out = NULL;
    if (!clone)
        return RFIM_ERROR_MEMORY;
    clone->context = network->context;
    rfim_status status = fill(clone, network, order);
    if (status != RFIM_OK) {
        rfim_network_free(clone);
        clone = NULL;
    }
    *out = clone;
    return status;
}

rfim_status rfim__network_clone(const rfim_network *network, rfim_network **out)
{
    return make(network, 0, out);
}

rfim_status rfim__network_clone_whitened(const rfim_network *network, size_t order,
                                         rfim_network **out)
{
    return make(network, order, out);
}

void rfim__network_copy(rfim_network *to, const rfim_network *from, size_t first)
{
    rfim__algebra *algebra = to->algebra;
    for (size_t l = first; l < to->count; l++) {
        const rfim__module *source = &from->modules[l];
        rfim__module *target = &to->modules[l];
        algebra->ops.combine(algebra, 1, source->parameters, 0, source->parameters,
                             target->parameters);
        algebra->ops.combine(algebra, 1, source->state, 0, source->state, target->state);
    }
    to->updates = from->updates;
    to->edition++;
}
