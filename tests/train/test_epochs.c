/* What a run makes of its epochs: which one is the best, what it does when the evaluation after an
 * epoch is not finite, on how many samples it trains and evaluates; and that the options of
 * precision and kernels reach the network and the context. */
#include "data/idx_files.h"
#include "network/small_network.h"

#include <rfim/rfim.h>
#include <stdio.h>

#define EPOCHS 40
#define SAMPLES 120 /* of the training file: 100 train, the last 20 validate */
#define TRAIN 100
#define VALID 20
#define PIXELS 15
#define CLASSES 3

typedef struct fixture {
    rfim_context *context;
    rfim_options options;
    char folder[256]; /* of the data; the run is the folder `run` in it */
    rfim_epoch epochs[EPOCHS];
    size_t finished;
} fixture;

static void set(fixture *test, const char *name, const char *value)
{
    must(test->context, rfim_options_set(test->context, &test->options, name, value));
}

/* Images of noise; of three pixels the brightest says the class, but a third of the labels are
 * drawn. */
static void write_noisy(const char *folder, const char *images, const char *labels, size_t count)
{
    static uint8_t bytes[1 << 14];
    uint8_t classes[8 + SAMPLES];
    const uint32_t shape[] = {(uint32_t)count, 3, 5};
    rfim__random random = rfim__random_start(5, count);
    size_t size = idx_bytes(bytes, 3, shape, 251);
    size_t label_size = idx_bytes(classes, 1, shape, 251);
    for (size_t i = 0; i < count; i++) {
        uint8_t *image = bytes + size - (count - i) * PIXELS;
        uint8_t best = 0;
        for (size_t k = 0; k < PIXELS; k++)
            image[k] = (uint8_t)rfim__random_below(&random, 256);
        for (uint8_t k = 1; k < CLASSES; k++)
            if (image[k] > image[best])
                best = k;
        bool drawn = rfim__random_below(&random, 3) == 0;
        classes[label_size - count + i] = drawn ? (uint8_t)rfim__random_below(&random, CLASSES)
                                                : best;
    }
    write_file(folder, images, bytes, size);
    write_file(folder, labels, classes, label_size);
}

static int set_up(void **state)
{
    fixture *test = calloc(1, sizeof *test);
    char out[RFIM_TEXT_SIZE];
    test->context = small_context(RFIM_KERNELS_AUTOMATIC);
    make_folder(test->folder);
    write_noisy(test->folder, TRAIN_IMAGES, TRAIN_LABELS, SAMPLES);
    write_noisy(test->folder, TEST_IMAGES, TEST_LABELS, VALID);
    snprintf(out, sizeof out, "%s/run", test->folder);
    rfim_options_defaults(&test->options);
    set(test, "optimizer", "adam");
    set(test, "learning-rate", "0.04");
    set(test, "data", test->folder);
    set(test, "network", "15-40-3 relu");
    set(test, "epochs", "40");
    set(test, "batch", "10");
    set(test, "out", out);
    set(test, "overwrite", "yes");
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    fixture *test = *state;
    char command[512];
    snprintf(command, sizeof command, "rm -r %s", test->folder);
    int removed = system(command);
    rfim_context_free(test->context);
    free(test);
    return removed;
}

static int keep_epochs(void *user, const rfim_progress *progress)
{
    fixture *test = user;
    if (progress->finished)
        test->epochs[test->finished++] = *progress->finished;
    return 0;
}

static void run(fixture *test, rfim_epoch *last)
{
    test->finished = 0;
    must(test->context,
         rfim_run_train(test->context, &test->options, keep_epochs, test, NULL, last));
}

static rfim_network *load(fixture *test, const char *name)
{
    char path[512];
    rfim_network *network = NULL;
    snprintf(path, sizeof path, "%s/run/%s", test->folder, name);
    must(test->context, rfim_network_load(test->context, path, &network));
    return network;
}

static double valid_loss_of(fixture *test, const char *name, const rfim_splits *splits)
{
    rfim_evaluation figures;
    rfim_network *network = load(test, name);
    must(test->context, rfim_evaluate(network, splits->valid, RFIM_TARGETS_AUTOMATIC, &figures));
    rfim_network_free(network);
    return figures.loss;
}

/* --- the best epoch --------------------------------------------------------------------------- */

static void the_best_epoch_has_the_lowest_validation_loss(void **state)
{
    fixture *test = *state;
    rfim_splits splits;
    double lowest = INFINITY;
    size_t improved = 0;
    size_t falls = 0; /* epochs better than the one before, but not the best */
    run(test, NULL);
    assert_int_equal(test->finished, EPOCHS);
    for (size_t e = 0; e < EPOCHS; e++) {
        double loss = test->epochs[e].valid.loss;
        if (test->epochs[e].improved != (loss < lowest))
            fail_msg("epoch %zu: loss %g, lowest before %g, improved %d", e + 1, loss, lowest,
                     test->epochs[e].improved);
        improved += test->epochs[e].improved == 1;
        falls += e > 0 && loss > lowest && loss < test->epochs[e - 1].valid.loss;
        lowest = fmin(lowest, loss);
    }
    double last = test->epochs[EPOCHS - 1].valid.loss;
    assert_true(improved > 1 && falls > 0 && last > 1.2 * lowest); /* it does overfit */
    must(test->context, rfim_splits_open(test->context, &test->options.data, &splits));
    /* The files hold the very weights, and nothing else has changed: the same bits. */
    assert_true(valid_loss_of(test, "best.safetensors", &splits) == lowest);
    assert_true(valid_loss_of(test, "model.safetensors", &splits) == last);
    rfim_splits_free(&splits);
}

