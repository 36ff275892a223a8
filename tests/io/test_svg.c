#include "core/file.h"
#include "io/svg.h"
#include "io/watched_memory.h"
#include "io/xml_check.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const rfim__svg_pen pen = {"#0072B2", 1.5, "6 4"};
static const rfim__svg_font font = {.size = 12, .colour = "#333333"};

static int set_up(void **state)
{
    return rfim_context_create(NULL, (rfim_context **)state) == RFIM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    rfim_context_free(*state);
    return 0;
}

static void the_checker_itself_tells_good_from_bad(void **state)
{
    (void)state;
    assert_true(xml_is_well_formed("<a b=\"c\"><d/>e &#38; f</a>\n"));
    assert_false(xml_is_well_formed("<a><b></a>\n"));
    assert_false(xml_is_well_formed("<a>&</a>\n"));
    assert_false(xml_is_well_formed("<a b=\"<\"/>\n"));
    assert_false(xml_is_well_formed("<a b=c/>\n"));
    assert_false(xml_is_well_formed("<a>\n"));
    assert_false(xml_is_well_formed("<a>\x01</a>\n"));
    assert_false(xml_is_well_formed("<a/><b/>\n"));
}

static void a_picture_is_well_formed(void **state)
{
    rfim__svg svg;
    rfim__svg_font upwards = font;
    upwards.upwards = upwards.bold = true;
    upwards.anchor = RFIM__SVG_END;
    const double x[2] = {0, 10}, y[2] = {5, 6};
    rfim__svg_begin(&svg, *state, 100, 50.5, "a <title>");
    rfim__svg_rectangle(&svg, 1, 2, 3, 4, "#ff0000", 0.5);
    rfim__svg_line(&svg, 1, 2, 3, 4, &pen);
    rfim__svg_polyline(&svg, x, y, 2, &pen);
    rfim__svg_band(&svg, x, x, y, 2, "#00ff00", 0.25);
    rfim__svg_circle(&svg, 1, 2, 3, "#0000ff");
    rfim__svg_words(&svg, 1, 2, &upwards, "words");
    rfim__svg_png(&svg, 1, 2, 3, 4, "png?", 4);
    rfim__svg_clip_begin(&svg, "clip", 0, 0, 10, 10);
    rfim__svg_clip_end(&svg);
    rfim__svg_finish(&svg);
    assert_int_equal(svg.text.status, RFIM_OK);
    assert_true(xml_is_well_formed(svg.text.data));
    assert_non_null(strstr(svg.text.data, "viewBox=\"0 0 100 50.5\""));
    /* A white sheet, so that it can be read on a dark page. */
    assert_non_null(strstr(svg.text.data, "<rect x=\"0\" y=\"0\" width=\"100\" height=\"50.5\" "
                                          "fill=\"#ffffff\"/>"));
    rfim__svg_end(&svg);
}

static void words_are_escaped(void **state)
{
    rfim__svg svg;
    rfim__svg_begin(&svg, *state, 10, 10, NULL);
    rfim__svg_words(&svg, 1, 1, &font,
                    "<&>\"' \x01 \xFF\xC3 \xE2\x80\xA6 \xEF\xBF\xBF \xED\xA0\x80");
    rfim__svg_finish(&svg);
    assert_true(xml_is_well_formed(svg.text.data));
    assert_non_null(strstr(svg.text.data, ">&#60;&#38;&#62;&#34;&#39; \xEF\xBF\xBD "
                                          "\xEF\xBF\xBD\xEF\xBF\xBD \xE2\x80\xA6 \xEF\xBF\xBD "
                                          "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD</text>"));
    rfim__svg_end(&svg);
}

static void coordinates_are_short_hundredths(void **state)
{
    rfim__svg svg;
    rfim__svg_begin(&svg, *state, 10, 10, NULL);
    rfim__svg_line(&svg, 1.0 / 3, -0.004, -1.256, 1e300, &pen);
    rfim__svg_line(&svg, 0.1, 2.5, -0.05, 7, &pen);
    assert_non_null(strstr(svg.text.data, "x1=\"0.33\" y1=\"0\" x2=\"-1.26\" y2=\"1000000\""));
    assert_non_null(strstr(svg.text.data, "x1=\"0.1\" y1=\"2.5\" x2=\"-0.05\" y2=\"7\""));
    rfim__svg_end(&svg);
}

