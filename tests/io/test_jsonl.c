#include "core/file.h"
#include "io/jsonl.h"
#include "io/watched_memory.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int set_up(void **state)
{
    return rfim_context_create(NULL, (rfim_context **)state) == RFIM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    rfim_context_free(*state);
    return 0;
}

static rfim_status parse(rfim_context *context, const char *words, rfim__jsonl **file)
{
    return rfim__jsonl_parse(context, "metrics.jsonl", words, strlen(words), file);
}

static void a_line_has_its_keys_in_order_and_compact_numbers(void **state)
{
    char path[] = "/tmp/rfim-jsonl-XXXXXX";
    uint8_t *data = NULL;
    size_t size = 0;
    close(mkstemp(path));
    for (size_t epoch = 1; epoch <= 2; epoch++) {
        rfim__json_line line;
        rfim__json_line_begin(&line, *state);
        rfim__json_line_count(&line, "step", SIZE_MAX / 2 - 1 + epoch);
        rfim__json_line_number(&line, "loss", 1.0 / 3);
        rfim__json_line_number(&line, "valid", NAN);
        rfim__json_line_number(&line, "cost", -INFINITY);
        rfim__json_line_string(&line, "name", "a \"b\"\n\xFF\xC3\xA9");
        rfim__json_line_flag(&line, "best", epoch == 1);
        assert_int_equal(rfim__json_line_append(&line, path), RFIM_OK);
    }
    assert_int_equal(rfim__file_read(*state, path, &data, &size), RFIM_OK);
    assert_string_equal((char *)data,
                        "{\"step\": 9223372036854775807, \"loss\": 0.333333333, \"valid\": null, "
                        "\"cost\": null, \"name\": \"a \\\"b\\\"\\u000a\xEF\xBF\xBD\xC3\xA9\", "
                        "\"best\": true}\n"
                        "{\"step\": 9223372036854775808, \"loss\": 0.333333333, \"valid\": null, "
                        "\"cost\": null, \"name\": \"a \\\"b\\\"\\u000a\xEF\xBF\xBD\xC3\xA9\", "
                        "\"best\": false}\n");
    rfim__release(*state, data);
    unlink(path);
}

static void numbers_do_not_follow_the_locale(void **state)
{
    /* Any locale with a decimal comma that this machine has; without one, nothing to test. */
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
    const char *found = NULL;
    for (size_t number = 0; number < 4 && !found; number++)
        found = setlocale(LC_NUMERIC, locales[number]);
    rfim__json_line line;
    rfim__json_line_begin(&line, *state);
    rfim__json_line_number(&line, "x", 0.5);
    rfim__json_line_number(&line, "y", -1.25e-10);
    setlocale(LC_NUMERIC, "C");
    assert_string_equal(line.text.data, "{\"x\": 0.5, \"y\": -1.25e-10");
    rfim__json_line_end(&line);
}

static void numbers_are_read_and_missing_ones_are_nan(void **state)
{
    rfim__jsonl *file = NULL;
    assert_int_equal(parse(*state,
                           "{\"epoch\": 1, \"loss\": 0.25, \"name\": \"x\", \"none\": null}\n"
                           "\n  \r\n"
                           "{\"epoch\": 2, \"loss\": 1e-3}\r\n",
                           &file),
                     RFIM_OK);
    assert_int_equal(rfim__jsonl_lines(file), 2);
    assert_int_equal(rfim__jsonl_cut(file), 0);
    assert_true(rfim__jsonl_number(file, 0, "epoch") == 1);
    assert_true(rfim__jsonl_number(file, 1, "loss") == 1e-3);
    assert_true(isnan(rfim__jsonl_number(file, 0, "none")));
    assert_true(isnan(rfim__jsonl_number(file, 0, "name")));
    assert_true(isnan(rfim__jsonl_number(file, 1, "name")));
    assert_string_equal(rfim__jsonl_string(file, 0, "name"), "x");
    assert_null(rfim__jsonl_string(file, 0, "epoch"));
    rfim__jsonl_free(file);
}

