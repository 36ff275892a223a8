/* naive_net.h - a small network by dense float64 loops: what it is, forward and backward. It shares
 * no code with the library. The header of naive_rngd.h says what it is for. */
#ifndef RFIM_TESTS_OPTIMIZER_NAIVE_NET_H
#define RFIM_TESTS_OPTIMIZER_NAIVE_NET_H

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define NAIVE_LAYERS 4
#define NAIVE_ORDER 8   /* the largest D */
#define NAIVE_OUTPUTS 6 /* the largest m */
#define NAIVE_SAMPLES 8 /* the largest batch */

typedef enum naive_activation {
    NAIVE_LINEAR,
    NAIVE_RELU,
    NAIVE_TANH,
    NAIVE_SIGM,
    NAIVE_ELU
} naive_activation;

typedef enum naive_damping {
    NAIVE_TRACE,
    NAIVE_MEAN,
    NAIVE_DIAGONAL,
    NAIVE_ABSOLUTE
} naive_damping;

/* relu and elu as the tests' networks say them. */
#define NAIVE_IOTA 0.1
#define NAIVE_OMEGA 0.5
#define NAIVE_ALPHA 0.7

typedef enum naive_control { NAIVE_FIXED, NAIVE_TRUST, NAIVE_RESPONSE, NAIVE_OUTPUT } naive_control;

typedef enum naive_momentum {
    NAIVE_AFTER,
    NAIVE_BEFORE,
    NAIVE_NESTEROV,
    NAIVE_SPRING
} naive_momentum;
typedef enum naive_loss { NAIVE_SOFTMAX, NAIVE_SQUARED, NAIVE_SIGMOID } naive_loss;
typedef enum naive_reach { NAIVE_OWN, NAIVE_NEXT, NAIVE_NETWORK } naive_reach;

typedef struct naive_settings {
    double rate, momentum, l2, weight_decay;
    bool again; /* the metric is read off a second pass */
    double metric_decay, prior;
    size_t metric_every, refresh_every;
    double damping;
    naive_damping rule;
    double sigma;
    naive_control control;
    double rho, kappa;
    bool corrected; /* the metric's average counts the prior as one collection */
    bool units;     /* prior and damping of the first layer in units of its inputs */
    size_t metric_ramp;
} naive_settings;

/* What came later; all 0: as if it had not. */
typedef struct naive_more {
    naive_momentum kind;
    bool mean_nu;   /* shared metrics times the mean of nu */
    bool quadratic; /* step control by the quadratic model; settings.control is NAIVE_FIXED */
    bool lm;        /* damping follows how well it predicts */
} naive_more;

typedef double naive_square[NAIVE_ORDER][NAIVE_ORDER];

typedef struct naive_layer {
    size_t order, outputs; /* D, m */
    naive_activation activation;
    bool neuron;    /* one block for each output, else one for all */
    bool kronecker; /* the block for all is one factor, the other is a [m x m] */
    naive_reach response;
    naive_square a, inverse_a;
    naive_square mean_p;                     /* of the last batch: mean of P_i ... */
    double nu[NAIVE_SAMPLES][NAIVE_OUTPUTS]; /* ... and (P_i)_jj */
    double w[NAIVE_ORDER][NAIVE_OUTPUTS];
    double v[NAIVE_ORDER][NAIVE_OUTPUTS];      /* momentum */
    double lambda[NAIVE_OUTPUTS][NAIVE_ORDER]; /* what each block of p was damped by */
    naive_square m[NAIVE_OUTPUTS];             /* collected */
    naive_square p[NAIVE_OUTPUTS];             /* damped inverse */
    double direction[NAIVE_ORDER][NAIVE_OUTPUTS];
    double mean_nu, nu_in_use; /* of the collections so far, and as of the last refresh; or 1 */
    double length;             /* D^T grad */
    double factor;             /* step control's */
    double gradient[NAIVE_ORDER][NAIVE_OUTPUTS];     /* with l2 */
    double natural[NAIVE_ORDER][NAIVE_OUTPUTS];      /* P times it */
    double last[NAIVE_ORDER][NAIVE_OUTPUTS];         /* what the last step went along */
    double moved[2][NAIVE_SAMPLES][NAIVE_OUTPUTS];   /* dh along the direction, and along last */
    double second[NAIVE_ORDER], fourth[NAIVE_ORDER]; /* mean x^2, mean x^4 */
    double unit[NAIVE_ORDER];
    double x[NAIVE_SAMPLES][NAIVE_ORDER]; /* x~ of the last pass */
    double t[NAIVE_SAMPLES][NAIVE_OUTPUTS];
    double delta[NAIVE_SAMPLES][NAIVE_OUTPUTS];
} naive_layer;

typedef struct naive_net {
    naive_settings settings;
    naive_more more;
    naive_loss loss;
    size_t layers;
    naive_layer layer[NAIVE_LAYERS];
    size_t step;        /* of the run */
    size_t since_epoch; /* steps since the epoch began */
    size_t collections;
    size_t collected, refreshed; /* the last steps that did so */
    size_t refreshes;            /* of a layer */
    double before, predicted;    /* cost before the step, and what the model says of it */
    double first_damping;
} naive_net;

