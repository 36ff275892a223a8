/* naive_rngd.h - relative natural gradient descent by dense float64 matrices, straight from
 * docs/CONVENTIONS.md: every metric is a full [D x D] matrix, every inverse a Gauss-Jordan
 * elimination. It shares no code with the library. */
#ifndef RFIM_TESTS_OPTIMIZER_NAIVE_RNGD_H
#define RFIM_TESTS_OPTIMIZER_NAIVE_RNGD_H

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

typedef enum naive_control { NAIVE_FIXED, NAIVE_TRUST, NAIVE_RESPONSE } naive_control;

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

#include "optimizer/naive_curvature.h"

static inline size_t naive_blocks(const naive_layer *layer)
{
    return layer->neuron ? layer->outputs : 1;
}

/* After the layers are described: M = prior I, P = I / prior, nothing has moved yet. */
static inline void naive_begin(naive_net *net)
{
    for (size_t l = 0; l < net->layers; l++) {
        naive_layer *layer = &net->layer[l];
        assert(layer->order <= NAIVE_ORDER && layer->outputs <= NAIVE_OUTPUTS);
        layer->mean_nu = 1;
        layer->nu_in_use = 1;
        memset(layer->v, 0, sizeof layer->v);
        memset(layer->lambda, 0, sizeof layer->lambda);
        memset(layer->last, 0, sizeof layer->last);
        memset(layer->natural, 0, sizeof layer->natural);
        memset(layer->m, 0, sizeof layer->m);
        memset(layer->p, 0, sizeof layer->p);
        for (size_t b = 0; b < naive_blocks(layer); b++)
            for (size_t k = 0; k < layer->order; k++) {
                layer->m[b][k][k] = net->settings.prior;
                layer->p[b][k][k] = net->settings.prior > 0 ? 1 / net->settings.prior : 0;
            }
        memset(layer->a, 0, sizeof layer->a);
        memset(layer->inverse_a, 0, sizeof layer->inverse_a);
        for (size_t j = 0; j < layer->outputs && net->settings.prior > 0; j++)
            layer->a[j][j] = layer->inverse_a[j][j] = 1;
    }
    net->first_damping = net->settings.damping;
    net->step = 0;
    net->since_epoch = 0;
    net->collections = 0;
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

/* The mean of the gradients with weights M^0, M^1, ... back in time, which add up to 1; or what the
 * damping adds that pulls a direction to M times the last one. */
static inline double naive_remember(const naive_net *net, naive_layer *layer, size_t k, size_t j,
                                    double gradient)
{
    double momentum = net->settings.momentum;
    if (net->more.kind == NAIVE_BEFORE) {
        double weights = 0;
        for (size_t age = 0; age <= net->step; age++)
            weights += pow(momentum, (double)age);
        layer->v[k][j] = momentum * layer->v[k][j] + gradient;
        return layer->v[k][j] / weights;
    }
    if (net->more.kind == NAIVE_SPRING)
        return gradient + momentum * layer->lambda[layer->neuron ? j : 0][k] * layer->natural[k][j];
    return gradient;
}

/* P (gradient + l2 W), and its product with that gradient; biases decay in no way */
static inline void naive_direct(const naive_net *net, naive_layer *layer, size_t n)
{
    size_t order = layer->order;
    double gradients[NAIVE_ORDER][NAIVE_OUTPUTS];
    layer->length = 0;
    for (size_t j = 0; j < layer->outputs; j++) {
        double gradient[NAIVE_ORDER];
        for (size_t k = 0; k < order; k++) {
            gradient[k] = 0;
            for (size_t i = 0; i < n; i++)
                gradient[k] += layer->x[i][k] * layer->delta[i][j] / (double)n;
            if (k + 1 < order)
                gradient[k] += net->settings.l2 * layer->w[k][j];
            gradient[k] = naive_remember(net, layer, k, j, gradient[k]);
            layer->gradient[k][j] = gradient[k];
        }
        for (size_t k = 0; k < order; k++) {
            double direction = 0;
            for (size_t q = 0; q < order; q++)
                direction += layer->p[layer->neuron ? j : 0][k][q] * gradient[q];
            layer->natural[k][j] = direction;
            direction /= layer->nu_in_use;
            layer->direction[k][j] = direction;
            gradients[k][j] = gradient[k];
        }
    }
    if (layer->kronecker)
        naive_direct_outputs(layer);
    for (size_t k = 0; k < order; k++)
        for (size_t j = 0; j < layer->outputs; j++)
            layer->length += layer->direction[k][j] * gradients[k][j];
}

/* How far: the whole step's length is at most sqrt(kappa), or each layer's is rho sqrt(m). */
static inline void naive_control_step(naive_net *net)
{
    const naive_settings *s = &net->settings;
    double squares = 0;
    double outputs = 0;
    for (size_t l = 0; l < net->layers; l++) {
        squares += net->layer[l].length;
        outputs += (double)naive_response_outputs(net, l);
    }
    double kappa = s->kappa > 0 ? s->kappa : s->rho * s->rho * outputs;
    for (size_t l = 0; l < net->layers; l++) {
        naive_layer *layer = &net->layer[l];
        layer->factor = 1;
        if (s->control == NAIVE_TRUST && s->rate * s->rate * squares > kappa)
            layer->factor = sqrt(kappa / squares) / s->rate;
        if (s->control == NAIVE_RESPONSE)
            layer->factor = s->rho * sqrt((double)naive_response_outputs(net, l) / layer->length) /
                            s->rate;
    }
}

/* How much the responses of every layer move along its direction (which 0) or its last (which 1).
 */
static inline void naive_push(naive_net *net, size_t n, int which)
{
    for (size_t l = 0; l < net->layers; l++) {
        naive_layer *layer = &net->layer[l];
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < layer->outputs; j++) {
                double dt = 0;
                for (size_t k = 0; k < layer->order; k++) {
                    double own = which == 0 ? layer->direction[k][j] : layer->last[k][j];
                    double dx = l > 0 && k + 1 < layer->order ? net->layer[l - 1].moved[which][i][k]
                                                              : 0;
                    dt += layer->x[i][k] * own + dx * layer->w[k][j];
                }
                layer->moved[which][i][j] = naive_derivative(layer->activation, layer->t[i][j]) *
                                            dt;
            }
    }
}

