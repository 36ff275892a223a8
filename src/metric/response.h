/* response.h - response families and the information nu(t) that a scalar response carries.
 *
 *   canonical  mean f(t), natural parameter t:  nu = slope(t)
 *   gaussian   h = f(t) + sigma eps:            nu = slope(t)^2 / sigma^2
 *
 *   categorical  classes, eta = softmax(t):     F = diag(eta) - eta eta^T
 *
 * In floating point probabilities do not quite sum to 1, so F is read as F_jk = -eta_j eta_k,
 * F_jj = eta_j (sum of the other eta), in every representation: then constants are its null space
 * to the last bit, and every entry is as exact where one class has nearly all.
 *
 * Published per activation (Sun and Nielsen 2017, table 1): tanh on {-1,1} and sigm on {0,1} are
 * canonical; relu (smooth slope, network/activation.h), elu and linear are gaussian, and so is
 * everything else here. A canonical response needs an f that does not fall: its nu would be
 * negative. */
#ifndef RFIM_METRIC_RESPONSE_H
#define RFIM_METRIC_RESPONSE_H

#include "network/activation.h"

#include <rfim/metric.h>

typedef struct rfim__response_kernels {
    /* X <- x^2 s, element by element; in place */
    void (*square)(double s, rfim__matrix x);
    /* S holds slope(t) and becomes s = sqrt(nu), r <- delta / s, c_j <- sum_i nu_ij k_i (float64
     * sums). Gaussian: nu = slope^2 scale; canonical: nu = slope scale, negative ones taken as 0.
     * s, delta, r: [n x m], k: [n x 1], c: [1 x m] */
    void (*dual)(rfim_family family, double scale, rfim__matrix delta, rfim__matrix k,
                 rfim__matrix s, rfim__matrix r, rfim__matrix c);
    /* X <- sqrt(X), where it is negative 0; in place */
    void (*root)(rfim__matrix x);
    /* eta <- softmax(u), row by row; both [n x m] */
    void (*softmax)(rfim__matrix u, rfim__matrix eta);
    /* R_ij <- sum of eta_ik over all other classes k; both [n x m], apart from each other. Where
     * one class has nearly all, 1 - eta would cancel; this does not. */
    void (*others)(rfim__matrix eta, rfim__matrix r);
} rfim__response_kernels;

RFIM__DECLARE_VARIANTS(rfim__response_kernels, rfim__responses);

const rfim__response_kernels *rfim__response_kernels_of(const rfim__algebra *algebra);
/* The family that is published for an activation: canonical or gaussian. */
rfim_family rfim__family_of(rfim__activation_kind kind);
/* nu <- nu(t), both [n x m]; family: canonical or gaussian. */
void rfim__response_nu(const rfim__algebra *algebra, const rfim__activation *f, rfim_family family,
                       double sigma, rfim__matrix t, rfim__matrix nu);
/* What a dual system of every neuron j needs, in one pass: s = sqrt(nu(t)), the right-hand side
 * r = delta / s, and the mean diagonal's part c_j = sum_i nu_ij k_i, k the diagonal of K = X X^T.
 * Where s is 0, so is r: such a sample is not in neuron j's system (0 delta, so that NaN and
 * infinity stay to be seen).
 * t, delta, s, r: [n x m]; k: [n x 1], its stride that of K plus 1 for a view into K; c: [1 x m].
 * s and r are apart from all others, but r may be delta. */
void rfim__response_dual(const rfim__algebra *algebra, const rfim__activation *f,
                         rfim_family family, double sigma, rfim__matrix t, rfim__matrix delta,
                         rfim__matrix k, rfim__matrix s, rfim__matrix r, rfim__matrix c);

#endif
