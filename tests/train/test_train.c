/* The training loop on a tiny data set in memory: what the callback is told and when, stopping,
 * diverging, and the corners: no validation, no epochs, batches larger than the data, a rest. */
#include "network/small_network.h"
#include "optimizer/by_hand.h"

#include <rfim/train.h>

#define SAMPLES 23
#define INPUTS 4

typedef struct fixture {
    rfim_context *context;
    rfim_network *network;
    rfim_splits splits;
    rfim_options options;
} fixture;

/* Three clouds around three corners. */
static rfim_dataset *make_data(rfim_context *context, uint64_t seed, size_t samples)
{
    rfim_dataset *data = NULL;
    double *inputs = make_normal(seed, 0.3, samples * INPUTS);
    int32_t *classes = malloc(samples * sizeof *classes);
    for (size_t i = 0; i < samples; i++) {
        classes[i] = (int32_t)(i % 3);
        inputs[i * INPUTS + i % 3] += 2;
    }
    must(context, rfim_dataset_from_arrays(context, rfim_doubles(inputs, samples, INPUTS),
                                           rfim_labels(classes, samples), &data));
    free(inputs);
    free(classes);
    return data;
}

static void make_network(fixture *test, const char *text, rfim_precision precision)
{
    rfim_network_free(test->network);
    test->network = small_network(test->context, text, precision, 1);
}

static int set_up(void **state)
{
    fixture *test = calloc(1, sizeof *test);
    test->context = small_context(RFIM_KERNELS_AUTOMATIC);
    make_network(test, "input 4; linear 6 relu; batchnorm decay=0.5; linear 3", RFIM_SINGLE);
    test->splits.train = make_data(test->context, 1, SAMPLES);
    test->splits.valid = make_data(test->context, 2, 9);
    test->splits.test = make_data(test->context, 3, 6);
    rfim_options_defaults(&test->options);
    rfim_optimizer_defaults(RFIM_ADAM, &test->options.optimizer);
    test->options.optimizer.learning_rate = 0.05;
    test->options.train.epochs = 3;
    test->options.train.batch = 5;
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    fixture *test = *state;
    rfim_dataset_free(test->splits.train);
    rfim_dataset_free(test->splits.valid);
    rfim_dataset_free(test->splits.test);
    rfim_network_free(test->network);
    rfim_context_free(test->context);
    free(test);
    return 0;
}

/* What the callback was told. */
typedef struct diary {
    size_t steps;
    size_t epochs;
    size_t stop_at_step; /* 0: never */
    size_t stop_at_epoch;
    size_t steps_per_epoch;
    double first_loss;
    double last_loss;
    rfim_epoch epoch;
} diary;

static int keep_diary(void *user, const rfim_progress *progress)
{
    diary *d = user;
    if (progress->finished) {
        d->epochs++;
        d->epoch = *progress->finished;
        assert_int_equal(progress->finished->epoch, d->epochs);
        assert_int_equal(progress->finished->step, d->steps);
        return d->stop_at_epoch == d->epochs;
    }
    d->steps++;
    assert_int_equal(progress->step, d->steps);
    assert_int_equal(progress->epoch, (d->steps - 1) / d->steps_per_epoch + 1);
    assert_int_equal(progress->steps, d->steps_per_epoch * progress->epochs);
    assert_true(isfinite(progress->loss) && progress->seconds >= 0);
    if (d->steps == 1)
        d->first_loss = progress->loss;
    d->last_loss = progress->loss;
    return d->stop_at_step == d->steps;
}

static rfim_status train(fixture *test, diary *d, rfim_epoch *last)
{
    return rfim_train(test->network, &test->splits, &test->options, keep_diary, d, last);
}

static void every_step_and_epoch_is_told(void **state)
{
    fixture *test = *state;
    diary d = {.steps_per_epoch = 5};
    rfim_epoch last;
    must(test->context, train(test, &d, &last));
    assert_int_equal(d.steps, 15); /* 4 batches of 5 and one of 3, three times */
    assert_int_equal(d.epochs, 3);
    assert_int_equal(last.epoch, 3);
    assert_int_equal(last.step, 15);
    assert_int_equal(last.samples, 3 * SAMPLES);
    assert_int_equal(last.train.samples, SAMPLES);
    assert_int_equal(last.valid.samples, 9);
    assert_int_equal(last.test.samples, 6);
    assert_int_equal(last.optimizer.steps, 15);
    assert_int_equal(last.interrupted, 0);
    assert_true(last.train.loss == d.epoch.train.loss);
    assert_true(last.seconds > 0 && last.step_microseconds > 0 && last.eval_seconds > 0);
    assert_true(isnan(last.train.error) && last.train.accuracy > 0.9);
    assert_true(d.last_loss < d.first_loss);
    rfim_evaluation again;
    must(test->context,
         rfim_evaluate(test->network, test->splits.valid, RFIM_TARGETS_AUTOMATIC, &again));
    assert_true(again.loss == last.valid.loss && again.accuracy == last.valid.accuracy);
}

