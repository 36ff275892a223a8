/* pen.h - ink on a small square canvas, anti-aliased by the distance to the stroke.
 *
 * Ink at a pixel = the largest, over all strokes, of smooth(1/2 + (r - d) / softness), where d is
 * the distance from the pixel's centre to the line, r the pen's radius there (linear along the
 * line), and smooth(u) = u^2 (3 - 2u) for u cut off to [0, 1]. */
#ifndef RFIM_DATA_PEN_H
#define RFIM_DATA_PEN_H

#define RFIM__CANVAS_SIZE 28 /* pixels a side */

typedef struct rfim__canvas {
    double ink[RFIM__CANVAS_SIZE][RFIM__CANVAS_SIZE]; /* [y][x], 0 paper ... 1 ink */
} rfim__canvas;

/* Where the pen is, in pixels. */
typedef struct rfim__pen {
    double x;
    double y;
    double radius;
} rfim__pen;

/* A line between two places of the pen, with round ends; the same place twice is a dot. Parts
 * outside the canvas are lost. softness > 0: pixels over which ink fades. */
void rfim__pen_line(rfim__canvas *canvas, rfim__pen from, rfim__pen to, double softness);

#endif
