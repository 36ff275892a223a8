/* network_clone.h - a network beside another: the same modules, or all but a first layer in
 * whitened coordinates (module.h). */
#ifndef RFIM_NETWORK_NETWORK_CLONE_H
#define RFIM_NETWORK_NETWORK_CLONE_H

#include "network/network.h"

/* A network with the modules, names, text, loss, parameters and states of `network`, and an algebra
 * of its own, of the same kind. */
rfim_status rfim__network_clone(const rfim_network *network, rfim_network **out);
/* The same, but for its first module, a linear one. It takes `order` (2 or more) whitened inputs
 * instead: its parameters [order x m] and its bias [order x 1] are 0 and to be filled by the
 * caller. */
rfim_status rfim__network_clone_whitened(const rfim_network *network, size_t order,
                                         rfim_network **out);

/* Parameters, states and the count of updates of `from` to `to`, a network with the same modules:
 * of modules first ... count-1. Its edition goes up. */
void rfim__network_copy(rfim_network *to, const rfim_network *from, size_t first);

#endif
