/* damping_kernels.c - loops of damping.h. Traces are summed in float64. */
#include "metric/damping.h"

static RFIM_REAL *at(rfim__matrix x, size_t k, size_t j)
{
    return (RFIM_REAL *)x.data + k * x.stride + j;
}

static const double least = RFIM__LEAST_DAMPING(sizeof(RFIM_REAL));

static void apply(rfim_damping_rule rule, double eps, rfim__matrix x)
{
    for (size_t j = 0; j < x.columns; j++) {
        double metric_trace = 0;
        for (size_t k = 0; k < x.rows; k++)
            metric_trace += (double)*at(x, k, j);
        double mean = metric_trace / (double)x.rows;
        double lambda = rule == RFIM_DAMPING_TRACE      ? eps * metric_trace
                        : rule == RFIM_DAMPING_ABSOLUTE ? eps
                                                        : eps * mean;
        if (lambda >= 0 && lambda < least)
            lambda = eps;
        for (size_t k = 0; k < x.rows; k++) {
            double own = eps * (double)*at(x, k, j);
            bool is_own = rule == RFIM_DAMPING_DIAGONAL && own >= least;
            *at(x, k, j) = (RFIM_REAL)(is_own ? own : lambda);
        }
    }
}

const rfim__damping_kernels RFIM__VARIANT(rfim__dampings) = {
    .apply = apply,
};
