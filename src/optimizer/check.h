/* check.h - whether options are such that an optimiser can be made of them. */
#ifndef RFIM_OPTIMIZER_CHECK_H
#define RFIM_OPTIMIZER_CHECK_H

#include "network/network.h"

#include <rfim/optimizer.h>

/* RFIM_ERROR_ARGUMENT: which of them is wrong, and what it may be. Which form can serve a layer is
 * the planner's to say. */
rfim_status rfim__optimizer_check(const rfim_network *network,
                                  const rfim_optimizer_options *options);

#endif
