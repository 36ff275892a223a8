/* The option table: every option has a default in range, is kept by set and get, and every value
 * that it cannot have is refused with a sentence that says what was expected. */
#include "core/context.h"
#include "train/option_table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct fixture {
    rfim_context *context;
    rfim_options options;
    char path[64];
    char warning[512];
} fixture;

static void keep_warning(void *user, rfim_log_level level, const char *message)
{
    fixture *test = user;
    if (level == RFIM_LOG_WARNING)
        snprintf(test->warning, sizeof test->warning, "%s", message);
}

static int set_up(void **state)
{
    fixture *test = calloc(1, sizeof *test);
    rfim_context_options settings;
    rfim_context_defaults(&settings);
    settings.log = keep_warning;
    settings.log_user = test;
    assert_int_equal(rfim_context_create(&settings, &test->context), RFIM_OK);
    rfim_options_defaults(&test->options);
    strcpy(test->path, "/tmp/rfim-test-XXXXXX");
    int file = mkstemp(test->path);
    assert_true(file >= 0);
    close(file);
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    fixture *test = *state;
    unlink(test->path);
    rfim_context_free(test->context);
    free(test);
    return 0;
}

static void set(fixture *test, const char *name, const char *value)
{
    rfim_status status = rfim_options_set(test->context, &test->options, name, value);
    if (status != RFIM_OK)
        fail_msg("%s", rfim_context_error(test->context));
}

static void expect_option(fixture *test, const char *name, const char *value)
{
    char text[RFIM_TEXT_SIZE];
    assert_int_equal(rfim_options_get(test->context, &test->options, name, text, sizeof text),
                     RFIM_OK);
    assert_string_equal(text, value);
}

static void expect_words(fixture *test, const char *words)
{
    if (!strstr(rfim_context_error(test->context), words))
        fail_msg("'%s' is not in: %s", words, rfim_context_error(test->context));
}

/* The value is refused, the sentence has these words, and nothing has changed. */
static void refuse(fixture *test, const char *name, const char *value, const char *words)
{
    rfim_options before = test->options;
    assert_int_equal(rfim_options_set(test->context, &test->options, name, value),
                     RFIM_ERROR_ARGUMENT);
    expect_words(test, words);
    assert_memory_equal(&before, &test->options, sizeof before);
}

