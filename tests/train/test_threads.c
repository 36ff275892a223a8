/* The same bits for any number of threads, and for repeated runs: 200 steps of every method, in
 * both precisions, on networks whose products are cut into several tiles. */
#include "network/network.h"

#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES 2000
#define INPUTS 784
#define STEPS 200

typedef struct numbers {
    double *values;
    size_t count;
} numbers;

/* Weights and moving averages after STEPS steps. */
static numbers train(const char *network_text, const char *const *more, rfim_precision precision,
                     size_t threads)
{
    rfim_context_options settings;
    rfim_context_defaults(&settings);
    settings.threads = threads;
    rfim_context *context = NULL;
    assert_int_equal(rfim_context_create(&settings, &context), RFIM_OK);
    rfim_options options;
    rfim_options_defaults(&options);
    options.train.batch = 50;
    for (; *more; more += 2)
        assert_int_equal(rfim_options_set(context, &options, more[0], more[1]), RFIM_OK);
    strcpy(options.data.where, "digits:2000/10/10");
    options.train.epochs = STEPS * 50 / SAMPLES;
    options.train.eval_samples = 10;
    options.init.precision = precision;
    options.optimizer.metric_every = 4;
    options.optimizer.metric_ramp = 20;
    options.train.weight_average = 0.99; /* of all the weights on the way */
    rfim_splits splits;
    assert_int_equal(rfim_splits_open(context, &options.data, &splits), RFIM_OK);
    rfim_network *network = NULL;
    assert_int_equal(rfim_network_create(context, network_text, &options.init, &network), RFIM_OK);
    network->algebra->team_flops = 0; /* every product that has tiles is shared out */
    rfim_epoch last;
    assert_int_equal(rfim_train(network, &splits, &options, NULL, NULL, &last), RFIM_OK);
    assert_int_equal(last.step, STEPS);

    numbers out = {NULL, 0};
    for (size_t t = 0; t < rfim_network_tensors(network); t++) {
        rfim_tensor_info info;
        assert_int_equal(rfim_network_tensor_info(network, t, &info), RFIM_OK);
        out.values = realloc(out.values, (out.count + info.rows * info.columns) * sizeof(double));
        assert_non_null(out.values);
        assert_int_equal(rfim_network_tensor_read(network, t, out.values + out.count), RFIM_OK);
        out.count += info.rows * info.columns;
    }
    rfim_network_free(network);
    rfim_splits_free(&splits);
    rfim_context_free(context);
    return out;
}

/* more: options, name, value, ... NULL */
static void check_options(const char *network, const char *const *more, rfim_precision precision)
{
    static const size_t threads[] = {1, 2, 4};
    numbers first = train(network, more, precision, 1);
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        numbers again = train(network, more, precision, threads[t]);
        assert_int_equal(again.count, first.count);
        assert_memory_equal(again.values, first.values, first.count * sizeof(double));
        free(again.values);
    }
    free(first.values);
}

static void check_bits(const char *network, const char *preset, rfim_precision precision)
{
    const char *const more[] = {"preset", preset, NULL};
    check_options(network, more, precision);
}

/* Products of 785 x 785 x 64 are cut into many tiles; bna adds batch statistics. */
static void bits_do_not_depend_on_threads_single(void **state)
{
    (void)state;
    check_bits("784-64-40-10 relu bna", "sgd", RFIM_SINGLE);
    check_bits("784-64-40-10 relu bna", "adam", RFIM_SINGLE);
    check_bits("784-64-40-20-10 relu bna", "rngd", RFIM_SINGLE);
    check_bits("784-48-40-40-10 relu", "icml2017", RFIM_SINGLE);
    check_bits("784-48-40-10 relu bna", "kfac", RFIM_SINGLE);
    static const char *const others[][12] = {
        {"momentum", "0.8", "momentum-kind", "before", "batch", "25", "accumulate", "2"},
        {"momentum", "0.8", "momentum-kind", "nesterov"},
        {"momentum", "0.8", "momentum-kind", "spring"},
        {"step-control", "quadratic", "damping-control", "lm", "damping", "0.1", "learning-rate",
         "0.1"},
    };
    for (size_t o = 0; o < sizeof others / sizeof *others; o++)
        check_options("784-40-40-10 relu bna", others[o], RFIM_SINGLE);
}

static void bits_do_not_depend_on_threads_double(void **state)
{
    (void)state;
    check_bits("784-64-40-10 relu bna", "sgd", RFIM_DOUBLE);
    check_bits("784-64-40-10 relu bna", "adam", RFIM_DOUBLE);
    check_bits("784-64-40-20-10 relu bna", "rngd", RFIM_DOUBLE);
    check_bits("784-48-40-40-10 relu", "icml2017", RFIM_DOUBLE);
    check_bits("784-48-40-10 tanh", "kfac", RFIM_DOUBLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_do_not_depend_on_threads_single),
        cmocka_unit_test(bits_do_not_depend_on_threads_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
