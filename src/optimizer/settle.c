/* settle.c - settings that the data decide, where they are left to them (docs/optimizer.md,
 * sections 3 and 4). */
#include <math.h>
#include <rfim/optimizer.h>

/* A sample's own influence: by its own gradient, delta_i x_i / n, a step of rate 1 moves its
 * response by x_i^T (G + Lambda)^-1 x_i delta_i / n, which is |x_i|^2 / (eps n tr G) times delta_i
 * at most: about 1 / (eps n), kept at SELF_INFLUENCE. */
#define SELF_INFLUENCE 40.0
/* Measured: where there are fewer samples an input, directions of little variance are noise. */
#define ENOUGH_SAMPLES 4.0
#define MOST_SCARCITY 150.0

/* How much more damping few samples want: 1 where they are enough, or nobody knows. */
static double scarcity(size_t inputs, size_t samples)
{
    if (samples == 0)
        return 1;
    double share = ENOUGH_SAMPLES * ((double)inputs + 1) / (double)samples;
    return fmin(fmax(share * share * share, 1), MOST_SCARCITY);
}

/* The region grows with the damping, which is part of the length that it bounds: kappa in
 * proportion. The rate, which counts once steps are within the region, by the cube root: measured.
 */
static void allow_for_scarcity(rfim_optimizer_options *options, double more)
{
    if (options->step_control != RFIM_STEP_OUTPUT || options->kappa > 0)
        return;
    options->damping *= more;
    options->rho *= sqrt(more);
    options->learning_rate *= cbrt(more);
}

void rfim_optimizer_settle(rfim_optimizer_options *options, size_t step_samples, size_t inputs,
                           size_t samples)
{
    if (options->metric_prior_samples > 0)
        options->metric_prior *= options->metric_prior_samples / (double)step_samples;
    options->metric_prior_samples = 0;
    if (options->damping != 0)
        return;
    options->damping = 1 / (SELF_INFLUENCE * (double)step_samples);
    if (options->method == RFIM_RNGD)
        allow_for_scarcity(options, scarcity(inputs, samples));
}
