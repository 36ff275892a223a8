/* What is particular to a product of two matrices: rows of zeros, factors of very different sizes,
 * a factor that holds nothing. */
#include "metric/api_subject.h"
#include "metric/handle.h"
#include "metric/kronecker.h"

static const rfim_precision precisions[] = {RFIM_SINGLE, RFIM_DOUBLE};

static double unit_of(rfim_precision precision)
{
    return precision == RFIM_DOUBLE ? 0x1p-53 : 0x1p-24;
}

static rfim__kronecker_state *state_of(const rfim_metric *metric)
{
    return metric->core->state;
}

/* Both triangles */
static void put(rfim_precision precision, rfim__matrix x, size_t row, size_t column, double value)
{
    size_t places[2] = {row * x.stride + column, column * x.stride + row};
    for (size_t p = 0; p < 2; p++) {
        if (precision == RFIM_DOUBLE)
            ((double *)x.data)[places[p]] = value;
        else
            ((float *)x.data)[places[p]] = (float)value;
    }
}

/* --- rows of zeros ---------------------------------------------------------------------------- */

/* A layer's metric whose A (or B) has `entry` in place (2, 2) of the diagonal and `beside` at
 * (1, 2), where other entries are of order 1. Does `diagonal` factorise it? */
static bool is_factorised(rfim_precision precision, bool inputs, double entry, double beside)
{
    api a = api_open("input 3; linear 4 tanh; linear 4 tanh; loss squared", precision, 20, 5);
    rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_NEXT, RFIM_KRONECKER));
    rfim__matrix x = inputs ? state_of(metric)->inputs : state_of(metric)->outputs;
    for (size_t k = 0; k < 4; k++) {
        for (size_t l = 0; l < k; l++)
            put(precision, x, k, l, 0);
        put(precision, x, k, k, 1 + (double)k);
    }
    put(precision, x, 2, 2, entry);
    put(precision, x, 2, 1, beside);
    rfim_metric_refresh_report report;
    rfim_status status = rfim_metric_refresh(metric, RFIM_DAMPING_DIAGONAL, 1e-3, &report);
    assert_true(status == RFIM_OK || status == RFIM_ERROR_NOT_POSITIVE_DEFINITE);
    assert_true(status == RFIM_OK || report.kept);
    rfim_metric_free(metric);
    api_close(&a);
    return status == RFIM_OK;
}

/* (0, b; b, 1) has a negative eigenvalue. A backward error of a few roundings is all that may be
 * taken for a row of zeros: 300 units are too many. */
static void a_zero_on_the_diagonal_wants_zeros_beside_it(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        rfim_precision precision = precisions[p];
        double unit = unit_of(precision);
        for (int inputs = 0; inputs < 2; inputs++) {
            assert_true(is_factorised(precision, inputs, 0, 0));
            assert_true(is_factorised(precision, inputs, 0, unit));
            assert_true(is_factorised(precision, inputs, -unit, -unit));
            assert_true(is_factorised(precision, inputs, 1, .5));
            assert_false(is_factorised(precision, inputs, 0, .5));
            assert_false(is_factorised(precision, inputs, 0, -.5));
            assert_false(is_factorised(precision, inputs, unit * unit * unit, .5));
            assert_false(is_factorised(precision, inputs, -unit, 1e-2));
            assert_false(is_factorised(precision, inputs, 0, 300 * unit));
            assert_false(is_factorised(precision, inputs, -300 * unit, 0));
            assert_false(is_factorised(precision, inputs, 0, NAN));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zero_on_the_diagonal_wants_zeros_beside_it),
    };
    return cmocka_run_group_tests_name("metric: kronecker", tests, NULL, NULL);
}
