#include "io/chart.h"
#include "io/chart_axis.h"
#include "io/watched_memory.h"
#include "io/xml_check.h"

#include <float.h>
#include <math.h>
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

/* Draws one panel of one series; the caller ends the picture. */
static void draw(rfim_context *context, const rfim__series *series, size_t count, const char *name,
                 rfim__svg *svg)
{
    const rfim__panel panel = {.title = "P <1>",
                               .x_title = "epoch & more",
                               .y_title = "loss",
                               .whole_x = true,
                               .log_y = true,
                               .series = series,
                               .count = count};
    const rfim__legend_entry entry = {.name = name};
    const rfim__chart chart = {.title = "A \"chart\"",
                               .panels = &panel,
                               .panel_count = 1,
                               .legend = &entry,
                               .legend_count = name ? 1 : 0};
    rfim__chart_draw(context, &chart, svg);
    rfim__svg_finish(svg);
    assert_int_equal(svg->text.status, RFIM_OK);
    assert_true(xml_is_well_formed(svg->text.data));
    assert_null(strstr(svg->text.data, "nan"));
    assert_null(strstr(svg->text.data, "inf"));
}

static void a_chart_has_titles_labels_and_legend(void **state)
{
    const double x[3] = {1, 2, 3}, y[3] = {0.5, 0.05, 0.01};
    const rfim__series series = {.x = x, .y = y, .count = 3, .dashed = true};
    rfim__svg svg;
    draw(*state, &series, 1, "run <a>", &svg);
    static const char *const parts[] = {
        "A &#34;chart&#34;", "P &#60;1&#62;", "epoch &#38; more", ">loss<",
        "run &#60;a&#62;",   ">0.1<",         "stroke-dasharray", "#0072B2"};
    for (size_t number = 0; number < sizeof parts / sizeof parts[0]; number++)
        if (!strstr(svg.text.data, parts[number]))
            fail_msg("%s is missing", parts[number]);
    rfim__svg_end(&svg);
}

static void empty_and_single_points_are_drawn(void **state)
{
    const double x[1] = {1}, y[1] = {0.5};
    const rfim__series empty = {.x = x, .y = y, .count = 0};
    const rfim__series single = {.x = x, .y = y, .count = 1};
    rfim__svg svg;
    draw(*state, NULL, 0, NULL, &svg);
    assert_null(strstr(svg.text.data, "<circle"));
    rfim__svg_end(&svg);
    draw(*state, &empty, 1, NULL, &svg);
    assert_null(strstr(svg.text.data, "<circle"));
    rfim__svg_end(&svg);
    draw(*state, &single, 1, NULL, &svg);
    assert_non_null(strstr(svg.text.data, "<circle"));
    rfim__svg_end(&svg);
}

static void numbers_that_cannot_be_drawn_break_the_curve(void **state)
{
    enum { COUNT = 20 }; /* more than are dotted one by one */
    double x[COUNT], y[COUNT];
    for (size_t point = 0; point < COUNT; point++) {
        x[point] = (double)point;
        y[point] = 1 + (double)point;
    }
    y[5] = NAN;
    y[10] = 0; /* has no logarithm */
    y[15] = -INFINITY;
    const rfim__series series = {.x = x, .y = y, .count = COUNT};
    rfim__svg svg;
    draw(*state, &series, 1, NULL, &svg);
    assert_int_equal(occurrences(svg.text.data, "<path"), 4);
    rfim__svg_end(&svg);
}

static void bands_lie_under_curves_and_inside_the_axes(void **state)
{
    const double x[3] = {1, 2, 3}, y[3] = {1, 1, 1};
    const double low[3] = {0.5, 0.5, 0.02}, high[3] = {2, 2, 70};
    const rfim__series series = {.x = x, .y = y, .low = low, .high = high, .count = 3};
    rfim__svg svg;
    draw(*state, &series, 1, NULL, &svg);
    assert_non_null(strstr(svg.text.data, ">0.1<"));
    assert_non_null(strstr(svg.text.data, ">10<"));
    const char *band = strstr(svg.text.data, "fill-opacity=\"0.18\"");
    const char *curve = strstr(svg.text.data, "stroke=\"#0072B2\"");
    assert_non_null(band);
    assert_non_null(curve);
    assert_true(band < curve);
    rfim__svg_end(&svg);
}

static void long_names_are_shortened_to_fit(void **state)
{
    static const char begin[5] = {'b', 'e', 'g', 'i', 'n'};
    char name[2000];
    memset(name, 'm', sizeof name);
    memcpy(name, begin, sizeof begin);
    memcpy(name + sizeof name - 4, "end", 4);
    rfim__svg svg;
    draw(*state, NULL, 0, name, &svg);
    const char *shown = strstr(svg.text.data, ">begin");
    assert_non_null(shown);
    assert_non_null(strstr(shown, "\xE2\x80\xA6"));
    assert_non_null(strstr(shown, "end</text>"));
    assert_true(strcspn(shown, "/") < 120);
    rfim__svg_end(&svg);

    /* Characters of several bytes are never cut apart. */
    for (size_t at = 0; at + 3 < sizeof name; at += 2)
        memcpy(name + at, "\xC3\xA9", 3);
    draw(*state, NULL, 0, name, &svg);
    assert_null(strstr(svg.text.data, "\xEF\xBF\xBD"));
    rfim__svg_end(&svg);
}

