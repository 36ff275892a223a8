/* Metrics that hold NaN or infinite numbers say so; nothing turns NaN into 0. */
#include "subsystem/subject.h"

#include <unistd.h>

/* Pre-activations of the second layer are infinity - infinity. */
static api open_broken(void)
{
    static const double first[2 * 2] = {1e308, 1e308, 1e308, 1e308};
    static const double second[3 * 2] = {10, -10, 10, -10, 10, -10};
    static const double x[3 * 2] = {1, 1, 1, .9, .9, 1};
    api a = api_open("input 2; linear 2; linear 3 elu; linear 2; loss squared", RFIM_DOUBLE, 3, 5);
    assert_ok(&a, rfim_network_tensor_write(a.network, 0, first));
    assert_ok(&a, rfim_network_tensor_write(a.network, 2, second));
    assert_ok(&a, rfim_trace_forward(a.trace, rfim_doubles(x, 3, 2)));
    return a;
}

static void check_told(rfim_representation representation)
{
    static const char path[] = "metric_of_nan.safetensors";
    api a = open_broken();
    rfim_metric *metric = metric_of(&a, asked(1, 1, RFIM_RESPONSE_OWN, representation));
    double *values = numbers(rfim_metric_order(metric));
    double value = 0;
    assert_ok(&a, rfim_metric_metric_trace(metric, &value));
    assert_true(!isfinite(value));
    assert_ok(&a, rfim_metric_effective_rank(metric, &value));
    assert_true(!isfinite(value));
    assert_refused(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, 1e-3, NULL), RFIM_DIVERGED,
                   "NaN");
    assert_refused(&a, rfim_metric_spectrum(metric, values), RFIM_DIVERGED, "NaN");
    unlink(path);
    assert_refused(&a, rfim_metric_save(metric, path), RFIM_DIVERGED, "not saved");
    assert_int_equal(access(path, F_OK), -1);
    free(values);
    rfim_metric_free(metric);
    api_close(&a);
}

static void nan_is_told_by_every_representation(void **state)
{
    (void)state;
    check_told(RFIM_NEURON);
    check_told(RFIM_DENSE);
    check_told(RFIM_KRONECKER);
    check_told(RFIM_DIAGONAL);
    check_told(RFIM_GRAM);
}

static void no_damping_is_told_as_such(void **state)
{
    (void)state;
    api a = api_open("input 3; linear 2 tanh; loss squared", RFIM_DOUBLE, 2, 6);
    rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_NEURON));
    rfim_metric *again = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_NEURON));
    assert_ok(&a, rfim_metric_merge(metric, 1, -3, again));
    assert_refused(&a, rfim_metric_refresh(metric, RFIM_DAMPING_ABSOLUTE, 0, NULL),
                   RFIM_ERROR_NOT_POSITIVE_DEFINITE, "with damping 0 (block");
    rfim_metric_free(metric);
    rfim_metric_free(again);
    api_close(&a);
}

static void nothing_is_asked_of_nothing(void **state)
{
    rfim_metric_options options = {.first = 7};
    (void)state;
    rfim_metric_options_get(NULL, &options);
    assert_int_equal(options.first, 7);
    assert_int_equal(rfim_metric_order(NULL), 0);
    rfim_metric_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nan_is_told_by_every_representation),
        cmocka_unit_test(no_damping_is_told_as_such),
        cmocka_unit_test(nothing_is_asked_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
