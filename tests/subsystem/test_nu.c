/* How much information each response carries: nu of every family, by plain formulas. */
#include "network/trace.h"
#include "subsystem/subject.h"

#define SAMPLES 5
#define OUTPUTS 4

typedef double formula(double t);

static double tanh_slope(double t)
{
    return 1 - tanh(t) * tanh(t);
}

static double sigm_slope(double t)
{
    return 1 / (2 + exp(t) + exp(-t));
}

/* The smooth relu's derivative at omega 1, iota 0 */
static double relu_slope(double t)
{
    return 1 / (1 + exp(-t));
}

static double elu_slope(double t)
{
    return t >= 0 ? 1 : exp(t);
}

static double one(double t)
{
    (void)t;
    return 1;
}

static double pre(const api *a, size_t module, size_t i, size_t j)
{
    const rfim__matrix *t = &a->trace->slots[module].pre;
    return ((const double *)t->data)[i * t->stride + j];
}

static void check_nu(const char *text, rfim_family family, double sigma, formula *slope,
                     bool squared)
{
    double nu[SAMPLES * OUTPUTS];
    api a = api_open(text, RFIM_DOUBLE, SAMPLES, 51);
    assert_ok(&a, rfim_metric_nu(a.trace, 0, family, sigma, nu));
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t j = 0; j < OUTPUTS; j++) {
            double s = slope(pre(&a, 0, i, j));
            double wanted = squared ? s * s / (sigma * sigma) : s;
            assert_true(fabs(nu[i * OUTPUTS + j] - wanted) <= 1e-14 * wanted);
        }
    api_close(&a);
}

static void published_families(void **state)
{
    (void)state;
    const rfim_family published = RFIM_FAMILY_PUBLISHED;
    check_nu("input 3; linear 4 tanh; linear 2; loss squared", published, 1, tanh_slope, false);
    check_nu("input 3; linear 4 sigm; linear 2; loss squared", published, .1, sigm_slope, false);
    check_nu("input 3; linear 4 relu; linear 2; loss squared", published, 1, relu_slope, true);
    check_nu("input 3; linear 4 elu; linear 2; loss squared", published, .5, elu_slope, true);
    check_nu("input 3; linear 4; linear 2; loss squared", published, .5, one, true);
    check_nu("input 3; linear 4; loss sigmoid", published, 1, sigm_slope, false);
    check_nu("input 3; linear 4; loss squared", published, 2, one, true);
}

static void families_asked_for(void **state)
{
    (void)state;
    check_nu("input 3; linear 4 tanh; linear 2; loss squared", RFIM_FAMILY_GAUSSIAN, .5, tanh_slope,
             true);
    check_nu("input 3; linear 4 relu; linear 2; loss squared", RFIM_FAMILY_CANONICAL, .5,
             relu_slope, false);
    check_nu("input 3; linear 4; loss sigmoid", RFIM_FAMILY_GAUSSIAN, .5, one, true);
    check_nu("input 3; linear 4; loss softmax", RFIM_FAMILY_CANONICAL, .5, one, false);
}

static void classes(void **state)
{
    double nu[SAMPLES * OUTPUTS];
    (void)state;
    for (int asked_for = 0; asked_for < 2; asked_for++) {
        api a = api_open(asked_for ? "input 3; linear 4; loss squared"
                                   : "input 3; linear 4; loss softmax",
                         RFIM_DOUBLE, SAMPLES, 52);
        assert_ok(&a, rfim_metric_nu(a.trace, 0,
                                     asked_for ? RFIM_FAMILY_CATEGORICAL : RFIM_FAMILY_PUBLISHED, 1,
                                     nu));
        for (size_t i = 0; i < SAMPLES; i++) {
            double total = 0;
            for (size_t j = 0; j < OUTPUTS; j++)
                total += exp(pre(&a, 0, i, j));
            for (size_t j = 0; j < OUTPUTS; j++) {
                double eta = exp(pre(&a, 0, i, j)) / total;
                assert_true(fabs(nu[i * OUTPUTS + j] - eta * (1 - eta)) < 1e-15);
            }
        }
        api_close(&a);
    }
}

