/* naive_metric.h - how the metrics of naive_rngd.h are collected, averaged, damped and inverted. */
#ifndef RFIM_TESTS_OPTIMIZER_NAIVE_METRIC_H
#define RFIM_TESTS_OPTIMIZER_NAIVE_METRIC_H

#include "optimizer/naive_curvature.h"

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

#endif
