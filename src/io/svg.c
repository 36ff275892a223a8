#include "io/svg.h"

#include "core/size.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Farther out than any picture: keeps whole hundredths in a long. */
#define LARGEST 1e6

/* One coordinate, in hundredths of a pixel: short, and the same on every machine. */
static void append_length(rfim__text *text, double value)
{
    double bounded = fmax(-LARGEST, fmin(LARGEST, isnan(value) ? 0.0 : value));
    long hundredths = lround(100.0 * bounded);
    unsigned long size = (unsigned long)(hundredths < 0 ? -hundredths : hundredths);
    rfim__text_format(text, "%s%lu", hundredths < 0 ? "-" : "", size / 100);
    if (size % 100 == 0)
        return;
    if (size % 10 == 0)
        rfim__text_format(text, ".%lu", size % 100 / 10);
    else
        rfim__text_format(text, ".%02lu", size % 100);
}

/* ' name="12.5"' */
static void append_attribute(rfim__text *text, const char *name, double value)
{
    rfim__text_format(text, " %s=\"", name);
    append_length(text, value);
    rfim__text_append(text, "\"");
}

static void append_pen(rfim__text *text, const rfim__svg_pen *pen)
{
    rfim__text_format(text, " fill=\"none\" stroke=\"%s\"", pen->colour);
    append_attribute(text, "stroke-width", pen->width);
    if (pen->dashes)
        rfim__text_format(text, " stroke-dasharray=\"%s\"", pen->dashes);
}

static bool all_finite(double a, double b, double c, double d)
{
    return isfinite(a) && isfinite(b) && isfinite(c) && isfinite(d);
}

void rfim__svg_begin(rfim__svg *svg, rfim_context *context, double width, double height,
                     const char *title)
{
    rfim__text *text = &svg->text;
    rfim__text_begin(text, context);
    svg->width = width;
    svg->height = height;
    rfim__text_append(text, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
    append_attribute(text, "width", width);
    append_attribute(text, "height", height);
    rfim__text_append(text, " viewBox=\"0 0 ");
    append_length(text, width);
    rfim__text_append(text, " ");
    append_length(text, height);
    rfim__text_append(text, "\" role=\"img\" font-family=\"Helvetica, Arial, 'Liberation Sans', "
                            "'DejaVu Sans', sans-serif\">\n");
    if (title) {
        rfim__text_append(text, "<title>");
        rfim__text_xml(text, title);
        rfim__text_append(text, "</title>\n");
    }
    rfim__svg_rectangle(svg, 0, 0, width, height, "#ffffff", 1);
}

void rfim__svg_rectangle(rfim__svg *svg, double x, double y, double width, double height,
                         const char *fill, double opacity)
{
    if (!all_finite(x, y, width, height))
        return;
    rfim__text *text = &svg->text;
    rfim__text_append(text, "<rect");
    append_attribute(text, "x", x);
    append_attribute(text, "y", y);
    append_attribute(text, "width", fmax(width, 0));
    append_attribute(text, "height", fmax(height, 0));
    rfim__text_format(text, " fill=\"%s\"", fill);
    if (opacity < 1)
        append_attribute(text, "fill-opacity", opacity);
    rfim__text_append(text, "/>\n");
}

void rfim__svg_line(rfim__svg *svg, double x1, double y1, double x2, double y2,
                    const rfim__svg_pen *pen)
{
    if (!all_finite(x1, y1, x2, y2))
        return;
    rfim__text *text = &svg->text;
    rfim__text_append(text, "<line");
    append_attribute(text, "x1", x1);
    append_attribute(text, "y1", y1);
    append_attribute(text, "x2", x2);
    append_attribute(text, "y2", y2);
    append_pen(text, pen);
    rfim__text_append(text, "/>\n");
}

/* "M12.5 30" or "L12.5 30" */
static void append_point(rfim__text *text, char command, double x, double y)
{
    rfim__text_format(text, "%c", command);
    append_length(text, x);
    rfim__text_append(text, " ");
    append_length(text, y);
}

/* The end of the piece without breaks that begins at `first`. */
static size_t piece_end(const double *x, const double *low, const double *high, size_t first,
                        size_t count)
{
    size_t end = first;
    while (end < count && all_finite(x[end], low[end], high[end], 0))
        end++;
    return end;
}

void rfim__svg_polyline(rfim__svg *svg, const double *x, const double *y, size_t count,
                        const rfim__svg_pen *pen)
{
    rfim__text *text = &svg->text;
    for (size_t first = 0, end; first < count; first = end + 1) {
        end = piece_end(x, y, y, first, count);
        if (end == first + 1)
            rfim__svg_circle(svg, x[first], y[first], 1.5 * pen->width, pen->colour);
        if (end < first + 2)
            continue;
        rfim__text_append(text, "<path d=\"");
        for (size_t point = first; point < end; point++)
            append_point(text, point == first ? 'M' : 'L', x[point], y[point]);
        rfim__text_append(text, "\"");
        append_pen(text, pen);
        rfim__text_append(text, " stroke-linejoin=\"round\"/>\n");
    }
}

void rfim__svg_band(rfim__svg *svg, const double *x, const double *low, const double *high,
                    size_t count, const char *fill, double opacity)
{
    rfim__text *text = &svg->text;
    for (size_t first = 0, end; first < count; first = end + 1) {
        end = piece_end(x, low, high, first, count);
        if (end < first + 2)
            continue;
        rfim__text_append(text, "<path d=\"");
        for (size_t point = first; point < end; point++)
            append_point(text, point == first ? 'M' : 'L', x[point], high[point]);
        for (size_t point = end; point-- > first;)
            append_point(text, 'L', x[point], low[point]);
        rfim__text_format(text, "Z\" fill=\"%s\"", fill);
        append_attribute(text, "fill-opacity", opacity);
        rfim__text_append(text, "/>\n");
    }
}

void rfim__svg_circle(rfim__svg *svg, double x, double y, double radius, const char *fill)
{
    if (!all_finite(x, y, radius, 0))
        return;
    rfim__text *text = &svg->text;
    rfim__text_append(text, "<circle");
    append_attribute(text, "cx", x);
    append_attribute(text, "cy", y);
    append_attribute(text, "r", radius);
    rfim__text_format(text, " fill=\"%s\"/>\n", fill);
}

void rfim__svg_words(rfim__svg *svg, double x, double y, const rfim__svg_font *font,
                     const char *words)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    if (!all_finite(x, y, font->size, 0))
        return;
    rfim__text *text = &svg->text;
    rfim__text_append(text, "<text");
    append_attribute(text, "x", x);
    append_attribute(text, "y", y);
    append_attribute(text, "font-size", font->size);
    rfim__text_format(text, " fill=\"%s\"", font->colour);
    if (font->anchor != RFIM__SVG_START)
        rfim__text_format(text, " text-anchor=\"%s\"", anchors[font->anchor]);
    if (font->bold)
        rfim__text_append(text, " font-weight=\"bold\"");
    if (font->upwards) {
        rfim__text_append(text, " transform=\"rotate(-90 ");
        append_length(text, x);
        rfim__text_append(text, " ");
        append_length(text, y);
        rfim__text_append(text, ")\"");
    }
    rfim__text_append(text, ">");
    rfim__text_xml(text, words);
    rfim__text_append(text, "</text>\n");
}

