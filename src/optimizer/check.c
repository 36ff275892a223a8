#include "optimizer/check.h"

#include "optimizer/momentum.h"

#include <math.h>
#include <stdbool.h>

static bool within(double value, double low, double high)
{
    return value >= low && value <= high;
}

static bool is_representation(rfim_representation representation)
{
    return (int)representation >= 0 && representation <= RFIM_KRONECKER;
}

/* Above 0, and neither 0 nor infinite, nor its inverse, once it is in the network's precision. */
static bool positive(const rfim_network *network, double value)
{
    double smallest = network->algebra->precision == RFIM_DOUBLE ? 1e-300 : 1e-37;
    return within(value, smallest, 1 / smallest);
}

/* A choice that is none; NULL: all are. */
static const char *wrong_choice(const rfim_optimizer_options *o)
{
    if ((int)o->method < 0 || o->method > RFIM_RNGD)
        return "method is one of rfim_method";
    if ((int)o->schedule < 0 || o->schedule > RFIM_SCHEDULE_COSINE)
        return "schedule is one of rfim_schedule_rule";
    if (!is_representation(o->first) || !is_representation(o->hidden) ||
        !is_representation(o->last))
        return "first, hidden and last are each RFIM_SHARED, RFIM_NEURON or RFIM_KRONECKER";
    if ((int)o->curvature < 0 || o->curvature > RFIM_CURVATURE_SAMPLED)
        return "curvature is one of rfim_curvature";
    if ((int)o->metric_pass < 0 || o->metric_pass > RFIM_METRIC_PASS_AGAIN)
        return "metric_pass is one of rfim_metric_pass";
    if ((int)o->step_control < 0 || o->step_control > RFIM_STEP_OUTPUT)
        return "step_control is one of rfim_step_control";
    if ((int)o->metric_average < 0 || o->metric_average > RFIM_AVERAGE_CORRECTED)
        return "metric_average is one of rfim_metric_average";
    if ((int)o->damping_rule < 0 || o->damping_rule > RFIM_DAMPING_ABSOLUTE)
        return "damping_rule is one of rfim_damping_rule";
    if ((int)o->damping_control < 0 || o->damping_control > RFIM_DAMPING_CONTROL_LM)
        return "damping_control is one of rfim_damping_control";
    if ((int)o->momentum_kind < 0 || o->momentum_kind > RFIM_MOMENTUM_SPRING)
        return "momentum_kind is one of rfim_momentum_kind";
    if ((int)o->metric_units < 0 || o->metric_units > RFIM_UNITS_TYPICAL)
        return "metric_units is one of rfim_metric_units";
    if ((int)o->shared_nu < 0 || o->shared_nu > RFIM_NU_MEAN)
        return "shared_nu is one of rfim_shared_nu";
    return NULL;
}

/* A number of the step or of Adam that is out of range. */
static const char *wrong_step(const rfim_network *network, const rfim_optimizer_options *o)
{
    if (!positive(network, o->rho_output))
        return "rho_output is above 0 and finite";
    if (!positive(network, o->rho) || !(o->kappa >= 0 && isfinite(o->kappa)))
        return "rho is above 0, kappa 0 or more, and both are finite";
    if (!(o->learning_rate >= 0 && isfinite(o->learning_rate)))
        return "learning_rate is 0 or more, and finite";
    if (!within(o->momentum, 0, 1) || o->momentum == 1)
        return "momentum is from 0 to below 1";
    if (o->accumulate == 0)
        return "accumulate is 1 or more";
    if (!(o->l2 >= 0 && isfinite(o->l2)) || !(o->weight_decay >= 0 && isfinite(o->weight_decay)))
        return "l2 and weight_decay are 0 or more, and finite";
    if (!within(o->adam_beta1, 0, 1) || !within(o->adam_beta2, 0, 1) || o->adam_beta1 == 1 ||
        o->adam_beta2 == 1 || !positive(network, o->adam_epsilon))
        return "adam_beta1 and adam_beta2 are from 0 to below 1, adam_epsilon is above 0 in the "
               "network's precision";
    return NULL;
}

/* A number of the metric that is. */
static const char *wrong_metric(const rfim_network *network, const rfim_optimizer_options *o)
{
    if (!within(o->metric_decay, 0, 1) ||
        !(positive(network, o->metric_prior) || o->metric_prior == 0))
        return "metric_decay is from 0 to 1, metric_prior 0 or above 0 in the network's precision";
    if (!(o->metric_prior_samples >= 0 && isfinite(o->metric_prior_samples)))
        return "metric_prior_samples is 0 or more, and finite";
    if (o->metric_every == 0 || o->refresh_every == 0)
        return "metric_every and refresh_every are 1 or more";
    if ((o->damping != 0 && !positive(network, o->damping)) || !positive(network, o->sigma))
        return "damping is 0 or more, sigma above 0, and both are finite in the network's "
               "precision";
    if (!(o->damping_dataset >= 0 && isfinite(o->damping_dataset)))
        return "damping_dataset is 0 or more, and finite";
    return NULL;
}

/* Options that do not go together. */
static const char *wrong_together(const rfim_optimizer_options *o)
{
    if (o->method == RFIM_RNGD && o->step_control == RFIM_STEP_QUADRATIC && o->momentum != 0)
        return "step_control quadratic chooses the momentum itself; leave momentum at 0";
    if (o->method == RFIM_RNGD && o->step_control == RFIM_STEP_QUADRATIC && o->accumulate > 1)
        return "step_control quadratic models one batch; take accumulate 1, and a larger batch";
    if (o->method == RFIM_RNGD && o->damping_control == RFIM_DAMPING_CONTROL_LM &&
        o->step_control != RFIM_STEP_QUADRATIC)
        return "damping_control lm goes by the model of step_control quadratic; take that, or "
               "fixed damping";
    if (o->method == RFIM_SGD && rfim__momentum_is(o, RFIM_MOMENTUM_SPRING))
        return "the momentum_kind spring is of a damped metric, which sgd has not; take another";
    if (o->accumulate > 1 && o->method == RFIM_RNGD && o->metric_pass == RFIM_METRIC_PASS_AGAIN)
        return "accumulate above 1 does not go with a second pass for the metric, which would be "
               "over the last batch alone; take metric_pass training";
    if (o->metric_prior == 0 && o->metric_average != RFIM_AVERAGE_CORRECTED)
        return "metric_prior is above 0 with the metric_average exponential, whose first step goes "
               "by the prior alone";
    if (o->refresh_delay >= o->refresh_every && o->refresh_delay > 0)
        return "refresh_delay is below refresh_every";
    return NULL;
}

rfim_status rfim__optimizer_check(const rfim_network *network,
                                  const rfim_optimizer_options *options)
{
    const char *wrong = wrong_choice(options);
    if (!wrong)
        wrong = wrong_step(network, options);
    if (!wrong)
        wrong = wrong_metric(network, options);
    if (!wrong)
        wrong = wrong_together(options);
    if (!wrong)
        return RFIM_OK;
    return rfim__fail(network->context, RFIM_ERROR_ARGUMENT, "optimizer: %s", wrong);
}
