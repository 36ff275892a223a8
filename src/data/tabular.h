/* tabular.h - the built-in regression: 20 columns of very different units and offsets, one target.
 *
 *   c = z (I + 0.3 A) / deviation,   z ~ N(0, I_20),   A [20 x 20] standard normal
 *   y = sin 2 c_0 + c_1 c_2 + 2 exp(-c_3^2) + (c_4 + ... + c_9) tanh(c_10) / 2
 *       + 0.3 mean(c_11^2 ... c_19^2),  less its mean, over its deviation
 *   raw column k = (c_k + o_k) s_k,  o_k even from -2 to 2, log10 s_k even from -3 to 3
 *
 * The columns of c have unit variance, y mean 0 and variance 1, over the first 20 000 training
 * rows, however many are asked for. So a row depends on (seed, split, its number) alone, and A on
 * the seed. Who takes the columns as they are sees inputs of a deviation from 1e-3 to 1e3: a test
 * of whether a method minds the units of its inputs. */
#ifndef RFIM_DATA_TABULAR_H
#define RFIM_DATA_TABULAR_H

#include "core/context.h"

#include <rfim/data.h>

#define RFIM__TABULAR_COLUMNS 20
#define RFIM__TABULAR_REFERENCE 20000 /* training rows that set the scales */

/* Splits draw from streams of their own. */
typedef enum rfim__tabular_split {
    RFIM__TABULAR_TRAIN,
    RFIM__TABULAR_VALID,
    RFIM__TABULAR_TEST
} rfim__tabular_split;

/* The first `samples` rows of a split, in float64, with one target value each. */
rfim_status rfim__tabular_create(rfim_context *context, uint64_t seed, rfim__tabular_split split,
                                 size_t samples, rfim_dataset **out);

#endif
