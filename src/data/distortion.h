/* distortion.h - how one hand differs from the next: where a point of an outline falls on paper.
 *
 * A point p of the unit box goes, in this order, through
 *   p <- p + sum_w a_w sin(2 pi f_w . p + phi_w)     elastic: a smooth random field, three waves
 *   p <- R(rotation) S(slant) diag(width, height) (p - centre) + middle + shift
 * into pixels, with the centre of pixel (0, 0) at (0, 0). */
#ifndef RFIM_DATA_DISTORTION_H
#define RFIM_DATA_DISTORTION_H

#include "core/random.h"

#define RFIM__DISTORTION_WAVES 3

typedef struct rfim__distortion {
    double matrix[2][2];                         /* pixels per unit of the box */
    double origin[2];                            /* pixels: where the centre of the box falls */
    double amplitude[RFIM__DISTORTION_WAVES][2]; /* box units */
    double frequency[RFIM__DISTORTION_WAVES][2]; /* waves per box unit */
    double phase[RFIM__DISTORTION_WAVES];        /* radians */
} rfim__distortion;

/* Draws a distortion for an image of size x size pixels. */
rfim__distortion rfim__distortion_draw(rfim__random *random, size_t size);
/* Moves (*x, *y) from the unit box to pixels. */
void rfim__distortion_apply(const rfim__distortion *distortion, double *x, double *y);

/* Uniform on [low, high). */
double rfim__random_between(rfim__random *random, double low, double high);

#endif
