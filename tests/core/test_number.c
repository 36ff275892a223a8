/* Numbers to and from text. */
#include "core/number.h"
#include "core/random.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void decimal_numbers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double number;
    } good[] = {{"0", 0},          {"1", 1},     {"-1", -1},       {"+2", 2},
                {".5", .5},        {"5.", 5},    {"1e-3", 1e-3},   {"1E3", 1000},
                {"-2.5e+2", -250}, {"0.1", 0.1}, {"1e308", 1e308}, {"5e-324", 0x1p-1074}};
    for (size_t g = 0; g < sizeof good / sizeof good[0]; g++) {
        double number = 42;
        assert_true(rfim__number_parse(good[g].text, &number));
        assert_true(number == good[g].number);
    }
}

static void anything_else_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     " 1", "1 ",    "1,5",   "nan", "inf",   "-inf",
                                      "0x10", "1e", "e5",    "--1",   "1-",  "1e400", "-1e400",
                                      ".",    "-",  "1.2.3", "1_000", "one", "1e5.5", "infinity"};
    for (size_t b = 0; b < sizeof bad / sizeof bad[0]; b++) {
        double number = 42;
        uint64_t whole = 42;
        if (rfim__number_parse(bad[b], &number) || rfim__number_parse_whole(bad[b], &whole))
            fail_msg("`%s` is read as a number", bad[b]);
        assert_true(number == 42 && whole == 42);
    }
}

static void whole_numbers_are_read_up_to_64_bits(void **state)
{
    (void)state;
    uint64_t number = 42;
    assert_true(rfim__number_parse_whole("18446744073709551615", &number));
    assert_true(number == UINT64_MAX);
    assert_true(rfim__number_parse_whole("000007", &number));
    assert_int_equal(number, 7);
    static const char *const bad[] = {
        "18446744073709551616", "99999999999999999999", "-1", "+1", "1.0", "1e3", "0x1"};
    for (size_t b = 0; b < sizeof bad / sizeof bad[0]; b++)
        assert_false(rfim__number_parse_whole(bad[b], &number));
    assert_int_equal(number, 7);
}

static void texts_are_short_and_plain(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *text;
    } texts[] = {{0, "0"},       {1, "1"},         {10, "10"},
                 {50, "50"},     {100, "100"},     {0.1, "0.1"},
                 {0.01, "0.01"}, {1e-3, "0.001"},  {1e-4, "0.0001"},
                 {1e-8, "1e-8"}, {0.995, "0.995"}, {12345, "12345"},
                 {-20, "-20"},   {1e22, "1e22"},   {2.5e-7, "2.5e-7"},
                 {-0.5, "-0.5"}, {1e100, "1e100"}, {1.0 / 3, "0.3333333333333333"}};
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
        char text[RFIM__NUMBER_SIZE];
        rfim__number_text(texts[t].number, text);
        assert_string_equal(text, texts[t].text);
    }
}

static void every_number_comes_back(void **state)
{
    (void)state;
    static const double extremes[] = {
        DBL_MAX, -DBL_MAX, DBL_MIN, 0x1p-1074, -0x1.fffffp-1050, 0.1 + 0.2, 123456789012345680.0,
        -0.0};
    rfim__random random = rfim__random_start(1, 2);
    for (size_t n = 0; n < 5000; n++) {
        char text[RFIM__NUMBER_SIZE];
        double back = 42;
        double number = n < 8 ? extremes[n]
                              : ldexp(rfim__random_normal(&random),
                                      (int)rfim__random_below(&random, 2000) - 1000);
        rfim__number_text(number, text);
        assert_true(strlen(text) < RFIM__NUMBER_SIZE);
        assert_true(rfim__number_parse(text, &back));
        assert_true(back == number);
    }
}

static void bytes_have_units_of_thousands(void **state)
{
    (void)state;
    static const struct {
        double bytes;
        const char *text;
    } rows[] = {{0, "0 bytes"},   {999, "999 bytes"},
                {1000, "1 kB"},   {1234567, "1.23 MB"},
                {999600, "1 MB"}, {32.4e9, "32.4 GB"},
                {2e15, "2 PB"},   {1e300, "more memory than there is"}};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        char text[RFIM__BYTES_TEXT];
        rfim__bytes_text(rows[r].bytes, text);
        assert_string_equal(text, rows[r].text);
    }
}

static void bytes_come_back_exactly(void **state)
{
    (void)state;
    static const size_t numbers[] = {
        0, 1, 999, 1000, 1001, 1500000, 64000000, 1ull << 30, 2000000000000, 1000000000000000};
    for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
        char text[RFIM__NUMBER_SIZE];
        size_t back = 42;
        rfim__bytes_exact(numbers[n], text);
        assert_true(rfim__bytes_parse(text, &back));
        assert_int_equal(back, numbers[n]);
    }
    static const char *const bad[] = {"",    "k",   "1e3", "-1",    "+1",
                                      "1kk", "1 k", "1Q",  "1.2.3", "1b"};
    size_t bytes = 42;
    for (size_t b = 0; b < sizeof bad / sizeof bad[0]; b++)
        if (rfim__bytes_parse(bad[b], &bytes) || bytes != 42)
            fail_msg("`%s` is read as a number of bytes", bad[b]);
    assert_true(rfim__bytes_parse("1.0005k", &bytes));
    assert_int_equal(bytes, 1000);
}

/* The host program's locale may write a comma; where none such is installed nothing is shown. */
static void the_locale_does_not_matter(void **state)
{
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "nl_NL.UTF-8"};
    for (size_t l = 0; l < sizeof locales / sizeof locales[0]; l++)
        if (setlocale(LC_ALL, locales[l]))
            break;
    char text[RFIM__NUMBER_SIZE];
    double number = 0;
    rfim__number_text(0.25, text);
    assert_string_equal(text, "0.25");
    assert_true(rfim__number_parse("0.25", &number));
    assert_true(number == 0.25);
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal_numbers_are_read),
        cmocka_unit_test(anything_else_is_refused_and_changes_nothing),
        cmocka_unit_test(whole_numbers_are_read_up_to_64_bits),
        cmocka_unit_test(texts_are_short_and_plain),
        cmocka_unit_test(every_number_comes_back),
        cmocka_unit_test(bytes_have_units_of_thousands),
        cmocka_unit_test(bytes_come_back_exactly),
        cmocka_unit_test(the_locale_does_not_matter),
    };
    return cmocka_run_group_tests_name("core: numbers", tests, NULL, NULL);
}
