/* spread.h - how far a mean over drawn y may be from the expectation it stands for.
 *
 * M = (1/n) sum_i (1/S) sum_s X_is with S draws a sample has E|M - E M|_F^2 = (1/n^2 S) sum_i V_i,
 * V_i = E|X_i|_F^2 - |E X_i|_F^2. Stated is the root of it, with V_i as found in the draws,
 * relative to |M|_F. */
#ifndef RFIM_FIM_SPREAD_H
#define RFIM_FIM_SPREAD_H

#include <math.h>
#include <stddef.h>

typedef struct rfim__spread {
    double squares;  /* of the sample at hand: sum of |X_s|_F^2 ... */
    double count;    /* ... over so many draws */
    double products; /* sum of <X_s, X_r>_F over pairs of different draws ... */
    double pairs;    /* ... of which there are so many */
    double variance; /* sum of V_i over the samples before */
} rfim__spread;

/* Takes V of the sample at hand in, and begins the next one. */
static inline void rfim__spread_next(rfim__spread *spread)
{
    double variance = spread->squares / spread->count - spread->products / spread->pairs;
    *spread = (rfim__spread){.variance = spread->variance + fmax(variance, 0)};
}

/* The standard error, relative to norm = |M|_F; 0 of a matrix that is 0. */
static inline double rfim__spread_error(const rfim__spread *spread, size_t samples, size_t draws,
                                        double norm)
{
    double n = (double)samples;
    return norm > 0 ? sqrt(spread->variance / (n * n * (double)draws)) / norm : 0;
}

#endif
