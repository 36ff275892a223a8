/* What is particular to a product of two matrices: rows of zeros, factors of very different sizes,
 * a factor that holds nothing. */
#include "metric/kronecker.h"
#include "subsystem/handle.h"
#include "subsystem/subject.h"

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

/* --- factors of any size ---------------------------------------------------------------------- */

#define ORDER 16

typedef rfim_status look(rfim_metric *metric, double *out);

static const double vector[ORDER] = {.3, -1, .7,  .2, -.4, .9, .1,  -.8,
                                     .5, .6, -.2, 1,  -.9, .4, -.6, .8};

static rfim_status product(rfim_metric *metric, double *out)
{
    return rfim_metric_multiply(metric, vector, out);
}

static rfim_status solution(rfim_metric *metric, double *out)
{
    return rfim_metric_solve(metric, vector, out);
}

/* What is read of `scaled` is that of `plain` times `scale`. */
static void expect_scaled(api *a, look *read, rfim_metric *plain, rfim_metric *scaled, double scale,
                          double tolerance)
{
    double wanted[ORDER];
    double found[ORDER];
    assert_ok(a, read(plain, wanted));
    assert_ok(a, read(scaled, found));
    for (size_t k = 0; k < ORDER; k++)
        found[k] /= scale;
    assert_near(found, wanted, ORDER, tolerance);
}

static void expect_converted(api *a, rfim_metric *plain, rfim_metric *scaled, double scale)
{
    rfim_metric *neuron[2] = {NULL, NULL};
    assert_ok(a, rfim_metric_convert(plain, RFIM_NEURON, 1, &neuron[0]));
    assert_ok(a, rfim_metric_convert(scaled, RFIM_NEURON, 1, &neuron[1]));
    expect_scaled(a, product, neuron[0], neuron[1], scale, 1e-6);
    rfim_metric_free(neuron[0]);
    rfim_metric_free(neuron[1]);
}

/* keep scales A, B and the mass alike: A B leaves float32 where G = A B / mass does not. Powers of
 * two change no digit of a factor: all that follows is the same but for rounding, of solutions
 * times a condition of 100. */
static void metrics_of_any_size_keep_their_digits(void **state)
{
    (void)state;
    static const double scales[] = {0x1p-66, 0x1p+66}; /* 1e-20, 1e+20 */
    for (size_t s = 0; s < 2; s++) {
        api a = api_open("input 3; linear 4 tanh; linear 4 tanh; loss squared", RFIM_SINGLE, 20, 5);
        rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_NEXT, RFIM_KRONECKER);
        rfim_metric *plain = metric_of(&a, options);
        rfim_metric *scaled = metric_of(&a, options);
        double ranks[2];
        assert_ok(&a, rfim_metric_merge(scaled, scales[s], 0, plain));
        expect_scaled(&a, product, plain, scaled, scales[s], 1e-6);
        expect_scaled(&a, rfim_metric_diagonal, plain, scaled, scales[s], 1e-6);
        expect_scaled(&a, rfim_metric_spectrum, plain, scaled, scales[s], 1e-6);
        expect_converted(&a, plain, scaled, scales[s]);
        assert_ok(&a, rfim_metric_effective_rank(plain, &ranks[0]));
        assert_ok(&a, rfim_metric_effective_rank(scaled, &ranks[1]));
        assert_near(&ranks[1], &ranks[0], 1, 1e-6);
        assert_ok(&a, rfim_metric_refresh(plain, RFIM_DAMPING_TRACE, 1e-2, NULL));
        assert_ok(&a, rfim_metric_refresh(scaled, RFIM_DAMPING_TRACE, 1e-2, NULL));
        expect_scaled(&a, solution, plain, scaled, 1 / scales[s], 1e-4);
        rfim_metric_free(plain);
        rfim_metric_free(scaled);
        api_close(&a);
    }
}

/* One layer that is off on all samples, of inputs of 1e8 */
static void expect_eps(rfim_precision precision, rfim_kronecker_rule rule)
{
    api a = api_open("input 3; linear 4 relu omega=0; linear 2; loss squared", precision, 5, 6);
    const double biases[4] = {-1e12, -1e12, -1e12, -1e12};
    rfim_metric_refresh_report report;
    double z[ORDER];
    double wanted[ORDER];
    double lambda[ORDER];
    for (size_t k = 0; k < 15; k++)
        a.x[k] *= 1e8;
    for (size_t k = 0; k < ORDER; k++)
        wanted[k] = vector[k] / .25;
    assert_ok(&a, rfim_network_tensor_write(a.network, 1, biases));
    assert_ok(&a, rfim_trace_forward(a.trace, rfim_doubles(a.x, 5, 3)));
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_KRONECKER);
    options.kronecker_rule = rule;
    rfim_metric *metric = metric_of(&a, options);
    assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, .25, &report));
    assert_int_equal(report.retries, 0);
    assert_ok(&a, rfim_metric_damping(metric, lambda));
    assert_ok(&a, solution(metric, z));
    assert_near(z, wanted, ORDER, 1e-6);
    for (size_t k = 0; k < ORDER; k++)
        assert_true(fabs(lambda[k] - .25) < 1e-6);
    rfim_metric_free(metric);
    api_close(&a);
}

/* G = 0 where all neurons are dead, however large the inputs: lambda is eps. */
static void dead_layers_take_eps(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        expect_eps(precisions[p], RFIM_KRONECKER_EXACT);
        expect_eps(precisions[p], RFIM_KRONECKER_FACTORED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zero_on_the_diagonal_wants_zeros_beside_it),
        cmocka_unit_test(metrics_of_any_size_keep_their_digits),
        cmocka_unit_test(dead_layers_take_eps),
    };
    return cmocka_run_group_tests_name("metric: kronecker", tests, NULL, NULL);
}
