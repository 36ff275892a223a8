/* Which inputs are left of a data set, in which order, and samples by them, for each type of
 * numbers. */
#include "data/kept_inputs.h"

#include <math.h>
#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SAMPLES = 60, INPUTS = 40 };

/* Input k is not 0 in every (k % 5 + 1)-th sample; inputs 7 and 20 are 0 in all of them. */
static double value(size_t i, size_t k)
{
    return k == 7 || k == 20 || i % (k % 5 + 1) > 0 ? 0 : (double)((i * 3 + k) % 50 + 1);
}

static size_t uses(size_t k)
{
    size_t count = 0;
    for (size_t i = 0; i < SAMPLES; i++)
        count += value(i, k) != 0;
    return count;
}

static rfim_dataset *make(rfim_context *context, rfim_type type, bool dense)
{
    static uint8_t bytes[SAMPLES * INPUTS];
    static float floats[SAMPLES * INPUTS];
    static double doubles[SAMPLES * INPUTS];
    static int32_t labels[SAMPLES];
    rfim_dataset *dataset = NULL;
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t k = 0; k < INPUTS; k++) {
            double x = dense ? (double)(i + k + 1) : value(i, k);
            bytes[i * INPUTS + k] = (uint8_t)x;
            floats[i * INPUTS + k] = (float)x;
            doubles[i * INPUTS + k] = x;
        }
    rfim_array array = {type == RFIM_UINT8     ? (const void *)bytes
                        : type == RFIM_FLOAT32 ? (const void *)floats
                                               : (const void *)doubles,
                        type, SAMPLES, INPUTS};
    assert_int_equal(
        rfim_dataset_from_arrays(context, array, rfim_labels(labels, SAMPLES), &dataset), RFIM_OK);
    return dataset;
}

static void check_order(const rfim__kept_inputs *inputs)
{
    assert_int_equal(inputs->inputs, INPUTS);
    assert_int_equal(inputs->order, INPUTS - 2 + 1);
    assert_int_equal(inputs->kept[inputs->order - 1], INPUTS);
    assert_int_equal(inputs->dropped[0], 7);
    assert_int_equal(inputs->dropped[1], 20);
    assert_false(inputs->in_order);
    for (size_t k = 0; k + 2 < inputs->order; k++) {
        size_t a = inputs->kept[k];
        size_t b = inputs->kept[k + 1];
        assert_true(uses(a) < uses(b) || (uses(a) == uses(b) && a < b));
    }
}

static void check_samples(rfim_context *context, const rfim__kept_inputs *inputs,
                          const rfim_dataset *dataset, rfim_precision precision, double scale)
{
    static const uint32_t rows[] = {3, 59, 0};
    rfim__algebra *algebra = NULL;
    double found[3 * INPUTS];
    rfim__matrix x = {calloc(3 * 48, sizeof(double)), 3, INPUTS + 1, 48};
    assert_int_equal(rfim__algebra_create_cpu(context, precision, &algebra), RFIM_OK);
    for (int by_rows = 0; by_rows < 2; by_rows++) {
        assert_true(rfim__kept_inputs_load(inputs, algebra, dataset, by_rows ? rows : NULL, 5, x));
        algebra->ops.export(algebra, rfim__columns(algebra, x, 0, inputs->order), found);
        for (size_t i = 0; i < 3; i++)
            for (size_t k = 0; k < inputs->order; k++) {
                size_t sample = by_rows ? rows[i] : 5 + i;
                double expected = k + 1 < inputs->order ? value(sample, inputs->kept[k]) * scale
                                                        : 1;
                assert_true(fabs(found[i * inputs->order + k] - expected) <
                            (precision == RFIM_SINGLE ? 1e-7 : 1e-15));
            }
    }
    free(x.data);
    rfim__algebra_free(algebra);
}

static void check_firsts(const rfim__kept_inputs *inputs, const rfim_dataset *dataset)
{
    size_t numbers = 0;
    size_t most = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t zeros = 0;
        while (zeros + 1 < inputs->order && value(i, inputs->kept[zeros]) == 0)
            zeros++;
        size_t first = rfim__kept_inputs_first(inputs, dataset, i);
        assert_int_equal(first, zeros / RFIM__KEPT_UNIT * RFIM__KEPT_UNIT);
        numbers += 48 - first;
        most = first > most ? first : most;
    }
    assert_int_equal(inputs->numbers, numbers);
    assert_true(most >= 16);
}

static void inputs_that_are_least_in_use_come_first(void **state)
{
    static const rfim_type types[] = {RFIM_UINT8, RFIM_FLOAT32, RFIM_FLOAT64};
    (void)state;
    for (size_t t = 0; t < 3; t++) {
        rfim_context *context = NULL;
        rfim__kept_inputs inputs;
        assert_int_equal(rfim_context_create(NULL, &context), RFIM_OK);
        rfim_dataset *dataset = make(context, types[t], false);
        assert_int_equal(rfim__kept_inputs_find(dataset, &inputs), RFIM_OK);
        check_order(&inputs);
        for (int precision = 0; precision < 2; precision++)
            check_samples(context, &inputs, dataset, (rfim_precision)precision,
                          types[t] == RFIM_UINT8 ? 1.0 / 255 : 1);
        check_firsts(&inputs, dataset);
        rfim__kept_inputs_free(&inputs);
        rfim_dataset_free(dataset);
        rfim_context_free(context);
    }
}

static void dense_inputs_stay_as_they_are(void **state)
{
    rfim_context *context = NULL;
    rfim__kept_inputs inputs;
    (void)state;
    assert_int_equal(rfim_context_create(NULL, &context), RFIM_OK);
    rfim_dataset *dataset = make(context, RFIM_FLOAT32, true);
    assert_int_equal(rfim__kept_inputs_find(dataset, &inputs), RFIM_OK);
    assert_true(inputs.in_order);
    assert_int_equal(inputs.order, INPUTS + 1);
    assert_int_equal(inputs.numbers, SAMPLES * 48);
    for (size_t k = 0; k < inputs.order; k++)
        assert_int_equal(inputs.kept[k], k);
    assert_int_equal(rfim__kept_inputs_first(&inputs, dataset, 4), 0);
    rfim__kept_inputs_free(&inputs);
    rfim_dataset_free(dataset);
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_that_are_least_in_use_come_first),
        cmocka_unit_test(dense_inputs_stay_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
