/* adam.h - the loop of Adam over one parameter matrix. */
#ifndef RFIM_OPTIMIZER_ADAM_H
#define RFIM_OPTIMIZER_ADAM_H

#include "algebra/algebra.h"
#include "core/kernels.h"

#include <rfim/optimizer.h>

#define RFIM__ADAM_MEANS 2 /* of gradients and of their squares, like the parameters */

typedef struct rfim__adam_kernels {
    /* The whole step in one pass, step counted from 1; first, second: running means of g and g^2.
     * W_next <- (1 - decay) W - rate direction, without storing the
     * direction. w_next: w itself or apart from it. Is every number of W_next finite? Rows may be
     * given piece by piece: numbers do not see each other. */
    bool (*update)(const rfim_optimizer_options *options, size_t step, double rate, double decay,
                   rfim__matrix gradient, rfim__matrix first, rfim__matrix second, rfim__matrix w,
                   rfim__matrix w_next);
} rfim__adam_kernels;

RFIM__DECLARE_VARIANTS(rfim__adam_kernels, rfim__adam);

#endif
