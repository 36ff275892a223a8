/* Metrics are factorised and solved with, in public: all representations, damping rules and both
 * precisions against the metric's own dense reading. */
#include "check/oracle/dense.h"
#include "subsystem/kinds.h"

#include <float.h>

/* A factored Kronecker product adds more than a diagonal: its solves are tested elsewhere. */
static bool adds_a_diagonal(const kind *k)
{
    return k->rule == RFIM_KRONECKER_EXACT;
}

static double norm(const double *v, size_t count)
{
    double squares = 0;
    for (size_t k = 0; k < count; k++)
        squares += v[k] * v[k];
    return sqrt(squares);
}

/* |(G + Lambda) z - v| / (|G + Lambda| |z| + |v|), in float64 */
static double backward_error(const double *g, const double *lambda, size_t order, const double *z,
                             const double *v)
{
    double *rest = numbers(order);
    double squares = 0;
    rfim__oracle_matvec(g, order, order, z, rest);
    for (size_t k = 0; k < order; k++)
        rest[k] += lambda[k] * z[k] - v[k];
    for (size_t k = 0; k < order * order; k++) {
        double entry = g[k] + (k % (order + 1) == 0 ? lambda[k / order] : 0);
        squares += entry * entry;
    }
    double error = norm(rest, order) / (sqrt(squares) * norm(z, order) + norm(v, order));
    free(rest);
    return error;
}

static void check_solve(const kind *k, rfim_precision precision, rfim_damping_rule rule)
{
    api a = api_open(k->text, precision, 7, 91);
    rfim_metric_options options = asked_of(k);
    rfim_metric_refresh_report report;
    rfim_metric_plan plan;
    rfim_metric *metric = metric_of(&a, options);
    size_t order = rfim_metric_order(metric);
    double *g = dense_of(&a, metric);
    double *v = made_up_numbers(&a, order);
    double *z = numbers(order);
    double *lambda = numbers(order);
    assert_ok(&a, rfim_metric_plan_get(a.network, &options, &plan));
    assert_ok(&a, rfim_metric_refresh(metric, rule, 1e-2, &report));
    assert_true(report.retries == 0 && report.damping == 1e-2 && !report.kept && !report.block);
    assert_ok(&a, rfim_metric_damping(metric, lambda));
    assert_ok(&a, rfim_metric_solve(metric, v, z));
    double unit = precision == RFIM_DOUBLE ? DBL_EPSILON : FLT_EPSILON;
    double error = backward_error(g, lambda, order, z, v);
    if (adds_a_diagonal(k) && !(error <= 10 * (double)plan.factor_order * unit))
        fail_msg("`%s`, rule %d: backward error %.3g, order %zu",
                 rfim_representation_name(k->representation), (int)rule, error, plan.factor_order);
    memcpy(lambda, v, order * sizeof *v);
    assert_ok(&a, rfim_metric_solve(metric, v, v)); /* in place */
    assert_memory_equal(v, z, order * sizeof *v);
    assert_ok(&a, rfim_metric_multiply(metric, lambda, z));
    assert_ok(&a, rfim_metric_multiply(metric, lambda, lambda));
    assert_memory_equal(lambda, z, order * sizeof *v);
    free(g);
    free(v);
    free(z);
    free(lambda);
    rfim_metric_free(metric);
    api_close(&a);
}

static void solves_are_backward_stable(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++)
        for (int rule = 0; rule < 4; rule++)
            for (int precision = 0; precision < 2; precision++)
                if (adds_a_diagonal(&kinds[k]) || rule != RFIM_DAMPING_DIAGONAL)
                    check_solve(&kinds[k], (rfim_precision)precision, (rfim_damping_rule)rule);
}

