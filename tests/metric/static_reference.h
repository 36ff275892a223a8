/* static_reference.h - a data set with awkward columns, and the obvious way to its damped metric:
 *
 *   A = (1/N) X~^T X~ / sigma^2 + Lambda, all D x D of it, by plain loops in long double. */
#ifndef RFIM_TESTS_METRIC_STATIC_REFERENCE_H
#define RFIM_TESTS_METRIC_STATIC_REFERENCE_H

#include "network/small_network.h"

#include <rfim/metric.h>

#define SPARSE 40

/* Inputs that depend on each other, on scales from 0.1 to 10. Input 1 is always 0, input 3 always
 * 0.5, input 4 a copy of input 2; the last input is always 0 too, and so is sample 1. For d >= 6.
 * Where there are many inputs, the second half of them is 0 in three samples of four. Rounded to
 * float32, so that both precisions see the same numbers. */
static inline double *make_inputs(uint64_t seed, size_t samples, size_t d)
{
    double *x = make_normal(seed, 1, samples * d);
    for (size_t i = 0; i < samples; i++) {
        double *row = x + i * d;
        for (size_t k = 1; k < d; k++)
            row[k] = (double)(float)((row[k] + 0.5 * row[k - 1] + 0.3) *
                                     pow(10, (double)(k % 5) / 2 - 1));
        row[0] = (double)(float)row[0];
        row[1] = 0;
        row[3] = 0.5;
        row[4] = row[2];
        row[d - 1] = 0;
        for (size_t k = d / 2; k < d && d >= SPARSE && i % 4 > 0; k++)
            row[k] = 0;
        if (i == 1)
            memset(row, 0, d * sizeof *row);
    }
    return x;
}

static inline bool is_dropped(size_t d, size_t k)
{
    return k == 1 || k == d - 1;
}

/* Classes 0, 1, 2 by turns. */
static inline rfim_dataset *make_dataset(rfim_context *context, const double *inputs,
                                         size_t samples, size_t d)
{
    rfim_dataset *dataset = NULL;
    int32_t *classes = malloc(samples * sizeof *classes);
    for (size_t i = 0; i < samples; i++)
        classes[i] = (int32_t)(i % 3);
    must(context, rfim_dataset_from_arrays(context, rfim_doubles(inputs, samples, d),
                                           rfim_labels(classes, samples), &dataset));
    free(classes);
    return dataset;
}

/* [D]: mean x^4 / mean x^2 of each input; what is 0 throughout takes the mean of the others. */
static inline long double *dense_units(const double *x, size_t d, const size_t *rows, size_t taken)
{
    long double *unit = calloc(d + 1, sizeof *unit);
    long double sum = 1;
    size_t active = 1;
    unit[d] = 1;
    for (size_t k = 0; k < d; k++) {
        long double second = 0;
        long double fourth = 0;
        for (size_t i = 0; i < taken; i++) {
            long double own = x[(rows ? rows[i] : i) * d + k];
            second += own * own;
            fourth += own * own * own * own;
        }
        unit[k] = second > 0 ? fourth / second : 0;
        sum += unit[k];
        active += unit[k] > 0;
    }
    for (size_t k = 0; k < d; k++)
        unit[k] = unit[k] > 0 ? unit[k] : sum / (long double)active;
    return unit;
}

/* A [D x D], D = d + 1, of the samples rows[0 ... taken-1] (rows NULL: the first ones), with
 * damping in units of the inputs or not. */
