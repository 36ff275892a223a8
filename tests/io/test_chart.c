#include "io/chart.h"
#include "io/watched_memory.h"
#include "io/xml_check.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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
