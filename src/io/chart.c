#include "io/chart.h"

#include "core/size.h"
#include "io/chart_panel.h"
#include "io/svg_words.h"

#include <math.h>

#define MARGIN 16.0
#define TITLE_FONT 16.0
#define TITLE_ROOM 34.0
#define PANEL_HEIGHT 340.0
#define LEGEND_FONT 12.0
#define LEGEND_ROW 20.0
#define LEGEND_SAMPLE 30.0 /* pixels of line before a name */
#define LEGEND_GAP 24.0    /* between entries */

const char *rfim__chart_colour(size_t number)
{
    /* Okabe and Ito, "Color Universal Design" (2008), the pale yellow left out; then Paul Tol's
     * wine, olive and indigo. */
    static const char *const colours[RFIM__CHART_COLOURS] = {
        "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
        "#56B4E9", "#000000", "#882255", "#999933", "#332288"};
    if (number == RFIM__CHART_GREY)
        return "#666666";
    return colours[number % RFIM__CHART_COLOURS];
}

/* Pixels of an entry, without the gap behind it. */
static double entry_width(const rfim__legend_entry *entry)
{
    const double room = RFIM__CHART_WIDTH - 2 * MARGIN;
    return fmin(room, LEGEND_SAMPLE + 8 + rfim__svg_words_width(entry->name, LEGEND_FONT));
}

/* Entries that belong together: in one row, where they fit, else in equal columns. */
typedef struct legend_part {
    size_t first, end; /* entries */
    size_t columns, rows;
    double column; /* pixels of a column with its gap; 0: one row, each entry its own width */
    double width;  /* of all columns */
} legend_part;

static legend_part legend_part_from(const rfim__chart *chart, size_t first)
{
    const double room = RFIM__CHART_WIDTH - 2 * MARGIN;
    legend_part part = {.first = first, .end = first, .rows = 1, .width = -LEGEND_GAP};
    double widest = 0;
    do {
        const double width = entry_width(&chart->legend[part.end++]);
        widest = fmax(widest, width);
        part.width += width + LEGEND_GAP;
    } while (part.end < chart->legend_count && !chart->legend[part.end].new_row);
    part.columns = part.end - first;
    if (part.width <= room)
        return part;
    part.column = widest + LEGEND_GAP;
    part.columns = rfim__size_max(1, (size_t)((room + LEGEND_GAP) / part.column));
    part.rows = (part.end - first + part.columns - 1) / part.columns;
    part.width = (double)part.columns * part.column - LEGEND_GAP;
    return part;
}

static size_t legend_rows(const rfim__chart *chart)
{
    size_t rows = 0;
    for (size_t first = 0; first < chart->legend_count;) {
        const legend_part part = legend_part_from(chart, first);
        rows += part.rows;
        first = part.end;
    }
    return rows;
}

static void draw_entry(const rfim__legend_entry *entry, double x, double y, rfim__svg *svg)
{
    const rfim__svg_font font = {.size = LEGEND_FONT, .colour = RFIM__INK};
    const rfim__svg_pen pen = {rfim__chart_colour(entry->colour), RFIM__CHART_PEN + 0.4,
                               entry->dashed ? RFIM__CHART_DASHES : NULL};
    char name[RFIM__WORDS_SIZE];
    rfim__svg_shorten(entry->name, LEGEND_FONT, entry_width(entry) - LEGEND_SAMPLE - 7.5, name);
    rfim__svg_line(svg, x, y, x + LEGEND_SAMPLE, y, &pen);
    rfim__chart_marker(svg, entry->colour, x + LEGEND_SAMPLE / 2, y);
    rfim__svg_words(svg, x + LEGEND_SAMPLE + 8, y + 0.36 * LEGEND_FONT, &font, name);
}

static void draw_legend_part(const rfim__chart *chart, const legend_part *part, double y,
                             rfim__svg *svg)
{
    const double left = fmax(MARGIN, (RFIM__CHART_WIDTH - part->width) / 2);
    double x = left;
    for (size_t number = part->first; number < part->end; number++) {
        const rfim__legend_entry *entry = &chart->legend[number];
        draw_entry(entry, x, y, svg);
        x += part->column > 0 ? part->column : entry_width(entry) + LEGEND_GAP;
        if ((number - part->first + 1) % part->columns == 0) {
            x = left;
            y += LEGEND_ROW;
        }
    }
}

static void draw_legend(const rfim__chart *chart, double top, rfim__svg *svg)
{
    double y = top + LEGEND_ROW / 2;
    for (size_t first = 0; first < chart->legend_count;) {
        const legend_part part = legend_part_from(chart, first);
        draw_legend_part(chart, &part, y, svg);
        y += LEGEND_ROW * (double)part.rows;
        first = part.end;
    }
}

void rfim__chart_draw(rfim_context *context, const rfim__chart *chart, rfim__svg *svg)
{
    const double title_room = chart->title ? TITLE_ROOM : 0;
    const double panels_top = MARGIN / 2 + title_room;
    const double legend_top = panels_top + PANEL_HEIGHT + 8;
    const double height = legend_top + LEGEND_ROW * (double)legend_rows(chart) + MARGIN;
    rfim__svg_begin(svg, context, RFIM__CHART_WIDTH, height, chart->title);
    if (chart->title) {
        const rfim__svg_font font = {
            .size = TITLE_FONT, .colour = RFIM__INK, .anchor = RFIM__SVG_MIDDLE, .bold = true};
        char title[RFIM__WORDS_SIZE];
        rfim__svg_shorten(chart->title, TITLE_FONT * 1.05, RFIM__CHART_WIDTH - 2 * MARGIN, title);
        rfim__svg_words(svg, RFIM__CHART_WIDTH / 2, MARGIN / 2 + TITLE_FONT + 6, &font, title);
    }
    const double room = RFIM__CHART_WIDTH - 2 * MARGIN;
    const double width = (room + MARGIN) / (double)chart->panel_count;
    for (size_t number = 0; number < chart->panel_count; number++) {
        const rfim__box box = {MARGIN + width * (double)number, panels_top, width - MARGIN,
                               PANEL_HEIGHT};
        rfim__chart_panel_draw(context, &chart->panels[number], number, box, svg);
    }
    draw_legend(chart, legend_top, svg);
}
