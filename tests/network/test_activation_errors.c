/* Activations over long rows, as the vector code of every set of kernels computes them, against
 * long double: how many units in the last place they are off. Rows are long enough for whole
 * vectors, and not a whole number of them; large matrices go in tiles to several threads. */
#include "algebra/conformance.h"
#include "network/activation.h"

typedef struct shown {
    rfim__activation_kind kind;
    bool derivative;
    long double (*exact)(long double t);
    double reach; /* |t| up to here */
    double bound; /* units in the last place */
} shown;

static long double sigm(long double t)
{
    return t > 0 ? 1 / (1 + expl(-t)) : expl(t) / (1 + expl(t));
}

static long double sigm_derivative(long double t)
{
    return sigm(t) * sigm(-t);
}

static long double tanh_derivative(long double t)
{
    return 4 * sigm_derivative(2 * t);
}

static long double elu(long double t)
{
    return t >= 0 ? t : expm1l(t);
}

static long double elu_derivative(long double t)
{
    return t >= 0 ? 1 : expl(t);
}

static long double softplus(long double t)
{
    return (t > 0 ? t : 0) + log1pl(expl(-fabsl(t)));
}

static long double gelu(long double t)
{
    return t * erfcl(-t * 0.707106781186547524400844L) / 2;
}

/* The bounds of core/elementary_errors.h, plus 1 for what is done to the results. */
static const shown all_shown[] = {
    {RFIM__TANH, false, tanhl, 20, 3},   {RFIM__TANH, true, tanh_derivative, 40, 5},
    {RFIM__SIGM, false, sigm, 80, 3},    {RFIM__SIGM, true, sigm_derivative, 80, 5},
    {RFIM__ELU, false, elu, 80, 2.5},    {RFIM__ELU, true, elu_derivative, 80, 2.5},
    {RFIM__GELU, false, gelu, 12, 8},    {RFIM__SOFTPLUS, false, softplus, 80, 5},
    {RFIM__SOFTPLUS, true, sigm, 80, 3},
};

static void error_property(trial *t)
{
    operand *x = new_operand(t, t->shape[0], t->shape[1]);
    operand *out = new_operand(t, t->shape[0], t->shape[1]);
    for (size_t k = 0; k < sizeof all_shown / sizeof *all_shown; k++) {
        const shown *s = &all_shown[k];
        rfim__activation f = rfim__activation_defaults(s->kind);
        for (size_t i = 0; i < x->view.rows; i++) {
            for (size_t j = 0; j < x->view.columns; j++) {
                set(t, x, i, j, s->reach * uniform(t, -1, 1) * (j % 2 == 0 ? 1 : 0.05));
                set(t, out, i, j, 1);
            }
        }
        if (s->derivative)
            rfim__activation_backward(t->algebra, &f, x->view, out->view);
        else
            rfim__activation_forward(t->algebra, &f, x->view, out->view);
        for (size_t i = 0; t->compare && i < x->view.rows; i++) {
            for (size_t j = 0; j < x->view.columns; j++) {
                long double exact = s->exact((long double)get(t, x, i, j));
                long double units = fabsl((long double)get(t, out, i, j) - exact) /
                                    (2 * (long double)t->unit * fabsl(exact));
                /* a relative unit is one to two units in the last place */
                expect(t, units <= s->bound, "%s%s at %.17g: %.3Lf units off",
                       rfim__activation_name(f.kind), s->derivative ? "'" : "", get(t, x, i, j),
                       units);
            }
        }
    }
}

static void rows_are_as_exact_as_single_numbers(void **state)
{
    over_backends(*state, error_property, 1, 1, 0);
    over_backends(*state, error_property, 3, 77, 0);
    over_backends(*state, error_property, 16, 1000, 0);
    over_backends(*state, error_property, 0, 5, 0);
}

/* Rows far longer than a tile: a tile is never less than a row. */
static void rows_may_be_longer_than_a_tile(void **state)
{
    over_backends(*state, error_property, 3, 5001, 0);
}

/* Many tiles of cheap work: the bits do not depend on threads (over_backends looks). */
static void relu_property(trial *t)
{
    operand *x = random_operand(t, t->shape[0], t->shape[1]);
    operand *out = new_operand(t, t->shape[0], t->shape[1]);
    rfim__activation f = rfim__activation_defaults(RFIM__RELU);
    freeze(x);
    rfim__activation_forward(t->algebra, &f, x->view, out->view);
    for (size_t i = 0; i < x->view.rows; i++)
        for (size_t j = 0; j < x->view.columns; j++)
            expect(t, get(t, out, i, j) == fmax(get(t, x, i, j), 0), "relu at %g", get(t, x, i, j));
}

static void every_row_is_in_exactly_one_tile(void **state)
{
    over_backends(*state, relu_property, 1000, 17, 0);
    over_backends(*state, relu_property, 5000, 1, 0);
    over_shapes(*state, relu_property, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_as_exact_as_single_numbers),
        cmocka_unit_test(rows_may_be_longer_than_a_tile),
        cmocka_unit_test(every_row_is_in_exactly_one_tile),
    };
    return cmocka_run_group_tests_name("network: activations in rows", tests, backends_set_up,
                                       backends_tear_down);
}
