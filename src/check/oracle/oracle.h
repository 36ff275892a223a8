/* oracle.h - Fisher information by the definitions, for small networks: what the closed forms of
 * the library are held against.
 *
 * It shares no code with the library: plain C in double and double complex, its own activations,
 * forward pass, densities and quadrature. Nothing here knows a closed form of a metric. Every
 * derivative goes through the density by complex step, d f/d theta = Im f(theta + i h e)/h, which
 * has no cancellation and is exact to rounding (W. Squire, G. Trapp, SIAM Review 40(1), 1998).
 *
 * The stochastic network: module after module makes the vector t from the input x; t is handed to a
 * density p(y|t). t is the PRE-activation of the last module: what its activation would make of it
 * plays no part, the density names its own mean. So the response of a layer itself, of the layer
 * after it, or of the whole network are three lists of modules.
 *
 * theta is any list of N numbers among parameters and inputs. Every metric is [N x N] double,
 * row-major, in the order of theta, and the MEAN over the n samples of the problem. Sizes are meant
 * to be small: the work grows like N times (metrics) or 8 N^2 times (Hessians) a forward pass. */
#ifndef RFIM_CHECK_ORACLE_ORACLE_H
#define RFIM_CHECK_ORACLE_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum rfim__oracle_status {
    RFIM__ORACLE_OK,
    RFIM__ORACLE_MEMORY,     /* allocate returned NULL, or a size does not fit */
    RFIM__ORACLE_SHAPE,      /* modules, theta or settings that do not fit together */
    RFIM__ORACLE_UNSUPPORTED /* this way does not exist for this response */
} rfim__oracle_status;

/* Where work memory comes from. release is given what allocate returned, never NULL. */
typedef struct rfim__oracle_memory {
    void *(*allocate)(void *user, size_t bytes);
    void (*release)(void *user, void *block);
    void *user;
} rfim__oracle_memory;

/* Scalar functions f(t), as complex functions of t + i s that agree with f on the real axis.
 * relu, elu: by the side that the real part is on; at 0 relu's f' is iota, elu's is 1. */
typedef enum rfim__oracle_function {
    RFIM__ORACLE_IDENTITY,
    RFIM__ORACLE_RELU, /* hard: t for t > 0, else iota t */
    RFIM__ORACLE_ELU,  /* t for t >= 0, else alpha (e^t - 1) */
    RFIM__ORACLE_TANH,
    RFIM__ORACLE_SIGM,
    RFIM__ORACLE_GELU,     /* t Phi(t), Phi expanded to first order about the real axis */
    RFIM__ORACLE_SILU,     /* t sigm(t) */
    RFIM__ORACLE_SOFTPLUS, /* the smooth relu: omega ln(e^{iota t/omega} + e^{t/omega}) */
    RFIM__ORACLE_SIN,
    RFIM__ORACLE_EXP,
    RFIM__ORACLE_GIVEN /* value and derivative below, expanded to first order */
} rfim__oracle_function;

typedef struct rfim__oracle_activation {
    rfim__oracle_function function;
    double iota;  /* relu, softplus */
    double omega; /* softplus: > 0 */
    double alpha; /* elu */
    double (*value)(void *user, double t);
    double (*derivative)(void *user, double t);
    void *user;
} rfim__oracle_activation;

typedef enum rfim__oracle_kind {
    RFIM__ORACLE_LINEAR,     /* t = W^T (x; 1) */
    RFIM__ORACLE_BATCH_NORM, /* t_j = gamma_j a_j + beta_j, a_j = (x_j - mean_j) scale_j */
    RFIM__ORACLE_ELEMENTWISE /* t = x; no parameters */
} rfim__oracle_kind;

/* One module: x [d] -> t [m] -> f(t) [m]. All arrays are row-major without gaps. */
typedef struct rfim__oracle_module {
    rfim__oracle_kind kind;
    size_t inputs;                      /* d, without the one; but for linear modules d = m */
    size_t outputs;                     /* m */
    const double *parameters;           /* linear: W [(d+1) x m], biases in the last row;
                                           batch norm: gamma, beta [2 x m] */
    const double *mean;                 /* batch norm: constants [m] */
    const double *scale;                /* batch norm: 1/sd, constants [m] */
    rfim__oracle_activation activation; /* f, which makes the next module's input */
} rfim__oracle_module;

typedef enum rfim__oracle_family {
    RFIM__ORACLE_BERNOULLI01, /* y_j in {0, 1}, P(1) = sigm(t_j); independent */
    RFIM__ORACLE_BERNOULLI11, /* y_j in {-1, 1}, P(1) = (1 + tanh t_j)/2; independent */
    RFIM__ORACLE_CATEGORICAL, /* y in {0, ..., m-1}, P = softmax(t); ONE label a sample */
    RFIM__ORACLE_GAUSSIAN,    /* y_j = mean(t_j) + sigma eps_j, eps_j standard normal */
    RFIM__ORACLE_POISSON,     /* y_j in {0, 1, ...} with mean e^{t_j}; independent; t_j <= 12 */
    RFIM__ORACLE_BREGMAN      /* log p = sum_j (y_j t_j - A(t_j)) + c(y), A' = mean, increasing:
                                 the canonical response of a mean function whose density nobody
                                 wrote down. Hessians and divergences only. */
} rfim__oracle_family;

typedef struct rfim__oracle_response {
    rfim__oracle_family family;
    rfim__oracle_activation mean; /* gaussian, bregman */
    double sigma;                 /* gaussian: > 0 */
} rfim__oracle_response;

