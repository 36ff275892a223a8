/* What the oracle says of whole subsystems, against closed forms put together by hand. The notation
 * is that of the two layers: t = W^T x~, h = f(t), u = C^T h~, F the information about u. */
#include "check/oracle_problem.h"

#define D_IN 3
#define HIDDEN 4
#define OUT 3
#define SAMPLES 2

static double slope_of(const rfim__oracle_activation *f, double t)
{
    double s = 1 / (1 + exp(-t));
    double r = f->omega > 0 ? (1 - f->iota) / f->omega : 0;
    switch (f->function) {
    case RFIM__ORACLE_RELU:
        return t > 0 ? 1 : f->iota;
    case RFIM__ORACLE_ELU:
        return t >= 0 ? 1 : f->alpha * exp(t);
    case RFIM__ORACLE_TANH:
        return 1 / (cosh(t) * cosh(t));
    case RFIM__ORACLE_SIGM:
        return s * (1 - s);
    case RFIM__ORACLE_SOFTPLUS:
        return f->iota + (1 - f->iota) / (1 + exp(-r * t));
    default:
        return 1;
    }
}

static double value_of(const rfim__oracle_activation *f, double t)
{
    switch (f->function) {
    case RFIM__ORACLE_RELU:
        return t > 0 ? t : f->iota * t;
    case RFIM__ORACLE_ELU:
        return t >= 0 ? t : f->alpha * (exp(t) - 1);
    case RFIM__ORACLE_TANH:
        return tanh(t);
    case RFIM__ORACLE_SIGM:
        return 1 / (1 + exp(-t));
    default:
        return t;
    }
}

/* F [m x m] at u: diag(nu), or diag(eta) - eta eta^T */
static void fill_information(const rfim__oracle_response *response, const double *u, size_t m,
                             double *f)
{
    double total = 0;
    for (size_t j = 0; j < m; j++)
        total += exp(u[j]);
    for (size_t j = 0; j < m; j++)
        for (size_t k = 0; k < m; k++) {
            double slope = slope_of(&response->mean, u[j]);
            double nu = slope * slope / (response->sigma * response->sigma);
            if (response->family == RFIM__ORACLE_BERNOULLI01)
                nu = exp(-u[j]) / ((1 + exp(-u[j])) * (1 + exp(-u[j])));
            if (response->family == RFIM__ORACLE_BERNOULLI11)
                nu = 1 / (cosh(u[j]) * cosh(u[j]));
            f[j * m + k] = j == k ? nu : 0;
            if (response->family == RFIM__ORACLE_CATEGORICAL)
                f[j * m + k] = (exp(u[j]) / total) * ((j == k) - exp(u[k]) / total);
        }
}

/* t = W^T (x; 1) */
static void multiply(const double *w, const double *x, size_t inputs, size_t outputs, double *t)
{
    for (size_t j = 0; j < outputs; j++) {
        t[j] = w[inputs * outputs + j];
        for (size_t k = 0; k < inputs; k++)
            t[j] += w[k * outputs + j] * x[k];
    }
}

/* Adds the metric of (W, C) of one sample to g, block by block:
 *   g_WW = (D' C0 F C0^T D') (x) x~x~^T, g_WC = (D' C0 F) (x) x~h~^T, g_CC = F (x) h~h~^T
 *
 * mistaken: with f'^2, the nu of a gaussian response, in place of f'. */
