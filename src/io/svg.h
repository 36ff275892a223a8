/* svg.h - drawings: a picture in the making, as SVG text in memory. Lengths are in pixels from the
 * upper left corner. Colours are "#0072B2" or "none". Numbers that are not finite are not drawn. */
#ifndef RFIM_IO_SVG_H
#define RFIM_IO_SVG_H

#include "io/text.h"

#include <stdbool.h>

typedef struct rfim__svg {
    rfim__text text;
    double width, height;
} rfim__svg;

typedef enum rfim__svg_anchor { RFIM__SVG_START, RFIM__SVG_MIDDLE, RFIM__SVG_END } rfim__svg_anchor;

typedef struct rfim__svg_pen {
    const char *colour;
    double width;
    const char *dashes; /* "6 4"; NULL: a solid line */
} rfim__svg_pen;

typedef struct rfim__svg_font {
    double size;
    const char *colour;
    rfim__svg_anchor anchor;
    bool bold;
    bool upwards; /* turned by 90 degrees: read from below */
} rfim__svg_font;

/* A white sheet of width x height. title: what the picture is, for screen readers; may be NULL. */
void rfim__svg_begin(rfim__svg *svg, rfim_context *context, double width, double height,
                     const char *title);
void rfim__svg_rectangle(rfim__svg *svg, double x, double y, double width, double height,
                         const char *fill, double opacity);
void rfim__svg_line(rfim__svg *svg, double x1, double y1, double x2, double y2,
                    const rfim__svg_pen *pen);
/* A line through count points; a point that is not finite breaks it. A point between two breaks
 * is drawn as a dot. */
void rfim__svg_polyline(rfim__svg *svg, const double *x, const double *y, size_t count,
                        const rfim__svg_pen *pen);
/* The area between low and high over x, without an outline; not finite points break it. */
void rfim__svg_band(rfim__svg *svg, const double *x, const double *low, const double *high,
                    size_t count, const char *fill, double opacity);
void rfim__svg_circle(rfim__svg *svg, double x, double y, double radius, const char *fill);
/* What is filled until it ends is so opaque (0 ... 1), unless it says otherwise. */
void rfim__svg_opacity_begin(rfim__svg *svg, double opacity);
void rfim__svg_opacity_end(rfim__svg *svg);
/* words: UTF-8. y is the base line. */
void rfim__svg_words(rfim__svg *svg, double x, double y, const rfim__svg_font *font,
                     const char *words);
/* A PNG file in memory, drawn into the rectangle without smoothing. */
void rfim__svg_png(rfim__svg *svg, double x, double y, double width, double height, const void *png,
                   size_t size);
/* What is drawn until the clip ends stays inside the rectangle. id: unique in the picture. */
void rfim__svg_clip_begin(rfim__svg *svg, const char *id, double x, double y, double width,
                          double height);
void rfim__svg_clip_end(rfim__svg *svg);

/* Keeps a failure that is not the picture's own, unless there was one before. */
void rfim__svg_fail(rfim__svg *svg, rfim_status status);
/* Writes the file and frees the picture, also when it fails. Reports the first failure. */
rfim_status rfim__svg_save(rfim__svg *svg, const char *path);
/* Closes the picture: svg->text holds all of it. rfim__svg_save does so by itself. */
void rfim__svg_finish(rfim__svg *svg);
/* Frees a picture that was not saved. */
void rfim__svg_end(rfim__svg *svg);

/* About how wide words are in the font, in pixels: no font file is at hand, so it is an estimate,
 * rather too wide than too narrow. */
double rfim__svg_words_width(const char *words, double size);

#endif
