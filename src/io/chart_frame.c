#include "io/chart_frame.h"

#include <math.h>

#define TITLE_FONT 13.0
#define TITLE_ROOM 26.0  /* above the plot */
#define BOTTOM_ROOM 42.0 /* below it: labels and the x title */
#define LABEL_GAP 6.0    /* between labels of the x axis */

double rfim__plot_x(const rfim__plot *plot, double value)
{
    return plot->box.x + plot->box.width * rfim__axis_place(&plot->x, value);
}

double rfim__plot_y(const rfim__plot *plot, double value)
{
    return plot->box.y + plot->box.height * (1 - rfim__axis_place(&plot->y, value));
}

void rfim__plot_place(rfim__plot *plot, rfim__box box, double label_room, double right)
{
    double widest = label_room;
    for (size_t tick = 0; tick < plot->y.count; tick++)
        widest = fmax(widest, rfim__svg_words_width(plot->y.ticks[tick].label, RFIM__TICK_FONT));
    const double left = widest + RFIM__AXIS_FONT + 18;
    plot->box = (rfim__box){box.x + left, box.y + TITLE_ROOM, box.width - left - right,
                            box.height - TITLE_ROOM - BOTTOM_ROOM};
}

/* 1, 2 or 5, the first digit of what a tick of a logarithmic axis stands for. */
static int first_digit(const rfim__tick *tick)
{
    return (int)lround(tick->value / pow(10, floor(log10(tick->value) + 1e-9)));
}

/* Whether the labels of two ticks of the x axis lie apart. */
static bool labels_apart(const rfim__plot *plot, const rfim__tick *a, const rfim__tick *b)
{
    const double widths = rfim__svg_words_width(a->label, RFIM__TICK_FONT) +
                          rfim__svg_words_width(b->label, RFIM__TICK_FONT);
    return fabs(rfim__plot_x(plot, a->value) - rfim__plot_x(plot, b->value)) >=
           widths / 2 + LABEL_GAP;
}

/* Which labels of the x axis stay. */
typedef struct kept_labels {
    const rfim__plot *plot;
    bool kept[RFIM__AXIS_TICKS];
    size_t count;
} kept_labels;

/* Whether a tick is labelled and begins with the digit. */
static bool is_label(const rfim__tick *tick, int digit)
{
    return !tick->minor && first_digit(tick) == digit;
}

static bool fits(const kept_labels *labels, size_t number)
{
    const rfim__plot *plot = labels->plot;
    for (size_t other = 0; other < plot->x.count; other++)
        if (labels->kept[other] &&
            !labels_apart(plot, &plot->x.ticks[number], &plot->x.ticks[other]))
            return false;
    return true;
}

/* Keeps the labels that begin with a digit: those that fit, or all or none. */
static void keep_labels(kept_labels *labels, int digit, bool all_or_none)
{
    const rfim__axis *axis = &labels->plot->x;
    bool all = true;
    for (size_t number = 0; number < axis->count; number++)
        all = all && (!is_label(&axis->ticks[number], digit) || fits(labels, number));
    for (size_t number = 0; number < axis->count; number++)
        if ((all || !all_or_none) && is_label(&axis->ticks[number], digit) &&
            fits(labels, number)) {
            labels->kept[number] = true;
            labels->count++;
        }
}

void rfim__plot_space_labels(rfim__plot *plot)
{
    kept_labels labels = {.plot = plot};
    if (!plot->x.logarithmic)
        return;
    keep_labels(&labels, 1, false);
    keep_labels(&labels, 2, labels.count > 1);
    keep_labels(&labels, 5, labels.count > 1);
    for (size_t number = 0; number < plot->x.count; number++) {
        plot->x.ticks[number].minor = !labels.kept[number];
        if (!labels.kept[number])
            plot->x.ticks[number].label[0] = '\0';
    }
}

void rfim__plot_draw_axes(const rfim__plot *plot, rfim__svg *svg)
{
    const rfim__box box = plot->box;
    const double bottom = box.y + box.height;
    const rfim__svg_font beside = {
        .size = RFIM__TICK_FONT, .colour = RFIM__INK, .anchor = RFIM__SVG_END};
    const rfim__svg_font below = {
        .size = RFIM__TICK_FONT, .colour = RFIM__INK, .anchor = RFIM__SVG_MIDDLE};
    const rfim__svg_pen pen = {RFIM__FRAME_INK, 1, NULL};
    for (size_t number = 0; number < plot->y.count; number++) {
        const rfim__tick *tick = &plot->y.ticks[number];
        if (!tick->minor)
            rfim__svg_words(svg, box.x - 7,
                            rfim__plot_y(plot, tick->value) + 0.36 * RFIM__TICK_FONT, &beside,
                            tick->label);
    }
    for (size_t number = 0; number < plot->x.count; number++) {
        const rfim__tick *tick = &plot->x.ticks[number];
        if (!tick->minor)
            rfim__svg_words(svg, rfim__plot_x(plot, tick->value), bottom + RFIM__TICK_FONT + 6,
                            &below, tick->label);
    }
    rfim__svg_line(svg, box.x, box.y, box.x, bottom, &pen);
    rfim__svg_line(svg, box.x, bottom, box.x + box.width, bottom, &pen);
}

void rfim__plot_draw_titles(const rfim__plot *plot, rfim__box box, const char *title,
                            const char *x_title, const char *y_title, rfim__svg *svg)
{
    const rfim__box inner = plot->box;
    const double middle = inner.x + inner.width / 2;
    rfim__svg_font font = {
        .size = TITLE_FONT, .colour = RFIM__INK, .anchor = RFIM__SVG_MIDDLE, .bold = true};
    if (title)
        rfim__svg_words(svg, middle, inner.y - 10, &font, title);
    font.size = RFIM__AXIS_FONT;
    font.bold = false;
    if (x_title)
        rfim__svg_words(svg, middle, inner.y + inner.height + RFIM__X_TITLE_BASE, &font, x_title);
    font.upwards = true;
    if (y_title)
        rfim__svg_words(svg, box.x + RFIM__AXIS_FONT, inner.y + inner.height / 2, &font, y_title);
}