/* The response of batch normalisation is its output, of constant information. */
static void channels(void **state)
{
    double nu[SAMPLES * OUTPUTS];
    (void)state;
    api a = api_open("input 3; linear 4; batchnorm; linear 2; loss squared", RFIM_DOUBLE, SAMPLES,
                     53);
    assert_ok(&a, rfim_metric_nu(a.trace, 1, RFIM_FAMILY_PUBLISHED, .5, nu));
    for (size_t k = 0; k < SAMPLES * OUTPUTS; k++)
        assert_true(nu[k] == 4);
    api_close(&a);
}

/* The metric of one neuron with one input: nu (x^2, x; x, 1), averaged */
static void metrics_are_made_of_it(void **state)
{
    double nu[SAMPLES * OUTPUTS];
    double diagonal[2 * OUTPUTS];
    (void)state;
    api a = api_open("input 1; linear 4 tanh; linear 2; loss squared", RFIM_DOUBLE, SAMPLES, 54);
    rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DIAGONAL));
    assert_ok(&a, rfim_metric_nu(a.trace, 0, RFIM_FAMILY_PUBLISHED, 1, nu));
    assert_ok(&a, rfim_metric_diagonal(metric, diagonal));
    for (size_t j = 0; j < OUTPUTS; j++) {
        double of_weight = 0;
        double of_bias = 0;
        for (size_t i = 0; i < SAMPLES; i++) {
            of_weight += nu[i * OUTPUTS + j] * a.x[i] * a.x[i] / SAMPLES;
            of_bias += nu[i * OUTPUTS + j] / SAMPLES;
        }
        assert_true(fabs(diagonal[2 * j] - of_weight) < 1e-15);
        assert_true(fabs(diagonal[2 * j + 1] - of_bias) < 1e-15);
    }
    rfim_metric_free(metric);
    api_close(&a);
}

static void questions_that_are_refused(void **state)
{
    double nu[SAMPLES * OUTPUTS];
    rfim_trace *fresh = NULL;
    (void)state;
    api a = api_open("input 3; linear 4 gelu; linear 1; loss squared", RFIM_DOUBLE, SAMPLES, 55);
    assert_ok(&a, rfim_trace_create(a.network, SAMPLES, &fresh));
    assert_refused(&a, rfim_metric_nu(fresh, 0, RFIM_FAMILY_PUBLISHED, 1, nu), RFIM_ERROR_ARGUMENT,
                   "rfim_trace_forward");
    assert_refused(&a, rfim_metric_nu(a.trace, 2, RFIM_FAMILY_PUBLISHED, 1, nu),
                   RFIM_ERROR_ARGUMENT, "a module below 2");
    assert_refused(&a, rfim_metric_nu(a.trace, 0, (rfim_family)4, 1, nu), RFIM_ERROR_ARGUMENT,
                   "family");
    assert_refused(&a, rfim_metric_nu(a.trace, 0, RFIM_FAMILY_GAUSSIAN, 0, nu), RFIM_ERROR_ARGUMENT,
                   "sigma above 0");
    assert_refused(&a, rfim_metric_nu(a.trace, 0, RFIM_FAMILY_GAUSSIAN, NAN, nu),
                   RFIM_ERROR_ARGUMENT, "sigma above 0");
    assert_refused(&a, rfim_metric_nu(a.trace, 0, RFIM_FAMILY_CANONICAL, 1, nu),
                   RFIM_ERROR_UNSUPPORTED, "falls somewhere");
    assert_refused(&a, rfim_metric_nu(a.trace, 1, RFIM_FAMILY_CATEGORICAL, 1, nu),
                   RFIM_ERROR_UNSUPPORTED, "two outputs or more");
    assert_int_equal(rfim_metric_nu(a.trace, 0, RFIM_FAMILY_PUBLISHED, 1, NULL),
                     RFIM_ERROR_ARGUMENT);
    rfim_trace_free(fresh);
    api_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_families),
        cmocka_unit_test(families_asked_for),
        cmocka_unit_test(classes),
        cmocka_unit_test(channels),
        cmocka_unit_test(metrics_are_made_of_it),
        cmocka_unit_test(questions_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
