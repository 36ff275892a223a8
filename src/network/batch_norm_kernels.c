/* batch_norm_kernels.c - loops of batch normalisation; formulas: batch_norm.h. Sums over samples
 * run in float64, row by row, so that they are the same for every instruction set but for the
 * rounding of the terms. Cost: three passes over [n x m]. */
#include "core/real.h"
#include "network/batch_norm.h"

static RFIM_REAL *row(rfim__matrix x, size_t i)
{
    return (RFIM_REAL *)x.data + i * x.stride;
}

static void measure(rfim__matrix x, double eps, rfim__matrix statistics)
{
    RFIM_REAL *mean = row(statistics, RFIM__NORM_MEAN);
    RFIM_REAL *variance = row(statistics, RFIM__NORM_VARIANCE);
    RFIM_REAL *scale = row(statistics, RFIM__NORM_SCALE);
    double n = (double)x.rows;
    for (size_t j = 0; j < x.columns; j++) {
        double sum = 0;
        for (size_t i = 0; i < x.rows; i++)
            sum += (double)row(x, i)[j];
        double centre = sum / n;
        double squares = 0;
        for (size_t i = 0; i < x.rows; i++) {
            double difference = (double)row(x, i)[j] - centre;
            squares += difference * difference;
        }
        mean[j] = (RFIM_REAL)centre;
        variance[j] = (RFIM_REAL)(squares / n);
        scale[j] = (RFIM_REAL)(1 / sqrt(squares / n + eps));
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
    for (size_t j = 0; j < a.columns; j++) {
        double gamma = 0;
        double beta = 0;
        for (size_t i = 0; i < a.rows; i++) {
            gamma += (double)row(e, i)[j] * (double)row(a, i)[j];
            beta += (double)row(e, i)[j];
        }
        row(gradient, 0)[j] = (RFIM_REAL)(gamma / n);
        row(gradient, 1)[j] = (RFIM_REAL)(beta / n);
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