/* --- an evaluation that is not finite --------------------------------------------------------- */

/* The weights after each of the last two steps. */
typedef struct weights {
    const rfim_network *network;
    double *before;
    double *after;
    size_t steps;
} weights;

static int keep_weights(void *user, const rfim_progress *progress)
{
    weights *kept = user;
    if (progress->finished)
        return 0;
    free(kept->before);
    kept->before = kept->after;
    kept->after = read_all(kept->network);
    kept->steps++;
    return 0;
}

/* One step an epoch: the batch's loss is finite, and after `epochs` updates no longer. */
static void check_evaluation(fixture *test, double rate, size_t epochs, const char *words)
{
    rfim_splits splits;
    rfim_epoch last;
    rfim_network *network = small_network(test->context, "15-8-8-3 linear", RFIM_SINGLE, 1);
    weights kept = {.network = network, .after = read_all(network)};
    rfim_optimizer_defaults(RFIM_SGD, &test->options.optimizer);
    test->options.optimizer.learning_rate = rate;
    test->options.optimizer.schedule = RFIM_SCHEDULE_CONSTANT;
    test->options.optimizer.momentum = 0;
    test->options.train.batch = TRAIN;
    must(test->context, rfim_splits_open(test->context, &test->options.data, &splits));
    rfim_status status = rfim_train(network, &splits, &test->options, keep_weights, &kept, &last);
    assert_int_equal(status, RFIM_DIVERGED);
    if (!strstr(rfim_context_error(test->context), words))
        fail_msg("`%s` is not in: %s", words, rfim_context_error(test->context));
    assert_int_equal(kept.steps, epochs);
    assert_int_equal(last.epoch, epochs);
    double *found = read_all(network);
    size_t bytes = all_numbers(network) * sizeof *found;
    assert_memory_not_equal(kept.before, kept.after, bytes);
    assert_memory_equal(found, kept.before, bytes);
    rfim_evaluation figures;
    must(test->context, rfim_evaluate(network, splits.train, RFIM_TARGETS_AUTOMATIC, &figures));
    assert_true(isfinite(figures.loss));
    free(found);
    free(kept.before);
    free(kept.after);
    rfim_network_free(network);
    rfim_splits_free(&splits);
}

static void an_evaluation_that_is_not_finite_takes_the_last_update_back(void **state)
{
    fixture *test = *state;
    /* Weights of about 1e20: their products are beyond float32 (3e38), they themselves are not. */
    check_evaluation(test, 1e20, 1, "after epoch 1 is not finite");
    /* After one step weights of about 1e7, whose products are in range; after two 1e21. */
    check_evaluation(test, 1e7, 2, "after epoch 2 is not finite");
}

/* --- how many samples ------------------------------------------------------------------------- */

/* The first `count` samples, as a data set of their own. */
static rfim_dataset *first_of(fixture *test, const rfim_dataset *dataset, size_t count)
{
    rfim_dataset *part = NULL;
    double *inputs = calloc(count * PIXELS, sizeof *inputs);
    int32_t *classes = calloc(count, sizeof *classes);
    for (size_t i = 0; i < count; i++) {
        double class = 0;
        must(test->context, rfim_dataset_read_inputs(dataset, i, inputs + i * PIXELS));
        must(test->context, rfim_dataset_read_targets(dataset, i, &class));
        classes[i] = (int32_t) class;
    }
    must(test->context, rfim_dataset_from_arrays(test->context, rfim_doubles(inputs, count, PIXELS),
                                                 rfim_labels(classes, count), &part));
    free(inputs);
    free(classes);
    return part;
}

static void expect_figures(fixture *test, rfim_network *network, const rfim_dataset *dataset,
                           size_t count, const rfim_evaluation *found)
{
    rfim_evaluation expected;
    rfim_dataset *part = first_of(test, dataset, count);
    must(test->context, rfim_evaluate(network, part, RFIM_TARGETS_AUTOMATIC, &expected));
    assert_int_equal(found->samples, count);
    assert_true(found->loss == expected.loss && found->accuracy == expected.accuracy);
    rfim_dataset_free(part);
}

