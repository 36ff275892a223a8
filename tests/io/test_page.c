/* Pages: how they grow, how their pictures align, and what stands where a picture is missing. */
#include "io/page.h"
#include "io/svg_read.h"
#include "io/watched_memory.h"
#include "io/xml_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ROWS 4

static const double x[] = {1, 10, 100}, y[] = {5, 0.1, 0.002}, nu[] = {0, 0.5, NAN, 1};
static const rfim__series curve = {.x = x, .y = y, .count = 3};
static const rfim__series dots = {.kind = RFIM__SERIES_DOTS, .x = x, .y = y, .count = 3};
static const rfim__panel spectrum = {.title = "spectrum",
                                     .whole_x = true,
                                     .log_x = true,
                                     .log_y = true,
                                     .series = &curve,
                                     .count = 1};
static const rfim__panel traces = {
    .title = "traces", .log_x = true, .log_y = true, .diagonal = true, .series = &dots, .count = 1};
static const rfim__heat_map zones = {
    .title = "zones", .values = nu, .rows = 2, .columns = 2, .low = 0, .high = 1};
static const rfim__page_row full = {
    .heading = "Layer <1>",
    .words = "trace 3",
    .cells = {{.panel = &spectrum}, {.heat_map = &zones}, {.panel = &traces}}};

static int set_up(void **state)
{
    return rfim_context_create(NULL, (rfim_context **)state) == RFIM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    rfim_context_free(*state);
    return 0;
}

/* Draws a page of rows; the caller ends the picture. */
static const char *draw(rfim_context *context, const rfim__page_row *rows, size_t count,
                        rfim__svg *svg)
{
    static const char *const subtitles[] = {"one model", "two words & more"};
    const rfim__page page = {.title = "The metric",
                             .subtitles = subtitles,
                             .subtitle_count = 2,
                             .rows = rows,
                             .row_count = count};
    rfim__page_draw(context, &page, svg);
    rfim__svg_finish(svg);
    assert_int_equal(svg->text.status, RFIM_OK);
    assert_true(xml_is_well_formed(svg->text.data));
    assert_null(strstr(svg->text.data, "nan"));
    return svg->text.data;
}

static double height_of(rfim_context *context, const rfim__page_row *rows, size_t count)
{
    rfim__svg svg;
    draw(context, rows, count, &svg);
    rfim__svg_end(&svg);
    return svg.height;
}

static void a_page_holds_all_its_rows(void **state)
{
    const rfim__page_row rows[ROWS] = {full, full, full, full};
    rfim__svg svg;
    const char *picture = draw(*state, rows, ROWS, &svg);
    assert_non_null(svg_text(picture, "The metric"));
    assert_non_null(svg_text(picture, "one model"));
    assert_non_null(svg_text(picture, "two words &#38; more"));
    assert_int_equal(occurrences(picture, ">Layer &#60;1&#62;<"), ROWS);
    assert_int_equal(occurrences(picture, ">trace 3<"), ROWS);
    assert_int_equal(occurrences(picture, ">spectrum<"), ROWS);
    assert_int_equal(occurrences(picture, ">zones<"), ROWS);
    assert_int_equal(occurrences(picture, ">traces<"), ROWS);
    rfim__svg_end(&svg);
}

static void names_inside_the_file_are_unique(void **state)
{
    const rfim__page_row rows[ROWS] = {full, full, full, full};
    rfim__svg svg;
    const char *picture = draw(*state, rows, ROWS, &svg);
    size_t names = 0;
    for (const char *at = picture; (at = strstr(at, " id=\"")) != NULL; at++) {
        char name[40];
        snprintf(name, sizeof name, "%.*s\"", (int)strcspn(at + 5, "\"") + 5, at);
        assert_int_equal(occurrences(picture, name), 1);
        names++;
    }
    assert_int_equal(names, 2 * ROWS); /* each panel clips its curves */
    rfim__svg_end(&svg);
}

