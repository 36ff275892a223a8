/* network_modules.c - a network's modules by number and by name. */
#include "core/nearest.h"
#include "network/network.h"

#include <string.h>

size_t rfim_network_modules(const rfim_network *network)
{
    return network->count;
}

const char *rfim_network_module_name(const rfim_network *network, size_t index)
{
    return index < network->count ? network->modules[index].name : NULL;
}

bool rfim__module_find(const rfim_network *network, const char *name, size_t *index)
{
    for (size_t l = 0; l < network->count; l++) {
        if (strcmp(network->modules[l].name, name) == 0) {
            *index = l;
            return true;
        }
    }
    return false;
}

rfim_status rfim_network_module_find(const rfim_network *network, const char *name, size_t *index)
{
    if (!network || !name || !index)
        return RFIM_ERROR_ARGUMENT;
    if (rfim__module_find(network, name, index))
        return RFIM_OK;
    const char *best = NULL;
    for (size_t l = 0; l < network->count; l++)
        rfim__nearest_consider(name, network->modules[l].name, &best);
    return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                      "the network has no module `%.40s`; the nearest is `%s`, of %zu from `%s` to "
                      "`%s`",
                      name, best, network->count, network->modules[0].name,
                      network->modules[network->count - 1].name);
}

rfim_status rfim_network_module_shape(const rfim_network *network, size_t index,
                                      size_t *parameter_rows, size_t *outputs)
{
    if (!network || !parameter_rows || !outputs)
        return RFIM_ERROR_ARGUMENT;
    if (index >= network->count)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "the network has %zu modules, module %zu was asked for (they count from "
                          "0)",
                          network->count, index);
    *parameter_rows = network->modules[index].parameters.rows;
    *outputs = network->modules[index].outputs;
    return RFIM_OK;
}
