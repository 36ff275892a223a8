/* naive_rngd.h - relative natural gradient descent by dense float64 matrices, straight from
 * docs/CONVENTIONS.md: every metric is a full [D x D] matrix, every inverse a Gauss-Jordan
 * elimination. It shares no code with the library. */
#ifndef RFIM_TESTS_OPTIMIZER_NAIVE_RNGD_H
#define RFIM_TESTS_OPTIMIZER_NAIVE_RNGD_H

#include "optimizer/naive_metric.h"
#include "optimizer/naive_quadratic.h"

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

/* The squared length with which the outputs of the batch move by rho m^(1/4) / sqrt(c): they move
 * by squares / |g| times the factor, as the cost does by `squares`; 8 lengths at most. */
static inline double naive_output_kappa(const naive_net *net, size_t n, double squares)
{
    const naive_layer *last = &net->layer[net->layers - 1];
    double curvature = net->loss == NAIVE_SQUARED ? 1 : 0.25;
    double movement = net->settings.rho * pow((double)last->outputs, 0.25) / sqrt(curvature);
    double g = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < last->outputs; j++)
            g += last->delta[i][j] * last->delta[i][j] / (double)n;
    double lengths = sqrt(squares / g);
    double radius = movement / (lengths < 8 ? lengths : 8);
    return radius * radius;
}

/* How far: the whole step's length is at most sqrt(kappa), or each layer's is rho sqrt(m). */
static inline void naive_control_step(naive_net *net, size_t n)
{
    const naive_settings *s = &net->settings;
    double squares = 0;
    double outputs = 0;
    for (size_t l = 0; l < net->layers; l++) {
        squares += net->layer[l].length;
        outputs += (double)naive_response_outputs(net, l);
    }
    double kappa = s->kappa > 0 ? s->kappa : s->rho * s->rho * outputs;
    if (s->control == NAIVE_OUTPUT)
        kappa = fmin(kappa, naive_output_kappa(net, n, squares));
    for (size_t l = 0; l < net->layers; l++) {
        naive_layer *layer = &net->layer[l];
        layer->factor = 1;
        if ((s->control == NAIVE_TRUST || s->control == NAIVE_OUTPUT) &&
            s->rate * s->rate * squares > kappa)
            layer->factor = sqrt(kappa / squares) / s->rate;
        if (s->control == NAIVE_RESPONSE)
            layer->factor = s->rho * sqrt((double)naive_response_outputs(net, l) / layer->length) /
                            s->rate;
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
    naive_control_step(net, n);
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
