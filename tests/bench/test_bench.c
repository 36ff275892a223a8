/* What rfim bench stands on: quartiles, texts with fewer inputs, samples that make whole periods,
 * and a run whose ratios follow from its times. No test looks at how fast anything is. */
#include "bench/net.h"
#include "bench/program.h"
#include "bench/spread.h"
#include "core/context.h"
#include "network/scarce_memory.h"

#include <math.h>
#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NEAR 1e-12 /* rounding of a handful of operations */

static rfim_context *new_context(void)
{
    rfim_context *context = NULL;
    assert_int_equal(rfim_context_create(NULL, &context), RFIM_OK);
    return context;
}

static void quartiles_fall_between_neighbours(void **state)
{
    double odd[] = {5, 1, 4, 2, 3};
    double even[] = {4, 1, 3, 2};
    double one[] = {7};
    (void)state;
    rfim_bench_spread spread = rfim__bench_spread(odd, 5);
    assert_float_equal(spread.lower, 2, NEAR);
    assert_float_equal(spread.median, 3, NEAR);
    assert_float_equal(spread.upper, 4, NEAR);
    spread = rfim__bench_spread(even, 4);
    assert_float_equal(spread.lower, 1.75, NEAR);
    assert_float_equal(spread.median, 2.5, NEAR);
    assert_float_equal(spread.upper, 3.25, NEAR);
    spread = rfim__bench_spread(one, 1);
    assert_float_equal(spread.lower, 7, NEAR);
    assert_float_equal(spread.upper, 7, NEAR);
    assert_true(isnan(rfim__bench_spread(one, 0).median));
}

/* The median of ratios is not the ratio of medians: here 2 and 1. */
static void ratios_are_made_block_by_block(void **state)
{
    const double a[] = {2, 4, 30};
    const double b[] = {1, 4, 15};
    double room[3];
    (void)state;
    assert_float_equal(rfim__bench_ratio(a, b, 3, room).median, 2, NEAR);
    assert_float_equal(rfim__bench_ratio(a, b, 3, room).lower, 1.5, NEAR);
}

static void texts_get_fewer_inputs(void **state)
{
    char text[64];
    (void)state;
    assert_true(rfim__bench_resize("784-80x3-10 relu", 717, text, sizeof text));
    assert_string_equal(text, "717-80x3-10 relu");
    assert_true(rfim__bench_resize("input 784; linear 10", 9, text, sizeof text));
    assert_string_equal(text, "input 9; linear 10");
    assert_false(rfim__bench_resize("784-80-10", 717, text, 9));
}

static void open_digits(rfim_context *context, const char *where, size_t batch, size_t period,
                        rfim__bench_data *data)
{
    rfim_options options;
    rfim_options_defaults(&options);
    assert_int_equal(rfim_options_set(context, &options, "data", where), RFIM_OK);
    assert_int_equal(rfim__bench_data_open(context, &options.data, batch, period, data), RFIM_OK);
}

static void epochs_are_whole_periods(void **state)
{
    rfim_context *context = new_context();
    rfim__bench_data data;
    (void)state;
    open_digits(context, "digits", 50, 70, &data); /* 3500 samples a period */
    assert_int_equal(rfim_dataset_samples(data.splits.train), 10500);
    rfim__bench_data_free(&data);
    open_digits(context, "digits:1037/10/10", 10, 20, &data);
    assert_int_equal(rfim_dataset_samples(data.splits.train), 1000);
    rfim__bench_data_free(&data);
    open_digits(context, "digits:137/10/10", 10, 20, &data); /* no whole period: whole batches */
    assert_int_equal(rfim_dataset_samples(data.splits.train), 130);
    rfim__bench_data_free(&data);
    rfim_context_free(context);
}

/* A period of 50 steps in epochs of 13: refreshes begin anew with every epoch. */
static void a_period_in_short_epochs_is_an_epoch(void **state)
{
    rfim_context *context = new_context();
    rfim__bench_data data;
    rfim__bench_program program;
    const rfim_bench_net net = {"own", "784-4-10", 10, ""};
    (void)state;
    assert_int_equal(rfim__bench_program_choose(context, "rngd", &net, 1, &program), RFIM_OK);
    assert_int_equal(program.period,
                     50); /* of the preset: collects each 10th, refreshes each 50th */
    open_digits(context, "digits:130/10/10", 10, program.period, &data);
    assert_int_equal(rfim__bench_program_open(&program, &data), RFIM_OK);
    assert_int_equal(program.period, 13);
    rfim__bench_program_close(&program);
    rfim__bench_data_free(&data);
    rfim_context_free(context);
}

