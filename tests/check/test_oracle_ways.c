/* The ways to the same metric agree with each other, on networks of several kinds of modules and
 * for every family. */
#include "check/oracle_problem.h"

typedef struct kind {
    rfim__oracle_family family;
    rfim__oracle_function mean;
    double sigma;
} kind;

static const kind kinds[] = {
    {RFIM__ORACLE_BERNOULLI01, RFIM__ORACLE_IDENTITY, 1},
    {RFIM__ORACLE_BERNOULLI11, RFIM__ORACLE_IDENTITY, 1},
    {RFIM__ORACLE_CATEGORICAL, RFIM__ORACLE_IDENTITY, 1},
    {RFIM__ORACLE_GAUSSIAN, RFIM__ORACLE_SOFTPLUS, .6},
    {RFIM__ORACLE_GAUSSIAN, RFIM__ORACLE_SIN, 1.5},
    {RFIM__ORACLE_POISSON, RFIM__ORACLE_IDENTITY, 1},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* Smooth hidden functions; relu and elu have theirs in test_oracle_layers.c, without Hessians. */
static void subject_of(subject *s, const kind *k, uint64_t seed)
{
    subject_begin(s, seed, 2, 2);
    add_linear(s, 3, RFIM__ORACLE_TANH);
    add_batch_norm(s, RFIM__ORACLE_SILU);
    add_linear(s, 3, RFIM__ORACLE_IDENTITY);
    respond(s, k->family, k->mean, k->sigma);
    all_parameters(s);
}

static void scores_roots_and_hessians_agree(void **state)
{
    (void)state;
    for (size_t c = 0; c < KINDS; c++) {
        subject s;
        subject_of(&s, &kinds[c], 100 + c);
        size_t count = s.problem.order * s.problem.order;
        double *scores = metric_by(rfim__oracle_fim_scores, &s);
        double *roots = metric_by(rfim__oracle_fim_roots, &s);
        double *hessian = metric_by(rfim__oracle_fim_hessian, &s);
        assert_near(roots, scores, count, 1e-13);
        assert_near(hessian, scores, count, 1e-10);
        free(scores);
        free(roots);
        free(hessian);
    }
}

/* All combinations of the three outputs' outcomes or nodes (Poisson: too many here). */
static void joint_expectations_are_those_output_by_output(void **state)
{
    (void)state;
    for (size_t c = 0; c < KINDS; c++) {
        if (kinds[c].family == RFIM__ORACLE_POISSON)
            continue;
        subject s;
        subject_of(&s, &kinds[c], 200 + c);
        size_t count = s.problem.order * s.problem.order;
        s.problem.nodes = 3;
        double *scores = metric_by(rfim__oracle_fim_scores, &s);
        s.problem.joint = true;
        double *joint = metric_by(rfim__oracle_fim_scores, &s);
        double *roots = metric_by(rfim__oracle_fim_roots, &s);
        assert_near(joint, scores, count, 1e-13);
        assert_near(roots, scores, count, 1e-13);
        free(scores);
        free(joint);
        free(roots);
    }
}

static void divergences_have_the_metric_as_second_derivative(void **state)
{
    (void)state;
    for (size_t c = 0; c < KINDS; c++) {
        subject s;
        subject_of(&s, &kinds[c], 300 + c);
        double *g = metric_by(rfim__oracle_fim_scores, &s);
        for (int trial = 0; trial < 5; trial++) {
            double v[MOST_NUMBERS];
            double size = pow(10, 3 * (trial - 2)); /* the step is the oracle's affair */
            double found = 0;
            for (size_t k = 0; k < s.problem.order; k++)
                v[k] = size * made_up(&s.state);
            assert_int_equal(rfim__oracle_kl_quadratic(&s.problem, v, &found), RFIM__ORACLE_OK);
            double expected = rfim__oracle_quadratic(g, s.problem.order, v);
            if (!(fabs(found - expected) <= 1e-7 * expected))
                fail_msg("family %d: v^T g v is %.15g, found %.15g", (int)kinds[c].family, expected,
                         found);
        }
        free(g);
    }
}

static void a_divergence_is_the_known_one(void **state)
{
    (void)state;
    subject s;
    double value = 0;
    double shift = .4;
    subject_begin(&s, 1, 1, 1);
    add_elementwise(&s, RFIM__ORACLE_IDENTITY);
    s.x[0] = .3;
    s.problem.order = rfim__oracle_inputs(s.modules, s.theta);
    double p = 1 / (1 + exp(-.3));
    double q = 1 / (1 + exp(-.7));
    respond(&s, RFIM__ORACLE_BERNOULLI01, RFIM__ORACLE_IDENTITY, 1);
    assert_int_equal(rfim__oracle_kl(&s.problem, &shift, &value), RFIM__ORACLE_OK);
    assert_true(fabs(value - (p * log(p / q) + (1 - p) * log((1 - p) / (1 - q)))) <= 1e-15);
    respond(&s, RFIM__ORACLE_POISSON, RFIM__ORACLE_IDENTITY, 1);
    assert_int_equal(rfim__oracle_kl(&s.problem, &shift, &value), RFIM__ORACLE_OK);
    assert_true(fabs(value - (exp(.3) * -.4 - exp(.3) + exp(.7))) <= 1e-15);
    respond(&s, RFIM__ORACLE_BREGMAN, RFIM__ORACLE_EXP, 1);
    assert_int_equal(rfim__oracle_kl(&s.problem, &shift, &value), RFIM__ORACLE_OK);
    assert_true(fabs(value - (exp(.3) * -.4 - exp(.3) + exp(.7))) <= 1e-15);
    respond(&s, RFIM__ORACLE_GAUSSIAN, RFIM__ORACLE_SIN, .5);
    assert_int_equal(rfim__oracle_kl(&s.problem, &shift, &value), RFIM__ORACLE_OK);
    assert_true(fabs(value - (pow(sin(.7) - sin(.3), 2) / .5)) <= 1e-15);
    double still = 0;
    assert_int_equal(rfim__oracle_kl_quadratic(&s.problem, &still, &value), RFIM__ORACLE_OK);
    assert_true(value == 0);
}

/* Within 5 standard errors, which one entry in two million misses; the seed is fixed. Four times
 * the draws halve the errors. */
static void sampled_metrics_are_within_their_errors(void **state)
{
    (void)state;
    for (size_t c = 0; c < KINDS; c++) {
        subject s;
        subject_of(&s, &kinds[c], 400 + c);
        size_t count = s.problem.order * s.problem.order;
        double *exact = metric_by(rfim__oracle_fim_scores, &s);
        double *few = matrix(1, count), *few_error = matrix(1, count);
        double *many = matrix(1, count), *many_error = matrix(1, count);
        assert_int_equal(rfim__oracle_fim_monte_carlo(&s.problem, 500, 1, few, few_error),
                         RFIM__ORACLE_OK);
        assert_int_equal(rfim__oracle_fim_monte_carlo(&s.problem, 2000, 2, many, many_error),
                         RFIM__ORACLE_OK);
        double shrunk = 0;
        for (size_t k = 0; k < count; k++) {
            assert_true(fabs(many[k] - exact[k]) <= 5 * many_error[k] + 1e-12);
            shrunk += many_error[k] / (few_error[k] + 1e-300) / (double)count;
        }
        assert_true(shrunk > .35 && shrunk < .65); /* 1/2, within the errors' own errors */
        assert_true(rfim__oracle_difference(many, few, count) > 1e-6);
        assert_int_equal(rfim__oracle_fim_monte_carlo(&s.problem, 500, 1, many, many_error),
                         RFIM__ORACLE_OK);
        assert_near(many, few, count, 0); /* the seed says all */
        free(exact);
        free(few);
        free(few_error);
        free(many);
        free(many_error);
    }
}

/* Of 400 estimates 95 % should be within two standard errors; four of its own deviations are
 * allowed. Two samples of different variance, so that the strata count as well. */
static void standard_errors_are_calibrated(void **state)
{
    (void)state;
    for (size_t c = 0; c < KINDS; c++) {
        if (kinds[c].family == RFIM__ORACLE_CATEGORICAL) /* of one output there is nothing to say */
            continue;
        subject s;
        subject_begin(&s, 1, 2, 1);
        add_elementwise(&s, RFIM__ORACLE_IDENTITY);
        s.x[0] = .4;
        s.x[1] = 1.3;
        s.problem.order = rfim__oracle_inputs(s.modules, s.theta);
        respond(&s, kinds[c].family, kinds[c].mean, kinds[c].sigma);
        double exact, found, error;
        int inside = 0;
        assert_int_equal(rfim__oracle_fim_scores(&s.problem, &exact), RFIM__ORACLE_OK);
        for (uint64_t seed = 0; seed < 400; seed++) {
            assert_int_equal(rfim__oracle_fim_monte_carlo(&s.problem, 100, seed, &found, &error),
                             RFIM__ORACLE_OK);
            inside += fabs(found - exact) <= 2 * error;
        }
        if (inside < 362 || inside > 398)
            fail_msg("family %d: %d of 400 within two standard errors", (int)kinds[c].family,
                     inside);
    }
}

/* The mean over two samples is the mean of the two samples' metrics. */
static void metrics_are_means_over_samples(void **state)
{
    (void)state;
    static way *const ways[] = {rfim__oracle_fim_scores, rfim__oracle_fim_roots,
                                rfim__oracle_fim_hessian};
    for (size_t w = 0; w < 3; w++) {
        subject s;
        subject_of(&s, &kinds[2], 500);
        size_t count = s.problem.order * s.problem.order;
        double *both = metric_by(ways[w], &s);
        s.problem.samples = 1;
        double *first = metric_by(ways[w], &s);
        s.problem.x += 2;
        double *second = metric_by(ways[w], &s);
        for (size_t k = 0; k < count; k++)
            first[k] = (first[k] + second[k]) / 2;
        assert_near(first, both, count, 1e-15);
        free(both);
        free(first);
        free(second);
    }
}

/* Bernoulli and Poisson responses are canonical ones of tanh, sigm, exp. */
static void canonical_responses_are_bregman_ones(void **state)
{
    (void)state;
    static const kind canonical[] = {{RFIM__ORACLE_BERNOULLI11, RFIM__ORACLE_TANH, 1},
                                     {RFIM__ORACLE_BERNOULLI01, RFIM__ORACLE_SIGM, 1},
                                     {RFIM__ORACLE_POISSON, RFIM__ORACLE_EXP, 1}};
    for (size_t c = 0; c < 3; c++) {
        subject s;
        subject_of(&s, &canonical[c], 600 + c);
        size_t count = s.problem.order * s.problem.order;
        double *scores = metric_by(rfim__oracle_fim_scores, &s);
        s.problem.response.family = RFIM__ORACLE_BREGMAN;
        double *hessian = metric_by(rfim__oracle_fim_hessian, &s);
        assert_near(hessian, scores, count, 1e-10);
        double v[MOST_NUMBERS];
        double found = 0;
        for (size_t k = 0; k < s.problem.order; k++)
            v[k] = made_up(&s.state);
        assert_int_equal(rfim__oracle_kl_quadratic(&s.problem, v, &found), RFIM__ORACLE_OK);
        double expected = rfim__oracle_quadratic(scores, s.problem.order, v);
        assert_true(fabs(found - expected) <= 1e-7 * expected);
        free(scores);
        free(hessian);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_roots_and_hessians_agree),
        cmocka_unit_test(joint_expectations_are_those_output_by_output),
        cmocka_unit_test(divergences_have_the_metric_as_second_derivative),
        cmocka_unit_test(a_divergence_is_the_known_one),
        cmocka_unit_test(sampled_metrics_are_within_their_errors),
        cmocka_unit_test(standard_errors_are_calibrated),
        cmocka_unit_test(metrics_are_means_over_samples),
        cmocka_unit_test(canonical_responses_are_bregman_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
