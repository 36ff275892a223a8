/* Networks as text: what the short and the long form mean, that the long form reads back as the
 * same network, and that every mistake gets one sentence that names it. */
#include "network/scarce_memory.h"
#include "network/small_network.h"

#include <locale.h>
#include <stdio.h>

typedef struct fixture {
    rfim_context *context;
    scarce_memory memory;
} fixture;

static int set_up(void **state)
{
    fixture *test = calloc(1, sizeof *test);
    test->context = scarce_context(&test->memory);
    *state = test;
    return test->context ? 0 : -1;
}

static int tear_down(void **state)
{
    fixture *test = *state;
    rfim_context_free(test->context);
    size_t left = test->memory.blocks;
    free(test);
    return left == 0 ? 0 : -1;
}

/* text means the long form given, which means itself. */
static void means(void **state, const char *text, const char *expected)
{
    rfim_context *context = ((fixture *)*state)->context;
    rfim_network *network = small_network(context, text, RFIM_SINGLE, 1);
    assert_string_equal(rfim_network_text(network), expected);
    rfim_network *again = small_network(context, rfim_network_text(network), RFIM_SINGLE, 1);
    assert_string_equal(rfim_network_text(again), expected);
    assert_int_equal(rfim_network_parameters(again), rfim_network_parameters(network));
    rfim_network_free(network);
    rfim_network_free(again);
}

static void fails_with(void **state, const char *text, rfim_status status, const char *words)
{
    rfim_context *context = ((fixture *)*state)->context;
    rfim_network *network = (rfim_network *)context; /* must become NULL */
    refused(context, rfim_network_create(context, text, NULL, &network), status, words);
    assert_null(network);
}

static void fails(void **state, const char *text, const char *words)
{
    fails_with(state, text, RFIM_ERROR_ARGUMENT, words);
}

static void short_forms_are_rewritten(void **state)
{
    means(state, "784-80-10", "input 784; linear 80 relu; linear 10; loss softmax");
    means(state, "784-80-80-10 relu",
          "input 784; linear 80 relu; linear 80 relu; linear 10; loss softmax");
    means(state, "20-8x3-4 tanh",
          "input 20; linear 8 tanh; linear 8 tanh; linear 8 tanh; linear 4; loss softmax");
    means(state, "20-8x2", "input 20; linear 8 relu; linear 8; loss softmax");
    means(state, "7-3", "input 7; linear 3; loss softmax");
    fails_with(state, "7-3 bna", RFIM_ERROR_ARGUMENT, "no hidden layer");
    means(state, "7-5-3 sigm bna", "input 7; linear 5 sigm; batchnorm; linear 3; loss softmax");
    means(state, "7-5-3 bna", "input 7; linear 5 relu; batchnorm; linear 3; loss softmax");
    means(state, "7-5-3 linear", "input 7; linear 5; linear 3; loss softmax");
    means(state, "  7-5-3\ttanh \r\n", "input 7; linear 5 tanh; linear 3; loss softmax");
    means(state, "7-5-3\n", "input 7; linear 5 relu; linear 3; loss softmax");
}

static void settings_belong_to_the_activation_wherever_they_stand(void **state)
{
    means(state, "7-5-3 relu iota=0.1", "input 7; linear 5 relu iota=0.1; linear 3; loss softmax");
    means(state, "7-5-3 iota=0.1", "input 7; linear 5 relu iota=0.1; linear 3; loss softmax");
    means(state, "7-5-3 iota=0.1 relu omega=2",
          "input 7; linear 5 relu iota=0.1 omega=2; linear 3; loss softmax");
    means(state, "7-5-3 alpha=0.7 bna elu",
          "input 7; linear 5 elu alpha=0.7; batchnorm; linear 3; loss softmax");
}