static inline double naive_logistic(double t)
{
    return 1 / (1 + exp(-t));
}

static inline double naive_response(naive_activation f, double t)
{
    switch (f) {
    case NAIVE_RELU:
        return t > 0 ? t : NAIVE_IOTA * t;
    case NAIVE_TANH:
        return tanh(t);
    case NAIVE_SIGM:
        return naive_logistic(t);
    case NAIVE_ELU:
        return t >= 0 ? t : NAIVE_ALPHA * (exp(t) - 1);
    default:
        return t;
    }
}

static inline double naive_derivative(naive_activation f, double t)
{
    switch (f) {
    case NAIVE_RELU:
        return t > 0 ? 1 : NAIVE_IOTA;
    case NAIVE_TANH:
        return 1 - tanh(t) * tanh(t);
    case NAIVE_SIGM:
        return naive_logistic(t) * (1 - naive_logistic(t));
    case NAIVE_ELU:
        return t >= 0 ? 1 : NAIVE_ALPHA * exp(t);
    default:
        return 1;
    }
}

/* tanh and sigm are canonical, nu = f'; the others gaussian, nu = slope^2 / sigma^2. */
static inline double naive_nu(naive_activation f, double t, double sigma)
{
    if (f == NAIVE_TANH || f == NAIVE_SIGM)
        return naive_derivative(f, t);
    double slope = naive_derivative(f, t);
    if (f == NAIVE_RELU)
        slope = NAIVE_IOTA + (1 - NAIVE_IOTA) * naive_logistic((1 - NAIVE_IOTA) * t / NAIVE_OMEGA);
    return slope * slope / (sigma * sigma);
}

/* out <- a^-1, by Gauss-Jordan with the largest pivot */
static inline void naive_invert(size_t order, naive_square a, naive_square out)
{
    memset(out, 0, sizeof(naive_square));
    for (size_t k = 0; k < order; k++)
        out[k][k] = 1;
    for (size_t c = 0; c < order; c++) {
        size_t pivot = c;
        for (size_t r = c + 1; r < order; r++)
            if (fabs(a[r][c]) > fabs(a[pivot][c]))
                pivot = r;
        for (size_t q = 0; q < order; q++) {
            double from_a = a[pivot][q];
            double from_out = out[pivot][q];
            a[pivot][q] = a[c][q];
            out[pivot][q] = out[c][q];
            a[c][q] = from_a;
            out[c][q] = from_out;
        }
        double scale = 1 / a[c][c];
        for (size_t q = 0; q < order; q++) {
            a[c][q] *= scale;
            out[c][q] *= scale;
        }
        for (size_t r = 0; r < order; r++) {
            double factor = a[r][c];
            for (size_t q = 0; q < order && r != c; q++) {
                a[r][q] -= factor * a[c][q];
                out[r][q] -= factor * out[c][q];
            }
        }
    }
}

static inline size_t naive_blocks(const naive_layer *layer)
{
    return layer->neuron ? layer->outputs : 1;
}

/* inputs: [n x d] */
static inline void naive_forward(naive_net *net, const double *inputs, size_t n)
{
    for (size_t l = 0; l < net->layers; l++) {
        naive_layer *layer = &net->layer[l];
        size_t d = layer->order - 1;
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < d; k++)
                layer->x[i][k] = l == 0 ? inputs[i * d + k]
                                        : naive_response(net->layer[l - 1].activation,
                                                         net->layer[l - 1].t[i][k]);
            layer->x[i][d] = 1;
            for (size_t j = 0; j < layer->outputs; j++) {
                layer->t[i][j] = 0;
                for (size_t k = 0; k <= d; k++)
                    layer->t[i][j] += layer->x[i][k] * layer->w[k][j];
            }
        }
    }
}

/* classes: soft-max cross entropy; NULL: values [n x m], half the squared error or sigmoid cross
 * entropy. */
static inline void naive_backward(naive_net *net, size_t n, const int *classes,
                                  const double *values)
{
    naive_layer *last = &net->layer[net->layers - 1];
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < last->outputs; j++)
            sum += exp(last->t[i][j]);
        for (size_t j = 0; j < last->outputs; j++) {
            double t = last->t[i][j];
            if (classes)
                last->delta[i][j] = exp(t) / sum - ((int)j == classes[i] ? 1 : 0);
            else if (net->loss == NAIVE_SIGMOID)
                last->delta[i][j] = naive_logistic(t) - values[i * last->outputs + j];
            else
                last->delta[i][j] = naive_derivative(last->activation, t) *
                                    (naive_response(last->activation, t) -
                                     values[i * last->outputs + j]);
        }
    }
    for (size_t l = net->layers - 1; l > 0; l--) {
        naive_layer *layer = &net->layer[l];
        naive_layer *below = layer - 1;
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < below->outputs; k++) {
                double e = 0;
                for (size_t j = 0; j < layer->outputs; j++)
                    e += layer->w[k][j] * layer->delta[i][j];
                below->delta[i][k] = naive_derivative(below->activation, below->t[i][k]) * e;
            }
    }
}

#endif
