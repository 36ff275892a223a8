/* Standardised inputs: by the training split, for every split, and what cannot be. */
#include "data/counting_context.h"
#include "data/dataset.h"
#include "data/standardize.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define N 5
#define D 3

static const double train_inputs[N * D] = {1, 7, -1, 2, 7, 3, 3, 7, 3, 4, 7, -1, 5, 7, 1};
static const double valid_inputs[D] = {3 + 1.4142135623730951, 8, 1};

static rfim_dataset *dataset_of(rfim_context *context, const void *x, rfim_type type, size_t n)
{
    rfim_dataset *dataset = NULL;
    rfim_array inputs = {x, type, n, D};
    assert_int_equal(rfim_dataset_from_arrays(context, inputs, rfim_no_targets(), &dataset),
                     RFIM_OK);
    return dataset;
}

static void moments_are_those_of_the_first(void **state)
{
    (void)state;
    counting memory;
    rfim_context *context = counting_start(&memory, 1);
    rfim_dataset *parts[3] = {dataset_of(context, train_inputs, RFIM_FLOAT64, N),
                              dataset_of(context, valid_inputs, RFIM_FLOAT64, 1), NULL};
    assert_int_equal(rfim__standardize(parts, 3), RFIM_OK);
    const double *x = parts[0]->values;
    const double *y = parts[1]->values;
    /* Column 0: mean 3, variance 2. Column 1 never varies: centred only. Column 2: mean 1,
     * variance 16/5. */
    for (size_t i = 0; i < N; i++) {
        assert_true(fabs(x[i * D] - ((double)i - 2) / sqrt(2)) < 1e-15);
        assert_true(x[i * D + 1] == 0);
        assert_true(fabs(x[i * D + 2] - (train_inputs[i * D + 2] - 1) / sqrt(3.2)) < 1e-15);
    }
    assert_true(fabs(y[0] - 1) < 1e-15);
    assert_true(y[1] == 1);
    assert_true(y[2] == 0);
    assert_int_equal(rfim__standardize(parts, 3), RFIM_ERROR_ARGUMENT);
    assert_non_null(strstr(rfim_context_error(context), "standardised already"));
    rfim_dataset_free(parts[0]);
    rfim_dataset_free(parts[1]);
    assert_int_equal(counting_end(&memory), 0);
}

static void selections_remember_the_moments(void **state)
{
    (void)state;
    static const uint32_t rows[] = {4, 0};
    counting memory;
    rfim_context *context = counting_start(&memory, 1);
    rfim_dataset *whole = dataset_of(context, train_inputs, RFIM_FLOAT64, N);
    rfim_dataset *part = NULL;
    assert_int_equal(rfim__standardize(&whole, 1), RFIM_OK);
    assert_int_equal(rfim__dataset_select(whole, rows, 2, &part), RFIM_OK);
    assert_memory_equal(part->mean, whole->mean, D * sizeof *part->mean);
    assert_memory_equal(part->deviation, whole->deviation, D * sizeof *part->deviation);
    rfim_dataset_free(part);
    rfim_dataset_free(whole);
    assert_int_equal(counting_end(&memory), 0);
}

static void grey_values_become_single_precision(void **state)
{
    (void)state;
    static const uint8_t grey[2 * D] = {0, 10, 255, 0, 20, 0};
    counting memory;
    rfim_context *context = counting_start(&memory, 1);
    rfim_dataset *dataset = dataset_of(context, grey, RFIM_UINT8, 2);
    assert_int_equal(rfim__standardize(&dataset, 1), RFIM_OK);
    assert_int_equal(dataset->type, RFIM_FLOAT32);
    static const float expected[2 * D] = {0, -1, 1, 0, 1, -1};
    for (size_t index = 0; index < sizeof expected / sizeof *expected; index++)
        assert_true(fabsf(((const float *)dataset->values)[index] - expected[index]) < 1e-6f);
    rfim_dataset_free(dataset);
    assert_int_equal(counting_end(&memory), 0);
}

static void a_sample_too_far_away_is_refused(void **state)
{
    (void)state;
    static const double near[2 * D] = {0, 0, 0, 1e-30, 1, 1};
    static const double far[D] = {1e10, 0, 0};
    counting memory;
    rfim_context *context = counting_start(&memory, 1);
    rfim_dataset *parts[2] = {dataset_of(context, near, RFIM_FLOAT64, 2),
                              dataset_of(context, far, RFIM_FLOAT64, 1)};
    assert_int_equal(rfim__standardize(parts, 2), RFIM_ERROR_ARGUMENT);
    assert_non_null(strstr(rfim_context_error(context), "input 0 of sample 0 (from 0) is 1e+10"));
    rfim_dataset_free(parts[0]);
    rfim_dataset_free(parts[1]);
    assert_int_equal(counting_end(&memory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_those_of_the_first),
        cmocka_unit_test(selections_remember_the_moments),
        cmocka_unit_test(grey_values_become_single_precision),
        cmocka_unit_test(a_sample_too_far_away_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
