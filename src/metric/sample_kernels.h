/* sample_kernels.h - loops over the samples that a metric remembers (samples.h) and over the
 * system that it is solved by (dual.h). F of soft-max is read as response.h says. */
#ifndef RFIM_METRIC_SAMPLE_KERNELS_H
#define RFIM_METRIC_SAMPLE_KERNELS_H

#include "algebra/algebra.h"
#include "core/kernels.h"

typedef struct rfim__sample_kernels {
    /* R_ij <- sqrt(w_i) sqrt(P_ij), where P is 0 the root of a number so small that it changes
     * nothing (a division by R is then never one by 0).   w: [q x 1], P, R: [q x m] */
    void (*roots)(rfim__matrix w, rfim__matrix p, rfim__matrix r);
    /* Row i m + a of R <- sqrt(w_i) (L_i)_:a, with L = diag(s)(I - s s^T), s = sqrt(eta), so that
     * L L^T = F.   eta: [q x m], R: [q m x m] */
    void (*class_roots)(rfim__matrix w, rfim__matrix eta, rfim__matrix r);
    /* u_i <- F_i u_i = eta_i . (u_i - eta_i^T u_i) in place; eta, U: [q x m] */
    void (*class_multiply)(rfim__matrix eta, rfim__matrix u);
    /* y_i <- sum_j U_ij S_ij;   y: [q x 1] */
    void (*row_dots)(rfim__matrix u, rfim__matrix s, rfim__matrix y);
    /* T_ij <- T_ij + y_i S_ij */
    void (*add_scaled_rows)(rfim__matrix y, rfim__matrix s, rfim__matrix t);
    /* Y_ij <- X_ij / (scale R_ij) */
    void (*divide)(double scale, rfim__matrix x, rfim__matrix r, rfim__matrix y);
    /* Channels: U_ij <- A_ij V_0j + V_1j;   A, U: [q x m], V: [2 x m] */
    void (*channels_forward)(rfim__matrix a, rfim__matrix v, rfim__matrix u);
    /* V_0j <- sum_i A_ij T_ij, V_1j <- sum_i T_ij */
    void (*channels_backward)(rfim__matrix a, rfim__matrix t, rfim__matrix v);
    /* Y_ik <- X_ik d_k;   d: [columns x 1] */
    void (*scale_columns)(rfim__matrix x, rfim__matrix d, rfim__matrix y);
    /* B_ik <- B_ik + l_i K_ik r_k;   l, r: [q x 1] */
    void (*add_sandwich)(rfim__matrix k, rfim__matrix l, rfim__matrix r, rfim__matrix b);
    /* X_ij <- X_ij + value */
    void (*add_constant)(double value, rfim__matrix x);
    /* Y_ij <- 1 / sqrt(X_ij) */
    void (*inverse_roots)(rfim__matrix x, rfim__matrix y);
    /* sum of ln X_ij */
    double (*log_sum)(rfim__matrix x);
    /* Are all numbers the same? */
    bool (*constant)(rfim__matrix x);
} rfim__sample_kernels;

RFIM__DECLARE_VARIANTS(rfim__sample_kernels, rfim__sample_loops);

const rfim__sample_kernels *rfim__sample_kernels_of(const rfim__algebra *algebra);

#endif
