/* Badly scaled columns: trained on as they are, standardised, and from whitened weights; the models
 * that are kept take them as they are in every case. */
#include "core/context.h"
#include "core/file.h"

#include <math.h>
#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct fixture {
    rfim_context *context;
    rfim_options options;
    char root[64];
    rfim_epoch last;
} fixture;

static void set(fixture *test, const char *name, const char *value)
{
    if (rfim_options_set(test->context, &test->options, name, value) != RFIM_OK)
        fail_msg("%s", rfim_context_error(test->context));
}

static int set_up(void **state)
{
    fixture *test = calloc(1, sizeof *test);
    char out[128];
    assert_int_equal(rfim_context_create(NULL, &test->context), RFIM_OK);
    strcpy(test->root, "/tmp/rfim-test-XXXXXX");
    assert_non_null(mkdtemp(test->root));
    snprintf(out, sizeof out, "%s/run", test->root);
    rfim_options_defaults(&test->options);
    set(test, "optimizer", "adam");
    set(test, "data", "tabular:1000/200/0");
    set(test, "network", "20-16-1 tanh");
    set(test, "loss", "squared");
    set(test, "learning-rate", "0.01");
    set(test, "batch", "20");
    set(test, "epochs", "5");
    set(test, "out", out);
    set(test, "overwrite", "yes");
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    fixture *test = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", test->root);
    int removed = system(command);
    rfim_context_free(test->context);
    free(test);
    return removed;
}

static void train(fixture *test)
{
    if (rfim_run_train(test->context, &test->options, NULL, NULL, NULL, &test->last) != RFIM_OK)
        fail_msg("%s", rfim_context_error(test->context));
}

static void refuse(fixture *test, const char *words)
{
    assert_int_equal(rfim_run_train(test->context, &test->options, NULL, NULL, NULL, &test->last),
                     RFIM_ERROR_ARGUMENT);
    if (!strstr(rfim_context_error(test->context), words))
        fail_msg("expected \"%s\" in: %s", words, rfim_context_error(test->context));
}

static rfim_splits open_raw(fixture *test)
{
    rfim_splits splits;
    rfim_data_options data = test->options.data;
    data.standardize = 0;
    assert_int_equal(rfim_splits_open(test->context, &data, &splits), RFIM_OK);
    return splits;
}

/* The model of the run, over the columns as they are, has the losses that training saw. */
static void expect_same_losses(fixture *test, const char *name, double tolerance)
{
    char path[128];
    rfim_network *network = NULL;
    rfim_evaluation train_loss, valid_loss;
    rfim_splits splits = open_raw(test);
    snprintf(path, sizeof path, "%s/run/%s", test->root, name);
    assert_int_equal(rfim_network_load(test->context, path, &network), RFIM_OK);
    assert_int_equal(rfim_evaluate(network, splits.train, RFIM_TARGETS_AUTOMATIC, &train_loss),
                     RFIM_OK);
    assert_int_equal(rfim_evaluate(network, splits.valid, RFIM_TARGETS_AUTOMATIC, &valid_loss),
                     RFIM_OK);
    assert_true(fabs(train_loss.error / test->last.train.error - 1) <= tolerance);
    assert_true(fabs(valid_loss.error / test->last.valid.error - 1) <= tolerance);
    rfim_network_free(network);
    rfim_splits_free(&splits);
}

/* In float32 the weights that are kept are rounded anew: 2^-24 of each, and of inputs that are up
 * to three times their deviation off. */
static void kept_models_take_columns_as_they_are(void **state)
{
    fixture *test = *state;
    train(test);
    expect_same_losses(test, "model.safetensors", 0);
    double raw = test->last.train.error;
    set(test, "standardize", "yes");
    train(test);
    assert_int_equal(test->last.improved, 1); /* so that best is last */
    expect_same_losses(test, "model.safetensors", 1e-5);
    expect_same_losses(test, "best.safetensors", 1e-5);
    assert_true(test->last.train.error < 0.5 * raw); /* Adam minds the units of its inputs */
    set(test, "precision", "double");
    train(test);
    expect_same_losses(test, "model.safetensors", 1e-12);
}

