#include "optimizer/accumulator.h"

static size_t copies_of(const rfim_optimizer_options *options)
{
    return options->accumulate > 1;
}

void rfim__accumulator_count(const rfim_network *network, const rfim_optimizer_options *options,
                             rfim__arena *arena)
{
    rfim__mirror_count(network, copies_of(options), arena);
}

rfim_status rfim__accumulator_create(const rfim_network *network,
                                     const rfim_optimizer_options *options, rfim__accumulator *out)
{
    *out = (rfim__accumulator){0};
    return rfim__mirror_create(network, copies_of(options), &out->sums);
}

void rfim__accumulator_free(rfim_context *context, rfim__accumulator *accumulator)
{
    rfim__mirror_free(context, &accumulator->sums);
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
    rfim__matrix sum = rfim__mirror_of(&accumulator->sums, l, 0);
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
                      rfim__mirror_of(&accumulator->sums, l, 0));
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
