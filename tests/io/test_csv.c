#include "core/file.h"
#include "io/csv.h"

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

static void fields_are_quoted_where_rfc_4180_says(void **state)
{
    rfim__csv table;
    rfim__csv_begin(&table, *state);
    rfim__csv_string(&table, "plain name");
    rfim__csv_string(&table, "a,b");
    rfim__csv_string(&table, "say \"hi\"");
    rfim__csv_string(&table, "two\nlines");
    rfim__csv_end_row(&table);
    rfim__csv_string(&table, "");
    rfim__csv_end_row(&table);
    assert_int_equal(table.text.status, RFIM_OK);
    assert_string_equal(table.text.data,
                        "plain name,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n\"\"\r\n");
    rfim__csv_end(&table);
}

static void numbers_have_the_digits_asked_for(void **state)
{
    rfim__csv table;
    rfim__csv_begin(&table, *state);
    rfim__csv_count(&table, SIZE_MAX);
    rfim__csv_number(&table, 0.1, 17);
    rfim__csv_number(&table, 1.0 / 3, 9);
    rfim__csv_number(&table, 2, 9);
    rfim__csv_number(&table, NAN, 9);
    rfim__csv_number(&table, -INFINITY, 9);
    assert_string_equal(table.text.data, "18446744073709551615,0.10000000000000001,0.333333333,2,"
                                         "nan,-inf");
    rfim__csv_end(&table);
}

static void seventeen_digits_give_the_same_double_back(void **state)
{
    static const double numbers[] = {0.1, 1.0 / 3, 1e300 / 7, 5e-324, -2.2250738585072014e-308};
    for (size_t number = 0; number < sizeof numbers / sizeof numbers[0]; number++) {
        rfim__csv table;
        rfim__csv_begin(&table, *state);
        rfim__csv_number(&table, numbers[number], 17);
        assert_true(strtod(table.text.data, NULL) == numbers[number]);
        rfim__csv_end(&table);
    }
}

static void a_table_is_saved_or_the_reason_is_said(void **state)
{
    char path[] = "/tmp/rfim-csv-XXXXXX";
    uint8_t *data = NULL;
    size_t size = 0;
    rfim__csv table;
    close(mkstemp(path));
    rfim__csv_begin(&table, *state);
    rfim__csv_string(&table, "class");
    rfim__csv_end_row(&table);
    assert_int_equal(rfim__csv_save(&table, path), RFIM_OK);
    assert_int_equal(rfim__file_read(*state, path, &data, &size), RFIM_OK);
    assert_string_equal((char *)data, "class\r\n");
    rfim__release(*state, data);
    unlink(path);

    rfim__csv_begin(&table, *state);
    rfim__csv_string(&table, "class");
    assert_int_equal(rfim__csv_save(&table, "/nowhere/at/all.csv"), RFIM_ERROR_IO);
    assert_non_null(strstr(rfim_context_error(*state), "/nowhere/at/all.csv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_quoted_where_rfc_4180_says),
        cmocka_unit_test(numbers_have_the_digits_asked_for),
        cmocka_unit_test(seventeen_digits_give_the_same_double_back),
        cmocka_unit_test(a_table_is_saved_or_the_reason_is_said),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