static void lambda_is_what_the_rule_says(void **state)
{
    (void)state;
    api a = api_open(kind_text, RFIM_DOUBLE, 7, 3);
    rfim_metric *metric = metric_of(&a, asked(0, 2, RFIM_RESPONSE_NETWORK, RFIM_DENSE));
    rfim_metric *neuron = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_NEURON));
    size_t order = rfim_metric_order(metric);
    double *diagonal = numbers(order);
    double *lambda = numbers(order);
    double trace = 0;
    double eps = .03;
    assert_ok(&a, rfim_metric_diagonal(metric, diagonal));
    assert_ok(&a, rfim_metric_metric_trace(metric, &trace));
    for (int rule = 0; rule < 4; rule++) {
        assert_ok(&a, rfim_metric_refresh(metric, (rfim_damping_rule)rule, eps, NULL));
        assert_ok(&a, rfim_metric_damping(metric, lambda));
        for (size_t k = 0; k < order; k++) {
            double least = diagonal[k] > 0 ? diagonal[k] : trace / (double)order;
            double wanted[] = {eps * trace, eps * trace / (double)order, eps * least, eps};
            assert_true(fabs(lambda[k] - wanted[rule]) <= 1e-13 * wanted[rule]);
        }
    }
    /* a block a neuron: 4 of order 4 */
    assert_ok(&a, rfim_metric_refresh(neuron, RFIM_DAMPING_TRACE, eps, NULL));
    assert_ok(&a, rfim_metric_damping(neuron, lambda));
    assert_ok(&a, rfim_metric_diagonal(neuron, diagonal));
    for (size_t j = 0; j < 4; j++) {
        double sum = 0;
        for (size_t k = 0; k < 4; k++)
            sum += diagonal[j * 4 + k];
        for (size_t k = 0; k < 4; k++)
            assert_true(fabs(lambda[j * 4 + k] - eps * sum) <= 1e-13 * eps * sum);
    }
    free(diagonal);
    free(lambda);
    rfim_metric_free(neuron);
    rfim_metric_free(metric);
    api_close(&a);
}

/* S S^T (G + Lambda) = I and log det, of the dense matrix */
static void roots_and_determinants(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        api a = api_open(kinds[k].text, RFIM_DOUBLE, 7, 17);
        rfim_metric *metric = metric_of(&a, asked_of(&kinds[k]));
        size_t order = rfim_metric_order(metric);
        double *g = dense_of(&a, metric);
        double *values = numbers(order);
        double *s = numbers(order * order); /* rows are columns of S */
        double *product = numbers(order * order);
        double log_det = 0;
        double wanted = 0;
        assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_MEAN_DIAGONAL, .1, NULL));
        assert_ok(&a, rfim_metric_damping(metric, values));
        for (size_t i = 0; i < order; i++)
            g[i * order + i] += values[i];
        bool refused = kinds[k].representation == RFIM_SOFTMAX ||
                       kinds[k].representation == RFIM_GRAM;
        for (size_t i = 0; i < order && !refused; i++) {
            s[i * order + i] = 1;
            assert_ok(&a, rfim_metric_sqrt_solve(metric, s + i * order, s + i * order));
        }
        if (refused)
            assert_refused(&a, rfim_metric_sqrt_solve(metric, values, values),
                           RFIM_ERROR_UNSUPPORTED, "no square root");
        if (!refused && adds_a_diagonal(&kinds[k])) {
            rfim__oracle_product(s, g, order, order, order, product); /* S^T (G + L) */
            double off = 0;
            for (size_t i = 0; i < order; i++)
                for (size_t j = 0; j < order; j++) { /* ... S = I */
                    double sum = 0;
                    for (size_t l = 0; l < order; l++)
                        sum += product[i * order + l] * s[j * order + l];
                    off = fmax(off, fabs(sum - (i == j)));
                }
            assert_true(off < 1e-12);
        }
        assert_ok(&a, rfim_metric_log_det(metric, &log_det));
        assert_true(rfim__oracle_eigenvalues(g, order, values));
        for (size_t i = 0; i < order; i++)
            wanted += log(values[i]);
        if (adds_a_diagonal(&kinds[k]))
            assert_true(fabs(log_det - wanted) < 1e-11 * (double)order);
        free(g);
        free(s);
        free(values);
        free(product);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

