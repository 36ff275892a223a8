/* Sizes by checked arithmetic. */
#include "core/size.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void products_and_sums_that_fit_are_exact(void **state)
{
    (void)state;
    size_t out = 0;
    assert_true(rfim__size_multiply(SIZE_MAX, 1, &out));
    assert_true(out == SIZE_MAX);
    assert_true(rfim__size_multiply(0, SIZE_MAX, &out));
    assert_int_equal(out, 0);
    assert_true(rfim__size_multiply(SIZE_MAX / 3, 3, &out));
    assert_true(out == SIZE_MAX / 3 * 3);
    assert_true(rfim__size_add(SIZE_MAX - 5, 5, &out));
    assert_true(out == SIZE_MAX);
}

static void products_and_sums_that_do_not_fit_are_noticed(void **state)
{
    (void)state;
    size_t out = 0;
    assert_false(rfim__size_multiply(SIZE_MAX, 2, &out));
    assert_false(rfim__size_multiply(SIZE_MAX / 2 + 1, 2, &out));
    assert_false(
        rfim__size_multiply((size_t)1 << (4 * sizeof out), (size_t)1 << (4 * sizeof out), &out));
    assert_false(rfim__size_add(SIZE_MAX, 1, &out));
    assert_false(rfim__size_add(SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 1, &out));
}

static void sizes_are_rounded_up_to_steps(void **state)
{
    (void)state;
    for (size_t size = 0; size < 300; size++) {
        size_t up = rfim__size_round_up(size, 64);
        assert_true(up >= size && up < size + 64 && up % 64 == 0);
    }
    assert_int_equal(rfim__size_min(3, 5), 3);
    assert_int_equal(rfim__size_max(3, 5), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_and_sums_that_fit_are_exact),
        cmocka_unit_test(products_and_sums_that_do_not_fit_are_noticed),
        cmocka_unit_test(sizes_are_rounded_up_to_steps),
    };
    return cmocka_run_group_tests_name("core: sizes", tests, NULL, NULL);
}
