/* The version is that of the build. */
#include <ctype.h>
#include <rfim/context.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void the_version_is_that_of_the_build(void **state)
{
    (void)state;
    assert_string_equal(rfim_version(), RFIM_VERSION);
}

static void the_version_is_three_numbers(void **state)
{
    (void)state;
    size_t dots = 0;
    const char *version = rfim_version();
    for (size_t k = 0; version[k]; k++) {
        dots += version[k] == '.';
        if (version[k] == '.')
            assert_true(k > 0 && isdigit((unsigned char)version[k - 1]) &&
                        isdigit((unsigned char)version[k + 1]));
        else
            assert_true(isdigit((unsigned char)version[k]));
    }
    assert_int_equal(dots, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_is_that_of_the_build),
        cmocka_unit_test(the_version_is_three_numbers),
    };
    return cmocka_run_group_tests_name("core: version", tests, NULL, NULL);
}
