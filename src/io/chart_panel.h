/* chart_panel.h - one panel of a chart: its axes, grid and curves, inside a rectangle. */
#ifndef RFIM_IO_CHART_PANEL_H
#define RFIM_IO_CHART_PANEL_H

#include "io/chart.h"
#include "io/chart_frame.h"

#define RFIM__CHART_DASHES "6 3.5"
#define RFIM__CHART_PEN 1.8 /* pixels: how thick curves are */

/* What tells a curve from the one that had its colour before: nothing for the first ten, then
 * squares, triangles, diamonds, and from there on again. */
void rfim__chart_marker(rfim__svg *svg, size_t colour, double x, double y);

/* number: of the panel, for the names inside the file. box: for everything, titles included. */
void rfim__chart_panel_draw(rfim_context *context, const rfim__panel *panel, size_t number,
                            rfim__box box, rfim__svg *svg);

#endif
