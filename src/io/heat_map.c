#include "io/heat_map.h"

#include "core/size.h"
#include "io/chart_ramp.h"
#include "io/png.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BAR_GAP 10.0   /* between the plot and its colour bar */
#define BAR_WIDTH 11.0 /* of the colour bar */
#define BAR_STEPS 256
#define GREY_KEY 9.0   /* the side of the square that explains grey */
#define MOST_BINS 4096 /* along a side */
#define MOST_LABELS 6  /* about so many, along the columns */
#define LABEL_GAP 8.0  /* pixels between them */
#define CHANNELS 3

/* The colour scale, its ticks, and the pixels right of the plot that it takes. */
typedef struct colour_bar {
    rfim__axis axis;
    double room;
} colour_bar;

static void make_colour_bar(const rfim__heat_map *map, rfim__box box, colour_bar *bar)
{
    const bool given = map->low < map->high;
    rfim__range range = {.low = map->low, .high = map->high, .positive_low = INFINITY};
    if (!given) {
        rfim__range_begin(&range);
        rfim__range_include(&range, map->values, map->rows * map->columns);
    }
    rfim__axis_linear(&bar->axis, &range, (size_t)(box.height / 48), false);
    if (given)
        rfim__axis_cut(&bar->axis, map->low, map->high);
    double widest = 0;
    for (size_t tick = 0; tick < bar->axis.count; tick++)
        widest = fmax(widest, rfim__svg_words_width(bar->axis.ticks[tick].label, RFIM__TICK_FONT));
    bar->room = BAR_GAP + BAR_WIDTH + 6 + widest + (map->value_title ? RFIM__AXIS_FONT + 6 : 0);
}

/* One direction of the picture. Its numbers are put into bins, as equal as whole numbers can be.
 * A bin is several pixels wide, twice as many as the page has: some viewers smooth pictures though
 * they are asked not to, and then blur no more than the edges between bins. */
typedef struct bins_along {
    size_t numbers, bins, repeats; /* repeats: pixels of a bin */
} bins_along;

static size_t pixels_of(const bins_along *side)
{
    return side->bins * side->repeats;
}

static bins_along bins_of(double length, size_t numbers)
{
    const double whole = floor(fmax(1, fmin(length, MOST_BINS)));
    bins_along side = {.numbers = numbers, .bins = rfim__size_min((size_t)whole, numbers)};
    side.repeats = side.bins < numbers ? 1 : (size_t)ceil(2 * whole / (double)numbers);
    return side;
}

/* The first number of a bin. */
static size_t bin_begin(const bins_along *side, size_t bin)
{
    return side->numbers / side->bins * bin + side->numbers % side->bins * bin / side->bins;
}

typedef struct picture {
    bins_along y, x;
    uint8_t *pixels; /* [pixels_of(y) x pixels_of(x) x CHANNELS] */
    bool grey;       /* some bins have no number */
} picture;

/* The mean of the finite numbers of a bin; NaN: there is none. */
static double bin_mean(const rfim__heat_map *map, const picture *out, size_t y, size_t x)
{
    const size_t row_end = bin_begin(&out->y, y + 1);
    const size_t column_begin = bin_begin(&out->x, x);
    const size_t column_end = bin_begin(&out->x, x + 1);
    double sum = 0;
    size_t count = 0;
    for (size_t row = bin_begin(&out->y, y); row < row_end; row++)
        for (size_t column = column_begin; column < column_end; column++) {
            const double value = map->values[row * map->columns + column];
            sum += isfinite(value) ? value : 0;
            count += isfinite(value) ? 1 : 0;
        }
    return count > 0 ? sum / (double)count : NAN;
}

