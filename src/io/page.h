/* page.h - a page of pictures: a title, then rows of up to three pictures with words above. */
#ifndef RFIM_IO_PAGE_H
#define RFIM_IO_PAGE_H

#include "io/chart.h"
#include "io/heat_map.h"

#define RFIM__PAGE_WIDTH 1000.0 /* pixels; the height grows with the rows */
#define RFIM__PAGE_CELLS 3      /* in a row */

/* One picture, or none: panel and heat_map are not both there. */
typedef struct rfim__page_cell {
    const rfim__panel *panel;
    const rfim__heat_map *heat_map;
    const char *why; /* in the place of a picture that is left out; NULL: the place stays white */
} rfim__page_cell;

/* A row whose cells are all empty, without a why, takes no room for them. */
typedef struct rfim__page_row {
    const char *heading;
    const char *words; /* as many lines as they need; NULL: none */
    rfim__page_cell cells[RFIM__PAGE_CELLS];
} rfim__page_row;

typedef struct rfim__page {
    const char *title;
    const char *const *subtitles; /* words as above */
    size_t subtitle_count;
    const rfim__page_row *rows;
    size_t row_count;
} rfim__page;

/* Draws the page into svg, which it begins; the caller saves or ends it. */
void rfim__page_draw(rfim_context *context, const rfim__page *page, rfim__svg *svg);

#endif
