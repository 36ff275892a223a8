#include "io/chart_panel.h"

#include "io/chart_axis.h"

#include <math.h>
#include <stdio.h>

#define GRID "#dddddd"
#define GRID_MINOR "#f0f0f0"
#define FRAME "#777777"
#define TICK_FONT 11.0
#define AXIS_FONT 12.0
#define TITLE_FONT 13.0
#define TITLE_ROOM 26.0  /* above the plot */
#define BOTTOM_ROOM 42.0 /* below it: labels and the x title */
#define DOTTED_POINTS 12 /* curves of so few points show each of them */
#define MARKERS 6        /* about so many on a longer curve */
#define MARKER 3.8       /* pixels from the middle of a marker to its corners */

/* Axes and the plot's rectangle, which map values to pixels. */
typedef struct plot_area {
    rfim__axis x, y;
    rfim__box box;
} plot_area;

static double pixel_x(const plot_area *plot, double value)
{
    return plot->box.x + plot->box.width * rfim__axis_place(&plot->x, value);
}

static double pixel_y(const plot_area *plot, double value)
{
    return plot->box.y + plot->box.height * (1 - rfim__axis_place(&plot->y, value));
}

static void make_axes(const rfim__panel *panel, rfim__box box, plot_area *plot)
{
    rfim__range x, y;
    rfim__range_begin(&x);
    rfim__range_begin(&y);
    for (size_t number = 0; number < panel->count; number++) {
        const rfim__series *series = &panel->series[number];
        rfim__range_include(&x, series->x, series->count);
        rfim__range_include(&y, series->y, series->count);
        rfim__range_include(&y, series->low, series->count);
        rfim__range_include(&y, series->high, series->count);
    }
    const size_t wanted_y = (size_t)(box.height / 48);
    rfim__axis_linear(&plot->x, &x, (size_t)(box.width / 60), panel->whole_x);
    if (panel->log_y)
        rfim__axis_logarithmic(&plot->y, &y, wanted_y);
    else
        rfim__axis_linear(&plot->y, &y, wanted_y, false);
}

/* The plot's rectangle: the box without titles and labels. */
static void place_plot(rfim__box box, plot_area *plot)
{
    double widest = 0;
    for (size_t tick = 0; tick < plot->y.count; tick++)
        widest = fmax(widest, rfim__svg_words_width(plot->y.ticks[tick].label, TICK_FONT));
    const double left = widest + AXIS_FONT + 18;
    plot->box = (rfim__box){box.x + left, box.y + TITLE_ROOM, box.width - left - 14,
                            box.height - TITLE_ROOM - BOTTOM_ROOM};
}

static void draw_grid(const plot_area *plot, rfim__svg *svg)
{
    const rfim__box box = plot->box;
    const rfim__svg_pen major = {GRID, 1, NULL};
    const rfim__svg_pen minor = {GRID_MINOR, 1, NULL};
    for (size_t number = 0; number < plot->y.count; number++) {
        const rfim__tick *tick = &plot->y.ticks[number];
        const double y = pixel_y(plot, tick->value);
        rfim__svg_line(svg, box.x, y, box.x + box.width, y, tick->minor ? &minor : &major);
    }
    for (size_t number = 0; number < plot->x.count; number++) {
        const double x = pixel_x(plot, plot->x.ticks[number].value);
        rfim__svg_line(svg, x, box.y, x, box.y + box.height, &major);
    }
}

static void draw_labels(const plot_area *plot, rfim__svg *svg)
{
    const rfim__box box = plot->box;
    const double bottom = box.y + box.height;
    const rfim__svg_font beside = {.size = TICK_FONT, .colour = RFIM__INK, .anchor = RFIM__SVG_END};
    const rfim__svg_font below = {
        .size = TICK_FONT, .colour = RFIM__INK, .anchor = RFIM__SVG_MIDDLE};
    for (size_t number = 0; number < plot->y.count; number++) {
        const rfim__tick *tick = &plot->y.ticks[number];
        if (!tick->minor)
            rfim__svg_words(svg, box.x - 7, pixel_y(plot, tick->value) + 0.36 * TICK_FONT, &beside,
                            tick->label);
    }
    for (size_t number = 0; number < plot->x.count; number++) {
        const rfim__tick *tick = &plot->x.ticks[number];
        rfim__svg_words(svg, pixel_x(plot, tick->value), bottom + TICK_FONT + 6, &below,
                        tick->label);
    }
}

static void draw_frame(const plot_area *plot, rfim__svg *svg)
{
    const rfim__box box = plot->box;
    const rfim__svg_pen pen = {FRAME, 1, NULL};
    rfim__svg_line(svg, box.x, box.y, box.x, box.y + box.height, &pen);
    rfim__svg_line(svg, box.x, box.y + box.height, box.x + box.width, box.y + box.height, &pen);
}

