/* Periods that grow over the first steps, beside plain counting. */
#include "optimizer/periods.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static rfim_optimizer_options options_of(size_t ramp, size_t steps)
{
    rfim_optimizer_options options;
    rfim_optimizer_defaults(RFIM_RNGD, &options);
    options.metric_ramp = ramp;
    options.steps = steps;
    return options;
}

static void periods_grow_to_what_they_are(void **state)
{
    (void)state;
    rfim_optimizer_options options = options_of(1000, 0);
    assert_int_equal(rfim__period_at(&options, 100, 0), 1);
    assert_int_equal(rfim__period_at(&options, 100, 19), 1);
    assert_int_equal(rfim__period_at(&options, 100, 20), 2);
    assert_int_equal(rfim__period_at(&options, 100, 505), 50);
    assert_int_equal(rfim__period_at(&options, 100, 999), 99);
    assert_int_equal(rfim__period_at(&options, 100, 1000), 100);
    assert_int_equal(rfim__period_at(&options, 100, 100000), 100);
    assert_int_equal(rfim__period_at(&options, 1, 500), 1);
    options.metric_ramp = 0;
    assert_int_equal(rfim__period_at(&options, 100, 0), 100);
}

static void memory_lasts_as_many_steps(void **state)
{
    (void)state;
    rfim_optimizer_options options = options_of(100, 0);
    options.metric_decay = 0.95;
    options.metric_every = 20;
    assert_true(rfim__period_decay(&options, 20) == 0.95);
    assert_true(fabs(pow(rfim__period_decay(&options, 1), 20) - 0.95) < 1e-14);
    assert_true(fabs(rfim__period_decay(&options, 40) - 0.95 * 0.95) < 1e-14);
    options.metric_decay = 0;
    assert_true(rfim__period_decay(&options, 3) == 0);
}

/* Steps at which something with that period happens, as the loop over them has it. */
static double counted(const rfim_optimizer_options *options, size_t every)
{
    double times = 0;
    size_t last = 0;
    for (size_t step = 0; step < options->steps; step++) {
        if (step % every != 0 && step - last < rfim__period_at(options, every, step))
            continue;
        last = step;
        times++;
    }
    return times;
}

/* The rate takes periods for real numbers, and does not count the steps between them that are
 * multiples of the whole period: a fifth off at most. */
static void the_rate_is_that_of_a_run(void **state)
{
    (void)state;
    static const size_t ramps[] = {0, 500, 2000, 20000};
    static const size_t periods[] = {1, 20, 100};
    for (size_t r = 0; r < sizeof ramps / sizeof *ramps; r++) {
        for (size_t p = 0; p < sizeof periods / sizeof *periods; p++) {
            rfim_optimizer_options options = options_of(ramps[r], 5000);
            double rate = rfim__period_rate(&options, periods[p]);
            double ratio = rate * 5000 / counted(&options, periods[p]);
            if (!(ratio > 0.8 && ratio < 1.2))
                fail_msg("ramp %zu, period %zu: %g of what is counted", ramps[r], periods[p],
                         ratio);
        }
    }
    rfim_optimizer_options open = options_of(2000, 0);
    assert_true(rfim__period_rate(&open, 20) == 1.0 / 20);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_grow_to_what_they_are),
        cmocka_unit_test(memory_lasts_as_many_steps),
        cmocka_unit_test(the_rate_is_that_of_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
