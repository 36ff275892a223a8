/* periods.h - how often metrics are collected and refreshed: every so many steps, and more often in
 * the first metric_ramp of them, while weights move fastest. There a period is at most its share
 * step / metric_ramp, and 1 at least; it depends on the number of the step alone. */
#ifndef RFIM_OPTIMIZER_PERIODS_H
#define RFIM_OPTIMIZER_PERIODS_H

#include <rfim/optimizer.h>

/* What the period `every` is at a step. */
size_t rfim__period_at(const rfim_optimizer_options *options, size_t every, size_t step);
/* The share of itself that M keeps, so many steps after the last collection: metric_decay is that
 * of metric_every steps. */
double rfim__period_decay(const rfim_optimizer_options *options, size_t steps);
/* How often a step does what has this period, on average over the planned steps. */
double rfim__period_rate(const rfim_optimizer_options *options, size_t every);

#endif
