/* Data sets from arrays: what is read back, and what is refused. */
#include "data/counting_context.h"
#include "data/dataset.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
    static counting memory;
    *state = &memory;
    return counting_start(&memory, 1) ? 0 : -1;
}

static int teardown(void **state)
{
    return counting_end(*state) == 0 ? 0 : -1;
}

static rfim_context *context_of(void **state)
{
    counting *memory = *state;
    return memory->context;
}

/* The call fails with the status, and its sentence has the words. */
static void refused(void **state, rfim_array inputs, rfim_array targets, rfim_status status,
                    const char *words)
{
    rfim_dataset *dataset = (rfim_dataset *)state;
    assert_int_equal(rfim_dataset_from_arrays(context_of(state), inputs, targets, &dataset),
                     status);
    assert_null(dataset);
    if (!strstr(rfim_context_error(context_of(state)), words))
        fail_msg("expected \"%s\" in: %s", words, rfim_context_error(context_of(state)));
}

static void grey_values_are_read_from_0_to_1(void **state)
{
    const uint8_t grey[] = {0, 51, 255, 1, 2, 254};
    const uint8_t classes[] = {4, 0};
    double row[3];
    double class = -1;
    rfim_dataset *dataset = NULL;
    rfim_array targets = {classes, RFIM_UINT8, 2, 1};
    assert_int_equal(
        rfim_dataset_from_arrays(context_of(state), rfim_bytes(grey, 2, 3), targets, &dataset),
        RFIM_OK);
    assert_int_equal(rfim_dataset_samples(dataset), 2);
    assert_int_equal(rfim_dataset_inputs(dataset), 3);
    assert_int_equal(rfim_dataset_target_kind(dataset), RFIM_TARGET_LABELS);
    assert_int_equal(rfim_dataset_targets(dataset), 5);
    assert_int_equal(rfim_dataset_read_inputs(dataset, 0, row), RFIM_OK);
    assert_true(row[0] == 0 && row[1] == 51 / 255.0 && row[2] == 1);
    assert_int_equal(rfim_dataset_read_inputs(dataset, 1, row), RFIM_OK);
    assert_true(row[0] == 1 / 255.0 && row[2] == 254 / 255.0);
    assert_int_equal(rfim_dataset_read_targets(dataset, 0, &class), RFIM_OK);
    assert_true(class == 4);
    rfim_dataset_free(dataset);
}

static void arrays_are_copied(void **state)
{
    float inputs[] = {1, 2, 3, 4};
    double targets[] = {-1, -2, -3, -4, -5, -6};
    double row[3];
    rfim_dataset *dataset = NULL;
    assert_int_equal(rfim_dataset_from_arrays(context_of(state), rfim_floats(inputs, 2, 2),
                                              rfim_doubles(targets, 2, 3), &dataset),
                     RFIM_OK);
    memset(inputs, 0, sizeof inputs);
    memset(targets, 0, sizeof targets);
    assert_int_equal(rfim_dataset_targets(dataset), 3);
    assert_int_equal(rfim_dataset_read_inputs(dataset, 1, row), RFIM_OK);
    assert_true(row[0] == 3 && row[1] == 4);
    assert_int_equal(rfim_dataset_read_targets(dataset, 1, row), RFIM_OK);
    assert_true(row[0] == -4 && row[1] == -5 && row[2] == -6);
    rfim_dataset_free(dataset);
}

static void targets_may_be_absent(void **state)
{
    const double inputs[] = {1, 2};
    double value = 0;
    size_t height = 9;
    size_t width = 9;
    rfim_dataset *dataset = NULL;
    assert_int_equal(rfim_dataset_from_arrays(context_of(state), rfim_doubles(inputs, 2, 1),
                                              rfim_no_targets(), &dataset),
                     RFIM_OK);
    assert_int_equal(rfim_dataset_target_kind(dataset), RFIM_TARGET_NONE);
    assert_int_equal(rfim_dataset_targets(dataset), 0);
    assert_int_equal(rfim_dataset_read_targets(dataset, 0, &value), RFIM_ERROR_ARGUMENT);
    assert_non_null(strstr(rfim_context_error(context_of(state)), "no targets"));
    rfim_dataset_image_shape(dataset, &height, &width);
    assert_true(height == 0 && width == 0);
    rfim_dataset_free(dataset);
}

static void samples_beyond_the_last_are_refused(void **state)
{
    const double inputs[] = {1, 2};
    double value = 0;
    rfim_dataset *dataset = NULL;
    assert_int_equal(rfim_dataset_from_arrays(context_of(state), rfim_doubles(inputs, 2, 1),
                                              rfim_no_targets(), &dataset),
                     RFIM_OK);
    assert_int_equal(rfim_dataset_read_inputs(dataset, 2, &value), RFIM_ERROR_ARGUMENT);
    assert_non_null(strstr(rfim_context_error(context_of(state)), "sample 2"));
    rfim_dataset_free(dataset);
}

