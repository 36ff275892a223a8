#include "io/chart_axis.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static rfim__range range_of(const double *values, size_t count)
{
    rfim__range range;
    rfim__range_begin(&range);
    rfim__range_include(&range, values, count);
    return range;
}

/* What holds for every axis: it covers the data, ticks rise and lie on it, labels are few. */
static void check_axis(const rfim__axis *axis, double low, double high)
{
    size_t labels = 0;
    assert_true(isfinite(axis->low) && isfinite(axis->high) && axis->low < axis->high);
    /* One part in 10^9 is less than a pixel. */
    assert_true(rfim__axis_place(axis, low) >= -1e-9);
    assert_true(rfim__axis_place(axis, high) <= 1 + 1e-9);
    for (size_t number = 0; number < axis->count; number++) {
        const rfim__tick *tick = &axis->ticks[number];
        const double place = rfim__axis_place(axis, tick->value);
        assert_true(place >= -1e-6 && place <= 1 + 1e-6);
        if (number > 0)
            assert_true(tick->value > axis->ticks[number - 1].value);
        assert_int_equal(tick->minor, tick->label[0] == '\0');
        labels += !tick->minor;
    }
    if (labels < 2 || labels > 24)
        fail_msg("%zu labels from %g to %g", labels, low, high);
}

static void ticks_cover_any_range(void **state)
{
    (void)state;
    static const double ends[][2] = {{0, 1},
                                     {1, 20},
                                     {0.94, 0.9999},
                                     {-3, 17.5},
                                     {1e-9, 2e-9},
                                     {5e8, 5.00001e8},
                                     {7, 7},
                                     {0, 0},
                                     {-1e-320, 1e-320},
                                     {-DBL_MAX, DBL_MAX},
                                     {DBL_MIN, DBL_MAX},
                                     {5e-324, 1},
                                     {-2, -1},
                                     {0.013, 0.67},
                                     {1, 1 + DBL_EPSILON}};
    for (size_t number = 0; number < sizeof ends / sizeof ends[0]; number++)
        for (size_t wanted = 2; wanted <= 10; wanted++) {
            const rfim__range range = range_of(ends[number], 2);
            rfim__axis axis;
            /* What the range clamps lies at the end of the axis. */
            const double low = fmax(ends[number][0], -1e300), high = fmin(ends[number][1], 1e300);
            rfim__axis_linear(&axis, &range, wanted, false);
            check_axis(&axis, low, high);
            rfim__axis_linear(&axis, &range, wanted, true);
            check_axis(&axis, low, high);
            rfim__axis_logarithmic(&axis, &range, wanted);
            check_axis(&axis, axis.logarithmic ? fmax(low, 1e-300) : low, high);
        }
}

static void linear_ticks_are_round(void **state)
{
    (void)state;
    const double accuracy[2] = {0.913, 0.998};
    const rfim__range range = range_of(accuracy, 2);
    rfim__axis axis;
    rfim__axis_linear(&axis, &range, 5, false);
    assert_false(axis.logarithmic);
    assert_string_equal(axis.ticks[0].label, "0.90");
    assert_string_equal(axis.ticks[axis.count - 1].label, "1.00");
    assert_int_equal(axis.count, 6); /* steps of 0.02 */
}

static void ticks_of_epochs_are_whole(void **state)
{
    (void)state;
    const double epochs[2] = {1, 3};
    const rfim__range range = range_of(epochs, 2);
    rfim__axis axis;
    rfim__axis_linear(&axis, &range, 8, true);
    assert_int_equal(axis.count, 3);
    for (size_t number = 0; number < axis.count; number++)
        assert_true(axis.ticks[number].value == round(axis.ticks[number].value));
}

static void negative_labels_have_a_minus_and_zero_has_none(void **state)
{
    (void)state;
    const double values[2] = {-0.3, 0.3};
    const rfim__range range = range_of(values, 2);
    rfim__axis axis;
    rfim__axis_linear(&axis, &range, 6, false);
    assert_string_equal(axis.ticks[0].label, "\xE2\x88\x92"
                                             "0.3");
    assert_string_equal(axis.ticks[3].label, "0.0");
}

static void decades_have_minor_ticks_between_them(void **state)
{
    (void)state;
    const double losses[3] = {0.0012, 3.1, -1};
    const rfim__range range = range_of(losses, 3);
    rfim__axis axis;
    rfim__axis_logarithmic(&axis, &range, 5);
    assert_true(axis.logarithmic);
    size_t decades = 0, minors = 0;
    for (size_t number = 0; number < axis.count; number++) {
        const double power = log10(axis.ticks[number].value);
        decades += fabs(power - round(power)) < 1e-9;
        minors += axis.ticks[number].minor;
    }
    assert_int_equal(decades, 4); /* 0.001, 0.01, 0.1 and 1 */
    assert_true(minors > 10);
    assert_string_equal(axis.ticks[0].label, "0.001");
}

static void large_powers_are_raised(void **state)
{
    (void)state;
    const double values[2] = {1e-12, 1e100};
    const rfim__range range = range_of(values, 2);
    rfim__axis axis;
    rfim__axis_logarithmic(&axis, &range, 5);
    assert_string_equal(axis.ticks[0].label, "10\xE2\x81\xBB\xC2\xB9\xC2\xB2");
    const double narrow[2] = {2e-7, 4e-6};
    const rfim__range small = range_of(narrow, 2);
    rfim__axis_logarithmic(&axis, &small, 5);
    assert_string_equal(axis.ticks[0].label, "2\xC3\x97"
                                             "10\xE2\x81\xBB\xE2\x81\xB7");
}

