#include "io/ini.h"
#include "io/watched_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Writes down every entry as "line:section|key|value\n". */
static rfim_status note(void *user, const rfim__ini_entry *entry)
{
    rfim__text *notes = user;
    if (strcmp(entry->key, "refuse") == 0)
        return rfim__fail(notes->context, RFIM_ERROR_ARGUMENT, "%s is refused", entry->value);
    rfim__text_format(notes, "%zu:%s|%s|%s\n", entry->line, entry->section, entry->key,
                      entry->value);
    return notes->status;
}

static void expect_size(rfim_context *context, const char *words, size_t size, const char *expected)
{
    rfim__text notes;
    rfim__text_begin(&notes, context);
    assert_int_equal(rfim__ini_parse(context, "recipe.ini", words, size, note, &notes), RFIM_OK);
    rfim__text_append(&notes, "");
    assert_string_equal(notes.data, expected);
    rfim__text_end(&notes);
}

static void expect(rfim_context *context, const char *words, const char *expected)
{
    expect_size(context, words, strlen(words), expected);
}

static void expect_error(rfim_context *context, const char *words, rfim_status status,
                         const char *sentence)
{
    rfim__text notes;
    rfim__text_begin(&notes, context);
    assert_int_equal(rfim__ini_parse(context, "recipe.ini", words, strlen(words), note, &notes),
                     status);
    if (!strstr(rfim_context_error(context), sentence))
        fail_msg("`%s` is not in `%s`", sentence, rfim_context_error(context));
    rfim__text_end(&notes);
}

static void keys_come_with_section_and_line(void **state)
{
    expect(*state,
           "# a recipe\n"
           "early = 1\n"
           "\n"
           "[ data ]\r\n"
           "data=digits:100/10/10\r\n"
           "; a comment\n"
           "  split\t =  paper  # of 2017\n"
           "[training] # how\n"
           "epochs = 5",
           "2:|early|1\n"
           "5:data|data|digits:100/10/10\n"
           "7:data|split|paper\n"
           "9:training|epochs|5\n");
}

static void repeated_keys_are_passed_on_in_order(void **state)
{
    expect(*state, "[network]\nmodule = linear 80 relu\nmodule = batchnorm\nmodule = linear 10\n",
           "2:network|module|linear 80 relu\n"
           "3:network|module|batchnorm\n"
           "4:network|module|linear 10\n");
}

static void semicolons_and_equals_signs_belong_to_values(void **state)
{
    expect(*state, "network = input 784 ; linear 80 relu; iota=0.1\n",
           "1:|network|input 784 ; linear 80 relu; iota=0.1\n");
}

static void quotes_keep_a_value_as_it_is(void **state)
{
    expect(*state,
           "a = \"  x # y \" # comment\n"
           "b = \"\"\n"
           "c = \"say \\\"hi\\\" \\\\ \\n\"\n"
           "d = it is \"here\"\n"
           "e =\n"
           "f = a#b\n"
           "g = # nothing\n",
           "1:|a|  x # y \n"
           "2:|b|\n"
           "3:|c|say \"hi\" \\ \\n\n"
           "4:|d|it is \"here\"\n"
           "5:|e|\n"
           "6:|f|a#b\n"
           "7:|g|\n");
}

static void long_lines_are_not_cut(void **state)
{
    enum { LENGTH = 20000 };
    char *words = malloc(LENGTH + 8);
    char *expected = malloc(LENGTH + 8);
    snprintf(words, 8, "a = ");
    snprintf(expected, 8, "1:|a|");
    memset(words + 4, 'x', LENGTH);
    memset(expected + 5, 'x', LENGTH);
    memcpy(expected + 5 + LENGTH, "\n", 2);
    expect_size(*state, words, LENGTH + 4, expected);
    free(words);
    free(expected);
}

static void files_may_be_empty_or_begin_with_a_byte_order_mark(void **state)
{
    expect_size(*state, NULL, 0, "");
    expect(*state, "\n\n#\n;", "");
    expect(*state, "\xEF\xBB\xBF[a]\nb = c", "2:a|b|c\n");
}

