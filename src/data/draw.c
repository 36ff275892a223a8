/* draw.c - contact sheets of image data, as PNG or SVG files. */
#include "core/file.h"
#include "data/contact_sheet.h"
#include "data/dataset.h"
#include "io/png.h"
#include "io/svg.h"

#include <inttypes.h>
#include <rfim/io.h>
#include <stdio.h>
#include <string.h>

static rfim_status encode(const rfim__contact_sheet *sheet, uint8_t **png, size_t *size)
{
    return rfim__png_encode(sheet->dataset->context, sheet->pixels, sheet->height, sheet->width,
                            RFIM__PNG_GREY, png, size);
}

static rfim_status write_png(rfim__contact_sheet *sheet, const char *path)
{
    uint8_t *png = NULL;
    size_t size = 0;
    rfim__contact_sheet_paint_labels(sheet);
    rfim_status status = encode(sheet, &png, &size);
    if (status == RFIM_OK)
        status = rfim__file_write(sheet->dataset->context, path, png, size);
    rfim__release(sheet->dataset->context, png);
    return status;
}

/* The images as one embedded PNG, their labels as text. */
static rfim_status write_svg(const rfim__contact_sheet *sheet, const char *path)
{
    const rfim_dataset *dataset = sheet->dataset;
    const rfim__svg_font font = {.size = 13, .colour = "#555555", .anchor = RFIM__SVG_MIDDLE};
    uint8_t *png = NULL;
    size_t size = 0;
    rfim_status status = encode(sheet, &png, &size);
    if (status != RFIM_OK)
        return status;
    double width = (double)sheet->width;
    double height = (double)sheet->height;
    rfim__svg svg;
    rfim__svg_begin(&svg, dataset->context, width, height, "Samples of a data set");
    rfim__svg_png(&svg, 0, 0, width, height, png, size);
    for (size_t i = 0; i < sheet->images && dataset->labels; i++) {
        char text[16];
        size_t middle, base;
        snprintf(text, sizeof text, "%" PRId32, dataset->labels[i]);
        rfim__contact_sheet_label_place(sheet, i, &middle, &base);
        rfim__svg_words(&svg, (double)middle, (double)base, &font, text);
    }
    rfim__release(dataset->context, png);
    return rfim__svg_save(&svg, path);
}

static int ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    size_t end = strlen(ending);
    return length > end && strcmp(text + length - end, ending) == 0;
}

rfim_status rfim_dataset_draw(const rfim_dataset *dataset, size_t rows, size_t columns,
                              const char *path)
{
    rfim__contact_sheet sheet;
    int png = ends_with(path, ".png");
    if (!png && !ends_with(path, ".svg"))
        return rfim__fail(dataset->context, RFIM_ERROR_ARGUMENT,
                          "%s: the name of a picture must end in .svg or .png", path);
    rfim_status status = rfim__contact_sheet_create(dataset, rows, columns, &sheet);
    if (status != RFIM_OK)
        return status;
    status = png ? write_png(&sheet, path) : write_svg(&sheet, path);
    rfim__contact_sheet_free(&sheet);
    return status;
}
