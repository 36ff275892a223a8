/* What the data decide where options leave it to them. */
#include <math.h>
#include <rfim/optimizer.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static rfim_optimizer_options settled(size_t step, size_t inputs, size_t samples)
{
    rfim_optimizer_options options;
    rfim_optimizer_defaults(RFIM_RNGD, &options);
    rfim_optimizer_settle(&options, step, inputs, samples);
    return options;
}

static void near(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-12 * expected))
        fail_msg("found %.17g, expected %.17g", found, expected);
}

static void enough_samples_go_by_the_step_alone(void **state)
{
    (void)state;
    size_t known[] = {0, 3140, 50000}; /* 0: unknown; 4 x 785 = 3140 */
    for (size_t k = 0; k < 3; k++) {
        rfim_optimizer_options options = settled(50, 784, known[k]);
        near(options.damping, 0.0005);
        near(options.metric_prior, 4);
        near(options.rho, 0.025);
        near(options.rho_output, 0.75);
        near(options.learning_rate, 1);
    }
    near(settled(250, 784, 20000).damping, 1e-4);
    near(settled(250, 784, 20000).metric_prior, 0.8);
}

/* 2 samples an input: (4 / 2)^3 = 8 times the damping. */
static void few_samples_are_damped_more_and_go_farther(void **state)
{
    (void)state;
    rfim_optimizer_options options = settled(100, 99, 200);
    near(options.damping, 8 * 2.5e-4);
    near(options.rho_output, 0.75);
    near(options.rho, 0.025 * sqrt(8));
    near(options.learning_rate, 2);
    near(options.metric_prior, 2);
    near(settled(50, 784, 10).damping, 0.075); /* 150 times as much, and no more */
}

static void what_is_said_stays(void **state)
{
    (void)state;
    rfim_optimizer_options options;
    rfim_optimizer_defaults(RFIM_RNGD, &options);
    options.damping = 0.3;
    options.metric_prior_samples = 0;
    rfim_optimizer_settle(&options, 50, 784, 100);
    near(options.damping, 0.3);
    near(options.rho, 0.025);
    near(options.learning_rate, 1);
    near(options.metric_prior, 1);
    rfim_optimizer_defaults(RFIM_RNGD, &options);
    options.kappa = 2;
    rfim_optimizer_settle(&options, 50, 784, 100);
    near(options.damping, 0.0005);
    near(options.learning_rate, 1);
    rfim_optimizer_defaults(RFIM_RNGD, &options);
    options.step_control = RFIM_STEP_TRUST;
    rfim_optimizer_settle(&options, 50, 784, 100);
    near(options.damping, 0.0005);
    near(options.learning_rate, 1);
    rfim_optimizer_defaults(RFIM_RNGD, &options);
    options.step_control = RFIM_STEP_FIXED;
    rfim_optimizer_settle(&options, 50, 784, 100);
    near(options.damping, 0.0005);
    near(options.learning_rate, 1);
}

static void settling_twice_changes_nothing(void **state)
{
    (void)state;
    rfim_optimizer_options once = settled(50, 784, 2000);
    rfim_optimizer_options twice = once;
    rfim_optimizer_settle(&twice, 10, 84, 200);
    near(twice.damping, once.damping);
    near(twice.rho, once.rho);
    near(twice.learning_rate, once.learning_rate);
    near(twice.metric_prior, once.metric_prior);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enough_samples_go_by_the_step_alone),
        cmocka_unit_test(few_samples_are_damped_more_and_go_farther),
        cmocka_unit_test(what_is_said_stays),
        cmocka_unit_test(settling_twice_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
