/* defaults.c - what each method is set to when nothing else is said: the presets sgd, adam and
 * rngd. docs/cli.md says where every constant comes from. */
#include <rfim/optimizer.h>

/* Options that mean the same for every method, and those of the methods that are not in use: they
 * keep harmless values, so that a written recipe can hold all of them. */
static const rfim_optimizer_options common = {
    .learning_rate = 1,
    .schedule = RFIM_SCHEDULE_LINEAR,
    .warmup = 0,
    .momentum = 0,
    .momentum_kind = RFIM_MOMENTUM_AFTER,
    .accumulate = 1,
    .l2 = 0,
    .weight_decay = 0,
    .adam_beta1 = 0.9,
    .adam_beta2 = 0.999,
    .adam_epsilon = 1e-8,
    .first = RFIM_SHARED,
    .hidden = RFIM_SHARED,
    .last = RFIM_SHARED,
    .response = "own",
    .curvature = RFIM_CURVATURE_EXACT,
    .seed = 1,
    .step_control = RFIM_STEP_OUTPUT,
    .rho_output = 0.75,
    .rho = 0.025,
    .kappa = 0,
    .metric_pass = RFIM_METRIC_PASS_TRAINING,
    .metric_average = RFIM_AVERAGE_CORRECTED,
    .metric_decay = 0.95,
    .metric_prior = 1,
    .metric_prior_samples = 200,
    .metric_units = RFIM_UNITS_TYPICAL,
    .shared_nu = RFIM_NU_MEAN,
    .metric_every = 10,
    .refresh_every = 50,
    .metric_ramp = 200,
    .damping = 0,
    .dataset_samples = 10,
    .damping_dataset = 0.125,
    .damping_rule = RFIM_DAMPING_TRACE,
    .damping_control = RFIM_DAMPING_CONTROL_FIXED,
    .sigma = 1,
    .metric_memory = "automatic",
    .form = "automatic",
    .refresh_delay = 0,
    .memory = 0,
};

void rfim_optimizer_defaults(rfim_method method, rfim_optimizer_options *options)
{
    *options = common;
    options->method = method;
    switch (method) {
    case RFIM_SGD:
        options->learning_rate = 0.05;
        options->momentum = 0.9;
        break;
    case RFIM_ADAM:
        options->learning_rate = 1e-3;
        options->schedule = RFIM_SCHEDULE_CONSTANT;
        break;
    case RFIM_RNGD:
        break;
    }
}
