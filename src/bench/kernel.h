/* kernel.h - kernels of the library beside calls that do the same: operands and turns.
 *
 * A group is a file kernel_*.c: for each kernel and shape it makes operands, and hands a pair of
 * functions to rfim__bench_pair_run, which lets them take turns. Float32 throughout. */
#ifndef RFIM_BENCH_KERNEL_H
#define RFIM_BENCH_KERNEL_H

#include "algebra/algebra.h"
#include "bench/operands.h"

#include <rfim/bench.h>

typedef struct rfim__bench_room {
    struct rfim__bench_room *next;
    void *memory;
} rfim__bench_room;

typedef struct rfim__kernel_bench {
    rfim_context *context; /* of the threads that are timed; allocates all there is */
    rfim_context *asker;
    rfim__algebra *algebra;
    const rfim_bench_options *options;
    rfim_bench_kernel_fn told;
    void *user;
    double *times; /* [3 x blocks] */
    rfim__bench_room *rooms;
    rfim_status status; /* the first failure: nothing is timed after it */
} rfim__kernel_bench;

typedef struct rfim__bench_pair rfim__bench_pair;
typedef void rfim__bench_side(rfim__kernel_bench *self, const rfim__bench_pair *pair);

struct rfim__bench_pair {
    const char *name;
    const char *against;
    char shape[48];
    double flops;
    rfim__bench_side *ours;
    rfim__bench_side *theirs;
    rfim__transposed ta, tb;
    rfim__matrix a, b, c, d, e, f; /* as the sides agree */
    size_t m;
    const void *what;
};

/* A matrix of random numbers on [-reach, reach), until the kernels are done. */
rfim__matrix rfim__bench_matrix(rfim__kernel_bench *self, size_t rows, size_t columns,
                                double reach);
/* Zeros for m symmetric matrices as packed lanes. */
rfim__matrix rfim__bench_packed(rfim__kernel_bench *self, size_t order, size_t m);
/* A symmetric positive definite matrix. */
rfim__matrix rfim__bench_definite(rfim__kernel_bench *self, size_t order);
/* Times the two sides in turn, and tells. */
void rfim__bench_pair_run(rfim__kernel_bench *self, const rfim__bench_pair *pair);

/* The groups. */
void rfim__bench_products(rfim__kernel_bench *self);
void rfim__bench_factors(rfim__kernel_bench *self);
void rfim__bench_duals(rfim__kernel_bench *self);
void rfim__bench_elements(rfim__kernel_bench *self);

#endif
