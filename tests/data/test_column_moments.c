/* Mean and deviation of columns: against plain sums, with offsets that would drown them, and with
 * columns that never vary. */
#include "core/random.h"
#include "data/column_moments.h"
#include "data/counting_context.h"
#include "data/dataset.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define N 1000
#define D 4

/* Columns: standard normal; the same, with unit 1e-3 behind an offset of 1e6; always 0.1; and grey
 * values' like. */
static rfim_dataset *make(counting *memory, double first[N])
{
    rfim_dataset *dataset = NULL;
    rfim_context *context = counting_start(memory, 1);
    assert_int_equal(
        rfim__dataset_create(context, N, D, RFIM_FLOAT64, RFIM_TARGET_NONE, 0, &dataset), RFIM_OK);
    rfim__random random = rfim__random_start(4, 1);
    double *x = dataset->values;
    for (size_t i = 0; i < N; i++) {
        first[i] = rfim__random_normal(&random);
        x[i * D] = first[i];
        x[i * D + 1] = 1e6 + 1e-3 * first[i];
        x[i * D + 2] = 0.1;
        x[i * D + 3] = (double)(i % 2);
    }
    return dataset;
}

static void offsets_take_no_digits_away(void **state)
{
    (void)state;
    counting memory;
    double first[N], mean[D], deviation[D];
    rfim_dataset *dataset = make(&memory, first);
    assert_int_equal(rfim__column_moments(dataset, mean, deviation), RFIM_OK);
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < N; i++)
        sum += first[i] / N;
    for (size_t i = 0; i < N; i++)
        squares += (first[i] - sum) * (first[i] - sum) / N;
    assert_true(fabs(mean[0] - sum) < 1e-14);
    assert_true(fabs(deviation[0] - sqrt(squares)) < 1e-14);
    /* The column itself is rounded to 1e-10. */
    assert_true(fabs(mean[1] - (1e6 + 1e-3 * sum)) < 2e-10);
    assert_true(fabs(deviation[1] / (1e-3 * sqrt(squares)) - 1) < 1e-7);
    assert_true(mean[3] == 0.5 && deviation[3] == 0.5);
    rfim_dataset_free(dataset);
    assert_int_equal(counting_end(&memory), 0);
}

static void a_column_that_never_varies_has_deviation_0(void **state)
{
    (void)state;
    counting memory;
    double first[N], mean[D], deviation[D];
    rfim_dataset *dataset = make(&memory, first);
    assert_int_equal(rfim__column_moments(dataset, mean, deviation), RFIM_OK);
    assert_true(mean[2] == 0.1 && deviation[2] == 0); /* exactly, whatever sums round to */
    rfim_dataset_free(dataset);
    assert_int_equal(counting_end(&memory), 0);
}

static void what_is_no_number_is_refused_by_its_column(void **state)
{
    (void)state;
    static const double wrong[] = {NAN, INFINITY, -INFINITY, 1e300};
    counting memory;
    double first[N], mean[D], deviation[D];
    rfim_dataset *dataset = make(&memory, first);
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        ((double *)dataset->values)[77 * D + 3] = wrong[k];
        assert_int_equal(rfim__column_moments(dataset, mean, deviation), RFIM_ERROR_ARGUMENT);
        assert_non_null(strstr(rfim_context_error(memory.context), "input 3 (from 0)"));
    }
    rfim_dataset_free(dataset);
    assert_int_equal(counting_end(&memory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_take_no_digits_away),
        cmocka_unit_test(a_column_that_never_varies_has_deviation_0),
        cmocka_unit_test(what_is_no_number_is_refused_by_its_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
