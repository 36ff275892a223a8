/* kernel_products.c - products in the shapes of training, and weighted Gram matrices. */
#include "algebra/plain.h"
#include "bench/kernel.h"

#include <stdio.h>

static void our_product(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    self->algebra->ops.gemm(self->algebra, pair->ta, pair->tb, 1, pair->a, pair->b, 0, pair->c);
}

static void plain_product(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    (void)self;
    rfim__plain_product(pair->ta, pair->tb, pair->a, pair->b, 0, pair->c);
}

/* [rows x inner] times [inner x columns], either of them stored transposed. */
static void time_product(rfim__kernel_bench *self, rfim__transposed ta, rfim__transposed tb,
                         size_t rows, size_t inner, size_t columns)
{
    static const char *const marks[] = {"", "^T"};
    rfim__bench_pair pair = {.name = "product",
                             .against = "sgemm",
                             .flops = 2 * (double)(rows * inner * columns),
                             .ours = our_product,
                             .theirs = plain_product,
                             .ta = ta,
                             .tb = tb};
    pair.a = ta == RFIM__PLAIN ? rfim__bench_matrix(self, rows, inner, 1)
                               : rfim__bench_matrix(self, inner, rows, 1);
    pair.b = tb == RFIM__PLAIN ? rfim__bench_matrix(self, inner, columns, 1)
                               : rfim__bench_matrix(self, columns, inner, 1);
    pair.c = rfim__bench_matrix(self, rows, columns, 1);
    snprintf(pair.shape, sizeof pair.shape, "%zux%zu%s %zux%zu%s", pair.a.rows, pair.a.columns,
             marks[ta], pair.b.rows, pair.b.columns, marks[tb]);
    rfim__bench_pair_run(self, &pair);
}

/* a: X [n x D], b: nu [n x m], c: M, packed lanes */
static void our_gram(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    self->algebra->ops.gram_weighted(self->algebra, 0.95, 0.001, pair->a, pair->b, pair->c);
}

/* The same by library calls: d <- packed rows of x x^T [n x D(D+1)/2], e <- e + d^T nu. */
static void plain_gram(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    (void)self;
    for (size_t i = 0; i < pair->a.rows; i++) {
        const float *x = rfim__bench_row(pair->a, i);
        float *packed = rfim__bench_row(pair->d, i);
        for (size_t k = 0; k < pair->a.columns; k++)
            for (size_t l = 0; l <= k; l++)
                *packed++ = 0.001f * x[k] * x[l];
    }
    rfim__plain_product(RFIM__TRANSPOSED, RFIM__PLAIN, pair->d, pair->b, 0.95, pair->e);
}

static void time_gram(rfim__kernel_bench *self, size_t samples, size_t order, size_t neurons)
{
    size_t packed = rfim__triangle(order);
    rfim__bench_pair pair = {.name = "weighted Gram",
                             .against = "packed rows, sgemm",
                             .flops = 2 * (double)(samples * packed * neurons),
                             .ours = our_gram,
                             .theirs = plain_gram,
                             .a = rfim__bench_matrix(self, samples, order, 1),
                             .b = rfim__bench_matrix(self, samples, neurons, 1),
                             .c = rfim__bench_packed(self, order, neurons),
                             .d = rfim__bench_matrix(self, samples, packed, 0),
                             .e = rfim__bench_matrix(self, packed, neurons, 0)};
    snprintf(pair.shape, sizeof pair.shape, "%zux%zu, %zu neurons", samples, order, neurons);
    rfim__bench_pair_run(self, &pair);
}

void rfim__bench_products(rfim__kernel_bench *self)
{
    static const size_t layers[][3] = {/* n, D, m */
                                       {50, 785, 80},
                                       {50, 81, 80},
                                       {50, 81, 10},
                                       {250, 1001, 500},
                                       {128, 1025, 1024}};
    for (size_t k = 0; k < sizeof layers / sizeof *layers; k++) {
        size_t n = layers[k][0];
        size_t order = layers[k][1];
        size_t m = layers[k][2];
        time_product(self, RFIM__PLAIN, RFIM__PLAIN, n, order, m);
        time_product(self, RFIM__TRANSPOSED, RFIM__PLAIN, order, n, m);
        time_product(self, RFIM__PLAIN, RFIM__TRANSPOSED, n, m, order - 1);
    }
    time_gram(self, 50, 81, 80);
}
