/* One panel: logarithmic axes, dots, the diagonal. Where things lie is read off the labels. */
#include "io/chart.h"
#include "io/chart_frame.h"
#include "io/svg_read.h"
#include "io/watched_memory.h"
#include "io/xml_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DIAGONAL "stroke-dasharray=\"4 3\""

static int set_up(void **state)
{
    return rfim_context_create(NULL, (rfim_context **)state) == RFIM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    rfim_context_free(*state);
    return 0;
}

/* Draws one panel; the caller ends the picture. */
static const char *draw(rfim_context *context, const rfim__panel *panel, rfim__svg *svg)
{
    const rfim__chart chart = {.panels = panel, .panel_count = 1};
    rfim__chart_draw(context, &chart, svg);
    rfim__svg_finish(svg);
    assert_int_equal(svg->text.status, RFIM_OK);
    assert_true(xml_is_well_formed(svg->text.data));
    assert_null(strstr(svg->text.data, "nan"));
    assert_null(strstr(svg->text.data, "inf"));
    return svg->text.data;
}

/* Where the x axis (text in the middle) or the y axis (text at its end) has a label; NaN: no such
 * label. */
static double label_place(const char *picture, const char *label, bool of_y)
{
    const char *at = picture;
    while ((at = svg_text(at, label)) != NULL) {
        const char *anchor = strstr(at, of_y ? "text-anchor=\"end\"" : "text-anchor=\"middle\"");
        if (anchor && anchor < strchr(at, '>'))
            return of_y ? svg_number(at, "y") - 0.36 * RFIM__TICK_FONT : svg_number(at, "x");
        at++;
        at = strchr(at, '<'); /* the end of this one */
    }
    return NAN;
}

static void dots_lie_where_the_labels_say(void **state)
{
    static const char *const labels[] = {"0.1", "1", "10", "100"};
    const double x[] = {100, 0.1, 10, 1}, y[] = {0.1, 10, 1, 100};
    static const size_t x_label[] = {3, 0, 2, 1}, y_label[] = {0, 2, 1, 3};
    const rfim__series series = {.kind = RFIM__SERIES_DOTS, .x = x, .y = y, .count = 4};
    const rfim__panel panel = {.log_x = true, .log_y = true, .series = &series, .count = 1};
    rfim__svg svg;
    const char *at = draw(*state, &panel, &svg);
    assert_null(svg_next(at, "path"));
    for (size_t dot = 0; dot < 4; dot++) {
        at = svg_next(at + 1, "circle");
        assert_non_null(at);
        const double right = label_place(svg.text.data, labels[x_label[dot]], false);
        const double up = label_place(svg.text.data, labels[y_label[dot]], true);
        assert_true(fabs(svg_number(at, "cx") - right) < SVG_TOLERANCE);
        assert_true(fabs(svg_number(at, "cy") - up) < SVG_TOLERANCE);
    }
    assert_null(svg_next(at + 1, "circle"));
    assert_null(strstr(svg.text.data, "not shown"));
    rfim__svg_end(&svg);
}

static void a_power_law_is_a_straight_line(void **state)
{
    enum { RANKS = 785 };
    double x[RANKS], y[RANKS];
    for (size_t rank = 0; rank < RANKS; rank++) {
        x[rank] = (double)rank + 1;
        y[rank] = 50 * pow(x[rank], -2);
    }
    const rfim__series series = {.x = x, .y = y, .count = RANKS};
    const rfim__panel panel = {
        .whole_x = true, .log_x = true, .log_y = true, .series = &series, .count = 1};
    rfim__svg svg;
    const char *path = svg_next(draw(*state, &panel, &svg), "path");
    assert_non_null(path);
    double right[RANKS], down[RANKS];
    char *at = strchr(path, 'M');
    for (size_t rank = 0; rank < RANKS; rank++) {
        right[rank] = strtod(at + 1, &at);
        down[rank] = strtod(at, &at);
    }
    const double slope = (down[RANKS - 1] - down[0]) / (right[RANKS - 1] - right[0]);
    for (size_t rank = 0; rank < RANKS; rank++)
        assert_true(fabs(down[rank] - down[0] - slope * (right[rank] - right[0])) <
                    2 * SVG_TOLERANCE);
    assert_true(fabs(right[9] - label_place(svg.text.data, "10", false)) < SVG_TOLERANCE);
    rfim__svg_end(&svg);
}

static void few_ranks_are_whole_numbers_on_a_linear_axis(void **state)
{
    const double x[] = {1, 2, 3, 4}, y[] = {8, 4, 2, 1};
    const rfim__series series = {.x = x, .y = y, .count = 4};
    const rfim__panel panel = {
        .whole_x = true, .log_x = true, .log_y = true, .series = &series, .count = 1};
    rfim__svg svg;
    const char *picture = draw(*state, &panel, &svg);
    const double step = label_place(picture, "2", false) - label_place(picture, "1", false);
    assert_true(fabs(label_place(picture, "4", false) - label_place(picture, "1", false) -
                     3 * step) < 3 * SVG_TOLERANCE);
    assert_null(strstr(picture, ">1.5<"));
    rfim__svg_end(&svg);
}