static void the_cost_is_the_loss_and_the_l2_term(void **state)
{
    fixture *test = *state;
    rfim_epoch last;
    test->options.optimizer.l2 = 0.01;
    must(test->context,
         rfim_train(test->network, &test->splits, &test->options, NULL, NULL, &last));
    double squares = 0;
    for (size_t t = 0; t < rfim_network_tensors(test->network); t++) {
        rfim_tensor_info info;
        must(test->context, rfim_network_tensor_info(test->network, t, &info));
        double values[64];
        must(test->context, rfim_network_tensor_read(test->network, t, values));
        for (size_t k = 0; strstr(info.name, "weight") && k < info.rows * info.columns; k++)
            squares += values[k] * values[k];
    }
    assert_true(fabs(last.train_cost - last.train.loss - 0.01 * squares / 2) < 1e-12);
}

static void training_stops_after_the_step_asked_for(void **state)
{
    fixture *test = *state;
    diary d = {.steps_per_epoch = 5, .stop_at_step = 7};
    rfim_epoch last;
    assert_int_equal(train(test, &d, &last), RFIM_STOPPED);
    assert_non_null(strstr(rfim_context_error(test->context), "step 7 (epoch 2)"));
    assert_int_equal(d.steps, 7);
    assert_int_equal(d.epochs, 2); /* the figures of the cut epoch are told as well */
    assert_int_equal(last.epoch, 2);
    assert_int_equal(last.step, 7);
    assert_int_equal(last.samples, SAMPLES + 10);
    assert_int_equal(last.interrupted, 1);
    assert_true(isfinite(last.train.loss));
}

static void training_stops_after_the_epoch_asked_for(void **state)
{
    fixture *test = *state;
    diary d = {.steps_per_epoch = 5, .stop_at_epoch = 1};
    rfim_epoch last;
    assert_int_equal(train(test, &d, &last), RFIM_STOPPED);
    assert_int_equal(d.steps, 5);
    assert_int_equal(last.interrupted, 0);
    diary at_the_end = {.steps_per_epoch = 5, .stop_at_step = 5};
    assert_int_equal(train(test, &at_the_end, &last), RFIM_STOPPED);
    assert_int_equal(last.interrupted, 0); /* nothing was cut off */
}

/* A part of the batches alone is as good as all: the same seed gives the same bits. */
static void seeds_decide_the_result(void **state)
{
    fixture *test = *state;
    double *results[3];
    for (size_t run = 0; run < 3; run++) {
        make_network(test, "4-6-3 relu bna", RFIM_SINGLE);
        test->options.train.seed = run == 2 ? 8 : 7;
        must(test->context,
             rfim_train(test->network, &test->splits, &test->options, NULL, NULL, NULL));
        results[run] = read_all(test->network);
    }
    size_t bytes = all_numbers(test->network) * sizeof(double);
    assert_memory_equal(results[0], results[1], bytes);
    assert_memory_not_equal(results[0], results[2], bytes);
    for (size_t run = 0; run < 3; run++)
        free(results[run]);
}

/* The network holds the last weights whose loss was finite: they are finite, and so is theirs. */
static void check_divergence(fixture *test, const char *text, rfim_precision precision,
                             rfim_method method, double rate)
{
    make_network(test, text, precision);
    rfim_optimizer_defaults(method, &test->options.optimizer);
    if (method == RFIM_RNGD)
        rngd_by_hand(&test->options.optimizer);
    test->options.optimizer.learning_rate = rate;
    test->options.optimizer.schedule = RFIM_SCHEDULE_CONSTANT;
    rfim_status status = rfim_train(test->network, &test->splits, &test->options, NULL, NULL, NULL);
    if (status != RFIM_DIVERGED)
        fail_msg("%s, method %d, precision %d: %s", text, (int)method, (int)precision,
                 rfim_status_name(status));
    double *numbers = read_all(test->network);
    for (size_t k = 0; k < all_numbers(test->network); k++)
        assert_true(isfinite(numbers[k]));
    free(numbers);
    rfim_evaluation figures;
    must(test->context,
         rfim_evaluate(test->network, test->splits.train, RFIM_TARGETS_AUTOMATIC, &figures));
    assert_true(isfinite(figures.loss));
}