/* The colours of one row of bins, as a row of pixels. */
static void paint_row(const rfim__heat_map *map, const rfim__axis *scale, size_t y, picture *out,
                      uint8_t *row)
{
    const size_t repeats = out->x.repeats;
    for (size_t x = 0; x < out->x.bins; x++) {
        const double value = bin_mean(map, out, y, x);
        /* A mean may be infinite: the sum of numbers near the largest there are. */
        const double bounded = fmax(scale->low, fmin(scale->high, value));
        uint8_t colour[CHANNELS];
        rfim__chart_ramp(isnan(value) ? NAN : rfim__axis_place(scale, bounded), colour);
        for (size_t pixel = x * repeats; pixel < (x + 1) * repeats; pixel++)
            memcpy(row + pixel * CHANNELS, colour, CHANNELS);
        out->grey = out->grey || isnan(value);
    }
}

static void paint(const rfim__heat_map *map, const rfim__axis *scale, picture *out)
{
    const size_t repeats = out->y.repeats;
    const size_t row_size = pixels_of(&out->x) * CHANNELS;
    for (size_t y = 0; y < out->y.bins; y++) {
        uint8_t *first = out->pixels + y * repeats * row_size;
        paint_row(map, scale, y, out, first);
        for (size_t repeat = 1; repeat < repeats; repeat++)
            memcpy(first + repeat * row_size, first, row_size);
    }
}

/* Puts pixels [height x width x CHANNELS] into the box. */
static void put_pixels(rfim_context *context, const uint8_t *pixels, size_t height, size_t width,
                       rfim__box box, rfim__svg *svg)
{
    uint8_t *png = NULL;
    size_t size = 0;
    rfim_status status = rfim__png_encode(context, pixels, height, width, RFIM__PNG_RGB, &png,
                                          &size);
    if (status == RFIM_OK)
        rfim__svg_png(svg, box.x, box.y, box.width, box.height, png, size);
    else
        rfim__svg_fail(svg, status);
    rfim__release(context, png);
}

/* Returns whether grey pixels were drawn. */
static bool draw_numbers(rfim_context *context, const rfim__heat_map *map, const rfim__axis *scale,
                         rfim__box box, rfim__svg *svg)
{
    picture out = {.y = bins_of(box.height, map->rows), .x = bins_of(box.width, map->columns)};
    const size_t height = pixels_of(&out.y);
    const size_t width = pixels_of(&out.x);
    out.pixels = rfim__allocate(context, height * width, CHANNELS);
    if (!out.pixels) {
        rfim__svg_fail(svg, RFIM_ERROR_MEMORY);
        return false;
    }
    paint(map, scale, &out);
    put_pixels(context, out.pixels, height, width, box, svg);
    rfim__release(context, out.pixels);
    return out.grey;
}

static void draw_outline(rfim__box box, rfim__svg *svg)
{
    const double x[] = {box.x, box.x + box.width, box.x + box.width, box.x, box.x};
    const double y[] = {box.y, box.y, box.y + box.height, box.y + box.height, box.y};
    const rfim__svg_pen pen = {RFIM__FRAME_INK, 1, NULL};
    rfim__svg_polyline(svg, x, y, 5, &pen);
}

static void draw_bar_labels(const rfim__heat_map *map, const rfim__plot *bar, double right,
                            rfim__svg *svg)
{
    const rfim__svg_font beside = {.size = RFIM__TICK_FONT, .colour = RFIM__INK};
    const rfim__svg_font upwards = {
        .size = RFIM__AXIS_FONT, .colour = RFIM__INK, .anchor = RFIM__SVG_MIDDLE, .upwards = true};
    const rfim__svg_pen pen = {RFIM__FRAME_INK, 1, NULL};
    const double edge = bar->box.x + bar->box.width;
    for (size_t number = 0; number < bar->y.count; number++) {
        const rfim__tick *tick = &bar->y.ticks[number];
        const double y = rfim__plot_y(bar, tick->value);
        rfim__svg_line(svg, edge, y, edge + 3, y, &pen);
        rfim__svg_words(svg, edge + 6, y + 0.36 * RFIM__TICK_FONT, &beside, tick->label);
    }
    if (map->value_title)
        rfim__svg_words(svg, right - 2, bar->box.y + bar->box.height / 2, &upwards,
                        map->value_title);
}

/* The ramp from top to bottom, its ticks, and a square for grey where there is any. right: where
 * the room for it ends. */