static void everything_lies_on_the_page_and_columns_align(void **state)
{
    /* The labels of its rows are longer. */
    static const double many[120] = {0};
    static const rfim__heat_map tall = {
        .title = "zones", .values = many, .rows = 120, .columns = 1, .low = 0, .high = 1};
    rfim__page_row rows[ROWS] = {full, full, full, full};
    rows[1].cells[1].heat_map = &tall;
    rfim__svg svg;
    const char *picture = draw(*state, rows, ROWS, &svg);
    double left = NAN, bottom = 0;
    size_t maps = 0;
    for (const char *at = picture; (at = svg_next(at, "image")) != NULL; at++) {
        if (svg_number(at, "width") < 100) /* a colour bar */
            continue;
        assert_true(maps == 0 || svg_number(at, "x") == left);
        assert_true(svg_number(at, "y") > bottom + 50); /* titles and words lie between */
        left = svg_number(at, "x");
        bottom = svg_number(at, "y") + svg_number(at, "height");
        maps++;
    }
    assert_int_equal(maps, ROWS);
    for (const char *at = picture; (at = svg_next(at, "text")) != NULL; at++)
        assert_true(svg_number(at, "x") >= 0 && svg_number(at, "x") <= svg.width &&
                    svg_number(at, "y") >= 0 && svg_number(at, "y") <= svg.height);
    rfim__svg_end(&svg);
}

static void the_page_grows_with_rows_and_words(void **state)
{
    rfim__page_row rows[ROWS] = {full, full, full, full};
    const double none = height_of(*state, NULL, 0);
    const double one = height_of(*state, rows, 1);
    const double four = height_of(*state, rows, ROWS);
    /* Sums of a few numbers below 2000: rounding is far smaller. */
    assert_true(one > none + 200);
    assert_true(fabs(four - none - 4 * (one - none)) < 1e-9);
    char words[600];
    memset(words, 'm', sizeof words);
    for (size_t at = 20; at < sizeof words; at += 20)
        words[at] = ' ';
    words[sizeof words - 1] = '\0';
    rows[0].words = words;
    assert_true(height_of(*state, rows, 1) > one + 3 * 12);
    rows[0].words = NULL;
    assert_true(height_of(*state, rows, 1) < one - 12);
}

static void a_picture_left_out_says_why_if_there_is_a_why(void **state)
{
    rfim__page_row row = {.heading = "Layer 4",
                          .cells = {{.panel = &spectrum}, {.why = "it would be <too> large"}}};
    rfim__svg svg;
    const char *picture = draw(*state, &row, 1, &svg);
    const char *why = svg_text(picture, "it would be &#60;too&#62; large");
    assert_non_null(why);
    /* In the second of three columns. */
    assert_true(svg_number(why, "x") > svg.width / 3 && svg_number(why, "x") < svg.width * 2 / 3);
    assert_int_equal(occurrences(picture, "#f6f6f6"), 1);
    const double height = svg.height;
    rfim__svg_end(&svg);
    row.cells[1].why = NULL;
    assert_null(strstr(draw(*state, &row, 1, &svg), "#f6f6f6"));
    assert_true(svg.height == height);
    rfim__svg_end(&svg);
}

static void a_row_without_pictures_takes_no_room_for_them(void **state)
{
    rfim__page_row row = full;
    const double height = height_of(*state, &row, 1);
    memset(row.cells, 0, sizeof row.cells);
    assert_true(height_of(*state, &row, 1) < height - 200);
}

static void a_page_of_nothing_is_a_page(void **state)
{
    const rfim__page page = {.title = NULL};
    rfim__svg svg;
    rfim__page_draw(*state, &page, &svg);
    rfim__svg_finish(&svg);
    assert_int_equal(svg.text.status, RFIM_OK);
    assert_true(xml_is_well_formed(svg.text.data));
    rfim__svg_end(&svg);
}

static void short_memory_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    const rfim__page page = {.title = "T", .rows = &full, .row_count = 1};
    rfim_status status = RFIM_ERROR_MEMORY;
    for (size_t fail_from = 2; status != RFIM_OK; fail_from++) {
        watched_memory memory;
        rfim__svg svg;
        rfim_context *context = watched_context(&memory, fail_from);
        rfim__page_draw(context, &page, &svg);
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
        cmocka_unit_test(a_page_holds_all_its_rows),
        cmocka_unit_test(names_inside_the_file_are_unique),
        cmocka_unit_test(everything_lies_on_the_page_and_columns_align),
        cmocka_unit_test(the_page_grows_with_rows_and_words),
        cmocka_unit_test(a_picture_left_out_says_why_if_there_is_a_why),
        cmocka_unit_test(a_row_without_pictures_takes_no_room_for_them),
        cmocka_unit_test(a_page_of_nothing_is_a_page),
        cmocka_unit_test(short_memory_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
