/* observation.h - what a metric reads of some samples: the references and the curvature on the
 * pre-activations of each part (shape.h). */
#ifndef RFIM_METRIC_OBSERVATION_H
#define RFIM_METRIC_OBSERVATION_H

#include "algebra/algebra.h"
#include "metric/shape.h"

typedef struct rfim__observed_part {
    rfim__matrix reference; /* LAYER: x~ [n x D]; CHANNELS: a^ [n x m] */
    /* UNIT: no data. WEIGHTS: nu [n x m]. CLASSES: eta [n x m].
     * FACTORS: [copies n x m], row a n + i is s_ai. */
    rfim__matrix curvature;
} rfim__observed_part;

typedef struct rfim__observation {
    size_t samples;            /* n */
    size_t copies;             /* FACTORS: rows of a sample; else 1 */
    rfim__curvature curvature; /* as the metric's shape says */
    double scale;              /* UNIT */
    const rfim__observed_part *parts;
} rfim__observation;

#endif