static void write_recipe(fixture *test, const char *text)
{
    FILE *file = fopen(test->path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static rfim_status read_recipe(fixture *test, const char *text, const char *const *except)
{
    write_recipe(test, text);
    return rfim_options_read(test->context, &test->options, test->path, except);
}

static void refuse_recipe(fixture *test, const char *text, const char *words)
{
    rfim_options before = test->options;
    assert_int_not_equal(read_recipe(test, text, NULL), RFIM_OK);
    expect_words(test, words);
    assert_memory_equal(&before, &test->options, sizeof before);
}

static void every_option_is_described_and_has_a_default_in_range(void **state)
{
    fixture *test = *state;
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_OK);
    for (size_t index = 0; index < rfim_options_count(); index++) {
        const rfim_option_info *info = rfim_options_info(index);
        assert_non_null(info->name);
        assert_non_null(info->section);
        assert_non_null(info->unit);
        assert_true(strlen(info->help) > 10);
        assert_int_equal(info->help[strlen(info->help) - 1], '.');
        char text[RFIM_TEXT_SIZE];
        assert_int_equal(
            rfim_options_get(test->context, &test->options, info->name, text, sizeof text),
            RFIM_OK);
        assert_string_equal(text, rfim__option_table[index].value);
        set(test, info->name, text);
        expect_option(test, info->name, text);
    }
    assert_null(rfim_options_info(rfim_options_count()));
}

static void no_two_options_share_a_name_or_a_field(void **state)
{
    (void)state;
    for (size_t a = 0; a < rfim_options_count(); a++)
        for (size_t b = 0; b < a; b++) {
            assert_string_not_equal(rfim_options_info(a)->name, rfim_options_info(b)->name);
            assert_int_not_equal(rfim__option_table[a].offset, rfim__option_table[b].offset);
        }
}

static void every_choice_is_kept(void **state)
{
    fixture *test = *state;
    for (size_t index = 0; index < rfim_options_count(); index++) {
        const rfim_option_info *info = rfim_options_info(index);
        if (!info->choices || rfim__option_table[index].kind == RFIM__OPTION_INIT)
            continue;
        char choices[256];
        snprintf(choices, sizeof choices, "%s", info->choices);
        for (char *choice = strtok(choices, "|"); choice; choice = strtok(NULL, "|")) {
            set(test, info->name, choice);
            expect_option(test, info->name, choice);
        }
        refuse(test, info->name, "nosuchthing", "expected");
    }
}

static void choices_are_in_the_order_of_their_enums(void **state)
{
    fixture *test = *state;
    set(test, "split", "paper");
    assert_int_equal(test->options.data.split, RFIM_SPLIT_PAPER);
    set(test, "loss", "softmax");
    assert_int_equal(test->options.init.loss, RFIM_LOSS_SOFTMAX);
    set(test, "loss", "squared");
    assert_int_equal(test->options.init.loss, RFIM_LOSS_SQUARED);
    set(test, "loss", "network");
    assert_int_equal(test->options.init.loss, -1);
    set(test, "precision", "double");
    assert_int_equal(test->options.init.precision, RFIM_DOUBLE);
    set(test, "optimizer", "adam");
    assert_int_equal(test->options.optimizer.method, RFIM_ADAM);
    set(test, "schedule", "cosine");
    assert_int_equal(test->options.optimizer.schedule, RFIM_SCHEDULE_COSINE);
    set(test, "representation-last", "neuron");
    assert_int_equal(test->options.optimizer.last, RFIM_NEURON);
    set(test, "metric-pass", "again");
    assert_int_equal(test->options.optimizer.metric_pass, RFIM_METRIC_PASS_AGAIN);
    set(test, "damping-relative-to", "mean-diagonal");
    assert_int_equal(test->options.optimizer.damping_rule, RFIM_DAMPING_MEAN_DIAGONAL);
    set(test, "damping-relative-to", "absolute");
    assert_int_equal(test->options.optimizer.damping_rule, RFIM_DAMPING_ABSOLUTE);
    set(test, "target", "inputs");
    assert_int_equal(test->options.train.target, RFIM_TARGETS_INPUTS);
    set(test, "kernels", "avx2");
    assert_int_equal(test->options.run.kernels, RFIM_KERNELS_AVX2);
}

static void numbers_come_back_in_a_short_form(void **state)
{
    fixture *test = *state;
    static const char *const numbers[][2] = {
        {"0.01", "0.01"},     {"1e-08", "1e-8"},
        {"0.10000", "0.1"},   {"5", "5"},
        {"1E3", "1000"},      {".25", "0.25"},
        {"3e-300", "3e-300"}, {"0.1000000000000000055511151231257827", "0.1"}};
    for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) {
        set(test, "learning-rate", numbers[index][0]);
        expect_option(test, "learning-rate", numbers[index][1]);
    }
    set(test, "learning-rate", "0.30000000000000004");
    expect_option(test, "learning-rate", "0.30000000000000004");
    assert_true(test->options.optimizer.learning_rate == 0.1 + 0.2);
    set(test, "seed", "18446744073709551615");
    assert_true(test->options.train.seed == UINT64_MAX);
    expect_option(test, "seed", "18446744073709551615");
}

