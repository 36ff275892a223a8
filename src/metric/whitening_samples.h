/* whitening_samples.h - the samples that a whitening reads, a chunk at a time: all of them, or
 * those that its metric is that of. */
#ifndef RFIM_METRIC_WHITENING_SAMPLES_H
#define RFIM_METRIC_WHITENING_SAMPLES_H

#include "metric/whitening.h"

#define RFIM__WHITENING_CHUNK 2048 /* samples at a time */

typedef struct rfim__whitening_samples {
    const rfim_dataset *dataset;
    const rfim__kept_inputs *inputs;
    const rfim__envelope *rows; /* of the whitened samples */
    rfim__algebra *work;        /* of the chunk */
    rfim__matrix chunk;         /* [samples x D], where they are read to */
    size_t taken;               /* samples that the metric is that of */
    const char *layer;          /* its name, for sentences */
} rfim__whitening_samples;

/* How many of the samples the metric is that of: as asked for, or more where that takes next to no
 * time. */
size_t rfim__whitening_taken(const rfim__whitening_settings *settings,
                             const rfim__kept_inputs *inputs, size_t samples);
/* *out [n x D_w] <- what is left of the samples rows[0 ... n-1], a chunk of them at most.
 * RFIM_ERROR_ARGUMENT: a number is not finite. */
rfim_status rfim__whitening_load(const rfim__whitening_samples *samples, const uint32_t *rows,
                                 size_t n, rfim__matrix *out);
/* The same of those that are taken: one of each of so many equal parts, drawn, as the order of the
 * samples may have a period. rows [n]: <- which they are, by how many zeros they begin with. */
rfim_status rfim__whitening_load_taken(const rfim__whitening_samples *samples, size_t first,
                                       uint32_t *rows, rfim__matrix *out);

#endif