/* v^T C w of the model, for v and w each the direction (0) or the last one (1); the loss's
 * curvature written out as the matrix that it is. */
static inline double naive_model(const naive_net *net, size_t n, bool softmax, int v, int w)
{
    const naive_layer *top = &net->layer[net->layers - 1];
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double p[NAIVE_OUTPUTS];
        double total = 0;
        for (size_t j = 0; j < top->outputs; j++)
            total += p[j] = exp(naive_response(top->activation, top->t[i][j]));
        for (size_t j = 0; j < top->outputs; j++)
            for (size_t k = 0; k < top->outputs; k++) {
                double f = j == k;
                if (softmax)
                    f = (j == k) * p[j] / total - p[j] * p[k] / (total * total);
                sum += top->moved[v][i][j] * f * top->moved[w][i][k] / (double)n;
            }
    }
    for (size_t l = 0; l < net->layers; l++) {
        const naive_layer *layer = &net->layer[l];
        for (size_t k = 0; k < layer->order; k++)
            for (size_t j = 0; j < layer->outputs; j++) {
                double damping = layer->nu_in_use * layer->lambda[layer->neuron ? j : 0][k];
                if (k + 1 < layer->order)
                    damping += net->settings.l2;
                sum += damping * (v ? layer->last[k][j] : layer->direction[k][j]) *
                       (w ? layer->last[k][j] : layer->direction[k][j]);
            }
    }
    return sum;
}

