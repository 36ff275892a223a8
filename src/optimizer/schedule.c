#include "optimizer/schedule.h"

#include <math.h>

double rfim__schedule_rate(const rfim_optimizer_options *options, size_t step)
{
    double rate = options->learning_rate;
    if (step < options->warmup)
        return rate * (double)(step + 1) / (double)options->warmup;
    if (options->schedule == RFIM_SCHEDULE_CONSTANT || options->steps <= options->warmup)
        return rate;
    double q = (double)(step - options->warmup) / (double)(options->steps - options->warmup);
    if (q > 1)
        q = 1;
    if (options->schedule == RFIM_SCHEDULE_LINEAR)
        return rate * (1 - q);
    return rate * (1 + cos(3.141592653589793 * q)) / 2;
}