static void whitened_weights_begin_alike_on_raw_and_standardised_columns(void **state)
{
    fixture *test = *state;
    set(test, "init", "whitened");
    set(test, "learning-rate", "1e-12"); /* as they begin */
    train(test);
    double raw = test->last.train.loss;
    set(test, "standardize", "yes");
    train(test);
    assert_true(fabs(test->last.train.loss / raw - 1) < 1e-5);
    set(test, "init", "glorot");
    train(test);
    assert_true(fabs(test->last.train.loss / raw - 1) > 1e-3);
}

static void read_model(fixture *test, uint8_t **data, size_t *size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/run/model.safetensors", test->root);
    assert_int_equal(rfim__file_read(test->context, path, data, size), RFIM_OK);
}

static void config_repeats_the_run_bit_for_bit(void **state)
{
    fixture *test = *state;
    uint8_t *models[2] = {NULL, NULL};
    size_t sizes[2];
    char config[128];
    rfim_run_options run = test->options.run;
    snprintf(config, sizeof config, "%s/run/config.ini", test->root);
    set(test, "standardize", "yes");
    set(test, "init", "whitened");
    set(test, "threads", "1");
    train(test);
    read_model(test, &models[0], &sizes[0]);
    rfim_options_defaults(&test->options);
    assert_int_equal(rfim_options_read(test->context, &test->options, config, NULL), RFIM_OK);
    test->options.run = run;
    train(test);
    read_model(test, &models[1], &sizes[1]);
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(models[0], models[1], sizes[0]);
    rfim__release(test->context, models[0]);
    rfim__release(test->context, models[1]);
}

/* Every method goes through an epoch of columns from 1e-3 to 1e3 in float32, and what it reports is
 * finite. */
static void every_method_copes_with_raw_columns(void **state)
{
    static const char *const presets[] = {"sgd", "adam", "icml2017", "shared-fast", "neuron-fast"};
    fixture *test = *state;
    for (size_t index = 0; index < sizeof presets / sizeof *presets; index++) {
        set(test, "preset", presets[index]);
        set(test, "init", "whitened");
        set(test, "learning-rate", "1e-4");
        set(test, "epochs", "1");
        train(test);
        assert_true(isfinite(test->last.train.loss) && isfinite(test->last.valid.loss));
        expect_same_losses(test, "model.safetensors", 0);
    }
}

static void what_cannot_be_folded_is_refused(void **state)
{
    fixture *test = *state;
    set(test, "standardize", "yes");
    set(test, "network", "input 20; batchnorm; linear 1; loss squared");
    refuse(test, "begins with norm0");
    set(test, "network", "20-5-20 tanh");
    set(test, "target", "inputs");
    refuse(test, "learns to give its own inputs");
}

static void networks_are_folded_by_hand(void **state)
{
    fixture *test = *state;
    rfim_network *network = NULL;
    rfim_splits raw = open_raw(test);
    rfim_splits standard;
    double x[20], before, after;
    test->options.data.standardize = 1;
    assert_int_equal(rfim_splits_open(test->context, &test->options.data, &standard), RFIM_OK);
    test->options.init.precision = RFIM_DOUBLE;
    assert_int_equal(
        rfim_network_create(test->context, "20-6-1 tanh", &test->options.init, &network), RFIM_OK);
    assert_int_equal(rfim_dataset_read_inputs(standard.valid, 7, x), RFIM_OK);
    assert_int_equal(rfim_network_predict(network, rfim_doubles(x, 1, 20), &before), RFIM_OK);
    assert_int_equal(rfim_network_take_raw_inputs(network, raw.valid), RFIM_ERROR_ARGUMENT);
    assert_non_null(strstr(rfim_context_error(test->context), "not standardised"));
    assert_int_equal(rfim_network_take_raw_inputs(network, standard.valid), RFIM_OK);
    assert_int_equal(rfim_dataset_read_inputs(raw.valid, 7, x), RFIM_OK);
    assert_int_equal(rfim_network_predict(network, rfim_doubles(x, 1, 20), &after), RFIM_OK);
    assert_true(fabs(after - before) < 1e-12);
    rfim_network_free(network);
    rfim_splits_free(&standard);
    rfim_splits_free(&raw);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(kept_models_take_columns_as_they_are),
        TEST(whitened_weights_begin_alike_on_raw_and_standardised_columns),
        TEST(config_repeats_the_run_bit_for_bit),
        TEST(every_method_copes_with_raw_columns),
        TEST(what_cannot_be_folded_is_refused),
        TEST(networks_are_folded_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
