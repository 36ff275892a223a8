/* kept_inputs.h - the inputs of a data set that are not 0 in every sample, and samples without the
 * others. A weight that only ever meets zeros has no gradient: it needs no arithmetic.
 *
 * Those that are 0 most often come first, so that the first numbers of a sample are 0, as many of
 * them as may be; what comes of a sample by a lower triangle (L^-1 x~) begins with as many zeros.
 * Where no input is ever 0 they stay as they are in the data. */
#ifndef RFIM_DATA_KEPT_INPUTS_H
#define RFIM_DATA_KEPT_INPUTS_H

#include "algebra/algebra.h"
#include "data/dataset.h"

#define RFIM__KEPT_UNIT 16 /* zeros at the beginning of a sample are counted by so many */

typedef struct rfim__kept_inputs {
    rfim_context *context;
    size_t inputs;     /* d of the data set */
    size_t order;      /* columns of x~ that are left: inputs, and the one */
    size_t numbers;    /* of all samples, padding included, without zeros at the beginning */
    double squares;    /* sum over the samples of the square of the numbers that are left */
    uint32_t *kept;    /* [order] which of the D = d + 1 columns of x~ they are; the last is d, the
                          one */
    uint32_t *dropped; /* [D - order] the others, ascending */
    bool in_order;     /* kept is ascending */
} rfim__kept_inputs;

/* Looks at every sample. What is neither 0 nor a number counts as kept, and so does the first
 * input where all others are dropped: a layer has an input. */
rfim_status rfim__kept_inputs_find(const rfim_dataset *dataset, rfim__kept_inputs *out);
/* All zero is legal. */
void rfim__kept_inputs_free(rfim__kept_inputs *inputs);

/* How many numbers of what is kept of a sample are 0 before the first other one, the one at the
 * latest; in whole units. */
size_t rfim__kept_inputs_first(const rfim__kept_inputs *inputs, const rfim_dataset *dataset,
                               size_t sample);

/* x: [n x D] of the algebra. Its first `order` columns <- x~ of the samples rows[0 ... n-1], or
 * first ... first+n-1 when rows is NULL, without what was dropped; what is behind them is of no
 * use. false: a number is not finite. */
bool rfim__kept_inputs_load(const rfim__kept_inputs *inputs, const rfim__algebra *algebra,
                            const rfim_dataset *dataset, const uint32_t *rows, size_t first,
                            rfim__matrix x);

#endif
