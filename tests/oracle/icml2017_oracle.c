/*
 * The formulas and their source stand in icml2017_oracle.h. What is added here is the exact
 * gradient, by back-propagation of delta_ij = dL/dt_ij (L is the mean over samples):
 *
 *   last layer        delta_ij = (softmax(t_i)_j - [j = label_i]) / n
 *   linear            dL/dW = X^T delta,   e = dL/dx = delta W0^T   (W0: W without its bias row)
 *   batch norm        b = gamma a + beta,  a = (h - mean) / s,  s = sqrt(var + bn_eps),
 *                     mean and var (divisor n) functions of the batch:
 *                     dL/dgamma = sum_i e a,  dL/dbeta = sum_i e,
 *                     dL/dh = (gamma / s) [e - mean_i e - a mean_i(e a)]
 *   relu              dL/dt = dL/dh * (t > 0 ? 1 : iota)
 *
 * Indices: i sample, j output, k input, l layer; r, c row and column of a D x D matrix.
 */
#include "icml2017_oracle.h"

#include "small_matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What one forward pass leaves at one layer. */
typedef struct {
    double *x;    /* [n x D] augmented input, last column 1 */
    double *t;    /* [n x m] pre-activation x W */
    double *a;    /* [n x m] normalised activation, batch norm only */
    double *mean; /* [m] of the activation over the batch, batch norm only */
    double *var;  /* [m] likewise, divisor n */
} layer_pass;

typedef enum { BATCH_STATISTICS, MOVING_STATISTICS } statistics;

/* ---- forward ---- */

static layer_pass *passes_create(const oracle_net *net, size_t n)
{
    layer_pass *passes = oracle_zeroed(net->layer_count, sizeof *passes);
    for (size_t l = 0; l < net->layer_count; l++) {
        size_t m = net->layers[l].m;
        passes[l].x = oracle_doubles(n * net->layers[l].D);
        passes[l].t = oracle_doubles(n * m);
        passes[l].a = oracle_doubles(n * m);
        passes[l].mean = oracle_doubles(m);
        passes[l].var = oracle_doubles(m);
    }
    return passes;
}

static void passes_free(layer_pass *passes, const oracle_net *net)
{
    for (size_t l = 0; l < net->layer_count; l++) {
        free(passes[l].x);
        free(passes[l].t);
        free(passes[l].a);
        free(passes[l].mean);
        free(passes[l].var);
    }
    free(passes);
}

/* h, b: [n x m], the same array allowed; leaves a and, always of the batch, mean and var */
static void batch_norm(const oracle_net *net, const oracle_layer *layer, statistics kind,
                       const double *h, size_t n, layer_pass *pass, double *b)
{
    size_t m = layer->m;
    for (size_t j = 0; j < m; j++) {
        double mean = 0.0;
        double var = 0.0;
        for (size_t i = 0; i < n; i++) {
            mean += h[i * m + j] / (double)n;
        }
        for (size_t i = 0; i < n; i++) {
            var += (h[i * m + j] - mean) * (h[i * m + j] - mean) / (double)n;
        }
        pass->mean[j] = mean;
        pass->var[j] = var;
        if (kind == MOVING_STATISTICS) {
            mean = layer->moving_mean[j];
            var = layer->moving_var[j];
        }
        for (size_t i = 0; i < n; i++) {
            double a = (h[i * m + j] - mean) / sqrt(var + net->settings.bn_eps);
            pass->a[i * m + j] = a;
            b[i * m + j] = layer->gamma[j] * a + layer->beta[j];
        }
    }
}