static void not_finite_numbers_are_refused(void **state)
{
    const float floats[] = {1, 2, 3, NAN};
    const double doubles[] = {1, INFINITY};
    const double good[] = {1, 2};
    refused(state, rfim_floats(floats, 2, 2), rfim_no_targets(), RFIM_ERROR_ARGUMENT,
            "inputs: the number in row 1, column 1");
    refused(state, rfim_doubles(doubles, 1, 2), rfim_no_targets(), RFIM_ERROR_ARGUMENT, "inf");
    refused(state, rfim_doubles(good, 2, 1), rfim_doubles(doubles, 2, 1), RFIM_ERROR_ARGUMENT,
            "targets: the number in row 1");
}

static void wrong_classes_are_refused(void **state)
{
    const double inputs[] = {1, 2};
    const int32_t classes[] = {3, -1, 0, 0};
    rfim_array two_columns = {classes, RFIM_INT32, 2, 2};
    refused(state, rfim_doubles(inputs, 2, 1), rfim_labels(classes, 2), RFIM_ERROR_ARGUMENT,
            "the class of sample 1 is -1");
    refused(state, rfim_doubles(inputs, 2, 1), two_columns, RFIM_ERROR_SHAPE, "2 columns");
}

static void wrong_shapes_are_refused(void **state)
{
    const double inputs[] = {1, 2};
    const int32_t classes[] = {0, 1, 2};
    rfim_array huge = {inputs, RFIM_FLOAT64, SIZE_MAX / 4, 8};
    rfim_array whole_numbers = {classes, RFIM_INT32, 3, 1};
    rfim_array nowhere = {NULL, RFIM_FLOAT64, 2, 1};
    refused(state, rfim_doubles(inputs, 2, 1), rfim_labels(classes, 3), RFIM_ERROR_SHAPE,
            "2 samples but 3 rows");
    refused(state, rfim_doubles(inputs, 0, 1), rfim_no_targets(), RFIM_ERROR_ARGUMENT, "empty");
    refused(state, rfim_doubles(inputs, 2, 0), rfim_no_targets(), RFIM_ERROR_ARGUMENT, "empty");
    refused(state, nowhere, rfim_no_targets(), RFIM_ERROR_ARGUMENT, "no address");
    refused(state, rfim_doubles(inputs, 2, 1), nowhere, RFIM_ERROR_ARGUMENT, "targets are empty");
    refused(state, huge, rfim_no_targets(), RFIM_ERROR_ARGUMENT, "more than this machine");
    refused(state, whole_numbers, rfim_no_targets(), RFIM_ERROR_ARGUMENT, "uint8, float32");
}

static void rows_are_selected_in_the_order_given(void **state)
{
    const float inputs[] = {0, 1, 10, 11, 20, 21};
    const int32_t classes[] = {7, 8, 9};
    const uint32_t rows[] = {2, 0, 2, 1};
    const int32_t expected[] = {9, 7, 9, 8};
    rfim_dataset *dataset = NULL;
    rfim_dataset *chosen = NULL;
    assert_int_equal(rfim_dataset_from_arrays(context_of(state), rfim_floats(inputs, 3, 2),
                                              rfim_labels(classes, 3), &dataset),
                     RFIM_OK);
    dataset->image_height = 2;
    dataset->image_width = 1;
    assert_int_equal(rfim__dataset_select(dataset, rows, 4, &chosen), RFIM_OK);
    assert_int_equal(chosen->samples, 4);
    assert_int_equal(chosen->targets, 10);
    assert_int_equal(chosen->image_height, 2);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(chosen->labels[i], expected[i]);
        assert_memory_equal((float *)chosen->values + 2 * i, inputs + (size_t)2 * rows[i],
                            2 * sizeof *inputs);
    }
    rfim_dataset_free(dataset);
    rfim_dataset_free(chosen);
}

static void joined_sets_follow_one_another(void **state)
{
    const double inputs[] = {1, 2, 3};
    const double values[] = {4, 5, 6};
    double number = 0;
    rfim_dataset *parts[2] = {NULL, NULL};
    rfim_dataset *whole = NULL;
    for (size_t part = 0; part < 2; part++)
        assert_int_equal(rfim_dataset_from_arrays(context_of(state),
                                                  rfim_doubles(inputs, 3 - part, 1),
                                                  rfim_doubles(values, 3 - part, 1), &parts[part]),
                         RFIM_OK);
    assert_int_equal(rfim__dataset_join((const rfim_dataset *const *)parts, 2, &whole), RFIM_OK);
    assert_int_equal(rfim_dataset_samples(whole), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(rfim_dataset_read_targets(whole, i, &number), RFIM_OK);
        assert_true(number == values[i % 3]);
        assert_int_equal(rfim_dataset_read_inputs(whole, i, &number), RFIM_OK);
        assert_true(number == inputs[i % 3]);
    }
    rfim_dataset_free(parts[0]);
    rfim_dataset_free(parts[1]);
    rfim_dataset_free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(grey_values_are_read_from_0_to_1, setup, teardown),
        cmocka_unit_test_setup_teardown(arrays_are_copied, setup, teardown),
        cmocka_unit_test_setup_teardown(targets_may_be_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(samples_beyond_the_last_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(not_finite_numbers_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_classes_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_shapes_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_are_selected_in_the_order_given, setup, teardown),
        cmocka_unit_test_setup_teardown(joined_sets_follow_one_another, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