static void evaluation_takes_the_first_samples_and_training_all(void **state)
{
    fixture *test = *state;
    rfim_splits splits;
    rfim_epoch last;
    set(test, "epochs", "3");
    run(test, &last);
    assert_int_equal(last.train.samples, TRAIN);
    assert_int_equal(last.valid.samples, VALID);
    rfim_network *network = load(test, "model.safetensors");
    double *all = read_all(network);
    rfim_network_free(network);
    set(test, "eval-samples", "7");
    run(test, &last);
    network = load(test, "model.safetensors");
    double *some = read_all(network);
    assert_memory_equal(some, all, all_numbers(network) * sizeof *all);
    assert_int_equal(last.samples, 3 * TRAIN);
    must(test->context, rfim_splits_open(test->context, &test->options.data, &splits));
    expect_figures(test, network, splits.train, 7, &last.train);
    expect_figures(test, network, splits.valid, 7, &last.valid);
    expect_figures(test, network, splits.test, 7, &last.test);
    free(all);
    free(some);
    rfim_network_free(network);
    rfim_splits_free(&splits);
}

static void training_may_use_the_first_samples_only(void **state)
{
    fixture *test = *state;
    rfim_splits full;
    rfim_splits few;
    rfim_epoch last;
    must(test->context, rfim_splits_open(test->context, &test->options.data, &full));
    set(test, "train-samples", "13");
    must(test->context, rfim_splits_open(test->context, &test->options.data, &few));
    assert_int_equal(rfim_dataset_samples(few.train), 13);
    assert_int_equal(rfim_dataset_samples(few.valid), VALID);
    assert_int_equal(rfim_dataset_samples(few.test), rfim_dataset_samples(full.test));
    for (size_t i = 0; i < 13; i++) {
        double a[PIXELS];
        double b[PIXELS];
        must(test->context, rfim_dataset_read_inputs(full.train, i, a));
        must(test->context, rfim_dataset_read_inputs(few.train, i, b));
        assert_memory_equal(a, b, sizeof a);
    }
    set(test, "epochs", "4");
    run(test, &last);
    assert_int_equal(last.samples, 4 * 13);
    assert_int_equal(last.step, 4 * 2); /* 10 and 3 */
    assert_int_equal(last.train.samples, 13);
    assert_int_equal(last.valid.samples, VALID);
    rfim_splits_free(&full);
    rfim_splits_free(&few);
}

/* --- options that reach others ---------------------------------------------------------------- */

static void refreshes_are_counted_from_the_start_of_each_epoch(void **state)
{
    fixture *test = *state;
    rfim_epoch last;
    set(test, "optimizer", "rngd");
    set(test, "epochs", "3");
    set(test, "metric-ramp", "0");
    set(test, "metric-memory", "ema");
    set(test, "refresh-every", "7"); /* steps 0 and 7 of the ten of an epoch */
    run(test, &last);
    assert_int_equal(last.step, 30);
    assert_int_equal(last.optimizer.refreshes, 3 * 2 * 2); /* of two metrics */
}

static void the_precision_asked_for_is_that_of_the_network(void **state)
{
    fixture *test = *state;
    set(test, "epochs", "1");
    static const char *const names[] = {"single", "double"};
    for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
        set(test, "precision", names[precision]);
        run(test, NULL);
        rfim_network *network = load(test, "model.safetensors");
        assert_int_equal(rfim_network_precision(network), precision);
        double *numbers = read_all(network);
        size_t finer = 0; /* numbers that float32 does not have */
        for (size_t k = 0; k < all_numbers(network); k++)
            finer += (double)(float)numbers[k] != numbers[k];
        assert_true(precision == RFIM_DOUBLE ? finer > all_numbers(network) / 2 : finer == 0);
        free(numbers);
        rfim_network_free(network);
    }
}

static void the_kernels_asked_for_are_those_of_the_context(void **state)
{
    fixture *test = *state;
    static const char *const names[] = {"portable", "avx2", "avx512"};
    size_t found = 0;
    const char *best = NULL;
    for (size_t k = 0; k < 3; k++) {
        set(test, "kernels", names[k]);
        rfim_context *context = small_context(test->options.run.kernels);
        if (!context)
            continue; /* not on this CPU */
        assert_string_equal(rfim_context_kernels(context), names[k]);
        best = names[k];
        found++;
        rfim_context_free(context);
    }
    assert_true(found >= 1);
    set(test, "kernels", "automatic");
    rfim_context *context = small_context(test->options.run.kernels);
    assert_non_null(context);
    assert_string_equal(rfim_context_kernels(context), best);
    rfim_context_free(context);
}

#define epoch_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        epoch_test(the_best_epoch_has_the_lowest_validation_loss),
        epoch_test(an_evaluation_that_is_not_finite_takes_the_last_update_back),
        epoch_test(evaluation_takes_the_first_samples_and_training_all),
        epoch_test(training_may_use_the_first_samples_only),
        epoch_test(refreshes_are_counted_from_the_start_of_each_epoch),
        epoch_test(the_precision_asked_for_is_that_of_the_network),
        epoch_test(the_kernels_asked_for_are_those_of_the_context),
    };
    return cmocka_run_group_tests_name("train: epochs", tests, NULL, NULL);
}