static void programs_without_refreshes_have_no_period(void **state)
{
    rfim_context *context = new_context();
    const rfim_bench_net net = {"own", "784-4-10", 10, ""};
    const char *const names[] = {"floor", "sgd", "sgd-trimmed", "adam"};
    (void)state;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        rfim__bench_program program;
        assert_int_equal(rfim__bench_program_choose(context, names[k], &net, 1, &program), RFIM_OK);
        assert_int_equal(program.period, 1);
        assert_true(program.options.optimizer.momentum == 0);
        rfim__bench_program_close(&program);
    }
    rfim_context_free(context);
}

/* Two inputs of four are 0 in every sample: what is left of the first layer's products. */
static void constant_inputs_are_trimmed(void **state)
{
    rfim_context *context = new_context();
    float inputs[8][4] = {{0}};
    int32_t labels[8] = {0};
    rfim__bench_data data = {.context = context};
    rfim__bench_program program;
    const rfim_bench_net net = {"own", "4-3-2", 2, ""};
    (void)state;
    for (int i = 0; i < 8; i++) {
        inputs[i][0] = (float)i;
        inputs[i][2] = 0.5f;
        labels[i] = i % 2;
    }
    assert_int_equal(rfim_dataset_from_arrays(context, rfim_floats(&inputs[0][0], 8, 4),
                                              rfim_labels(labels, 8), &data.splits.train),
                     RFIM_OK);
    assert_int_equal(rfim__kept_inputs_find(data.splits.train, &data.inputs), RFIM_OK);
    assert_int_equal(rfim__bench_trim(data.splits.train, &data.inputs, &data.trimmed), RFIM_OK);
    double row[2];
    assert_int_equal(rfim_dataset_inputs(data.trimmed), 2);
    assert_int_equal(rfim_dataset_read_inputs(data.trimmed, 3, row), RFIM_OK);
    assert_true(row[0] == 3 && row[1] == 0.5);
    assert_int_equal(rfim_dataset_read_targets(data.trimmed, 3, row), RFIM_OK);
    assert_true(row[0] == 1);
    assert_int_equal(rfim__bench_program_choose(context, "sgd-trimmed", &net, 1, &program),
                     RFIM_OK);
    assert_int_equal(rfim__bench_program_open(&program, &data), RFIM_OK);
    assert_int_equal(rfim_network_inputs(program.network), 2);
    double seconds = -1;
    assert_int_equal(rfim__bench_program_run(&program, 5, &seconds), RFIM_OK);
    assert_true(seconds >= 0);
    rfim__bench_program_close(&program);
    rfim__bench_data_free(&data);
    rfim_context_free(context);
}

static void small_run(rfim_bench_options *options)
{
    rfim_bench_defaults(options);
    options->net = "784-6-10";
    options->batch = 20;
    options->programs = "floor,sgd,rngd";
    options->threads[1] = 2;
    options->blocks = 3;
    options->block_seconds = 0;
    strcpy(options->data.where, "digits:200/10/10");
}

static void a_run_tells_every_program_on_every_number_of_threads(void **state)
{
    rfim_context *context = new_context();
    rfim_bench_options options;
    rfim_bench *bench = NULL;
    rfim_bench_subject subject;
    static const char *const names[] = {"floor", "sgd", "rngd", "sgd", "rngd"};
    (void)state;
    small_run(&options);
    assert_int_equal(rfim_bench_run(context, &options, NULL, NULL, &bench), RFIM_OK);
    rfim_bench_subject_get(bench, &subject);
    assert_string_equal(subject.text, "784-6-10");
    assert_int_equal(subject.samples, 200);
    /* 4 n D m for the first layer, 6 n D m for the second */
    assert_float_equal(subject.product_flops, 4. * 20 * 785 * 6 + 6. * 20 * 7 * 10, NEAR);
    for (size_t p = 0; p < 5; p++) {
        const rfim_bench_program *program = rfim_bench_program_at(bench, p);
        assert_string_equal(program->name, names[p]);
        assert_int_equal(program->threads, p < 3 ? 1 : 2);
        assert_int_equal(program->steps % program->period, 0);
        assert_int_equal(program->period, strcmp(names[p], "rngd") == 0 ? 10 : 1); /* an epoch */
        assert_true(program->fastest > 0);
        assert_true(program->fastest <= program->microseconds.lower);
        assert_true(program->microseconds.lower <= program->microseconds.median);
        assert_true(program->microseconds.median <= program->microseconds.upper);
        assert_true(program->to_floor.median > 0);
        assert_true(isnan(program->to_trimmed.median));
    }
    assert_float_equal(rfim_bench_program_at(bench, 0)->to_floor.median, 1, NEAR);
    assert_float_equal(rfim_bench_program_at(bench, 3)->to_sgd.median, 1, NEAR);
    assert_true(rfim_bench_program_at(bench, 4)->speed_up.median > 0);
    assert_null(rfim_bench_program_at(bench, 5));
    rfim_bench_free(bench);
    rfim_context_free(context);
}

