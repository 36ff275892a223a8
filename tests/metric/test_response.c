/* The information nu(t) of scalar responses: golden values, the formulas themselves, limits. */
#include "algebra/conformance.h"
#include "metric/response.h"

typedef struct golden_column {
    rfim__activation f;
    double values[5]; /* at times[] */
} golden_column;

static const double times[5] = {-1, -.5, 0, .5, 2};

/* Fifteen digits after the point (six of them from the paper's formulas, worked out anew). */
static const golden_column golden[] = {
    {{RFIM__TANH, 0, 1, 1, NULL},
     {0.419974341614026, 0.786447732965928, 1, 0.786447732965928, 0.070650824853164}},
    {{RFIM__SIGM, 0, 1, 1, NULL},
     {0.196611933241482, 0.235003712201594, .25, 0.235003712201594, 0.104993585403506}},
    {{RFIM__RELU, 0, 1, 1, NULL},
     {0.072329488128513, 0.142536956596551, .25, 0.387455619000260, 0.775803492574376}},
    {{RFIM__RELU, .1, .25, 1, NULL},
     {0.015360452898371, 0.051831788618944, .3025, 0.760966680115978, 0.998657598911901}},
    {{RFIM__ELU, 0, 1, 1, NULL}, {0.135335283236613, 0.367879441171442, 1, 1, 1}},
};
#define GOLDEN (sizeof golden / sizeof golden[0])

/* nu by its formula, sigma = 1 */
static long double formula(const rfim__activation *f, double time)
{
    long double t = time;
    long double e = expl(-fabsl(t));
    long double slope = 1;
    switch (f->kind) {
    case RFIM__TANH:
        return 4 * e * e / ((1 + e * e) * (1 + e * e));
    case RFIM__SIGM:
        return e / ((1 + e) * (1 + e));
    case RFIM__RELU:
        slope = f->omega > 0 ? f->iota + (1 - f->iota) / (1 + expl((f->iota - 1) * t / f->omega))
                             : (t > 0 ? 1 : f->iota);
        break;
    case RFIM__ELU:
        slope = t >= 0 ? 1 : f->alpha * expl(t);
        break;
    default:
        break;
    }
    return slope * slope;
}

static void response(trial *t, const rfim__activation *f, double sigma, const operand *x,
                     const operand *nu)
{
    rfim__response_nu(t->algebra, f, rfim__family_of(f->kind), sigma, x->view, nu->view);
}

/* 1e-14 in float64 and 1e-6 in float32; a half more of the last digit printed above. */
static bool is_golden(const trial *t, double found, double expected)
{
    double relative = t->algebra->precision == RFIM_DOUBLE ? 1e-14 : 1e-6;
    return fabs(found - expected) <= relative * expected + 5e-16;
}

static void golden_property(trial *t)
{
    operand *x = new_operand(t, 2, 5);
    operand *nu = new_operand(t, 2, 5);
    for (size_t j = 0; j < 10; j++)
        set(t, x, j / 5, j % 5, times[j % 5]);
    freeze(x);
    for (size_t c = 0; c < GOLDEN; c++) {
        response(t, &golden[c].f, 1, x, nu);
        for (size_t j = 0; j < 10; j++) {
            double found = get(t, nu, j / 5, j % 5);
            double expected = golden[c].values[j % 5];
            expect(t, is_golden(t, found, expected), "%s at %g: nu is %.17g, not %.15f",
                   rfim__activation_name(golden[c].f.kind), times[j % 5], found, expected);
            /* one percent more is noticed at every point of every activation */
            expect(t, !is_golden(t, 1.01 * found, expected), "%s at %g: 1.01 nu passes",
                   rfim__activation_name(golden[c].f.kind), times[j % 5]);
        }
    }
}

static void golden_values(void **state)
{
    over_backends(*state, golden_property, 2, 5, 0);
}

/* Tails included: a neuron that is far out has little information, known to the last digits. The
 * relative error of e^-t grows with t, as that of t itself does: (20 + 2 |t|) units, the 2 for
 * squares; rates are rounded in the same way. Below the smallest normal number, anything goes. */
