/* contact_sheet.h - where the images and labels of a contact sheet go, in pixels. */
#ifndef RFIM_DATA_CONTACT_SHEET_H
#define RFIM_DATA_CONTACT_SHEET_H

#include "core/context.h"

#include <rfim/data.h>

typedef struct rfim__contact_sheet {
    const rfim_dataset *dataset;
    size_t images;  /* drawn: the first so many samples */
    size_t columns; /* images a row */
    size_t zoom;    /* pixels of the sheet a side of an image's pixel */
    size_t cell_width;
    size_t cell_height;
    size_t width;
    size_t height;
    uint8_t *pixels; /* [height x width] grey, 0 black */
} rfim__contact_sheet;

/* Lays out and paints the images: grey value 0 as white paper, 1 as black ink. Room for a line of
 * text is left under each where there are labels. RFIM_ERROR_ARGUMENT: no images, nothing to
 * draw, or too much of it; RFIM_ERROR_MEMORY. */
rfim_status rfim__contact_sheet_create(const rfim_dataset *dataset, size_t rows, size_t columns,
                                       rfim__contact_sheet *out);
void rfim__contact_sheet_free(rfim__contact_sheet *sheet);

/* The middle of the label under image i, and its base line. */
void rfim__contact_sheet_label_place(const rfim__contact_sheet *sheet, size_t i, size_t *middle,
                                     size_t *base);
/* Paints the labels with a small font made of pixels. */
void rfim__contact_sheet_paint_labels(rfim__contact_sheet *sheet);

#endif