static void a_last_line_cut_short_is_left_out_and_counted(void **state)
{
    const char whole[] = "{\"epoch\": 1}\n{\"epoch\": 2}";
    for (size_t size = strlen("{\"epoch\": 1}\n"); size <= strlen(whole); size++) {
        rfim__jsonl *file = NULL;
        assert_int_equal(rfim__jsonl_parse(*state, "cut", whole, size, &file), RFIM_OK);
        const bool complete = size == strlen(whole);
        const bool begun = size > strlen("{\"epoch\": 1}\n");
        assert_int_equal(rfim__jsonl_lines(file), complete ? 2 : 1);
        assert_int_equal(rfim__jsonl_cut(file), begun && !complete ? 1 : 0);
        rfim__jsonl_free(file);
    }
}

static void bad_lines_are_errors_with_their_number(void **state)
{
    static const char *const bad[][2] = {
        {"{\"a\": 1}\n{\"a\": \n{\"a\": 2}\n", "line 2"},
        {"{\"a\": 1}\n\n{\"a\": 1} 2\n", "line 3"},
        {"[1]\n", "line 1"},
        {"{\"a\": 1}\n[12]", "line 2: a JSON object"},
        {"{\"a\": 1, \"a\": 2}\n", "duplicate"},
        {"{\"a\": nan}\n", "line 1"},
        {"{\"a\": 1e999}\n", "line 1"},
    };
    for (size_t number = 0; number < sizeof bad / sizeof bad[0]; number++) {
        rfim__jsonl *file = NULL;
        assert_int_equal(parse(*state, bad[number][0], &file), RFIM_ERROR_FORMAT);
        assert_null(file);
        assert_non_null(strstr(rfim_context_error(*state), "metrics.jsonl"));
        assert_non_null(strstr(rfim_context_error(*state), bad[number][1]));
    }
}

static void nothing_is_no_line(void **state)
{
    rfim__jsonl *file = NULL;
    assert_int_equal(rfim__jsonl_parse(*state, "empty", NULL, 0, &file), RFIM_OK);
    assert_int_equal(rfim__jsonl_lines(file), 0);
    rfim__jsonl_free(file);
    rfim__jsonl_free(NULL);
}

static void a_line_that_cannot_be_appended_says_so(void **state)
{
    rfim__json_line line;
    rfim__json_line_begin(&line, *state);
    rfim__json_line_count(&line, "a", 1);
    assert_int_equal(rfim__json_line_append(&line, "/nowhere/at/all.jsonl"), RFIM_ERROR_IO);
    assert_non_null(strstr(rfim_context_error(*state), "/nowhere/at/all.jsonl"));
}

static void short_memory_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    rfim_status status = RFIM_ERROR_MEMORY;
    for (size_t fail_from = 2; status != RFIM_OK; fail_from++) {
        watched_memory memory;
        rfim__jsonl *file = NULL;
        rfim_context *context = watched_context(&memory, fail_from);
        rfim__json_line line;
        rfim__json_line_begin(&line, context);
        for (size_t number = 0; number < 100; number++)
            rfim__json_line_number(&line, "a key of some length", (double)number);
        status = line.text.status;
        rfim__json_line_end(&line);
        if (status == RFIM_OK)
            status = parse(context, "{}\n{}\n", &file);
        assert_true(status == RFIM_OK || status == RFIM_ERROR_MEMORY);
        rfim__jsonl_free(file);
        rfim_context_free(context);
        assert_int_equal(memory.blocks, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_its_keys_in_order_and_compact_numbers),
        cmocka_unit_test(numbers_do_not_follow_the_locale),
        cmocka_unit_test(numbers_are_read_and_missing_ones_are_nan),
        cmocka_unit_test(a_last_line_cut_short_is_left_out_and_counted),
        cmocka_unit_test(bad_lines_are_errors_with_their_number),
        cmocka_unit_test(nothing_is_no_line),
        cmocka_unit_test(a_line_that_cannot_be_appended_says_so),
        cmocka_unit_test(short_memory_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
