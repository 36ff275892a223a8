#include "optimizer/periods.h"

#include <math.h>

size_t rfim__period_at(const rfim_optimizer_options *options, size_t every, size_t step)
{
    if (step >= options->metric_ramp)
        return every;
    double share = (double)every * (double)step / (double)options->metric_ramp;
    return share > 1 ? (size_t)share : 1;
}

double rfim__period_decay(const rfim_optimizer_options *options, size_t steps)
{
    if (steps == options->metric_every)
        return options->metric_decay;
    return pow(options->metric_decay, (double)steps / (double)options->metric_every);
}

/* The integral of 1 / period: on the ramp the first ramp / every steps have period 1. */
double rfim__period_rate(const rfim_optimizer_options *options, size_t every)
{
    double steps = (double)options->steps;
    double ramp = fmin((double)options->metric_ramp, steps);
    double at_each = (double)options->metric_ramp / (double)every;
    if (ramp <= 0)
        return 1 / (double)every;
    double times = ramp <= at_each ? ramp : at_each * (1 + log(ramp / at_each));
    return (times + (steps - ramp) / (double)every) / steps;
}
