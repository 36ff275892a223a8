/*
 * A slow, obvious float64 reference of RNGD with the constants of the authors' experiments.
 *
 * Source: K. Sun, F. Nielsen, Relative Fisher Information and Natural Gradient for Learning Large
 * Modular Models, ICML 2017 (arXiv 1606.06069), with the constants of the authors' experiments.
 *
 *   1. forward on the batch;  W_l <- W_l - lr P_l (dL/dW_l + l2 W_l)    (no l2 on the bias row)
 *      batch norm: gamma, beta <- plain gradient step with the same lr
 *   2. second forward on the same batch with the new parameters:
 *      M_l <- keep M_l + (1 - keep) mean_i nu_ij x~_i x~_i^T,           M_0 = I
 *   3. if itr % period == 0: P_l = (M_l + eps tr(M_l) I)^-1;  itr++     P_0 = I
 *
 *   hidden layers ("neuron"): one M per output j,
 *      nu_ij = [iota + (1-iota) sigm((1-iota) t_ij / omega)]^2 / sigma^2
 *   first and last layer ("shared"): one M for all outputs, nu = 1 / sigma^2
 *
 * L is the mean soft-max cross entropy of a perceptron d0-m1-...-mL with (leaky) relu hidden
 * layers. PLAIN: linear -> relu. BNA: linear -> relu -> batch norm. The last layer is linear.
 *
 * Notation: d inputs, D = d + 1 augmented inputs x~ = (x;1), m outputs, n samples, L layers.
 * Nothing here uses BLAS, LAPACK or any code of the library. Out of memory aborts: it is a test.
 */
#ifndef ICML2017_ORACLE_H
#define ICML2017_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    double learning_rate;  /* .01 */
    double l2;             /* 1e-3: cost l2 |W|^2 / 2 over all layers, bias rows excluded */
    double metric_keep;    /* .995 */
    double damping;        /* 1e-4: lambda = damping * tr(M), the trace itself and not tr(M)/D */
    size_t refresh_period; /* 100 */
    double omega;          /* 1: width of the smooth relu whose nu enters the metric */
    double iota;           /* 0: slope of the relu at t <= 0; forward and backward are hard */
    double sigma;          /* 1: standard deviation of every Gaussian response */
    double bn_eps;         /* 1e-3 */
    double bn_decay;       /* .999 */
} oracle_settings;

typedef struct {
    size_t d;      /* inputs */
    size_t D;      /* d + 1 */
    size_t m;      /* outputs */
    size_t blocks; /* metric blocks: 1 (shared) or m (neuron) */

    /* State: survives copy, restore and rounding. */
    double *weights;     /* W: [D x m] row-major, last row the bias; zero after create */
    double *gamma;       /* [m], 1 after create; NULL where the layer has no batch norm */
    double *beta;        /* [m], 0 after create; NULL likewise */
    double *moving_mean; /* [m], 0 after create; NULL likewise */
    double *moving_var;  /* [m], 1 after create; NULL likewise */
    double *metric;      /* M: [blocks x D x D], identity after create */
    double *inverse;     /* P: [blocks x D x D], identity after create */

    /* What the last oracle_gradient or oracle_step left; not state. */
    double *grad;       /* [D x m], of the mean cross entropy plus the L2 cost */
    double *grad_gamma; /* [m] or NULL */
    double *grad_beta;  /* [m] or NULL */
    double *update;     /* [D x m], -lr P grad of the last oracle_step */
} oracle_layer;

typedef struct {
    oracle_settings settings;
    bool bna;
    size_t itr; /* steps since the epoch began */
    size_t layer_count;
    oracle_layer *layers;
    size_t *sizes;      /* [layer_count + 1]: d0, m1, ..., mL */
    double *state;      /* the block that every state array of every layer lives in */
    size_t state_count; /* numbers in it */
    double *gradients;  /* the block of the arrays that are not state */
    size_t gradients_count;
} oracle_net;

/* The values written beside the fields above. */
oracle_settings oracle_settings_defaults(void);

/* sizes: [count] = d0, m1, ..., mL, so count = L + 1 >= 2; settings NULL means the defaults. */
oracle_net *oracle_create(const size_t *sizes, size_t count, bool bna,
                          const oracle_settings *settings);
void oracle_free(oracle_net *net);

/* A new deep copy: parameters, moving averages, M, P, itr, settings and last gradients. */
oracle_net *oracle_copy(const oracle_net *net);
/* Overwrites net with all of saved, a network of the same sizes and kind (aborts otherwise). */
void oracle_restore(oracle_net *net, const oracle_net *saved);

/* Every number of the state to float and back. Settings stay double. */
void oracle_round_to_float(oracle_net *net);

/* itr = 0, nothing else. */
void oracle_begin_epoch(oracle_net *net);

/*
 * One whole step; x: [n x d0] row-major, labels: [n] in 0..mL-1.
 * Returns the mean cross entropy before the step, without the L2 cost.
 */
double oracle_step(oracle_net *net, const double *x, const int *labels, size_t n);

/* Mean cross entropy without the L2 cost, batch statistics (as in training); changes nothing. */
double oracle_loss(const oracle_net *net, const double *x, const int *labels, size_t n);
/* The same with the moving averages (as in validation). Equal to oracle_loss for PLAIN. */
double oracle_loss_moving(const oracle_net *net, const double *x, const int *labels, size_t n);
/* (l2 / 2) sum_l |W_l without bias row|^2 */
double oracle_l2_cost(const oracle_net *net);

/* Fills grad, grad_gamma, grad_beta of every layer; no state changes. Returns oracle_loss. */
double oracle_gradient(oracle_net *net, const double *x, const int *labels, size_t n);

/* P = (M + lambda I)^-1 for every block of every layer, whatever itr is. */
void oracle_refresh(oracle_net *net);

/* nu of a hidden neuron at pre-activation t. */
double oracle_nu(double t, const oracle_settings *settings);

/*
 * Smallest |t_ij| over the hidden layers (batch statistics): how far the batch is from a kink of
 * the relu. Two computations that differ by less take the same branches. HUGE_VAL for L = 1.
 */
double oracle_kink_distance(const oracle_net *net, const double *x, size_t n);

/*
 * Largest 2-norm condition number of M + lambda I over the layer's blocks (layer: 0-based), by
 * Jacobi rotations: about 60 D^3 operations a block, so seconds to a minute at D = 785.
 */
double oracle_condition(const oracle_net *net, size_t layer);

#endif
