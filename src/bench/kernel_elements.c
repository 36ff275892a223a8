/* kernel_elements.c - loops over numbers, beside the same loops with the C library's functions. */
#include "bench/kernel.h"
#include "network/activation.h"
#include "optimizer/adam.h"

#include <math.h>
#include <stdio.h>

/* a: T, b: f(T) */
static void our_activation(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    rfim__activation_forward(self->algebra, pair->what, pair->a, pair->b);
}

static void plain_tanh(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    (void)self;
    for (size_t i = 0; i < pair->a.rows; i++)
        for (size_t j = 0; j < pair->a.columns; j++)
            rfim__bench_row(pair->b, i)[j] = tanhf(rfim__bench_row(pair->a, i)[j]);
}

static void plain_sigm(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    (void)self;
    for (size_t i = 0; i < pair->a.rows; i++)
        for (size_t j = 0; j < pair->a.columns; j++)
            rfim__bench_row(pair->b, i)[j] = 1 / (1 + expf(-rfim__bench_row(pair->a, i)[j]));
}

static void time_activation(rfim__kernel_bench *self, rfim__activation_kind kind, size_t n,
                            size_t m)
{
    bool is_tanh = kind == RFIM__TANH;
    rfim__activation f = rfim__activation_defaults(kind);
    rfim__bench_pair pair = {.name = is_tanh ? "tanh" : "sigm",
                             .against = is_tanh ? "tanhf" : "expf",
                             .ours = our_activation,
                             .theirs = is_tanh ? plain_tanh : plain_sigm,
                             .a = rfim__bench_matrix(self, n, m, 4),
                             .b = rfim__bench_matrix(self, n, m, 0),
                             .what = &f};
    snprintf(pair.shape, sizeof pair.shape, "%zux%zu", n, m);
    rfim__bench_pair_run(self, &pair);
}

/* a: gradient, b and c: the running means, d: W, e: the next W */
static void our_adam(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    const rfim__adam_kernels *kernels = RFIM__PICK_VARIANT(rfim__adam, self->context->kernels,
                                                           RFIM_SINGLE);
    kernels->update(pair->what, 10, 1e-3, 0, pair->a, pair->b, pair->c, pair->d, pair->e);
}

static void plain_adam(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    (void)self;
    float scale = 1e-3f / (1 - powf(0.9f, 10));
    float root = 1 / (1 - powf(0.999f, 10));
    for (size_t i = 0; i < pair->a.rows; i++) {
        const float *g = rfim__bench_row(pair->a, i);
        float *first = rfim__bench_row(pair->b, i);
        float *second = rfim__bench_row(pair->c, i);
        const float *w = rfim__bench_row(pair->d, i);
        float *next = rfim__bench_row(pair->e, i);
        for (size_t j = 0; j < pair->a.columns; j++) {
            first[j] = 0.9f * first[j] + 0.1f * g[j];
            second[j] = 0.999f * second[j] + 0.001f * g[j] * g[j];
            next[j] = w[j] - scale * first[j] / (sqrtf(second[j] * root) + 1e-8f);
        }
    }
}

static void time_adam(rfim__kernel_bench *self, size_t order, size_t m)
{
    rfim_optimizer_options options;
    rfim_optimizer_defaults(RFIM_ADAM, &options);
    rfim__bench_pair pair = {.name = "Adam's update",
                             .against = "a plain loop",
                             .ours = our_adam,
                             .theirs = plain_adam,
                             .a = rfim__bench_matrix(self, order, m, 1),
                             .b = rfim__bench_matrix(self, order, m, 0),
                             .c = rfim__bench_matrix(self, order, m, 0),
                             .d = rfim__bench_matrix(self, order, m, 1),
                             .e = rfim__bench_matrix(self, order, m, 0),
                             .what = &options};
    snprintf(pair.shape, sizeof pair.shape, "%zux%zu", order, m);
    rfim__bench_pair_run(self, &pair);
}

void rfim__bench_elements(rfim__kernel_bench *self)
{
    time_activation(self, RFIM__TANH, 250, 1000);
    time_activation(self, RFIM__SIGM, 250, 1000);
    time_adam(self, 785, 80);
    time_adam(self, 1025, 1024);
}
