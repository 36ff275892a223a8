/* Creating, freeing, copying and rounding the oracle's network; what it is: icml2017_oracle.h. */
#include "icml2017_oracle.h"
#include "small_matrix.h"

#include <stdlib.h>
#include <string.h>

oracle_settings oracle_settings_defaults(void)
{
    oracle_settings settings = {
        .learning_rate = .01,
        .l2 = 1e-3,
        .metric_keep = .995,
        .damping = 1e-4,
        .refresh_period = 100,
        .omega = 1.0,
        .iota = 0.0,
        .sigma = 1.0,
        .bn_eps = 1e-3,
        .bn_decay = .999,
    };
    return settings;
}

/* The next count numbers of a block whose first *used are taken. NULL block: count only. */
static double *take(double *block, size_t *used, size_t count)
{
    double *taken = block == NULL ? NULL : block + *used;
    *used += count;
    return taken;
}

/* Lays the arrays of every layer out in the two blocks; sets the two counts. */
static void lay_out(oracle_net *net)
{
    size_t state = 0;
    size_t gradients = 0;
    for (size_t l = 0; l < net->layer_count; l++) {
        oracle_layer *layer = &net->layers[l];
        size_t Dm = layer->D * layer->m;
        size_t matrices = layer->blocks * layer->D * layer->D;
        layer->weights = take(net->state, &state, Dm);
        layer->metric = take(net->state, &state, matrices);
        layer->inverse = take(net->state, &state, matrices);
        layer->grad = take(net->gradients, &gradients, Dm);
        layer->update = take(net->gradients, &gradients, Dm);
        if (net->bna && l + 1 < net->layer_count) {
            layer->gamma = take(net->state, &state, layer->m);
            layer->beta = take(net->state, &state, layer->m);
            layer->moving_mean = take(net->state, &state, layer->m);
            layer->moving_var = take(net->state, &state, layer->m);
            layer->grad_gamma = take(net->gradients, &gradients, layer->m);
            layer->grad_beta = take(net->gradients, &gradients, layer->m);
        }
    }
    net->state_count = state;
    net->gradients_count = gradients;
}

oracle_net *oracle_create(const size_t *sizes, size_t count, bool bna,
                          const oracle_settings *settings)
{
    if (count < 2) {
        abort();
    }
    oracle_net *net = oracle_zeroed(1, sizeof *net);
    net->settings = settings != NULL ? *settings : oracle_settings_defaults();
    net->bna = bna;
    net->layer_count = count - 1;
    net->layers = oracle_zeroed(net->layer_count, sizeof *net->layers);
    net->sizes = oracle_zeroed(count, sizeof *net->sizes);
    memcpy(net->sizes, sizes, count * sizeof *sizes);
    for (size_t l = 0; l < net->layer_count; l++) {
        oracle_layer *layer = &net->layers[l];
        bool shared = l == 0 || l + 1 == net->layer_count;
        layer->d = sizes[l];
        layer->D = sizes[l] + 1;
        layer->m = sizes[l + 1];
        layer->blocks = shared ? 1 : layer->m;
    }
    lay_out(net); /* the blocks are NULL still: this counts */
    net->state = oracle_doubles(net->state_count);
    net->gradients = oracle_doubles(net->gradients_count);
    lay_out(net);
    for (size_t l = 0; l < net->layer_count; l++) {
        oracle_layer *layer = &net->layers[l];
        for (size_t b = 0; b < layer->blocks; b++) {
            oracle_set_identity(layer->metric + b * layer->D * layer->D, layer->D);
            oracle_set_identity(layer->inverse + b * layer->D * layer->D, layer->D);
        }
        for (size_t j = 0; layer->gamma != NULL && j < layer->m; j++) {
            layer->gamma[j] = 1.0;
            layer->moving_var[j] = 1.0;
        }
    }
    return net;
}

void oracle_free(oracle_net *net)
{
    if (net == NULL) {
        return;
    }
    free(net->gradients);
    free(net->state);
    free(net->sizes);
    free(net->layers);
    free(net);
}

oracle_net *oracle_copy(const oracle_net *net)
{
    oracle_net *copy = oracle_create(net->sizes, net->layer_count + 1, net->bna, &net->settings);
    oracle_restore(copy, net);
    return copy;
}

void oracle_restore(oracle_net *net, const oracle_net *saved)
{
    if (net->layer_count != saved->layer_count || net->bna != saved->bna ||
        memcmp(net->sizes, saved->sizes, (net->layer_count + 1) * sizeof *net->sizes) != 0) {
        abort();
    }
    net->settings = saved->settings;
    net->itr = saved->itr;
    memcpy(net->state, saved->state, saved->state_count * sizeof(double));
    memcpy(net->gradients, saved->gradients, saved->gradients_count * sizeof(double));
}

void oracle_round_to_float(oracle_net *net)
{
    for (size_t s = 0; s < net->state_count; s++) {
        net->state[s] = (double)(float)net->state[s];
    }
}
