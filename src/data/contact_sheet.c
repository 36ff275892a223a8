#include "data/contact_sheet.h"

#include "core/size.h"
#include "data/dataset.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define GAP 8         /* pixels between images */
#define LABEL_ROOM 16 /* pixels under an image */
#define WANTED_SIDE 56
#define MOST_PIXELS ((size_t)1 << 28)
#define GLYPH_WIDTH 3
#define GLYPH_HEIGHT 5
#define GLYPH_ZOOM 2

/* Three bits a row, five rows from the top, the leftmost bit the largest. */
static const uint8_t glyphs[10][GLYPH_HEIGHT] = {
    {7, 5, 5, 5, 7}, {2, 6, 2, 2, 7}, {7, 1, 7, 4, 7}, {7, 1, 3, 1, 7}, {5, 5, 7, 1, 1},
    {7, 4, 7, 1, 7}, {7, 4, 7, 5, 7}, {7, 1, 2, 2, 2}, {7, 5, 7, 5, 7}, {7, 5, 7, 1, 7}};

static rfim_status lay_out(rfim__contact_sheet *sheet, size_t rows, size_t columns)
{
    const rfim_dataset *dataset = sheet->dataset;
    size_t side = rfim__size_max(dataset->image_height, dataset->image_width);
    size_t wanted = 0;
    size_t pixels = 0;
    if (!rfim__size_multiply(rows, columns, &wanted))
        wanted = SIZE_MAX;
    sheet->images = rfim__size_min(wanted, dataset->samples);
    sheet->columns = rfim__size_min(columns, sheet->images);
    sheet->zoom = rfim__size_max(WANTED_SIDE / side, 1);
    rows = (sheet->images - 1) / sheet->columns + 1;
    sheet->cell_width = dataset->image_width * sheet->zoom + GAP;
    sheet->cell_height = dataset->image_height * sheet->zoom + GAP;
    if (dataset->labels)
        sheet->cell_height += LABEL_ROOM;
    if (rfim__size_multiply(sheet->columns, sheet->cell_width, &sheet->width) &&
        rfim__size_multiply(rows, sheet->cell_height, &sheet->height) &&
        rfim__size_multiply(sheet->width, sheet->height, &pixels) && pixels <= MOST_PIXELS) {
        sheet->width += GAP;
        sheet->height += GAP;
        return RFIM_OK;
    }
    return rfim__fail(dataset->context, RFIM_ERROR_ARGUMENT,
                      "%zu images of %zu x %zu pixels do not fit on one sheet; ask for fewer",
                      sheet->images, dataset->image_height, dataset->image_width);
}

static void paint_image(rfim__contact_sheet *sheet, size_t i, const double *values)
{
    const rfim_dataset *dataset = sheet->dataset;
    size_t left = GAP + i % sheet->columns * sheet->cell_width;
    size_t top = GAP + i / sheet->columns * sheet->cell_height;
    for (size_t y = 0; y < dataset->image_height * sheet->zoom; y++) {
        uint8_t *row = sheet->pixels + (top + y) * sheet->width + left;
        const double *source = values + y / sheet->zoom * dataset->image_width;
        for (size_t x = 0; x < dataset->image_width * sheet->zoom; x++) {
            double ink = fmin(fmax(source[x / sheet->zoom], 0), 1);
            row[x] = (uint8_t)lround(255 * (1 - ink));
        }
    }
}

rfim_status rfim__contact_sheet_create(const rfim_dataset *dataset, size_t rows, size_t columns,
                                       rfim__contact_sheet *out)
{
    memset(out, 0, sizeof *out);
    out->dataset = dataset;
    if (dataset->image_height == 0 || dataset->image_width == 0)
        return rfim__fail(dataset->context, RFIM_ERROR_ARGUMENT,
                          "these data are no images: there is nothing to draw");
    if (rows == 0 || columns == 0)
        return rfim__fail(dataset->context, RFIM_ERROR_ARGUMENT,
                          "a sheet of %zu x %zu images is empty; ask for at least 1 x 1", rows,
                          columns);
    rfim_status status = lay_out(out, rows, columns);
    if (status != RFIM_OK)
        return status;
    double *values = rfim__allocate(dataset->context, dataset->inputs, sizeof *values);
    out->pixels = rfim__allocate(dataset->context, out->height, out->width);
    if (!values || !out->pixels)
        status = RFIM_ERROR_MEMORY;
    else
        memset(out->pixels, 255, out->height * out->width);
    for (size_t i = 0; i < out->images && status == RFIM_OK; i++) {
        status = rfim_dataset_read_inputs(dataset, i, values);
        if (status == RFIM_OK)
            paint_image(out, i, values);
    }
    rfim__release(dataset->context, values);
    if (status != RFIM_OK)
        rfim__contact_sheet_free(out);
    return status;
}

void rfim__contact_sheet_free(rfim__contact_sheet *sheet)
{
    rfim__release(sheet->dataset->context, sheet->pixels);
    sheet->pixels = NULL;
}

void rfim__contact_sheet_label_place(const rfim__contact_sheet *sheet, size_t i, size_t *middle,
                                     size_t *base)
{
    *middle = (GAP + sheet->cell_width) / 2 + i % sheet->columns * sheet->cell_width;
    *base = (i / sheet->columns + 1) * sheet->cell_height - 2;
}

static void paint_glyph(rfim__contact_sheet *sheet, const uint8_t *glyph, size_t left, size_t top)
{
    for (size_t y = 0; y < (size_t)GLYPH_HEIGHT * GLYPH_ZOOM; y++)
        for (size_t x = 0; x < (size_t)GLYPH_WIDTH * GLYPH_ZOOM; x++)
            if (glyph[y / GLYPH_ZOOM] >> (GLYPH_WIDTH - 1 - x / GLYPH_ZOOM) & 1 &&
                left + x < sheet->width)
                sheet->pixels[(top + y) * sheet->width + left + x] = 96;
}

void rfim__contact_sheet_paint_labels(rfim__contact_sheet *sheet)
{
    const size_t step = (size_t)(GLYPH_WIDTH + 1) * GLYPH_ZOOM;
    for (size_t i = 0; i < sheet->images && sheet->dataset->labels; i++) {
        char text[16];
        size_t middle, base;
        snprintf(text, sizeof text, "%" PRId32, sheet->dataset->labels[i]);
        rfim__contact_sheet_label_place(sheet, i, &middle, &base);
        size_t half = (strlen(text) * step - GLYPH_ZOOM) / 2;
        size_t left = middle > half ? middle - half : 0;
        for (const char *digit = text; *digit; digit++, left += step)
            paint_glyph(sheet, glyphs[*digit - '0'], left,
                        base - (size_t)GLYPH_HEIGHT * GLYPH_ZOOM);
    }
}