static void long_forms_keep_every_setting(void **state)
{
    means(state, "input 3; linear 2", "input 3; linear 2; loss softmax");
    means(state, " input 3 ;; linear 2 tanh;loss squared; ",
          "input 3; linear 2 tanh; loss squared");
    means(state, "loss sigmoid; input 3; linear 2", "input 3; linear 2; loss sigmoid");
    means(state, "input 3;\nlinear 2\trelu\r\niota=0.25; linear 2",
          "input 3; linear 2 relu iota=0.25; linear 2; loss softmax");
    means(state,
          "input 3; batchnorm eps=1e-05 decay=0.9; linear 2 elu alpha=0.3; batchnorm; linear 2",
          "input 3; batchnorm eps=1e-5 decay=0.9; linear 2 elu alpha=0.3; batchnorm; linear 2; "
          "loss softmax");
    means(state, "input 3; linear 2 relu iota=0 omega=1; linear 2",
          "input 3; linear 2 relu; linear 2; loss softmax");
    means(state,
          "input 3; linear 2 relu iota=0.12345678901234566 omega=1.2345678901234568e-300; linear 2",
          "input 3; linear 2 relu iota=0.12345678901234566 omega=1.2345678901234568e-300; linear "
          "2; loss softmax");
    means(state, "input 3; linear 2 relu omega=0; linear 2",
          "input 3; linear 2 relu omega=0; linear 2; loss softmax");
}

static void texts_are_the_same_in_every_locale(void **state)
{
    /* Debian's C.UTF-8 has the dot; a comma needs one of these, where it is installed. */
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
    bool found = false;
    for (size_t k = 0; k < 4 && !found; k++)
        found = setlocale(LC_ALL, locales[k]) != NULL;
    means(state, "3-2-2 relu iota=0.25",
          "input 3; linear 2 relu iota=0.25; linear 2; loss softmax");
    setlocale(LC_ALL, "C");
    if (!found) {
        print_message("skipped: no locale with a decimal comma is installed\n");
        skip();
    }
}

static void unknown_words_get_the_nearest_known_one(void **state)
{
    fails(state, "input 3; liner 2", "nearest is `linear`");
    fails(state, "input 3; linear 2; batchnrom; linear 2", "nearest is `batchnorm`");
    fails(state, "inptu 3; linear 2", "nearest is `input`");
    fails(state, "input 3; linear 2; los softmax", "nearest is `loss`");
    fails(state, "input 3; linear 2 rleu; linear 2", "nearest is `relu`");
    fails(state, "3-4-2 thna", "nearest is `tanh`");
    fails(state, "input 3; linear 2; loss softmx", "nearest is `softmax`");
    fails(state, "input 3; linear 2; loss square", "nearest is `squared`");
    fails(state, "3-4-2 relu bnaa", "`bna`");
}

static void widths_are_whole_numbers_in_range(void **state)
{
    fails(state, "3-0-2", "`3-0-2`");
    fails(state, "0-4-2", "`0-4-2`");
    fails(state, "3", "`3`");
    fails(state, "3-", "`3-`");
    fails(state, "3--4", "`3--4`");
    fails(state, "3-4x0-2", "`3-4x0-2`");
    fails(state, "3-4x-2", "`3-4x-2`");
    fails(state, "3x2-4", "`3x2-4`");
    fails(state, "3-4x9999999999999999999999-2", "x9999");
    fails(state, "3-99999999999999999999999-2", "-9999");
    fails(state, "3-10000001-2", "10000001");
    fails(state, "3-4.5-2", "4.5");
    fails(state, "input 0; linear 2", "`0`");
    fails(state, "input; linear 2", "nothing");
    fails(state, "input 3 4; linear 2", "input");
    fails(state, "input -3; linear 2", "-3");
    fails(state, "input nan; linear 2", "nan");
    fails(state, "input 1e3; linear 2", "1e3");
    fails(state, "input 0x10; linear 2", "0x10");
    fails(state, "input 10000001; linear 2", "10000001");
    fails(state, "input 3; linear", "nothing");
    fails(state, "input 3; linear 0", "`0`");
    fails(state, "input 3; linear -1", "-1");
    fails(state, "input 3; linear 2.5", "2.5");
    fails(state, "input 3; linear +2", "+2");
    fails(state, "input 3; linear 1e99", "1e99");
    fails(state, "input 3; linear inf", "inf");
}

