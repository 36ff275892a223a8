#include "train/weight_average.h"

#include "core/size.h"

#include <math.h>

enum { PARAMETERS, STATE, KINDS };

/* With arena->base NULL only counts; means may then be NULL. */
static void lay_out(const rfim_network *network, rfim__matrix *means, rfim__arena *arena)
{
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        const size_t rows[KINDS] = {module->parameters.rows, module->state.rows};
        for (size_t kind = 0; kind < KINDS; kind++) {
            rfim__matrix mean = rfim__arena_matrix(arena, network->algebra, rows[kind],
                                                   module->outputs);
            if (means)
                means[l * KINDS + kind] = mean;
        }
    }
}

size_t rfim__weight_average_bytes(const rfim_network *network)
{
    rfim__arena arena = {0};
    lay_out(network, NULL, &arena);
    return arena.overflow ? SIZE_MAX : arena.used;
}

rfim_status rfim__weight_average_create(const rfim_network *network, double decay,
                                        rfim__weight_average **out)
{
    rfim_context *context = network->context;
    rfim__weight_average *average = rfim__allocate(context, 1, sizeof *average);
    *out = average;
    if (!average)
        return RFIM_ERROR_MEMORY;
    *average = (rfim__weight_average){.network = network, .decay = decay};
    average->means = rfim__allocate(context, network->count * KINDS, sizeof *average->means);
    /* no more than what the network has, so that it can be addressed */
    average->block = rfim__allocate(context, rfim__weight_average_bytes(network), 1);
    if (!average->means || !average->block)
        return RFIM_ERROR_MEMORY;
    rfim__arena arena = {.base = average->block};
    lay_out(network, average->means, &arena);
    return RFIM_OK;
}

void rfim__weight_average_free(rfim__weight_average *average)
{
    if (!average)
        return;
    rfim_context *context = average->network->context;
    rfim__release(context, average->block);
    rfim__release(context, average->means);
    rfim__release(context, average);
}

/* (1 - b)/(1 - b^t), t = steps + 1 */
double rfim__weight_average_share(const rfim__weight_average *average)
{
    return (1 - average->decay) / -expm1((double)(average->steps + 1) * log(average->decay));
}

void rfim__weight_average_add(rfim__weight_average *average)
{
    double share = rfim__weight_average_share(average);
    for (size_t l = 0; l < average->network->count; l++)
        rfim__weight_average_read(average, l, share, average->means[l * KINDS + PARAMETERS],
                                  average->means[l * KINDS + STATE]);
    average->steps++;
}

void rfim__weight_average_read(const rfim__weight_average *average, size_t l, double share,
                               rfim__matrix parameters, rfim__matrix state)
{
    rfim__algebra *algebra = average->network->algebra;
    const rfim__module *module = &average->network->modules[l];
    const rfim__matrix *means = average->means + l * KINDS;
    algebra->ops.combine(algebra, 1 - share, means[PARAMETERS], share, module->parameters,
                         parameters);
    algebra->ops.combine(algebra, 1 - share, means[STATE], share, module->state, state);
}
