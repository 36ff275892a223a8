#include "io/chart_panel.h"

#include <math.h>
#include <stdio.h>

#define GRID "#dddddd"
#define GRID_MINOR "#f0f0f0"
#define DIAGONAL "#999999"
#define NOTE_FONT 10.0
#define NOTE_HEIGHT (NOTE_FONT + 6)
#define DOTTED_POINTS 12 /* curves of so few points show each of them */
#define MARKERS 6        /* about so many on a longer curve */
#define MARKER 3.8       /* pixels from the middle of a marker to its corners */
#define DOT 2.4          /* pixels: the radius of a dot */
#define DOT_ROOM 6.0     /* pixels between the frame and the middle of a dot, or more */
#define DOT_OPACITY 0.65 /* where dots lie over one another it is darker */

static void find_ranges(const rfim__panel *panel, rfim__range *x, rfim__range *y)
{
    rfim__range_begin(x);
    rfim__range_begin(y);
    for (size_t number = 0; number < panel->count; number++) {
        const rfim__series *series = &panel->series[number];
        rfim__range_include(x, series->x, series->count);
        rfim__range_include(y, series->y, series->count);
        rfim__range_include(y, series->low, series->count);
        rfim__range_include(y, series->high, series->count);
    }
}

static void make_axes(const rfim__panel *panel, rfim__box box, rfim__plot *plot)
{
    rfim__range x, y;
    find_ranges(panel, &x, &y);
    bool log_x = panel->log_x && rfim__range_spans_decades(&x);
    bool log_y = panel->log_y && rfim__range_spans_decades(&y);
    if (panel->diagonal && panel->log_x && panel->log_y && log_x != log_y)
        log_x = log_y = rfim__range_widen(log_x ? &y : &x);
    const size_t wanted_x = (size_t)(box.width / 60);
    const size_t wanted_y = (size_t)(box.height / 48);
    if (log_x)
        rfim__axis_logarithmic(&plot->x, &x, wanted_x);
    else
        rfim__axis_linear(&plot->x, &x, wanted_x, panel->whole_x);
    if (log_y)
        rfim__axis_logarithmic(&plot->y, &y, wanted_y);
    else
        rfim__axis_linear(&plot->y, &y, wanted_y, false);
}

static void draw_grid(const rfim__plot *plot, rfim__svg *svg)
{
    const rfim__box box = plot->box;
    const rfim__svg_pen major = {GRID, 1, NULL};
    const rfim__svg_pen minor = {GRID_MINOR, 1, NULL};
    for (size_t number = 0; number < plot->x.count; number++) {
        const double x = rfim__plot_x(plot, plot->x.ticks[number].value);
        if (plot->x.ticks[number].minor)
            rfim__svg_line(svg, x, box.y, x, box.y + box.height, &minor);
    }
    for (size_t number = 0; number < plot->y.count; number++) {
        const rfim__tick *tick = &plot->y.ticks[number];
        const double y = rfim__plot_y(plot, tick->value);
        rfim__svg_line(svg, box.x, y, box.x + box.width, y, tick->minor ? &minor : &major);
    }
    for (size_t number = 0; number < plot->x.count; number++) {
        const double x = rfim__plot_x(plot, plot->x.ticks[number].value);
        if (!plot->x.ticks[number].minor)
            rfim__svg_line(svg, x, box.y, x, box.y + box.height, &major);
    }
}

