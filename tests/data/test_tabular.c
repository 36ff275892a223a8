/* The built-in regression: its columns and target as the formulas of data/tabular.h say, worked out
 * once more from what can be seen, and the same for any number of rows and threads. */
#include "data/counting_context.h"
#include "data/dataset.h"
#include "data/tabular.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define D 20
#define N RFIM__TABULAR_REFERENCE

static rfim_dataset *make(counting *memory, size_t threads, uint64_t seed,
                          rfim__tabular_split split, size_t samples)
{
    rfim_dataset *dataset = NULL;
    rfim_context *context = counting_start(memory, threads);
    assert_non_null(context);
    assert_int_equal(rfim__tabular_create(context, seed, split, samples, &dataset), RFIM_OK);
    assert_int_equal(rfim_dataset_inputs(dataset), D);
    assert_int_equal(rfim_dataset_target_kind(dataset), RFIM_TARGET_VALUES);
    assert_int_equal(rfim_dataset_targets(dataset), 1);
    return dataset;
}

static void end(counting *memory, rfim_dataset *dataset)
{
    rfim_dataset_free(dataset);
    assert_int_equal(counting_end(memory), 0);
}

/* c_k from the raw column, by offset and unit as the issue words them. */
static double column(const rfim_dataset *dataset, size_t i, size_t k)
{
    double offset = -2.0 + 4.0 * (double)k / 19;
    double unit = pow(10, -3.0 + 6.0 * (double)k / 19);
    return ((const double *)dataset->values)[i * D + k] / unit - offset;
}

static void columns_have_unit_variance_behind_unit_and_offset(void **state)
{
    (void)state;
    counting memory;
    rfim_dataset *train = make(&memory, 2, 3, RFIM__TABULAR_TRAIN, N);
    for (size_t k = 0; k < D; k++) {
        double mean = 0;
        double variance = 0;
        for (size_t i = 0; i < N; i++)
            mean += column(train, i, k) / N;
        for (size_t i = 0; i < N; i++)
            variance += pow(column(train, i, k) - mean, 2) / N;
        assert_true(fabs(variance - 1) < 1e-9); /* by construction, up to rounding */
        assert_true(fabs(mean) < 5 / sqrt(N));  /* z has mean 0: five standard errors */
    }
    end(&memory, train);
}

/* Correlated as (I + 0.3 A)^T (I + 0.3 A) is: of 190 pairs the mean square correlation is about
 * 0.11 (2 x 0.3^2 of the terms with I, 20 x 0.3^4 of A A, over (1 + 20 x 0.3^2)^2). */
static void columns_are_correlated(void **state)
{
    (void)state;
    counting memory;
    double squares = 0;
    rfim_dataset *train = make(&memory, 2, 3, RFIM__TABULAR_TRAIN, N);
    for (size_t k = 0; k < D; k++) {
        for (size_t other = 0; other < k; other++) {
            double product = 0;
            for (size_t i = 0; i < N; i++)
                product += column(train, i, k) * column(train, i, other) / N;
            squares += product * product / 190;
        }
    }
    double expected = (2 * 0.09 + 20 * 0.0081) / (2.8 * 2.8);
    assert_true(squares > expected / 2 && squares < expected * 2);
    end(&memory, train);
}

static double naive_target(const rfim_dataset *dataset, size_t i)
{
    double c[D];
    for (size_t k = 0; k < D; k++)
        c[k] = column(dataset, i, k);
    double sum = c[4] + c[5] + c[6] + c[7] + c[8] + c[9];
    double mean = 0;
    for (size_t k = 11; k < 20; k++)
        mean += c[k] * c[k] / 9;
    return sin(2 * c[0]) + c[1] * c[2] + 2 * exp(-(c[3] * c[3])) + 0.5 * sum * tanh(c[10]) +
           0.3 * mean;
}

static void targets_follow_the_formula_and_are_standardised(void **state)
{
    (void)state;
    counting memory, other_memory;
    rfim_dataset *train = make(&memory, 2, 7, RFIM__TABULAR_TRAIN, N);
    rfim_dataset *valid = make(&other_memory, 2, 7, RFIM__TABULAR_VALID, 500);
    double mean = 0;
    double variance = 0;
    double seen_mean = 0;
    double seen_variance = 0;
    for (size_t i = 0; i < N; i++) {
        mean += naive_target(train, i) / N;
        seen_mean += train->target_values[i] / N;
    }
    for (size_t i = 0; i < N; i++) {
        variance += pow(naive_target(train, i) - mean, 2) / N;
        seen_variance += pow(train->target_values[i] - seen_mean, 2) / N;
    }
    assert_true(fabs(seen_mean) < 1e-9);
    assert_true(fabs(seen_variance - 1) < 1e-9);
    /* Other splits have the mean and deviation of the training rows. */
    for (size_t i = 0; i < 500; i++) {
        double expected = (naive_target(valid, i) - mean) / sqrt(variance);
        assert_true(fabs(valid->target_values[i] - expected) < 1e-9);
    }
    end(&other_memory, valid);
    end(&memory, train);
}

static void a_row_depends_on_seed_split_and_number_alone(void **state)
{
    (void)state;
    counting memory, other_memory;
    rfim_dataset *few = make(&memory, 1, 5, RFIM__TABULAR_TRAIN, 30);
    rfim_dataset *many = make(&other_memory, 4, 5, RFIM__TABULAR_TRAIN, 100);
    assert_memory_equal(few->values, many->values, 30 * D * sizeof(double));
    assert_memory_equal(few->target_values, many->target_values, 30 * sizeof(double));
    end(&other_memory, many);
    rfim_dataset *split = make(&other_memory, 1, 5, RFIM__TABULAR_TEST, 30);
    assert_memory_not_equal(few->values, split->values, D * sizeof(double));
    end(&other_memory, split);
    rfim_dataset *seed = make(&other_memory, 1, 6, RFIM__TABULAR_TRAIN, 30);
    assert_memory_not_equal(few->values, seed->values, D * sizeof(double));
    end(&other_memory, seed);
    end(&memory, few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_have_unit_variance_behind_unit_and_offset),
        cmocka_unit_test(columns_are_correlated),
        cmocka_unit_test(targets_follow_the_formula_and_are_standardised),
        cmocka_unit_test(a_row_depends_on_seed_split_and_number_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
