#include "optimizer/momentum.h"

#include <math.h>

enum { V, STEP }; /* what is kept of a module: v, and for nesterov D + M v */

/* How many of them the kind takes. */
static size_t copies_of(const rfim_optimizer_options *options)
{
    if (rfim__momentum_is(options, RFIM_MOMENTUM_NESTEROV))
        return 2;
    return rfim__momentum_is(options, RFIM_MOMENTUM_AFTER) ||
           rfim__momentum_is(options, RFIM_MOMENTUM_BEFORE);
}

void rfim__momentum_count(const rfim_network *network, const rfim_optimizer_options *options,
                          rfim__arena *arena)
{
    rfim__mirror_count(network, copies_of(options), arena);
}

rfim_status rfim__momentum_create(const rfim_network *network,
                                  const rfim_optimizer_options *options, rfim__mirror *out)
{
    return rfim__mirror_create(network, copies_of(options), out);
}

void rfim__momentum_average(const rfim__mirror *momentum, rfim__algebra *algebra,
                            const rfim_optimizer_options *options, size_t l, size_t step,
                            rfim__matrix gradient)
{
    double keep = options->momentum;
    rfim__matrix v = rfim__mirror_of(momentum, l, V);
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

void rfim__momentum_add(const rfim__mirror *momentum, rfim__algebra *algebra,
                        const rfim_optimizer_options *options, size_t l, rfim__direction *direction)
{
    double keep = options->momentum;
    rfim__matrix v = rfim__mirror_of(momentum, l, V);
    rfim__matrix step = v;
    if (momentum->copies > STEP) {
        step = rfim__mirror_of(momentum, l, STEP);
        add(algebra, direction, 0, step);
        algebra->ops.combine(algebra, keep, v, 1, step, v);
        algebra->ops.combine(algebra, 1, step, keep, v, step);
    } else {
        add(algebra, direction, keep, v);
    }
    *direction = (rfim__direction){.kind = RFIM__DIRECTION_MATRIX, .matrix = step, .scale = 1};
}