static void settings_are_checked(void **state)
{
    fails(state, "input 3; linear 2 relu iota=1; linear 2", "iota=1");
    fails(state, "input 3; linear 2 relu iota=-0.1; linear 2", "iota=-0.1");
    fails(state, "input 3; linear 2 relu iota=nan; linear 2", "iota=nan");
    fails(state, "input 3; linear 2 relu iota=0,5; linear 2", "iota=0,5");
    fails(state, "input 3; linear 2 relu iota=; linear 2", "iota=");
    fails(state, "input 3; linear 2 relu =1; linear 2", "=1");
    fails(state, "input 3; linear 2 relu alpha=1; linear 2", "alpha=1");
    fails(state, "input 3; linear 2 elu alpha=0; linear 2", "alpha=0");
    fails(state, "input 3; linear 2 elu alpha=inf; linear 2", "alpha=inf");
    fails(state, "input 3; linear 2 tanh iota=0; linear 2", "`tanh`");
    fails(state, "input 3; linear 2 iota=0; linear 2", "`linear`");
    fails(state, "input 3; linear 2 relu tanh; linear 2", "`tanh`");
    fails(state, "input 3; batchnorm eps=0; linear 2", "eps=0");
    fails(state, "input 3; batchnorm eps=-1; linear 2", "eps=-1");
    fails(state, "input 3; batchnorm decay=1; linear 2", "decay=1");
    fails(state, "input 3; batchnorm 3; linear 2", "`3`");
    fails(state, "3-4-2 tanh relu", "`relu`");
    fails(state, "3-4-2 tanh iota=0.1", "iota=0.1");
}

static void modules_fit_together(void **state)
{
    fails(state, "", "no `linear`");
    fails(state, " ;; ", "no `linear`");
    fails(state, "input 3", "no `linear`");
    fails(state, "input 3; batchnorm", "no `linear`");
    fails(state, "linear 3", "`input N`");
    fails(state, "batchnorm; linear 3", "`input N`");
    fails(state, "input 3; input 3; linear 3", "twice");
    fails(state, "input 3; linear 3; input 3", "twice");
    fails(state, "input 3; linear 3; loss softmax; loss softmax", "once");
    fails(state, "input 3; linear 3; loss", "nothing");
    fails(state, "input 3; linear 3; loss softmax squared", "loss");
    fails(state, "3-4-2 relu; loss squared", "`;`");
    fails(state, "3-4-2 relu;batchnorm", "`;`");
    fails(state, "3-4-2; loss squared", "`;`");
    fails_with(state, "784-10 rleu", RFIM_ERROR_ARGUMENT, "no hidden layer");
    fails_with(state, "input 3; linear 3; batchnorm; batchnorm; linear 2", RFIM_ERROR_ARGUMENT,
               "two `batchnorm`");
    fails_with(state, "input 3; linear 3 tanh", RFIM_ERROR_ARGUMENT, "linear last module");
    fails_with(state, "input 3; linear 3 sigm; loss sigmoid", RFIM_ERROR_ARGUMENT,
               "linear last module");
    fails(state, NULL, "text");
}

/* An option may replace the loss; the check is of what results. */
static void the_loss_of_the_options_replaces_the_texts(void **state)
{
    rfim_context *context = ((fixture *)*state)->context;
    rfim_network_options options;
    rfim_network *network = NULL;
    rfim_network_defaults(&options);
    options.loss = RFIM_LOSS_SQUARED;
    must(context,
         rfim_network_create(context, "input 3; linear 3 tanh; loss softmax", &options, &network));
    assert_string_equal(rfim_network_text(network), "input 3; linear 3 tanh; loss squared");
    rfim_network_free(network);
    options.loss = RFIM_LOSS_SIGMOID;
    refused(
        context,
        rfim_network_create(context, "input 3; linear 3 tanh; loss squared", &options, &network),
        RFIM_ERROR_ARGUMENT, "linear last module");
    options.loss = 3;
    refused(context, rfim_network_create(context, "3-3", &options, &network), RFIM_ERROR_ARGUMENT,
            "loss");
}