static void add_two_layers(const subject *s, const double *x, bool mistaken, double *g)
{
    const rfim__oracle_activation *hidden = &s->modules[0].activation;
    double t[HIDDEN], extended_x[D_IN + 1], extended_h[HIDDEN + 1], u[OUT], f[OUT * OUT];
    double left[HIDDEN + OUT][OUT]; /* rows: D' C0, then the identity */
    size_t order = s->problem.order;
    multiply(s->parameters[0], x, D_IN, HIDDEN, t);
    for (size_t k = 0; k < D_IN; k++)
        extended_x[k] = x[k];
    for (size_t k = 0; k < HIDDEN; k++)
        extended_h[k] = value_of(hidden, t[k]);
    extended_x[D_IN] = extended_h[HIDDEN] = 1;
    multiply(s->parameters[1], extended_h, HIDDEN, OUT, u);
    fill_information(&s->problem.response, u, OUT, f);
    for (size_t a = 0; a < HIDDEN + OUT; a++)
        for (size_t l = 0; l < OUT; l++)
            left[a][l] = a < HIDDEN ? pow(slope_of(hidden, t[a]), mistaken ? 2 : 1) *
                                          s->parameters[1][a * OUT + l]
                                    : (a - HIDDEN == l);
    for (size_t p = 0; p < order; p++)
        for (size_t q = 0; q < order; q++) {
            size_t start = (D_IN + 1) * HIDDEN;
            size_t row = p < start ? p / (D_IN + 1) : HIDDEN + (p - start) / (HIDDEN + 1);
            size_t column = q < start ? q / (D_IN + 1) : HIDDEN + (q - start) / (HIDDEN + 1);
            double a = p < start ? extended_x[p % (D_IN + 1)]
                                 : extended_h[(p - start) % (HIDDEN + 1)];
            double b = q < start ? extended_x[q % (D_IN + 1)]
                                 : extended_h[(q - start) % (HIDDEN + 1)];
            double block = 0;
            for (size_t l = 0; l < OUT; l++)
                for (size_t k = 0; k < OUT; k++)
                    block += left[row][l] * f[l * OUT + k] * left[column][k];
            g[p * order + q] += block * a * b / SAMPLES;
        }
}

typedef struct output {
    rfim__oracle_family family;
    rfim__oracle_function mean;
} output;

static const output outputs[] = {
    {RFIM__ORACLE_BERNOULLI11, RFIM__ORACLE_IDENTITY}, /* tanh */
    {RFIM__ORACLE_BERNOULLI01, RFIM__ORACLE_IDENTITY}, /* sigm */
    {RFIM__ORACLE_GAUSSIAN, RFIM__ORACLE_SOFTPLUS},    /* relu */
    {RFIM__ORACLE_GAUSSIAN, RFIM__ORACLE_ELU},
    {RFIM__ORACLE_GAUSSIAN, RFIM__ORACLE_IDENTITY},
    {RFIM__ORACLE_CATEGORICAL, RFIM__ORACLE_IDENTITY},
};

static void two_layers(subject *s, uint64_t seed, rfim__oracle_function hidden, const output *out)
{
    subject_begin(s, seed, SAMPLES, D_IN);
    add_linear(s, HIDDEN, hidden);
    add_linear(s, OUT, RFIM__ORACLE_IDENTITY);
    respond(s, out->family, out->mean, .8);
    all_parameters(s);
}

/* 1e-12: rounding of 31 x 31 entries, each a sum of ten products. */
static void two_layers_have_the_metric_of_the_formula(void **state)
{
    (void)state;
    static const rfim__oracle_function hidden[] = {RFIM__ORACLE_TANH, RFIM__ORACLE_SIGM,
                                                   RFIM__ORACLE_RELU, RFIM__ORACLE_ELU};
    for (size_t a = 0; a < 4; a++)
        for (size_t b = 0; b < sizeof outputs / sizeof outputs[0]; b++) {
            subject s;
            two_layers(&s, 7 + a, hidden[a], &outputs[b]);
            double *expected = matrix(s.problem.order, s.problem.order);
            for (size_t i = 0; i < SAMPLES; i++)
                add_two_layers(&s, s.x + i * D_IN, false, expected);
            size_t count = s.problem.order * s.problem.order;
            double *scores = metric_by(rfim__oracle_fim_scores, &s);
            double *roots = metric_by(rfim__oracle_fim_roots, &s);
            assert_near(scores, expected, count, 1e-12);
            assert_near(roots, expected, count, 1e-12);
            free(scores);
            free(roots);
            free(expected);
        }
}

/* nu_i nu_j in place of f'_i f'_j, a frequent mistake, is far from what the oracle finds. */
static void the_oracle_tells_slopes_from_their_squares(void **state)
{
    (void)state;
    subject s;
    two_layers(&s, 11, RFIM__ORACLE_ELU, &outputs[0]);
    double *scores = metric_by(rfim__oracle_fim_scores, &s);
    double *wrong = matrix(s.problem.order, s.problem.order);
    for (size_t i = 0; i < SAMPLES; i++)
        add_two_layers(&s, s.x + i * D_IN, true, wrong);
    size_t count = s.problem.order * s.problem.order;
    assert_true(rfim__oracle_difference(scores, wrong, count) > .05);
    free(scores);
    free(wrong);
}

