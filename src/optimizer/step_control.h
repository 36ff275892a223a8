/* step_control.h - how far along their directions the subsystems go (docs/optimizer.md, section 2).
 *
 * D_l = (G_l + Lambda_l)^-1 grad_l is a subsystem's direction. Its squared length in its own damped
 * metric is q_l = D_l^T (G_l + Lambda_l) D_l = D_l^T grad_l: one dot product. A step is
 *
 *   W_l <- W_l - rate s_l D_l,       rate = learning rate x schedule (from 1 down to 0, say)
 *
 *   fixed      s_l = 1
 *   trust      s_l = min(1, sqrt(kappa / sum_l q_l) / learning rate): the step's squared length,
 *              all subsystems together, is kappa schedule^2 at most; kappa is given, or
 *              rho^2 sum_l m_l, so that responses move by a root-mean-square of rho at most
 *   output     s_l = min(1, sqrt(kappa / sum_l q_l) / learning rate) with
 *              kappa = rho_output^2 sqrt(m) / c max(|g|^2 / sum_l q_l, 1/64): m outputs of the
 *              network, the mean over samples of the squared gradient there, |g|^2, and the cost's
 *              curvature by one output, c at most: the outputs of the batch move by
 *              sum_l q_l / |g| at least, times the rate (Cauchy and Schwarz). Or with the kappa of
 *              `trust` where that is less, or where there is batch normalisation
 *   response   s_l = rho sqrt(m_l / q_l) / learning rate: each response moves by a root-mean-square
 *              of rho schedule per output, whatever the learning rate and the loss's scale
 *
 * and quadratic, which looks at the network's output: step_quadratic.h.
 *
 * Where a gradient is 0, q_l and D_l are, and s_l is 0. With a stale factor the metric meant is the
 * stale one. */
#ifndef RFIM_OPTIMIZER_STEP_CONTROL_H
#define RFIM_OPTIMIZER_STEP_CONTROL_H

#include "optimizer/output_view.h"

#include <rfim/optimizer.h>
#include <stdbool.h>

/* A subsystem's direction, as step control sees it. */
typedef struct rfim__move {
    double square;  /* q_l */
    size_t outputs; /* m_l; 0: a module without parameters */
    double factor;  /* s_l */
} rfim__move;

/* Does the rule look at q_l? */
bool rfim__step_control_measures(const rfim_optimizer_options *options);
/* Does it look at all directions before the first module moves? */
bool rfim__step_control_waits(const rfim_optimizer_options *options);
/* Fills the factors of a step's moves. */
void rfim__step_control(const rfim_optimizer_options *options, const rfim__output_view *output,
                        rfim__move *moves, size_t count);

#endif
