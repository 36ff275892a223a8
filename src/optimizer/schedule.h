/* schedule.h - the learning rate at a step: warm-up, then constant, linear or cosine decay to 0
 * over the planned steps.
 *
 *   warm-up   rate (s+1)/warmup                 for s < warmup
 *   linear    rate (1 - q),  q = (s - warmup)/(steps - warmup)
 *   cosine    rate (1 + cos(pi q))/2                                                    */
#ifndef RFIM_OPTIMIZER_SCHEDULE_H
#define RFIM_OPTIMIZER_SCHEDULE_H

#include <rfim/optimizer.h>

/* step: counted from 0. */
double rfim__schedule_rate(const rfim_optimizer_options *options, size_t step);

#endif
