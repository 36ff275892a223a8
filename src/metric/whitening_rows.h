/* whitening_rows.h - the data in the new coordinates, X_w = X L^-T.
 *
 * L^-1 is a lower triangle: where the first inputs of a sample are 0 (data/kept_inputs.h), so are
 * as many of its new coordinates. Samples of a chunk are taken by how many, and those of a group
 * multiplied from the first column on that is not 0 in all of them. */
#ifndef RFIM_METRIC_WHITENING_ROWS_H
#define RFIM_METRIC_WHITENING_ROWS_H

#include "metric/whitening_samples.h"

#define RFIM__WHITENING_GROUP 128 /* samples that are multiplied together */

/* Among how many threads the groups of a chunk are shared out; each wants room of its own. */
size_t rfim__whitening_hands(const rfim__algebra *algebra, size_t samples);

/* inverse: L^-1 of the samples' `work` algebra; room: [hands group x D_w] of it; lines: [hands x
 * D_w] of the network's precision, where `work` has another. RFIM_ERROR_ARGUMENT: a number is not
 * finite. */
rfim_status rfim__whitening_fill(rfim__whitening *whitening, const rfim__whitening_samples *samples,
                                 rfim__matrix inverse, rfim__matrix room, rfim__matrix lines);

#endif