static void what_is_no_number_in_range_is_refused(void **state)
{
    fixture *test = *state;
    refuse(test, "learning-rate", "-1", "expected a number above 0, found '-1'");
    refuse(test, "learning-rate", "0", "above 0");
    static const char *const wrong[] = {"nan", "inf",    "-inf", "",    "1e999", "0x10",
                                        " 1",  "1 ",     "1e",   "1,5", "ten",   "1.5x",
                                        "--1", "1e-1e2", "NAN",  "."};
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
        refuse(test, "learning-rate", wrong[index], "number above 0");
        refuse(test, "epochs", wrong[index], "expected a whole number");
        refuse(test, "seed", wrong[index], "expected a whole number");
        refuse(test, "init", wrong[index], "standard deviation above 0");
    }
    refuse(test, "epochs", "0", "from 1 to 1000000");
    refuse(test, "epochs", "1.5", "whole number");
    refuse(test, "batch", "-50", "at least 1");
    refuse(test, "batch", "18446744073709551616", "expected at most 18446744073709551615");
    refuse(test, "epochs", "1000001", "expected at most 1000000, found");
    refuse(test, "seed", "99999999999999999999", "expected at most 18446744073709551615");
    refuse(test, "learning-rate", "inf", "expected a finite number above 0, found 'inf'");
    refuse(test, "learning-rate", "1e999", "expected a finite number above 0");
    refuse(test, "init", "inf", "a finite standard deviation above 0");
    refuse(test, "momentum", "1", "from 0 to below 1");
    refuse(test, "momentum", "-0.1", "from 0 to below 1");
    refuse(test, "metric-decay", "1", "below 1");
    refuse(test, "damping", "0", "above 0");
    refuse(test, "init", "-0.1", "above 0");
    refuse(test, "network", "", "one line");
    refuse(test, "data", "a\nb", "one line");
    refuse(test, "quiet", "1", "yes or no");
    refuse(test, "schedule", "linaer", "did you mean linear?");
    refuse(test, "optimizer", "adamm", "sgd, adam or rngd, found 'adamm'; did you mean adam?");
    refuse(test, "preset", "icml2071", "did you mean icml2017?");
    char text[RFIM_TEXT_SIZE + 1];
    memset(text, 'x', RFIM_TEXT_SIZE);
    text[RFIM_TEXT_SIZE] = '\0';
    refuse(test, "out", text, "2047 bytes");
}

static void an_unknown_option_gets_the_nearest_name(void **state)
{
    fixture *test = *state;
    refuse(test, "lerning-rate", "1", "did you mean learning-rate?");
    refuse(test, "", "1", "there is no option");
    refuse(test, "xyzzy", "1", "there is no option 'xyzzy'");
    assert_null(strstr(rfim_context_error(test->context), "did you mean"));
    refuse(test, "schedule", "xyzzy", "constant, linear or cosine");
    assert_null(strstr(rfim_context_error(test->context), "did you mean"));
    char text[8];
    assert_int_equal(rfim_options_get(test->context, &test->options, "epoch", text, sizeof text),
                     RFIM_ERROR_ARGUMENT);
    expect_words(test, "did you mean epochs?");
    assert_int_equal(rfim_options_get(test->context, &test->options, "network", text, sizeof text),
                     RFIM_ERROR_ARGUMENT);
    expect_words(test, "does not fit into 8 bytes");
}

static void init_takes_a_rule_or_a_standard_deviation(void **state)
{
    fixture *test = *state;
    set(test, "init", "he");
    assert_int_equal(test->options.init.init, RFIM_INIT_HE);
    set(test, "init", "0.05");
    assert_int_equal(test->options.init.init, RFIM_INIT_NORMAL);
    assert_true(test->options.init.init_sd == 0.05);
    expect_option(test, "init", "0.05");
}

static void one_seed_serves_weights_batches_and_split(void **state)
{
    fixture *test = *state;
    set(test, "seed", "7");
    assert_int_equal(test->options.init.seed, 7);
    assert_int_equal(test->options.data.split_seed, 7);
    assert_int_equal(test->options.data.data_seed, 1);
    assert_int_equal(read_recipe(test, "[training]\nseed = 9\n", NULL), RFIM_OK);
    assert_int_equal(test->options.init.seed, 9);
    assert_int_equal(test->options.data.split_seed, 9);
}

static void options_in_a_struct_are_checked_too(void **state)
{
    fixture *test = *state;
    test->options.optimizer.learning_rate = (double)NAN;
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_ERROR_ARGUMENT);
    expect_words(test, "learning-rate: expected a finite number above 0, found 'nan'");
    rfim_options_defaults(&test->options);
    test->options.data.split = (rfim_split_rule)7;
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_ERROR_ARGUMENT);
    expect_words(test, "split: expected standard or paper");
    rfim_options_defaults(&test->options);
    test->options.optimizer.method = RFIM_SGD;
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_ERROR_ARGUMENT);
    expect_words(test, "the preset rngd is for rngd, but the optimizer is sgd");
}

static void an_option_of_another_method_is_refused(void **state)
{
    fixture *test = *state;
    set(test, "optimizer", "adam");
    set(test, "momentum", "0.5");
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_ERROR_ARGUMENT);
    expect_words(test, "momentum is an option of sgd and rngd and does nothing for adam");
    rfim_options_defaults(&test->options);
    set(test, "optimizer", "sgd");
    set(test, "damping", "0.5");
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_ERROR_ARGUMENT);
    expect_words(test, "set optimizer to rngd");
}

