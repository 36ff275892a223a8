/* hessian.h - the exact Hessian in theta of the loss -log p(y|x, theta) of one sample, by
 * Pearlmutter's R-operator (B. Pearlmutter, "Fast exact multiplication by the Hessian", Neural
 * Computation 6, 1994): the forward and the backward pass are differentiated in a direction.
 * Nothing is differenced.
 *
 * R g is the derivative of g in a direction. Module by module, with t = A^T x (A = W0, or
 * diag(gamma scale) of batch normalisation, or I of an activation) and h = f(t):
 *
 *   forward    R t = A^T R x + (the direction's own part)     R h = f' . R t
 *   response   R e = (d2 loss/du2) R u
 *   backward   delta = f' . e         R delta = f'' . R t . e + f' . R e
 *              e_x = A delta          R e_x = A R delta  (+ RA delta, see below)
 *
 * Directions. As t_j = reference_j . theta_j (subject.h), a parameter moves the network by moving
 * its t_j, theta_(l'j'k') by reference_j'k'. So directions are not the N parameters but the M
 * numbers t_(l'j'), and with gradient_(ljk) = reference_jk delta_lj and r for reference
 *
 *   H[(l,j,k), (l',j',k')] = r'_j'k' (r_jk R delta_lj + R r_jk delta_lj)      for l >= l'
 *
 * in direction (l',j'). Below l' a moving weight adds RA delta to R e_x, but those blocks are the
 * transposes of ones above. Batch normalisation's statistics are constants.
 *
 * Everything that depends on y, delta and R delta, is linear in H, so that a weighted sum over y of
 * Hessians is one H of weighted sums. Cost: 4 M flops a weight for each y, N^2 for each sample. */
#ifndef RFIM_FIM_HESSIAN_H
#define RFIM_FIM_HESSIAN_H

#include "fim/subject.h"

/* One module's part. Rows are directions; the first `before` belong to the modules below, the next
 * ones, up to `active`, to this module. */
typedef struct rfim__hessian_module {
    size_t before;
    size_t active;
    rfim__matrix slope; /* f'(t) [1 x m]; batch norm: 1 */
    rfim__matrix curve; /* f''(t) [1 x m]; batch norm: 0 */
    rfim__matrix input; /* R x [before x d] */
    rfim__matrix pre;   /* R t [active x m] */
    rfim__matrix e;     /* e, then delta, at the y at hand [1 x m] */
    rfim__matrix re;    /* R e, then R delta [active x m] */
    rfim__matrix sum;   /* weighted sums of delta [1 x m] ... */
    rfim__matrix rsum;  /* ... and of R delta [active x m] */
} rfim__hessian_module;

typedef struct rfim__hessian {
    const rfim__subject *subject;
    size_t sample;
    rfim__hessian_module *modules;
    rfim__matrix response; /* R u [M x m], then (d2 loss/du2) R u, the same for every y */
    void *block;
} rfim__hessian;

/* Ends itself when it fails. */
rfim_status rfim__hessian_begin(const rfim__subject *subject, rfim__hessian *out);
void rfim__hessian_end(rfim__hessian *hessian);

/* Turns to a sample: the forward pass's derivatives. The sums are 0. */
void rfim__hessian_sample(rfim__hessian *hessian, size_t sample);
/* Adds weight x the Hessian at one y. e: d loss/du [m] */
void rfim__hessian_outcome(rfim__hessian *hessian, const double *e, double weight);
/* The lower triangle of out [N x N] <- out + share x the sum of Hessians. */
void rfim__hessian_add(rfim__hessian *hessian, double share, rfim__matrix out);
/* |H|_F^2 of the y last taken in, and of the sum */
double rfim__hessian_squares(const rfim__hessian *hessian);
double rfim__hessian_sum_squares(const rfim__hessian *hessian);

#endif
