/* weight_average.h - the mean of the weights over the steps so far, which is evaluated and kept in
 * their place: an exponential moving average (EMA; averaging of Polyak and Juditsky 1992 with a
 * memory that fades).
 *
 *   A_t = sum over s = 1 ... t of b^(t-s) W_s / sum of b^(t-s)
 *       = A_{t-1} + (1 - b)/(1 - b^t) (W_t - A_{t-1}),      b the decay, W_t the weights after step
 * t
 *
 * The initial weights have no share, so that nothing has to be corrected at the start. Moving
 * averages of batch normalisation are averaged like weights. One pass over the weights a step. */
#ifndef RFIM_TRAIN_WEIGHT_AVERAGE_H
#define RFIM_TRAIN_WEIGHT_AVERAGE_H

#include "network/network.h"

typedef struct rfim__weight_average {
    const rfim_network *network; /* whose weights */
    double decay;
    size_t steps;        /* of which it is the mean */
    rfim__matrix *means; /* [modules x 2] parameters, state */
    void *block;
} rfim__weight_average;

rfim_status rfim__weight_average_create(const rfim_network *network, double decay,
                                        rfim__weight_average **out);
/* NULL is legal. */
void rfim__weight_average_free(rfim__weight_average *average);
/* Bytes of the means. */
size_t rfim__weight_average_bytes(const rfim_network *network);

/* What the next step's weights are to have of the mean. */
double rfim__weight_average_share(const rfim__weight_average *average);
/* Takes the weights as they are in. */
void rfim__weight_average_add(rfim__weight_average *average);
/* parameters and state of module l <- their mean, with the weights as they are having `share` of
 * it. */
void rfim__weight_average_read(const rfim__weight_average *average, size_t l, double share,
                               rfim__matrix parameters, rfim__matrix state);

#endif
