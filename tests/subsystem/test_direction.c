/* Gradients and natural gradients as vectors, straight from delta where that can be, and the
 * parameters as a vector. */
#include "subsystem/kinds.h"

static const char *const gradient_texts[] = {
    "input 3; linear 4 elu; linear 3 tanh; linear 3; loss softmax",
    "input 3; linear 4 sigm; linear 3 softplus; linear 2; loss sigmoid",
    "input 3; linear 4 tanh; linear 3 gelu; linear 2 silu; loss squared",
};

/* --- parameters ------------------------------------------------------------------------------- */

static void parameters_come_and_go(void **state)
{
    (void)state;
    for (int precision = 0; precision < 2; precision++) {
        api a = api_open(kind_text, (rfim_precision)precision, 5, 6);
        rfim_metric *metric = empty_metric(&a, asked(0, 2, RFIM_RESPONSE_NETWORK, RFIM_DIAGONAL));
        size_t order = rfim_metric_order(metric);
        double *theta = numbers(order);
        double *again = numbers(order);
        double weight[12];
        double gamma[4];
        assert_int_equal(order, rfim_network_parameters(a.network));
        assert_ok(&a, rfim_metric_parameters(metric, theta));
        /* neuron after neuron, its bias last; then gamma, beta channel by channel */
        assert_ok(&a, rfim_network_tensor_read(a.network, 0, weight));
        assert_ok(&a, rfim_network_tensor_read(a.network, 2, gamma));
        for (size_t j = 0; j < 4; j++) {
            for (size_t k = 0; k < 3; k++)
                assert_true(theta[j * 4 + k] == weight[j * 3 + k]);
            assert_true(theta[16 + 2 * j] == gamma[j]);
        }
        for (size_t k = 0; k < order; k++)
            theta[k] = (double)(float)(theta[k] * 1.5 + .25);
        assert_ok(&a, rfim_metric_parameters_set(metric, theta));
        assert_ok(&a, rfim_metric_parameters(metric, again));
        assert_memory_equal(theta, again, order * sizeof *theta);
        again[order - 1] = NAN;
        assert_refused(&a, rfim_metric_parameters_set(metric, again), RFIM_ERROR_ARGUMENT, "NaN");
        assert_ok(&a, rfim_metric_parameters(metric, again));
        assert_memory_equal(theta, again, order * sizeof *theta);
        free(theta);
        free(again);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

/* Only the group's own numbers change. */
static void parameters_of_a_group(void **state)
{
    (void)state;
    api a = api_open("input 2; linear 4; linear 2; loss squared", RFIM_DOUBLE, 5, 6);
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
    options.first_output = 1;
    options.outputs = 2;
    rfim_metric *metric = empty_metric(&a, options);
    double before[8];
    double after[8];
    double theta[6] = {1, 2, 3, 4, 5, 6};
    assert_ok(&a, rfim_network_tensor_read(a.network, 0, before));
    assert_ok(&a, rfim_metric_parameters_set(metric, theta));
    assert_ok(&a, rfim_network_tensor_read(a.network, 0, after));
    for (size_t j = 0; j < 4; j++)
        for (size_t k = 0; k < 2; k++)
            assert_true(after[j * 2 + k] ==
                        (j == 1 || j == 2 ? theta[(j - 1) * 3 + k] : before[j * 2 + k]));
    rfim_metric_free(metric);
    api_close(&a);
}

static void an_input_has_no_parameters(void **state)
{
    (void)state;
    api a = api_open(kind_text, RFIM_DOUBLE, 5, 6);
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
    options.variable = RFIM_VARIABLE_INPUT;
    rfim_metric *metric = metric_of(&a, options);
    double v[3] = {0};
    api_backward(&a);
    assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, .1, NULL));
    assert_refused(&a, rfim_metric_parameters(metric, v), RFIM_ERROR_UNSUPPORTED,
                   "has no parameters");
    assert_refused(&a, rfim_metric_parameters_set(metric, v), RFIM_ERROR_UNSUPPORTED,
                   "has no parameters");
    assert_refused(&a, rfim_metric_gradient(metric, a.trace, v), RFIM_ERROR_UNSUPPORTED, "input");
    assert_refused(&a, rfim_metric_direction(metric, a.trace, v), RFIM_ERROR_UNSUPPORTED, "input");
    rfim_metric_free(metric);
    api_close(&a);
}

/* --- gradients -------------------------------------------------------------------------------- */

static double loss_at(api *a, rfim_metric *metric, const double *theta)
{
    assert_ok(a, rfim_metric_parameters_set(metric, theta));
    assert_ok(a, rfim_trace_forward(
                     a->trace, rfim_doubles(a->x, a->samples, rfim_network_inputs(a->network))));
    return api_backward(a);
}

