/* heat_map.h - a table of numbers as a picture: a colour a number, with a bar that explains it. */
#ifndef RFIM_IO_HEAT_MAP_H
#define RFIM_IO_HEAT_MAP_H

#include "io/chart_frame.h"

/* Rows and columns are numbered from 1; row 1 is the uppermost. Where there are more of them than
 * pixels, neighbours are drawn as their mean (of the finite ones). */
typedef struct rfim__heat_map {
    const char *title;
    const char *x_title;
    const char *y_title;
    const double *values; /* [rows x columns] row-major; what is not finite becomes grey */
    size_t rows, columns; /* 0 is legal: an empty frame that says so */
    double low, high;     /* of the colour scale; low == high: from the values */
    const char *value_title;
    double label_room; /* as in rfim__panel */
} rfim__heat_map;

/* box: for everything, titles and colour bar included. */
void rfim__heat_map_draw(rfim_context *context, const rfim__heat_map *map, rfim__box box,
                         rfim__svg *svg);

#endif