static void dots_without_a_place_are_counted(void **state)
{
    const double x[] = {1, 10, 100, 0, NAN}, y[] = {1, -1, 100, 5, 5};
    const rfim__series dots = {.kind = RFIM__SERIES_DOTS, .x = x, .y = y, .count = 5};
    const rfim__series curve = {.x = x, .y = y, .count = 5};
    rfim__panel panel = {.log_x = true, .log_y = true, .series = &dots, .count = 1};
    rfim__svg svg;
    const char *picture = draw(*state, &panel, &svg);
    assert_non_null(svg_text(picture, "3 of 5 not shown"));
    assert_int_equal(occurrences(picture, "<circle"), 2);
    rfim__svg_end(&svg);
    panel.series = &curve;
    assert_null(strstr(draw(*state, &panel, &svg), "not shown"));
    rfim__svg_end(&svg);
}

/* Each element's dots, against the frame (the lines along the axes) and the note. */
static void dots_lie_neither_on_the_frame_nor_under_the_note(void **state)
{
    const double x[] = {1, 1, 100, 100, 0}, y[] = {1, 100, 1, 100, 5};
    for (int kind = 0; kind < 4; kind++) {
        const rfim__series dots = {
            .kind = RFIM__SERIES_DOTS, .x = x, .y = y, .count = kind & 1 ? 5 : 4};
        const rfim__panel panel = {
            .log_x = kind < 2, .log_y = kind < 2, .series = &dots, .count = 1};
        rfim__svg svg;
        const char *picture = draw(*state, &panel, &svg);
        const char *clip = svg_next(strstr(picture, "<clipPath"), "rect");
        const double left = svg_number(clip, "x") + 4, top = svg_number(clip, "y") + 4;
        const double width = svg_number(clip, "width") - 8;
        const double height = svg_number(clip, "height") - 8;
        const char *note = svg_text(picture, "1 of 5 not shown");
        assert_true((note != NULL) == (kind == 1));
        size_t found = 0;
        for (const char *at = picture; (at = svg_next(at + 1, "circle")) != NULL; found++) {
            const double right = svg_number(at, "cx"), down = svg_number(at, "cy");
            assert_true(right >= left + 4 && right <= left + width - 4);
            assert_true(down >= top + 4 && down <= top + height - 4);
            assert_true(!note || down - 2.4 > svg_number(note, "y"));
        }
        assert_int_equal(found, kind == 3 ? 5 : 4);
        rfim__svg_end(&svg);
    }
}

static void the_diagonal_passes_where_labels_are_the_same(void **state)
{
    /* x alone would be linear: the diagonal makes both logarithmic. */
    const double x[] = {8, 20}, y[] = {0.5, 70};
    const rfim__series series = {.kind = RFIM__SERIES_DOTS, .x = x, .y = y, .count = 2};
    rfim__panel panel = {
        .log_x = true, .log_y = true, .diagonal = true, .series = &series, .count = 1};
    rfim__svg svg;
    const char *picture = draw(*state, &panel, &svg);
    assert_int_equal(occurrences(picture, DIAGONAL), 1);
    const char *line = strstr(picture, DIAGONAL);
    while (*line != '<')
        line--;
    const double x1 = svg_number(line, "x1"), y1 = svg_number(line, "y1");
    const double x2 = svg_number(line, "x2"), y2 = svg_number(line, "y2");
    for (size_t number = 0; number < 2; number++) {
        const char *label = number == 0 ? "10" : "20";
        const double right = label_place(picture, label, false);
        const double up = label_place(picture, label, true);
        assert_true(right > x1 && right < x2);
        assert_true(fabs(y1 + (y2 - y1) * (right - x1) / (x2 - x1) - up) < 2 * SVG_TOLERANCE);
    }
    rfim__svg_end(&svg);
    panel.diagonal = false;
    assert_null(strstr(draw(*state, &panel, &svg), DIAGONAL));
    rfim__svg_end(&svg);
}

static void without_equal_values_there_is_no_diagonal(void **state)
{
    static const double x[] = {1, 10}, far[] = {1000, 20000}, zero[] = {0, 0};
    static const double *const other[] = {far, zero};
    for (size_t number = 0; number < 2; number++) {
        const rfim__series series = {.x = x, .y = other[number], .count = 2};
        const rfim__panel panel = {
            .log_x = true, .log_y = true, .diagonal = true, .series = &series, .count = 1};
        rfim__svg svg;
        assert_null(strstr(draw(*state, &panel, &svg), DIAGONAL));
        rfim__svg_end(&svg);
    }
}