static void divergence_keeps_the_last_good_weights(void **state)
{
    fixture *test = *state;
    for (int method = RFIM_SGD; method <= RFIM_RNGD; method++) {
        check_divergence(test, "4-6-6-3 relu", RFIM_SINGLE, (rfim_method)method, 1e30);
        check_divergence(test, "4-6-6-3 relu bna", RFIM_SINGLE, (rfim_method)method, 1e30);
        check_divergence(test, "4-6-6-3 relu", RFIM_DOUBLE, (rfim_method)method, 1e200);
        check_divergence(test, "4-6-6-3 relu bna", RFIM_DOUBLE, (rfim_method)method, 1e200);
        check_divergence(test, "4-3", RFIM_SINGLE, (rfim_method)method, 1e45);
    }
}

static void splits_may_be_missing(void **state)
{
    fixture *test = *state;
    rfim_splits splits = {.train = test->splits.train};
    rfim_epoch last;
    must(test->context, rfim_train(test->network, &splits, &test->options, NULL, NULL, &last));
    assert_int_equal(last.valid.samples, 0);
    assert_int_equal(last.test.samples, 0);
    assert_int_equal(last.improved, 0);
    splits.train = NULL;
    refused(test->context, rfim_train(test->network, &splits, &test->options, NULL, NULL, &last),
            RFIM_ERROR_ARGUMENT, "at least one sample");
}

static void no_epochs_change_nothing(void **state)
{
    fixture *test = *state;
    double *before = read_all(test->network);
    rfim_epoch last;
    test->options.train.epochs = 0;
    diary d = {.steps_per_epoch = 5};
    must(test->context, train(test, &d, &last));
    assert_int_equal(d.steps + d.epochs, 0);
    assert_int_equal(last.epoch, 0);
    double *after = read_all(test->network);
    assert_memory_equal(after, before, all_numbers(test->network) * sizeof *after);
    free(before);
    free(after);
}

static void batches_may_be_larger_than_the_data(void **state)
{
    fixture *test = *state;
    rfim_epoch last;
    test->options.train.batch = 1000000000;
    diary d = {.steps_per_epoch = 1};
    must(test->context, train(test, &d, &last));
    assert_int_equal(last.step, 3);
    assert_int_equal(last.samples, 3 * SAMPLES);
    test->options.train.batch = 1;
    diary singles = {.steps_per_epoch = SAMPLES};
    must(test->context, train(test, &singles, &last));
    assert_int_equal(last.step, 3 * SAMPLES);
    test->options.train.batch = 0;
    refused(test->context, train(test, &d, &last), RFIM_ERROR_ARGUMENT, "batch of at least one");
}

static void evaluation_may_use_a_part(void **state)
{
    fixture *test = *state;
    rfim_epoch last;
    test->options.train.eval_samples = 7;
    must(test->context,
         rfim_train(test->network, &test->splits, &test->options, NULL, NULL, &last));
    assert_int_equal(last.train.samples, 7);
    assert_int_equal(last.valid.samples, 7);
    assert_int_equal(last.test.samples, 6);
}

static void splits_that_do_not_fit_are_refused_before_the_first_step(void **state)
{
    fixture *test = *state;
    diary d = {.steps_per_epoch = 5};
    make_network(test, "4-6-2 relu", RFIM_SINGLE);
    refused(test->context, train(test, &d, NULL), RFIM_ERROR_SHAPE, "3 classes");
    make_network(test, "3-6-3 relu", RFIM_SINGLE);
    refused(test->context, train(test, &d, NULL), RFIM_ERROR_SHAPE, "3 inputs");
    assert_int_equal(d.steps, 0);
}

#define train_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        train_test(every_step_and_epoch_is_told),
        train_test(the_cost_is_the_loss_and_the_l2_term),
        train_test(training_stops_after_the_step_asked_for),
        train_test(training_stops_after_the_epoch_asked_for),
        train_test(seeds_decide_the_result),
        train_test(divergence_keeps_the_last_good_weights),
        train_test(splits_may_be_missing),
        train_test(no_epochs_change_nothing),
        train_test(batches_may_be_larger_than_the_data),
        train_test(evaluation_may_use_a_part),
        train_test(splits_that_do_not_fit_are_refused_before_the_first_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
