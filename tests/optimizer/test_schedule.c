/* Learning rates at exact steps. */
#include "optimizer/schedule.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static rfim_optimizer_options make(rfim_schedule_rule rule, size_t warmup, size_t steps)
{
    rfim_optimizer_options options;
    rfim_optimizer_defaults(RFIM_SGD, &options);
    options.learning_rate = 0.5;
    options.schedule = rule;
    options.warmup = warmup;
    options.steps = steps;
    return options;
}

static void expect(const rfim_optimizer_options *options, size_t step, double rate)
{
    double found = rfim__schedule_rate(options, step);
    if (!(fabs(found - rate) <= 1e-16))
        fail_msg("step %zu: %.17g, expected %.17g", step, found, rate);
}

static void constant_rates_stay(void **state)
{
    (void)state;
    rfim_optimizer_options options = make(RFIM_SCHEDULE_CONSTANT, 0, 10);
    expect(&options, 0, 0.5);
    expect(&options, 9, 0.5);
    expect(&options, 1000000, 0.5);
}

static void linear_rates_fall_to_zero(void **state)
{
    (void)state;
    rfim_optimizer_options options = make(RFIM_SCHEDULE_LINEAR, 0, 8);
    for (size_t step = 0; step <= 8; step++)
        expect(&options, step, 0.5 * (1 - (double)step / 8));
    expect(&options, 9, 0);
    expect(&options, 1000000, 0);
}

static void cosine_rates_fall_to_zero(void **state)
{
    (void)state;
    rfim_optimizer_options options = make(RFIM_SCHEDULE_COSINE, 0, 12);
    expect(&options, 0, 0.5);
    expect(&options, 3, 0.25 * (1 + sqrt(0.5)));
    expect(&options, 4, 0.375); /* cos 60 degrees */
    expect(&options, 6, 0.25);
    expect(&options, 8, 0.125);
    expect(&options, 12, 0);
    expect(&options, 13, 0);
}

static void warm_ups_rise_to_the_rate_and_then_it_falls(void **state)
{
    (void)state;
    rfim_optimizer_options options = make(RFIM_SCHEDULE_LINEAR, 4, 12);
    for (size_t step = 0; step < 4; step++)
        expect(&options, step, 0.5 * (double)(step + 1) / 4);
    expect(&options, 4, 0.5);
    expect(&options, 8, 0.25);
    expect(&options, 11, 0.0625);
    expect(&options, 12, 0);
    options = make(RFIM_SCHEDULE_COSINE, 2, 6);
    expect(&options, 0, 0.25);
    expect(&options, 2, 0.5);
    expect(&options, 4, 0.25);
    options = make(RFIM_SCHEDULE_CONSTANT, 1, 0);
    expect(&options, 0, 0.5);
    expect(&options, 1, 0.5);
}

/* Without a plan there is nothing to fall towards. */
static void schedules_without_a_plan_are_constant(void **state)
{
    (void)state;
    rfim_optimizer_options options = make(RFIM_SCHEDULE_LINEAR, 0, 0);
    expect(&options, 0, 0.5);
    expect(&options, 100, 0.5);
    options = make(RFIM_SCHEDULE_COSINE, 10, 10); /* all warm-up */
    expect(&options, 9, 0.5);
    expect(&options, 10, 0.5);
    options = make(RFIM_SCHEDULE_COSINE, 20, 10);
    expect(&options, 9, 0.25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_rates_stay),
        cmocka_unit_test(linear_rates_fall_to_zero),
        cmocka_unit_test(cosine_rates_fall_to_zero),
        cmocka_unit_test(warm_ups_rise_to_the_rate_and_then_it_falls),
        cmocka_unit_test(schedules_without_a_plan_are_constant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