/* --- looking ---------------------------------------------------------------------------------- */

static void looks_agree_with_the_dense_matrix(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        api a = api_open(kinds[k].text, RFIM_DOUBLE, 7, 29);
        rfim_metric *metric = metric_of(&a, asked_of(&kinds[k]));
        size_t order = rfim_metric_order(metric);
        double *g = dense_of(&a, metric);
        double *v = made_up_numbers(&a, order);
        double *found = numbers(order);
        double *wanted = numbers(order);
        double trace = 0;
        double squares = 0;
        double number = 0;
        for (size_t i = 0; i < order * order; i++)
            squares += g[i] * g[i];
        for (size_t i = 0; i < order; i++)
            trace += wanted[i] = g[i * order + i];
        assert_ok(&a, rfim_metric_diagonal(metric, found));
        assert_near(found, wanted, order, 1e-14);
        assert_ok(&a, rfim_metric_metric_trace(metric, &number));
        assert_true(fabs(number - trace) < 1e-13 * trace);
        assert_ok(&a, rfim_metric_quadratic(metric, v, &number));
        assert_true(fabs(number - rfim__oracle_quadratic(g, order, v)) < 1e-12 * trace);
        assert_ok(&a, rfim_metric_effective_rank(metric, &number));
        assert_true(fabs(number - trace * trace / squares) < 1e-11 * number);
        assert_true(number >= 1 - 1e-12 && number <= (double)order);
        assert_ok(&a, rfim_metric_spectrum(metric, found));
        assert_true(rfim__oracle_eigenvalues(g, order, wanted));
        for (size_t i = 0; i < order; i++) /* largest first */
            assert_true(fabs(found[i] - wanted[order - 1 - i]) < 1e-13 * (double)order * trace);
        for (size_t i = 1; i < order; i++)
            assert_true(found[i] <= found[i - 1]);
        free(g);
        free(v);
        free(found);
        free(wanted);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

/* --- what goes wrong -------------------------------------------------------------------------- */

static void there_is_a_factor_after_a_refresh(void **state)
{
    (void)state;
    api a = api_open(kind_text, RFIM_DOUBLE, 7, 3);
    rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_NEURON));
    double v[16] = {0};
    api_backward(&a);
    assert_refused(&a, rfim_metric_solve(metric, v, v), RFIM_ERROR_ARGUMENT, "rfim_metric_refresh");
    assert_refused(&a, rfim_metric_sqrt_solve(metric, v, v), RFIM_ERROR_ARGUMENT,
                   "before rfim_metric_sqrt_solve");
    assert_refused(&a, rfim_metric_log_det(metric, v), RFIM_ERROR_ARGUMENT, "rfim_metric_refresh");
    assert_refused(&a, rfim_metric_damping(metric, v), RFIM_ERROR_ARGUMENT, "rfim_metric_refresh");
    assert_refused(&a, rfim_metric_direction(metric, a.trace, v), RFIM_ERROR_ARGUMENT,
                   "rfim_metric_refresh");
    rfim_metric_free(metric);
    api_close(&a);
}