static void a_logarithm_of_nothing_positive_is_a_linear_axis(void **state)
{
    (void)state;
    const double values[4] = {-1, 0, NAN, -INFINITY};
    const rfim__range range = range_of(values, 4);
    rfim__axis axis;
    rfim__axis_logarithmic(&axis, &range, 5);
    assert_false(axis.logarithmic);
    check_axis(&axis, -1, 0);
    const rfim__range nothing = range_of(NULL, 3);
    rfim__axis_logarithmic(&axis, &nothing, 5);
    check_axis(&axis, 0, 1);
}

static void what_cannot_lie_on_an_axis_has_no_place(void **state)
{
    (void)state;
    const double values[2] = {0.01, 1};
    const rfim__range range = range_of(values, 2);
    rfim__axis axis;
    rfim__axis_logarithmic(&axis, &range, 5);
    assert_true(isnan(rfim__axis_place(&axis, 0)));
    assert_true(isnan(rfim__axis_place(&axis, -1)));
    assert_true(isnan(rfim__axis_place(&axis, NAN)));
    /* Half-way in decades; the tolerance is that of log10. */
    assert_true(fabs(rfim__axis_place(&axis, 0.1) - 0.5) < 1e-12);
}

static void cells_are_numbered_from_one(void **state)
{
    (void)state;
    rfim__axis axis;
    rfim__axis_cells(&axis, 80, 5);
    assert_int_equal(axis.count, 4);
    assert_string_equal(axis.ticks[0].label, "20");
    assert_string_equal(axis.ticks[3].label, "80");
    /* In the middle of the last of 80 cells; the tolerance is a few roundings. */
    assert_true(fabs(rfim__axis_place(&axis, 80) - 79.5 / 80) < 1e-14);
    rfim__axis_cells(&axis, 1, 5);
    assert_int_equal(axis.count, 1);
    assert_string_equal(axis.ticks[0].label, "1");
    assert_true(rfim__axis_place(&axis, 1) == 0.5);
    rfim__axis_cells(&axis, 3, 5);
    assert_int_equal(axis.count, 3);
    rfim__axis_cells(&axis, 0, 5);
    assert_int_equal(axis.count, 0);
    assert_true(axis.low < axis.high);
}

static void a_cut_axis_ends_where_it_was_cut(void **state)
{
    (void)state;
    const double values[2] = {0, 1};
    const rfim__range range = range_of(values, 2);
    rfim__axis axis;
    rfim__axis_linear(&axis, &range, 5, false);
    rfim__axis_cut(&axis, 0.3, 0.8); /* 0.8 is not exactly the tick's value */
    assert_int_equal(axis.count, 3);
    assert_string_equal(axis.ticks[0].label, "0.4");
    assert_string_equal(axis.ticks[2].label, "0.8");
    assert_true(rfim__axis_place(&axis, 0.3) == 0);
}

static void a_longer_axis_keeps_its_ticks(void **state)
{
    (void)state;
    const double values[2] = {1, 100};
    const rfim__range range = range_of(values, 2);
    rfim__axis axis;
    for (int logarithmic = 0; logarithmic < 2; logarithmic++) {
        if (logarithmic)
            rfim__axis_logarithmic(&axis, &range, 5);
        else
            rfim__axis_linear(&axis, &range, 5, false);
        const size_t count = axis.count;
        const double low = axis.low, high = axis.high;
        rfim__axis_lengthen(&axis, 0.25, 0.75); /* twice as long */
        assert_int_equal(axis.count, count);
        assert_true(fabs(rfim__axis_place(&axis, low) - 0.125) < 1e-12);
        assert_true(fabs(rfim__axis_place(&axis, high) - 0.625) < 1e-12);
    }
}

static void a_widened_range_spans_decades(void **state)
{
    (void)state;
    static const double ends[][2] = {{3, 3},           {1, 1.5},       {-1, 2},          {1, 100},
                                     {1e-300, 1e-300}, {1e300, 1e300}, {5e-324, DBL_MAX}};
    for (size_t number = 0; number < sizeof ends / sizeof ends[0]; number++) {
        rfim__range range = range_of(ends[number], 2);
        const rfim__range before = range;
        assert_true(rfim__range_widen(&range));
        assert_true(rfim__range_spans_decades(&range));
        assert_true(range.positive_low <= before.positive_low && range.high >= before.high);
        assert_true(range.low <= before.low && isfinite(range.high));
    }
    const double none[2] = {-1, 0};
    rfim__range range = range_of(none, 2);
    assert_false(rfim__range_widen(&range));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_cover_any_range),
        cmocka_unit_test(linear_ticks_are_round),
        cmocka_unit_test(ticks_of_epochs_are_whole),
        cmocka_unit_test(negative_labels_have_a_minus_and_zero_has_none),
        cmocka_unit_test(decades_have_minor_ticks_between_them),
        cmocka_unit_test(large_powers_are_raised),
        cmocka_unit_test(a_logarithm_of_nothing_positive_is_a_linear_axis),
        cmocka_unit_test(what_cannot_lie_on_an_axis_has_no_place),
        cmocka_unit_test(cells_are_numbered_from_one),
        cmocka_unit_test(a_cut_axis_ends_where_it_was_cut),
        cmocka_unit_test(a_longer_axis_keeps_its_ticks),
        cmocka_unit_test(a_widened_range_spans_decades),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
