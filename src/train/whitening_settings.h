/* whitening_settings.h - what a run's options say about the whitening of its samples. */
#ifndef RFIM_TRAIN_WHITENING_SETTINGS_H
#define RFIM_TRAIN_WHITENING_SETTINGS_H

#include "metric/whitening.h"
#include "network/module.h"

#include <math.h>
#include <rfim/optimizer.h>

/* A constant metric has no prior that would fade: few samples an input ask for damping in its
 * place, of damping_dataset D / N tr(G) at least (docs/optimizer.md, section 4). An absolute
 * damping stays as it is: it is no share of the metric. */
static inline rfim__whitening_settings rfim__whitening_settings_of(
    const rfim_optimizer_options *options, const rfim__module *first, size_t samples)
{
    double order = (double)first->inputs + 1;
    double least = options->damping_dataset * order / (double)samples;
    if (options->damping_rule == RFIM_DAMPING_ABSOLUTE)
        least = 0;
    else if (options->damping_rule != RFIM_DAMPING_TRACE)
        least *= order; /* of the mean of the diagonal, or of each entry */
    return (rfim__whitening_settings){.rule = options->damping_rule,
                                      .damping = fmax(options->damping, least),
                                      .sigma = options->sigma,
                                      .units = options->metric_units == RFIM_UNITS_TYPICAL,
                                      .samples_of_an_input = options->dataset_samples,
                                      .wide_flops = RFIM__WHITENING_WIDE_FLOPS,
                                      .layer = first->name};
}

#endif
