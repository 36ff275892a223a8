/* Heat maps: the colours that are drawn, bin by bin, and what the labels say of them. */
#include "io/chart_ramp.h"
#include "io/heat_map.h"
#include "io/svg_read.h"
#include "io/watched_memory.h"
#include "io/xml_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const rfim__box box = {10, 20, 320, 240};

static int set_up(void **state)
{
    return rfim_context_create(NULL, (rfim_context **)state) == RFIM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    rfim_context_free(*state);
    return 0;
}

/* Draws a map; the caller ends the picture. */
static const char *draw(rfim_context *context, const rfim__heat_map *map, rfim__svg *svg)
{
    rfim__svg_begin(svg, context, 340, 280, NULL);
    rfim__heat_map_draw(context, map, box, svg);
    rfim__svg_finish(svg);
    assert_int_equal(svg->text.status, RFIM_OK);
    assert_true(xml_is_well_formed(svg->text.data));
    assert_null(strstr(svg->text.data, "nan"));
    assert_null(strstr(svg->text.data, "inf"));
    return svg->text.data;
}

/* The map itself, which is drawn before its colour bar; the caller frees the pixels. */
static svg_image draw_image(rfim_context *context, const rfim__heat_map *map)
{
    rfim__svg svg;
    svg_image image;
    const char *element = svg_next(draw(context, map, &svg), "image");
    assert_non_null(element);
    assert_true(svg_read_image(element, &image));
    rfim__svg_end(&svg);
    return image;
}

/* The colour drawn at places 0 ... 1 from the upper left corner. */
static const uint8_t *colour_at(const svg_image *image, double down, double right)
{
    const size_t row = (size_t)(down * (double)image->rows);
    const size_t column = (size_t)(right * (double)image->columns);
    return image->pixels + (row * image->columns + column) * 3;
}

static void assert_colour(const svg_image *image, double down, double right, double place)
{
    uint8_t expected[3];
    rfim__chart_ramp(place, expected);
    assert_memory_equal(colour_at(image, down, right), expected, 3);
}

static void every_number_has_its_colour_and_row_1_is_on_top(void **state)
{
    const double values[2][3] = {{0, 0.25, 0.5}, {0.75, 1, NAN}};
    const rfim__heat_map map = {.values = values[0], .rows = 2, .columns = 3, .low = 0, .high = 1};
    svg_image image = draw_image(*state, &map);
    for (size_t row = 0; row < 2; row++)
        for (size_t column = 0; column < 3; column++)
            for (int corner = 0; corner < 4; corner++) /* its corners, a little inside */
                assert_colour(&image, ((double)row + (corner / 2 ? 0.98 : 0.02)) / 2,
                              ((double)column + (corner % 2 ? 0.98 : 0.02)) / 3,
                              values[row][column]);
    /* Viewers that smooth blur a pixel: here half of one of the page's at most. */
    assert_true((double)image.columns >= 2 * floor(image.width));
    assert_true((double)image.rows >= 2 * floor(image.height));
    free(image.pixels);
}

static void too_many_numbers_are_drawn_as_means(void **state)
{
    enum { ROWS = 700, COLUMNS = 3001 };
    double *values = malloc(ROWS * COLUMNS * sizeof *values);
    for (size_t row = 0; row < ROWS; row++)
        for (size_t column = 0; column < COLUMNS; column++)
            values[row * COLUMNS + column] = (double)row / ROWS + (column % 2 ? 0.3 : -0.3);
    const rfim__heat_map map = {
        .values = values, .rows = ROWS, .columns = COLUMNS, .low = -0.5, .high = 1.5};
    svg_image image = draw_image(*state, &map);
    assert_int_equal(image.columns, (size_t)image.width);
    assert_int_equal(image.rows, (size_t)image.height);
    for (size_t row = 0; row < image.rows; row++)
        for (size_t column = 0; column < image.columns; column++) {
            const double mean = ((double)row + 0.5) / (double)image.rows;
            const uint8_t *seen = image.pixels + (row * image.columns + column) * 3;
            uint8_t rgb[3];
            /* Odd bins of 15 columns hold one 0.3 more than -0.3: 0.02. Rows of a bin: 4 or 5 of
             * 700, so that its middle is right to 0.003. */
            rfim__chart_ramp((mean + 0.5) / 2, rgb);
            for (size_t channel = 0; channel < 3; channel++)
                assert_in_range(seen[channel] + 10 - rgb[channel], 0, 20);
        }
    free(image.pixels);
    free(values);
}

static void means_leave_out_what_is_not_finite(void **state)
{
    enum { COLUMNS = 5000 };
    double *values = malloc(COLUMNS * sizeof *values);
    for (size_t column = 0; column < COLUMNS; column++)
        values[column] = column < COLUMNS / 2 ? (column % 2 ? 0.5 : NAN) : INFINITY;
    const rfim__heat_map map = {
        .values = values, .rows = 1, .columns = COLUMNS, .low = 0, .high = 1};
    svg_image image = draw_image(*state, &map);
    assert_colour(&image, 0.5, 0, 0.5);
    assert_colour(&image, 0.5, 0.49, 0.5);
    assert_colour(&image, 0.5, 0.51, NAN);
    assert_colour(&image, 0.5, 0.999, NAN);
    free(image.pixels);
    free(values);
}

