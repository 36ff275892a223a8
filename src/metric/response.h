/* response.h - response families and the information nu(t) that a scalar response carries.
 *
 *   canonical  mean f(t), natural parameter t:  nu = slope(t)
 *   gaussian   h = f(t) + sigma eps:            nu = slope(t)^2 / sigma^2
 *
 * Published per activation (Sun and Nielsen 2017, table 1): tanh on {-1,1} and sigm on {0,1} are
 * canonical; relu (smooth slope, network/activation.h), elu and linear are gaussian. */
#ifndef RFIM_METRIC_RESPONSE_H
#define RFIM_METRIC_RESPONSE_H

#include "network/activation.h"

typedef enum rfim__family { RFIM__CANONICAL, RFIM__GAUSSIAN } rfim__family;

typedef struct rfim__response_kernels {
    /* X <- x^2 s, element by element; in place */
    void (*square)(double s, rfim__matrix x);
} rfim__response_kernels;

RFIM__DECLARE_VARIANTS(rfim__response_kernels, rfim__responses);

/* The family that is published for an activation. */
rfim__family rfim__family_of(rfim__activation_kind kind);
/* nu <- nu(t), both [n x m] */
void rfim__response_nu(const rfim__algebra *algebra, const rfim__activation *f, rfim__family family,
                       double sigma, rfim__matrix t, rfim__matrix nu);

#endif
