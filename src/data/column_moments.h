/* column_moments.h - mean and standard deviation of every input over a data set. */
#ifndef RFIM_DATA_COLUMN_MOMENTS_H
#define RFIM_DATA_COLUMN_MOMENTS_H

#include "core/context.h"

#include <rfim/data.h>

/* mean, deviation: [d] over all N samples, with 1/N; the deviation of an input that never varies is
 * 0 exactly. In two passes, so that an offset, however large, takes no digits away.
 * RFIM_ERROR_ARGUMENT: an input is not finite, or so large that its square is not. */
rfim_status rfim__column_moments(const rfim_dataset *dataset, double *mean, double *deviation);

#endif
