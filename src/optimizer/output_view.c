#include "optimizer/output_view.h"

rfim__output_view rfim__output_view_of(const rfim_network *network)
{
    rfim__output_view view = {.outputs = network->modules[network->count - 1].outputs,
                              .curvature = rfim__loss_curvature(network->loss)};
    for (size_t l = 0; l < network->count; l++)
        view.normalised |= network->modules[l].table == &rfim__batch_norm_module;
    return view;
}

void rfim__output_view_add(rfim__output_view *view, const rfim_trace *trace, bool begins,
                           double share)
{
    const rfim_network *network = trace->network;
    rfim__matrix gradient = trace->slots[network->count - 1].delta;
    double square = network->algebra->ops.dot(network->algebra, gradient, gradient);
    if (begins)
        view->square = 0;
    view->square += share * square / (double)gradient.rows;
}
