/* One number t and its response: every way gives the information nu(t) that is known for it,
 * also far out. */
#include "check/oracle_problem.h"

typedef struct golden_column {
    rfim__oracle_family family;
    rfim__oracle_activation mean;
    double values[5]; /* at times[] */
} golden_column;

static const double times[5] = {-1, -.5, 0, .5, 2};

/* Fifteen digits after the point, from the formulas: sech^2 t; s(1-s); the squares of the slopes of
 * the smooth relu and of elu. */
static const golden_column golden[] = {
    {RFIM__ORACLE_BERNOULLI11,
     {RFIM__ORACLE_IDENTITY, 0, 0, 0, NULL, NULL, NULL},
     {0.419974341614026, 0.786447732965928, 1, 0.786447732965928, 0.070650824853164}},
    {RFIM__ORACLE_BERNOULLI01,
     {RFIM__ORACLE_IDENTITY, 0, 0, 0, NULL, NULL, NULL},
     {0.196611933241482, 0.235003712201594, .25, 0.235003712201594, 0.104993585403506}},
    {RFIM__ORACLE_GAUSSIAN,
     {RFIM__ORACLE_SOFTPLUS, 0, 1, 0, NULL, NULL, NULL},
     {0.072329488128513, 0.142536956596551, .25, 0.387455619000260, 0.775803492574376}},
    {RFIM__ORACLE_GAUSSIAN,
     {RFIM__ORACLE_SOFTPLUS, .1, .25, 0, NULL, NULL, NULL},
     {0.015360452898371, 0.051831788618944, .3025, 0.760966680115978, 0.998657598911901}},
    {RFIM__ORACLE_GAUSSIAN,
     {RFIM__ORACLE_ELU, 0, 0, 1, NULL, NULL, NULL},
     {0.135335283236613, 0.367879441171442, 1, 1, 1}},
};
#define GOLDEN (sizeof golden / sizeof golden[0])

/* t itself as the parameter */
static void scalar(subject *s, double t, rfim__oracle_response response)
{
    subject_begin(s, 1, 1, 1);
    add_elementwise(s, RFIM__ORACLE_IDENTITY);
    s->x[0] = t;
    s->problem.response = response;
    s->problem.order = rfim__oracle_inputs(s->modules, s->theta);
}

static double information(way *w, double t, rfim__oracle_response response)
{
    subject s;
    double nu = 0;
    scalar(&s, t, response);
    assert_int_equal(w(&s.problem, &nu), RFIM__ORACLE_OK);
    return nu;
}

/* Half of the last printed digit beside 1e-12 (first derivatives: rounding) or 1e-9 (differences).
 */
static void expect_number(double found, double expected, double relative, const char *what)
{
    if (!(fabs(found - expected) <= relative * fabs(expected) + 6e-16))
        fail_msg("%s: found %.17g, expected %.17g", what, found, expected);
}

static void every_way_gives_the_golden_values(void **state)
{
    (void)state;
    for (size_t c = 0; c < GOLDEN; c++)
        for (size_t p = 0; p < 5; p++) {
            bool kink = golden[c].mean.function == RFIM__ORACLE_ELU && times[p] == 0;
            double expected = golden[c].values[p];
            rfim__oracle_response response = {golden[c].family, golden[c].mean, 1};
            expect_number(information(rfim__oracle_fim_scores, times[p], response), expected, 1e-13,
                          "scores");
            expect_number(information(rfim__oracle_fim_roots, times[p], response), expected, 1e-12,
                          "roots");
            if (kink) /* no second derivative there */
                continue;
            expect_number(information(rfim__oracle_fim_hessian, times[p], response), expected, 1e-9,
                          "hessian");
        }
}

static double kl_information(double t, rfim__oracle_response response)
{
    subject s;
    double one = 1;
    double nu = 0;
    scalar(&s, t, response);
    assert_int_equal(rfim__oracle_kl_quadratic(&s.problem, &one, &nu), RFIM__ORACLE_OK);
    return nu;
}

