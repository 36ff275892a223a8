/* The option table: every option has a default in range, is kept by set and get; what does not go
 * together is refused. */
#include "train/options_fixture.h"

#include <math.h>

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

static void a_delay_ends_before_the_next_refresh(void **state)
{
    fixture *test = *state;
    set(test, "refresh-every", "10");
    set(test, "refresh-delay", "9");
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_OK);
    set(test, "refresh-delay", "10");
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_ERROR_ARGUMENT);
    expect_words(test, "refresh-delay: expected a number below refresh-every, which is 10, or 0, "
                       "found 10");
    set(test, "refresh-every", "1");
    set(test, "refresh-delay", "0");
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_OK);
}

static void a_preset_leaves_the_memory_limit_alone(void **state)
{
    fixture *test = *state;
    set(test, "memory", "500M");
    set(test, "preset", "icml2017");
    expect_option(test, "memory", "500M");
    set(test, "optimizer", "sgd");
    expect_option(test, "memory", "500M");
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_OK);
}

static void soft_max_cannot_reproduce_inputs(void **state)
{
    fixture *test = *state;
    set(test, "target", "inputs");
    set(test, "loss", "softmax");
    assert_int_equal(rfim_options_check(test->context, &test->options), RFIM_ERROR_ARGUMENT);
    expect_words(test, "sigmoid or squared");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_option_is_described_and_has_a_default_in_range),
        TEST(no_two_options_share_a_name_or_a_field),
        TEST(an_unknown_option_gets_the_nearest_name),
        TEST(options_in_a_struct_are_checked_too),
        TEST(an_option_of_another_method_is_refused),
        TEST(a_delay_ends_before_the_next_refresh),
        TEST(a_preset_leaves_the_memory_limit_alone),
        TEST(soft_max_cannot_reproduce_inputs),
    };
    return cmocka_run_group_tests_name("train: the table of options", tests, NULL, NULL);
}