static void a_run_refuses(rfim_context *context, const rfim_bench_options *options,
                          const char *words)
{
    rfim_bench *bench = NULL;
    assert_int_equal(rfim_bench_run(context, options, NULL, NULL, &bench), RFIM_ERROR_ARGUMENT);
    assert_null(bench);
    if (!strstr(rfim_context_error(context), words))
        fail_msg("'%s' is not in: %s", words, rfim_context_error(context));
}

static void what_cannot_be_is_refused(void **state)
{
    rfim_context *context = new_context();
    rfim_bench_options good;
    (void)state;
    small_run(&good);
    rfim_bench_options options = good;
    options.net = "papers";
    a_run_refuses(context, &options, "did you mean paper?");
    options = good;
    options.net = "784-ten";
    a_run_refuses(context, &options, "784-ten");
    options = good;
    options.programs = "sgd,adamant";
    a_run_refuses(context, &options, "did you mean adam?");
    options.programs = "sgd,";
    a_run_refuses(context, &options, "neither a preset");
    options.programs = "neuron-batch-hard";
    options.net = "784-8-10 tanh";
    a_run_refuses(context, &options, "784-1024-10 relu");
    options = good;
    options.net = "input 784; linear 784; loss sigmoid";
    options.programs = "sgd-trimmed";
    a_run_refuses(context, &options, "gives its inputs back");
    options = good;
    options.batch = 201;
    a_run_refuses(context, &options, "more than the 200 training samples");
    options = good;
    options.blocks = 0;
    a_run_refuses(context, &options, "1 to 10000 blocks");
    options = good;
    options.block_seconds = -1;
    a_run_refuses(context, &options, "0 to 3600");
    options = good;
    options.threads[0] = 0;
    a_run_refuses(context, &options, "number of threads");
    rfim_context_free(context);
}

static int stop_at_second_block(void *user, const rfim_bench_progress *progress)
{
    size_t *turns = user;
    (*turns)++;
    return progress->block == 2;
}

static void a_run_can_be_stopped(void **state)
{
    rfim_context *context = new_context();
    rfim_bench_options options;
    rfim_bench *bench = NULL;
    size_t turns = 0;
    (void)state;
    small_run(&options);
    assert_int_equal(rfim_bench_run(context, &options, stop_at_second_block, &turns, &bench),
                     RFIM_STOPPED);
    assert_null(bench);
    assert_int_equal(turns, 5 + 5 + 1); /* warming up, the first block, and the one that stopped */
    rfim_context_free(context);
}

/* Whatever allocation fails: the status says so, and everything is given back. */
static void a_run_without_memory_fails_well(void **state)
{
    rfim_bench_options options;
    bool done = false;
    (void)state;
    small_run(&options);
    options.blocks = 1;
    options.threads[1] = 0;
    strcpy(options.data.where, "digits:20/1/1");
    for (size_t fails = 1; !done; fails += 1 + fails / 8) { /* every one at first, then fewer */
        scarce_memory memory = {.fails = fails};
        rfim_context *context = scarce_context(&memory);
        rfim_bench *bench = NULL;
        if (context) {
            rfim_status status = rfim_bench_run(context, &options, NULL, NULL, &bench);
            done = memory.calls < fails;
            if (status != (done ? RFIM_OK : RFIM_ERROR_MEMORY))
                fail_msg("allocation %zu fails: %s: %s", fails, rfim_status_name(status),
                         rfim_context_error(context));
            rfim_bench_free(bench);
            rfim_context_free(context);
        }
        assert_int_equal(memory.blocks, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quartiles_fall_between_neighbours),
        cmocka_unit_test(ratios_are_made_block_by_block),
        cmocka_unit_test(texts_get_fewer_inputs),
        cmocka_unit_test(epochs_are_whole_periods),
        cmocka_unit_test(a_period_in_short_epochs_is_an_epoch),
        cmocka_unit_test(programs_without_refreshes_have_no_period),
        cmocka_unit_test(constant_inputs_are_trimmed),
        cmocka_unit_test(a_run_tells_every_program_on_every_number_of_threads),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(a_run_can_be_stopped),
        cmocka_unit_test(a_run_without_memory_fails_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