static void the_legend_grows_downwards(void **state)
{
    enum { COUNT = 30 };
    rfim__legend_entry entries[COUNT];
    const rfim__panel panel = {.x_title = "x"};
    double height[2];
    for (size_t number = 0; number < COUNT; number++)
        entries[number] = (rfim__legend_entry){.name = "a name of some length", .colour = number};
    for (size_t many = 0; many < 2; many++) {
        const rfim__chart chart = {.panels = &panel,
                                   .panel_count = 1,
                                   .legend = entries,
                                   .legend_count = many ? COUNT : 1};
        rfim__svg svg;
        rfim__chart_draw(*state, &chart, &svg);
        height[many] = svg.height;
        rfim__svg_finish(&svg);
        assert_true(xml_is_well_formed(svg.text.data));
        assert_int_equal(occurrences(svg.text.data, "a name of some length"), chart.legend_count);
        rfim__svg_end(&svg);
    }
    assert_true(height[1] >= height[0] + 5 * 20);
}

static void colours_differ_from_one_another(void **state)
{
    (void)state;
    for (size_t a = 0; a < 10; a++)
        for (size_t b = 0; b < a; b++)
            assert_string_not_equal(rfim__chart_colour(a), rfim__chart_colour(b));
    assert_string_equal(rfim__chart_colour(0), "#0072B2");
    assert_non_null(rfim__chart_colour(SIZE_MAX - 1));
}

/* All that is drawn in a colour, for one curve of three points and its legend. */
static size_t draw_in_colour(rfim_context *context, size_t colour)
{
    const double x[3] = {1, 2, 3};
    const rfim__series series = {.x = x, .y = x, .count = 3, .colour = colour};
    const rfim__panel panel = {.series = &series, .count = 1};
    const rfim__legend_entry entry = {.name = "a", .colour = colour};
    const rfim__chart chart = {
        .panels = &panel, .panel_count = 1, .legend = &entry, .legend_count = 1};
    rfim__svg svg;
    rfim__chart_draw(context, &chart, &svg);
    rfim__svg_finish(&svg);
    assert_true(xml_is_well_formed(svg.text.data));
    size_t found = occurrences(svg.text.data, rfim__chart_colour(colour));
    size_t rectangles = occurrences(svg.text.data, "<rect");
    size_t circles = occurrences(svg.text.data, "<circle");
    rfim__svg_end(&svg);
    return found + 100 * rectangles + 10000 * circles;
}

static void colours_that_repeat_get_markers(void **state)
{
    size_t plain = draw_in_colour(*state, 3);
    size_t squares = draw_in_colour(*state, 13);
    size_t triangles = draw_in_colour(*state, 23);
    /* The line, its three dots and the legend; then markers for the dots and one in the legend. */
    assert_int_equal(plain % 100, 5);
    assert_int_equal(squares % 100, 6);
    assert_int_equal(triangles % 100, 6);
    assert_int_equal(plain / 10000, 3);
    assert_int_equal(squares / 10000, 0);
    assert_int_equal(triangles / 10000, 0);
    assert_int_equal(squares / 100 - triangles / 100, 4);
    assert_int_equal(draw_in_colour(*state, 33) % 100, 6);
}

static void short_memory_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    const double x[3] = {1, 2, 3};
    const rfim__series series = {.x = x, .y = x, .count = 3};
    const rfim__panel panel = {.series = &series, .count = 1};
    const rfim__chart chart = {.panels = &panel, .panel_count = 1};
    rfim_status status = RFIM_ERROR_MEMORY;
    for (size_t fail_from = 2; status != RFIM_OK; fail_from++) {
        watched_memory memory;
        rfim__svg svg;
        rfim_context *context = watched_context(&memory, fail_from);
        rfim__chart_draw(context, &chart, &svg);
        status = svg.text.status;
        assert_true(status == RFIM_OK || status == RFIM_ERROR_MEMORY);
        rfim__svg_end(&svg);
        rfim_context_free(context);
        assert_int_equal(memory.blocks, 0);
    }
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
        cmocka_unit_test(a_chart_has_titles_labels_and_legend),
        cmocka_unit_test(empty_and_single_points_are_drawn),
        cmocka_unit_test(numbers_that_cannot_be_drawn_break_the_curve),
        cmocka_unit_test(bands_lie_under_curves_and_inside_the_axes),
        cmocka_unit_test(long_names_are_shortened_to_fit),
        cmocka_unit_test(the_legend_grows_downwards),
        cmocka_unit_test(colours_differ_from_one_another),
        cmocka_unit_test(colours_that_repeat_get_markers),
        cmocka_unit_test(short_memory_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
