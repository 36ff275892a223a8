/* naive_quadratic.h - step control by the quadratic model, and damping that follows it, for
 * naive_rngd.h. */
#ifndef RFIM_TESTS_OPTIMIZER_NAIVE_QUADRATIC_H
#define RFIM_TESTS_OPTIMIZER_NAIVE_QUADRATIC_H

#include "optimizer/naive_net.h"

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

#endif
