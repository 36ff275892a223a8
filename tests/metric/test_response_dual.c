/* What a dual system of every neuron is made of: roots of nu, the right-hand side and the diagonal,
 * against their formulas; samples without information; NaN. */
#include "algebra/conformance.h"
#include "metric/response.h"

typedef struct kind {
    rfim__activation f;
    rfim_family family;
    double sigma;
} kind;

static const kind kinds[] = {
    {{RFIM__RELU, 0, 1, 1, NULL}, RFIM_FAMILY_GAUSSIAN, 1},
    {{RFIM__RELU, 0, 0, 1, NULL}, RFIM_FAMILY_GAUSSIAN, 1},
    {{RFIM__RELU, .1, 0, 1, NULL}, RFIM_FAMILY_GAUSSIAN, .5},
    {{RFIM__TANH, 0, 1, 1, NULL}, RFIM_FAMILY_CANONICAL, 1},
    {{RFIM__TANH, 0, 1, 1, NULL}, RFIM_FAMILY_GAUSSIAN, 2},
    {{RFIM__SIGM, 0, 1, 1, NULL}, RFIM_FAMILY_CANONICAL, 3},
    {{RFIM__GELU, 0, 1, 1, NULL}, RFIM_FAMILY_GAUSSIAN, 1}, /* a slope that may be negative */
    {{RFIM__LINEAR, 0, 1, 1, NULL}, RFIM_FAMILY_GAUSSIAN, .5},
};
#define KINDS (sizeof kinds / sizeof *kinds)

/* k is the main diagonal of a [n x n] matrix. */
static rfim__matrix diagonal_of(const operand *kernel)
{
    rfim__matrix k = kernel->view;
    k.columns = 1;
    k.stride = kernel->view.stride + 1;
    return k;
}

/* Expected from nu as rfim__response_nu gives it: its root is exact to 1 unit but for the rounding
 * of nu (2 units), a quotient adds 1; sums of n terms in float64 of nu to 4 units. */
static void expect_parts(trial *t, const operand *nu, const operand *delta, const operand *kernel,
                         const operand *s, const operand *r, const operand *c)
{
    double least = t->algebra->precision == RFIM_DOUBLE ? 0x1p-500 : 0x1p-60;
    for (size_t j = 0; j < nu->view.columns; j++) {
        double sum = 0;
        double magnitude = 0;
        for (size_t i = 0; i < nu->view.rows; i++) {
            double root = sqrt(get(t, nu, i, j));
            double d = get(t, delta, i, j);
            double found = get(t, s, i, j);
            if (root > least) {
                expect(t, fabs(found - root) <= 8 * t->unit * root, "s %zu,%zu is %.17g, not %.17g",
                       i, j, found, root);
                expect(t, fabs(get(t, r, i, j) * root - d) <= 12 * t->unit * fabs(d),
                       "r %zu,%zu is %.17g, not %.17g", i, j, get(t, r, i, j), d / root);
            } else if (found == 0) {
                expect(t, get(t, r, i, j) == 0, "r %zu,%zu is not 0 where s is", i, j);
            }
            sum += root * root * get(t, kernel, i, i);
            magnitude += root * root * fabs(get(t, kernel, i, i));
        }
        expect(t, fabs(get(t, c, 0, j) - sum) <= 16 * t->unit * magnitude + least * least,
               "c %zu is %.17g, not %.17g", j, get(t, c, 0, j), sum);
    }
}

static void parts_property(trial *t)
{
    size_t n = t->shape[0];
    size_t m = t->shape[1];
    operand *x = new_operand(t, n, m);
    operand *delta = random_operand(t, n, m);
    operand *kernel = random_operand(t, n, n);
    operand *nu = new_operand(t, n, m);
    operand *s = new_operand(t, n, m);
    operand *r = new_operand(t, n, m);
    operand *c = new_operand(t, 1, m);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            set(t, x, i, j, uniform(t, -1, 1) * (j % 3 == 0 ? 30 : 2));
    freeze(x);
    freeze(delta);
    freeze(kernel);
    for (size_t k = 0; k < KINDS; k++) {
        rfim__response_nu(t->algebra, &kinds[k].f, kinds[k].family, kinds[k].sigma, x->view,
                          nu->view);
        rfim__response_dual(t->algebra, &kinds[k].f, kinds[k].family, kinds[k].sigma, x->view,
                            delta->view, diagonal_of(kernel), s->view, r->view, c->view);
        expect_parts(t, nu, delta, kernel, s, r, c);
    }
}

