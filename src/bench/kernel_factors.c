/* kernel_factors.c - inverses of one large and of many small matrices, and their application. */
#include "algebra/plain.h"
#include "bench/kernel.h"

#include <stdio.h>
#include <string.h>

static void reserve(rfim__kernel_bench *self, size_t numbers)
{
    rfim_status status = rfim__algebra_reserve(self->algebra, numbers);
    if (status != RFIM_OK)
        self->status = status;
}

/* c <- a */
static void copy(rfim__matrix a, rfim__matrix c)
{
    memcpy(c.data, a.data, a.rows * a.stride * sizeof(float));
}

/* a: M [D x D], b: lambda [D x 1], c: the inverse */
static void our_inverse(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    self->algebra->ops.invert_damped(self->algebra, pair->a, pair->b, pair->c, false);
}

static void plain_inverse(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    (void)self;
    copy(pair->a, pair->c);
    for (size_t k = 0; k < pair->a.rows; k++)
        rfim__bench_row(pair->c, k)[k] += rfim__bench_row(pair->b, k)[0];
    rfim__plain_invert(pair->c);
}

static void time_inverse(rfim__kernel_bench *self, size_t order)
{
    rfim__bench_pair pair = {.name = "inverse",
                             .against = "spotrf, spotri",
                             .flops = (double)(order * order * order),
                             .ours = our_inverse,
                             .theirs = plain_inverse,
                             .a = rfim__bench_definite(self, order),
                             .b = rfim__bench_matrix(self, order, 1, 0),
                             .c = rfim__bench_matrix(self, order, order, 0)};
    snprintf(pair.shape, sizeof pair.shape, "%zux%zu", order, order);
    reserve(self, rfim__invert_damped_room(self->algebra, order));
    rfim__bench_pair_run(self, &pair);
}

/* a: m matrices as packed lanes, b: Lambda [D x m], c: their inverses. d: one of the matrices in
 * full, e: room for it, for LAPACK, which takes them one by one */
static void our_inverses(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    self->algebra->ops.packed_invert(self->algebra, pair->a, pair->b, pair->c, false);
}

static void plain_inverses(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    (void)self;
    for (size_t j = 0; j < pair->m; j++) {
        copy(pair->d, pair->e);
        rfim__plain_invert(pair->e);
    }
}

/* e: [D x m] a vector a neuron, f: the products */
static void our_applying(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    self->algebra->ops.packed_multiply(self->algebra, pair->a, pair->e, pair->f);
}

/* d: all matrices in full, one below the other [m D x D]; e, f: [m x D] */
static void plain_applying(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    (void)self;
    size_t order = pair->d.columns;
    for (size_t j = 0; j < pair->m; j++) {
        rfim__matrix one = {rfim__bench_row(pair->d, j * order), order, order, pair->d.stride};
        rfim__plain_symmetric(one, rfim__bench_row(pair->b, j), rfim__bench_row(pair->c, j));
    }
}

/* Each of m packed matrices <- the lower triangle of g. */
static void spread_out(const rfim__algebra *algebra, rfim__matrix g, size_t m, rfim__matrix packed)
{
    size_t lanes = rfim__packed_lanes(algebra);
    for (size_t j = 0; j < m; j++)
        for (size_t k = 0; k < g.rows; k++)
            for (size_t l = 0; l <= k; l++) {
                size_t row = rfim__packed_row(g.rows, j / lanes, k, l);
                rfim__bench_row(packed, row)[j % lanes] = rfim__bench_row(g, k)[l];
            }
}

static void time_neurons(rfim__kernel_bench *self, size_t order, size_t m)
{
    double size = (double)order;
    rfim__bench_pair pair = {.name = "inverses of neurons",
                             .against = "spotrf, spotri",
                             .flops = size * size * size * (double)m,
                             .ours = our_inverses,
                             .theirs = plain_inverses,
                             .m = m,
                             .a = rfim__bench_packed(self, order, m),
                             .b = rfim__bench_matrix(self, order, m, 0),
                             .c = rfim__bench_packed(self, order, m),
                             .d = rfim__bench_definite(self, order),
                             .e = rfim__bench_matrix(self, order, order, 0)};
    snprintf(pair.shape, sizeof pair.shape, "%zu of %zux%zu", m, order, order);
    reserve(self, rfim__packed_invert_room(self->algebra, order));
    if (self->status != RFIM_OK)
        return;
    spread_out(self->algebra, pair.d, m, pair.a);
    rfim__bench_pair_run(self, &pair);
    pair.name = "their application";
    pair.against = "ssymv";
    pair.flops = 2 * size * size * (double)m;
    pair.ours = our_applying;
    pair.theirs = plain_applying;
    pair.b = rfim__bench_matrix(self, m, order, 1);
    pair.c = rfim__bench_matrix(self, m, order, 0);
    pair.d = rfim__bench_matrix(self, m * order, order, 1);
    pair.e = rfim__bench_matrix(self, order, m, 1);
    pair.f = rfim__bench_matrix(self, order, m, 0);
    reserve(self, rfim__packed_multiply_room(order));
    rfim__bench_pair_run(self, &pair);
}

void rfim__bench_factors(rfim__kernel_bench *self)
{
    time_inverse(self, 81);
    time_inverse(self, 785);
    time_neurons(self, 81, 80);
}
