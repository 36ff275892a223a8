/* rngd.h - looking into relative natural gradient descent. */
#ifndef RFIM_OPTIMIZER_RNGD_H
#define RFIM_OPTIMIZER_RNGD_H

#include "optimizer/form.h"

/* The metric of a module; NULL where the plain gradient is natural. Of an optimiser whose method
 * is RFIM_RNGD. */
rfim__metric *rfim__rngd_metric(const rfim_optimizer *optimizer, size_t module);

/* Its metric at work; NULL as above. */
rfim__form *rfim__rngd_form(const rfim_optimizer *optimizer, size_t module);

#endif
