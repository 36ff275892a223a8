/* digit_outlines.h - how the built-in digits are written: a few ways for each of them. */
#ifndef RFIM_DATA_DIGIT_OUTLINES_H
#define RFIM_DATA_DIGIT_OUTLINES_H

#include <stddef.h>

typedef enum rfim__pen_move {
    RFIM__PEN_LIFT, /* lift the pen and put it down at (x, y) */
    RFIM__PEN_LINE, /* straight to (x, y) */
    RFIM__PEN_CURVE /* cubic Bezier curve: two handles, then the end */
} rfim__pen_move;

/* Coordinates lie in a box of width 1 and height 1, x to the right, y down. LIFT and LINE use the
 * first point, CURVE all three. */
typedef struct rfim__outline_step {
    rfim__pen_move move;
    double x[3];
    double y[3];
} rfim__outline_step;

/* One way to write one digit: at most RFIM__OUTLINE_STEPS steps, the first a LIFT. */
typedef struct rfim__outline {
    const rfim__outline_step *steps;
    size_t count;
} rfim__outline;

#define RFIM__OUTLINE_STEPS 8
#define RFIM__DIGIT_CLASSES 10

/* How many ways there are to write the digit, and one of them. */
size_t rfim__outline_count(int digit);
rfim__outline rfim__outline_get(int digit, size_t variant);

#endif
