/* spread.h - a row of measurements, summed up by their quartiles. */
#ifndef RFIM_BENCH_SPREAD_H
#define RFIM_BENCH_SPREAD_H

#include <rfim/bench.h>

/* Quartiles of values[0 ... count-1], between neighbours where they fall between two; values come
 * back sorted. NaN when count is 0. */
rfim_bench_spread rfim__bench_spread(double *values, size_t count);
/* Quartiles of a[k] / b[k]; room: [count]. */
rfim_bench_spread rfim__bench_ratio(const double *a, const double *b, size_t count, double *room);
rfim_bench_spread rfim__bench_nothing(void);

#endif
