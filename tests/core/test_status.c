/* The one list of codes, their names, texts and exit statuses. */
#include <rfim/status.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_status_has_a_name_a_text_and_an_exit(void **state)
{
    (void)state;
    for (int s = 0; s < RFIM_STATUS_COUNT; s++) {
        rfim_status status = (rfim_status)s;
        assert_int_equal(strncmp(rfim_status_name(status), "RFIM_", 5), 0);
        assert_string_not_equal(rfim_status_name(status), "RFIM_UNKNOWN");
        assert_true(strlen(rfim_status_text(status)) > 3);
        int code = rfim_status_exit(status);
        assert_true((code >= 0 && code <= 3) || code == 130);
        assert_int_equal(code == 0, status == RFIM_OK);
        for (int other = 0; other < s; other++)
            assert_string_not_equal(rfim_status_name(status), rfim_status_name((rfim_status)other));
    }
}

static void names_belong_to_their_codes(void **state)
{
    (void)state;
    assert_int_equal(RFIM_OK, 0);
    assert_string_equal(rfim_status_name(RFIM_OK), "RFIM_OK");
    assert_string_equal(rfim_status_name(RFIM_ERROR_SHAPE), "RFIM_ERROR_SHAPE");
    assert_string_equal(rfim_status_name(RFIM_ERROR_UNSUPPORTED), "RFIM_ERROR_UNSUPPORTED");
    assert_string_equal(rfim_status_name(RFIM_STOPPED), "RFIM_STOPPED");
    assert_string_equal(rfim_status_text(RFIM_OK), "done");
    assert_non_null(strstr(rfim_status_text(RFIM_DIVERGED), "NaN"));
}

/* People's scripts rely on these numbers. */
static void exits_are_the_contract_of_the_command(void **state)
{
    (void)state;
    assert_int_equal(rfim_status_exit(RFIM_OK), 0);
    assert_int_equal(rfim_status_exit(RFIM_ERROR_IO), 1);
    assert_int_equal(rfim_status_exit(RFIM_ERROR_MEMORY), 1);
    assert_int_equal(rfim_status_exit(RFIM_ERROR_ARGUMENT), 2);
    assert_int_equal(rfim_status_exit(RFIM_DIVERGED), 3);
    assert_int_equal(rfim_status_exit(RFIM_STOPPED), 130);
}

static void a_value_that_is_no_status_is_called_unknown(void **state)
{
    (void)state;
    static const int values[] = {-1, RFIM_STATUS_COUNT, RFIM_STATUS_COUNT + 1, INT32_MAX,
                                 INT32_MIN};
    for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
        assert_string_equal(rfim_status_name((rfim_status)values[v]), "RFIM_UNKNOWN");
        assert_non_null(strstr(rfim_status_text((rfim_status)values[v]), "does not know"));
        assert_int_equal(rfim_status_exit((rfim_status)values[v]), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name_a_text_and_an_exit),
        cmocka_unit_test(names_belong_to_their_codes),
        cmocka_unit_test(exits_are_the_contract_of_the_command),
        cmocka_unit_test(a_value_that_is_no_status_is_called_unknown),
    };
    return cmocka_run_group_tests_name("core: status", tests, NULL, NULL);
}
