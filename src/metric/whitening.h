/* whitening.h - the static reference of a first layer: its inputs are the data themselves, so its
 * shared metric is a constant of the training set, and is built into the coordinates once for all.
 *
 *   G = (1/N) X~^T X~ / sigma^2 over all N samples, or some,   A = G + Lambda = L L^T  (Lambda:
 * damping.h), x_w = L^-1 x~,   V = L^T W:   T = X~ W = X_w V,   dL/dV = L^-1 dL/dW.
 *
 * A plain gradient step on V moves W = L^-T V by L^-T L^-1 dL/dW = A^-1 dL/dW: the natural gradient
 * (g_T = J^T g_L J), at no cost per step. An input that is 0 in every sample has a gradient of 0
 * and drops out; Lambda stays that of all D = d + 1 inputs, the one included. With `units` it is
 * meant in the units of the inputs (units.h): A = diag(a), Lambda = A^{1/2} (rule of the diagonal
 * of A^{-1/2} G A^{-1/2}) A^{1/2}.
 *
 * Cost, once: about N D^2 flops for G and as many for X_w, D^3 for L and its inverse; N D_w numbers
 * are kept, D_w: the inputs that are left, and the one. Samples that begin with zeros, in the order
 * of data/kept_inputs.h, take less of X_w's. Caveat: in float32 an error of about 2^-24
 * times the condition of A remains in the direction; where that is large, or where it costs next to
 * nothing, G and X_w are worked out in float64. L is always in float64. */
#ifndef RFIM_METRIC_WHITENING_H
#define RFIM_METRIC_WHITENING_H

#include "data/kept_inputs.h"
#include "metric/envelope.h"

#include <rfim/metric.h>

typedef struct rfim__whitening {
    rfim__algebra *algebra;   /* of the whitened data; the network's */
    rfim__algebra *wide;      /* float64 */
    rfim__kept_inputs inputs; /* D_w = inputs.order; which rows of W are left */
    rfim__envelope rows;      /* [N x D_w] X_w, without the zeros that a row begins with */
    rfim__matrix factor;      /* [D_w x D_w] L in float64, 0 above the diagonal */
    rfim__matrix room[2];     /* [D_w x some columns] float64, for into and fold */
    double damping;           /* relative damping that L holds */
    void *block;              /* of the matrices */
    size_t bytes;             /* of it */
} rfim__whitening;

/* Flops of a product that are worked out in float64 all through: a tenth of a second. */
#define RFIM__WHITENING_WIDE_FLOPS 4e9

typedef struct rfim__whitening_settings {
    rfim_damping_rule rule;
    double damping;
    double sigma;
    bool units;                 /* damping in units of the inputs */
    size_t samples_of_an_input; /* G is that of so many samples times D, or more; 0: of all */
    double wide_flops;          /* RFIM__WHITENING_WIDE_FLOPS; tests set 0 */
    const char *layer;          /* its name, for sentences */
} rfim__whitening_settings;

/* Whitens a data set for networks of the algebra's kind. The data set is not needed afterwards; the
 * algebra is. RFIM_ERROR_ARGUMENT: a number is not finite;
 * RFIM_ERROR_NOT_POSITIVE_DEFINITE: G + Lambda is not positive definite, not even with 1000 times
 * the damping. */
rfim_status rfim__whitening_create(rfim__algebra *algebra, const rfim_dataset *dataset,
                                   const rfim__whitening_settings *settings, rfim__whitening **out);
/* NULL is legal. */
void rfim__whitening_free(rfim__whitening *whitening);

/* x: [n x D_w] <- the whitened samples rows[0 ... n-1], or first ... first+n-1 when rows is NULL;
 * padding included, so x has the stride of rfim__stride(D_w). firsts [n], or NULL: <- how many
 * numbers at least are 0 at the beginning of each. */
void rfim__whitening_gather(const rfim__whitening *whitening, const uint32_t *rows, size_t first,
                            rfim__matrix x, uint32_t *firsts);

/* V <- L^T W_kept.   W: [D x m], V: [D_w x m]. */
void rfim__whitening_into(const rfim__whitening *whitening, rfim__matrix w, rfim__matrix v);
/* Kept rows of W <- L^-T V; the others stay as they are. Worked out in float64. */
void rfim__whitening_fold(const rfim__whitening *whitening, rfim__matrix v, rfim__matrix w);
/* bias [D_w x 1] <- L^T e_b / L_bb (module.h). */
void rfim__whitening_bias(const rfim__whitening *whitening, rfim__matrix bias);

/* What a whitening takes: bytes for the whole run, setup_bytes more of them while it is made
 * (unless float32 turns out too narrow, or more damping is needed), setup_flops once. algebra: of
 * the network's precision, for sizes only; inputs: `inputs` and `order` count. */
void rfim__whitening_plan(rfim__algebra *algebra, size_t samples, const rfim__kept_inputs *inputs,
                          const rfim__whitening_settings *settings, double *bytes,
                          double *setup_bytes, double *setup_flops);

#endif
