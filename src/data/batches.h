/* batches.h - the order in which an epoch visits the samples.
 *
 * Each epoch shuffles 0 ... samples-1 anew from the identity, by Fisher and Yates, with the
 * random numbers of (seed, RFIM__STREAM_SHUFFLE, epoch). So the order of epoch e depends on
 * (samples, seed, e) alone and can be had without the epochs before it. */
#ifndef RFIM_DATA_BATCHES_H
#define RFIM_DATA_BATCHES_H

#include "core/context.h"

#include <stdint.h>

typedef struct rfim__batches {
    rfim_context *context;
    size_t samples;
    uint64_t seed;
    uint32_t *rows; /* [samples], a permutation of 0 ... samples-1; before the first shuffle the
                       identity. The b-th batch of n samples is rows[b n ... (b+1) n - 1]. */
} rfim__batches;

/* RFIM_ERROR_ARGUMENT when there are more samples than 32 bits can number. */
rfim_status rfim__batches_create(rfim_context *context, size_t samples, uint64_t seed,
                                 rfim__batches **out);
/* Puts the order of an epoch into batches->rows. Allocates nothing, cannot fail. */
void rfim__batches_shuffle(rfim__batches *batches, uint64_t epoch);
/* NULL is legal. */
void rfim__batches_free(rfim__batches *batches);

#endif
