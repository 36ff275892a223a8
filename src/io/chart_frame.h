/* chart_frame.h - what surrounds a plot: its rectangle, the labels of its axes, the titles. */
#ifndef RFIM_IO_CHART_FRAME_H
#define RFIM_IO_CHART_FRAME_H

#include "io/chart_axis.h"
#include "io/svg.h"

#define RFIM__INK "#333333"       /* of words */
#define RFIM__PALE_INK "#666666"  /* of words that matter less */
#define RFIM__FRAME_INK "#777777" /* of the lines along a plot */
#define RFIM__TICK_FONT 11.0
#define RFIM__AXIS_FONT 12.0
#define RFIM__X_TITLE_BASE 36.0 /* pixels from the x axis down to the base line of its title */

typedef struct rfim__box {
    double x, y, width, height;
} rfim__box;

/* Axes and the rectangle between them: they map values to pixels. The x axis runs to the right,
 * the y axis upwards. */
typedef struct rfim__plot {
    rfim__axis x, y;
    rfim__box box;
} rfim__plot;

/* Pixels; NaN for what cannot lie on the axis. */
double rfim__plot_x(const rfim__plot *plot, double value);
double rfim__plot_y(const rfim__plot *plot, double value);

/* Finds the plot's rectangle: the box without titles and labels. The axes are there already.
 * label_room: pixels left of the plot that the y labels get at least; right: pixels that stay free
 * right of the plot. */
void rfim__plot_place(rfim__plot *plot, rfim__box box, double label_room, double right);

#define RFIM__PLOT_RIGHT 14.0 /* pixels free right of a plot with nothing there */

/* Takes away labels of a logarithmic x axis that would lie over others: those that begin with 5
 * before those with 2, and these before powers of ten. */
void rfim__plot_space_labels(rfim__plot *plot);
/* The labels of both axes, and the lines along them. */
void rfim__plot_draw_axes(const rfim__plot *plot, rfim__svg *svg);
/* box: as in rfim__plot_place. Each title may be NULL. */
void rfim__plot_draw_titles(const rfim__plot *plot, rfim__box box, const char *title,
                            const char *x_title, const char *y_title, rfim__svg *svg);

#endif