static void divergences_give_the_golden_values(void **state)
{
    (void)state;
    for (size_t c = 0; c < GOLDEN; c++)
        for (size_t p = 0; p < 5; p++) {
            rfim__oracle_response response = {golden[c].family, golden[c].mean, 1};
            bool kink = golden[c].mean.function == RFIM__ORACLE_ELU && times[p] == 0;
            if (!kink)
                expect_number(kl_information(times[p], response), golden[c].values[p], 1e-8, "kl");
        }
}

static void gaussian_information_is_the_squared_slope_over_the_variance(void **state)
{
    (void)state;
    static const struct {
        rfim__oracle_function function;
        double t, slope;
    } cases[] = {
        {RFIM__ORACLE_IDENTITY, .3, 1},
        {RFIM__ORACLE_RELU, -.3, .1},
        {RFIM__ORACLE_RELU, .3, 1},
        {RFIM__ORACLE_TANH, .7, 0.634739589982459},
        {RFIM__ORACLE_SIN, .7, 0.764842187284489},
        {RFIM__ORACLE_SILU, .7, 0.823386783473342},
        {RFIM__ORACLE_GELU, .7, 0.976614101133660},
        {RFIM__ORACLE_EXP, .7, 2.013752707470477},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        rfim__oracle_response response = {RFIM__ORACLE_GAUSSIAN, function_of(cases[c].function),
                                          .4};
        double expected = cases[c].slope * cases[c].slope / .16;
        expect_number(information(rfim__oracle_fim_scores, cases[c].t, response), expected, 1e-13,
                      "scores");
        expect_number(information(rfim__oracle_fim_roots, cases[c].t, response), expected, 1e-12,
                      "roots");
        expect_number(information(rfim__oracle_fim_hessian, cases[c].t, response), expected, 1e-9,
                      "hessian");
        expect_number(kl_information(cases[c].t, response), expected, 1e-8, "kl");
    }
}

static void poisson_information_is_its_mean(void **state)
{
    (void)state;
    static const double logs[] = {-30, -3, 0, 1.5, 6, 11};
    rfim__oracle_response response = {.family = RFIM__ORACLE_POISSON};
    for (size_t p = 0; p < 6; p++) {
        /* sums of sqrt(mean) terms with weights good to 1e-14 */
        expect_number(information(rfim__oracle_fim_scores, logs[p], response), exp(logs[p]), 1e-12,
                      "scores");
        expect_number(information(rfim__oracle_fim_roots, logs[p], response), exp(logs[p]), 1e-12,
                      "roots");
        /* the gradient's terms are as large as the mean, and cancel */
        expect_number(information(rfim__oracle_fim_hessian, logs[p], response), exp(logs[p]), 1e-9,
                      "hessian");
        expect_number(kl_information(logs[p], response), exp(logs[p]), 1e-8, "kl");
    }
    double nu = 0;
    subject s;
    scalar(&s, 12.5, response);
    assert_int_equal(rfim__oracle_fim_scores(&s.problem, &nu), RFIM__ORACLE_UNSUPPORTED);
}

static void bregman_information_is_the_slope_of_the_mean(void **state)
{
    (void)state;
    static const struct {
        rfim__oracle_function function;
        double slope; /* at .7 */
    } cases[] = {
        {RFIM__ORACLE_TANH, 0.634739589982459},
        {RFIM__ORACLE_SIGM, 0.221712873293109},
        {RFIM__ORACLE_EXP, 2.013752707470477},
        {RFIM__ORACLE_IDENTITY, 1},
    };
    for (size_t c = 0; c < 4; c++) {
        rfim__oracle_response response = {.family = RFIM__ORACLE_BREGMAN,
                                          .mean = function_of(cases[c].function)};
        expect_number(information(rfim__oracle_fim_hessian, .7, response), cases[c].slope, 1e-11,
                      "hessian");
        expect_number(kl_information(.7, response), cases[c].slope, 1e-8, "kl");
        subject s;
        double nu = 0;
        scalar(&s, .7, response);
        assert_int_equal(rfim__oracle_fim_scores(&s.problem, &nu), RFIM__ORACLE_UNSUPPORTED);
        assert_int_equal(rfim__oracle_fim_roots(&s.problem, &nu), RFIM__ORACLE_UNSUPPORTED);
        assert_int_equal(rfim__oracle_fim_monte_carlo(&s.problem, 2, 1, &nu, &nu),
                         RFIM__ORACLE_UNSUPPORTED);
        assert_int_equal(rfim__oracle_empirical(&s.problem, &nu, &nu), RFIM__ORACLE_UNSUPPORTED);
    }
}

