/* naive_curvature.h - the curvature P_i of responses beyond a layer's own, and Kronecker products,
 * for naive_rngd.h: whole matrices sample by sample, straight from
 * docs/mathematics.md 4.3 and 4.6 and Martens and Grosse (2015), section 6.3. */
#ifndef RFIM_TESTS_OPTIMIZER_NAIVE_CURVATURE_H
#define RFIM_TESTS_OPTIMIZER_NAIVE_CURVATURE_H

#include "optimizer/naive_net.h"

/* The information of a response that stands alone, of every output. */
static inline void naive_alone(const naive_layer *layer, size_t i, double sigma, naive_square p)
{
    memset(p, 0, sizeof(naive_square));
    for (size_t j = 0; j < layer->outputs; j++)
        p[j][j] = naive_nu(layer->activation, layer->t[i][j], sigma);
}

/* What the loss of the last layer is -log p of. Soft-max: the mean over the classes of the scores'
 * products, class by class. */
static inline void naive_of_loss(const naive_net *net, size_t i, naive_square p)
{
    const naive_layer *last = &net->layer[net->layers - 1];
    double sum = 0;
    memset(p, 0, sizeof(naive_square));
    for (size_t j = 0; j < last->outputs; j++)
        sum += exp(last->t[i][j]);
    for (size_t c = 0; c < last->outputs; c++) {
        double t = last->t[i][c];
        for (size_t j = 0; net->loss == NAIVE_SOFTMAX && j < last->outputs; j++)
            for (size_t k = 0; k < last->outputs; k++)
                p[j][k] += exp(t) / sum * ((j == c ? 1 : 0) - exp(last->t[i][j]) / sum) *
                           ((k == c ? 1 : 0) - exp(last->t[i][k]) / sum);
        if (net->loss == NAIVE_SIGMOID)
            p[c][c] = naive_logistic(t) * (1 - naive_logistic(t));
        if (net->loss == NAIVE_SQUARED)
            p[c][c] = pow(naive_derivative(last->activation, t), 2);
    }
}

/* P <- D' W0 P W0^T D': from the pre-activations of a layer to those of the one below */
static inline void naive_below(const naive_layer *layer, const naive_layer *below, size_t i,
                               naive_square p)
{
    naive_square out;
    memset(out, 0, sizeof out);
    for (size_t a = 0; a < below->outputs; a++)
        for (size_t b = 0; b < below->outputs; b++) {
            for (size_t j = 0; j < layer->outputs; j++)
                for (size_t k = 0; k < layer->outputs; k++)
                    out[a][b] += layer->w[a][j] * p[j][k] * layer->w[b][k];
            out[a][b] *= naive_derivative(below->activation, below->t[i][a]) *
                         naive_derivative(below->activation, below->t[i][b]);
        }
    memcpy(p, out, sizeof out);
}

/* P_i of layer l. The last layer's own response is the network's for a Kronecker product; without
 * a next layer the response is the network's. */
static inline void naive_curvature_of(const naive_net *net, size_t l, size_t i, naive_square p)
{
    const naive_layer *layer = &net->layer[l];
    size_t last = net->layers - 1;
    size_t from = layer->response == NAIVE_NETWORK            ? last
                  : layer->response == NAIVE_NEXT && l < last ? l + 1
                                                              : l;
    if (from == last && (net->loss != NAIVE_SQUARED || layer->response == NAIVE_NETWORK ||
                         (layer->response == NAIVE_NEXT && l == last)))
        naive_of_loss(net, i, p);
    else
        naive_alone(&net->layer[from], i, net->settings.sigma, p);
    for (size_t k = from; k > l; k--)
        naive_below(&net->layer[k], &net->layer[k - 1], i, p);
}

/* By the weights as they are: the mean of P_i, and the diagonal of each. */
static inline void naive_read_curvature(naive_net *net, size_t n)
{
    for (size_t l = 0; l < net->layers; l++) {
        naive_layer *layer = &net->layer[l];
        memset(layer->mean_p, 0, sizeof layer->mean_p);
        for (size_t i = 0; i < n; i++) {
            naive_square p;
            naive_curvature_of(net, l, i, p);
            for (size_t j = 0; j < layer->outputs; j++) {
                layer->nu[i][j] = p[j][j];
                for (size_t k = 0; k < layer->outputs; k++)
                    layer->mean_p[j][k] += p[j][k] / (double)n;
            }
            for (size_t j = 0; layer->response == NAIVE_OWN && j < layer->outputs; j++)
                layer->nu[i][j] = naive_nu(layer->activation, layer->t[i][j], net->settings.sigma);
        }
    }
}

/* How many outputs the response of a layer has. */
static inline size_t naive_response_outputs(const naive_net *net, size_t l)
{
    size_t last = net->layers - 1;
    size_t from = net->layer[l].response == NAIVE_OWN                ? l
                  : net->layer[l].response == NAIVE_NEXT && l < last ? l + 1
                                                                     : last;
    return net->layer[from].outputs;
}

/* A <- (1 - add) A + add mean P */
static inline void naive_collect_outputs(naive_layer *layer, double add)
{
    for (size_t j = 0; j < layer->outputs; j++)
        for (size_t k = 0; k < layer->outputs; k++)
            layer->a[j][k] = (1 - add) * layer->a[j][k] + add * layer->mean_p[j][k];
}

/* (A + root / pi) (x) (B + root pi), root^2 = lambda, pi^2 = (tr B / D) / (tr A / m) */
static inline void naive_invert_product(const naive_settings *s, naive_layer *layer, bool units)
{
    naive_square a;
    naive_square b;
    double trace_a = 0;
    double trace_b = 0;
    double D = (double)layer->order;
    double m = (double)layer->outputs;
    for (size_t k = 0; k < layer->order; k++)
        trace_b += layer->m[0][k][k] / (units ? layer->unit[k] : 1);
    for (size_t j = 0; j < layer->outputs; j++)
        trace_a += layer->a[j][j];
    double lambda = s->damping * (s->rule == NAIVE_TRACE      ? trace_a * trace_b
                                  : s->rule == NAIVE_ABSOLUTE ? 1
                                                              : trace_a * trace_b / (D * m));
    double pi = sqrt(trace_b / D / (trace_a / m));
    memcpy(a, layer->a, sizeof a);
    memcpy(b, layer->m[0], sizeof b);
    for (size_t j = 0; j < layer->outputs; j++)
        a[j][j] += sqrt(lambda) / pi;
    for (size_t k = 0; k < layer->order; k++)
        b[k][k] += sqrt(lambda) * pi * (units ? layer->unit[k] : 1);
    naive_invert(layer->outputs, a, layer->inverse_a);
    naive_invert(layer->order, b, layer->p[0]);
}

/* The direction, already P times the gradient, times the inverse of A as well */
static inline void naive_direct_outputs(naive_layer *layer)
{
    for (size_t k = 0; k < layer->order; k++) {
        double row[NAIVE_OUTPUTS] = {0};
        for (size_t j = 0; j < layer->outputs; j++)
            for (size_t q = 0; q < layer->outputs; q++)
                row[j] += layer->direction[k][q] * layer->inverse_a[q][j];
        memcpy(layer->direction[k], row, sizeof row);
    }
}

#endif
