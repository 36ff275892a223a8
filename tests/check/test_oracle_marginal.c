/* A stochastic hidden response: with h observed the metric is block diagonal, its blocks those of
 * the two layers; hiding h takes information away. */
#include "check/oracle_problem.h"

#define WIDTH 3
#define D_X 3 /* two inputs and the one */
#define D_H (WIDTH + 1)
#define FIRST (D_X * WIDTH)

static void subject_of(subject *s, rfim__oracle_family output, uint64_t seed)
{
    subject_begin(s, seed, 2, 2);
    add_linear(s, WIDTH, RFIM__ORACLE_TANH); /* plays no part: h is drawn */
    add_linear(s, 2, RFIM__ORACLE_IDENTITY);
    respond(s, output, RFIM__ORACLE_IDENTITY, 1);
    all_parameters(s);
}

/* Adds the metric of the second layer alone at one h, times the probability of h given sample i. */
static void add_upper(const subject *s, size_t i, size_t h, double *block)
{
    subject upper;
    double t[WIDTH];
    double probability = 1;
    assert_int_equal(rfim__oracle_output(&(rfim__oracle_problem){.modules = s->modules,
                                                                 .count = 1,
                                                                 .x = s->x,
                                                                 .samples = s->problem.samples,
                                                                 .response = s->problem.response,
                                                                 .theta = s->theta,
                                                                 .order = FIRST,
                                                                 .memory = heap},
                                         i, t),
                     RFIM__ORACLE_OK);
    subject_begin(&upper, 1, 1, WIDTH);
    add_linear(&upper, 2, RFIM__ORACLE_IDENTITY);
    memcpy(upper.parameters[0], s->parameters[1], sizeof upper.parameters[0]);
    upper.problem.response = s->problem.response;
    all_parameters(&upper);
    for (size_t j = 0; j < WIDTH; j++) {
        upper.x[j] = h >> j & 1 ? 1 : -1;
        probability *= (1 + upper.x[j] * tanh(t[j])) / 2;
    }
    double *g = metric_by(rfim__oracle_fim_scores, &upper);
    for (size_t k = 0; k < upper.problem.order * upper.problem.order; k++)
        block[k] += probability * g[k] / (double)s->problem.samples;
    free(g);
}

/* blockdiag(g^h(W|x), E_h g^y(C|h)) */
static double *block_diagonal(const subject *s)
{
    size_t order = s->problem.order;
    size_t second = order - FIRST;
    double *g = matrix(order, order);
    double *block = matrix(second, second);
    subject lower = *s;
    lower.problem.modules = lower.modules;
    lower.problem.count = 1;
    lower.problem.order = FIRST;
    lower.problem.response.family = RFIM__ORACLE_BERNOULLI11;
    double *first = metric_by(rfim__oracle_fim_scores, &lower);
    for (size_t i = 0; i < s->problem.samples; i++)
        for (size_t h = 0; h < 1 << WIDTH; h++)
            add_upper(s, i, h, block);
    for (size_t p = 0; p < order; p++)
        for (size_t q = 0; q < order; q++) {
            if (p < FIRST && q < FIRST)
                g[p * order + q] = first[p * FIRST + q];
            if (p >= FIRST && q >= FIRST)
                g[p * order + q] = block[(p - FIRST) * second + q - FIRST];
        }
    free(first);
    free(block);
    return g;
}

static const rfim__oracle_family outputs[] = {RFIM__ORACLE_BERNOULLI01, RFIM__ORACLE_BERNOULLI11,
                                              RFIM__ORACLE_CATEGORICAL};

static void complete_data_have_a_block_diagonal_metric(void **state)
{
    (void)state;
    for (size_t c = 0; c < 3; c++) {
        subject s;
        subject_of(&s, outputs[c], 40 + c);
        size_t count = s.problem.order * s.problem.order;
        double *expected = block_diagonal(&s);
        double *complete = matrix(1, count);
        assert_int_equal(
            rfim__oracle_fim_complete(&s.problem, 0, RFIM__ORACLE_BERNOULLI11, complete),
            RFIM__ORACLE_OK);
        assert_near(complete, expected, count, 1e-12);
        free(expected);
        free(complete);
    }
}

static void hiding_a_response_takes_information_away(void **state)
{
    (void)state;
    for (size_t c = 0; c < 3; c++) {
        subject s;
        subject_of(&s, outputs[c], 50 + c);
        size_t order = s.problem.order;
        double *complete = matrix(order, order);
        double *marginal = matrix(order, order);
        double *values = matrix(1, order);
        assert_int_equal(
            rfim__oracle_fim_complete(&s.problem, 0, RFIM__ORACLE_BERNOULLI01, complete),
            RFIM__ORACLE_OK);
        assert_int_equal(
            rfim__oracle_fim_marginal(&s.problem, 0, RFIM__ORACLE_BERNOULLI01, marginal),
            RFIM__ORACLE_OK);
        for (size_t k = 0; k < order * order; k++)
            complete[k] -= marginal[k];
        assert_true(rfim__oracle_eigenvalues(complete, order, values));
        assert_true(values[0] > -1e-14);
        assert_true(values[order - 1] > 1e-3);
        assert_true(rfim__oracle_eigenvalues(marginal, order, values));
        assert_true(values[0] > -1e-14 && values[order - 1] > 1e-3);
        free(complete);
        free(marginal);
        free(values);
    }
}

/* With saturated hidden units h is certain, and the rest is the network with h for f(t). */
static void a_certain_hidden_response_is_no_secret(void **state)
{
    (void)state;
    subject s;
    subject_of(&s, RFIM__ORACLE_CATEGORICAL, 60);
    for (size_t k = 0; k < FIRST; k++)
        s.parameters[0][k] *= 1e4;
    size_t count = s.problem.order * s.problem.order;
    double *plain = metric_by(rfim__oracle_fim_scores, &s);
    double *marginal = matrix(1, count);
    assert_int_equal(rfim__oracle_fim_marginal(&s.problem, 0, RFIM__ORACLE_BERNOULLI11, marginal),
                     RFIM__ORACLE_OK);
    assert_near(marginal, plain, count, 1e-13);
    free(plain);
    free(marginal);
}

static void what_cannot_be_enumerated_is_refused(void **state)
{
    (void)state;
    subject s;
    double g[MOST_NUMBERS * 4];
    subject_of(&s, RFIM__ORACLE_CATEGORICAL, 70);
    assert_int_equal(rfim__oracle_fim_marginal(&s.problem, 1, RFIM__ORACLE_BERNOULLI11, g),
                     RFIM__ORACLE_SHAPE);
    assert_int_equal(rfim__oracle_fim_marginal(&s.problem, (size_t)-1, RFIM__ORACLE_BERNOULLI11, g),
                     RFIM__ORACLE_SHAPE);
    assert_int_equal(rfim__oracle_fim_marginal(&s.problem, 0, RFIM__ORACLE_GAUSSIAN, g),
                     RFIM__ORACLE_UNSUPPORTED);
    s.problem.response.family = RFIM__ORACLE_POISSON;
    assert_int_equal(rfim__oracle_fim_complete(&s.problem, 0, RFIM__ORACLE_BERNOULLI11, g),
                     RFIM__ORACLE_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complete_data_have_a_block_diagonal_metric),
        cmocka_unit_test(hiding_a_response_takes_information_away),
        cmocka_unit_test(a_certain_hidden_response_is_no_secret),
        cmocka_unit_test(what_cannot_be_enumerated_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