static void saturated_responses_keep_their_digits(void **state)
{
    (void)state;
    rfim__oracle_response sigm = {.family = RFIM__ORACLE_BERNOULLI01};
    rfim__oracle_response tanh = {.family = RFIM__ORACLE_BERNOULLI11};
    for (int sign = -1; sign <= 1; sign += 2) {
        double e = exp(-30);
        expect_number(information(rfim__oracle_fim_scores, sign * 30, sigm),
                      e / ((1 + e) * (1 + e)), 1e-13, "sigm");
        expect_number(information(rfim__oracle_fim_roots, sign * 15, tanh),
                      4 * e / ((1 + e) * (1 + e)), 1e-13, "tanh");
        assert_true(isfinite(information(rfim__oracle_fim_scores, sign * 700, sigm)));
    }
}

static double given_value(void *user, double t)
{
    return *(double *)user * t * t * t;
}

static double given_derivative(void *user, double t)
{
    return 3 * *(double *)user * t * t;
}

static void a_given_function_goes_through_its_derivative(void **state)
{
    (void)state;
    double factor = 2;
    rfim__oracle_activation cube = {.function = RFIM__ORACLE_GIVEN,
                                    .value = given_value,
                                    .derivative = given_derivative,
                                    .user = &factor};
    rfim__oracle_response gaussian = {RFIM__ORACLE_GAUSSIAN, cube, 1};
    rfim__oracle_response bregman = {RFIM__ORACLE_BREGMAN, cube, 0};
    expect_number(information(rfim__oracle_fim_scores, .5, gaussian), 2.25, 1e-13, "scores");
    expect_number(information(rfim__oracle_fim_hessian, .5, gaussian), 2.25, 1e-9, "hessian");
    expect_number(information(rfim__oracle_fim_hessian, .5, bregman), 1.5, 1e-9, "hessian");
    expect_number(kl_information(.5, bregman), 1.5, 1e-8, "kl");
}

/* Two nodes integrate a score's square, and 64 still do. */
static void the_number_of_nodes_does_not_matter(void **state)
{
    (void)state;
    for (size_t nodes = 2; nodes <= 64; nodes++) {
        subject s;
        double nu = 0;
        rfim__oracle_response response = {RFIM__ORACLE_GAUSSIAN, function_of(RFIM__ORACLE_SIN), .7};
        scalar(&s, .7, response);
        s.problem.nodes = nodes;
        double expected = 0.764842187284489 * 0.764842187284489 / .49;
        assert_int_equal(rfim__oracle_fim_scores(&s.problem, &nu), RFIM__ORACLE_OK);
        expect_number(nu, expected, 1e-13, "scores");
        assert_int_equal(rfim__oracle_fim_roots(&s.problem, &nu), RFIM__ORACLE_OK);
        expect_number(nu, expected, 1e-12, "roots");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_gives_the_golden_values),
        cmocka_unit_test(divergences_give_the_golden_values),
        cmocka_unit_test(gaussian_information_is_the_squared_slope_over_the_variance),
        cmocka_unit_test(poisson_information_is_its_mean),
        cmocka_unit_test(bregman_information_is_the_slope_of_the_mean),
        cmocka_unit_test(saturated_responses_keep_their_digits),
        cmocka_unit_test(a_given_function_goes_through_its_derivative),
        cmocka_unit_test(the_number_of_nodes_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
