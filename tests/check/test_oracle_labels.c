/* At observed labels: minus the Hessian of the log-likelihood, and the outer products of scores,
 * which are two things. */
#include "check/oracle_problem.h"

static void logistic(subject *s, rfim__oracle_family family)
{
    subject_begin(s, 21, 3, 2);
    add_linear(s, 2, RFIM__ORACLE_IDENTITY);
    respond(s, family, RFIM__ORACLE_SIN, .9);
    all_parameters(s);
}

/* Of a canonical response of a linear layer no label enters the Hessian. */
static void canonical_linear_models_observe_what_they_expect(void **state)
{
    (void)state;
    static const double zero_one[6] = {0, 1, 1, 1, 0, 0};
    static const double signs[6] = {-1, 1, 1, 1, -1, -1};
    static const double classes[3] = {1, 0, 1};
    static const double counts[6] = {0, 4, 1, 2, 7, 0};
    static const struct {
        rfim__oracle_family family;
        const double *y;
    } cases[] = {{RFIM__ORACLE_BERNOULLI01, zero_one},
                 {RFIM__ORACLE_BERNOULLI11, signs},
                 {RFIM__ORACLE_CATEGORICAL, classes},
                 {RFIM__ORACLE_POISSON, counts}};
    for (size_t c = 0; c < 4; c++) {
        subject s;
        logistic(&s, cases[c].family);
        size_t count = s.problem.order * s.problem.order;
        double *expected = metric_by(rfim__oracle_fim_scores, &s);
        double *observed = matrix(1, count);
        double *empirical = matrix(1, count);
        assert_int_equal(rfim__oracle_observed(&s.problem, cases[c].y, observed), RFIM__ORACLE_OK);
        assert_int_equal(rfim__oracle_empirical(&s.problem, cases[c].y, empirical),
                         RFIM__ORACLE_OK);
        assert_near(observed, expected, count, 1e-10);
        assert_true(rfim__oracle_difference(empirical, expected, count) > .01);
        free(expected);
        free(observed);
        free(empirical);
    }
}

/* y = sin t + .9 eps at one t: with r = (y - sin t)/.9,
 * observed (cos^2 t + .9 r sin t)/.81, empirical (r cos t/.9)^2. */
static void both_are_those_of_the_formula(void **state)
{
    (void)state;
    subject s;
    double y = 1.7;
    double found = 0;
    subject_begin(&s, 1, 1, 1);
    add_elementwise(&s, RFIM__ORACLE_IDENTITY);
    s.x[0] = .6;
    s.problem.order = rfim__oracle_inputs(s.modules, s.theta);
    respond(&s, RFIM__ORACLE_GAUSSIAN, RFIM__ORACLE_SIN, .9);
    double r = (y - sin(.6)) / .9;
    assert_int_equal(rfim__oracle_observed(&s.problem, &y, &found), RFIM__ORACLE_OK);
    double observed = (cos(.6) * cos(.6) + .9 * r * sin(.6)) / .81;
    assert_true(fabs(found - observed) <= 1e-11);
    assert_int_equal(rfim__oracle_empirical(&s.problem, &y, &found), RFIM__ORACLE_OK);
    assert_true(fabs(found - pow(r * cos(.6) / .9, 2)) <= 1e-14);
}

