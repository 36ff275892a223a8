#include "io/chart.h"

#include "core/size.h"
#include "io/chart_panel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MARGIN 16.0
#define TITLE_FONT 16.0
#define TITLE_ROOM 34.0
#define PANEL_HEIGHT 340.0
#define LEGEND_FONT 12.0
#define LEGEND_ROW 20.0
#define LEGEND_SAMPLE 30.0 /* pixels of line before a name */
#define LEGEND_GAP 24.0    /* between entries */
#define NAME_SIZE 512      /* bytes of a shortened name */

const char *rfim__chart_colour(size_t number)
{
    /* Okabe and Ito, "Color Universal Design" (2008), the pale yellow left out. */
    static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                          "#E69F00", "#56B4E9", "#000000"};
    if (number == RFIM__CHART_GREY)
        return "#666666";
    return colours[number % (sizeof colours / sizeof colours[0])];
}

/* Copies the last `size` bytes' worth of whole characters. */
static const char *tail_of(const char *words, size_t size)
{
    const char *tail = words + strlen(words) - rfim__size_min(size, strlen(words));
    while (((unsigned char)*tail & 0xC0) == 0x80)
        tail++;
    return tail;
}

/* words in at most `width` pixels: what is too much in the middle becomes an ellipsis. */
static void shorten(const char *words, double font, double width, char out[NAME_SIZE])
{
    size_t length = strlen(words);
    snprintf(out, NAME_SIZE, "%s", words);
    if (length < NAME_SIZE && rfim__svg_words_width(words, font) <= width)
        return;
    for (size_t kept = rfim__size_min(length / 2, NAME_SIZE / 2 - 4); kept > 0; kept--) {
        size_t head = kept;
        while (head > 0 && ((unsigned char)words[head] & 0xC0) == 0x80)
            head--;
        snprintf(out, NAME_SIZE, "%.*s\xE2\x80\xA6%s", (int)head, words, tail_of(words, kept));
        if (rfim__svg_words_width(out, font) <= width)
            return;
    }
}

/* How the legend is laid out: equal columns, as many as fit. */
typedef struct legend_plan {
    size_t columns, rows;
    double column; /* pixels of a column, its gap included */
} legend_plan;

static legend_plan plan_legend(const rfim__chart *chart)
{
    const double room = RFIM__CHART_WIDTH - 2 * MARGIN;
    legend_plan plan = {1, 0, room};
    if (chart->legend_count == 0)
        return plan;
    double widest = 0;
    for (size_t entry = 0; entry < chart->legend_count; entry++)
        widest = fmax(widest, rfim__svg_words_width(chart->legend[entry].name, LEGEND_FONT));
    plan.column = fmin(room, widest + LEGEND_SAMPLE + 8 + LEGEND_GAP);
    plan.columns = rfim__size_min(chart->legend_count, (size_t)(room / plan.column));
    plan.rows = (chart->legend_count + plan.columns - 1) / plan.columns;
    return plan;
}

static void draw_legend(const rfim__chart *chart, const legend_plan *plan, double top,
                        rfim__svg *svg)
{
    const double used = (double)plan->columns * plan->column - LEGEND_GAP;
    const double left = fmax(MARGIN, (RFIM__CHART_WIDTH - used) / 2);
    const rfim__svg_font font = {.size = LEGEND_FONT, .colour = RFIM__INK};
    for (size_t number = 0; number < chart->legend_count; number++) {
        const rfim__legend_entry *entry = &chart->legend[number];
        const double x = left + (double)(number % plan->columns) * plan->column;
        const double y = top + LEGEND_ROW * (0.5 + (double)(number / plan->columns));
        const rfim__svg_pen pen = {rfim__chart_colour(entry->colour), RFIM__CHART_PEN + 0.4,
                                   entry->dashed ? RFIM__CHART_DASHES : NULL};
        char name[NAME_SIZE];
        shorten(entry->name, LEGEND_FONT, plan->column - LEGEND_SAMPLE - 8, name);
        rfim__svg_line(svg, x, y, x + LEGEND_SAMPLE, y, &pen);
        rfim__svg_words(svg, x + LEGEND_SAMPLE + 8, y + 0.36 * LEGEND_FONT, &font, name);
    }
}

void rfim__chart_draw(rfim_context *context, const rfim__chart *chart, rfim__svg *svg)
{
    const legend_plan legend = plan_legend(chart);
    const double title_room = chart->title ? TITLE_ROOM : 0;
    const double panels_top = MARGIN / 2 + title_room;
    const double legend_top = panels_top + PANEL_HEIGHT + 8;
    const double height = legend_top + LEGEND_ROW * (double)legend.rows + MARGIN;
    rfim__svg_begin(svg, context, RFIM__CHART_WIDTH, height, chart->title);
    if (chart->title) {
        const rfim__svg_font font = {.size = TITLE_FONT,
                                     .colour = RFIM__INK,
                                     .anchor = RFIM__SVG_MIDDLE,
                                     .bold = true};
        char title[NAME_SIZE];
        shorten(chart->title, TITLE_FONT * 1.05, RFIM__CHART_WIDTH - 2 * MARGIN, title);
        rfim__svg_words(svg, RFIM__CHART_WIDTH / 2, MARGIN / 2 + TITLE_FONT + 6, &font, title);
    }
    const double room = RFIM__CHART_WIDTH - 2 * MARGIN;
    const double width = (room + MARGIN) / (double)chart->panel_count;
    for (size_t number = 0; number < chart->panel_count; number++) {
        const rfim__box box = {MARGIN + width * (double)number, panels_top, width - MARGIN,
                               PANEL_HEIGHT};
        rfim__chart_panel_draw(context, &chart->panels[number], number, box, svg);
    }
    draw_legend(chart, &legend, legend_top, svg);
}