/* Loss of the last pass, mean over samples, and the l2 term. */
static inline double naive_cost(const naive_net *net, size_t n, const int *classes,
                                const double *values)
{
    const naive_layer *top = &net->layer[net->layers - 1];
    double cost = 0;
    for (size_t i = 0; i < n; i++) {
        double total = 0;
        for (size_t j = 0; j < top->outputs; j++) {
            double h = naive_response(top->activation, top->t[i][j]);
            total += exp(h);
            if (!classes)
                cost += pow(h - values[i * top->outputs + j], 2) / (double)(2 * n);
            else if ((int)j == classes[i])
                cost -= h / (double)n;
        }
        if (classes)
            cost += log(total) / (double)n;
    }
    for (size_t l = 0; l < net->layers; l++)
        for (size_t k = 0; k + 1 < net->layer[l].order; k++)
            for (size_t j = 0; j < net->layer[l].outputs; j++)
                cost += net->settings.l2 / 2 * pow(net->layer[l].w[k][j], 2);
    return cost;
}

/* Every fifth step: eps times (19/20)^5, or over it. */
static inline void naive_adapt(naive_net *net, const double *inputs, size_t n, const int *classes,
                               const double *values)
{
    if (!net->more.lm || net->step % 5 != 4)
        return;
    naive_forward(net, inputs, n);
    double ratio = (net->before - naive_cost(net, n, classes, values)) / net->predicted;
    if (ratio > 0.75)
        net->settings.damping *= pow(0.95, 5);
    if (ratio < 0.25)
        net->settings.damping /= pow(0.95, 5);
    net->settings.damping = fmin(fmax(net->settings.damping, net->first_damping / 1000),
                                 net->first_damping * 1000);
}

/* The direction <- a D + b last, which minimises the model; at the first step there is no last. */
static inline void naive_minimise(naive_net *net, size_t n, bool softmax)
{
    double slope[2] = {0, 0};
    double a = 0;
    double b = 0;
    naive_push(net, n, 0);
    naive_push(net, n, 1);
    for (size_t l = 0; l < net->layers; l++)
        for (size_t k = 0; k < net->layer[l].order; k++)
            for (size_t j = 0; j < net->layer[l].outputs; j++) {
                slope[0] += net->layer[l].gradient[k][j] * net->layer[l].direction[k][j];
                slope[1] += net->layer[l].gradient[k][j] * net->layer[l].last[k][j];
            }
    double dd = naive_model(net, n, softmax, 0, 0);
    double de = naive_model(net, n, softmax, 0, 1);
    double ee = naive_model(net, n, softmax, 1, 1);
    if (net->step == 0) {
        a = slope[0] / dd;
    } else { /* elimination */
        b = (slope[1] - de / dd * slope[0]) / (ee - de / dd * de);
        a = (slope[0] - de * b) / dd;
    }
    net->predicted = net->settings.rate * (a * slope[0] + b * slope[1]) -
                     pow(net->settings.rate, 2) / 2 * (a * a * dd + 2 * a * b * de + b * b * ee);
    for (size_t l = 0; l < net->layers; l++)
        for (size_t k = 0; k < net->layer[l].order; k++)
            for (size_t j = 0; j < net->layer[l].outputs; j++) {
                double *last = &net->layer[l].last[k][j];
                *last = a * net->layer[l].direction[k][j] + b * *last;
                net->layer[l].direction[k][j] = *last;
            }
}

/* v <- momentum v + factor D; W <- W - rate v, with decoupled decay; nesterov looks ahead; the
 * others have remembered already. */
