#include "bench/spread.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* share: 1/2 is the median */
static double quantile(const double *sorted, size_t count, double share)
{
    double at = share * (double)(count - 1);
    size_t below = (size_t)at;
    size_t above = below + 1 < count ? below + 1 : below;
    return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

rfim_bench_spread rfim__bench_nothing(void)
{
    return (rfim_bench_spread){(double)NAN, (double)NAN, (double)NAN};
}

rfim_bench_spread rfim__bench_spread(double *values, size_t count)
{
    if (count == 0)
        return rfim__bench_nothing();
    qsort(values, count, sizeof *values, ascending);
    return (rfim_bench_spread){.lower = quantile(values, count, 0.25),
                               .median = quantile(values, count, 0.5),
                               .upper = quantile(values, count, 0.75)};
}

rfim_bench_spread rfim__bench_ratio(const double *a, const double *b, size_t count, double *room)
{
    for (size_t k = 0; k < count; k++)
        room[k] = a[k] / b[k];
    return rfim__bench_spread(room, count);
}
