/* Several batches that make one step, against one batch of all their samples: gradients, metrics,
 * units, step control and losses are those of the whole. */
#include "network/scarce_memory.h"
#include "optimizer/optimizer_rig.h"
#include "train/trainer_fixture.h"

#define INPUTS 9
#define SAMPLES 33
#define WHOLE 20 /* samples of a step: 33 are a step of 20 and one of 13 */
#define EPOCHS 12
#define TEXT "input 9; linear 8 relu; linear 7 tanh; linear 3"

/* Options as on the command line: name, value, ... NULL. */
static const char *const cases[][20] = {
    {"optimizer", "sgd"},
    {"optimizer", "sgd", "momentum-kind", "before", "l2", "0.01"},
    {"optimizer", "adam", "weight-decay", "0.1"},
    {"optimizer", "rngd"},
    {"optimizer", "rngd", "rho-output", "0.01"},
    {"optimizer", "rngd", "metric-every", "1", "refresh-every", "1", "step-control", "response"},
    {"optimizer", "rngd", "representation", "neuron", "momentum", "0.8", "momentum-kind", "spring",
     "metric-ramp", "7", "metric-every", "3", "refresh-every", "4"},
    {"optimizer", "rngd", "representation-first", "neuron", "l2", "0.01", "momentum", "0.5",
     "momentum-kind", "before", "metric-average", "exponential"},
    {"optimizer", "rngd", "metric-memory", "batch", "representation", "neuron"},
    {"optimizer", "rngd", "metric-memory", "layer1=dataset,ema", "weight-decay", "0.1"},
    {"optimizer", "rngd", "refresh-every", "3", "refresh-delay", "2", "metric-every", "1"},
    {"preset", "kfac", "curvature", "exact", "metric-every", "2", "refresh-every", "3"},
    {"optimizer", "rngd", "representation-first", "neuron", "representation", "kronecker",
     "representation-last", "neuron", "response", "layer2=next,network", "metric-every", "2",
     "refresh-every", "3", "refresh-delay", "1"},
};
#define CASES (sizeof cases / sizeof *cases)

static fixture begin_in(rfim_context *context, const char *const *settings, size_t batches)
{
    fixture test = fixture_of(context, TEXT, RFIM_DOUBLE, SAMPLES, INPUTS);
    for (; *settings; settings += 2)
        must(context, rfim_options_set(context, &test.options, settings[0], settings[1]));
    test.options.train.batch = WHOLE / batches;
    test.options.train.epochs = EPOCHS;
    test.options.optimizer.accumulate = batches;
    return test;
}

static fixture begin(const char *const *settings, size_t batches)
{
    return begin_in(small_context(RFIM_KERNELS_AUTOMATIC), settings, batches);
}

/* Sums in another order, in float64, over 24 steps: 1e-9 of the size of what is compared. */
static void compare(size_t number, size_t batches)
{
    fixture whole = begin(cases[number], 1);
    fixture parts = begin(cases[number], batches);
    size_t count = all_numbers(whole.network);
    double *initial = read_all(whole.network);
    create(&whole);
    create(&parts);
    for (size_t s = 0; s < 2 * EPOCHS; s++) {
        double losses[2];
        must(whole.context, rfim_trainer_step(whole.trainer, &losses[0]));
        must(parts.context, rfim_trainer_step(parts.trainer, &losses[1]));
        must(whole.context, rfim_trainer_read(whole.trainer));
        must(parts.context, rfim_trainer_read(parts.trainer));
        double *expected = read_all(whole.network);
        double *found = read_all(parts.network);
        double gap = distance(found, expected, count);
        if (!(gap < 1e-9) || !(fabs(losses[0] - losses[1]) < 1e-9 * losses[0]))
            fail_msg("case %zu, %zu batches, step %zu: off by %g, losses %.15g and %.15g", number,
                     batches, s + 1, gap, losses[1], losses[0]);
        if (s + 1 == 2 * EPOCHS)
            assert_true(distance(found, initial, count) > 1e-3);
        free(found);
        free(expected);
    }
    rfim_optimizer_report report;
    rfim_trainer_report_get(parts.trainer, &report);
    assert_int_equal(report.steps, 2 * EPOCHS);
    free(initial);
    end(&whole);
    end(&parts);
}

static void several_batches_are_one(void **state)
{
    (void)state;
    for (size_t c = 0; c < CASES; c++) {
        compare(c, 2);
        compare(c, 5);  /* the second step: 4, 4, 4 and 1 */
        compare(c, 20); /* sample by sample */
    }
}

/* More of them than the data have: every epoch is one step. */
static void more_than_there_are_take_all(void **state)
{
    (void)state;
    fixture whole = begin(cases[3], 1);
    fixture parts = begin(cases[3], 1);
    rfim_epoch last[2];
    whole.options.train.batch = SAMPLES;
    parts.options.train.batch = 10;
    parts.options.optimizer.accumulate = SIZE_MAX / 3;
    must(whole.context,
         rfim_train(whole.network, &whole.splits, &whole.options, NULL, NULL, &last[0]));
    must(parts.context,
         rfim_train(parts.network, &parts.splits, &parts.options, NULL, NULL, &last[1]));
    assert_int_equal(last[0].step, EPOCHS);
    assert_int_equal(last[1].step, EPOCHS);
    assert_int_equal(last[1].samples, EPOCHS * SAMPLES);
    assert_true(last[1].optimizer.damping == last[0].optimizer.damping);
    assert_true(fabs(last[1].train.loss - last[0].train.loss) < 1e-9 * last[0].train.loss);
    end(&whole);
    end(&parts);
}