/* Where y equals x, as far as both axes reach: straight, for they are of one kind. */
static void draw_diagonal(const rfim__plot *plot, rfim__svg *svg)
{
    const rfim__svg_pen pen = {DIAGONAL, 1, "4 3"};
    const double low = fmax(plot->x.low, plot->y.low);
    const double high = fmin(plot->x.high, plot->y.high);
    if (low < high && plot->x.logarithmic == plot->y.logarithmic)
        rfim__svg_line(svg, rfim__plot_x(plot, low), rfim__plot_y(plot, low),
                       rfim__plot_x(plot, high), rfim__plot_y(plot, high), &pen);
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

static void draw_dots(const rfim__series *series, const double *x, const double *y, rfim__svg *svg)
{
    const bool round = marker_shape(series->colour) == 0;
    rfim__svg_opacity_begin(svg, DOT_OPACITY);
    for (size_t point = 0; point < series->count; point++) {
        if (round)
            rfim__svg_circle(svg, x[point], y[point], DOT, rfim__chart_colour(series->colour));
        else if (isfinite(x[point]) && isfinite(y[point]))
            rfim__chart_marker(svg, series->colour, x[point], y[point]);
    }
    rfim__svg_opacity_end(svg);
}

/* How many dots there are, and how many of them have no place on the axes. */
static size_t count_dots(const rfim__panel *panel, const rfim__plot *plot, size_t *missing)
{
    size_t dots = 0;
    *missing = 0;
    for (size_t number = 0; number < panel->count; number++) {
        const rfim__series *series = &panel->series[number];
        for (size_t point = 0; point < series->count && series->kind == RFIM__SERIES_DOTS;
             point++) {
            dots++;
            *missing += isnan(rfim__plot_x(plot, series->x[point])) ||
                        isnan(rfim__plot_y(plot, series->y[point]));
        }
    }
    return dots;
}

/* So that dots lie neither on the frame nor under the note. */
static void make_room_for_dots(const rfim__panel *panel, rfim__plot *plot)
{
    size_t missing = 0;
    if (count_dots(panel, plot, &missing) == 0)
        return;
    const double across = DOT_ROOM / plot->box.width;
    const double down = DOT_ROOM / plot->box.height;
    rfim__axis_lengthen(&plot->x, across, across);
    rfim__axis_lengthen(&plot->y, down, missing > 0 ? down + NOTE_HEIGHT / plot->box.height : down);
}

/* Says in the upper left corner of the plot how many dots have no place on the axes. */
static void note_missing_dots(const rfim__panel *panel, const rfim__plot *plot, rfim__svg *svg)
{
    size_t missing = 0;
    const size_t dots = count_dots(panel, plot, &missing);
    if (missing == 0)
        return;
    const rfim__svg_font font = {.size = NOTE_FONT, .colour = RFIM__PALE_INK};
    char note[80];
    snprintf(note, sizeof note, "%zu of %zu not shown", missing, dots);
    rfim__svg_rectangle(svg, plot->box.x + 3, plot->box.y + 1,
                        rfim__svg_words_width(note, NOTE_FONT) + 6, NOTE_HEIGHT - 2, "#ffffff", 1);
    rfim__svg_words(svg, plot->box.x + 6, plot->box.y + NOTE_FONT + 2, &font, note);
}

/* One curve with its band, or dots. room: 4 x count doubles for pixels. */
static void draw_series(const rfim__plot *plot, const rfim__series *series, double *room,
                        rfim__svg *svg)
{
    const size_t count = series->count;
    double *const x = room, *const y = room + count;
    double *const low = room + 2 * count, *const high = room + 3 * count;
    const char *colour = rfim__chart_colour(series->colour);
    const bool band = series->low && series->high;
    for (size_t point = 0; point < count; point++) {
        x[point] = rfim__plot_x(plot, series->x[point]);
        y[point] = rfim__plot_y(plot, series->y[point]);
        low[point] = band ? rfim__plot_y(plot, series->low[point]) : NAN;
        high[point] = band ? rfim__plot_y(plot, series->high[point]) : NAN;
    }
    if (series->kind == RFIM__SERIES_DOTS) {
        draw_dots(series, x, y, svg);
        return;
    }
    if (band)
        rfim__svg_band(svg, x, low, high, count, colour, 0.18);
    const rfim__svg_pen pen = {colour, RFIM__CHART_PEN, series->dashed ? RFIM__CHART_DASHES : NULL};
    rfim__svg_polyline(svg, x, y, count, &pen);
    mark_points(series, x, y, svg);
}

static void draw_all_series(rfim_context *context, const rfim__panel *panel, const rfim__plot *plot,
                            rfim__svg *svg)
{
    size_t most = 0;
    for (size_t number = 0; number < panel->count; number++)
        most = panel->series[number].count > most ? panel->series[number].count : most;
    double *room = rfim__allocate(context, most, 4 * sizeof *room);
    if (!room) {
        rfim__svg_fail(svg, RFIM_ERROR_MEMORY);
        return;
    }
    for (size_t number = 0; number < panel->count; number++)
        draw_series(plot, &panel->series[number], room, svg);
    rfim__release(context, room);
}

void rfim__chart_panel_draw(rfim_context *context, const rfim__panel *panel, size_t number,
                            rfim__box box, rfim__svg *svg)
{
    rfim__plot plot;
    make_axes(panel, box, &plot);
    rfim__plot_place(&plot, box, panel->label_room, RFIM__PLOT_RIGHT);
    make_room_for_dots(panel, &plot);
    rfim__plot_space_labels(&plot);
    draw_grid(&plot, svg);
    rfim__plot_draw_axes(&plot, svg);
    rfim__plot_draw_titles(&plot, box, panel->title, panel->x_title, panel->y_title, svg);
    if (panel->diagonal)
        draw_diagonal(&plot, svg);
    char id[32];
    snprintf(id, sizeof id, "panel%zu", number + 1);
    /* A little wider than the plot, so that a curve along its edge is not cut in half. */
    rfim__svg_clip_begin(svg, id, plot.box.x - 4, plot.box.y - 4, plot.box.width + 8,
                         plot.box.height + 8);
    draw_all_series(context, panel, &plot, svg);
    rfim__svg_clip_end(svg);
    note_missing_dots(panel, &plot, svg);
}
