/* svg_read.h - finds what a picture shows: elements, their numbers, words and images. */
#ifndef RFIM_TESTS_IO_SVG_READ_H
#define RFIM_TESTS_IO_SVG_READ_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Coordinates are written in hundredths of a pixel: a sum of two of them is right to one. */
#define SVG_TOLERANCE 0.011

/* The next element of a kind ("circle") from `from` on; NULL: none. */
static inline const char *svg_next(const char *from, const char *kind)
{
    char begin[32];
    snprintf(begin, sizeof begin, "<%s ", kind);
    return from ? strstr(from, begin) : NULL;
}

/* A numeric attribute of the element; NaN: it has none. */
static inline double svg_number(const char *element, const char *name)
{
    char begin[32];
    snprintf(begin, sizeof begin, " %s=\"", name);
    const char *at = strstr(element, begin);
    return at && at < strchr(element, '>') ? strtod(at + strlen(begin), NULL) : (double)NAN;
}

/* The text element that says exactly these words, from `from` on; NULL: none. */
static inline const char *svg_text(const char *from, const char *words)
{
    char end[600];
    snprintf(end, sizeof end, ">%s</text>", words);
    const char *at = from ? strstr(from, end) : NULL;
    while (at && *at != '<')
        at--;
    return at;
}

typedef struct svg_image {
    double x, y, width, height; /* on the page */
    size_t rows, columns;
    uint8_t *pixels; /* [rows x columns x 3]; free() it */
} svg_image;

static inline size_t svg_base64(const char *from, uint8_t *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    size_t size = 0;
    for (unsigned filled = 0; *from != '"' && *from != '='; from++) {
        bits = bits << 6 | (uint32_t)(strchr(digits, *from) - digits);
        filled += 6;
        if (filled >= 8) {
            filled -= 8;
            out[size++] = (uint8_t)(bits >> filled);
        }
    }
    return size;
}

static inline size_t svg_png_number(const uint8_t *at)
{
    return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

/* Reads an image element: an RGB picture as png.h writes it. Whether it could. */
static inline bool svg_read_image(const char *element, svg_image *image)
{
    const char *data = strstr(element, "base64,");
    uint8_t *png = malloc(strlen(data));
    svg_base64(data + 7, png);
    *image = (svg_image){.x = svg_number(element, "x"),
                         .y = svg_number(element, "y"),
                         .width = svg_number(element, "width"),
                         .height = svg_number(element, "height"),
                         .columns = svg_png_number(png + 16),
                         .rows = svg_png_number(png + 20)};
    const size_t row = 3 * image->columns;
    uLongf size = image->rows * (row + 1);
    uint8_t *lines = malloc(size);
    image->pixels = malloc(image->rows * row);
    const bool good = uncompress(lines, &size, png + 41, svg_png_number(png + 33)) == Z_OK &&
                      size == image->rows * (row + 1);
    for (size_t y = 0; y < image->rows; y++)
        memcpy(image->pixels + y * row, lines + y * (row + 1) + 1, row);
    free(lines);
    free(png);
    return good;
}

#endif
