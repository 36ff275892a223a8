#include "bench/operands.h"

/* A linear congruential generator will do, and is quick. */
void rfim__bench_fill(rfim__matrix x, double reach, uint64_t seed)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t k = 0; k < x.columns; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            double uniform = (double)(state >> 40) * 0x1p-24;
            rfim__bench_row(x, i)[k] = (float)(reach * (2 * uniform - 1));
        }
}