static inline void naive_update(const naive_net *net, naive_layer *layer)
{
    const naive_settings *s = &net->settings;
    naive_momentum kind = net->more.kind;
    for (size_t j = 0; j < layer->outputs; j++)
        for (size_t k = 0; k < layer->order; k++) {
            double own = layer->factor * layer->direction[k][j];
            double step = own;
            if (kind == NAIVE_AFTER || kind == NAIVE_NESTEROV) {
                layer->v[k][j] = s->momentum * layer->v[k][j] + own;
                step = layer->v[k][j];
            }
            if (kind == NAIVE_NESTEROV)
                step = own + s->momentum * layer->v[k][j];
            if (k + 1 < layer->order)
                layer->w[k][j] *= 1 - s->rate * s->weight_decay;
            layer->w[k][j] -= s->rate * step;
        }
}

/* The typical square of every input where it is active; the first samples make the prior, too. */
static inline void naive_units(const naive_settings *s, naive_layer *layer, size_t n, double add,
                               bool first)
{
    double sum = 0;
    double active = 0;
    for (size_t k = 0; k < layer->order; k++) {
        double second = 0;
        double fourth = 0;
        for (size_t i = 0; i < n; i++) {
            second += pow(layer->x[i][k], 2) / (double)n;
            fourth += pow(layer->x[i][k], 4) / (double)n;
        }
        layer->second[k] = first ? second : (1 - add) * layer->second[k] + add * second;
        layer->fourth[k] = first ? fourth : (1 - add) * layer->fourth[k] + add * fourth;
        layer->unit[k] = layer->second[k] > 0 ? layer->fourth[k] / layer->second[k] : 0;
        sum += layer->unit[k];
        active += layer->unit[k] > 0;
    }
    for (size_t k = 0; k < layer->order; k++)
        if (layer->unit[k] == 0)
            layer->unit[k] = sum / active;
    for (size_t b = 0; b < naive_blocks(layer) && first; b++)
        for (size_t k = 0; k < layer->order; k++)
            layer->m[b][k][k] = s->prior * layer->unit[k];
}

/* The first collection's mean of nu is all there is; the others add to it. */
static inline void naive_collect_nu(const naive_net *net, naive_layer *layer, size_t n,
                                    double decayed)
{
    double add = fmax(decayed, 1 / (double)net->collections);
    double mean = 0;
    if (!net->more.mean_nu || layer->neuron)
        return;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < layer->outputs; j++)
            mean += naive_nu(layer->activation, layer->t[i][j], 1) / (double)(n * layer->outputs);
    layer->mean_nu = (1 - add) * layer->mean_nu + add * mean;
}

static inline void naive_collect(const naive_settings *s, naive_layer *layer, size_t n, double add)
{
    for (size_t b = 0; b < naive_blocks(layer); b++)
        for (size_t k = 0; k < layer->order; k++)
            for (size_t q = 0; q < layer->order; q++) {
                double g = 0;
                for (size_t i = 0; i < n; i++) {
                    double nu = layer->kronecker ? 1
                                : layer->neuron  ? layer->nu[i][b]
                                                 : 1 / (s->sigma * s->sigma);
                    g += nu * layer->x[i][k] * layer->x[i][q] / (double)n;
                }
                layer->m[b][k][q] = (1 - add) * layer->m[b][k][q] + add * g;
            }
}

/* In the first metric_ramp steps periods grow to what the settings say. */
static inline size_t naive_period(const naive_net *net, size_t every)
{
    size_t ramp = net->settings.metric_ramp;
    if (net->step >= ramp)
        return every;
    return every * net->step >= ramp ? every * net->step / ramp : 1;
}

/* Collection number 1, 2, ...: the plain mean of the prior and all so far, while that is more,
 * and always in the first layer. */