static void grey_is_explained_where_there_is_any(void **state)
{
    double values[2] = {0.5, 0.75};
    const rfim__heat_map map = {.values = values, .rows = 1, .columns = 2, .low = 0, .high = 1};
    rfim__svg svg;
    assert_null(svg_text(draw(*state, &map, &svg), "none"));
    rfim__svg_end(&svg);
    values[1] = NAN;
    const char *picture = draw(*state, &map, &svg);
    assert_non_null(svg_text(picture, "none"));
    assert_non_null(strstr(picture, "fill=\"#c4c4c4\""));
    rfim__svg_end(&svg);
}

static void labels_lie_in_the_middle_of_their_rows_and_columns(void **state)
{
    double values[10 * 4] = {0};
    const rfim__heat_map map = {
        .values = values, .rows = 10, .columns = 4, .low = -1, .high = 1, .value_title = "v"};
    rfim__svg svg;
    const char *picture = draw(*state, &map, &svg);
    const char *image = svg_next(picture, "image");
    const double left = svg_number(image, "x"), width = svg_number(image, "width");
    const double top = svg_number(image, "y"), height = svg_number(image, "height");
    const char *column = svg_text(picture, "3");
    const char *row = svg_text(picture, "8");
    assert_non_null(column);
    assert_non_null(row);
    assert_true(fabs(svg_number(column, "x") - (left + width * 2.5 / 4)) < SVG_TOLERANCE);
    assert_true(fabs(svg_number(row, "y") - 0.36 * RFIM__TICK_FONT - (top + height * 7.5 / 10)) <
                SVG_TOLERANCE);
    assert_null(svg_text(picture, "0"));
    assert_null(svg_text(picture, "12"));
    rfim__svg_end(&svg);
}

static void labels_of_columns_lie_apart(void **state)
{
    double *values = calloc(100000, sizeof *values);
    for (size_t columns = 1; columns <= 100000; columns = columns * 5 / 3 + 1) {
        const rfim__heat_map map = {.values = values, .rows = 1, .columns = columns};
        rfim__svg svg;
        const char *picture = draw(*state, &map, &svg);
        double edge = 0;
        size_t labels = 0;
        for (const char *at = picture; (at = svg_next(at, "text")) != NULL; at++) {
            const char *anchor = strstr(at, "text-anchor=\"middle\"");
            if (!anchor || anchor > strchr(at, '>'))
                continue;
            const double digits = (double)strspn(strchr(at, '>') + 1, "0123456789");
            const double half = digits * 0.6 * RFIM__TICK_FONT / 2; /* of their width */
            assert_true(svg_number(at, "x") - half > edge);
            edge = svg_number(at, "x") + half;
            labels++;
        }
        assert_in_range(labels, columns == 1 ? 1 : 2, 12);
        rfim__svg_end(&svg);
    }
    free(values);
}

/* Where the colour bar has a label: 0 at its lower end, 1 at its upper end; NaN: no such label. */
static double bar_place(const char *picture, const char *label)
{
    const char *bar = svg_next(svg_next(picture, "image") + 1, "image");
    const char *text = svg_text(bar, label);
    if (!text)
        return NAN;
    const double up = svg_number(bar, "y") + svg_number(bar, "height") -
                      (svg_number(text, "y") - 0.36 * RFIM__TICK_FONT);
    return up / svg_number(bar, "height");
}

static void the_colour_bar_shows_the_scale(void **state)
{
    const double values[3] = {-5, 0.5, 7};
    rfim__heat_map map = {.values = values, .rows = 1, .columns = 3, .low = 0, .high = 1};
    const double tolerance = 3 * SVG_TOLERANCE / 100; /* the bar has more than 100 pixels */
    rfim__svg svg;
    const char *picture = draw(*state, &map, &svg);
    assert_true(fabs(bar_place(picture, "0.0")) < tolerance);
    assert_true(fabs(bar_place(picture, "0.4") - 0.4) < tolerance);
    assert_true(fabs(bar_place(picture, "1.0") - 1) < tolerance);
    svg_image bar;
    assert_true(svg_read_image(svg_next(svg_next(picture, "image") + 1, "image"), &bar));
    assert_int_equal(bar.columns, 1);
    for (size_t row = 0; row < bar.rows; row++)
        assert_colour(&bar, ((double)row + 0.5) / (double)bar.rows, 0,
                      1 - ((double)row + 0.5) / (double)bar.rows);
    free(bar.pixels);
    rfim__svg_end(&svg);

    /* What lies outside a given scale has the colours of its ends; no scale: from the values. */
    svg_image image = draw_image(*state, &map);
    assert_colour(&image, 0.5, 0.1, 0);
    assert_colour(&image, 0.5, 0.5, 0.5);
    assert_colour(&image, 0.5, 0.9, 1);
    free(image.pixels);
    map.low = map.high = 0;
    picture = draw(*state, &map, &svg);
    assert_true(fabs(bar_place(picture, "\xE2\x88\x92"
                                        "5")) < tolerance);
    assert_true(fabs(bar_place(picture, "10") - 1) < tolerance);
    rfim__svg_end(&svg);
}