static void dampings_that_are_none(void **state)
{
    (void)state;
    api a = api_open(kind_text, RFIM_DOUBLE, 7, 3);
    rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_NEURON));
    static const double bad[] = {NAN, INFINITY, -1e-3};
    double v[16] = {0};
    for (size_t k = 0; k < 3; k++)
        assert_refused(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, bad[k], NULL),
                       RFIM_ERROR_ARGUMENT, "finite number of at least 0");
    assert_refused(&a, rfim_metric_refresh(metric, (rfim_damping_rule)9, .1, NULL),
                   RFIM_ERROR_ARGUMENT, "rfim_damping_rule");
    assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, .1, NULL));
    v[3] = NAN;
    assert_refused(&a, rfim_metric_solve(metric, v, v), RFIM_ERROR_ARGUMENT, "NaN or infinite");
    assert_refused(&a, rfim_metric_multiply(metric, v, v), RFIM_ERROR_ARGUMENT, "NaN or infinite");
    v[3] = INFINITY;
    assert_refused(&a, rfim_metric_quadratic(metric, v, v), RFIM_ERROR_ARGUMENT, "NaN or infinite");
    rfim_metric_free(metric);
    rfim_metric_options options = asked_of(&kinds[4]);
    metric = metric_of(&a, options);
    assert_refused(&a, rfim_metric_refresh(metric, RFIM_DAMPING_DIAGONAL, .1, NULL),
                   RFIM_ERROR_UNSUPPORTED, "no rule `diagonal`");
    rfim_metric_free(metric);
    api_close(&a);
}

/* G - 3 G is no metric: three retries, then the last good factor stays and still solves. */
static void a_metric_that_is_not_positive_definite(void **state)
{
    static const rfim_representation can[] = {RFIM_SHARED, RFIM_NEURON, RFIM_DENSE, RFIM_DIAGONAL};
    (void)state;
    for (size_t r = 0; r < 4; r++) {
        api a = api_open(kind_text, RFIM_DOUBLE, 7, 3);
        rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, can[r]));
        rfim_metric_refresh_report report;
        double v[16];
        double z[16];
        double again[16];
        for (size_t k = 0; k < 16; k++)
            v[k] = made_up(&a.state);
        assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, .1, NULL));
        assert_ok(&a, rfim_metric_solve(metric, v, z));
        assert_ok(&a, rfim_metric_merge(metric, 1, -3, metric));
        assert_refused(&a, rfim_metric_refresh(metric, RFIM_DAMPING_ABSOLUTE, 1e-6, &report),
                       RFIM_ERROR_NOT_POSITIVE_DEFINITE, "last good factor stays");
        assert_int_equal(report.retries, 3);
        assert_int_equal(report.kept, 1);
        assert_int_equal(report.block, 1);
        assert_true(report.damping == .1); /* of the factor in use */
        assert_ok(&a, rfim_metric_solve(metric, v, again));
        assert_memory_equal(z, again, sizeof z);
        assert_ok(&a, rfim_metric_merge(metric, -.5, 0, metric)); /* mended: G again */
        assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, .1, &report));
        assert_ok(&a, rfim_metric_solve(metric, v, again));
        assert_near(again, z, 16, 1e-13);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

static void a_first_refresh_that_fails_leaves_no_factor(void **state)
{
    (void)state;
    api a = api_open(kind_text, RFIM_DOUBLE, 7, 3);
    rfim_metric *metric = empty_metric(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE));
    double v[16] = {0};
    assert_ok(&a, rfim_metric_observe(metric, a.trace, 0, -1));
    assert_refused(&a, rfim_metric_refresh(metric, RFIM_DAMPING_ABSOLUTE, 1e-6, NULL),
                   RFIM_ERROR_NOT_POSITIVE_DEFINITE, "raise the damping");
    assert_refused(&a, rfim_metric_solve(metric, v, v), RFIM_ERROR_ARGUMENT, "rfim_metric_refresh");
    rfim_metric_free(metric);
    api_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(solves_are_backward_stable),
        cmocka_unit_test(lambda_is_what_the_rule_says),
        cmocka_unit_test(roots_and_determinants),
        cmocka_unit_test(looks_agree_with_the_dense_matrix),
        cmocka_unit_test(there_is_a_factor_after_a_refresh),
        cmocka_unit_test(dampings_that_are_none),
        cmocka_unit_test(a_metric_that_is_not_positive_definite),
        cmocka_unit_test(a_first_refresh_that_fails_leaves_no_factor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