/* Sizes are known before memory is asked for; what cannot be had is refused at once. */
static void absurd_networks_are_refused_before_memory_is_touched(void **state)
{
    fixture *test = *state;
    test->memory.most = (size_t)1 << 32;
    fails_with(state, "10000000-10000000-10", RFIM_ERROR_MEMORY, "no memory for 8");
    fails_with(state, "10000000-10000000x2047", RFIM_ERROR_MEMORY, "memory");
    assert_true(test->memory.largest > (size_t)1 << 40);
}

static void names_of_modules_count_the_linear_ones(void **state)
{
    rfim_context *context = ((fixture *)*state)->context;
    rfim_network *network = small_network(
        context, "input 3; batchnorm; linear 3 tanh; linear 4; batchnorm; linear 2", RFIM_SINGLE,
        1);
    static const char *const names[] = {"norm0", "layer1", "layer2", "norm2", "layer3"};
    for (size_t l = 0; l < 5; l++)
        assert_string_equal(network->modules[l].name, names[l]);
    rfim_network_free(network);
}

static char *repeated(const char *head, const char *body, size_t times, const char *tail)
{
    size_t size = strlen(head) + times * strlen(body) + strlen(tail) + 1;
    char *text = malloc(size);
    char *at = text + sprintf(text, "%s", head);
    for (size_t k = 0; k < times; k++)
        at += sprintf(at, "%s", body);
    sprintf(at, "%s", tail);
    return text;
}

static void long_texts_are_read_or_refused(void **state)
{
    rfim_context *context = ((fixture *)*state)->context;
    rfim_network *network = small_network(context, "3-2x2048", RFIM_SINGLE, 1);
    rfim_network *again = small_network(context, rfim_network_text(network), RFIM_SINGLE, 1);
    assert_string_equal(rfim_network_text(again), rfim_network_text(network));
    rfim_network_free(network);
    rfim_network_free(again);
    network = small_network(context, "3-2x1024 relu iota=0.12345678901234567 omega=1e-300 bna",
                            RFIM_SINGLE, 1);
    assert_int_equal(network->count, 2047);
    rfim_network_free(network);
    fails(state, "3-2x2000-2x49", "2048");
    fails(state, "3-2x2048 bna", "2048");
    struct {
        const char *head, *body, *tail, *words;
    } texts[] = {
        {"input 3", "; linear 2", "", "2048"},
        {"3", "-2", "", "2048"},
        {"input 3; linear 2", " relu", "", "words"},
        {"input 3; linear 2 ", "x", "", "there is no activation"},
        {"", "x", "", "there is no module"},
        {"3-", "9", "", "neither widths"},
        {"3-4-2 ", "x", "", "x"},
        {"3-4-2 iota=0.", "1", "x", "iota"},
        {"3-4-2", " iota=0.1", "", "settings"},
        {"input 3; linear 2; loss ", "y", "", "loss"},
    };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        char *text = repeated(texts[k].head, texts[k].body, 100000, texts[k].tail);
        fails(state, text, texts[k].words);
        free(text);
    }
    char *blanks = repeated("input 3;", " ;\n", 100000, "linear 2");
    means(state, blanks, "input 3; linear 2; loss softmax");
    free(blanks);
}

#define network_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        network_test(short_forms_are_rewritten),
        network_test(settings_belong_to_the_activation_wherever_they_stand),
        network_test(long_forms_keep_every_setting),
        network_test(texts_are_the_same_in_every_locale),
        network_test(unknown_words_get_the_nearest_known_one),
        network_test(widths_are_whole_numbers_in_range),
        network_test(settings_are_checked),
        network_test(modules_fit_together),
        network_test(the_loss_of_the_options_replaces_the_texts),
        network_test(absurd_networks_are_refused_before_memory_is_touched),
        network_test(names_of_modules_count_the_linear_ones),
        network_test(long_texts_are_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