static void parts_are_what_the_formulas_say(void **state)
{
    over_backends(*state, parts_property, 1, 1, 0);
    over_backends(*state, parts_property, 50, 80, 0);
    over_backends(*state, parts_property, 128, 200, 0);
    over_shapes(*state, parts_property, 20);
}

/* Hard relu: samples on the left are not in the system, whatever delta is there. */
static void inactive_property(trial *t)
{
    static const double times[] = {-2, -0.0, 0, 3, -1, 1, 2, -7, 5};
    enum { COUNT = sizeof times / sizeof *times };
    rfim__activation f = rfim__activation_defaults(RFIM__RELU);
    f.omega = 0;
    operand *x = new_operand(t, 1, COUNT);
    operand *r = new_operand(t, 1, COUNT); /* delta, then r in its place */
    operand *kernel = new_operand(t, 1, 1);
    operand *s = new_operand(t, 1, COUNT);
    operand *c = new_operand(t, 1, COUNT);
    set(t, kernel, 0, 0, 5);
    for (size_t j = 0; j < COUNT; j++) {
        set(t, x, 0, j, times[j]);
        set(t, r, 0, j, 0.25);
    }
    rfim__response_dual(t->algebra, &f, RFIM_FAMILY_GAUSSIAN, 1, x->view, r->view,
                        diagonal_of(kernel), s->view, r->view, c->view);
    for (size_t j = 0; j < COUNT; j++) {
        double active = times[j] > 0 ? 1 : 0;
        expect(t, get(t, s, 0, j) == active, "s at %g", times[j]);
        expect(t, get(t, r, 0, j) == 0.25 * active, "r at %g is %g", times[j], get(t, r, 0, j));
        expect(t, get(t, c, 0, j) == 5 * active, "c at %g", times[j]);
    }
}

static void inactive_samples_are_left_out(void **state)
{
    over_backends(*state, inactive_property, 1, 9, 0);
}

/* What is not a number in t or delta must not vanish in a sample that is left out. */
static void nan_property(trial *t)
{
    rfim__activation f = rfim__activation_defaults(RFIM__RELU);
    f.omega = 0;
    operand *x = new_operand(t, 1, 4);
    operand *delta = new_operand(t, 1, 4);
    operand *kernel = new_operand(t, 1, 1);
    operand *s = new_operand(t, 1, 4);
    operand *r = new_operand(t, 1, 4);
    operand *c = new_operand(t, 1, 4);
    set(t, kernel, 0, 0, 1);
    for (size_t j = 0; j < 4; j++) {
        set(t, x, 0, j, -1);
        set(t, delta, 0, j, j == 1 ? NAN : j == 2 ? INFINITY : 1);
    }
    rfim__response_dual(t->algebra, &f, RFIM_FAMILY_GAUSSIAN, 1, x->view, delta->view,
                        diagonal_of(kernel), s->view, r->view, c->view);
    expect(t, get(t, r, 0, 0) == 0 && get(t, r, 0, 3) == 0, "r of finite delta is not 0");
    expect(t, isnan(get(t, r, 0, 1)) && isnan(get(t, r, 0, 2)), "NaN or infinite delta is hidden");
    f.omega = 1;
    set(t, x, 0, 3, NAN);
    rfim__response_dual(t->algebra, &f, RFIM_FAMILY_GAUSSIAN, 1, x->view, delta->view,
                        diagonal_of(kernel), s->view, r->view, c->view);
    expect(t, isnan(get(t, s, 0, 3)) && isnan(get(t, r, 0, 3)) && isnan(get(t, c, 0, 3)),
           "NaN in t is hidden");
}

static void numbers_that_are_none_stay_to_be_seen(void **state)
{
    over_backends(*state, nan_property, 1, 4, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_what_the_formulas_say),
        cmocka_unit_test(inactive_samples_are_left_out),
        cmocka_unit_test(numbers_that_are_none_stay_to_be_seen),
    };
    return cmocka_run_group_tests_name("metric: parts of dual systems", tests, backends_set_up,
                                       backends_tear_down);
}
