/* loss.h - losses: -log p of the output's family at sigma = 1 up to constants, summed over
 * outputs. u: the last module's output.
 *
 *   softmax   log sum_k e^{u_k} - u_c            e = softmax(u) - [k = c]
 *   sigmoid   sum_k softplus(u_k) - y_k u_k      e = sigm(u) - y
 *   squared   (1/2) sum_k (u_k - y_k)^2          e = u - y
 *
 * Every function takes a batch of n samples and returns SUMS over it; means are the caller's. */
#ifndef RFIM_NETWORK_LOSS_H
#define RFIM_NETWORK_LOSS_H

#include "algebra/algebra.h"
#include "core/kernels.h"

#include <rfim/network.h>

/* What a batch is to be compared with: classes, or values [n x m]. */
typedef struct rfim__targets {
    const int32_t *labels; /* [n], or NULL */
    rfim__matrix values;   /* when labels is NULL */
} rfim__targets;

typedef struct rfim__loss_sums {
    double loss;
    double correct; /* samples whose largest output is their class; 0 without labels */
    double error;   /* sum over samples and outputs of (response - target)^2; 0 for softmax */
} rfim__loss_sums;

typedef struct rfim__loss_kernels {
    /* u: [n x m]; e: [n x m], or no data when the gradient is not wanted. With labels, sigmoid and
     * squared compare with one-hot vectors. */
    rfim__loss_sums (*softmax)(rfim__matrix u, const rfim__targets *targets, rfim__matrix e);
    rfim__loss_sums (*sigmoid)(rfim__matrix u, const rfim__targets *targets, rfim__matrix e);
    rfim__loss_sums (*squared)(rfim__matrix u, const rfim__targets *targets, rfim__matrix e);
    /* out [n x m] float64, no gaps: the response itself: probabilities, or values */
    void (*respond)(rfim_loss_kind loss, rfim__matrix u, double *out);
} rfim__loss_kernels;

RFIM__DECLARE_VARIANTS(rfim__loss_kernels, rfim__losses);

static inline const rfim__loss_kernels *rfim__loss_kernels_of(const rfim__algebra *algebra)
{
    return RFIM__PICK_VARIANT(rfim__losses, algebra->context->kernels, algebra->precision);
}

/* The most that the second derivative of a sample's loss by one u_k comes to: p (1 - p), or 1. */
static inline double rfim__loss_curvature(rfim_loss_kind loss)
{
    return loss == RFIM_LOSS_SQUARED ? 1 : 0.25;
}

rfim__loss_sums rfim__loss_of(const rfim__algebra *algebra, rfim_loss_kind loss, rfim__matrix u,
                              const rfim__targets *targets, rfim__matrix e);

#endif
