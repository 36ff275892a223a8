/* batch_norm_kernels.c - loops of batch normalisation; formulas: batch_norm.h. Sums over samples
 * run in float64, row by row, so that they are the same for every instruction set but for the
 * rounding of the terms. Cost: three passes over [n x m]. */
#include "core/real.h"
#include "network/batch_norm.h"

static RFIM_REAL *row(rfim__matrix x, size_t i)
{
    return (RFIM_REAL *)x.data + i * x.stride;
}

#define GROUP 32 /* columns that are summed up side by side */

static size_t group_width(rfim__matrix x, size_t first)
{
    return x.columns - first < GROUP ? x.columns - first : GROUP;
}

/* Mean and mean square distance from it of columns first ... first+width-1. */
static void moments(rfim__matrix x, size_t first, size_t width, double *mean, double *variance)
{
    double n = (double)x.rows;
    for (size_t j = 0; j < width; j++)
        mean[j] = variance[j] = 0;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < width; j++)
            mean[j] += (double)row(x, i)[first + j];
    for (size_t j = 0; j < width; j++)
        mean[j] /= n;
    for (size_t i = 0; i < x.rows; i++) {
        for (size_t j = 0; j < width; j++) {
            double difference = (double)row(x, i)[first + j] - mean[j];
            variance[j] += difference * difference;
        }
    }
    for (size_t j = 0; j < width; j++)
        variance[j] /= n;
}

static void measure(rfim__matrix x, double eps, rfim__matrix statistics)
{
    for (size_t first = 0; first < x.columns; first += GROUP) {
        double mean[GROUP];
        double variance[GROUP];
        size_t width = group_width(x, first);
        moments(x, first, width, mean, variance);
        for (size_t j = 0; j < width; j++) {
            row(statistics, RFIM__NORM_MEAN)[first + j] = (RFIM_REAL)mean[j];
            row(statistics, RFIM__NORM_VARIANCE)[first + j] = (RFIM_REAL)variance[j];
            row(statistics, RFIM__NORM_SCALE)[first + j] = (RFIM_REAL)(1 / sqrt(variance[j] + eps));
        }
    }
}

static void recall(rfim__matrix state, double eps, rfim__matrix statistics)
{
    for (size_t j = 0; j < state.columns; j++) {
        row(statistics, RFIM__NORM_MEAN)[j] = row(state, 0)[j];
        row(statistics, RFIM__NORM_VARIANCE)[j] = row(state, 1)[j];
        row(statistics,
            RFIM__NORM_SCALE)[j] = (RFIM_REAL)(1 / sqrt((double)row(state, 1)[j] + eps));
    }
}

static void normalise(rfim__matrix x, rfim__matrix statistics, rfim__matrix parameters,
                      rfim__matrix a, rfim__matrix y)
{
    const RFIM_REAL *mean = row(statistics, RFIM__NORM_MEAN);
    const RFIM_REAL *scale = row(statistics, RFIM__NORM_SCALE);
    const RFIM_REAL *gamma = row(parameters, 0);
    const RFIM_REAL *beta = row(parameters, 1);
    for (size_t i = 0; i < x.rows; i++) {
        const RFIM_REAL *xi = row(x, i);
        RFIM_REAL *ai = row(a, i);
        RFIM_REAL *yi = row(y, i);
        for (size_t j = 0; j < x.columns; j++) {
            ai[j] = (xi[j] - mean[j]) * scale[j];
            yi[j] = gamma[j] * ai[j] + beta[j];
        }
    }
}

static void gradient_of(rfim__matrix a, rfim__matrix e, rfim__matrix gradient)
{
    double n = (double)a.rows;
    for (size_t first = 0; first < a.columns; first += GROUP) {
        double gamma[GROUP] = {0};
        double beta[GROUP] = {0};
        size_t width = group_width(a, first);
        for (size_t i = 0; i < a.rows; i++) {
            const RFIM_REAL *ai = row(a, i) + first;
            const RFIM_REAL *ei = row(e, i) + first;
            for (size_t j = 0; j < width; j++) {
                gamma[j] += (double)ei[j] * (double)ai[j];
                beta[j] += (double)ei[j];
            }
        }
        for (size_t j = 0; j < width; j++) {
            row(gradient, 0)[first + j] = (RFIM_REAL)(gamma[j] / n);
            row(gradient, 1)[first + j] = (RFIM_REAL)(beta[j] / n);
        }
    }
}

static void backward(rfim__matrix a, rfim__matrix e, rfim__matrix statistics,
                     rfim__matrix parameters, rfim__matrix gradient, rfim__matrix e_in)
{
    const RFIM_REAL *scale = row(statistics, RFIM__NORM_SCALE);
    const RFIM_REAL *gamma = row(parameters, 0);
    const RFIM_REAL *mean_ea = row(gradient, 0);
    const RFIM_REAL *mean_e = row(gradient, 1);
    for (size_t i = 0; i < a.rows; i++) {
        const RFIM_REAL *ai = row(a, i);
        const RFIM_REAL *ei = row(e, i);
        RFIM_REAL *out = row(e_in, i);
        for (size_t j = 0; j < a.columns; j++)
            out[j] = gamma[j] * scale[j] * (ei[j] - mean_e[j] - ai[j] * mean_ea[j]);
    }
}

static void tangent(rfim__matrix a, rfim__matrix statistics, rfim__matrix parameters,
                    rfim__matrix dx, rfim__matrix dparameters, rfim__matrix y)
{
    const RFIM_REAL *scale = row(statistics, RFIM__NORM_SCALE);
    const RFIM_REAL *gamma = row(parameters, 0);
    for (size_t i = 0; i < a.rows; i++) {
        const RFIM_REAL *ai = row(a, i);
        RFIM_REAL *yi = row(y, i);
        for (size_t j = 0; j < a.columns; j++) {
            RFIM_REAL moved = dx.data ? gamma[j] * scale[j] * row(dx, i)[j] : 0;
            if (dparameters.data)
                moved += row(dparameters, 0)[j] * ai[j] + row(dparameters, 1)[j];
            yi[j] = moved;
        }
    }
}

static void pull_back(rfim__matrix statistics, rfim__matrix parameters, rfim__matrix p,
                      rfim__matrix m)
{
    const RFIM_REAL *scale = row(statistics, RFIM__NORM_SCALE);
    const RFIM_REAL *gamma = row(parameters, 0);
    for (size_t i = 0; i < m.rows; i++)
        for (size_t j = 0; j < m.columns; j++)
            row(m, i)[j] = gamma[i] * scale[i] * row(p, i)[j] * gamma[j] * scale[j];
}

const rfim__batch_norm_kernels RFIM__VARIANT(rfim__batch_norm) = {
    .measure = measure,
    .recall = recall,
    .normalise = normalise,
    .gradient = gradient_of,
    .backward = backward,
    .tangent = tangent,
    .pull_back = pull_back,
};
