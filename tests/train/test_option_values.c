/* Values of options: kept as they are set, and every value that an option cannot have is refused
 * with a sentence that says what was expected. */
#include "train/options_fixture.h"

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
    refuse(test, "damping", "-1", "of at least 0");
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

static void bytes_have_units_of_thousands(void **state)
{
    fixture *test = *state;
    static const struct {
        const char *set;
        size_t bytes;
        const char *text;
    } rows[] = {{"500M", 500000000, "500M"},   {"2GB", 2000000000, "2G"},
                {"1.5G", 1500000000, "1500M"}, {"64k", 64000, "64k"},
                {"64K", 64000, "64k"},         {"0", 0, "0"},
                {"4096", 4096, "4096"},        {"3T", 3000000000000, "3T"}};
    for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
        set(test, "memory", rows[index].set);
        assert_int_equal(test->options.optimizer.memory, rows[index].bytes);
        expect_option(test, "memory", rows[index].text);
    }
    static const char *const wrong[] = {"",      "64Q",  "-1",   "M",           "1e9",
                                        "64M x", "64MM", "1,5G", "inf",         "B",
                                        "64 M",  "0x10", "1GiB", "99999999999T"};
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++)
        refuse(test, "memory", wrong[index], "expected a number of bytes such as 64M or 2G, found");
}

static void settings_layer_by_layer_are_kept_as_written(void **state)
{
    fixture *test = *state;
    set(test, "metric-memory", "layer1=dataset,layer3=prior+batch,ema");
    expect_option(test, "metric-memory", "layer1=dataset,layer3=prior+batch,ema");
    set(test, "metric-memory", "batch");
    expect_option(test, "metric-memory", "batch");
    set(test, "form", "layer2=dual, layer3=gradient");
    expect_option(test, "form", "layer2=dual, layer3=gradient");
    refuse(test, "metric-memory", "layer1=dataste,ema",
           "metric-memory: expected automatic, ema, batch, dataset or prior+batch, for all layers "
           "or as "
           "LAYER=WORD,...,WORD, found 'dataste'; did you mean dataset?");
    refuse(test, "metric-memory", "ema,bacth", "found 'bacth'; did you mean batch?");
    refuse(test, "metric-memory", "", "for all layers or as LAYER=WORD,...,WORD, found ''");
    refuse(test, "metric-memory", "layer1=", "found 'layer1='");
    refuse(test, "metric-memory", " , ", "found ' , '");
    refuse(test, "form", "layer2=daul", "found 'daul'; did you mean dual?");
    char text[RFIM_LAYERS_TEXT + 1];
    memset(text, ' ', sizeof text);
    memcpy(text, "dual", 4);
    text[RFIM_LAYERS_TEXT] = '\0';
    refuse(test, "form", text, "LAYER=WORD");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_choice_is_kept),
        TEST(choices_are_in_the_order_of_their_enums),
        TEST(numbers_come_back_in_a_short_form),
        TEST(what_is_no_number_in_range_is_refused),
        TEST(bytes_have_units_of_thousands),
        TEST(settings_layer_by_layer_are_kept_as_written),
        TEST(init_takes_a_rule_or_a_standard_deviation),
    };
    return cmocka_run_group_tests_name("train: values of options", tests, NULL, NULL);
}