static void draw_colour_bar(rfim_context *context, const rfim__heat_map *map,
                            const rfim__axis *scale, rfim__box beside, double right, bool grey,
                            rfim__svg *svg)
{
    const rfim__plot bar = {
        .y = *scale,
        .box = {beside.x + beside.width + BAR_GAP, beside.y, BAR_WIDTH, beside.height}};
    const size_t height = BAR_STEPS;
    uint8_t *pixels = rfim__allocate(context, height, CHANNELS);
    if (!pixels) {
        rfim__svg_fail(svg, RFIM_ERROR_MEMORY);
        return;
    }
    for (size_t y = 0; y < height; y++)
        rfim__chart_ramp(1 - ((double)y + 0.5) / (double)height, pixels + y * CHANNELS);
    put_pixels(context, pixels, height, 1, bar.box, svg);
    rfim__release(context, pixels);
    draw_outline(bar.box, svg);
    draw_bar_labels(map, &bar, right, svg);
    if (!grey)
        return;
    const rfim__svg_font font = {.size = RFIM__TICK_FONT, .colour = RFIM__INK};
    /* On a line with the x title: the label of the last column may be near. */
    const double top = bar.box.y + bar.box.height + RFIM__X_TITLE_BASE - GREY_KEY;
    char colour[8];
    snprintf(colour, sizeof colour, "#%02x%02x%02x", RFIM__RAMP_GREY, RFIM__RAMP_GREY,
             RFIM__RAMP_GREY);
    rfim__svg_rectangle(svg, bar.box.x + 1, top, GREY_KEY, GREY_KEY, colour, 1);
    rfim__svg_words(svg, bar.box.x + BAR_WIDTH + 6, top + GREY_KEY, &font, "none");
}

static void say_empty(rfim__box box, rfim__svg *svg)
{
    const rfim__svg_font font = {
        .size = RFIM__AXIS_FONT, .colour = RFIM__PALE_INK, .anchor = RFIM__SVG_MIDDLE};
    rfim__svg_words(svg, box.x + box.width / 2, box.y + box.height / 2, &font, "nothing to show");
}

/* As many columns have labels as there is room for, MOST_LABELS at most. */
static void make_x_axis(size_t columns, rfim__plot *plot)
{
    const rfim__axis *axis = &plot->x;
    for (size_t wanted = MOST_LABELS; wanted > 0; wanted--) {
        rfim__axis_cells(&plot->x, columns, wanted);
        if (axis->count < 2)
            return;
        const rfim__tick *last = &axis->ticks[axis->count - 1];
        const double pitch = rfim__plot_x(plot, last->value) - rfim__plot_x(plot, last[-1].value);
        if (pitch >= rfim__svg_words_width(last->label, RFIM__TICK_FONT) + LABEL_GAP)
            return;
    }
}

void rfim__heat_map_draw(rfim_context *context, const rfim__heat_map *map, rfim__box box,
                         rfim__svg *svg)
{
    const bool empty = !map->values || map->rows == 0 || map->columns == 0;
    rfim__plot plot = {.box = box};
    colour_bar bar = {.room = RFIM__PLOT_RIGHT};
    if (!empty)
        make_colour_bar(map, box, &bar);
    rfim__axis_cells(&plot.y, empty ? 0 : map->rows, (size_t)(box.height / 48));
    /* Row 1 is the uppermost. */
    plot.y.high = plot.y.low;
    plot.y.low = plot.y.low + (double)rfim__size_max(map->rows, 1);
    rfim__plot_place(&plot, box, map->label_room, bar.room);
    make_x_axis(empty ? 0 : map->columns, &plot);
    if (empty) {
        say_empty(plot.box, svg);
    } else {
        const bool grey = draw_numbers(context, map, &bar.axis, plot.box, svg);
        draw_colour_bar(context, map, &bar.axis, plot.box, box.x + box.width, grey, svg);
    }
    draw_outline(plot.box, svg);
    rfim__plot_draw_axes(&plot, svg);
    rfim__plot_draw_titles(&plot, box, map->title, map->x_title, map->y_title, svg);
}
