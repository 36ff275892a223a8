/* by_hand.h - relative natural gradient descent without what chooses for the user: steps of the
 * learning rate alone, one metric a neuron in the hidden layers, damping relative to the trace, a
 * prior that fades. For tests of everything else. */
#ifndef RFIM_TESTS_OPTIMIZER_BY_HAND_H
#define RFIM_TESTS_OPTIMIZER_BY_HAND_H

#include <rfim/optimizer.h>
#include <string.h>

static inline void rngd_by_hand(rfim_optimizer_options *options)
{
    rfim_optimizer_defaults(RFIM_RNGD, options);
    options->learning_rate = 0.1;
    options->hidden = RFIM_NEURON;
    options->step_control = RFIM_STEP_FIXED;
    options->metric_average = RFIM_AVERAGE_EXPONENTIAL;
    options->metric_units = RFIM_UNITS_GIVEN;
    options->shared_nu = RFIM_NU_ONE;
    options->metric_decay = 0.95;
    options->metric_prior = 1;
    options->metric_prior_samples = 0;
    options->metric_every = 10;
    options->refresh_every = 100;
    options->metric_ramp = 0;
    options->damping = 1e-3;
    strcpy(options->metric_memory, "ema");
    options->dataset_samples = 0;
    options->damping_dataset = 0;
}

#endif
