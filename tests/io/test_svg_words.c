#include "io/svg_read.h"
#include "io/svg_words.h"
#include "io/xml_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const rfim__svg_font font = {.size = 10, .colour = "#333333"};

static int set_up(void **state)
{
    return rfim_context_create(NULL, (rfim_context **)state) == RFIM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    rfim_context_free(*state);
    return 0;
}

/* Draws a paragraph of `width` pixels; the caller ends the picture. */
static size_t draw(rfim_context *context, const char *words, double width, rfim__svg *svg)
{
    rfim__svg_begin(svg, context, 1000, 1000, NULL);
    const size_t lines = rfim__svg_paragraph(svg, 5, 20, width, &font, words);
    rfim__svg_finish(svg);
    assert_int_equal(svg->text.status, RFIM_OK);
    assert_true(xml_is_well_formed(svg->text.data));
    assert_int_equal(occurrences(svg->text.data, "<text"), lines);
    assert_int_equal(rfim__svg_paragraph(NULL, 5, 20, width, &font, words), lines);
    return lines;
}

static void a_paragraph_breaks_at_spaces(void **state)
{
    rfim__svg svg;
    assert_int_equal(draw(*state, "one two three", 1000, &svg), 1);
    assert_non_null(svg_text(svg.text.data, "one two three"));
    rfim__svg_end(&svg);
    const double width = rfim__svg_words_width("one two", font.size);
    assert_int_equal(draw(*state, "one two three", width, &svg), 2);
    const char *first = svg_text(svg.text.data, "one two");
    const char *second = svg_text(svg.text.data, "three");
    assert_non_null(first);
    assert_non_null(second);
    assert_true(svg_number(first, "x") == 5 && svg_number(first, "y") == 20);
    assert_true(svg_number(second, "y") == 20 + RFIM__LINE_PITCH * font.size);
    rfim__svg_end(&svg);
    assert_int_equal(draw(*state, "  one   two three ", 1, &svg), 3);
    rfim__svg_end(&svg);
}

static void every_line_fits(void **state)
{
    static const char words[] = "trace 103.4, largest and smallest eigenvalue 98 and 0.0031, "
                                "effective rank 1.4, condition after damping 9800";
    for (double width = 60; width < 800; width += 17) {
        rfim__svg svg;
        draw(*state, words, width, &svg);
        for (const char *at = svg.text.data; (at = svg_next(at, "text")) != NULL; at++) {
            char line[200];
            const char *begin = strchr(at, '>') + 1;
            snprintf(line, sizeof line, "%.*s", (int)strcspn(begin, "<"), begin);
            assert_true(rfim__svg_words_width(line, font.size) <= width);
            assert_non_null(strstr(words, line));
        }
        rfim__svg_end(&svg);
    }
}

static void no_words_are_no_lines(void **state)
{
    rfim__svg svg;
    assert_int_equal(draw(*state, NULL, 100, &svg), 0);
    rfim__svg_end(&svg);
    assert_int_equal(draw(*state, "", 100, &svg), 0);
    rfim__svg_end(&svg);
    assert_int_equal(draw(*state, "   ", 100, &svg), 0);
    rfim__svg_end(&svg);
}

static void a_word_longer_than_a_line_is_shortened(void **state)
{
    enum { SIZE = 2001 };
    char word[SIZE];
    for (size_t shift = 0; shift < 2; shift++) { /* where characters lie at the ends of buffers */
        memset(word, 'a', sizeof word);
        for (size_t at = shift; at + 2 < sizeof word; at += 2)
            memcpy(word + at, "\xC3\xA9", 2); /* e with an acute accent */
        word[SIZE - 2] = ' ';
        word[SIZE - 1] = '\0';
        rfim__svg svg;
        assert_int_equal(draw(*state, word, 100, &svg), 1);
        assert_non_null(strstr(svg.text.data, "\xE2\x80\xA6"));
        assert_null(strstr(svg.text.data, "\xEF\xBF\xBD")); /* no character was cut apart */
        rfim__svg_end(&svg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_paragraph_breaks_at_spaces),
        cmocka_unit_test(every_line_fits),
        cmocka_unit_test(no_words_are_no_lines),
        cmocka_unit_test(a_word_longer_than_a_line_is_shortened),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
