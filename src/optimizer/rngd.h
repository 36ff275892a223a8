/* rngd.h - looking into relative natural gradient descent. */
#ifndef RFIM_OPTIMIZER_RNGD_H
#define RFIM_OPTIMIZER_RNGD_H

#include "metric/metric.h"

#include <rfim/optimizer.h>

/* The metric of a module; NULL where the plain gradient is natural. Of an optimiser whose method
 * is RFIM_RNGD. */
rfim__metric *rfim__rngd_metric(const rfim_optimizer *optimizer, size_t module);

#endif