/* Central differences of step 1e-5 are good to 1e-10 of numbers of order 1. */
static void gradients_are_slopes_of_the_loss(void **state)
{
    (void)state;
    for (size_t t = 0; t < 3; t++) {
        api a = api_open(gradient_texts[t], RFIM_DOUBLE, 6, 41 + t);
        rfim_metric *metric = empty_metric(&a, asked(0, 1, RFIM_RESPONSE_OWN, RFIM_DIAGONAL));
        size_t order = rfim_metric_order(metric);
        double *theta = numbers(order);
        double *gradient = numbers(order);
        double *slopes = numbers(order);
        assert_ok(&a, rfim_metric_parameters(metric, theta));
        loss_at(&a, metric, theta);
        assert_ok(&a, rfim_metric_gradient(metric, a.trace, gradient));
        for (size_t k = 0; k < order; k++) {
            double at = theta[k];
            theta[k] = at + 1e-5;
            slopes[k] = loss_at(&a, metric, theta);
            theta[k] = at - 1e-5;
            slopes[k] = (slopes[k] - loss_at(&a, metric, theta)) / 2e-5;
            theta[k] = at;
        }
        assert_near(gradient, slopes, order, 1e-8);
        free(theta);
        free(gradient);
        free(slopes);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

static void gradients_want_a_pass_back(void **state)
{
    (void)state;
    api a = api_open(kind_text, RFIM_DOUBLE, 5, 6);
    api b = api_open(kind_text, RFIM_DOUBLE, 5, 6);
    rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE));
    double v[16];
    assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, .1, NULL));
    assert_refused(&a, rfim_metric_gradient(metric, a.trace, v), RFIM_ERROR_ARGUMENT,
                   "rfim_trace_backward");
    assert_refused(&a, rfim_metric_direction(metric, a.trace, v), RFIM_ERROR_ARGUMENT,
                   "rfim_trace_backward");
    api_backward(&b);
    assert_refused(&a, rfim_metric_gradient(metric, b.trace, v), RFIM_ERROR_ARGUMENT,
                   "same network");
    rfim_metric_free(metric);
    api_close(&a);
    api_close(&b);
}

/* --- directions ------------------------------------------------------------------------------- */

/* direction - (G + Lambda)^-1 gradient, relative */
static double direction_error(api *a, rfim_metric *metric)
{
    size_t order = rfim_metric_order(metric);
    double *wanted = numbers(order);
    double *found = numbers(order);
    assert_ok(a, rfim_metric_gradient(metric, a->trace, wanted));
    assert_ok(a, rfim_metric_solve(metric, wanted, wanted));
    assert_ok(a, rfim_metric_direction(metric, a->trace, found));
    double error = apart(found, wanted, order);
    free(wanted);
    free(found);
    return error;
}

/* 1e-11: the damped metrics have condition numbers of some hundreds. */
static void directions_are_solved_gradients(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        api a = api_open(kinds[k].text, RFIM_DOUBLE, 7, 52);
        rfim_metric *metric = metric_of(&a, asked_of(&kinds[k]));
        api_backward(&a);
        assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, 1e-2, NULL));
        assert_true(direction_error(&a, metric) < 1e-11);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

/* The way from delta knows the samples of the factor alone. */
static void deltas_of_another_batch(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        api a = api_open(kind_text, RFIM_DOUBLE, 7, 53);
        rfim_metric *metric = metric_of(&a, s ? asked(0, 0, RFIM_RESPONSE_OWN, RFIM_GRAM)
                                              : asked(2, 2, RFIM_RESPONSE_OWN, RFIM_SOFTMAX));
        double *x = made_up_numbers(&a, 21);
        assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, 1e-2, NULL));
        assert_ok(&a, rfim_trace_forward(a.trace, rfim_doubles(x, 7, 3)));
        api_backward(&a);
        assert_true(direction_error(&a, metric) < 1e-11); /* not observed */
        assert_ok(&a, rfim_metric_observe(metric, a.trace, 0, 1));
        assert_true(direction_error(&a, metric) < 1e-11); /* not in the factor */
        assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, 1e-2, NULL));
        assert_true(direction_error(&a, metric) < 1e-11);
        assert_ok(&a, rfim_metric_observe(metric, a.trace, .5, .5)); /* more than this batch */
        assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, 1e-2, NULL));
        assert_true(direction_error(&a, metric) < 1e-11);
        free(x);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

/* Traces that take each other's place in memory are not taken for each other. */
static void deltas_of_another_trace(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        api a = api_open(kind_text, RFIM_DOUBLE, 7, 54);
        rfim_metric *metric = metric_of(&a, s ? asked(0, 0, RFIM_RESPONSE_OWN, RFIM_GRAM)
                                              : asked(2, 2, RFIM_RESPONSE_OWN, RFIM_SOFTMAX));
        assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, 1e-2, NULL));
        double *x = made_up_numbers(&a, 21);
        rfim_trace_free(a.trace);
        assert_ok(&a, rfim_trace_create(a.network, 7, &a.trace));
        assert_ok(&a, rfim_trace_forward(a.trace, rfim_doubles(x, 7, 3)));
        api_backward(&a);
        assert_true(direction_error(&a, metric) < 1e-11);
        free(x);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

