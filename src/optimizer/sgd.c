/* sgd.c - stochastic gradient descent: the direction is the gradient. */
#include "optimizer/method.h"

static rfim_status create(rfim_optimizer *optimizer)
{
    (void)optimizer;
    return RFIM_OK;
}

static void release(rfim_optimizer *optimizer)
{
    (void)optimizer;
}

static void direct(rfim_optimizer *optimizer, rfim_trace *trace, size_t l, double rate,
                   rfim__direction *direction)
{
    (void)rate;
    *direction = rfim__gradient_direction(optimizer, trace, l);
}

const rfim__method_table rfim__sgd_method = {
    .name = "sgd",
    .create = create,
    .free = release,
    .direct = direct,
};
