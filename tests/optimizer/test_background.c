/* Refreshes by a thread of their own: taken over at a fixed step, whatever the timing. */
#define _DEFAULT_SOURCE
#include "core/random.h"
#include "network/network.h"
#include "optimizer/by_hand.h"
#include "optimizer/rngd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define BATCH 20
#define INPUTS 300 /* large enough for the BLAS to take threads, if it may */
#define OUTPUTS 40
#define STEPS 26
#define EVERY 10

typedef struct subject {
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    rfim_optimizer *optimizer;
    float *inputs; /* [STEPS x BATCH x INPUTS] */
    float *targets;
} subject;

static float *draw(uint64_t stream, size_t count)
{
    float *values = malloc(count * sizeof *values);
    assert_non_null(values);
    rfim__random random = rfim__random_start(3, stream);
    for (size_t k = 0; k < count; k++)
        values[k] = (float)rfim__random_normal(&random);
    return values;
}

static void set_up(subject *s, size_t threads, size_t delay, double rate)
{
    rfim_context_options settings;
    rfim_optimizer_options options;
    rfim_context_defaults(&settings);
    settings.threads = threads;
    *s = (subject){.inputs = draw(1, STEPS * BATCH * INPUTS),
                   .targets = draw(2, STEPS * BATCH * OUTPUTS)};
    assert_int_equal(rfim_context_create(&settings, &s->context), RFIM_OK);
    assert_int_equal(rfim_network_create(s->context,
                                         "input 300; linear 30 relu; linear 30 tanh; linear 40; "
                                         "loss squared",
                                         NULL, &s->network),
                     RFIM_OK);
    assert_int_equal(rfim_trace_create(s->network, BATCH, &s->trace), RFIM_OK);
    rngd_by_hand(&options);
    options.learning_rate = rate;
    options.schedule = RFIM_SCHEDULE_CONSTANT;
    options.metric_units = RFIM_UNITS_TYPICAL; /* they change as metrics do */
    options.metric_every = 1;
    options.refresh_every = EVERY;
    options.refresh_delay = delay;
    assert_int_equal(rfim_optimizer_create(s->trace, &options, &s->optimizer), RFIM_OK);
}

static void tear_down(subject *s)
{
    rfim_optimizer_free(s->optimizer);
    rfim_trace_free(s->trace);
    rfim_network_free(s->network);
    rfim_context_free(s->context);
    free(s->inputs);
    free(s->targets);
}

static void step(subject *s, size_t index)
{
    double loss = 0;
    assert_int_equal(rfim_trace_forward(
                         s->trace, rfim_floats(s->inputs + index * BATCH * INPUTS, BATCH, INPUTS)),
                     RFIM_OK);
    assert_int_equal(
        rfim_trace_loss(s->trace, rfim_floats(s->targets + index * BATCH * OUTPUTS, BATCH, OUTPUTS),
                        &loss),
        RFIM_OK);
    assert_int_equal(rfim_trace_backward(s->trace), RFIM_OK);
    assert_int_equal(rfim_optimizer_step(s->optimizer, s->trace), RFIM_OK);
}

/* A checksum of the bits of a matrix. */
static uint64_t bits(rfim__matrix x)
{
    uint64_t sum = 1469598103934665603u;
    for (size_t i = 0; i < x.rows; i++) {
        const uint32_t *row = (const uint32_t *)x.data + i * x.stride;
        for (size_t j = 0; j < x.columns; j++)
            sum = (sum ^ row[j]) * 1099511628211u;
    }
    return sum;
}

static uint64_t factor_bits(const subject *s, size_t l)
{
    return bits(rfim__rngd_metric(s->optimizer, l)->factor);
}

static uint64_t weights_after(size_t threads, size_t delay, unsigned pause)
{
    subject s;
    uint64_t sum = 0;
    set_up(&s, threads, delay, 0.05);
    for (size_t k = 0; k < STEPS; k++) {
        step(&s, k);
        if (pause > 0)
            usleep((unsigned)(k % 3) * pause);
    }
    for (size_t l = 0; l < s.network->count; l++)
        sum = sum * 31 + bits(s.network->modules[l].parameters);
    tear_down(&s);
    return sum;
}

static void bits_do_not_depend_on_timing_or_threads(void **state)
{
    (void)state;
    uint64_t expected = weights_after(1, 4, 0);
    assert_true(weights_after(1, 4, 3000) == expected);
    assert_true(weights_after(2, 4, 0) == expected);
    assert_true(weights_after(2, 4, 1000) == expected);
    assert_true(weights_after(1, 5, 0) != expected); /* another step: another algorithm */
    assert_true(weights_after(1, 0, 0) != expected);
    assert_true(weights_after(1, 0, 0) == weights_after(2, 0, 0)); /* a thread for each metric */
}

/* The factor that is taken over is the one that a refresh at once would have made `delay` steps
 * before, and not a step earlier. */
static void a_factor_comes_so_many_steps_late(void **state)
{
    (void)state;
    enum { DELAY = 3 };
    subject late;
    subject now;
    uint64_t made[3][STEPS];
    set_up(&late, 1, DELAY, 0);
    set_up(&now, 1, 0, 0);
    for (size_t k = 0; k < STEPS; k++) {
        step(&now, k);
        step(&late, k);
        for (size_t l = 0; l < 3; l++) {
            made[l][k] = factor_bits(&now, l);
            if (k >= DELAY)
                assert_true(factor_bits(&late, l) == made[l][k - DELAY]);
        }
    }
    rfim_optimizer_report report;
    rfim_optimizer_report_get(late.optimizer, &report);
    assert_int_equal(report.refreshes, 3 * 3); /* at steps 0, 10 and 20 */
    tear_down(&late);
    tear_down(&now);
}

/* An epoch begins: a refresh is due while the last one may be under way. */
static void a_new_epoch_waits_for_what_is_under_way(void **state)
{
    (void)state;
    subject s;
    rfim_optimizer_report report;
    set_up(&s, 2, 9, 0.05);
    for (size_t k = 0; k < STEPS; k++) {
        if (k % 4 == 0)
            rfim_optimizer_begin_epoch(s.optimizer);
        step(&s, k);
    }
    rfim_optimizer_report_get(s.optimizer, &report);
    assert_int_equal(report.refreshes,
                     3 * 6); /* given out at 0, 4, ... 24; the last one is not over */
    assert_int_equal(report.kept, 0);
    tear_down(&s);
}

static void a_delay_as_long_as_the_period_is_refused(void **state)
{
    (void)state;
    subject s;
    rfim_optimizer *optimizer = NULL;
    rfim_optimizer_options options;
    set_up(&s, 1, 0, 0);
    rngd_by_hand(&options);
    options.refresh_delay = options.refresh_every;
    assert_int_equal(rfim_optimizer_create(s.trace, &options, &optimizer), RFIM_ERROR_ARGUMENT);
    assert_non_null(strstr(rfim_context_error(s.context), "refresh_delay"));
    tear_down(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_do_not_depend_on_timing_or_threads),
        cmocka_unit_test(a_factor_comes_so_many_steps_late),
        cmocka_unit_test(a_new_epoch_waits_for_what_is_under_way),
        cmocka_unit_test(a_delay_as_long_as_the_period_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
