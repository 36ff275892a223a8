/* weights.h - (P_i)_jj, how much information sample i carries about pre-activation j of a part,
 * from any kind of curvature (shape.h). Representations without cross terms between outputs read
 * only these. */
#ifndef RFIM_METRIC_WEIGHTS_H
#define RFIM_METRIC_WEIGHTS_H

#include "metric/observation.h"

/* Work areas, [piece x columns of the widest part] each. */
typedef struct rfim__weights {
    rfim__matrix sums;
    rfim__matrix squares;
} rfim__weights;

void rfim__weights_place(rfim__arena *arena, const rfim__algebra *algebra, const rfim__shape *shape,
                         size_t piece, rfim__weights *weights);
/* (P_i)_jj of a part, [n x m]: either the observation's own matrix, only to be read, or a work
 * area, good until the next call. */
rfim__matrix rfim__weights_of(rfim__algebra *algebra, const rfim__weights *weights,
                              const rfim__observation *seen, size_t part);

#endif