/* ---- by hand --------------------------------------------------------------------------------- */

static rig rig_of(size_t accumulate)
{
    rig r = rig_with("4-3-2 tanh", RFIM_DOUBLE, 1, 5);
    rfim_optimizer_defaults(RFIM_RNGD, &r.options);
    r.options.accumulate = accumulate;
    return r;
}

static void pass(rig *r, size_t n)
{
    static const int32_t classes[] = {0, 1, 1, 0, 1};
    double loss = 0;
    double *inputs = make_normal(n, 1, n * 4);
    must(r->context, rfim_trace_forward(r->trace, rfim_doubles(inputs, n, 4)));
    must(r->context, rfim_trace_loss(r->trace, rfim_labels(classes, n), &loss));
    must(r->context, rfim_trace_backward(r->trace));
    free(inputs);
}

static void batches_are_counted(void **state)
{
    (void)state;
    rig r = rig_of(3);
    must(r.context, rfim_optimizer_create(r.trace, &r.options, &r.optimizer));
    refused(r.context, rfim_optimizer_accumulate(r.optimizer, r.trace, 9), RFIM_ERROR_ARGUMENT,
            "rfim_trace_backward");
    pass(&r, 4);
    refused(r.context, rfim_optimizer_accumulate(r.optimizer, r.trace, 4), RFIM_ERROR_ARGUMENT,
            "4 samples together");
    must(r.context, rfim_optimizer_accumulate(r.optimizer, r.trace, 9));
    refused(r.context, rfim_optimizer_accumulate(r.optimizer, r.trace, 9), RFIM_ERROR_ARGUMENT,
            "rfim_trace_backward"); /* it has been taken in */
    pass(&r, 3);
    refused(r.context, rfim_optimizer_accumulate(r.optimizer, r.trace, 8), RFIM_ERROR_ARGUMENT,
            "8 samples together");
    refused(r.context, rfim_optimizer_step(r.optimizer, r.trace), RFIM_ERROR_ARGUMENT,
            "9 samples together, found 7");
    must(r.context, rfim_optimizer_accumulate(r.optimizer, r.trace, 9));
    pass(&r, 2);
    refused(r.context, rfim_optimizer_accumulate(r.optimizer, r.trace, 9), RFIM_ERROR_ARGUMENT,
            "3 batches at most");
    must(r.context, rfim_optimizer_step(r.optimizer, r.trace));
    pass(&r, 5);
    must(r.context, rfim_optimizer_step(r.optimizer, r.trace)); /* a step of one batch */
    assert_int_equal(rfim_optimizer_accumulate(NULL, r.trace, 9), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_optimizer_accumulate(r.optimizer, NULL, 9), RFIM_ERROR_ARGUMENT);
    rig_end(&r);
}

static void refuse(const char *memory, const char *form, size_t accumulate, rfim_metric_pass again,
                   const char *words)
{
    rig r = rig_of(accumulate);
    strcpy(r.options.metric_memory, memory);
    strcpy(r.options.form, form);
    r.options.metric_pass = again;
    refused(r.context, rfim_optimizer_create(r.trace, &r.options, &r.optimizer),
            RFIM_ERROR_ARGUMENT, words);
    rig_end(&r);
}

static void what_cannot_be_is_refused_by_name(void **state)
{
    (void)state;
    refuse("ema", "automatic", 0, RFIM_METRIC_PASS_TRAINING, "accumulate is 1 or more");
    refuse("ema", "automatic", 2, RFIM_METRIC_PASS_AGAIN, "metric_pass training");
    refuse("prior+batch", "automatic", 2, RFIM_METRIC_PASS_TRAINING, "--accumulate");
    refuse("ema", "layer2=inputs,automatic", 2, RFIM_METRIC_PASS_TRAINING,
           "layer2 cannot take the form `inputs`");
    fixture test = begin(cases[0], 1);
    test.options.optimizer.accumulate = 0;
    refused(test.context,
            rfim_trainer_create(test.network, &test.splits, &test.options, &test.trainer),
            RFIM_ERROR_ARGUMENT, "accumulate");
    end(&test);
}

static void a_preset_leaves_it_alone(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_options options;
    rfim_options_defaults(&options);
    must(context, rfim_options_set(context, &options, "accumulate", "7"));
    must(context, rfim_options_set(context, &options, "preset", "adam"));
    assert_int_equal(options.optimizer.accumulate, 7);
    rfim_context_free(context);
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    size_t calls = 1;
    for (size_t fails = 0; fails <= calls; fails++) {
        scarce_memory memory = {0};
        rfim_context *context = scarce_context(&memory);
        fixture test = begin_in(context, cases[7], 2);
        memory.calls = 0;
        memory.fails = fails;
        rfim_status status = rfim_trainer_create(test.network, &test.splits, &test.options,
                                                 &test.trainer);
        if (fails == 0)
            calls = memory.calls;
        assert_int_equal(status, fails == 0 ? RFIM_OK : RFIM_ERROR_MEMORY);
        rfim_trainer_free(test.trainer);
        test.trainer = NULL;
        memory.fails = 0;
        end(&test);
        assert_int_equal(memory.blocks, 0);
    }
    assert_true(calls > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_batches_are_one),
        cmocka_unit_test(more_than_there_are_take_all),
        cmocka_unit_test(batches_are_counted),
        cmocka_unit_test(what_cannot_be_is_refused_by_name),
        cmocka_unit_test(a_preset_leaves_it_alone),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
