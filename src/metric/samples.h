/* samples.h - the samples that a metric remembers (gram, softmax): G = sum_i w_i J_i^T P_i J_i, by
 * the references and the curvature of each sample i and its weight w_i.
 *
 * The parts' matrices lie side by side. A factor on the whole metric changes the weights alone. */
#ifndef RFIM_METRIC_SAMPLES_H
#define RFIM_METRIC_SAMPLES_H

#include "metric/metric.h"

typedef struct rfim__samples {
    size_t count;            /* samples kept, q */
    rfim__matrix references; /* [max x references of all parts] */
    /* WEIGHTS, CLASSES: [max x m]. FACTORS: [max copies x m of all parts]; the rows of sample i
     * begin at i copies. UNIT: no columns; the scale is in the weights. */
    rfim__matrix curvature;
    rfim__matrix weights; /* [max x 1], positive */
} rfim__samples;

/* Columns of the reference of one part: D, or m for CHANNELS. */
size_t rfim__samples_reference_columns(const rfim__part *part);

void rfim__samples_place(rfim__samples *samples, const rfim__metric *metric, rfim__arena *arena);
/* Drops all. */
void rfim__samples_clear(rfim__samples *samples);
/* Multiplies what is there by keep and adds a batch, each sample with weight add / n (UNIT: times
 * scale). keep = 0 drops what is there, add = 0 adds nothing. false: it would be more than
 * max_samples, or a factor is negative (samples cannot be taken off again); nothing is done. */
bool rfim__samples_observe(const rfim__metric *metric, rfim__samples *samples, double keep,
                           double add, const rfim__observation *seen);
/* The same with all samples of another metric, which may be this one. */
bool rfim__samples_merge(const rfim__metric *metric, rfim__samples *samples, double keep,
                         double add, const rfim__samples *other);
/* "references", "weights" and, but for UNIT, "curvature" (`copies` rows a sample). */
size_t rfim__samples_tensors(const rfim__metric *metric, rfim__samples *samples,
                             rfim__metric_tensor out[RFIM__METRIC_TENSORS]);

/* Columns of one part in a matrix of all parts' references, or in one of all parts' outputs. */
rfim__matrix rfim__samples_reference(const rfim__metric *metric, rfim__matrix all, size_t part);
rfim__matrix rfim__samples_outputs(const rfim__metric *metric, rfim__matrix all, size_t part);
/* Row a of each of `count` samples that have `copies` rows each: a view. */
rfim__matrix rfim__samples_copy(const rfim__metric *metric, rfim__matrix all, size_t copies,
                                size_t a, size_t count);
/* Outputs of all parts together. */
size_t rfim__samples_all_outputs(const rfim__shape *shape);

#endif
