#include "data/tabular.h"

#include "core/random.h"
#include "data/dataset.h"

#include <math.h>

#define COLUMNS RFIM__TABULAR_COLUMNS
#define REFERENCE RFIM__TABULAR_REFERENCE

/* Sub-streams of one seed: what is drawn (bits 42 up), the split (40, 41), a number (the rest). */
enum { DRAW_ROW = 0, DRAW_MIXTURE = 1 };

/* What is the same for all rows. */
typedef struct law {
    uint64_t seed;
    double mixture[COLUMNS][COLUMNS]; /* I + 0.3 A */
    double deviation[COLUMNS];        /* of z (I + 0.3 A) */
    double offset[COLUMNS];           /* o */
    double unit[COLUMNS];             /* s */
    double target_mean;
    double target_deviation;
} law;

static rfim__random start(uint64_t seed, unsigned what, rfim__tabular_split split, size_t number)
{
    uint64_t sub = (uint64_t)what << 42 | (uint64_t)split << 40 | (uint64_t)number;
    return rfim__random_start(seed, rfim__stream(RFIM__STREAM_TABULAR, sub));
}

/* c of one row, by the deviations that the law has so far. */
static void draw_row(const law *it, rfim__tabular_split split, size_t sample, double c[COLUMNS])
{
    double z[COLUMNS];
    rfim__random random = start(it->seed, DRAW_ROW, split, sample);
    for (int j = 0; j < COLUMNS; j++)
        z[j] = rfim__random_normal(&random);
    for (int k = 0; k < COLUMNS; k++) {
        double sum = 0;
        for (int j = 0; j < COLUMNS; j++)
            sum += z[j] * it->mixture[j][k];
        c[k] = sum / it->deviation[k];
    }
}

/* y before it is standardised */
static double target_of(const double c[COLUMNS])
{
    double sum = 0;
    double squares = 0;
    for (int k = 4; k <= 9; k++)
        sum += c[k];
    for (int k = 11; k <= 19; k++)
        squares += c[k] * c[k];
    return sin(2 * c[0]) + c[1] * c[2] + 2 * exp(-c[3] * c[3]) + 0.5 * sum * tanh(c[10]) +
           0.3 * squares / 9;
}

/* From sums over the reference; the means are of the order of the deviations or smaller, so that
 * the difference of the two is exact to nearly all digits. */
static double deviation_of(double sum, double squares)
{
    double mean = sum / REFERENCE;
    return sqrt(squares / REFERENCE - mean * mean);
}

static void measure_columns(law *it)
{
    double sum[COLUMNS] = {0};
    double squares[COLUMNS] = {0};
    for (size_t i = 0; i < REFERENCE; i++) {
        double c[COLUMNS];
        draw_row(it, RFIM__TABULAR_TRAIN, i, c);
        for (int k = 0; k < COLUMNS; k++) {
            sum[k] += c[k];
            squares[k] += c[k] * c[k];
        }
    }
    for (int k = 0; k < COLUMNS; k++)
        it->deviation[k] = deviation_of(sum[k], squares[k]);
}

static void measure_target(law *it)
{
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < REFERENCE; i++) {
        double c[COLUMNS];
        draw_row(it, RFIM__TABULAR_TRAIN, i, c);
        double y = target_of(c);
        sum += y;
        squares += y * y;
    }
    it->target_mean = sum / REFERENCE;
    it->target_deviation = deviation_of(sum, squares);
}

static void make_law(law *it, uint64_t seed)
{
    rfim__random random = start(seed, DRAW_MIXTURE, RFIM__TABULAR_TRAIN, 0);
    it->seed = seed;
    for (int j = 0; j < COLUMNS; j++)
        for (int k = 0; k < COLUMNS; k++)
            it->mixture[j][k] = 0.3 * rfim__random_normal(&random) + (j == k);
    for (int k = 0; k < COLUMNS; k++) {
        double share = (double)k / (COLUMNS - 1);
        it->deviation[k] = 1;
        it->offset[k] = -2 + 4 * share;
        it->unit[k] = pow(10, -3 + 6 * share);
    }
    measure_columns(it);
    measure_target(it);
}

rfim_status rfim__tabular_create(rfim_context *context, uint64_t seed, rfim__tabular_split split,
                                 size_t samples, rfim_dataset **out)
{
    rfim_dataset *dataset = NULL;
    rfim_status status = rfim__dataset_create(context, samples, COLUMNS, RFIM_FLOAT64,
                                              RFIM_TARGET_VALUES, 1, &dataset);
    *out = dataset;
    if (status != RFIM_OK)
        return status;
    law it;
    make_law(&it, seed);
    double *values = dataset->values;
#pragma omp parallel for num_threads((int)context->threads) schedule(static)
    for (size_t i = 0; i < samples; i++) {
        double c[COLUMNS];
        draw_row(&it, split, i, c);
        dataset->target_values[i] = (target_of(c) - it.target_mean) / it.target_deviation;
        for (int k = 0; k < COLUMNS; k++)
            values[i * COLUMNS + (size_t)k] = (c[k] + it.offset[k]) * it.unit[k];
    }
    return RFIM_OK;
}
