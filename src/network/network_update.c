/* network_update.c - new parameters beside the old ones, and back again. */
#include "algebra/ragged.h"
#include "network/network.h"

/* Rows first ... first+rows-1: previous <- keep W - step direction. */
static bool update_rows(rfim__algebra *algebra, const rfim__module *module,
                        const rfim__direction *direction, double step, double keep, size_t first,
                        size_t rows)
{
    rfim__matrix w = rfim__rows(algebra, module->parameters, first, rows);
    rfim__matrix next = rfim__rows(algebra, module->previous, first, rows);
    if (direction->kind == RFIM__DIRECTION_PRODUCT)
        return rfim__ragged_multiply_add(
            algebra, -step * direction->scale, rfim__columns(algebra, direction->left, first, rows),
            first == 0 && rows == direction->left.columns ? direction->firsts : NULL,
            direction->right, keep, w, next);
    return algebra->ops.combine_finite(algebra, keep, w, -step * direction->scale,
                                       rfim__rows(algebra, direction->matrix, first, rows), next);
}

/* Whitened coordinates: previous <- (1 - decay) V + decay bias (last row of V) - step direction. */
static bool update_whitened(rfim__algebra *algebra, const rfim__module *module,
                            const rfim__direction *direction, double step, double decay)
{
    size_t rows = module->parameters.rows;
    bool finite = update_rows(algebra, module, direction, step, 1 - decay, 0, rows);
    if (decay == 0)
        return finite;
    return algebra->ops.gemm_add(algebra, RFIM__PLAIN, RFIM__PLAIN, decay, module->bias,
                                 rfim__rows(algebra, module->parameters, rows - 1, 1), 1,
                                 module->previous, module->previous) &&
           finite;
}

static bool update_parameters(rfim__algebra *algebra, const rfim__module *module,
                              const rfim__direction *direction, double step, double decay)
{
    size_t rows = module->parameters.rows;
    size_t decayed = decay != 0 ? module->table->decayed_rows(module) : 0;
    if (direction->kind == RFIM__DIRECTION_WRITTEN)
        return direction->finite;
    if (module->whitened)
        return update_whitened(algebra, module, direction, step, decay);
    bool finite = true;
    if (decayed > 0)
        finite = update_rows(algebra, module, direction, step, 1 - decay, 0, decayed);
    if (decayed < rows)
        finite = update_rows(algebra, module, direction, step, 1, decayed, rows - decayed) &&
                 finite;
    return finite;
}

bool rfim__network_update(rfim_network *network, const rfim__slot *slots, size_t l,
                          const rfim__direction *direction, double step, double decay)
{
    rfim__algebra *algebra = network->algebra;
    rfim__module *module = &network->modules[l];
    bool finite = true;
    if (module->parameters.rows > 0) {
        finite = update_parameters(algebra, module, direction, step, decay);
        rfim__matrix_swap(&module->parameters, &module->previous);
    }
    if (module->state.rows > 0) {
        module->table->average(algebra, module, &slots[l]);
        rfim__matrix_swap(&module->state, &module->previous_state);
        finite = algebra->ops.finite(algebra, module->state) && finite;
    }
    return finite;
}

void rfim__network_updated(rfim_network *network)
{
    network->updates++;
    network->edition++;
}

void rfim__network_abandon(rfim_network *network, size_t first, size_t count)
{
    for (size_t l = first; l < first + count; l++) {
        rfim__module *module = &network->modules[l];
        rfim__matrix_swap(&module->parameters, &module->previous);
        rfim__matrix_swap(&module->state, &module->previous_state);
    }
}

void rfim__network_undo(rfim_network *network)
{
    rfim__network_abandon(network, 0, network->count);
    network->updates--;
    network->edition++;
}
