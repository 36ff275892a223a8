/* options_fixture.h - options in a context, and what tests of them say: set, expect, refuse. */
#ifndef TESTS_TRAIN_OPTIONS_FIXTURE_H
#define TESTS_TRAIN_OPTIONS_FIXTURE_H

#include "core/context.h"
#include "train/option_table.h"

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

static inline void keep_warning(void *user, rfim_log_level level, const char *message)
{
    fixture *test = user;
    if (level == RFIM_LOG_WARNING)
        snprintf(test->warning, sizeof test->warning, "%s", message);
}

static inline int set_up(void **state)
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

static inline int tear_down(void **state)
{
    fixture *test = *state;
    unlink(test->path);
    rfim_context_free(test->context);
    free(test);
    return 0;
}

static inline void set(fixture *test, const char *name, const char *value)
{
    rfim_status status = rfim_options_set(test->context, &test->options, name, value);
    if (status != RFIM_OK)
        fail_msg("%s", rfim_context_error(test->context));
}

static inline void expect_option(fixture *test, const char *name, const char *value)
{
    char text[RFIM_TEXT_SIZE];
    assert_int_equal(rfim_options_get(test->context, &test->options, name, text, sizeof text),
                     RFIM_OK);
    assert_string_equal(text, value);
}

static inline void expect_words(fixture *test, const char *words)
{
    if (!strstr(rfim_context_error(test->context), words))
        fail_msg("'%s' is not in: %s", words, rfim_context_error(test->context));
}

/* The value is refused, the sentence has these words, and nothing has changed. */
static inline void refuse(fixture *test, const char *name, const char *value, const char *words)
{
    rfim_options before = test->options;
    assert_int_equal(rfim_options_set(test->context, &test->options, name, value),
                     RFIM_ERROR_ARGUMENT);
    expect_words(test, words);
    assert_memory_equal(&before, &test->options, sizeof before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
