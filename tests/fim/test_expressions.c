/* The expressions of the Fisher information: equal to one another, and to the oracle's. */
#include "fim/fim_subject.h"

#include <stdio.h>

/* Rounding alone: sums of a few hundred terms, in another order. */
#define ROUNDING 1e-12
/* The Hessian is exact as well; what cancels in it, sum_y p(y) e(y) = 0 times second derivatives,
 * leaves rounding too. */
#define HESSIAN 1e-12

/* Hidden activations of every kind, batch normalisation before and after them, three losses. */
static const char *const networks[] = {
    "input 3; linear 4 tanh; linear 3; loss softmax",
    "input 3; linear 4 sigm; linear 3 tanh; linear 2; loss sigmoid",
    "input 2; linear 3 elu alpha=1.3; linear 2; loss squared",
    "input 2; linear 3 softplus omega=0.5 iota=0.1; linear 3; loss softmax",
    "input 2; linear 3 gelu; linear 4; loss softmax",
    "input 2; linear 3 silu; linear 3 sin; linear 3; loss sigmoid",
    "input 3; linear 4 elu; batchnorm; linear 3; loss softmax",
    ("input 3; linear 3; batchnorm; activation tanh; linear 3 gelu; batchnorm; linear 2; "
     "loss squared"),
    "input 2; batchnorm; linear 3 tanh; batchnorm; loss squared",
    "input 3; linear 4 sin; linear 2 tanh; loss squared",
    "input 3; linear 4 relu iota=0.1; linear 4 relu; linear 3; loss softmax",
    "input 3; linear 1; loss sigmoid",
};
#define NETWORKS (sizeof networks / sizeof *networks)

static void the_first_four_agree(void **state)
{
    (void)state;
    for (size_t t = 0; t < NETWORKS; t++) {
        subject s = make_subject(networks[t], 6, 11 + t);
        rfim_fim_report report;
        double *metric = fim(&s, RFIM_FIM_METRIC, NULL, &report);
        assert_true(report.exact && report.standard_error == 0);
        double *scores = fim(&s, RFIM_FIM_SCORES, NULL, &report);
        assert_true(report.exact && report.standard_error == 0 && report.outcomes > 0);
        double *roots = fim(&s, RFIM_FIM_ROOTS, NULL, NULL);
        double *hessian = fim(&s, RFIM_FIM_HESSIAN, NULL, NULL);
        assert_near(&s, scores, metric, ROUNDING);
        assert_near(&s, roots, metric, ROUNDING);
        assert_near(&s, hessian, metric, HESSIAN);
        for (size_t j = 0; j < s.order; j++)
            for (size_t k = 0; k < j; k++)
                assert_true(hessian[j * s.order + k] == hessian[k * s.order + j] &&
                            scores[j * s.order + k] == scores[k * s.order + j]);
        free(metric);
        free(scores);
        free(roots);
        free(hessian);
        free_subject(&s);
    }
}

/* One neuron of each kind, at more nodes than are needed, too. */
static void one_neuron_of_each_kind(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "linear 1",          "linear 1 tanh",          "linear 1 sigm",
        "linear 1 relu",     "linear 1 relu iota=0.2", "linear 1 elu",
        "linear 1 gelu",     "linear 1 silu",          "linear 1 sin",
        "linear 1 softplus", "linear 1; batchnorm"};
    static const size_t nodes[] = {2, 3, 20, 64};
    for (size_t t = 0; t < sizeof kinds / sizeof *kinds; t++) {
        char text[96];
        snprintf(text, sizeof text, "input 3; %s; loss squared", kinds[t]);
        subject s = make_subject(text, 5, 40 + t);
        double *metric = fim(&s, RFIM_FIM_METRIC, NULL, NULL);
        for (size_t q = 0; q < 4; q++) {
            rfim_fim_options options;
            rfim_fim_report report;
            rfim_fim_defaults(&options);
            options.nodes = nodes[q];
            double *scores = fim(&s, RFIM_FIM_SCORES, &options, &report);
            assert_true(report.exact && report.outcomes == nodes[q]);
            double *roots = fim(&s, RFIM_FIM_ROOTS, &options, NULL);
            double *hessian = fim(&s, RFIM_FIM_HESSIAN, &options, NULL);
            assert_near(&s, scores, metric, ROUNDING);
            assert_near(&s, roots, metric, ROUNDING);
            assert_near(&s, hessian, metric, HESSIAN);
            free(scores);
            free(roots);
            free(hessian);
        }
        free(metric);
        free_subject(&s);
    }
}