/* Fills passes; the logits are the t of the last layer. */
static void forward(const oracle_net *net, const double *x, size_t n, statistics kind,
                    layer_pass *passes)
{
    double *response = oracle_doubles(n *
                                      net->sizes[0]); /* what the layer below hands up: [n x d] */
    memcpy(response, x, n * net->sizes[0] * sizeof(double));
    for (size_t l = 0; l < net->layer_count; l++) {
        const oracle_layer *layer = &net->layers[l];
        layer_pass *pass = &passes[l];
        size_t D = layer->D;
        size_t m = layer->m;
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < layer->d; k++) {
                pass->x[i * D + k] = response[i * layer->d + k];
            }
            pass->x[i * D + layer->d] = 1.0;
        }
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < D; k++) {
                for (size_t j = 0; j < m; j++) {
                    pass->t[i * m + j] += pass->x[i * D + k] * layer->weights[k * m + j];
                }
            }
        }
        free(response);
        response = oracle_doubles(n * m);
        for (size_t s = 0; s < n * m; s++) {
            double t = pass->t[s];
            response[s] = t > 0.0 ? t : net->settings.iota * t;
        }
        if (layer->gamma != NULL) {
            batch_norm(net, layer, kind, response, n, pass, response);
        }
    }
    free(response);
}

/* mean_i [ln sum_j exp(t_ij) - t_i,label]; eta: [n x m] gets the soft-max */
static double cross_entropy(const double *t, const int *labels, size_t n, size_t m, double *eta)
{
    double loss = 0.0;
    for (size_t i = 0; i < n; i++) {
        double largest = t[i * m];
        double sum = 0.0;
        for (size_t j = 1; j < m; j++) {
            largest = fmax(largest, t[i * m + j]);
        }
        for (size_t j = 0; j < m; j++) {
            sum += exp(t[i * m + j] - largest);
        }
        for (size_t j = 0; j < m; j++) {
            eta[i * m + j] = exp(t[i * m + j] - largest) / sum;
        }
        loss += (log(sum) + largest - t[i * m + (size_t)labels[i]]) / (double)n;
    }
    return loss;
}

static double loss_of(const oracle_net *net, const double *x, const int *labels, size_t n,
                      statistics kind)
{
    size_t last = net->layer_count - 1;
    size_t m = net->layers[last].m;
    layer_pass *passes = passes_create(net, n);
    double *eta = oracle_doubles(n * m);
    forward(net, x, n, kind, passes);
    double loss = cross_entropy(passes[last].t, labels, n, m, eta);
    free(eta);
    passes_free(passes, net);
    return loss;
}

double oracle_loss(const oracle_net *net, const double *x, const int *labels, size_t n)
{
    return loss_of(net, x, labels, n, BATCH_STATISTICS);
}

double oracle_loss_moving(const oracle_net *net, const double *x, const int *labels, size_t n)
{
    return loss_of(net, x, labels, n, MOVING_STATISTICS);
}

double oracle_l2_cost(const oracle_net *net)
{
    double squares = 0.0;
    for (size_t l = 0; l < net->layer_count; l++) {
        const oracle_layer *layer = &net->layers[l];
        for (size_t k = 0; k < layer->d * layer->m; k++) { /* the bias row is the last one */
            squares += layer->weights[k] * layer->weights[k];
        }
    }
    return net->settings.l2 * squares / 2.0;
}

double oracle_kink_distance(const oracle_net *net, const double *x, size_t n)
{
    double distance = HUGE_VAL;
    layer_pass *passes = passes_create(net, n);
    forward(net, x, n, BATCH_STATISTICS, passes);
    for (size_t l = 0; l + 1 < net->layer_count; l++) {
        for (size_t s = 0; s < n * net->layers[l].m; s++) {
            double t = fabs(passes[l].t[s]);
            distance = isnan(distance) || t >= distance ? distance : t; /* a NaN t stays */
        }
    }
    passes_free(passes, net);
    return distance;
}

/* ---- backward ---- */

/* e: [n x m], dL/db on entry and dL/dh on return; fills grad_gamma and grad_beta */
static void batch_norm_backward(const oracle_net *net, oracle_layer *layer, const layer_pass *pass,
                                size_t n, double *e)
{
    size_t m = layer->m;
    for (size_t j = 0; j < m; j++) {
        double sum_e = 0.0;
        double sum_ea = 0.0;
        for (size_t i = 0; i < n; i++) {
            sum_e += e[i * m + j];
            sum_ea += e[i * m + j] * pass->a[i * m + j];
        }
        layer->grad_beta[j] = sum_e;
        layer->grad_gamma[j] = sum_ea;
        double scale = layer->gamma[j] / sqrt(pass->var[j] + net->settings.bn_eps);
        for (size_t i = 0; i < n; i++) {
            double a = pass->a[i * m + j];
            e[i * m + j] = scale * (e[i * m + j] - sum_e / (double)n - a * sum_ea / (double)n);
        }
    }
}

