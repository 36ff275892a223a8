/* digits.h - the built-in data set: 28 x 28 grey digits, written by a random hand.
 *
 * A digit is a stroke outline (digit_outlines.c) whose points tremble, distorted (distortion.c)
 * and drawn with a pen of random width (pen.c), with noise, now and then a gap or a speck. Sample
 * i of a split depends on (seed, split, i) alone: not on how many there are, nor on threads. Ten
 * successive samples from a multiple of ten on hold each digit once. */
#ifndef RFIM_DATA_DIGITS_H
#define RFIM_DATA_DIGITS_H

#include "core/context.h"

#include <rfim/data.h>

/* Splits draw from streams of their own. */
typedef enum rfim__digits_split {
    RFIM__DIGITS_TRAIN,
    RFIM__DIGITS_VALID,
    RFIM__DIGITS_TEST
} rfim__digits_split;

/* The first `samples` digits of a split, as grey values with labels 0 ... 9. */
rfim_status rfim__digits_create(rfim_context *context, uint64_t seed, rfim__digits_split split,
                                size_t samples, rfim_dataset **out);

#endif