/* The oracle shares no code with the library. Its Hessian is differenced (1e-12 at best, and kinks
 * spoil it); its other ways are exact. */
static void as_the_oracle_says(void **state)
{
    (void)state;
    for (size_t t = 0; t < NETWORKS; t++) {
        oracle o;
        subject s = make_subject(networks[t], 4, 70 + t);
        make_oracle(&s, &o);
        double *theirs = make_matrix(s.order);
        double *scores = fim(&s, RFIM_FIM_SCORES, NULL, NULL);
        double *roots = fim(&s, RFIM_FIM_ROOTS, NULL, NULL);
        double *hessian = fim(&s, RFIM_FIM_HESSIAN, NULL, NULL);
        assert_int_equal(rfim__oracle_fim_scores(&o.problem, theirs), RFIM__ORACLE_OK);
        assert_near(&s, scores, theirs, ROUNDING);
        assert_near(&s, hessian, theirs, HESSIAN);
        assert_int_equal(rfim__oracle_fim_roots(&o.problem, theirs), RFIM__ORACLE_OK);
        assert_near(&s, roots, theirs, ROUNDING);
        free(theirs);
        free(scores);
        free(roots);
        free(hessian);
        free_oracle(&o);
        free_subject(&s);
    }
}

/* The network's precision does not matter: the same numbers, in float64. */
static void single_precision_is_computed_in_float64(void **state)
{
    (void)state;
    subject s = make_subject("input 3; linear 4 tanh; batchnorm; linear 3; loss softmax", 5, 3);
    rfim_network *narrow = small_network(s.context, rfim_network_text(s.network), RFIM_SINGLE, 3);
    size_t numbers = all_numbers(s.network);
    double *values = read_all(s.network);
    for (size_t k = 0; k < numbers; k++)
        values[k] = (double)(float)values[k];
    write_all(s.network, values);
    write_all(narrow, values);
    double *theirs = make_matrix(s.order);
    for (int e = 0; e < RFIM_FIM_EXPRESSIONS; e++) {
        double *ours = fim(&s, (rfim_fim_expression)e, NULL, NULL);
        must(s.context, rfim_fim(narrow, inputs_of(&s), targets_of(&s), (rfim_fim_expression)e,
                                 NULL, theirs, NULL));
        assert_memory_equal(ours, theirs, s.order * s.order * sizeof(double));
        free(ours);
    }
    free(theirs);
    free(values);
    rfim_network_free(narrow);
    free_subject(&s);
}

/* A custom activation that tells its second derivative, and the same that does not: differences of
 * its derivative are good to 1e-12. */
static double cubic(void *user, double t)
{
    (void)user;
    return t + 0.1 * t * t * t;
}

static double cubic_slope(void *user, double t)
{
    (void)user;
    return 1 + 0.3 * t * t;
}

static double cubic_curve(void *user, double t)
{
    (void)user;
    return 0.6 * t;
}

static void custom_activations(void **state)
{
    (void)state;
    rfim_activation told = {.name = "told",
                            .value = cubic,
                            .derivative = cubic_slope,
                            .second_derivative = cubic_curve,
                            .increasing = 1};
    rfim_activation silent = {
        .name = "silent", .value = cubic, .derivative = cubic_slope, .increasing = 1};
    subject s = make_subject("input 2; linear 1; loss squared", 4, 8);
    must(s.context, rfim_activation_register(s.context, &told));
    must(s.context, rfim_activation_register(s.context, &silent));
    double *either[2];
    for (int silently = 0; silently < 2; silently++) {
        rfim_network_free(s.network);
        s.network = small_network(s.context,
                                  silently ? "input 2; linear 3 silent; linear 2; loss squared"
                                           : "input 2; linear 3 told; linear 2; loss squared",
                                  RFIM_DOUBLE, 5);
        s.outputs = 2;
        s.order = rfim_network_parameters(s.network);
        free(s.values);
        s.values = make_normal(2, 1, s.samples * s.outputs);
        double *metric = fim(&s, RFIM_FIM_METRIC, NULL, NULL);
        double *hessian = fim(&s, RFIM_FIM_HESSIAN, NULL, NULL);
        assert_near(&s, hessian, metric, HESSIAN);
        either[silently] = fim(&s, RFIM_FIM_OBSERVED, NULL, NULL);
        free(metric);
        free(hessian);
    }
    assert_near(&s, either[1], either[0], 1e-11);
    free(either[0]);
    free(either[1]);
    free_subject(&s);
}