static inline long double *dense_metric_of(const double *x, size_t d, rfim_damping_rule rule,
                                           double eps, double sigma, const size_t *rows,
                                           size_t taken, bool units)
{
    size_t D = d + 1;
    long double *a = calloc(D * D, sizeof *a);
    long double *unit = dense_units(x, d, rows, taken);
    long double sum = 0;
    for (size_t i = 0; i < taken; i++) {
        const double *row = x + (rows ? rows[i] : i) * d;
        for (size_t k = 0; k < D; k++)
            for (size_t l = 0; l < D; l++)
                a[k * D + l] += (k < d ? (long double)row[k] : 1) *
                                (l < d ? (long double)row[l] : 1) /
                                ((long double)taken * (long double)(sigma * sigma));
    }
    for (size_t k = 0; k < D; k++) {
        unit[k] = units ? unit[k] : 1;
        sum += a[k * D + k] / unit[k];
    }
    for (size_t k = 0; k < D; k++) {
        long double own = a[k * D + k] / unit[k];
        long double lambda = (long double)eps;
        if (rule == RFIM_DAMPING_TRACE)
            lambda *= sum;
        else if (rule == RFIM_DAMPING_MEAN_DIAGONAL || (rule == RFIM_DAMPING_DIAGONAL && own == 0))
            lambda *= sum / (long double)D;
        else if (rule == RFIM_DAMPING_DIAGONAL)
            lambda *= own;
        a[k * D + k] += lambda * unit[k];
    }
    free(unit);
    return a;
}

static inline long double *dense_metric(const double *x, size_t samples, size_t d,
                                        rfim_damping_rule rule, double eps, double sigma)
{
    return dense_metric_of(x, d, rule, eps, sigma, NULL, samples, false);
}

/* A <- its Cholesky factor. */
static inline void dense_factor(long double *a, size_t D)
{
    for (size_t k = 0; k < D; k++) {
        for (size_t l = 0; l <= k; l++) {
            long double sum = a[k * D + l];
            for (size_t p = 0; p < l; p++)
                sum -= a[k * D + p] * a[l * D + p];
            a[k * D + l] = k == l ? sqrtl(sum) : sum / a[l * D + l];
        }
    }
}

/* column <- A^-1 column, by the factor; numbers of the column are `stride` apart */
static inline void dense_solve(const long double *l, size_t D, double *column, size_t stride)
{
    long double *x = malloc(D * sizeof *x);
    for (size_t k = 0; k < D; k++) {
        x[k] = (long double)column[k * stride];
        for (size_t p = 0; p < k; p++)
            x[k] -= l[k * D + p] * x[p];
        x[k] /= l[k * D + k];
    }
    for (size_t k = D; k-- > 0;) {
        for (size_t p = k + 1; p < D; p++)
            x[k] -= l[p * D + k] * x[p];
        x[k] /= l[k * D + k];
        column[k * stride] = (double)x[k];
    }
    free(x);
}

/* The largest eigenvalue of A over the smallest, nearly: from a, and from its factor, by power
 * iteration. */
static inline double dense_condition(const long double *a, const long double *l, size_t D)
{
    double sizes[2] = {0, 0};
    for (int inverse = 0; inverse < 2; inverse++) {
        double *v = make_normal(5, 1, D);
        double *w = malloc(D * sizeof *w);
        for (int turn = 0; turn < 300; turn++) {
            double square = 0;
            for (size_t k = 0; k < D; k++)
                square += v[k] * v[k];
            for (size_t k = 0; k < D; k++)
                w[k] = v[k] / sqrt(square);
            memcpy(v, w, D * sizeof *v);
            if (inverse)
                dense_solve(l, D, v, 1);
            for (size_t k = 0; k < D && !inverse; k++) {
                long double sum = 0;
                for (size_t p = 0; p < D; p++)
                    sum += a[k * D + p] * (long double)w[p];
                v[k] = (double)sum;
            }
        }
        for (size_t k = 0; k < D; k++)
            sizes[inverse] += v[k] * v[k];
        free(v);
        free(w);
    }
    return sqrt(sizes[0] * sizes[1]);
}

/* |a - b| / |b| over count numbers */
static inline double distance(const double *a, const double *b, size_t count)
{
    double gap = 0;
    double size = 0;
    for (size_t k = 0; k < count; k++) {
        gap += (a[k] - b[k]) * (a[k] - b[k]);
        size += b[k] * b[k];
    }
    return sqrt(gap / size);
}

#endif
