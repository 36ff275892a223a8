#include "optimizer/momentum.h"

#include <math.h>

/* Matrices like the parameters of every module that the kind takes. */
static size_t copies_of(const rfim_optimizer_options *options)
{
    if (rfim__momentum_is(options, RFIM_MOMENTUM_NESTEROV))
        return 2;
    return rfim__momentum_is(options, RFIM_MOMENTUM_AFTER) ||
           rfim__momentum_is(options, RFIM_MOMENTUM_BEFORE);
}

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

void rfim__momentum_count(const rfim_network *network, const rfim_optimizer_options *options,
                          rfim__arena *arena)
{
    for (size_t c = 0; c < copies_of(options); c++)
        lay_out(network, NULL, arena);
}

rfim_status rfim__momentum_create(const rfim_network *network,
                                  const rfim_optimizer_options *options, rfim__momentum *out)
{
    rfim_context *context = network->context;
    size_t copies = copies_of(options);
    rfim__arena arena = {0};
    *out = (rfim__momentum){0};
    if (copies == 0)
        return RFIM_OK;
    rfim__momentum_count(network, options, &arena);
    if (arena.overflow)
        return rfim__fail(context, RFIM_ERROR_MEMORY,
                          "momentum is more than this machine can address");
    out->v = rfim__allocate(context, copies * network->count, sizeof *out->v);
    out->block = rfim__allocate(context, arena.used, 1);
    if (!out->v || !out->block)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = out->block};
    for (size_t c = 0; c < copies; c++)
        lay_out(network, out->v + c * network->count, &arena);
    if (copies == 2)
        out->step = out->v + network->count;
    return RFIM_OK;
}

void rfim__momentum_free(rfim_context *context, rfim__momentum *momentum)
{
    rfim__release(context, momentum->block);
    rfim__release(context, momentum->v);
    *momentum = (rfim__momentum){0};
}

void rfim__momentum_average(const rfim__momentum *momentum, rfim__algebra *algebra,
                            const rfim_optimizer_options *options, size_t l, size_t step,
                            rfim__matrix gradient)
{
    double keep = options->momentum;
    rfim__matrix v = momentum->v[l];
    double corrected = 1 / (1 - pow(keep, (double)step));
    algebra->ops.combine(algebra, keep, v, 1 - keep, gradient, v);
    algebra->ops.combine(algebra, corrected, v, 0, v, gradient);
}

/* x <- keep x + direction */
static void add(rfim__algebra *algebra, const rfim__direction *direction, double keep,
                rfim__matrix x)
{
    if (direction->kind == RFIM__DIRECTION_PRODUCT)
        algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, direction->scale, direction->left,
                          direction->right, keep, x);
    else
        algebra->ops.combine(algebra, keep, x, direction->scale, direction->matrix, x);
}

void rfim__momentum_add(const rfim__momentum *momentum, rfim__algebra *algebra,
                        const rfim_optimizer_options *options, size_t l, rfim__direction *direction)
{
    double keep = options->momentum;
    rfim__matrix v = momentum->v[l];
    rfim__matrix step = v;
    if (momentum->step) {
        step = momentum->step[l];
        add(algebra, direction, 0, step);
        algebra->ops.combine(algebra, keep, v, 1, step, v);
        algebra->ops.combine(algebra, 1, step, keep, v, step);
    } else {
        add(algebra, direction, keep, v);
    }
    *direction = (rfim__direction){.kind = RFIM__DIRECTION_MATRIX, .matrix = step, .scale = 1};
}