static void soft_max_cannot_reproduce_inputs(void **state)
{
    fixture *test = *state;
    set(test, "target", "inputs");
    set(test, "loss", "softmax");
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_ERROR_ARGUMENT);
    expect_words(test, "sigmoid or squared");
}

static void a_written_file_reads_back_as_it_was(void **state)
{
    fixture *test = *state;
    set(test, "preset", "icml2017");
    set(test, "learning-rate", "0.005");
    set(test, "data", "/a folder/with # and \"quotes\"");
    set(test, "network", "input 784; linear 80 relu; batchnorm; linear 10; loss softmax");
    set(test, "init", "0.1");
    set(test, "seed", "12345678901234567890");
    set(test, "out", "here");
    set(test, "overwrite", "yes");
    assert_int_equal(rfim_options_write(test->context, &test->options, test->path), RFIM_OK);
    rfim_options before = test->options;
    rfim_options_defaults(&test->options);
    if (rfim_options_read(test->context, &test->options, test->path, NULL) != RFIM_OK)
        fail_msg("%s", rfim_context_error(test->context));
    for (size_t index = 0; index < rfim_options_count(); index++) {
        const rfim_option_info *info = rfim_options_info(index);
        char text[RFIM_TEXT_SIZE];
        rfim_options_get(test->context, &before, info->name, text, sizeof text);
        /* Where and how fast is not part of the file. */
        if (strcmp(info->section, "run") == 0)
            snprintf(text, sizeof text, "%s", rfim__option_table[index].value);
        expect_option(test, info->name, text);
    }
}

static void a_recipe_may_give_its_keys_in_any_order(void **state)
{
    fixture *test = *state;
    assert_int_equal(read_recipe(test,
                                 "[training]\nepochs = 3\n[optimizer]\nlearning-rate = 0.5\n"
                                 "momentum = 0.25\noptimizer = sgd\n[run]\nquiet = yes\n",
                                 NULL),
                     RFIM_OK);
    expect_option(test, "optimizer", "sgd");
    expect_option(test, "preset", "sgd");
    expect_option(test, "learning-rate", "0.5");
    expect_option(test, "momentum", "0.25");
    expect_option(test, "schedule", "linear");
    expect_option(test, "epochs", "3");
    expect_option(test, "quiet", "yes");
}

static void a_network_may_come_line_by_line(void **state)
{
    fixture *test = *state;
    assert_int_equal(read_recipe(test,
                                 "[network]\nmodule = linear 80 relu\nmodule = batchnorm\n"
                                 "input = 784\nmodule = linear 10\nloss = softmax\n",
                                 NULL),
                     RFIM_OK);
    expect_option(test, "network", "input 784; linear 80 relu; batchnorm; linear 10");
    expect_option(test, "loss", "softmax");
    refuse_recipe(test, "[network]\nnetwork = 4-2 relu\nmodule = linear 3\n",
                  "keep one of the two");
    refuse_recipe(test, "[network]\nmodule = linear 3\nnetwork = 4-2 relu\n",
                  "keep one of the two");
    refuse_recipe(test, "[network]\ninput = 3\ninput = 4\n", "input is set twice");
}

static void wrong_recipes_are_refused_with_their_line(void **state)
{
    fixture *test = *state;
    refuse_recipe(test, "[training]\nepoch = 3\n", "line 2: there is no option 'epoch'; did you");
    refuse_recipe(test, "[network]\nmodul = linear 3\n", "did you mean module?");
    refuse_recipe(test, "[trainig]\nepochs = 3\n", "did you mean [training]?");
    refuse_recipe(test, "[training]\nl2 = 0.1\n",
                  "l2 belongs in the section [optimizer], not in [training]");
    refuse_recipe(test, "epochs = 3\n", "not before the first section");
    refuse_recipe(test, "[training]\nepochs = 3\nepochs = 4\n", "epochs is set twice");
    refuse_recipe(test, "[training]\nepochs = -3\n", "line 2: epochs: expected a whole number");
    refuse_recipe(test, "[optimizer]\npreset = best\n", "line 2: preset: expected");
    refuse_recipe(test, "[optimizer]\npreset = icml2017\noptimizer = adam\n",
                  "the preset icml2017 is not for the optimizer adam");
    refuse_recipe(test, "nonsense\n", "line 1");
    unlink(test->path);
    assert_int_equal(rfim_options_read(test->context, &test->options, test->path, NULL),
                     RFIM_ERROR_IO);
    expect_words(test, test->path);
}