/* Saturated outputs: probabilities that are 0 in float64 are no NaN. */
static void saturated_outputs(void **state)
{
    (void)state;
    static const char *const texts[] = {"input 2; linear 3; loss softmax",
                                        "input 2; linear 2; loss sigmoid"};
    for (size_t t = 0; t < 2; t++) {
        subject s = make_subject(texts[t], 3, 4);
        for (size_t k = 0; k < s.samples * s.inputs; k++)
            s.x[k] *= 2000;
        double *metric = fim(&s, RFIM_FIM_METRIC, NULL, NULL);
        double *roots = fim(&s, RFIM_FIM_ROOTS, NULL, NULL);
        double *scores = fim(&s, RFIM_FIM_SCORES, NULL, NULL);
        double size = largest_of(metric, s.order * s.order) + 1;
        for (size_t k = 0; k < s.order * s.order; k++) {
            assert_true(fabs(roots[k] - metric[k]) <= 1e-12 * size);
            assert_true(fabs(scores[k] - metric[k]) <= 1e-12 * size);
        }
        free(metric);
        free(roots);
        free(scores);
        free_subject(&s);
    }
}

/* One class has all but 1e-13: 1 - eta must not be a difference. The layer's FIM is F (x) x~x~^T;
 * each entry is good to rounding beside those of the diagonal. */
static void nearly_certain_classes(void **state)
{
    (void)state;
    const double logits[3] = {30, 0, -1}; /* biases; the weights are 0 */
    subject s = make_subject("input 2; linear 3; loss softmax", 1, 4);
    const double x[3] = {s.x[0], s.x[1], 1};
    long double eta[3];
    long double total = 0;
    double weights[6] = {0};
    must(s.context, rfim_network_tensor_write(s.network, 0, weights));
    must(s.context, rfim_network_tensor_write(s.network, 1, logits));
    for (size_t j = 0; j < 3; j++)
        total += eta[j] = expl((long double)logits[j] - 30);
    for (int e = 0; e < RFIM_FIM_EXPRESSIONS; e++) {
        if (e == RFIM_FIM_EMPIRICAL)
            continue;
        double *found = fim(&s, (rfim_fim_expression)e, NULL, NULL);
        for (size_t row = 0; row < 9; row++)
            for (size_t column = 0; column < 9; column++) {
                size_t j = row / 3;
                size_t k = column / 3;
                long double own = j == 0 ? eta[1] + eta[2] : total - eta[j];
                long double other = k == 0 ? eta[1] + eta[2] : total - eta[k];
                long double scale = sqrtl(eta[j] * own * eta[k] * other) / (total * total);
                long double f = eta[j] * (j == k ? own : -eta[k]) / (total * total);
                double wanted = (double)f * x[row % 3] * x[column % 3];
                double most = (double)scale * fabs(x[row % 3] * x[column % 3]);
                if (!(fabs(found[row * 9 + column] - wanted) <= 1e-14 * most))
                    fail_msg("expression %d, entry (%zu, %zu): %.17g, not %.17g", e, row, column,
                             found[row * 9 + column], wanted);
            }
        free(found);
    }
    free_subject(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_four_agree),
        cmocka_unit_test(one_neuron_of_each_kind),
        cmocka_unit_test(as_the_oracle_says),
        cmocka_unit_test(single_precision_is_computed_in_float64),
        cmocka_unit_test(custom_activations),
        cmocka_unit_test(saturated_outputs),
        cmocka_unit_test(nearly_certain_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