/* grad of every layer from the batch-statistics passes; delta: [n x mL] = dL/dt, freed here */
static void backward(oracle_net *net, const layer_pass *passes, size_t n, double *delta)
{
    for (size_t l = net->layer_count; l-- > 0;) {
        oracle_layer *layer = &net->layers[l];
        size_t D = layer->D;
        size_t d = layer->d;
        size_t m = layer->m;
        for (size_t k = 0; k < D; k++) {
            for (size_t j = 0; j < m; j++) {
                double sum = 0.0;
                for (size_t i = 0; i < n; i++) {
                    sum += passes[l].x[i * D + k] * delta[i * m + j];
                }
                double decay = k < d ? net->settings.l2 * layer->weights[k * m + j] : 0.0;
                layer->grad[k * m + j] = sum + decay;
            }
        }
        if (l == 0) {
            break;
        }
        double *e = oracle_doubles(n * d);
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < d; k++) {
                for (size_t j = 0; j < m; j++) {
                    e[i * d + k] += delta[i * m + j] * layer->weights[k * m + j];
                }
            }
        }
        if (net->layers[l - 1].gamma != NULL) {
            batch_norm_backward(net, &net->layers[l - 1], &passes[l - 1], n, e);
        }
        for (size_t s = 0; s < n * d; s++) {
            e[s] *= passes[l - 1].t[s] > 0.0 ? 1.0 : net->settings.iota;
        }
        free(delta);
        delta = e;
    }
    free(delta);
}

/* Forward with batch statistics into passes, then the gradient; returns the loss. */
static double differentiate(oracle_net *net, const double *x, const int *labels, size_t n,
                            layer_pass *passes)
{
    size_t last = net->layer_count - 1;
    size_t m = net->layers[last].m;
    forward(net, x, n, BATCH_STATISTICS, passes);
    double *delta = oracle_doubles(n * m);
    double loss = cross_entropy(passes[last].t, labels, n, m, delta);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < m; j++) {
            double target = j == (size_t)labels[i] ? 1.0 : 0.0;
            delta[i * m + j] = (delta[i * m + j] - target) / (double)n;
        }
    }
    backward(net, passes, n, delta);
    return loss;
}

double oracle_gradient(oracle_net *net, const double *x, const int *labels, size_t n)
{
    layer_pass *passes = passes_create(net, n);
    double loss = differentiate(net, x, labels, n, passes);
    passes_free(passes, net);
    return loss;
}

/* ---- the metric ---- */

double oracle_nu(double t, const oracle_settings *settings)
{
    double iota = settings->iota;
    double sigm = 1.0 / (1.0 + exp(-(1.0 - iota) * t / settings->omega));
    double slope = iota + (1.0 - iota) * sigm;
    return slope * slope / (settings->sigma * settings->sigma);
}

/* M_b <- keep M_b + (1 - keep) mean_i nu_ib x~_i x~_i^T for every block b of layer l */
static void update_metric(oracle_net *net, size_t l, const layer_pass *pass, size_t n)
{
    const oracle_settings *settings = &net->settings;
    oracle_layer *layer = &net->layers[l];
    bool shared = l == 0 || l + 1 == net->layer_count;
    size_t D = layer->D;
    double *mean = oracle_doubles(D * D);
    for (size_t b = 0; b < layer->blocks; b++) {
        memset(mean, 0, D * D * sizeof(double));
        for (size_t i = 0; i < n; i++) {
            const double *x = pass->x + i * D;
            double nu = shared ? 1.0 / (settings->sigma * settings->sigma)
                               : oracle_nu(pass->t[i * layer->m + b], settings);
            for (size_t r = 0; r < D; r++) {
                for (size_t c = 0; c < D; c++) {
                    mean[r * D + c] += nu * x[r] * x[c] / (double)n;
                }
            }
        }
        double *M = layer->metric + b * D * D;
        for (size_t s = 0; s < D * D; s++) {
            M[s] = settings->metric_keep * M[s] + (1.0 - settings->metric_keep) * mean[s];
        }
    }
    free(mean);
}