static void formula_property(trial *t)
{
    static const rfim__activation activations[] = {
        {RFIM__LINEAR, 0, 1, 1, NULL}, {RFIM__TANH, 0, 1, 1, NULL},    {RFIM__SIGM, 0, 1, 1, NULL},
        {RFIM__RELU, 0, 1, 1, NULL},   {RFIM__RELU, .1, .25, 1, NULL}, {RFIM__RELU, 0, 0, 1, NULL},
        {RFIM__RELU, .25, 0, 1, NULL}, {RFIM__RELU, .9, 8, 1, NULL},   {RFIM__ELU, 0, 1, 1, NULL},
        {RFIM__ELU, 0, 1, 2.5, NULL},
    };
    static const double sigmas[] = {1, 0.5, 3};
    operand *x = new_operand(t, t->shape[0], t->shape[1]);
    operand *nu = new_operand(t, t->shape[0], t->shape[1]);
    for (size_t i = 0; i < x->view.rows; i++)
        for (size_t j = 0; j < x->view.columns; j++)
            set(t, x, i, j, uniform(t, -1, 1) * (j % 3 == 0 ? 40 : j % 3 == 1 ? 1 : 5));
    freeze(x);
    bool wide = t->algebra->precision == RFIM_DOUBLE;
    for (size_t a = 0; a < sizeof activations / sizeof activations[0]; a++) {
        rfim__activation f = activations[a];
        double sigma = sigmas[rfim__random_below(&t->random, 3)];
        response(t, &f, sigma, x, nu);
        if (rfim__family_of(f.kind) == RFIM_FAMILY_CANONICAL)
            sigma = 1; /* canonical responses have none */
        f.iota = rounded(t, f.iota);
        for (size_t i = 0; i < x->view.rows; i++) {
            for (size_t j = 0; j < x->view.columns; j++) {
                double time = get(t, x, i, j);
                double found = get(t, nu, i, j);
                double expected = (double)(formula(&f, time) / (sigma * sigma));
                double reach = fabs(time) / (f.kind == RFIM__RELU && f.omega > 0 ? f.omega : 1);
                double bound = (20 + 2 * reach) * t->unit * expected +
                               (wide ? 0x1p-1022 : 0x1p-126);
                expect(t, fabs(found - expected) <= bound,
                       "%s iota %g omega %g sigma %g at %g: nu is %.17g, not %.17g",
                       rfim__activation_name(f.kind), f.iota, f.omega, sigma, time, found,
                       expected);
            }
        }
    }
}

static void every_response_has_its_formulas_information(void **state)
{
    over_backends(*state, formula_property, 7, 33, 0);
    over_backends(*state, formula_property, 1, 1, 0);
    over_backends(*state, formula_property, 0, 5, 0);
}

/* Whatever t is, nu is a number that is not negative. 1.28 is above the largest slope^2 of gelu
 * (1.129^2) and silu (1.100^2). */
static void extreme_property(trial *t)
{
    static const double extremes[] = {1e4,   -1e4,   1e30,   -1e30,   88.8,     -88.8,
                                      103.9, -103.9, 3.4e38, -3.4e38, 1e-38,    -1e-38,
                                      0,     -0.0,   745.2,  -745.2,  INFINITY, -INFINITY};
    enum { COUNT = sizeof extremes / sizeof extremes[0] };
    static const double omegas[] = {0, 1e-300, 1e-40, 1e-30, 1, 1e5};
    operand *x = new_operand(t, 1, COUNT);
    operand *nu = new_operand(t, 1, COUNT);
    for (size_t j = 0; j < COUNT; j++)
        set(t, x, 0, j, extremes[j]);
    for (int kind = 0; kind < RFIM__ACTIVATIONS; kind++) {
        for (size_t o = 0; o < 6; o++) {
            rfim__activation f = rfim__activation_defaults((rfim__activation_kind)kind);
            f.omega = omegas[o];
            f.iota = o % 2 == 0 ? 0 : 0.1;
            response(t, &f, 1, x, nu);
            for (size_t j = 0; j < COUNT; j++) {
                double found = get(t, nu, 0, j);
                double most = kind == RFIM__GELU || kind == RFIM__SILU ? 1.28 : 1;
                if (kind == RFIM__SIN && isinf(extremes[j]))
                    continue;
                expect(t, found >= 0 && found <= most, "%s omega %g at %g: nu is %g",
                       rfim__activation_name(f.kind), f.omega, extremes[j], found);
            }
        }
    }
}

static void nu_is_finite_and_not_negative_at_the_ends_of_the_line(void **state)
{
    over_backends(*state, extreme_property, 1, 14, 0);
}