/* F (x) x~x~^T, and its null space: the same vector for every class. */
static void a_softmax_layer_has_its_form_and_null_space(void **state)
{
    (void)state;
    subject s;
    subject_begin(&s, 3, 1, D_IN);
    add_linear(&s, OUT, RFIM__ORACLE_IDENTITY);
    respond(&s, RFIM__ORACLE_CATEGORICAL, RFIM__ORACLE_IDENTITY, 1);
    all_parameters(&s);
    size_t order = s.problem.order;
    double x[D_IN + 1] = {s.x[0], s.x[1], s.x[2], 1};
    double u[OUT], f[OUT * OUT], outer[(D_IN + 1) * (D_IN + 1)];
    multiply(s.parameters[0], s.x, D_IN, OUT, u);
    fill_information(&s.problem.response, u, OUT, f);
    rfim__oracle_product(x, x, D_IN + 1, 1, D_IN + 1, outer);
    double *expected = matrix(order, order);
    rfim__oracle_kronecker(f, OUT, outer, D_IN + 1, expected);
    double *g = metric_by(rfim__oracle_fim_scores, &s);
    assert_near(g, expected, order * order, 1e-13);
    double v[OUT * (D_IN + 1)], zero[OUT * (D_IN + 1)];
    for (size_t k = 0; k < order; k++)
        v[k] = .3 + (double)(k % (D_IN + 1));
    rfim__oracle_matvec(g, order, order, v, zero);
    for (size_t k = 0; k < order; k++)
        assert_true(fabs(zero[k]) < 1e-14);
    free(expected);
    free(g);
}

/* sum_j nu_j w_j w_j^T: the input as the parameter */
static void the_input_metric_is_the_weights_around_the_information(void **state)
{
    (void)state;
    subject s;
    subject_begin(&s, 5, 1, D_IN);
    add_linear(&s, HIDDEN, RFIM__ORACLE_IDENTITY);
    respond(&s, RFIM__ORACLE_BERNOULLI11, RFIM__ORACLE_IDENTITY, 1);
    s.problem.order = rfim__oracle_inputs(s.modules, s.theta);
    assert_int_equal(s.problem.order, D_IN);
    double t[HIDDEN], expected[D_IN * D_IN] = {0};
    multiply(s.parameters[0], s.x, D_IN, HIDDEN, t);
    for (size_t j = 0; j < HIDDEN; j++)
        for (size_t a = 0; a < D_IN; a++)
            for (size_t b = 0; b < D_IN; b++)
                expected[a * D_IN + b] += s.parameters[0][a * HIDDEN + j] *
                                          s.parameters[0][b * HIDDEN + j] /
                                          (cosh(t[j]) * cosh(t[j]));
    double *g = metric_by(rfim__oracle_fim_scores, &s);
    assert_near(g, expected, D_IN * D_IN, 1e-13);
    free(g);
}

/* Per channel (1/n) sum_i nu_ij [[a^2, a],[a, 1]], nothing between channels. */
static void batch_norm_has_its_blocks(void **state)
{
    (void)state;
    subject s;
    subject_begin(&s, 9, SAMPLES, D_IN);
    s.modules[0].outputs = D_IN;
    add_elementwise(&s, RFIM__ORACLE_IDENTITY);
    add_batch_norm(&s, RFIM__ORACLE_TANH);
    respond(&s, RFIM__ORACLE_GAUSSIAN, RFIM__ORACLE_TANH, .5);
    all_parameters(&s);
    size_t order = s.problem.order;
    assert_int_equal(order, 2 * D_IN);
    double expected[4 * D_IN * D_IN] = {0};
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t j = 0; j < D_IN; j++) {
            double a[2] = {(s.x[i * D_IN + j] - s.mean[1][j]) * s.scale[1][j], 1};
            double t = s.parameters[1][j] * a[0] + s.parameters[1][D_IN + j];
            double nu = pow(cosh(t), -4) / .25;
            for (size_t p = 0; p < 2; p++)
                for (size_t q = 0; q < 2; q++)
                    expected[(2 * j + p) * order + 2 * j + q] += nu * a[p] * a[q] / SAMPLES;
        }
    double *g = metric_by(rfim__oracle_fim_scores, &s);
    assert_near(g, expected, order * order, 1e-13);
    free(g);
}

