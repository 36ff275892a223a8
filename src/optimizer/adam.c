/* adam.c - Adam (Kingma and Ba 2015, algorithm 1; weight decay, when asked for, is decoupled as in
 * Loshchilov and Hutter 2019):
 *   a <- b1 a + (1-b1) g,  b <- b2 b + (1-b2) g^2,
 *   direction = (a/(1-b1^s)) / (sqrt(b/(1-b2^s)) + eps) at step s. */
#include "optimizer/adam.h"

#include "optimizer/method.h"

enum { FIRST, SECOND, DIRECTION, COPIES };

typedef struct adam_state {
    rfim__matrix *matrices; /* [modules x COPIES] */
    void *block;
} adam_state;

static rfim_status create(rfim_optimizer *optimizer)
{
    rfim_network *network = optimizer->network;
    adam_state *state = rfim__allocate(network->context, 1, sizeof *state);
    optimizer->state = state;
    if (!state)
        return RFIM_ERROR_MEMORY;
    state->matrices = rfim__allocate(network->context, network->count * COPIES,
                                     sizeof *state->matrices);
    if (!state->matrices)
        return RFIM_ERROR_MEMORY;
    rfim_status status = rfim__optimizer_mirror(optimizer, COPIES, state->matrices, &state->block);
    for (size_t l = 0; status == RFIM_OK && l < network->count; l++)
        optimizer->directions[l] = state->matrices[l * COPIES + DIRECTION];
    return status;
}

static void release(rfim_optimizer *optimizer)
{
    adam_state *state = optimizer->state;
    if (!state)
        return;
    rfim__release(optimizer->network->context, state->block);
    rfim__release(optimizer->network->context, state->matrices);
    rfim__release(optimizer->network->context, state);
}

static void direct(rfim_optimizer *optimizer, rfim_trace *trace)
{
    rfim_network *network = optimizer->network;
    adam_state *state = optimizer->state;
    const rfim__adam_kernels *kernels = RFIM__PICK_VARIANT(rfim__adam, network->context->kernels,
                                                           network->algebra->precision);
    for (size_t l = 0; l < network->count; l++) {
        rfim__matrix *own = state->matrices + l * COPIES;
        kernels->direct(&optimizer->options, optimizer->report.steps + 1, trace->slots[l].gradient,
                        own[FIRST], own[SECOND], own[DIRECTION]);
    }
}

const rfim__method_table rfim__adam_method = {
    .name = "adam",
    .create = create,
    .free = release,
    .direct = direct,
};
