#include "metric/representation.h"

#include "metric/metric.h"

const char *rfim_representation_name(rfim_representation representation)
{
    int index = (int)representation;
    return index >= 0 && index < RFIM_REPRESENTATIONS ? rfim__metric_tables[index]->name : NULL;
}

const char *rfim_response_name(rfim_response response)
{
    static const char *const names[] = {"own", "next", "network"};
    int index = (int)response;
    return index >= 0 && index < 3 ? names[index] : NULL;
}

bool rfim__representation_holds(rfim_representation representation, const rfim__shape *shape)
{
    const rfim__metric_table *table = rfim__metric_tables[representation];
    return table && table->holds(shape);
}

bool rfim__representation_is_exact(rfim_representation representation, const rfim__shape *shape)
{
    if (!rfim__representation_holds(representation, shape))
        return false;
    switch (representation) {
    case RFIM_NEURON:
        return shape->curvature == RFIM__UNIT || shape->curvature == RFIM__WEIGHTS;
    case RFIM_KRONECKER:
        return shape->curvature == RFIM__UNIT;
    case RFIM_DIAGONAL:
        return shape->order == 1;
    default:
        return true;
    }
}
