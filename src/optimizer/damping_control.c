#include "optimizer/damping_control.h"

#include <math.h>

#define PERIOD 5
#define RATIO (19.0 / 20.0) /* a step */

bool rfim__damping_control_is_due(const rfim_optimizer_options *options, size_t step)
{
    return options->damping_control == RFIM_DAMPING_CONTROL_LM && (step + 1) % PERIOD == 0;
}

double rfim__damping_control_cost(const rfim_trace *trace, double l2)
{
    rfim_network *network = trace->network;
    size_t last = network->count - 1;
    rfim__targets targets = {trace->has_labels ? trace->labels : NULL, trace->targets};
    rfim__matrix unwanted = {0};
    double loss = rfim__loss_of(network->algebra, network->loss,
                                rfim__columns(network->algebra, trace->slots[last].output, 0,
                                              network->modules[last].outputs),
                                &targets, unwanted)
                      .loss /
                  (double)trace->samples;
    return l2 != 0 ? loss + l2 * rfim__network_half_squares(network) : loss;
}

double rfim__damping_control_next(const rfim__damping_control *control, double damping,
                                  double actual, double predicted)
{
    double change = pow(RATIO, PERIOD);
    if (!(predicted > 0)) /* the gradient is 0: nothing can be told */
        return damping;
    if (actual > 0.75 * predicted)
        damping *= change;
    else if (!(actual >= 0.25 * predicted)) /* not finite either */
        damping /= change;
    return fmin(fmax(damping, control->first / RFIM__DAMPING_RANGE),
                control->first * RFIM__DAMPING_RANGE);
}