static void append_base64(rfim__text *text, const uint8_t *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t at = 0; at < size; at += 3) {
        const size_t left = rfim__size_min(size - at, 3);
        uint32_t bits = (uint32_t)data[at] << 16;
        if (left > 1)
            bits |= (uint32_t)data[at + 1] << 8;
        if (left > 2)
            bits |= data[at + 2];
        char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63], '=', '='};
        if (left > 1)
            four[2] = digits[bits >> 6 & 63];
        if (left > 2)
            four[3] = digits[bits & 63];
        rfim__text_append_bytes(text, four, sizeof four);
    }
}

void rfim__svg_png(rfim__svg *svg, double x, double y, double width, double height, const void *png,
                   size_t size)
{
    rfim__text *text = &svg->text;
    rfim__text_append(text, "<image");
    append_attribute(text, "x", x);
    append_attribute(text, "y", y);
    append_attribute(text, "width", width);
    append_attribute(text, "height", height);
    rfim__text_append(text, " preserveAspectRatio=\"none\" image-rendering=\"optimizeSpeed\" "
                            "style=\"image-rendering:pixelated\" href=\"data:image/png;base64,");
    append_base64(text, png, size);
    rfim__text_append(text, "\"/>\n");
}

void rfim__svg_clip_begin(rfim__svg *svg, const char *id, double x, double y, double width,
                          double height)
{
    rfim__text *text = &svg->text;
    rfim__text_format(text, "<clipPath id=\"%s\">", id);
    rfim__svg_rectangle(svg, x, y, width, height, "#000000", 1);
    rfim__text_format(text, "</clipPath>\n<g clip-path=\"url(#%s)\">\n", id);
}

void rfim__svg_clip_end(rfim__svg *svg)
{
    rfim__text_append(&svg->text, "</g>\n");
}

void rfim__svg_opacity_begin(rfim__svg *svg, double opacity)
{
    rfim__text_append(&svg->text, "<g");
    append_attribute(&svg->text, "fill-opacity", opacity);
    rfim__text_append(&svg->text, ">\n");
}

void rfim__svg_opacity_end(rfim__svg *svg)
{
    rfim__text_append(&svg->text, "</g>\n");
}

void rfim__svg_fail(rfim__svg *svg, rfim_status status)
{
    if (svg->text.status == RFIM_OK)
        svg->text.status = status;
}

void rfim__svg_finish(rfim__svg *svg)
{
    rfim__text_append(&svg->text, "</svg>\n");
}

rfim_status rfim__svg_save(rfim__svg *svg, const char *path)
{
    rfim__svg_finish(svg);
    rfim_status status = rfim__text_save(&svg->text, path);
    rfim__svg_end(svg);
    return status;
}

void rfim__svg_end(rfim__svg *svg)
{
    rfim__text_end(&svg->text);
}

/* Average advances of a sans-serif face, in ems. */
double rfim__svg_words_width(const char *words, double size)
{
    double ems = 0;
    while (*words) {
        size_t bytes = rfim__utf8_size(words);
        if (bytes > 1)
            ems += 1.0;
        else if (strchr("iljtfr.,:;'|!()[] -/", *words))
            ems += 0.38;
        else if (strchr("mwMW@%", *words))
            ems += 0.95;
        else if (*words >= 'A' && *words <= 'Z')
            ems += 0.74;
        else
            ems += 0.60;
        words += bytes > 0 ? bytes : 1;
    }
    return ems * size;
}
