/* standardize.h - inputs of mean 0 and deviation 1: x' = (x - mean) / deviation, both those of the
 * training split. An input that never varies there is only centred. */
#ifndef RFIM_DATA_STANDARDIZE_H
#define RFIM_DATA_STANDARDIZE_H

#include "core/context.h"

#include <rfim/data.h>

/* Standardises each of `count` data sets (NULL: none) by the inputs of the first, which is there.
 * They hold float64 values where they did before, else float32, and keep mean and deviation.
 * RFIM_ERROR_ARGUMENT: an input is not finite, or so far from the mean that it would not be. When
 * it fails, some may be standardised already: of no use. */
rfim_status rfim__standardize(rfim_dataset *const *parts, size_t count);

#endif
