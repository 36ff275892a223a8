#include "io/page.h"

#include "io/chart_panel.h"
#include "io/svg_words.h"

#include <math.h>

#define MARGIN 24.0
#define GAP 22.0 /* between cells */
#define CELL_HEIGHT 240.0
#define ROW_SPACE 12.0  /* above and below the line that begins a row */
#define LABEL_ROOM 47.0 /* enough for most labels: plots of a column align */

static const double text_width = RFIM__PAGE_WIDTH - 2 * MARGIN;
static const rfim__svg_font title_font = {.size = 19, .colour = RFIM__INK, .bold = true};
static const rfim__svg_font subtitle_font = {.size = 12.5, .colour = RFIM__PALE_INK};
static const rfim__svg_font heading_font = {.size = 15, .colour = RFIM__INK, .bold = true};
static const rfim__svg_font words_font = {.size = 12.5, .colour = RFIM__INK};
static const rfim__svg_font why_font = {
    .size = 12, .colour = RFIM__PALE_INK, .anchor = RFIM__SVG_MIDDLE};

/* Words below `top`; returns where they end. svg NULL: only measures, as everywhere below. */
static double put_words(rfim__svg *svg, double top, const rfim__svg_font *font, const char *words)
{
    const double base = top + font->size;
    const size_t lines = rfim__svg_paragraph(svg, MARGIN, base, text_width, font, words);
    return top + (double)lines * RFIM__LINE_PITCH * font->size;
}

static double put_head(rfim__svg *svg, const rfim__page *page)
{
    double y = put_words(svg, MARGIN, &title_font, page->title);
    for (size_t number = 0; number < page->subtitle_count; number++)
        y = put_words(svg, y, &subtitle_font, page->subtitles[number]);
    return y;
}

static void put_why(rfim__svg *svg, rfim__box box, const char *why)
{
    const double width = box.width - 4 * GAP;
    const double middle = box.y + box.height / 2;
    const double lines = (double)rfim__svg_paragraph(NULL, 0, 0, width, &why_font, why);
    rfim__svg_rectangle(svg, box.x + GAP, box.y + GAP, box.width - 2 * GAP, box.height - 2 * GAP,
                        "#f6f6f6", 1);
    rfim__svg_paragraph(svg, box.x + box.width / 2,
                        middle - why_font.size * (RFIM__LINE_PITCH * (lines - 1) / 2 - 0.36), width,
                        &why_font, why);
}

/* number: of the cell on the page. */
static void put_cell(rfim_context *context, const rfim__page_cell *cell, size_t number,
                     rfim__box box, rfim__svg *svg)
{
    if (cell->panel) {
        rfim__panel panel = *cell->panel;
        panel.label_room = fmax(panel.label_room, LABEL_ROOM);
        rfim__chart_panel_draw(context, &panel, number, box, svg);
    } else if (cell->heat_map) {
        rfim__heat_map map = *cell->heat_map;
        map.label_room = fmax(map.label_room, LABEL_ROOM);
        rfim__heat_map_draw(context, &map, box, svg);
    } else if (cell->why) {
        put_why(svg, box, cell->why);
    }
}

static bool has_cells(const rfim__page_row *row)
{
    for (size_t number = 0; number < RFIM__PAGE_CELLS; number++) {
        const rfim__page_cell *cell = &row->cells[number];
        if (cell->panel || cell->heat_map || cell->why)
            return true;
    }
    return false;
}

/* A line, the words, the cells; returns where the row ends. number: of the row's first cell. */
static double put_row(rfim_context *context, const rfim__page_row *row, size_t number, double top,
                      rfim__svg *svg)
{
    const rfim__svg_pen pen = {"#cccccc", 1, NULL};
    const double width = (text_width + GAP) / RFIM__PAGE_CELLS;
    if (svg)
        rfim__svg_line(svg, MARGIN, top + ROW_SPACE, MARGIN + text_width, top + ROW_SPACE, &pen);
    double y = put_words(svg, top + 2 * ROW_SPACE, &heading_font, row->heading);
    y = put_words(svg, y, &words_font, row->words);
    if (!has_cells(row))
        return y;
    y += ROW_SPACE / 2;
    for (size_t cell = 0; svg && cell < RFIM__PAGE_CELLS; cell++) {
        const rfim__box box = {MARGIN + width * (double)cell, y, width - GAP, CELL_HEIGHT};
        put_cell(context, &row->cells[cell], number + cell, box, svg);
    }
    return y + CELL_HEIGHT;
}

/* Everything; returns where it ends. */
static double put_page(rfim_context *context, const rfim__page *page, rfim__svg *svg)
{
    double y = put_head(svg, page);
    for (size_t row = 0; row < page->row_count; row++)
        y = put_row(context, &page->rows[row], row * RFIM__PAGE_CELLS, y, svg);
    return y;
}

void rfim__page_draw(rfim_context *context, const rfim__page *page, rfim__svg *svg)
{
    const double height = put_page(context, page, NULL) + MARGIN;
    rfim__svg_begin(svg, context, RFIM__PAGE_WIDTH, height, page->title);
    put_page(context, page, svg);
}
