/* tensors.h - where a named array of a network lives. */
#ifndef RFIM_NETWORK_TENSORS_H
#define RFIM_NETWORK_TENSORS_H

#include "network/trace.h"

typedef struct rfim__tensor_place {
    size_t module;
    rfim__module_tensor tensor;
} rfim__tensor_place;

/* false when the network has no tensor of this number. */
bool rfim__network_find_tensor(const rfim_network *network, size_t index, rfim__tensor_place *out);
/* "layer1.weight" */
void rfim__tensor_name(const rfim_network *network, const rfim__tensor_place *place, char *name,
                       size_t size);

#endif
