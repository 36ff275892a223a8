/* optimizer_rig.h - an optimiser by itself, with the trace and the network that it needs. */
#ifndef RFIM_TESTS_OPTIMIZER_OPTIMIZER_RIG_H
#define RFIM_TESTS_OPTIMIZER_OPTIMIZER_RIG_H

#include "network/small_network.h"

#include <rfim/optimizer.h>

typedef struct rig {
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    rfim_optimizer_options options;
    rfim_optimizer *optimizer;
} rig;

/* Without options and an optimiser as yet. */
static inline rig rig_with(const char *text, rfim_precision precision, uint64_t seed, size_t batch)
{
    rig r = {.context = small_context(RFIM_KERNELS_AUTOMATIC)};
    r.network = small_network(r.context, text, precision, seed);
    must(r.context, rfim_trace_create(r.network, batch, &r.trace));
    return r;
}

static inline void rig_end(rig *r)
{
    rfim_optimizer_free(r->optimizer);
    rfim_trace_free(r->trace);
    rfim_network_free(r->network);
    rfim_context_free(r->context);
}

#endif
