#include "optimizer/accumulator.h"

/* out may be NULL: only counts */
static void lay_out(const rfim_network *network, rfim__matrix *out, rfim__arena *arena)
{
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        rfim__matrix own = rfim__arena_matrix(arena, network->algebra, module->parameters.rows,
                                              module->outputs);
        if (out)
            out[l] = own;
    }
}

void rfim__accumulator_count(const rfim_network *network, const rfim_optimizer_options *options,
                             rfim__arena *arena)
{
    if (options->accumulate > 1)
        lay_out(network, NULL, arena);
}

rfim_status rfim__accumulator_create(const rfim_network *network,
                                     const rfim_optimizer_options *options, rfim__accumulator *out)
{
    rfim_context *context = network->context;
    rfim__arena arena = {0};
    *out = (rfim__accumulator){0};
    if (options->accumulate == 1)
        return RFIM_OK;
    rfim__accumulator_count(network, options, &arena);
    if (arena.overflow)
        return rfim__fail(context, RFIM_ERROR_MEMORY,
                          "the accumulated gradient is more than this machine can address");
    out->sums = rfim__allocate(context, network->count, sizeof *out->sums);
    out->block = rfim__allocate(context, arena.used, 1);
    if (!out->sums || !out->block)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = out->block};
    lay_out(network, out->sums, &arena);
    return RFIM_OK;
}

void rfim__accumulator_free(rfim_context *context, rfim__accumulator *accumulator)
{
    rfim__release(context, accumulator->block);
    rfim__release(context, accumulator->sums);
    *accumulator = (rfim__accumulator){0};
}

double rfim__accumulator_share(const rfim__accumulator *accumulator, const rfim_trace *trace)
{
    return accumulator->whole > 0 ? (double)trace->samples / (double)accumulator->whole : 1;
}

/* out <- keep sum + this batch's share of the gradient of module l */
static void add_share(const rfim__accumulator *accumulator, const rfim_trace *trace, size_t l,
                      double keep, rfim__matrix out)
{
    rfim__algebra *algebra = trace->network->algebra;
    const rfim__slot *slot = &trace->slots[l];
    rfim__matrix sum = accumulator->sums[l];
    if (slot->gradient_formed)
        algebra->ops.combine(algebra, keep, sum, rfim__accumulator_share(accumulator, trace),
                             slot->gradient, out);
    else /* not finite numbers are noticed by whoever uses them */
        (void)algebra->ops.gemm_add(algebra, RFIM__TRANSPOSED, RFIM__PLAIN,
                                    1 / (double)accumulator->whole, slot->input, slot->delta, keep,
                                    sum, out);
}

void rfim__accumulator_add(rfim__accumulator *accumulator, const rfim_trace *trace)
{
    for (size_t l = 0; l < trace->network->count; l++)
        if (trace->network->modules[l].parameters.rows > 0)
            add_share(accumulator, trace, l, accumulator->batches > 0 ? 1 : 0,
                      accumulator->sums[l]);
    accumulator->batches++;
    accumulator->samples += trace->samples;
}

void rfim__accumulator_finish(rfim__accumulator *accumulator, const rfim_trace *trace)
{
    for (size_t l = 0; l < trace->network->count; l++) {
        rfim__slot *slot = &trace->slots[l];
        if (trace->network->modules[l].parameters.rows == 0)
            continue;
        add_share(accumulator, trace, l, 1, slot->gradient);
        slot->gradient_formed = true;
    }
}
