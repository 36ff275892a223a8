/* whitened_init.h - a first layer drawn in the coordinates in which its inputs are white.
 *
 *   G = (1/N) sum_i x~_i x~_i^T = L L^T,  x~ = (1; x), the one first
 *   V [D x m] ~ N(0, 1/D), D = d + 1,  W = L^-T V:  t = W^T x~ = V^T (L^-1 x~)
 *
 * L^-1 x~ is white, so t has mean square 1 over the samples, on average. With the one first,
 * L = [1 0; mean  L_C], L_C L_C^T = C the covariance of the inputs: W_x = L_C^-T V_x, and the bias
 * is V_1 - mean^T W_x. Inputs x' = S x + c, S diagonal and positive, have L' = S~ L with S~ again a
 * lower triangle, and draw the same t: the network that comes out does not depend on the units and
 * the offsets of its inputs.
 *
 * C is worked out as S R S, S the deviations, and R gets D/N added to its diagonal: what D samples
 * more, of inputs that do not go together, would add. So inputs that depend on each other, or more
 * inputs than samples, give finite weights; and a metric known from few samples is not trusted in
 * the directions in which they happen to vary little. An input that never varies counts as one of
 * deviation 1 that goes with no other: its weights are N(0, 1/D), and the bias takes away what they
 * add to t.
 *
 * Cost, once: N d^2 + d^3/3 + d^2 m flops in float64; d^2 numbers of room. */
#ifndef RFIM_NETWORK_WHITENED_INIT_H
#define RFIM_NETWORK_WHITENED_INIT_H

#include "network/network.h"

#include <rfim/data.h>

/* Draws the first module's parameters anew, from the seed's stream for it. RFIM_ERROR_ARGUMENT: it
 * is not a linear one, or an input is not finite; RFIM_ERROR_SHAPE: the data have another number of
 * inputs; RFIM_ERROR_NOT_POSITIVE_DEFINITE: R is not, by rounding. */
rfim_status rfim__whitened_init(rfim_network *network, const rfim_dataset *dataset, uint64_t seed);

#endif
