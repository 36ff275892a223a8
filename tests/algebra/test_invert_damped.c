/* The damped inverse of one matrix, over every backend (conformance.h); the bounds: spectra.h. */
#include "spectra.h"

static size_t invert(trial *t, const operand *m, const operand *lambda, const operand *p, bool wide)
{
    size_t room = rfim__invert_damped_room(t->algebra, m->view.rows);
    assert_int_equal(rfim__algebra_reserve(t->algebra, room), RFIM_OK);
    return t->algebra->ops.invert_damped(t->algebra, m->view, lambda->view, p->view, wide);
}

/* Lambda: up to `most` times the smallest eigenvalue, another one for every entry */
static operand *random_damping(trial *t, size_t order, double most)
{
    operand *lambda = new_operand(t, order, 1);
    for (size_t k = 0; k < order; k++)
        set(t, lambda, k, 0, uniform(t, 0, most));
    return lambda;
}

/* M + Lambda, without rounding */
static double *damped(trial *t, const double *a, const operand *lambda, size_t order)
{
    double *sum = new_values(t, order * order);
    memcpy(sum, a, order * order * sizeof *sum);
    for (size_t k = 0; k < order; k++)
        sum[k * order + k] += get(t, lambda, k, 0);
    return sum;
}

static void expect_symmetric(const trial *t, const double *p, size_t order)
{
    for (size_t k = 0; k < order; k++)
        for (size_t l = 0; l < k; l++)
            expect(t, p[k * order + l] == p[l * order + k], "the triangles differ at %zu %zu", k,
                   l);
}

/* shape: D, whether in float64; above the diagonal M is NaN */
static void invert_property(trial *t)
{
    size_t order = t->shape[0];
    double condition = random_condition(t);
    const double *a = spectral_matrix(t, order, condition);
    operand *m = lower_operand(t, a, order);
    operand *lambda = random_damping(t, order, 2 / condition);
    operand *p = new_operand(t, order, order);
    freeze(m);
    freeze(lambda);
    size_t failed = invert(t, m, lambda, p, t->shape[1]);
    tell(t, (double)failed);
    expect(t, failed == 0, "pivot %zu is not positive", failed);
    if (!t->compare)
        return;
    const double *inverse = values_of(t, p);
    expect_symmetric(t, inverse, order);
    expect_inverse(t, damped(t, a, lambda, order), inverse, order,
                   residual_bound(t, order, condition));
}

/* shape: D. In float64 P is right but for the rounding of its entries, whatever float32 makes of
 * the matrix: |A P - I| <= u |A||P| entry by entry. */
static void wide_property(trial *t)
{
    size_t order = t->shape[0];
    double condition = bad_condition(t);
    const double *a = spectral_matrix(t, order, condition);
    operand *m = lower_operand(t, a, order);
    operand *lambda = random_damping(t, order, 0.1 / condition);
    operand *p = new_operand(t, order, order);
    size_t failed = invert(t, m, lambda, p, true);
    expect(t, failed == 0, "pivot %zu is not positive in float64", failed);
    if (t->algebra->precision == RFIM_DOUBLE || !t->compare)
        return;
    const double *whole = damped(t, a, lambda, order);
    const double *inverse = values_of(t, p);
    for (size_t k = 0; k < order; k++) {
        for (size_t l = 0; l < order; l++) {
            long double residual = k == l ? -1 : 0;
            double size = 0;
            for (size_t q = 0; q < order; q++) {
                long double product = (long double)whole[k * order + q] * inverse[q * order + l];
                residual += product;
                size += fabs((double)product);
            }
            double bound = 1.01 * t->unit * size + 1e-7;
            expect(t, fabs((double)residual) <= bound, "A P - I is %Lg at %zu %zu, bound %g",
                   residual, k, l, bound);
        }
    }
}

/* shape: D, how it is broken */
static void broken_property(trial *t)
{
    size_t order = t->shape[0];
    size_t bad = 1 + rfim__random_below(&t->random, (uint32_t)order);
    operand *m = lower_operand(t, broken_matrix(t, order, t->shape[1] == 0 ? bad : order + 1),
                               order);
    operand *lambda = random_damping(t, order, 0x1p-20);
    operand *p = new_operand(t, order, order);
    if (t->shape[1] == 1)
        set(t, m, bad - 1, bad - 1, NAN);
    if (t->shape[1] == 2)
        set(t, m, bad - 1, bad - 1, INFINITY);
    if (t->shape[1] == 3)
        set(t, lambda, bad - 1, 0, NAN);
    for (int wide = 0; wide < 2; wide++) {
        size_t failed = invert(t, m, lambda, p, wide);
        expect(t, tell(t, (double)failed) == (double)bad, "pivot %zu is reported in place of %zu",
               failed, bad);
    }
    for (size_t k = 0; k < order; k++) /* of no use now */
        for (size_t l = 0; l < order; l++)
            set(t, p, k, l, 0);
}

static void invert_damped(void **state)
{
    static const size_t small[] = {1, 2, 3, 5, 48, 130};
    for (size_t o = 0; o < ORDERS; o++)
        for (size_t wide = 0; wide < 2; wide++)
            over_backends(*state, invert_property, orders[o], wide, 0);
    for (size_t o = 0; o < 6; o++)
        over_backends(*state, invert_property, small[o], o % 2, 0);
}

static void float64_inverts_what_float32_can_not(void **state)
{
    for (size_t o = 0; o < ORDERS; o++)
        over_backends(*state, wide_property, orders[o], 0, 0);
}

static void the_pivot_that_is_not_positive_is_named(void **state)
{
    static const size_t few[] = {1, 2, 5, 17, 81};
    for (size_t o = 0; o < 5; o++)
        for (size_t way = 0; way < 4; way++)
            over_backends(*state, broken_property, few[o], way, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invert_damped),
        cmocka_unit_test(float64_inverts_what_float32_can_not),
        cmocka_unit_test(the_pivot_that_is_not_positive_is_named),
    };
    return cmocka_run_group_tests_name("algebra: damped inverse", tests, backends_set_up,
                                       backends_tear_down);
}
