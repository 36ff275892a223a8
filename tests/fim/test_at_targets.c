/* The observed Fisher information and the empirical Fisher: against differences of gradients,
 * gradients of single samples, the oracle, and each other. */
#include "fim/fim_subject.h"
#include "fim/hessian.h"

/* Networks without batch normalisation: the gradients of the training pass are those of the
 * model. */
static const char *const networks[] = {
    "input 3; linear 4 tanh; linear 3; loss softmax",
    "input 2; linear 3 sigm; linear 3 softplus omega=0.5; linear 2; loss sigmoid",
    "input 2; linear 3 elu; linear 3 gelu; linear 2; loss squared",
    "input 2; linear 3 silu; activation sin; linear 2 tanh; loss squared",
    "input 3; linear 4 relu iota=0.1; linear 4 relu; linear 3; loss softmax",
};
#define NETWORKS (sizeof networks / sizeof *networks)

/* The gradient of the mean loss as a vector, in training mode. */
static void gradient_at(rfim_metric *metric, rfim_trace *trace, const subject *s, double *gradient)
{
    double loss = 0;
    must(s->context, rfim_trace_forward(trace, inputs_of(s)));
    must(s->context, rfim_trace_loss(trace, targets_of(s), &loss));
    must(s->context, rfim_trace_backward(trace));
    must(s->context, rfim_metric_gradient(metric, trace, gradient));
}

static rfim_metric *whole(const subject *s)
{
    rfim_metric_options options;
    rfim_metric *metric = NULL;
    rfim_metric_defaults(&options);
    options.last = rfim_network_modules(s->network) - 1;
    options.response = RFIM_RESPONSE_NETWORK;
    must(s->context, rfim_metric_create(s->network, &options, &metric));
    return metric;
}

/* The Hessian of the mean loss by central differences of its gradient, of order 8: off by
 * step^8/630 of a ninth derivative, which may well be 1e6, and by rounding eps/step: with 0.005
 * 1e-15 and 1e-13, with 1e-5 nothing and 1e-10, of single numbers. */
static double *differenced(const subject *s, double step)
{
    static const double factor[] = {4. / 5, -1. / 5, 4. / 105, -1. / 280};
    rfim_trace *trace = NULL;
    rfim_metric *metric = whole(s);
    double *hessian = make_matrix(s->order);
    double *theta = calloc(s->order, sizeof *theta);
    double *gradient = calloc(s->order, sizeof *gradient);
    must(s->context, rfim_trace_create(s->network, s->samples, &trace));
    must(s->context, rfim_metric_parameters(metric, theta));
    for (size_t k = 0; k < s->order; k++) {
        double middle = theta[k];
        for (int move = -4; move <= 4; move++) {
            if (move == 0)
                continue;
            theta[k] = middle + move * step;
            must(s->context, rfim_metric_parameters_set(metric, theta));
            gradient_at(metric, trace, s, gradient);
            for (size_t j = 0; j < s->order; j++)
                hessian[j * s->order + k] += factor[abs(move) - 1] * (move > 0 ? 1 : -1) *
                                             gradient[j] / step;
        }
        theta[k] = middle;
    }
    must(s->context, rfim_metric_parameters_set(metric, theta));
    free(theta);
    free(gradient);
    rfim_trace_free(trace);
    rfim_metric_free(metric);
    return hessian;
}

static void observed_is_the_hessian_of_the_loss(void **state)
{
    (void)state;
    for (size_t t = 0; t < NETWORKS; t++) {
        subject s = make_subject(networks[t], 5, 21 + t);
        double *observed = fim(&s, RFIM_FIM_OBSERVED, NULL, NULL);
        bool relu = strstr(networks[t], "relu") != NULL; /* do not reach over a kink */
        double *differences = differenced(&s, relu ? 1e-5 : 0.005);
        assert_near(&s, observed, differences, relu ? 1e-9 : 1e-11);
        free(observed);
        free(differences);
        free_subject(&s);
    }
}

/* With the moving averages of batch normalisation as constants, as the oracle has them. */
static void as_the_oracle_says(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "input 3; linear 3 tanh; batchnorm; linear 2; loss squared",
        ("input 2; batchnorm; linear 3; batchnorm; activation silu; linear 2; batchnorm; "
         "loss squared"),
        "input 2; linear 3 sigm; batchnorm; linear 2 elu; batchnorm; activation tanh; loss squared",
        "input 2; linear 3 gelu; batchnorm; linear 2; loss sigmoid",
    };
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        oracle o;
        subject s = make_subject(texts[t], 4, 31 + t);
        make_oracle(&s, &o);
        double *theirs = make_matrix(s.order);
        double *observed = fim(&s, RFIM_FIM_OBSERVED, NULL, NULL);
        double *empirical = fim(&s, RFIM_FIM_EMPIRICAL, NULL, NULL);
        assert_int_equal(rfim__oracle_observed(&o.problem, s.values, theirs), RFIM__ORACLE_OK);
        assert_near(&s, observed, theirs, 1e-11); /* theirs is differenced */
        assert_int_equal(rfim__oracle_empirical(&o.problem, s.values, theirs), RFIM__ORACLE_OK);
        assert_near(&s, empirical, theirs, 1e-12);
        free(theirs);
        free(observed);
        free(empirical);
        free_oracle(&o);
        free_subject(&s);
    }
}