/* Deltas of the squared loss do not sum to 0 over the classes. */
static void deltas_of_another_loss(void **state)
{
    (void)state;
    api a = api_open("input 3; linear 4 tanh; linear 3; loss squared", RFIM_DOUBLE, 7, 55);
    rfim_metric_options options = asked(1, 1, RFIM_RESPONSE_OWN, RFIM_SOFTMAX);
    options.family = RFIM_FAMILY_CATEGORICAL;
    rfim_metric *metric = metric_of(&a, options);
    api_backward(&a);
    assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, 1e-2, NULL));
    assert_true(direction_error(&a, metric) < 1e-11);
    rfim_metric_free(metric);
    api_close(&a);
}

/* --- accuracy --------------------------------------------------------------------------------- */

#define WIDTH 9 /* inputs: D is 10 */

static const char *const accurate_texts[] = {"input 9; linear 3 tanh; loss squared",
                                             "input 9; linear 3; loss squared",
                                             "input 9; linear 3; loss softmax"};

/* Samples that are independent, alike in pairs, or nearly so; or more than a neuron has weights. */
static void take_samples(api *a, size_t way)
{
    static const double apart[] = {1, 0, 1e-5, 1};
    for (size_t i = a->samples / 2; i < a->samples; i++)
        for (size_t k = 0; k < WIDTH; k++) {
            double *x = &a->x[i * WIDTH + k];
            double pair = a->x[(i - a->samples / 2) * WIDTH + k];
            *x = way == 0 || way == 3 ? *x : pair + apart[way] * *x;
        }
    assert_ok(a, rfim_trace_forward(a->trace, rfim_doubles(a->x, a->samples, WIDTH)));
    api_backward(a);
}

/* |(G + Lambda) z - g| / (tr(G) |z| + |g|), where tr(G) is N |G| at most */
static double backward_error(api *a, rfim_metric *metric, const double *z)
{
    size_t order = rfim_metric_order(metric);
    double *g = dense_of(a, metric);
    double *lambda = numbers(order);
    double *gradient = numbers(order);
    double sums[3] = {0};
    double total = 0;
    assert_ok(a, rfim_metric_damping(metric, lambda));
    assert_ok(a, rfim_metric_gradient(metric, a->trace, gradient));
    for (size_t k = 0; k < order; k++) {
        double rest = lambda[k] * z[k] - gradient[k];
        for (size_t l = 0; l < order; l++)
            rest += g[k * order + l] * z[l];
        total += g[k * order + k];
        sums[0] += rest * rest;
        sums[1] += z[k] * z[k];
        sums[2] += gradient[k] * gradient[k];
    }
    free(g);
    free(lambda);
    free(gradient);
    return sqrt(sums[0]) / (total * sqrt(sums[1]) + sqrt(sums[2]));
}

/* Rounding, whatever the samples and however small the damping: in float32 as far as its systems
 * can be factorised. 16 units: 8 are what a step straight from delta may be off, and the entries of
 * G here are rounded as well. */
static void directions_are_accurate(void **state)
{
    (void)state;
    for (size_t text = 0; text < 3; text++)
        for (size_t way = 0; way < 4; way++)
            for (int wide = 0; wide < 2; wide++) {
                api a = api_open(accurate_texts[text], wide ? RFIM_DOUBLE : RFIM_SINGLE,
                                 way == 3 ? 30 : 8, 56 + way);
                take_samples(&a, way);
                rfim_metric *metric = metric_of(
                    &a, asked(0, 0, RFIM_RESPONSE_OWN, text == 2 ? RFIM_SOFTMAX : RFIM_GRAM));
                double z[30];
                double unit = wide ? 0x1p-53 : 0x1p-24;
                for (double eps = 1e-2; eps > 1e4 * unit; eps *= 1e-2) {
                    assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, eps, NULL));
                    assert_ok(&a, rfim_metric_direction(metric, a.trace, z));
                    double error = backward_error(&a, metric, z);
                    if (!(error <= 16 * unit))
                        fail_msg("%s, samples %zu, damping %g: %.3g", accurate_texts[text], way,
                                 eps, error);
                }
                rfim_metric_free(metric);
                api_close(&a);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_come_and_go),
        cmocka_unit_test(parameters_of_a_group),
        cmocka_unit_test(an_input_has_no_parameters),
        cmocka_unit_test(gradients_are_slopes_of_the_loss),
        cmocka_unit_test(gradients_want_a_pass_back),
        cmocka_unit_test(directions_are_solved_gradients),
        cmocka_unit_test(deltas_of_another_batch),
        cmocka_unit_test(deltas_of_another_trace),
        cmocka_unit_test(deltas_of_another_loss),
        cmocka_unit_test(directions_are_accurate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