#define RFIM__ORACLE_INPUT ((size_t)-1) /* in place of a module: the sample's input */

/* One number of theta. */
typedef struct rfim__oracle_entry {
    size_t module; /* its index in the problem's modules, or RFIM__ORACLE_INPUT */
    size_t row;    /* of the parameters; of an input: which one */
    size_t column; /* of the parameters; of an input: 0 */
} rfim__oracle_entry;

typedef struct rfim__oracle_problem {
    const rfim__oracle_module *modules;
    size_t count;    /* of modules; the last one's t goes to the response */
    const double *x; /* [n x d], d the inputs of the first module */
    size_t samples;  /* n */
    rfim__oracle_response response;
    const rfim__oracle_entry *theta;
    size_t order; /* N */
    size_t nodes; /* Gauss-Hermite nodes of a gaussian response: 2 to 64, 0 means 12 */
    bool joint;   /* expectations over the full product space of the outputs (every combination of
                     outcomes or nodes) instead of output by output: for few outputs */
    rfim__oracle_memory memory;
} rfim__oracle_problem;

/* ---- lists for theta; each returns how many entries there are, entries NULL only counts ---- */

/* All parameters of modules first ... last in the order in which vec stacks columns: neuron after
 * neuron, index j D + k; batch norm: gamma, beta channel after channel. */
size_t rfim__oracle_parameters(const rfim__oracle_module *modules, size_t first, size_t last,
                               rfim__oracle_entry *entries);
/* The parameters of `columns` neurons of one module, from neuron `first_column`, likewise. */
size_t rfim__oracle_neurons(const rfim__oracle_module *modules, size_t module, size_t first_column,
                            size_t columns, rfim__oracle_entry *entries);
/* All d inputs of the first module. */
size_t rfim__oracle_inputs(const rfim__oracle_module *modules, rfim__oracle_entry *entries);

/* ---- the metric, several ways; g: [N x N] ---- */

/* E_y[score score^T] with the model's own y. Discrete responses by exact enumeration, gaussian ones
 * by Gauss-Hermite quadrature (exact from two nodes on), Poisson by a sum that is cut off where the
 * probabilities are below 1e-22. */
rfim__oracle_status rfim__oracle_fim_scores(const rfim__oracle_problem *problem, double *g);
/* 4 sum or integral of d sqrt(p) d sqrt(p)^T, by complex step on sqrt(p). Gaussian: with
 * y = mean + sqrt(2) sigma z the integrand is e^{-z^2} times a polynomial of degree 2, which the
 * quadrature integrates exactly. */
rfim__oracle_status rfim__oracle_fim_roots(const rfim__oracle_problem *problem, double *g);
/* Minus the expected Hessian of log p: gradients by complex step, differenced by the central
 * formula of order 8. About 1e-12 relative; wants t away from kinks by some 0.1. */
rfim__oracle_status rfim__oracle_fim_hessian(const rfim__oracle_problem *problem, double *g);
/* Scores of sampled y, `draws` a sample; the standard error of every entry goes to error. */
rfim__oracle_status rfim__oracle_fim_monte_carlo(const rfim__oracle_problem *problem, size_t draws,
                                                 uint64_t seed, double *g, double *error);
/* v^T g v from the Kullback-Leibler divergence between theta and theta +- s v: second differences
 * extrapolated to s = 0. v: [N]. About 1e-9 relative; kinks as above, but only some 0.03 away. */
rfim__oracle_status rfim__oracle_kl_quadratic(const rfim__oracle_problem *problem, const double *v,
                                              double *value);
/* The divergence itself: mean over samples of KL(p(.|theta) || p(.|theta + shift)), shift: [N]. */
rfim__oracle_status rfim__oracle_kl(const rfim__oracle_problem *problem, const double *shift,
                                    double *value);

/* ---- at observed labels. y: [n x m], but categorical: class numbers from 0, [n x 1]. Labels that
 * the response cannot give (1/2 of a Bernoulli) are RFIM__ORACLE_SHAPE. ---- */

/* Minus the Hessian of log p(y) (observed Fisher information); accuracy as fim_hessian. */
rfim__oracle_status rfim__oracle_observed(const rfim__oracle_problem *problem, const double *y,
                                          double *g);
/* Outer products of the scores at y: the empirical Fisher, a different thing. Not for bregman. */
rfim__oracle_status rfim__oracle_empirical(const rfim__oracle_problem *problem, const double *y,
                                           double *g);

/* ---- a stochastic hidden response (complete data against marginal, both exact) ---- */

/* The FIM of p(y|x) = sum_h p(h|x) p(y|h), in which module `hidden`'s output is not f(t) but h,
 * drawn from `response` given its t. Both responses discrete: h BERNOULLI, y BERNOULLI or
 * CATEGORICAL. The work doubles with every output. */
rfim__oracle_status rfim__oracle_fim_marginal(const rfim__oracle_problem *problem, size_t hidden,
                                              rfim__oracle_family response, double *g);
/* The FIM of p(h, y|x), of the same model with h observed too. */
rfim__oracle_status rfim__oracle_fim_complete(const rfim__oracle_problem *problem, size_t hidden,
                                              rfim__oracle_family response, double *g);

/* ---- pieces ---- */

/* t [m] of one sample. */
rfim__oracle_status rfim__oracle_output(const rfim__oracle_problem *problem, size_t sample,
                                        double *t);
/* d t/d theta [m x N] of one sample. */
rfim__oracle_status rfim__oracle_jacobian(const rfim__oracle_problem *problem, size_t sample,
                                          double *jacobian);

#endif