/* What holds for labels below any logarithmic axis: they lie apart, and there are some. */
static void check_labels(double low, double ratio, double width)
{
    const double ends[2] = {low, low * ratio};
    rfim__range range;
    rfim__plot plot = {.box = {.width = width, .height = 100}};
    rfim__range_begin(&range);
    rfim__range_include(&range, ends, 2);
    rfim__axis_logarithmic(&plot.x, &range, (size_t)(width / 60) + 1);
    rfim__plot_space_labels(&plot);
    double edge = -INFINITY;
    size_t labels = 0;
    for (size_t number = 0; number < plot.x.count; number++) {
        const rfim__tick *tick = &plot.x.ticks[number];
        assert_int_equal(tick->minor, tick->label[0] == '\0');
        if (tick->minor)
            continue;
        const double half = rfim__svg_words_width(tick->label, RFIM__TICK_FONT) / 2;
        assert_true(rfim__plot_x(&plot, tick->value) - half > edge);
        edge = rfim__plot_x(&plot, tick->value) + half;
        labels++;
    }
    if (labels < 2)
        fail_msg("%zu labels from %g on, %g times as far, on %g pixels", labels, low, ratio, width);
}

static void labels_of_a_logarithmic_axis_lie_apart(void **state)
{
    (void)state;
    for (double width = 200; width < 900; width *= 1.3)
        for (double low = 1e-13; low < 1e9; low *= 3.7)
            for (double ratio = 5.1; ratio < 1e30; ratio *= 2.3)
                check_labels(low, ratio, width);
}

static void a_narrow_panel_leaves_labels_away(void **state)
{
    const double x[] = {1, 785}, y[] = {1e-9, 1e-3};
    const rfim__series series = {.x = x, .y = y, .count = 2};
    const rfim__panel panel = {.log_x = true, .log_y = true, .series = &series, .count = 1};
    const rfim__panel panels[3] = {panel, panel, panel};
    const rfim__chart narrow = {.panels = panels, .panel_count = 3};
    rfim__svg svg;
    assert_non_null(svg_text(draw(*state, &panel, &svg), "200"));
    rfim__svg_end(&svg);
    rfim__chart_draw(*state, &narrow, &svg);
    assert_null(svg_text(svg.text.data, "200"));
    assert_non_null(svg_text(svg.text.data, "500"));
    rfim__svg_end(&svg);
}

static void dots_have_markers_where_colours_repeat(void **state)
{
    const double x[] = {1, 2, 3, NAN};
    const rfim__series series = {
        .kind = RFIM__SERIES_DOTS, .x = x, .y = x, .count = 4, .colour = 10};
    const rfim__panel panel = {.series = &series, .count = 1};
    rfim__svg svg;
    const char *picture = draw(*state, &panel, &svg);
    assert_null(svg_next(picture, "circle"));
    assert_int_equal(occurrences(picture, "fill=\"#0072B2\""), 3);
    rfim__svg_end(&svg);
}

static void room_for_labels_aligns_plots(void **state)
{
    const double x[] = {1, 2}, y[2][2] = {{1, 2}, {1e7, 2e7}};
    double left[2];
    for (size_t number = 0; number < 2; number++) {
        const rfim__series series = {.x = x, .y = y[number], .count = 2};
        const rfim__panel panel = {.label_room = 80, .series = &series, .count = 1};
        rfim__svg svg;
        left[number] = label_place(draw(*state, &panel, &svg), "1.0", false);
        rfim__svg_end(&svg);
    }
    assert_true(left[0] > 80 && left[0] == left[1]);
}

static void short_memory_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3};
    const rfim__series series = {.kind = RFIM__SERIES_DOTS, .x = x, .y = x, .count = 3};
    const rfim__panel panel = {.diagonal = true, .series = &series, .count = 1};
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
        cmocka_unit_test(dots_lie_where_the_labels_say),
        cmocka_unit_test(a_power_law_is_a_straight_line),
        cmocka_unit_test(few_ranks_are_whole_numbers_on_a_linear_axis),
        cmocka_unit_test(dots_without_a_place_are_counted),
        cmocka_unit_test(dots_lie_neither_on_the_frame_nor_under_the_note),
        cmocka_unit_test(the_diagonal_passes_where_labels_are_the_same),
        cmocka_unit_test(without_equal_values_there_is_no_diagonal),
        cmocka_unit_test(labels_of_a_logarithmic_axis_lie_apart),
        cmocka_unit_test(a_narrow_panel_leaves_labels_away),
        cmocka_unit_test(dots_have_markers_where_colours_repeat),
        cmocka_unit_test(room_for_labels_aligns_plots),
        cmocka_unit_test(short_memory_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