static void extreme_values_are_drawn(void **state)
{
    static const double maps[][4] = {{1e308, 1e308, -1e308, 0}, {0.5, 0.5, 0.5, 0.5},
                                     {NAN, NAN, INFINITY, NAN}, {0, 0, 0, 0},
                                     {1e-320, 0, 0, 0},         {-INFINITY, 1, 2, 3}};
    for (size_t number = 0; number < sizeof maps / sizeof maps[0]; number++)
        for (size_t rows = 1; rows <= 4; rows *= 2) {
            const rfim__heat_map map = {.values = maps[number], .rows = rows, .columns = 4 / rows};
            svg_image image = draw_image(*state, &map);
            for (size_t index = 0; index < 4; index++) {
                const size_t row = index / map.columns, column = index % map.columns;
                if (!isfinite(maps[number][index]))
                    assert_colour(&image, ((double)row + 0.5) / (double)rows,
                                  ((double)column + 0.5) / (double)map.columns, NAN);
            }
            free(image.pixels);
        }
}

static void means_of_the_largest_numbers_are_not_grey(void **state)
{
    enum { COLUMNS = 2000 };
    double values[COLUMNS];
    for (size_t column = 0; column < COLUMNS; column++)
        values[column] = 1.7e308;
    const rfim__heat_map map = {
        .values = values, .rows = 1, .columns = COLUMNS, .low = 0, .high = 1};
    svg_image image = draw_image(*state, &map);
    assert_colour(&image, 0.5, 0.5, 1);
    free(image.pixels);
}

static void no_numbers_are_an_empty_frame_that_says_so(void **state)
{
    static const double value = 1;
    const rfim__heat_map maps[] = {{.title = "T <1>", .values = &value, .rows = 0, .columns = 3},
                                   {.title = "T <1>", .values = &value, .rows = 3, .columns = 0},
                                   {.title = "T <1>", .values = NULL, .rows = 3, .columns = 3}};
    for (size_t number = 0; number < sizeof maps / sizeof maps[0]; number++) {
        rfim__svg svg;
        const char *picture = draw(*state, &maps[number], &svg);
        assert_null(svg_next(picture, "image"));
        assert_non_null(svg_text(picture, "nothing to show"));
        assert_non_null(svg_text(picture, "T &#60;1&#62;"));
        rfim__svg_end(&svg);
    }
}

static void titles_are_there(void **state)
{
    static const double value = 1;
    const rfim__heat_map map = {.title = "zone",
                                .x_title = "sample",
                                .y_title = "neuron",
                                .value_title = "nu",
                                .values = &value,
                                .rows = 1,
                                .columns = 1};
    rfim__svg svg;
    const char *picture = draw(*state, &map, &svg);
    assert_non_null(svg_text(picture, "zone"));
    assert_non_null(svg_text(picture, "sample"));
    assert_non_null(svg_text(picture, "neuron"));
    /* Within the box: half the height of its letters at most lies right of its base line. */
    assert_true(svg_number(svg_text(picture, "nu"), "x") <= box.x + box.width);
    rfim__svg_end(&svg);
}

static void short_memory_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    const double values[4] = {0, 1, 2, 3};
    const rfim__heat_map map = {.values = values, .rows = 2, .columns = 2};
    rfim_status status = RFIM_ERROR_MEMORY;
    for (size_t fail_from = 2; status != RFIM_OK; fail_from++) {
        watched_memory memory;
        rfim__svg svg;
        rfim_context *context = watched_context(&memory, fail_from);
        rfim__svg_begin(&svg, context, 340, 280, NULL);
        rfim__heat_map_draw(context, &map, box, &svg);
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
        cmocka_unit_test(every_number_has_its_colour_and_row_1_is_on_top),
        cmocka_unit_test(too_many_numbers_are_drawn_as_means),
        cmocka_unit_test(means_leave_out_what_is_not_finite),
        cmocka_unit_test(grey_is_explained_where_there_is_any),
        cmocka_unit_test(labels_lie_in_the_middle_of_their_rows_and_columns),
        cmocka_unit_test(labels_of_columns_lie_apart),
        cmocka_unit_test(the_colour_bar_shows_the_scale),
        cmocka_unit_test(extreme_values_are_drawn),
        cmocka_unit_test(means_of_the_largest_numbers_are_not_grey),
        cmocka_unit_test(no_numbers_are_an_empty_frame_that_says_so),
        cmocka_unit_test(titles_are_there),
        cmocka_unit_test(short_memory_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
