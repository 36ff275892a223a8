#include "optimizer/mirror.h"

/* out may be NULL: only counts */
static void lay_out(const rfim_network *network, size_t copies, rfim__matrix *out,
                    rfim__arena *arena)
{
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        for (size_t c = 0; c < copies; c++) {
            rfim__matrix own = rfim__arena_matrix(arena, network->algebra, module->parameters.rows,
                                                  module->outputs);
            if (out)
                out[l * copies + c] = own;
        }
    }
}

void rfim__mirror_count(const rfim_network *network, size_t copies, rfim__arena *arena)
{
    lay_out(network, copies, NULL, arena);
}

rfim_status rfim__mirror_create(const rfim_network *network, size_t copies, rfim__mirror *out)
{
    rfim_context *context = network->context;
    rfim__arena arena = {0};
    *out = (rfim__mirror){.copies = copies};
    if (copies == 0)
        return RFIM_OK;
    rfim__mirror_count(network, copies, &arena);
    if (arena.overflow)
        return rfim__fail(context, RFIM_ERROR_MEMORY,
                          "the optimiser's state is more than this machine can address");
    out->matrices = rfim__allocate(context, copies * network->count, sizeof *out->matrices);
    out->block = rfim__allocate(context, arena.used, 1);
    if (!out->matrices || !out->block)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = out->block};
    lay_out(network, copies, out->matrices, &arena);
    return RFIM_OK;
}

void rfim__mirror_free(rfim_context *context, rfim__mirror *mirror)
{
    rfim__release(context, mirror->block);
    rfim__release(context, mirror->matrices);
    *mirror = (rfim__mirror){0};
}
