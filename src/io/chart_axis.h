/* chart_axis.h - where an axis begins and ends, its ticks, and where a value lies on it. */
#ifndef RFIM_IO_CHART_AXIS_H
#define RFIM_IO_CHART_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#define RFIM__AXIS_TICKS 96 /* room for major and minor ticks */
#define RFIM__TICK_TEXT 24

typedef struct rfim__tick {
    double value;
    bool minor;                  /* without a label */
    char label[RFIM__TICK_TEXT]; /* UTF-8; "" for minor ticks */
} rfim__tick;

typedef struct rfim__axis {
    bool logarithmic;
    double low, high; /* values at the ends, finite, never the same; positive when logarithmic */
    rfim__tick ticks[RFIM__AXIS_TICKS];
    size_t count;
} rfim__axis;

/* The range of values seen so far. */
typedef struct rfim__range {
    double low, high;    /* low > high: nothing seen */
    double positive_low; /* the smallest positive value; infinity: none */
} rfim__range;

void rfim__range_begin(rfim__range *range);
/* Takes in what is finite; beyond 1e300 counts as 1e300, and positive below 1e-300 as 1e-300. NULL
 * values: nothing. */
void rfim__range_include(rfim__range *range, const double *values, size_t count);
/* Whether a logarithmic axis helps: positive values that span a factor of 5 at least. */
bool rfim__range_spans_decades(const rfim__range *range);
/* Widens positive values to a factor of 5, around their middle; false when there are none. */
bool rfim__range_widen(rfim__range *range);

/* Ticks at 1, 2 or 5 times a power of ten, about `wanted` of them, covering the range. whole: no
 * ticks between whole numbers (epochs). */
void rfim__axis_linear(rfim__axis *axis, const rfim__range *range, size_t wanted, bool whole);
/* Decades, with minor ticks at 2 ... 9 where there is room, labelled at 2 and 5 when there are few
 * decades. Becomes a linear axis when the range
 * does not span decades. */
void rfim__axis_logarithmic(rfim__axis *axis, const rfim__range *range, size_t wanted);
/* Makes the axis longer by these shares of its length, where there are no ticks. */
void rfim__axis_lengthen(rfim__axis *axis, double below, double above);
/* `count` cells side by side, numbered from 1: number v lies in the middle of cell v, and the ends
 * of the axis are edges of cells. count 0: as 1, without a tick. */
void rfim__axis_cells(rfim__axis *axis, size_t count, size_t wanted);
/* 0 at the low end, 1 at the high end; NaN for what cannot lie on the axis. */
double rfim__axis_place(const rfim__axis *axis, double value);
/* Leaves away the ticks outside low ... high, which become the ends. The axis is linear. */
void rfim__axis_cut(rfim__axis *axis, double low, double high);

#endif
