#include "fim/pull.h"

static void place(rfim__pull *pull, rfim__arena *arena)
{
    const rfim_network *network = pull->subject->network;
    for (size_t l = 0; l < network->count; l++)
        pull->cotangents[l] = rfim__arena_matrix(arena, network->algebra, pull->most,
                                                 network->modules[l].outputs);
    pull->gradients = rfim__arena_matrix(arena, network->algebra, pull->most, pull->subject->order);
}

rfim_status rfim__pull_begin(const rfim__subject *subject, size_t most, rfim__pull *out)
{
    rfim_context *context = subject->context;
    *out = (rfim__pull){.subject = subject, .most = most};
    out->cotangents = rfim__allocate(context, subject->network->count, sizeof *out->cotangents);
    if (!out->cotangents)
        return RFIM_ERROR_MEMORY;
    rfim__arena arena = {0};
    place(out, &arena);
    out->block = arena.overflow ? NULL : rfim__allocate(context, arena.used, 1);
    if (!out->block) {
        rfim__pull_end(out);
        return rfim__fail(context, RFIM_ERROR_MEMORY,
                          "fim: no memory for %zu gradients of %zu numbers each", most,
                          subject->order);
    }
    arena = (rfim__arena){.base = out->block};
    place(out, &arena);
    return RFIM_OK;
}

void rfim__pull_end(rfim__pull *pull)
{
    if (!pull->subject)
        return;
    rfim__release(pull->subject->context, pull->cotangents);
    rfim__release(pull->subject->context, pull->block);
    *pull = (rfim__pull){0};
}

rfim__matrix rfim__pull_cotangents(const rfim__pull *pull, size_t count)
{
    const rfim_network *network = pull->subject->network;
    return rfim__rows(network->algebra, pull->cotangents[network->count - 1], 0, count);
}

/* A module's columns of the gradients: what arrived at t times the reference. */
static void outer(const rfim__pull *pull, size_t l, size_t sample, size_t count)
{
    const rfim__module *module = &pull->subject->network->modules[l];
    size_t rows = module->parameters.rows;
    for (size_t j = 0; j < module->outputs && rows > 0; j++) {
        double pair[2];
        const double *reference = rfim__subject_reference(pull->subject, l, sample, j, pair);
        for (size_t c = 0; c < count; c++) {
            double at_t = rfim__row(pull->cotangents[l], c)[j];
            double *gradient = rfim__row(pull->gradients, c) + pull->subject->first[l] + j * rows;
            for (size_t k = 0; k < rows; k++)
                gradient[k] = at_t * reference[k];
        }
    }
}

rfim__matrix rfim__pull_sample(const rfim__pull *pull, size_t sample, size_t count)
{
    const rfim_network *network = pull->subject->network;
    rfim__algebra *algebra = network->algebra;
    for (size_t l = network->count; l-- > 0;) {
        const rfim__module *module = &network->modules[l];
        rfim__slot slot = rfim__subject_repeat(pull->subject, l, sample, count);
        rfim__matrix below = {0};
        if (l > 0)
            below = rfim__rows(algebra, pull->cotangents[l - 1], 0, count);
        module->table->pull_back(algebra, module, &slot, false,
                                 rfim__rows(algebra, pull->cotangents[l], 0, count), below);
        outer(pull, l, sample, count);
    }
    return rfim__rows(algebra, pull->gradients, 0, count);
}
