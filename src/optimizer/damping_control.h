/* damping_control.h - damping that follows how well the quadratic model predicts (Levenberg and
 * Marquardt's rule as Martens 2010 and K-FAC have it; docs/optimizer.md, section 3). Every T = 5
 * steps, on the batch of the step:
 *
 *   r = (cost before - cost after) / (what the model said)
 *   eps <- w^T eps where r > 3/4,  eps / w^T where r < 1/4,   w = 19/20
 *
 * within a thousandth and a thousand times what it began with, which is as far as refreshes that
 * fail go. The model trusts less where it was wrong: more damping makes steps shorter and nearer to
 * the gradient. Cost: a forward pass every T steps. */
#ifndef RFIM_OPTIMIZER_DAMPING_CONTROL_H
#define RFIM_OPTIMIZER_DAMPING_CONTROL_H

#include "network/trace.h"

#include <rfim/optimizer.h>

#define RFIM__DAMPING_RANGE 1e3 /* up and down */

typedef struct rfim__damping_control {
    double first; /* eps that it began with */
    double cost;  /* before the step */
} rfim__damping_control;

/* Does step number `step`, from 0, tell? */
bool rfim__damping_control_is_due(const rfim_optimizer_options *options, size_t step);
/* Loss of the batch by its last forward pass, and the l2 term. */
double rfim__damping_control_cost(const rfim_trace *trace, double l2);
/* The damping that goes on. */
double rfim__damping_control_next(const rfim__damping_control *control, double damping,
                                  double actual, double predicted);

#endif