/* |nu_omega - nu_0| is about 2 e^-((1-iota)|t|/omega): nothing once omega is small beside |t|. */
static void relu_limit_property(trial *t)
{
    operand *x = random_operand(t, 5, 17);
    operand *hard = new_operand(t, 5, 17);
    operand *smooth = new_operand(t, 5, 17);
    static const double omegas[] = {0.1, 1e-3, 1e-6, 1e-20};
    rfim__activation f = rfim__activation_defaults(RFIM__RELU);
    f.iota = 0.2;
    f.omega = 0;
    response(t, &f, 1, x, hard);
    for (size_t o = 0; o < 4; o++) {
        f.omega = omegas[o];
        response(t, &f, 1, x, smooth);
        for (size_t i = 0; i < 5; i++) {
            for (size_t j = 0; j < 17; j++) {
                double time = get(t, x, i, j);
                double limit = time > 0 ? 1 : f.iota * f.iota;
                double bound = 2 * exp((f.iota - 1) * fabs(time) / f.omega) + 8 * t->unit;
                expect(t, fabs(get(t, hard, i, j) - limit) <= 8 * t->unit * limit,
                       "hard relu at %g", time);
                expect(t, fabs(get(t, smooth, i, j) - limit) <= bound,
                       "relu with omega %g at %g: nu is %g, not near %g", f.omega, time,
                       get(t, smooth, i, j), limit);
            }
        }
    }
}

static void relu_tends_to_the_hard_one(void **state)
{
    over_backends(*state, relu_limit_property, 5, 17, 0);
}

/* Probabilities from 1 down to 1e-30: the sum of all but one is good to 4 units, whichever it is,
 * also where the rest is 1e-30. */
static void others_property(trial *t)
{
    operand *eta = new_operand(t, t->shape[0], t->shape[1]);
    operand *rest = new_operand(t, t->shape[0], t->shape[1]);
    size_t m = t->shape[1];
    for (size_t i = 0; i < t->shape[0]; i++) {
        double total = 0;
        double reach = uniform(t, 0, 30);
        double *p = new_values(t, m);
        for (size_t j = 0; j < m; j++)
            total += p[j] = j == i % m ? 1 : pow(10, -reach) * uniform(t, .01, 1);
        for (size_t j = 0; j < m; j++)
            set(t, eta, i, j, p[j] / total);
    }
    freeze(eta);
    rfim__response_kernels_of(t->algebra)->others(eta->view, rest->view);
    for (size_t i = 0; i < t->shape[0]; i++) {
        for (size_t j = 0; j < m; j++) {
            long double sum = 0;
            for (size_t k = 0; k < m; k++)
                sum += k == j ? 0 : (long double)get(t, eta, i, k);
            double found = get(t, rest, i, j);
            expect(t, fabs(found - (double)sum) <= 4 * t->unit * (double)sum,
                   "the classes other than %zu have %.17g, not %.17g", j, found, (double)sum);
        }
    }
}

static void what_the_other_classes_have_does_not_cancel(void **state)
{
    over_backends(*state, others_property, 7, 5, 0);
    over_backends(*state, others_property, 5, 33, 0);
    over_backends(*state, others_property, 3, 2, 0);
    over_backends(*state, others_property, 0, 3, 0);
}

static void families_are_the_published_ones(void **state)
{
    (void)state;
    assert_int_equal(rfim__family_of(RFIM__TANH), RFIM_FAMILY_CANONICAL);
    assert_int_equal(rfim__family_of(RFIM__SIGM), RFIM_FAMILY_CANONICAL);
    assert_int_equal(rfim__family_of(RFIM__RELU), RFIM_FAMILY_GAUSSIAN);
    assert_int_equal(rfim__family_of(RFIM__ELU), RFIM_FAMILY_GAUSSIAN);
    assert_int_equal(rfim__family_of(RFIM__LINEAR), RFIM_FAMILY_GAUSSIAN);
    assert_int_equal(rfim__family_of(RFIM__GELU), RFIM_FAMILY_GAUSSIAN);
    assert_int_equal(rfim__family_of(RFIM__SOFTPLUS), RFIM_FAMILY_GAUSSIAN);
    assert_int_equal(rfim__family_of(RFIM__CUSTOM), RFIM_FAMILY_GAUSSIAN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_values),
        cmocka_unit_test(every_response_has_its_formulas_information),
        cmocka_unit_test(nu_is_finite_and_not_negative_at_the_ends_of_the_line),
        cmocka_unit_test(relu_tends_to_the_hard_one),
        cmocka_unit_test(what_the_other_classes_have_does_not_cancel),
        cmocka_unit_test(families_are_the_published_ones),
    };
    return cmocka_run_group_tests_name("metric: responses", tests, backends_set_up,
                                       backends_tear_down);
}
