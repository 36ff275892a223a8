#include "data/column_moments.h"

#include "data/dataset.h"

#include <math.h>

typedef struct sums {
    double *row;   /* [d] one sample, as the network sees it */
    double *least; /* [d] */
    double *most;  /* [d] */
    double *rest;  /* [d] of x - mean: what rounding has left of the mean */
    void *block;
} sums;

static rfim_status add_values(const rfim_dataset *dataset, const sums *s, double *mean)
{
    size_t d = dataset->inputs;
    for (size_t i = 0; i < dataset->samples; i++) {
        rfim_status status = rfim_dataset_read_inputs(dataset, i, s->row);
        if (status != RFIM_OK)
            return status;
        for (size_t k = 0; k < d; k++) {
            mean[k] += s->row[k];
            s->least[k] = i == 0 ? s->row[k] : fmin(s->least[k], s->row[k]);
            s->most[k] = i == 0 ? s->row[k] : fmax(s->most[k], s->row[k]);
        }
    }
    for (size_t k = 0; k < d; k++)
        mean[k] /= (double)dataset->samples;
    return RFIM_OK;
}

static rfim_status add_squares(const rfim_dataset *dataset, const sums *s, double *mean,
                               double *deviation)
{
    double n = (double)dataset->samples;
    size_t d = dataset->inputs;
    for (size_t i = 0; i < dataset->samples; i++) {
        rfim_status status = rfim_dataset_read_inputs(dataset, i, s->row);
        if (status != RFIM_OK)
            return status;
        for (size_t k = 0; k < d; k++) {
            double x = s->row[k] - mean[k];
            s->rest[k] += x;
            deviation[k] += x * x;
        }
    }
    for (size_t k = 0; k < d; k++) {
        double rest = s->rest[k] / n;
        mean[k] = s->most[k] > s->least[k] ? mean[k] + rest : s->least[k];
        deviation[k] = s->most[k] > s->least[k] ? sqrt(deviation[k] / n - rest * rest) : 0;
        if (!isfinite(mean[k]) || !isfinite(deviation[k]))
            return rfim__fail(dataset->context, RFIM_ERROR_ARGUMENT,
                              "input %zu (from 0) is NaN, infinite, or too large for its square, "
                              "in at least one of %zu samples; its mean is %g",
                              k, dataset->samples, mean[k]);
    }
    return RFIM_OK;
}

rfim_status rfim__column_moments(const rfim_dataset *dataset, double *mean, double *deviation)
{
    size_t d = dataset->inputs;
    sums s;
    s.block = rfim__allocate(dataset->context, d, 4 * sizeof(double));
    if (!s.block)
        return RFIM_ERROR_MEMORY;
    s.row = s.block;
    s.least = s.row + d;
    s.most = s.least + d;
    s.rest = s.most + d;
    for (size_t k = 0; k < d; k++)
        mean[k] = deviation[k] = 0;
    rfim_status status = add_values(dataset, &s, mean);
    if (status == RFIM_OK)
        status = add_squares(dataset, &s, mean, deviation);
    rfim__release(dataset->context, s.block);
    return status;
}