static void excepted_options_keep_their_values(void **state)
{
    fixture *test = *state;
    static const char *const except[] = {"learning-rate", "network", NULL};
    set(test, "learning-rate", "0.7");
    set(test, "network", "784-10 relu");
    assert_int_equal(read_recipe(test,
                                 "[network]\ninput = 3\nmodule = linear 4\n[optimizer]\n"
                                 "preset = icml2017\nlearning-rate = 0.2\nl2 = 0.5\n",
                                 except),
                     RFIM_OK);
    expect_option(test, "learning-rate", "0.7");
    expect_option(test, "network", "784-10 relu");
    expect_option(test, "preset", "icml2017");
    expect_option(test, "l2", "0.5");
    assert_string_equal(test->warning, "");
}

static const char *const icml_recipe = "[optimizer]\npreset = icml2017\nlearning-rate = 0.02\n"
                                       "[training]\nepochs = 4\n";

static void another_optimizer_leaves_the_recipes_section_out(void **state)
{
    fixture *test = *state;
    static const char *const except[] = {"optimizer", NULL};
    set(test, "optimizer", "adam");
    assert_int_equal(read_recipe(test, icml_recipe, except), RFIM_OK);
    expect_option(test, "optimizer", "adam");
    expect_option(test, "learning-rate", "0.001");
    expect_option(test, "l2", "0");
    expect_option(test, "epochs", "4");
    assert_non_null(strstr(test->warning, "is for icml2017: it is left out, adam was asked for"));
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_OK);
}

static void the_same_optimizer_keeps_the_recipes_preset(void **state)
{
    fixture *test = *state;
    static const char *const except[] = {"optimizer", NULL};
    set(test, "optimizer", "rngd");
    assert_int_equal(read_recipe(test, icml_recipe, except), RFIM_OK);
    expect_option(test, "preset", "icml2017");
    expect_option(test, "learning-rate", "0.02");
    assert_string_equal(test->warning, "");
}

static void another_preset_leaves_the_recipes_section_out(void **state)
{
    fixture *test = *state;
    static const char *const except[] = {"preset", NULL};
    set(test, "preset", "rngd");
    assert_int_equal(read_recipe(test, icml_recipe, except), RFIM_OK);
    expect_option(test, "preset", "rngd");
    expect_option(test, "learning-rate", "0.1");
    expect_option(test, "metric-pass", "training");
    assert_non_null(strstr(test->warning, "left out"));

    test->warning[0] = '\0';
    set(test, "preset", "icml2017");
    assert_int_equal(read_recipe(test, icml_recipe, except), RFIM_OK);
    expect_option(test, "learning-rate", "0.02");
    assert_string_equal(test->warning, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(every_option_is_described_and_has_a_default_in_range),
        TEST(no_two_options_share_a_name_or_a_field),
        TEST(every_choice_is_kept),
        TEST(choices_are_in_the_order_of_their_enums),
        TEST(numbers_come_back_in_a_short_form),
        TEST(what_is_no_number_in_range_is_refused),
        TEST(an_unknown_option_gets_the_nearest_name),
        TEST(init_takes_a_rule_or_a_standard_deviation),
        TEST(one_seed_serves_weights_batches_and_split),
        TEST(options_in_a_struct_are_checked_too),
        TEST(an_option_of_another_method_is_refused),
        TEST(soft_max_cannot_reproduce_inputs),
        TEST(a_written_file_reads_back_as_it_was),
        TEST(a_recipe_may_give_its_keys_in_any_order),
        TEST(a_network_may_come_line_by_line),
        TEST(wrong_recipes_are_refused_with_their_line),
        TEST(excepted_options_keep_their_values),
        TEST(another_optimizer_leaves_the_recipes_section_out),
        TEST(the_same_optimizer_keeps_the_recipes_preset),
        TEST(another_preset_leaves_the_recipes_section_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
