/* Drawn y: near the exact expectation, as near as is stated, and the same every time. */
#include "fim/fim_subject.h"

static const char *const networks[] = {
    "input 3; linear 4 tanh; linear 4; loss softmax",
    "input 3; linear 3 elu; linear 3; loss sigmoid",
    "input 2; linear 3 tanh; batchnorm; linear 2; loss squared",
};
static const rfim_fim_expression expressions[] = {RFIM_FIM_SCORES, RFIM_FIM_ROOTS,
                                                  RFIM_FIM_HESSIAN};

/* most = 1: nothing is enumerated. */
static rfim_fim_options drawing(size_t draws, uint64_t seed)
{
    rfim_fim_options options;
    rfim_fim_defaults(&options);
    options.most = 1;
    options.draws = draws;
    options.seed = seed;
    return options;
}

static void within_four_standard_errors(void **state)
{
    (void)state;
    for (size_t t = 0; t < 3; t++) {
        subject s = make_subject(networks[t], 4, 5 + t);
        double *metric = fim(&s, RFIM_FIM_METRIC, NULL, NULL);
        for (size_t e = 0; e < 3; e++) {
            rfim_fim_report report;
            rfim_fim_options options = drawing(2000, 3);
            double *drawn = fim(&s, expressions[e], &options, &report);
            double found = apart(&s, drawn, metric);
            assert_false(report.exact);
            assert_int_equal(report.outcomes, 2000);
            assert_true(report.standard_error > 0 && report.standard_error < 0.1);
            if (!(found > 0 && found <= 4 * report.standard_error))
                fail_msg("%s, %s: off by %g, standard error %g", networks[t],
                         rfim_fim_expression_name(expressions[e]), found, report.standard_error);
            free(drawn);
        }
        free(metric);
        free_subject(&s);
    }
}

/* Over many seeds the root of the mean square error is what is stated. */
static void the_standard_error_is_true(void **state)
{
    (void)state;
    enum { SEEDS = 60 };
    for (size_t t = 0; t < 3; t++) {
        subject s = make_subject(networks[t], 2, 15 + t);
        double *metric = fim(&s, RFIM_FIM_METRIC, NULL, NULL);
        for (size_t e = 0; e < 3; e++) {
            double squares = 0;
            double stated = 0;
            for (uint64_t seed = 1; seed <= SEEDS; seed++) {
                rfim_fim_report report;
                rfim_fim_options options = drawing(300, seed);
                double *drawn = fim(&s, expressions[e], &options, &report);
                squares += pow(apart(&s, drawn, metric), 2) / SEEDS;
                stated += pow(report.standard_error, 2) / SEEDS;
                free(drawn);
            }
            double ratio = sqrt(squares / stated);
            /* the mean of 60 squares, a few degrees of freedom each: within a third */
            if (!(ratio > 0.67 && ratio < 1.5))
                fail_msg("%s, %s: found %g, stated %g", networks[t],
                         rfim_fim_expression_name(expressions[e]), sqrt(squares), sqrt(stated));
        }
        free(metric);
        free_subject(&s);
    }
}

/* Where the matrix is the same for every y there is no error to state: the outer product of the
 * score of a fair coin, the Hessian of one linear layer. Rounding alone is left, 1e-16 of a
 * variance. */
static void what_does_not_depend_on_y_has_no_error(void **state)
{
    (void)state;
    static const double zeros[4] = {0};
    rfim_fim_report report;
    rfim_fim_options options = drawing(300, 1);
    options.most = 0;
    subject s = make_subject("input 2; linear 1; loss sigmoid", 3, 5);
    write_all(s.network, zeros);
    for (size_t e = 0; e < 3; e++) {
        free(fim(&s, expressions[e], &options, &report));
        assert_false(report.exact);
        assert_true(report.standard_error <= 1e-8);
    }
    free_subject(&s);
    s = make_subject("input 2; linear 3; loss softmax", 3, 5);
    free(fim(&s, RFIM_FIM_HESSIAN, &options, &report));
    assert_true(!report.exact && report.standard_error <= 1e-8);
    free(fim(&s, RFIM_FIM_SCORES, &options, &report));
    assert_true(report.standard_error > 1e-3);
    free_subject(&s);
}

static void a_seed_is_a_draw(void **state)
{
    (void)state;
    subject s = make_subject(networks[1], 3, 5);
    rfim_fim_options options = drawing(50, 8);
    double *once = fim(&s, RFIM_FIM_SCORES, &options, NULL);
    double *again = fim(&s, RFIM_FIM_SCORES, &options, NULL);
    assert_memory_equal(once, again, s.order * s.order * sizeof *once);
    options.seed = 9;
    double *other = fim(&s, RFIM_FIM_SCORES, &options, NULL);
    assert_true(apart(&s, other, once) > 1e-3);
    free(once);
    free(again);
    free(other);
    free_subject(&s);
}

/* 2^3 = 8 outcomes are enumerated up to most = 8, classes up to their number, nodes^m. */
static void what_is_enumerated(void **state)
{
    (void)state;
    static const size_t outcomes[] = {4, 8, 9};
    for (size_t t = 0; t < 3; t++) {
        subject s = make_subject(networks[t], 2, 5);
        rfim_fim_report report;
        rfim_fim_options options = drawing(40, 1);
        options.nodes = 3;
        options.most = outcomes[t];
        free(fim(&s, RFIM_FIM_SCORES, &options, &report));
        assert_true(report.exact && report.outcomes == outcomes[t]);
        options.most--;
        free(fim(&s, RFIM_FIM_SCORES, &options, &report));
        assert_true(!report.exact && report.outcomes == 40);
        free_subject(&s);
    }
}

/* Outputs by the hundred, whose joint density would be 0 in float64. */
static void many_outputs_do_not_underflow(void **state)
{
    (void)state;
    static const char *const texts[] = {"input 1; linear 900; loss sigmoid",
                                        "input 1; linear 900; loss squared"};
    for (size_t t = 0; t < 2; t++) {
        subject s = make_subject(texts[t], 1, 5);
        rfim_fim_report report;
        rfim_fim_options options;
        rfim_fim_defaults(&options);
        options.draws = 20;
        double *scores = fim(&s, RFIM_FIM_SCORES, &options, &report);
        assert_false(report.exact);
        double *roots = fim(&s, RFIM_FIM_ROOTS, &options, NULL);
        assert_near(&s, roots, scores, 1e-12); /* the same draws */
        free(scores);
        free(roots);
        free_subject(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_depend_on_y_has_no_error),
        cmocka_unit_test(within_four_standard_errors),
        cmocka_unit_test(the_standard_error_is_true),
        cmocka_unit_test(a_seed_is_a_draw),
        cmocka_unit_test(what_is_enumerated),
        cmocka_unit_test(many_outputs_do_not_underflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