static void draw_titles(const rfim__panel *panel, rfim__box outer, rfim__box box, rfim__svg *svg)
{
    rfim__svg_font font = {
        .size = TITLE_FONT, .colour = RFIM__INK, .anchor = RFIM__SVG_MIDDLE, .bold = true};
    if (panel->title)
        rfim__svg_words(svg, box.x + box.width / 2, box.y - 10, &font, panel->title);
    font.size = AXIS_FONT;
    font.bold = false;
    if (panel->x_title)
        rfim__svg_words(svg, box.x + box.width / 2, box.y + box.height + BOTTOM_ROOM - 6, &font,
                        panel->x_title);
    font.upwards = true;
    if (panel->y_title)
        rfim__svg_words(svg, outer.x + AXIS_FONT, box.y + box.height / 2, &font, panel->y_title);
}

static size_t marker_shape(size_t colour)
{
    return colour == RFIM__CHART_GREY ? 0 : colour / RFIM__CHART_COLOURS;
}

void rfim__chart_marker(rfim__svg *svg, size_t colour, double x, double y)
{
    const double side = 0.8 * MARKER;
    const double across[] = {x - MARKER, x, x + MARKER};
    const double top[] = {y, y - MARKER, y};
    const double bottom[] = {y, y + MARKER, y};
    const double base[] = {y + side, y + side, y + side};
    const double roof[] = {y + side, y - MARKER, y + side};
    const char *fill = rfim__chart_colour(colour);
    if (marker_shape(colour) == 0)
        return;
    switch ((marker_shape(colour) - 1) % 3) {
    case 0:
        rfim__svg_rectangle(svg, x - side, y - side, 2 * side, 2 * side, fill, 1);
        break;
    case 1:
        rfim__svg_band(svg, across, roof, base, 3, fill, 1);
        break;
    default:
        rfim__svg_band(svg, across, top, bottom, 3, fill, 1);
        break;
    }
}

/* Dots at each of few points; markers at some places that differ from curve to curve. */
static void mark_points(const rfim__series *series, const double *x, const double *y,
                        rfim__svg *svg)
{
    const size_t count = series->count;
    const bool few = count <= DOTTED_POINTS;
    const size_t step = few ? 1 : count / MARKERS;
    const char *colour = rfim__chart_colour(series->colour);
    if (marker_shape(series->colour) > 0)
        for (size_t point = series->colour % step; point < count; point += step)
            if (isfinite(x[point]) && isfinite(y[point]))
                rfim__chart_marker(svg, series->colour, x[point], y[point]);
    if (marker_shape(series->colour) == 0 && few)
        for (size_t point = 0; point < count; point++)
            rfim__svg_circle(svg, x[point], y[point], 2.4, colour);
}

/* One curve with its band. room: 4 x count doubles for pixels. */
static void draw_series(const plot_area *plot, const rfim__series *series, double *room,
                        rfim__svg *svg)
{
    const size_t count = series->count;
    double *const x = room, *const y = room + count;
    double *const low = room + 2 * count, *const high = room + 3 * count;
    const char *colour = rfim__chart_colour(series->colour);
    const bool band = series->low && series->high;
    for (size_t point = 0; point < count; point++) {
        x[point] = pixel_x(plot, series->x[point]);
        y[point] = pixel_y(plot, series->y[point]);
        low[point] = band ? pixel_y(plot, series->low[point]) : NAN;
        high[point] = band ? pixel_y(plot, series->high[point]) : NAN;
    }
    if (band)
        rfim__svg_band(svg, x, low, high, count, colour, 0.18);
    const rfim__svg_pen pen = {colour, RFIM__CHART_PEN, series->dashed ? RFIM__CHART_DASHES : NULL};
    rfim__svg_polyline(svg, x, y, count, &pen);
    mark_points(series, x, y, svg);
}

static void draw_all_series(rfim_context *context, const rfim__panel *panel, const plot_area *plot,
                            rfim__svg *svg)
{
    size_t most = 0;
    for (size_t number = 0; number < panel->count; number++)
        most = panel->series[number].count > most ? panel->series[number].count : most;
    double *room = rfim__allocate(context, most, 4 * sizeof *room);
    if (!room) {
        svg->text.status = RFIM_ERROR_MEMORY;
        return;
    }
    for (size_t number = 0; number < panel->count; number++)
        draw_series(plot, &panel->series[number], room, svg);
    rfim__release(context, room);
}

void rfim__chart_panel_draw(rfim_context *context, const rfim__panel *panel, size_t number,
                            rfim__box box, rfim__svg *svg)
{
    plot_area plot;
    make_axes(panel, box, &plot);
    place_plot(box, &plot);
    draw_grid(&plot, svg);
    draw_labels(&plot, svg);
    draw_frame(&plot, svg);
    draw_titles(panel, box, plot.box, svg);
    char id[32];
    snprintf(id, sizeof id, "panel%zu", number + 1);
    /* A little wider than the plot, so that a curve along its edge is not cut in half. */
    rfim__svg_clip_begin(svg, id, plot.box.x - 4, plot.box.y - 4, plot.box.width + 8,
                         plot.box.height + 8);
    draw_all_series(context, panel, &plot, svg);
    rfim__svg_clip_end(svg);
}
