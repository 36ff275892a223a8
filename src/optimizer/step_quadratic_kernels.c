/* step_quadratic_kernels.c - sums of step_quadratic.h, in float64 and in a fixed order. */
#include "optimizer/step_quadratic.h"

static const RFIM_REAL *row_of(rfim__matrix x, size_t i)
{
    return (const RFIM_REAL *)x.data + i * x.stride;
}

/* F = diag(eta) - eta eta^T: covariances under eta. */
static void softmax(size_t m, const double *eta, const RFIM_REAL *a, const RFIM_REAL *b,
                    double out[3])
{
    double mean[2] = {0, 0};
    for (size_t j = 0; j < m; j++) {
        mean[0] += eta[j] * (double)a[j];
        mean[1] += eta[j] * (double)b[j];
    }
    for (size_t j = 0; j < m; j++) {
        double x = (double)a[j] - mean[0];
        double y = (double)b[j] - mean[1];
        out[0] += eta[j] * x * x;
        out[1] += eta[j] * x * y;
        out[2] += eta[j] * y * y;
    }
}

static void curvature(rfim_loss_kind loss, const double *response, rfim__matrix a, rfim__matrix b,
                      double out[3])
{
    out[0] = out[1] = out[2] = 0;
    for (size_t i = 0; i < a.rows; i++) {
        const double *p = response + i * a.columns;
        const RFIM_REAL *x = row_of(a, i);
        const RFIM_REAL *y = row_of(b, i);
        if (loss == RFIM_LOSS_SOFTMAX) {
            softmax(a.columns, p, x, y, out);
            continue;
        }
        for (size_t j = 0; j < a.columns; j++) {
            double f = loss == RFIM_LOSS_SIGMOID ? p[j] * (1 - p[j]) : 1;
            out[0] += f * (double)x[j] * (double)x[j];
            out[1] += f * (double)x[j] * (double)y[j];
            out[2] += f * (double)y[j] * (double)y[j];
        }
    }
}

static void weigh(rfim__matrix lambda, rfim__matrix outputs, rfim__matrix a, rfim__matrix b,
                  double out[3])
{
    out[0] = out[1] = out[2] = 0;
    for (size_t k = 0; k < a.rows; k++) {
        const RFIM_REAL *own = row_of(lambda, k);
        const RFIM_REAL *x = row_of(a, k);
        const RFIM_REAL *y = row_of(b, k);
        size_t next = lambda.columns > 1;
        for (size_t j = 0; j < a.columns; j++) {
            double weight = (double)own[j * next];
            if (outputs.data)
                weight *= (double)*row_of(outputs, j);
            out[0] += weight * (double)x[j] * (double)x[j];
            out[1] += weight * (double)x[j] * (double)y[j];
            out[2] += weight * (double)y[j] * (double)y[j];
        }
    }
}

const rfim__quadratic_kernels RFIM__VARIANT(rfim__quadratics) = {
    .curvature = curvature,
    .weigh = weigh,
};