/* Averaged with the model's probabilities, either is the metric: over all labels of one sample. */
static void over_all_labels_both_average_to_the_metric(void **state)
{
    (void)state;
    subject s;
    subject_begin(&s, 23, 1, 2);
    add_linear(&s, 3, RFIM__ORACLE_TANH);
    add_linear(&s, 3, RFIM__ORACLE_IDENTITY);
    respond(&s, RFIM__ORACLE_CATEGORICAL, RFIM__ORACLE_IDENTITY, 1);
    all_parameters(&s);
    size_t count = s.problem.order * s.problem.order;
    double *expected = metric_by(rfim__oracle_fim_scores, &s);
    double *one = matrix(1, count), *observed = matrix(1, count), *empirical = matrix(1, count);
    double u[3];
    assert_int_equal(rfim__oracle_output(&s.problem, 0, u), RFIM__ORACLE_OK);
    for (size_t class = 0; class < 3; class ++) {
        double y = (double)class;
        double p = exp(u[class]) / (exp(u[0]) + exp(u[1]) + exp(u[2]));
        assert_int_equal(rfim__oracle_observed(&s.problem, &y, one), RFIM__ORACLE_OK);
        for (size_t k = 0; k < count; k++)
            observed[k] += p * one[k];
        assert_int_equal(rfim__oracle_empirical(&s.problem, &y, one), RFIM__ORACLE_OK);
        for (size_t k = 0; k < count; k++)
            empirical[k] += p * one[k];
    }
    assert_near(observed, expected, count, 1e-10);
    assert_near(empirical, expected, count, 1e-13);
    free(expected);
    free(one);
    free(observed);
    free(empirical);
}

/* Both are means: three samples' is the mean of three single ones. */
static void both_are_means_over_samples(void **state)
{
    (void)state;
    static const double y[6] = {0, 1, 1, 1, 0, 0};
    subject s;
    logistic(&s, RFIM__ORACLE_BERNOULLI01);
    size_t count = s.problem.order * s.problem.order;
    double *all[2], *mean[2], *one = matrix(1, count);
    for (size_t which = 0; which < 2; which++) {
        all[which] = matrix(1, count);
        mean[which] = matrix(1, count);
    }
    assert_int_equal(rfim__oracle_observed(&s.problem, y, all[0]), RFIM__ORACLE_OK);
    assert_int_equal(rfim__oracle_empirical(&s.problem, y, all[1]), RFIM__ORACLE_OK);
    s.problem.samples = 1;
    for (size_t i = 0; i < 3; i++, s.problem.x += 2) {
        assert_int_equal(rfim__oracle_observed(&s.problem, y + 2 * i, one), RFIM__ORACLE_OK);
        for (size_t k = 0; k < count; k++)
            mean[0][k] += one[k] / 3;
        assert_int_equal(rfim__oracle_empirical(&s.problem, y + 2 * i, one), RFIM__ORACLE_OK);
        for (size_t k = 0; k < count; k++)
            mean[1][k] += one[k] / 3;
    }
    for (size_t which = 0; which < 2; which++) {
        assert_near(mean[which], all[which], count, 1e-14);
        free(all[which]);
        free(mean[which]);
    }
    free(one);
}

static void labels_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct {
        rfim__oracle_family family;
        double y;
    } cases[] = {
        {RFIM__ORACLE_BERNOULLI01, .5},   {RFIM__ORACLE_BERNOULLI01, -1},
        {RFIM__ORACLE_BERNOULLI11, 0},    {RFIM__ORACLE_CATEGORICAL, 2},
        {RFIM__ORACLE_CATEGORICAL, -1},   {RFIM__ORACLE_CATEGORICAL, NAN},
        {RFIM__ORACLE_CATEGORICAL, .5},   {RFIM__ORACLE_POISSON, -1},
        {RFIM__ORACLE_POISSON, INFINITY}, {RFIM__ORACLE_GAUSSIAN, NAN},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        subject s;
        double y[6];
        double g[36];
        logistic(&s, cases[c].family);
        for (size_t k = 0; k < 6; k++)
            y[k] = cases[c].y;
        assert_int_equal(rfim__oracle_observed(&s.problem, y, g), RFIM__ORACLE_SHAPE);
        assert_int_equal(rfim__oracle_empirical(&s.problem, y, g), RFIM__ORACLE_SHAPE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_linear_models_observe_what_they_expect),
        cmocka_unit_test(both_are_those_of_the_formula),
        cmocka_unit_test(over_all_labels_both_average_to_the_metric),
        cmocka_unit_test(both_are_means_over_samples),
        cmocka_unit_test(labels_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