void oracle_refresh(oracle_net *net)
{
    for (size_t l = 0; l < net->layer_count; l++) {
        oracle_layer *layer = &net->layers[l];
        size_t D = layer->D;
        double *damped = oracle_doubles(D * D);
        for (size_t b = 0; b < layer->blocks; b++) {
            oracle_damp(layer->metric + b * D * D, D, net->settings.damping, damped);
            oracle_invert(damped, D, layer->inverse + b * D * D);
        }
        free(damped);
    }
}

double oracle_condition(const oracle_net *net, size_t layer_index)
{
    const oracle_layer *layer = &net->layers[layer_index];
    size_t D = layer->D;
    double *damped = oracle_doubles(D * D);
    double condition = 1.0;
    for (size_t b = 0; b < layer->blocks; b++) {
        oracle_damp(layer->metric + b * D * D, D, net->settings.damping, damped);
        double block = oracle_symmetric_condition(damped, D);
        condition = isnan(block) || block > condition ? block : condition;
        if (isnan(condition)) {
            break; /* one broken block breaks the layer */
        }
    }
    free(damped);
    return condition;
}

/* ---- the step ---- */

void oracle_begin_epoch(oracle_net *net)
{
    net->itr = 0;
}

/* update = -lr P grad, one P for all outputs or one each; W <- W + update */
static void step_weights(oracle_layer *layer, double learning_rate)
{
    size_t D = layer->D;
    size_t m = layer->m;
    for (size_t r = 0; r < D; r++) {
        for (size_t j = 0; j < m; j++) {
            const double *P = layer->inverse + (layer->blocks == 1 ? 0 : j) * D * D;
            double sum = 0.0;
            for (size_t c = 0; c < D; c++) {
                sum += P[r * D + c] * layer->grad[c * m + j];
            }
            layer->update[r * m + j] = -learning_rate * sum;
        }
    }
    for (size_t s = 0; s < D * m; s++) {
        layer->weights[s] += layer->update[s];
    }
}

/* gamma, beta by plain gradient; moving averages from the statistics of the pass */
static void step_batch_norm(oracle_layer *layer, const layer_pass *pass,
                            const oracle_settings *settings)
{
    double decay = settings->bn_decay;
    for (size_t j = 0; j < layer->m; j++) {
        layer->gamma[j] -= settings->learning_rate * layer->grad_gamma[j];
        layer->beta[j] -= settings->learning_rate * layer->grad_beta[j];
        layer->moving_mean[j] = decay * layer->moving_mean[j] + (1.0 - decay) * pass->mean[j];
        layer->moving_var[j] = decay * layer->moving_var[j] + (1.0 - decay) * pass->var[j];
    }
}

double oracle_step(oracle_net *net, const double *x, const int *labels, size_t n)
{
    layer_pass *first = passes_create(net, n);
    double loss = differentiate(net, x, labels, n, first);
    for (size_t l = 0; l < net->layer_count; l++) {
        step_weights(&net->layers[l], net->settings.learning_rate);
        if (net->layers[l].gamma != NULL) {
            step_batch_norm(&net->layers[l], &first[l], &net->settings);
        }
    }
    passes_free(first, net);

    layer_pass *second = passes_create(net, n);
    forward(net, x, n, BATCH_STATISTICS, second);
    for (size_t l = 0; l < net->layer_count; l++) {
        update_metric(net, l, &second[l], n);
    }
    passes_free(second, net);

    if (net->itr % net->settings.refresh_period == 0) {
        oracle_refresh(net);
    }
    net->itr++;
    return loss;
}
