/* naive.h - the forward pass once more, sample by sample in long double, from the numbers that
 * rfim_network_tensor_read gives: nothing of the library's arithmetic is used. */
#ifndef RFIM_TESTS_NETWORK_NAIVE_H
#define RFIM_TESTS_NETWORK_NAIVE_H

#include "network/small_network.h"

#define NAIVE_WIDEST 128

static inline long double naive_activation(const rfim__activation *f, long double t)
{
    switch (f->kind) {
    case RFIM__RELU:
        return t > 0 ? t : (long double)f->iota * t;
    case RFIM__ELU:
        return t >= 0 ? t : (long double)f->alpha * (expl(t) - 1);
    case RFIM__TANH:
        return (expl(2 * t) - 1) / (expl(2 * t) + 1);
    case RFIM__SIGM:
        return 1 / (1 + expl(-t));
    case RFIM__GELU:
        return t / 2 * (1 + erfl(t / sqrtl(2)));
    case RFIM__SILU:
        return t / (1 + expl(-t));
    case RFIM__SOFTPLUS:
        return (long double)f->omega * logl(expl((long double)f->iota * t / (long double)f->omega) +
                                            expl(t / (long double)f->omega));
    case RFIM__SIN:
        return sinl(t);
    default:
        return t;
    }
}

/* numbers: as read_all gives them; x: the sample, then the last module's output. */
static inline void naive_forward(const rfim_network *network, const double *numbers,
                                 long double x[NAIVE_WIDEST])
{
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        size_t d = module->inputs;
        size_t m = module->outputs;
        long double h[NAIVE_WIDEST];
        size_t read = 0;
        for (size_t j = 0; j < m; j++) {
            if (module->table == &rfim__activation_module) {
                h[j] = naive_activation(&module->activation, x[j]);
            } else if (module->table == &rfim__linear_module) {
                read = m * d + m;
                long double t = (long double)numbers[m * d + j];
                for (size_t k = 0; k < d; k++)
                    t += (long double)numbers[j * d + k] * x[k];
                h[j] = naive_activation(&module->activation, t);
            } else { /* gamma, beta, mean, variance */
                read = 4 * m;
                long double sd = sqrtl((long double)numbers[3 * m + j] + (long double)module->eps);
                h[j] = (long double)numbers[j] * (x[j] - (long double)numbers[2 * m + j]) / sd +
                       (long double)numbers[m + j];
            }
        }
        memcpy(x, h, m * sizeof *h);
        numbers += read;
    }
}

/* The response: probabilities, or values. */
static inline void naive_respond(rfim_loss_kind loss, long double *u, size_t m)
{
    long double total = 0;
    for (size_t j = 0; j < m; j++)
        total += expl(u[j]);
    for (size_t j = 0; j < m; j++)
        u[j] = loss == RFIM_LOSS_SOFTMAX   ? expl(u[j]) / total
               : loss == RFIM_LOSS_SIGMOID ? 1 / (1 + expl(-u[j]))
                                           : u[j];
}

#endif
