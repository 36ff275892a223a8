/* sgd.c - stochastic gradient descent with (heavy-ball) momentum: v <- momentum v + gradient,
 * W <- W - rate v. Without momentum nothing is stored. */
#include "optimizer/method.h"

static rfim_status create(rfim_optimizer *optimizer)
{
    if (optimizer->options.momentum == 0)
        return RFIM_OK;
    return rfim__optimizer_mirror(optimizer, 1, optimizer->directions, &optimizer->state);
}

static void release(rfim_optimizer *optimizer)
{
    rfim__release(optimizer->network->context, optimizer->state);
}

static void direct(rfim_optimizer *optimizer, rfim_trace *trace)
{
    rfim__algebra *algebra = optimizer->network->algebra;
    for (size_t l = 0; l < optimizer->network->count; l++) {
        rfim__matrix *v = &optimizer->directions[l];
        if (optimizer->options.momentum == 0)
            *v = trace->slots[l].gradient;
        else
            algebra->ops.combine(algebra, optimizer->options.momentum, *v, 1,
                                 trace->slots[l].gradient, *v);
    }
}

const rfim__method_table rfim__sgd_method = {
    .name = "sgd",
    .create = create,
    .free = release,
    .direct = direct,
};