static inline void naive_collect_all(naive_net *net, size_t n)
{
    const naive_settings *s = &net->settings;
    size_t steps = net->step > 0 ? net->step - net->collected : naive_period(net, s->metric_every);
    double decayed = 1 - pow(s->metric_decay, (double)steps / (double)s->metric_every);
    net->collected = net->step;
    net->collections++;
    for (size_t l = 0; l < net->layers; l++) {
        double add = decayed;
        size_t counted = net->collections + (s->prior > 0 ? 1 : 0);
        bool is_mean = s->corrected && add < 1 / (double)counted;
        double of_curvature = is_mean ? 1 / (double)counted : add;
        bool is_data = l == 0 && !net->layer[l].neuron &&
                       (net->layer[l].kronecker || net->layer[l].response == NAIVE_OWN);
        if (is_mean || (s->corrected && is_data))
            add = 1 / (double)counted;
        naive_collect_outputs(&net->layer[l], of_curvature);
        if (s->units && l == 0)
            naive_units(s, &net->layer[l], n, add, net->collections == 1);
        naive_collect(s, &net->layer[l], n, add);
        naive_collect_nu(net, &net->layer[l], n, decayed);
    }
}

static inline void naive_refresh(const naive_settings *s, naive_layer *layer, bool units)
{
    if (layer->kronecker) {
        naive_invert_product(s, layer, units);
        return;
    }
    for (size_t b = 0; b < naive_blocks(layer); b++) {
        naive_square damped;
        double metric_trace = 0; /* in units of the inputs, where they are meant */
        for (size_t k = 0; k < layer->order; k++)
            metric_trace += layer->m[b][k][k] / (units ? layer->unit[k] : 1);
        memcpy(damped, layer->m[b], sizeof damped);
        for (size_t k = 0; k < layer->order; k++) {
            double unit = units ? layer->unit[k] : 1;
            double mean = metric_trace / (double)layer->order;
            double own = layer->m[b][k][k] / unit;
            layer->lambda[b][k] = unit * s->damping *
                                  (s->rule == NAIVE_TRACE      ? metric_trace
                                   : s->rule == NAIVE_MEAN     ? mean
                                   : s->rule == NAIVE_ABSOLUTE ? 1
                                                               : (own > 0 ? own : mean));
            damped[k][k] += layer->lambda[b][k];
        }
        naive_invert(layer->order, damped, layer->p[b]);
    }
}

static inline void naive_refresh_all(naive_net *net)
{
    for (size_t l = 0; l < net->layers; l++) {
        naive_refresh(&net->settings, &net->layer[l], net->settings.units && l == 0);
        net->layer[l].nu_in_use = fmax(net->layer[l].mean_nu, 0.01);
    }
    net->refreshed = net->step;
    net->refreshes++;
}

static inline bool naive_collects(const naive_net *net)
{
    size_t every = net->settings.metric_every;
    return net->step % every == 0 || net->step - net->collected >= naive_period(net, every);
}

static inline bool naive_refreshes(const naive_net *net)
{
    size_t every = net->settings.refresh_every;
    return net->since_epoch % every == 0 || net->step - net->refreshed >= naive_period(net, every);
}

/* One step on a batch of n samples. */
static inline void naive_step(naive_net *net, const double *inputs, size_t n, const int *classes,
                              const double *values)
{
    const naive_settings *s = &net->settings;
    bool begins = s->corrected && net->step == 0;
    assert(n <= NAIVE_SAMPLES);
    naive_forward(net, inputs, n);
    naive_backward(net, n, classes, values);
    naive_read_curvature(net, n);
    if (begins) {
        naive_collect_all(net, n);
        naive_refresh_all(net);
    }
    for (size_t l = 0; l < net->layers; l++)
        naive_direct(net, &net->layer[l], n);
    naive_control_step(net);
    net->before = naive_cost(net, n, classes, values);
    if (net->more.quadratic)
        naive_minimise(net, n, classes != NULL);
    for (size_t l = 0; l < net->layers; l++)
        naive_update(net, &net->layer[l]);
    if (naive_collects(net) && !begins) {
        if (s->again) {
            naive_forward(net, inputs, n);
            naive_read_curvature(net, n);
        }
        naive_collect_all(net, n);
    }
    naive_adapt(net, inputs, n, classes, values);
    if (naive_refreshes(net) && !begins)
        naive_refresh_all(net);
    net->step++;
    net->since_epoch++;
}

#endif
