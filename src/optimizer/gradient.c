/* gradient.c - the plain gradient as a direction: formed only where something asks for it. */
#include "core/fault.h"
#include "optimizer/method.h"

/* gradient + l2 W, biases excluded; with momentum before the method, the mean of them so far */
rfim__matrix rfim__whole_gradient(const rfim_optimizer *optimizer, const rfim_trace *trace,
                                  size_t l)
{
    rfim__algebra *algebra = optimizer->network->algebra;
    const rfim__module *module = &optimizer->network->modules[l];
    double l2 = optimizer->options.l2 * RFIM_FAULT_L2;
    rfim__matrix gradient = rfim__trace_gradient(trace, l);
    if (l2 != 0) {
        size_t rows = module->table->decayed_rows(module);
        rfim__matrix decayed = rfim__rows(algebra, gradient, 0, rows);
        algebra->ops.combine(algebra, 1, decayed, l2,
                             rfim__rows(algebra, module->parameters, 0, rows), decayed);
    }
    if (rfim__momentum_is(&optimizer->options, RFIM_MOMENTUM_BEFORE))
        rfim__momentum_average(&optimizer->momentum, algebra, &optimizer->options, l,
                               optimizer->report.steps + 1, gradient);
    return gradient;
}

rfim__direction rfim__gradient_direction(const rfim_optimizer *optimizer, const rfim_trace *trace,
                                         size_t l)
{
    const rfim__module *module = &optimizer->network->modules[l];
    const rfim__slot *slot = &trace->slots[l];
    if (!module->table->product || slot->gradient_formed || optimizer->options.l2 != 0 ||
        rfim__momentum_is(&optimizer->options, RFIM_MOMENTUM_BEFORE))
        return (rfim__direction){.kind = RFIM__DIRECTION_MATRIX,
                                 .matrix = rfim__whole_gradient(optimizer, trace, l),
                                 .scale = 1};
    return (rfim__direction){.kind = RFIM__DIRECTION_PRODUCT,
                             .left = slot->input,
                             .firsts = slot->firsts,
                             .right = slot->delta,
                             .scale = 1 / (double)slot->input.rows};
}
