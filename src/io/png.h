/* png.h - pictures as PNG files: 8 bits a channel, grey or RGB (PNG specification, ISO 15948). */
#ifndef RFIM_IO_PNG_H
#define RFIM_IO_PNG_H

#include "core/context.h"

typedef enum rfim__png_colours { RFIM__PNG_GREY = 1, RFIM__PNG_RGB = 3 } rfim__png_colours;

/* Encodes pixels [height x width x colours], row-major from the upper left corner, 0 dark. *png
 * is *size bytes that rfim__release frees. RFIM_ERROR_ARGUMENT when the picture is empty or
 * larger than PNG allows; RFIM_ERROR_MEMORY. */
rfim_status rfim__png_encode(rfim_context *context, const uint8_t *pixels, size_t height,
                             size_t width, rfim__png_colours colours, uint8_t **png, size_t *size);

#endif
