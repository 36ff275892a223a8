/* sgd.c - stochastic gradient descent with (heavy-ball) momentum: v <- momentum v + gradient,
 * W <- W - rate v. Without momentum nothing is stored. */
#include "optimizer/method.h"

typedef struct sgd_state {
    rfim__matrix *v; /* [modules], with momentum */
    void *block;
} sgd_state;

static rfim_status create(rfim_optimizer *optimizer)
{
    rfim_network *network = optimizer->network;
    if (optimizer->options.momentum == 0)
        return RFIM_OK;
    sgd_state *state = rfim__allocate(network->context, 1, sizeof *state);
    optimizer->state = state;
    if (!state)
        return RFIM_ERROR_MEMORY;
    state->v = rfim__allocate(network->context, network->count, sizeof *state->v);
    if (!state->v)
        return RFIM_ERROR_MEMORY;
    return rfim__optimizer_mirror(optimizer, 1, state->v, &state->block);
}

static void release(rfim_optimizer *optimizer)
{
    rfim_context *context = optimizer->network->context;
    sgd_state *state = optimizer->state;
    if (!state)
        return;
    rfim__release(context, state->block);
    rfim__release(context, state->v);
    rfim__release(context, state);
}

static void direct(rfim_optimizer *optimizer, rfim_trace *trace, size_t l, double rate,
                   rfim__direction *direction)
{
    sgd_state *state = optimizer->state;
    (void)rate;
    *direction = rfim__gradient_direction(optimizer, trace, l);
    if (state)
        rfim__add_momentum(optimizer, state->v[l], direction);
}

const rfim__method_table rfim__sgd_method = {
    .name = "sgd",
    .create = create,
    .free = release,
    .direct = direct,
};
