/* Recipes and config.ini: what is written reads back, wrong recipes are refused with their line,
 * and options that were given go before those of the recipe. */
#include "train/options_fixture.h"

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

static void a_written_file_reads_back_as_it_was(void **state)
{
    fixture *test = *state;
    set(test, "preset", "icml2017");
    set(test, "learning-rate", "0.005");
    set(test, "data", "/a folder/with # and \"quotes\"");
    set(test, "network", "input 784; linear 80 relu; batchnorm; linear 10; loss softmax");
    set(test, "init", "0.1");
    set(test, "metric-memory", "layer1=dataset,ema");
    set(test, "form", "layer2=inputs,automatic");
    set(test, "refresh-delay", "20");
    set(test, "memory", "2G");
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

static void a_recipe_may_limit_memory(void **state)
{
    fixture *test = *state;
    assert_int_equal(read_recipe(test,
                                 "[run]\nmemory = 1.5G\n[optimizer]\npreset = shared-fast\n"
                                 "metric-memory = layer1=dataset,layer2=batch,ema\n",
                                 NULL),
                     RFIM_OK);
    expect_option(test, "memory", "1500M");
    expect_option(test, "metric-memory", "layer1=dataset,layer2=batch,ema");
    expect_option(test, "metric-every", "20");
    refuse_recipe(test, "[optimizer]\nmemory = 1G\n", "memory belongs in the section [run]");
    refuse_recipe(test, "[optimizer]\nmetric-memory = layer1=datast\n",
                  "line 2: metric-memory: expected");
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
    expect_option(test, "learning-rate", "1");
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
        TEST(one_seed_serves_weights_batches_and_split),
        TEST(a_written_file_reads_back_as_it_was),
        TEST(a_recipe_may_give_its_keys_in_any_order),
        TEST(a_network_may_come_line_by_line),
        TEST(wrong_recipes_are_refused_with_their_line),
        TEST(excepted_options_keep_their_values),
        TEST(a_recipe_may_limit_memory),
        TEST(another_optimizer_leaves_the_recipes_section_out),
        TEST(the_same_optimizer_keeps_the_recipes_preset),
        TEST(another_preset_leaves_the_recipes_section_out),
    };
    return cmocka_run_group_tests_name("train: recipes", tests, NULL, NULL);
}