/* The whole network: mean J^T F J, and its pieces are those of the whole. */
static void a_network_has_the_pulled_back_information(void **state)
{
    (void)state;
    subject s;
    subject_begin(&s, 13, SAMPLES, D_IN);
    add_linear(&s, HIDDEN, RFIM__ORACLE_GELU);
    add_batch_norm(&s, RFIM__ORACLE_SIN);
    add_linear(&s, OUT, RFIM__ORACLE_IDENTITY);
    respond(&s, RFIM__ORACLE_CATEGORICAL, RFIM__ORACLE_IDENTITY, 1);
    all_parameters(&s);
    size_t order = s.problem.order;
    double *expected = matrix(order, order);
    double *jacobian = matrix(OUT, order);
    for (size_t i = 0; i < SAMPLES; i++) {
        double u[OUT], f[OUT * OUT];
        assert_int_equal(rfim__oracle_jacobian(&s.problem, i, jacobian), RFIM__ORACLE_OK);
        assert_int_equal(rfim__oracle_output(&s.problem, i, u), RFIM__ORACLE_OK);
        fill_information(&s.problem.response, u, OUT, f);
        for (size_t p = 0; p < order; p++)
            for (size_t q = 0; q < order; q++)
                for (size_t a = 0; a < OUT; a++)
                    for (size_t b = 0; b < OUT; b++)
                        expected[p * order + q] += jacobian[a * order + p] * f[a * OUT + b] *
                                                   jacobian[b * order + q] / SAMPLES;
    }
    double *g = metric_by(rfim__oracle_fim_scores, &s);
    assert_near(g, expected, order * order, 1e-12);
    s.problem.order = rfim__oracle_neurons(s.modules, 0, 1, 2, s.theta);
    assert_int_equal(s.problem.order, 2 * (D_IN + 1));
    double *part = metric_by(rfim__oracle_fim_scores, &s);
    for (size_t p = 0; p < s.problem.order; p++)
        for (size_t q = 0; q < s.problem.order; q++)
            assert_true(fabs(part[p * s.problem.order + q] -
                             g[(p + D_IN + 1) * order + q + D_IN + 1]) < 1e-14);
    free(part);
    free(jacobian);
    free(expected);
    free(g);
}

/* Central differences of the real forward pass: 1e-8 of a step of 1e-4 (its square). */
static void jacobians_are_those_of_differences(void **state)
{
    (void)state;
    subject s;
    subject_begin(&s, 17, 1, D_IN);
    add_linear(&s, HIDDEN, RFIM__ORACLE_SILU);
    add_batch_norm(&s, RFIM__ORACLE_SOFTPLUS);
    add_linear(&s, OUT, RFIM__ORACLE_ELU);
    add_elementwise(&s, RFIM__ORACLE_TANH);
    respond(&s, RFIM__ORACLE_BERNOULLI01, RFIM__ORACLE_IDENTITY, 1);
    all_parameters(&s);
    size_t order = s.problem.order;
    double *jacobian = matrix(OUT, order);
    double *differences = matrix(OUT, order);
    assert_int_equal(rfim__oracle_jacobian(&s.problem, 0, jacobian), RFIM__ORACLE_OK);
    for (size_t k = 0; k < order; k++) {
        const rfim__oracle_entry *at = &s.theta[k];
        double *number =
            &s.parameters[at->module][at->row * s.modules[at->module].outputs + at->column];
        double kept = *number;
        double ahead[OUT], behind[OUT];
        *number = kept + 1e-4;
        assert_int_equal(rfim__oracle_output(&s.problem, 0, ahead), RFIM__ORACLE_OK);
        *number = kept - 1e-4;
        assert_int_equal(rfim__oracle_output(&s.problem, 0, behind), RFIM__ORACLE_OK);
        *number = kept;
        for (size_t j = 0; j < OUT; j++)
            differences[j * order + k] = (ahead[j] - behind[j]) / 2e-4;
    }
    assert_near(jacobian, differences, OUT * order, 1e-7);
    free(jacobian);
    free(differences);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_layers_have_the_metric_of_the_formula),
        cmocka_unit_test(the_oracle_tells_slopes_from_their_squares),
        cmocka_unit_test(a_softmax_layer_has_its_form_and_null_space),
        cmocka_unit_test(the_input_metric_is_the_weights_around_the_information),
        cmocka_unit_test(batch_norm_has_its_blocks),
        cmocka_unit_test(a_network_has_the_pulled_back_information),
        cmocka_unit_test(jacobians_are_those_of_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
