/* chart.h - charts of curves and dots: panels side by side under one title, one legend below them.
 */
#ifndef RFIM_IO_CHART_H
#define RFIM_IO_CHART_H

#include "io/svg.h"

#define RFIM__CHART_WIDTH 960.0 /* pixels; the height grows with the legend, from 420 on */

typedef enum rfim__series_kind {
    RFIM__SERIES_CURVE, /* points in order, joined; a few of them are shown as dots */
    RFIM__SERIES_DOTS   /* a dot a point, in any order; neither band nor dashes */
} rfim__series_kind;

/* Points that are not finite (or not positive, on a logarithmic axis) break a curve; the panel
 * says how many of the dots it had to leave out. */
typedef struct rfim__series {
    rfim__series_kind kind;
    const double *x;
    const double *y;
    const double *low; /* band from low to high around the curve; NULL: none */
    const double *high;
    size_t count;  /* points; 0 is legal, 1 is drawn as a dot */
    size_t colour; /* number of a colour; when they repeat, the curves get markers */
    bool dashed;
} rfim__series;

typedef struct rfim__panel {
    const char *title;
    const char *x_title;
    const char *y_title;
    bool whole_x;  /* x counts something: no ticks between whole numbers */
    bool log_x;    /* logarithmic where it helps: positive values that span a factor of 5 */
    bool log_y;    /* the same */
    bool diagonal; /* a thin line where y equals x; log_x and log_y then help both axes or none */
    double label_room; /* pixels that the labels of y get at least: plots above one another align */
    const rfim__series *series;
    size_t count;
} rfim__panel;

/* One entry of the legend: a sample of the line and its name. */
typedef struct rfim__legend_entry {
    const char *name;
    size_t colour; /* as in rfim__series, or RFIM__CHART_GREY */
    bool dashed;
    bool new_row; /* begins a row of the legend; a row that is full ends by itself */
} rfim__legend_entry;

#define RFIM__CHART_GREY ((size_t)-1)

typedef struct rfim__chart {
    const char *title;
    const rfim__panel *panels;
    size_t panel_count; /* at least 1 */
    const rfim__legend_entry *legend;
    size_t legend_count;
} rfim__chart;

/* Draws the chart into svg, which it begins; the caller saves or ends it. */
void rfim__chart_draw(rfim_context *context, const rfim__chart *chart, rfim__svg *svg);

#define RFIM__CHART_COLOURS 10 /* then they repeat */

/* "#0072B2" and so on: Okabe and Ito's colours, told apart by colour-blind people too. */
const char *rfim__chart_colour(size_t number);

#endif
