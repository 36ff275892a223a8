#include "core/file.h"
#include "io/jsonl.h"
#include "io/watched_memory.h"
#include "io/xml_check.h"
#include "train/curves.h"
#include "train/network_label.h"
#include "train/run_groups.h"

#include <math.h>
#include <rfim/io.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MOST_RUNS 8
#define PATH_SIZE 256

/* A folder of runs, made for each test and removed after it. */
typedef struct fixture {
    rfim_context *context;
    char folder[64];
    char runs[MOST_RUNS][PATH_SIZE];
    const char *paths[MOST_RUNS];
    size_t count;
    char svg[PATH_SIZE];
} fixture;

static int set_up(void **state)
{
    fixture *test = calloc(1, sizeof *test);
    *state = test;
    strcpy(test->folder, "/tmp/rfim-curves-XXXXXX");
    if (!test || rfim_context_create(NULL, &test->context) != RFIM_OK || !mkdtemp(test->folder))
        return -1;
    snprintf(test->svg, sizeof test->svg, "%s/picture.svg", test->folder);
    return 0;
}

static void remove_file(const char *folder, const char *name)
{
    char path[2 * PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

static int tear_down(void **state)
{
    fixture *test = *state;
    for (size_t run = 0; run < test->count; run++) {
        remove_file(test->runs[run], "config.ini");
        remove_file(test->runs[run], "metrics.jsonl");
        remove_file(test->runs[run], "curves.svg");
        rmdir(test->runs[run]);
    }
    unlink(test->svg);
    rmdir(test->folder);
    rfim_context_free(test->context);
    free(test);
    return 0;
}

static void write_words(fixture *test, const char *name, const char *words)
{
    char path[2 * PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", test->runs[test->count - 1], name);
    assert_int_equal(rfim__file_write(test->context, path, words, strlen(words)), RFIM_OK);
}

/* Makes a run folder; config NULL: without config.ini. */
static const char *begin_run(fixture *test, const char *name, const char *config)
{
    assert_true(test->count < MOST_RUNS);
    char *path = test->runs[test->count];
    snprintf(path, PATH_SIZE, "%s/%s", test->folder, name);
    assert_int_equal(mkdir(path, 0777), 0);
    test->paths[test->count++] = path;
    if (config)
        write_words(test, "config.ini", config);
    return path;
}

/* One epoch of a classifier. */
static void add_epoch(fixture *test, size_t epoch, double train_loss, double valid_loss)
{
    char path[2 * PATH_SIZE];
    rfim__json_line line;
    snprintf(path, sizeof path, "%s/metrics.jsonl", test->runs[test->count - 1]);
    rfim__json_line_begin(&line, test->context);
    rfim__json_line_count(&line, "epoch", epoch);
    rfim__json_line_number(&line, "train_loss", train_loss);
    rfim__json_line_number(&line, "train_cost", train_loss);
    rfim__json_line_number(&line, "train_accuracy", 1 - train_loss / 10);
    rfim__json_line_number(&line, "valid_loss", valid_loss);
    rfim__json_line_number(&line, "valid_accuracy", 1 - valid_loss / 10);
    assert_int_equal(rfim__json_line_append(&line, path), RFIM_OK);
}

static const char *add_run(fixture *test, const char *name, const char *config, double loss)
{
    const char *path = begin_run(test, name, config);
    for (size_t epoch = 1; epoch <= 3; epoch++)
        add_epoch(test, epoch, loss / (double)epoch, 2 * loss / (double)epoch);
    return path;
}

/* config.ini of a run. */
static const char *config(const char *optimizer, const char *rate, const char *seed,
                          const char *more)
{
    static char words[8][1024]; /* so many live at the same time */
    static size_t next;
    char *out = words[next++ % 8];
    snprintf(out, sizeof words[0],
             "[data]\ndata = digits\ndata-seed = %s\n\n[network]\nnetwork = 784-80-10 relu\n\n"
             "[optimizer]\noptimizer = %s\nlearning-rate = %s\n%s\n[training]\nseed = %s\n",
             seed, optimizer, rate, more, seed);
    return out;
}

/* Plots all runs; the caller releases the picture. */
static char *plot(fixture *test)
{
    uint8_t *data = NULL;
    size_t size = 0;
    if (rfim_plot_runs(test->context, test->paths, test->count, test->svg) != RFIM_OK)
        fail_msg("%s", rfim_context_error(test->context));
    assert_int_equal(rfim__file_read(test->context, test->svg, &data, &size), RFIM_OK);
    assert_true(xml_is_well_formed((char *)data));
    return (char *)data;
}

static void expect_words(const char *picture, const char *words)
{
    if (!strstr(picture, words))
        fail_msg("`%s` is missing in\n%s", words, picture);
}

static void expect_error(fixture *test, rfim_status status, const char *words)
{
    assert_int_equal(rfim_plot_runs(test->context, test->paths, test->count, test->svg), status);
    if (!strstr(rfim_context_error(test->context), words))
        fail_msg("`%s` is not in `%s`", words, rfim_context_error(test->context));
    assert_false(rfim__file_exists(test->svg));
}

static void one_run_shows_loss_and_accuracy(void **state)
{
    fixture *test = *state;
    char path[2 * PATH_SIZE];
    uint8_t *data = NULL;
    size_t size = 0;
    add_run(test, "one", config("rngd", "0.1", "7", ""), 1.0);
    assert_int_equal(rfim__curves_draw(test->context, test->paths[0]), RFIM_OK);
    snprintf(path, sizeof path, "%s/curves.svg", test->paths[0]);
    assert_int_equal(rfim__file_read(test->context, path, &data, &size), RFIM_OK);
    const char *picture = (const char *)data;
    assert_true(xml_is_well_formed(picture));
    expect_words(picture, "rngd, learning-rate 0.1, seed 7, 784-80-10 relu");
    expect_words(picture, ">training<");
    expect_words(picture, ">validation<");
    expect_words(picture, "accuracy");
    expect_words(picture, "stroke-dasharray");
    assert_null(strstr(picture, "cost"));                  /* it equals the loss */
    assert_null(strstr(picture, "fill-opacity=\"0.18\"")); /* no band */
    assert_int_equal(occurrences(picture, "<path"), 4);
    rfim__release(test->context, data);
}

static void the_cost_is_drawn_where_it_differs(void **state)
{
    fixture *test = *state;
    begin_run(test, "one", NULL);
    write_words(test, "metrics.jsonl",
                "{\"epoch\": 1, \"train_loss\": 1, \"train_cost\": 1.5}\n"
                "{\"epoch\": 2, \"train_loss\": 0.1, \"train_cost\": 0.5}\n");
    char *picture = plot(test);
    expect_words(picture, "training cost (loss + L2 term)");
    assert_null(strstr(picture, "validation"));
    assert_null(strstr(picture, "accuracy")); /* nothing to show: one panel */
    assert_int_equal(occurrences(picture, "<path"), 2);
    rfim__release(test->context, picture);
}

static void errors_stand_in_for_accuracy(void **state)
{
    fixture *test = *state;
    begin_run(test, "auto", NULL);
    write_words(test, "metrics.jsonl",
                "{\"epoch\": 1, \"train_loss\": 90, \"train_error\": 30, \"valid_error\": 31}\n"
                "{\"epoch\": 2, \"train_loss\": 50, \"train_error\": 5, \"valid_error\": 6}\n");
    char *picture = plot(test);
    expect_words(picture, "squared error");
    assert_null(strstr(picture, "accuracy"));
    expect_words(picture, ">validation<");
    rfim__release(test->context, picture);
}

static void runs_that_differ_in_seeds_become_a_curve_with_a_band(void **state)
{
    fixture *test = *state;
    add_run(test, "a1", config("rngd", "0.1", "1", ""), 1.0);
    add_run(test, "b1", config("adam", "0.001", "1", ""), 3.0);
    add_run(test, "a2", config("rngd", "0.1", "2", ""), 2.0);
    add_run(test, "a3", config("rngd", "0.1", "3", ""), 1.5);
    char *picture = plot(test);
    expect_words(picture, "rngd, learning-rate 0.1 (3 seeds, mean and range)");
    expect_words(picture, ">adam, learning-rate 0.001<");
    expect_words(picture, ">784-80-10 relu<"); /* the title: what they share */
    /* Two groups, two panels, training and validation: 8 curves, and a band for each of the first
     * group's 4. */
    assert_int_equal(occurrences(picture, "<path"), 8 + 4);
    assert_int_equal(occurrences(picture, "fill-opacity=\"0.18\""), 4);
    rfim__release(test->context, picture);
}

static void a_group_holds_mean_and_range(void **state)
{
    fixture *test = *state;
    rfim__run_record runs[3];
    rfim__run_groups groups;
    add_run(test, "a1", config("rngd", "0.1", "1", ""), 1.0);
    add_run(test, "a2", config("rngd", "0.1", "2", ""), 4.0);
    begin_run(test, "a3", config("rngd", "0.1", "3", "")); /* stopped after one epoch */
    add_epoch(test, 1, 7.0, NAN);
    for (size_t run = 0; run < 3; run++)
        assert_int_equal(rfim__run_record_read(test->context, test->paths[run], &runs[run]),
                         RFIM_OK);
    assert_int_equal(rfim__run_groups_make(test->context, runs, 3, &groups), RFIM_OK);
    assert_int_equal(groups.count, 1);
    const rfim__run_group *group = &groups.groups[0];
    assert_int_equal(group->epochs, 3);
    const size_t train = RFIM__COLUMN_TRAIN_LOSS * group->epochs;
    const size_t valid = RFIM__COLUMN_VALID_LOSS * group->epochs;
    /* Sums of small whole numbers and halves: exact. */
    assert_true(group->mean[train] == 4 && group->low[train] == 1 && group->high[train] == 7);
    assert_true(group->mean[train + 1] == 1.25 && group->high[train + 1] == 2);
    assert_true(group->mean[valid] == 5 && group->low[valid] == 2 && group->high[valid] == 8);
    rfim__run_groups_free(&groups);
    for (size_t run = 0; run < 3; run++)
        rfim__run_record_free(&runs[run]);
}

static void labels_say_what_differs(void **state)
{
    fixture *test = *state;
    add_run(test, "a", config("rngd", "0.1", "1", "damping = 0.001\nl2 = 0\n"), 1.0);
    add_run(test, "b", config("rngd", "0.1", "2", "damping = 0.01\nl2 = 0\n"), 1.1);
    add_run(test, "c", config("rngd", "0.1", "2", "damping = 0.01\nl2 = 0.5\n"), 1.2);
    add_run(test, "d", config("rngd", "0.3", "1", "damping = 0.01\nl2 = 0\n"), 1.3);
    char *picture = plot(test);
    expect_words(picture, ">rngd, learning-rate 0.1, damping 0.001<");
    expect_words(picture, ">rngd, learning-rate 0.1, damping 0.01, l2 0<");
    expect_words(picture, ">rngd, learning-rate 0.1, damping 0.01, l2 0.5<");
    expect_words(picture, ">rngd, learning-rate 0.3<");
    assert_null(strstr(picture, "seed"));
    rfim__release(test->context, picture);
}

static void networks_that_differ_are_named(void **state)
{
    fixture *test = *state;
    add_run(test, "a", "[network]\nnetwork = 784-80-10 relu\n[optimizer]\noptimizer = sgd\n", 1.0);
    add_run(test, "b",
            "[network]\ninput = 784\nmodule = linear 80 tanh\nmodule = batchnorm\n"
            "module = linear 10\nmodule = loss softmax\n[optimizer]\noptimizer = sgd\n",
            1.1);
    char *picture = plot(test);
    expect_words(picture, ">sgd, 784-80-10 relu<");
    expect_words(picture, ">sgd, 784-80-10 tanh, batchnorm<");
    rfim__release(test->context, picture);
}

static void runs_without_config_go_by_their_folders(void **state)
{
    fixture *test = *state;
    add_run(test, "first <run>", NULL, 1.0);
    add_run(test, "second", NULL, 1.0);
    char *picture = plot(test);
    expect_words(picture, ">first &#60;run&#62;<");
    expect_words(picture, ">second<");
    rfim__release(test->context, picture);
}

static void folders_of_one_name_go_by_their_paths(void **state)
{
    fixture *test = *state;
    add_run(test, "same", NULL, 1.0);
    char other[2 * PATH_SIZE]; /* the same again, by another way */
    snprintf(other, sizeof other, "%s/./same/", test->folder);
    const char *paths[2] = {test->paths[0], other};
    uint8_t *data = NULL;
    size_t size = 0;
    assert_int_equal(rfim_plot_runs(test->context, paths, 2, test->svg), RFIM_OK);
    assert_int_equal(rfim__file_read(test->context, test->svg, &data, &size), RFIM_OK);
    expect_words((char *)data, paths[0]);
    expect_words((char *)data, paths[1]);
    rfim__release(test->context, data);
}

static void losses_that_are_not_numbers_break_the_curves(void **state)
{
    fixture *test = *state;
    begin_run(test, "diverged", config("rngd", "9", "1", ""));
    for (size_t epoch = 1; epoch <= 20; epoch++)
        add_epoch(test, epoch, epoch == 10 ? NAN : 1.0 / (double)epoch, NAN);
    char *picture = plot(test);
    assert_null(strstr(picture, "nan"));
    assert_null(strstr(picture, ">validation<"));
    assert_int_equal(occurrences(picture, "<path"), 4);
    rfim__release(test->context, picture);
}

static void a_cut_last_line_does_no_harm(void **state)
{
    fixture *test = *state;
    begin_run(test, "cut", NULL);
    write_words(test, "metrics.jsonl",
                "{\"epoch\": 1, \"train_loss\": 1}\n{\"epoch\": 2, \"train_loss\": 0.5}\n{\"epo");
    rfim__release(test->context, plot(test));
}

static void a_missing_folder_is_named(void **state)
{
    fixture *test = *state;
    add_run(test, "one", NULL, 1.0);
    const char *paths[2] = {test->paths[0], "/nowhere/runs/a"};
    assert_int_equal(rfim_plot_runs(test->context, paths, 2, test->svg), RFIM_ERROR_IO);
    assert_non_null(strstr(rfim_context_error(test->context), "/nowhere/runs/a is not a folder"));
}

static void folders_without_metrics_are_named(void **state)
{
    fixture *test = *state;
    begin_run(test, "bare", config("rngd", "1", "1", ""));
    expect_error(test, RFIM_ERROR_IO, "bare has no finished epoch");
    write_words(test, "config.ini", "[server]\n");
    expect_error(test, RFIM_ERROR_IO, "bare has no metrics.jsonl");
    write_words(test, "metrics.jsonl", "");
    expect_error(test, RFIM_ERROR_FORMAT, "no finished epoch yet");
    write_words(test, "metrics.jsonl", "{\"epoch\": 1\n{}\n");
    expect_error(test, RFIM_ERROR_FORMAT, "metrics.jsonl, line 1");
    write_words(test, "metrics.jsonl", "{\"train_loss\": 1}\n");
    expect_error(test, RFIM_ERROR_FORMAT, "has no number \"epoch\"");
    write_words(test, "metrics.jsonl", "{\"epoch\": 1}\n");
    write_words(test, "config.ini", "[optimizer\n");
    expect_error(test, RFIM_ERROR_FORMAT, "config.ini, line 1");
}

static void nothing_to_plot_is_an_error(void **state)
{
    fixture *test = *state;
    assert_int_equal(rfim_plot_runs(NULL, test->paths, 0, test->svg), RFIM_ERROR_ARGUMENT);
    expect_error(test, RFIM_ERROR_ARGUMENT, "at least one run folder");
    add_run(test, "one", NULL, 1.0);
    assert_int_equal(rfim_plot_runs(test->context, test->paths, 1, "/nowhere/p.svg"),
                     RFIM_ERROR_IO);
    assert_non_null(strstr(rfim_context_error(test->context), "/nowhere/p.svg cannot"));
}

static void networks_are_labelled_by_their_widths(void **state)
{
    fixture *test = *state;
    static const char *const labels[][2] = {
        {"784-80x3-10 relu", "784-80x3-10 relu"},
        {"input 784; linear 80 relu; linear 10; loss softmax", "784-80-10 relu"},
        {"input 784;linear 80 relu;batchnorm;linear 80 relu;batchnorm;linear 10 ;loss softmax",
         "784-80-80-10 relu, batchnorm"},
        {"input 4; linear 4; linear 4; linear 4 tanh; loss squared", "4x4 tanh, loss squared"},
        {"input 9; linear 5 relu iota=0.1; linear 3 tanh; linear 9; loss sigmoid",
         "9-5-3-9 relu iota=0.1, tanh, loss sigmoid"},
        {"input 3;;", "3"},
        {"input ", ""},
        {"", ""},
    };
    for (size_t number = 0; number < sizeof labels / sizeof labels[0]; number++) {
        rfim__text text;
        rfim__text_begin(&text, test->context);
        rfim__network_label_append(&text, labels[number][0]);
        rfim__text_append(&text, "");
        assert_string_equal(text.data, labels[number][1]);
        rfim__text_end(&text);
    }
}

static void short_memory_is_reported_and_nothing_leaks(void **state)
{
    fixture *test = *state;
    add_run(test, "a", config("rngd", "0.1", "1", ""), 1.0);
    add_run(test, "b", config("rngd", "0.1", "2", ""), 1.0);
    add_run(test, "c", config("rngd", "0.1", "2", "l2 = 1\n"), 1.0);
    rfim_status status = RFIM_ERROR_MEMORY;
    size_t fail_from = 2;
    for (; status != RFIM_OK; fail_from++) {
        watched_memory memory;
        rfim_context *context = watched_context(&memory, fail_from);
        status = rfim_plot_runs(context, test->paths, test->count, test->svg);
        assert_true(status == RFIM_OK || status == RFIM_ERROR_MEMORY);
        rfim_context_free(context);
        assert_int_equal(memory.blocks, 0);
    }
    assert_true(fail_from > 50);
}

#define CURVES_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CURVES_TEST(one_run_shows_loss_and_accuracy),
        CURVES_TEST(the_cost_is_drawn_where_it_differs),
        CURVES_TEST(errors_stand_in_for_accuracy),
        CURVES_TEST(runs_that_differ_in_seeds_become_a_curve_with_a_band),
        CURVES_TEST(a_group_holds_mean_and_range),
        CURVES_TEST(labels_say_what_differs),
        CURVES_TEST(networks_that_differ_are_named),
        CURVES_TEST(runs_without_config_go_by_their_folders),
        CURVES_TEST(folders_of_one_name_go_by_their_paths),
        CURVES_TEST(losses_that_are_not_numbers_break_the_curves),
        CURVES_TEST(a_cut_last_line_does_no_harm),
        CURVES_TEST(a_missing_folder_is_named),
        CURVES_TEST(folders_without_metrics_are_named),
        CURVES_TEST(nothing_to_plot_is_an_error),
        CURVES_TEST(networks_are_labelled_by_their_widths),
        CURVES_TEST(short_memory_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
