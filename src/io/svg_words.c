#include "io/svg_words.h"

#include "core/size.h"

#include <stdio.h>
#include <string.h>

#define BOLD 1.05 /* how much wider bold letters are */

/* Copies the last `size` bytes' worth of whole characters. */
static const char *tail_of(const char *words, size_t size)
{
    const char *tail = words + strlen(words) - rfim__size_min(size, strlen(words));
    while (((unsigned char)*tail & 0xC0) == 0x80)
        tail++;
    return tail;
}

void rfim__svg_shorten(const char *words, double size, double width, char out[RFIM__WORDS_SIZE])
{
    size_t length = strlen(words);
    snprintf(out, RFIM__WORDS_SIZE, "%s", words);
    if (length < RFIM__WORDS_SIZE && rfim__svg_words_width(words, size) <= width)
        return;
    for (size_t kept = rfim__size_min(length / 2, RFIM__WORDS_SIZE / 2 - 4); kept > 0; kept--) {
        size_t head = kept;
        while (head > 0 && ((unsigned char)words[head] & 0xC0) == 0x80)
            head--;
        snprintf(out, RFIM__WORDS_SIZE, "%.*s\xE2\x80\xA6%s", (int)head, words,
                 tail_of(words, kept));
        if (rfim__svg_words_width(out, size) <= width)
            return;
    }
}

/* The first `length` bytes; fewer, whole characters, when they are more than a line holds. */
static void copy_line(const char *words, size_t length, char line[RFIM__WORDS_SIZE])
{
    if (length >= RFIM__WORDS_SIZE) {
        length = RFIM__WORDS_SIZE - 1;
        while (length > 0 && ((unsigned char)words[length] & 0xC0) == 0x80)
            length--;
    }
    memcpy(line, words, length);
    line[length] = '\0';
}

/* Bytes from `words` on that make one line: up to a space, as many words as fit, at least one. */
static size_t line_length(const char *words, double size, double width)
{
    char line[RFIM__WORDS_SIZE];
    size_t fits = 0;
    for (size_t end = 0; words[end];) {
        end += strspn(words + end, " ");
        end += strcspn(words + end, " ");
        copy_line(words, end, line);
        if (fits > 0 && (end >= sizeof line || rfim__svg_words_width(line, size) > width))
            break;
        fits = end;
    }
    return fits;
}

size_t rfim__svg_paragraph(rfim__svg *svg, double x, double y, double width,
                           const rfim__svg_font *font, const char *words)
{
    const double size = font->size * (font->bold ? BOLD : 1);
    size_t lines = 0;
    while (words && *(words += strspn(words, " "))) {
        const size_t length = line_length(words, size, width);
        if (svg) {
            char line[RFIM__WORDS_SIZE], shown[RFIM__WORDS_SIZE];
            copy_line(words, length, line);
            rfim__svg_shorten(line, size, width, shown);
            rfim__svg_words(svg, x, y + (double)lines * RFIM__LINE_PITCH * font->size, font, shown);
        }
        words += length;
        lines++;
    }
    return lines;
}