static void bad_lines_are_errors_with_their_number(void **state)
{
    static const char *const bad[][2] = {
        {"[a]\nepochs 5\n", "recipe.ini, line 2: `key = value` is expected, found `epochs 5`"},
        {"[a]\n= 5\n", "line 2"},
        {"  \n\n [a\n", "line 3: a section needs a closing bracket"},
        {"[]\n", "line 1: a section needs a name"},
        {"[a] b = c\n", "nothing is expected after"},
        {"a = \"b\n", "quote"},
        {"a = \"b\" c\n", "quote"},
        {"a = \"b\\\"\n", "quote"},
    };
    for (size_t number = 0; number < sizeof bad / sizeof bad[0]; number++)
        expect_error(*state, bad[number][0], RFIM_ERROR_FORMAT, bad[number][1]);
}

static void a_zero_byte_is_an_error(void **state)
{
    rfim__text notes;
    rfim__text_begin(&notes, *state);
    assert_int_equal(rfim__ini_parse(*state, "x.ini", "a = b\nc\0 = d\n", 13, note, &notes),
                     RFIM_ERROR_FORMAT);
    assert_non_null(strstr(rfim_context_error(*state), "x.ini, line 2: a text file is expected"));
    rfim__text_end(&notes);
}

static void a_refusal_gets_file_and_line(void **state)
{
    expect_error(*state, "a = b\n\nrefuse = me\nc = d\n", RFIM_ERROR_ARGUMENT,
                 "recipe.ini, line 3: me is refused");
}

static void what_is_written_is_read_back(void **state)
{
    static const char *const values[] = {"",        "plain",   " blanks ", "a # b",    "#",
                                         "\"q\"",   "a \"b\"", "a\\b",     "\t#x\\\"", "a;b",
                                         "[x] = y", "x\t# y",  "a#b\r",    "\" # \\"};
    enum { COUNT = sizeof values / sizeof values[0] };
    rfim__text written, notes, expected;
    rfim__text_begin(&written, *state);
    rfim__text_begin(&notes, *state);
    rfim__text_begin(&expected, *state);
    rfim__ini_write_section(&written, "data");
    for (size_t number = 0; number < COUNT; number++) {
        rfim__ini_write_value(&written, "key", values[number]);
        rfim__text_format(&expected, "%zu:data|key|%s\n", number + 2, values[number]);
    }
    rfim__ini_write_section(&written, "end");
    assert_int_equal(written.status, RFIM_OK);
    assert_memory_equal(written.data, "[data]\nkey = \nkey = plain\n", 26);
    assert_non_null(strstr(written.data, "\n\n[end]\n"));
    assert_int_equal(rfim__ini_parse(*state, "written", written.data, written.length, note, &notes),
                     RFIM_OK);
    assert_string_equal(notes.data, expected.data);
    rfim__text_end(&written);
    rfim__text_end(&notes);
    rfim__text_end(&expected);
}

static void a_value_of_two_lines_cannot_be_written(void **state)
{
    rfim__text text;
    rfim__text_begin(&text, *state);
    rfim__ini_write_value(&text, "out", "a\nb");
    assert_int_equal(text.status, RFIM_ERROR_ARGUMENT);
    rfim__text_end(&text);
}

static void short_memory_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    rfim_status status = RFIM_ERROR_MEMORY;
    for (size_t fail_from = 2; status != RFIM_OK; fail_from++) {
        watched_memory memory;
        rfim_context *context = watched_context(&memory, fail_from);
        rfim__text notes;
        rfim__text_begin(&notes, context);
        status = rfim__ini_parse(context, "x", "a = b\n", 6, note, &notes);
        assert_true(status == RFIM_OK || status == RFIM_ERROR_MEMORY);
        rfim__text_end(&notes);
        rfim_context_free(context);
        assert_int_equal(memory.blocks, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_with_section_and_line),
        cmocka_unit_test(repeated_keys_are_passed_on_in_order),
        cmocka_unit_test(semicolons_and_equals_signs_belong_to_values),
        cmocka_unit_test(quotes_keep_a_value_as_it_is),
        cmocka_unit_test(long_lines_are_not_cut),
        cmocka_unit_test(files_may_be_empty_or_begin_with_a_byte_order_mark),
        cmocka_unit_test(bad_lines_are_errors_with_their_number),
        cmocka_unit_test(a_zero_byte_is_an_error),
        cmocka_unit_test(a_refusal_gets_file_and_line),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_value_of_two_lines_cannot_be_written),
        cmocka_unit_test(short_memory_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