static void empirical_is_outer_products_of_single_gradients(void **state)
{
    (void)state;
    for (size_t t = 0; t < NETWORKS; t++) {
        subject s = make_subject(networks[t], 5, 51 + t);
        rfim_fim_report report;
        double *empirical = fim(&s, RFIM_FIM_EMPIRICAL, NULL, &report);
        assert_true(report.exact && report.outcomes == 1);
        double *expected = make_matrix(s.order);
        double *gradient = calloc(s.order, sizeof *gradient);
        rfim_metric *metric = whole(&s);
        rfim_trace *trace = NULL;
        must(s.context, rfim_trace_create(s.network, 1, &trace));
        for (size_t i = 0; i < s.samples; i++) {
            subject one = s;
            one.samples = 1;
            one.x = s.x + i * s.inputs;
            one.values = s.values + i * s.outputs;
            one.labels = s.labels + i;
            gradient_at(metric, trace, &one, gradient);
            for (size_t j = 0; j < s.order; j++)
                for (size_t k = 0; k < s.order; k++)
                    expected[j * s.order + k] += gradient[j] * gradient[k] / (double)s.samples;
        }
        assert_near(&s, empirical, expected, 1e-14);
        rfim_trace_free(trace);
        rfim_metric_free(metric);
        free(gradient);
        free(expected);
        free(empirical);
        free_subject(&s);
    }
}

/* One layer in front of a loss of an exponential family: the Hessian does not know y. */
static void observed_is_the_metric_of_one_linear_layer(void **state)
{
    (void)state;
    static const char *const texts[] = {"input 4; linear 3; loss squared",
                                        "input 4; linear 3; loss softmax",
                                        "input 4; linear 3; loss sigmoid"};
    for (size_t t = 0; t < 3; t++) {
        subject s = make_subject(texts[t], 7, 61 + t);
        double *metric = fim(&s, RFIM_FIM_METRIC, NULL, NULL);
        double *observed = fim(&s, RFIM_FIM_OBSERVED, NULL, NULL);
        double *empirical = fim(&s, RFIM_FIM_EMPIRICAL, NULL, NULL);
        assert_near(&s, observed, metric, 1e-14);
        assert_true(apart(&s, empirical, metric) > 0.1); /* another thing */
        free(metric);
        free(observed);
        free(empirical);
        free_subject(&s);
    }
}

/* With relu everything but the product of weights of different layers is linear: the blocks within
 * a layer are those of the metric, whatever y is. */
static void relu_curves_between_layers_only(void **state)
{
    (void)state;
    subject s = make_subject("input 3; linear 5 relu iota=0.1; linear 4; loss squared", 6, 9);
    double *metric = fim(&s, RFIM_FIM_METRIC, NULL, NULL);
    double *observed = fim(&s, RFIM_FIM_OBSERVED, NULL, NULL);
    size_t first = 4 * 5; /* parameters of layer 1 */
    double within = 0;
    double between = 0;
    for (size_t j = 0; j < s.order; j++) {
        for (size_t k = 0; k < s.order; k++) {
            double gap = fabs(metric[j * s.order + k] - observed[j * s.order + k]);
            if ((j < first) == (k < first))
                within = fmax(within, gap);
            else
                between = fmax(between, gap);
        }
    }
    assert_true(within <= 1e-13 * largest_of(metric, s.order * s.order));
    assert_true(between > 0.1);
    free(metric);
    free(observed);
    free_subject(&s);
}

/* |H|_F^2 is found without H. */
static void squares_of_a_hessian(void **state)
{
    (void)state;
    subject s = make_subject("input 3; linear 3 tanh; batchnorm; linear 2; loss squared", 2, 14);
    rfim__subject inside;
    rfim__hessian hessian;
    must(s.context, rfim__subject_begin(s.network, inputs_of(&s), &inside));
    must(s.context, rfim__hessian_begin(&inside, &hessian));
    for (size_t i = 0; i < s.samples; i++) {
        double *h = make_matrix(s.order);
        double squares = 0;
        rfim__hessian_sample(&hessian, i);
        rfim__hessian_outcome(&hessian, s.values, 0.5);
        rfim__hessian_add(&hessian, 1, (rfim__matrix){h, s.order, s.order, s.order});
        for (size_t j = 0; j < s.order; j++)
            for (size_t k = 0; k <= j; k++)
                squares += (j == k ? 1 : 2) * h[j * s.order + k] * h[j * s.order + k];
        assert_true(fabs(rfim__hessian_sum_squares(&hessian) - squares) <= 1e-13 * squares);
        assert_true(fabs(rfim__hessian_squares(&hessian) - 4 * squares) <= 4e-13 * squares);
        free(h);
    }
    rfim__hessian_end(&hessian);
    rfim__subject_end(&inside);
    free_subject(&s);
}

/* Without targets an auto-encoder's are its inputs. */
static void an_autoencoder_observes_its_inputs(void **state)
{
    (void)state;
    subject s = make_subject("input 3; linear 2 tanh; linear 3; loss squared", 4, 12);
    double *alone = make_matrix(s.order);
    must(s.context, rfim_fim(s.network, inputs_of(&s), rfim_no_targets(), RFIM_FIM_OBSERVED, NULL,
                             alone, NULL));
    memcpy(s.values, s.x, s.samples * s.inputs * sizeof *s.x);
    double *told = fim(&s, RFIM_FIM_OBSERVED, NULL, NULL);
    assert_memory_equal(alone, told, s.order * s.order * sizeof *told);
    free(alone);
    free(told);
    free_subject(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(observed_is_the_hessian_of_the_loss),
        cmocka_unit_test(as_the_oracle_says),
        cmocka_unit_test(empirical_is_outer_products_of_single_gradients),
        cmocka_unit_test(observed_is_the_metric_of_one_linear_layer),
        cmocka_unit_test(relu_curves_between_layers_only),
        cmocka_unit_test(squares_of_a_hessian),
        cmocka_unit_test(an_autoencoder_observes_its_inputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
