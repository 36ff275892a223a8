/* operands.h - matrices for something to be computed with: float32, uniform random numbers. */
#ifndef RFIM_BENCH_OPERANDS_H
#define RFIM_BENCH_OPERANDS_H

#include "algebra/algebra.h"

/* Uniform on [-reach, reach); the same for the same shape, reach and seed. */
void rfim__bench_fill(rfim__matrix x, double reach, uint64_t seed);

static inline float *rfim__bench_row(rfim__matrix x, size_t i)
{
    return (float *)x.data + i * x.stride;
}

#endif
