/* What a natural gradient step does to the responses of a layer (docs/mathematics.md, section 4.8),
 * as Lambda -> 0 with fewer samples than inputs: X dw is sigma^2 delta, sigma^2 e / f' or e. */
#include "network/trace.h"
#include "subsystem/subject.h"

#define SAMPLES 5
#define INPUTS 6
#define OUTPUTS 3

/* What X dw of a sample is to be, from delta = dloss/dt, f'(t) and sigma; e = delta / f'. */
typedef double limit(double delta, double slope, double sigma);

static double linear_limit(double delta, double slope, double sigma)
{
    (void)slope;
    return sigma * sigma * delta;
}

static double gaussian_limit(double delta, double slope, double sigma)
{
    return sigma * sigma * delta / (slope * slope);
}

static double canonical_limit(double delta, double slope, double sigma)
{
    (void)sigma;
    return delta / slope;
}

static double one(double t)
{
    (void)t;
    return 1;
}

static double elu_slope(double t)
{
    return t >= 0 ? 1 : exp(t);
}

static double tanh_slope(double t)
{
    return 1 - tanh(t) * tanh(t);
}

static double entry(const rfim__matrix *a, size_t row, size_t column)
{
    return ((const double *)a->data)[row * a->stride + column];
}

/* Lambda shortens a step by lambda / (eigenvalue + lambda), eigenvalues from about 1e-3 on; solving
 * costs dense about eps times the condition of G + Lambda, 1e-16 x 1e9. 1e-5 leaves room. */
static void check_step(const char *text, double sigma, rfim_representation representation,
                       double (*slope)(double), limit *wanted_of)
{
    api a = api_open(text, RFIM_DOUBLE, SAMPLES, 48);
    double moved[SAMPLES * OUTPUTS] = {0};
    double wanted[SAMPLES * OUTPUTS];
    double step[OUTPUTS * (INPUTS + 1)];
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, representation);
    options.sigma = sigma;
    rfim_metric *metric = metric_of(&a, options);
    api_backward(&a);
    assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_ABSOLUTE, 1e-9, NULL));
    assert_ok(&a, rfim_metric_direction(metric, a.trace, step));
    const rfim__slot *slot = &a.trace->slots[0];
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t j = 0; j < OUTPUTS; j++) {
            for (size_t k = 0; k <= INPUTS; k++)
                moved[i * OUTPUTS + j] += entry(&slot->input, i, k) * step[j * (INPUTS + 1) + k];
            wanted[i * OUTPUTS + j] = wanted_of(entry(&slot->delta, i, j),
                                                slope(entry(&slot->pre, i, j)), sigma);
        }
    assert_near(moved, wanted, SAMPLES * OUTPUTS, 1e-5);
    rfim_metric_free(metric);
    api_close(&a);
}

static const rfim_representation exact[] = {RFIM_DENSE, RFIM_NEURON, RFIM_GRAM};
#define EXACT (sizeof exact / sizeof exact[0])

static void linear_layers_follow_delta(void **state)
{
    (void)state;
    for (size_t r = 0; r < EXACT; r++)
        check_step("input 6; linear 3; linear 2; loss squared", .7, exact[r], one, linear_limit);
    check_step("input 6; linear 3; linear 2; loss squared", .7, RFIM_SHARED, one, linear_limit);
    /* `shared` has nu = 1/sigma^2 under an activation, too. */
    check_step("input 6; linear 3 tanh; linear 2; loss squared", .7, RFIM_SHARED, one,
               linear_limit);
}

static void gaussian_responses_follow_their_errors(void **state)
{
    (void)state;
    for (size_t r = 0; r < EXACT; r++)
        check_step("input 6; linear 3 elu; linear 2; loss squared", .7, exact[r], elu_slope,
                   gaussian_limit);
}

static void canonical_parameters_follow_the_errors_of_the_responses(void **state)
{
    (void)state;
    for (size_t r = 0; r < EXACT; r++)
        check_step("input 6; linear 3 tanh; linear 2; loss squared", .7, exact[r], tanh_slope,
                   canonical_limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_layers_follow_delta),
        cmocka_unit_test(gaussian_responses_follow_their_errors),
        cmocka_unit_test(canonical_parameters_follow_the_errors_of_the_responses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
