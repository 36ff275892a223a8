/* batch_norm.h - the element-wise loops of batch normalisation.
 *
 *   a^ = (h - mean) / sqrt(var + eps),  output = gamma a^ + beta, channel by channel;
 * in training mean and var (divisor n) are the batch's, in inference the moving averages. */
#ifndef RFIM_NETWORK_BATCH_NORM_H
#define RFIM_NETWORK_BATCH_NORM_H

#include "core/kernels.h"
#include "network/module.h"

/* Rows of a slot's statistics. */
enum {
    RFIM__NORM_MEAN,
    RFIM__NORM_VARIANCE,
    RFIM__NORM_SCALE, /* 1/sqrt(var + eps) */
    RFIM__NORM_ROWS
};

typedef struct rfim__batch_norm_kernels {
    /* statistics <- mean, variance, scale of the columns of X [n x m] */
    void (*measure)(rfim__matrix x, double eps, rfim__matrix statistics);
    /* statistics <- the moving averages (state: mean, variance [2 x m]) and their scale */
    void (*recall)(rfim__matrix state, double eps, rfim__matrix statistics);
    /* A <- a^, Y <- gamma a^ + beta; parameters: gamma, beta [2 x m] */
    void (*normalise)(rfim__matrix x, rfim__matrix statistics, rfim__matrix parameters,
                      rfim__matrix a, rfim__matrix y);
    /* gradient <- mean over samples of (e . a^, e) [2 x m] */
    void (*gradient)(rfim__matrix a, rfim__matrix e, rfim__matrix gradient);
    /* E_in <- gamma scale (e - mean(e) - a^ mean(e . a^)): through the batch's statistics.
     * gradient as above. */
    void (*backward)(rfim__matrix a, rfim__matrix e, rfim__matrix statistics,
                     rfim__matrix parameters, rfim__matrix gradient, rfim__matrix e_in);
    /* Y <- gamma scale dx + dgamma a^ + dbeta; dx or dparameters without data: 0 */
    void (*tangent)(rfim__matrix a, rfim__matrix statistics, rfim__matrix parameters,
                    rfim__matrix dx, rfim__matrix dparameters, rfim__matrix y);
    /* M <- S P S, S = diag(gamma scale): a metric on the output seen from the input */
    void (*pull_back)(rfim__matrix statistics, rfim__matrix parameters, rfim__matrix p,
                      rfim__matrix m);
} rfim__batch_norm_kernels;

RFIM__DECLARE_VARIANTS(rfim__batch_norm_kernels, rfim__batch_norm);

#endif
