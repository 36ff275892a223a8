/* kernel_duals.c - dual systems: as many unknowns as samples, one for all neurons or one for each.
 *
 * a: K [n x n], b: s [n x m], c: c [1 x m], d: R [n x m], e: Z [n x m], f: room [(n+2) x n] */
#include "algebra/plain.h"
#include "bench/kernel.h"

#include <stdio.h>
#include <string.h>

#define MOST_SAMPLES 128

static void our_shared(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    self->algebra->ops.dual_solve_shared(self->algebra, pair->a, 1, pair->d, pair->e, false);
}

/* The right-hand sides as rows [m x n], for LAPACK: b in place of d, c in place of e. */
static void plain_shared(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    size_t n = pair->a.rows;
    (void)self;
    for (size_t i = 0; i < n; i++) {
        memcpy(rfim__bench_row(pair->f, i), rfim__bench_row(pair->a, i), n * sizeof(float));
        rfim__bench_row(pair->f, i)[i] += 1;
    }
    memcpy(pair->c.data, pair->b.data, pair->b.rows * pair->b.stride * sizeof(float));
    rfim__plain_solve_rows((rfim__matrix){pair->f.data, n, n, pair->f.stride}, pair->c);
}

static void our_duals(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    self->algebra->ops.dual_solve(self->algebra, pair->a, pair->b, pair->c, pair->d, pair->e,
                                  false);
}

static void our_active(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    self->algebra->ops.dual_solve_active(self->algebra, pair->a, pair->b, pair->c, pair->d, pair->e,
                                         false);
}

/* The system of neuron j over the samples with s != 0: rows[0 ... order-1], in f; below it s, and
 * then the right-hand side. Returns its order. */
static size_t build(const rfim__bench_pair *pair, size_t j, size_t *rows)
{
    size_t n = pair->a.rows;
    float *s = rfim__bench_row(pair->f, n);
    float *side = rfim__bench_row(pair->f, n + 1);
    size_t order = 0;
    for (size_t i = 0; i < n; i++)
        if (rfim__bench_row(pair->b, i)[j] != 0) {
            rows[order] = i;
            s[order] = rfim__bench_row(pair->b, i)[j];
            side[order++] = rfim__bench_row(pair->d, i)[j];
        }
    for (size_t p = 0; p < order; p++) {
        float *row = rfim__bench_row(pair->f, p);
        const float *k = rfim__bench_row(pair->a, rows[p]);
        if (order == n)
            for (size_t q = 0; q <= p; q++)
                row[q] = s[p] * k[q] * s[q];
        else
            for (size_t q = 0; q <= p; q++)
                row[q] = s[p] * k[rows[q]] * s[q];
        row[p] += rfim__bench_row(pair->c, 0)[j];
    }
    return order;
}

static void plain_duals(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    size_t n = pair->a.rows;
    size_t rows[MOST_SAMPLES];
    const float *s = rfim__bench_row(pair->f, n);
    float *side = rfim__bench_row(pair->f, n + 1);
    (void)self;
    for (size_t j = 0; j < pair->m; j++) {
        size_t order = build(pair, j, rows);
        rfim__plain_solve((rfim__matrix){pair->f.data, order, order, pair->f.stride}, side);
        for (size_t i = 0; i < n; i++)
            rfim__bench_row(pair->e, i)[j] = 0;
        for (size_t p = 0; p < order; p++)
            rfim__bench_row(pair->e, rows[p])[j] = s[p] * side[p];
    }
}

static double cube(size_t order)
{
    return (double)order * (double)order * (double)order;
}

static rfim__bench_pair operands(rfim__kernel_bench *self, size_t n, size_t m)
{
    rfim__bench_pair pair = {.against = "spotrf, spotrs",
                             .m = m,
                             .a = rfim__bench_definite(self, n),
                             .b = rfim__bench_matrix(self, n, m, 1),
                             .c = rfim__bench_matrix(self, 1, m, 0),
                             .d = rfim__bench_matrix(self, n, m, 1),
                             .e = rfim__bench_matrix(self, n, m, 0),
                             .f = rfim__bench_matrix(self, n + 2, n, 0)};
    rfim_status status = rfim__algebra_reserve(self->algebra, rfim__dual_room(n, m));
    if (status != RFIM_OK)
        self->status = status;
    snprintf(pair.shape, sizeof pair.shape, "%zu of %zux%zu", m, n, n);
    if (self->status == RFIM_OK)
        self->algebra->ops.fill(self->algebra, 1, pair.c);
    return pair;
}

/* s is 1 for about half of the samples, 0 for the others. */
static void make_active(rfim__matrix s)
{
    for (size_t i = 0; i < s.rows; i++)
        for (size_t j = 0; j < s.columns; j++)
            rfim__bench_row(s, i)[j] = rfim__bench_row(s, i)[j] > 0 ? 1 : 0;
}

static void time_neurons(rfim__kernel_bench *self, size_t n, size_t m)
{
    rfim__bench_pair pair = operands(self, n, m);
    pair.name = "dual, neurons";
    pair.flops = (double)m * cube(n) / 3;
    pair.ours = our_duals;
    pair.theirs = plain_duals;
    rfim__bench_pair_run(self, &pair);
    if (self->status != RFIM_OK)
        return;
    make_active(pair.b);
    pair.name = "dual, active half";
    pair.flops /= 8;
    pair.ours = our_active;
    rfim__bench_pair_run(self, &pair);
}

static void time_shared(rfim__kernel_bench *self, size_t n, size_t m)
{
    rfim__bench_pair pair = operands(self, n, m);
    pair.name = "dual, shared";
    pair.flops = cube(n) / 3 + 2 * (double)(n * n * m);
    pair.ours = our_shared;
    pair.theirs = plain_shared;
    pair.b = rfim__bench_matrix(self, m, n, 1);
    pair.c = rfim__bench_matrix(self, m, n, 0);
    snprintf(pair.shape, sizeof pair.shape, "%zux%zu, %zu sides", n, n, m);
    rfim__bench_pair_run(self, &pair);
}

void rfim__bench_duals(rfim__kernel_bench *self)
{
    time_shared(self, 50, 80);
    time_neurons(self, 50, 80);
    time_shared(self, 128, 1024);
    time_neurons(self, 128, 1024);
}