static void points_that_are_not_finite_break_a_line(void **state)
{
    const double x[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    const double y[8] = {1, 2, NAN, 3, INFINITY, 5, 6, NAN};
    rfim__svg svg;
    rfim__svg_begin(&svg, *state, 10, 10, NULL);
    rfim__svg_polyline(&svg, x, y, 8, &pen);
    rfim__svg_finish(&svg);
    assert_non_null(strstr(svg.text.data, "d=\"M0 1L1 2\""));
    assert_non_null(strstr(svg.text.data, "d=\"M5 5L6 6\""));
    assert_int_equal(occurrences(svg.text.data, "<path"), 2);
    /* The point between two breaks is a dot. */
    assert_non_null(strstr(svg.text.data, "<circle cx=\"3\" cy=\"3\""));
    assert_int_equal(occurrences(svg.text.data, "<circle"), 1);
    assert_null(strstr(svg.text.data, "nan"));
    assert_null(strstr(svg.text.data, "inf"));
    rfim__svg_end(&svg);
}

static void a_band_goes_there_and_back(void **state)
{
    const double x[3] = {0, 1, 2}, low[3] = {5, 6, 7}, high[3] = {1, 2, 3};
    const double broken[3] = {5, NAN, 7};
    rfim__svg svg;
    rfim__svg_begin(&svg, *state, 10, 10, NULL);
    rfim__svg_band(&svg, x, low, high, 3, "#000000", 0.2);
    rfim__svg_band(&svg, x, broken, high, 3, "#000000", 0.2);
    assert_non_null(strstr(svg.text.data, "d=\"M0 1L1 2L2 3L2 7L1 6L0 5Z\""));
    assert_int_equal(occurrences(svg.text.data, "<path"), 1);
    rfim__svg_end(&svg);
}

static void images_are_in_base64(void **state)
{
    static const char *const expected[] = {"base64,\"", "base64,Zg==\"", "base64,Zm8=\"",
                                           "base64,Zm9v\"", "base64,Zm9vYg==\""};
    for (size_t size = 0; size < 5; size++) {
        rfim__svg svg;
        rfim__svg_begin(&svg, *state, 10, 10, NULL);
        rfim__svg_png(&svg, 0, 0, 1, 1, "foobar", size);
        assert_non_null(strstr(svg.text.data, expected[size]));
        rfim__svg_end(&svg);
    }
}

static void a_picture_is_saved_or_the_reason_is_said(void **state)
{
    char path[] = "/tmp/rfim-svg-XXXXXX";
    uint8_t *data = NULL;
    size_t size = 0;
    rfim__svg svg;
    close(mkstemp(path));
    rfim__svg_begin(&svg, *state, 10, 10, NULL);
    assert_int_equal(rfim__svg_save(&svg, path), RFIM_OK);
    assert_int_equal(rfim__file_read(*state, path, &data, &size), RFIM_OK);
    assert_true(xml_is_well_formed((char *)data));
    rfim__release(*state, data);
    unlink(path);
    rfim__svg_begin(&svg, *state, 10, 10, NULL);
    assert_int_equal(rfim__svg_save(&svg, "/nowhere/a.svg"), RFIM_ERROR_IO);
    assert_non_null(strstr(rfim_context_error(*state), "/nowhere/a.svg"));
}

static void short_memory_is_remembered(void **state)
{
    (void)state;
    for (size_t fail_from = 2; fail_from < 6; fail_from++) {
        watched_memory memory;
        rfim__svg svg;
        rfim_context *context = watched_context(&memory, fail_from);
        rfim__svg_begin(&svg, context, 10, 10, "title");
        for (size_t line = 0; line < 1000; line++)
            rfim__svg_line(&svg, 1, 2, 3, 4, &pen);
        assert_int_equal(rfim__svg_save(&svg, "/tmp/never-written.svg"), RFIM_ERROR_MEMORY);
        assert_false(rfim__file_exists("/tmp/never-written.svg"));
        rfim_context_free(context);
        assert_int_equal(memory.blocks, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checker_itself_tells_good_from_bad),
        cmocka_unit_test(a_picture_is_well_formed),
        cmocka_unit_test(words_are_escaped),
        cmocka_unit_test(coordinates_are_short_hundredths),
        cmocka_unit_test(points_that_are_not_finite_break_a_line),
        cmocka_unit_test(a_band_goes_there_and_back),
        cmocka_unit_test(images_are_in_base64),
        cmocka_unit_test(a_picture_is_saved_or_the_reason_is_said),
        cmocka_unit_test(short_memory_is_remembered),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
