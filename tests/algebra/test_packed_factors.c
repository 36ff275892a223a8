/* Factors of packed lanes, over every backend (conformance.h); the bounds: spectra.h. */
#include "packed.h"
#include "spectra.h"

static size_t packed_invert(trial *t, const operand *m, const operand *lambda, const operand *p,
                            bool wide)
{
    size_t room = rfim__packed_invert_room(t->algebra, lambda->view.rows);
    assert_int_equal(rfim__algebra_reserve(t->algebra, room), RFIM_OK);
    return t->algebra->ops.packed_invert(t->algebra, m->view, lambda->view, p->view, wide);
}

static size_t packed_cholesky(trial *t, const operand *m, const operand *lambda, const operand *l)
{
    size_t room = rfim__packed_cholesky_room(lambda->view.rows);
    assert_int_equal(rfim__algebra_reserve(t->algebra, room), RFIM_OK);
    return t->algebra->ops.packed_cholesky(t->algebra, m->view, lambda->view, l->view);
}

/* [D x D] of lane j; of a symmetric matrix both triangles, of a factor the lower one */
static double *unpacked(trial *t, const operand *m, size_t j, size_t order, bool symmetric)
{
    double *a = new_values(t, order * order);
    for (size_t k = 0; k < order; k++) {
        for (size_t l = 0; l <= k; l++) {
            a[k * order + l] = get_packed(t, m, order, j, k, l);
            if (symmetric)
                a[l * order + k] = a[k * order + l];
        }
    }
    return a;
}

/* Fills M and Lambda with matrices of that condition; the damping is up to `most` times the
 * smallest eigenvalue, another one for every entry. */
static void set_matrices(trial *t, const operand *m, const operand *lambda, double condition,
                         double most)
{
    size_t order = lambda->view.rows;
    for (size_t j = 0; j < lambda->view.columns; j++) {
        set_packed(t, m, j, spectral_matrix(t, order, condition), order);
        for (size_t k = 0; k < order; k++)
            set(t, lambda, k, j, uniform(t, 0, most / condition));
        free(t->values[--t->value_count]);
    }
}

/* M_j + diag(Lambda_:j), without rounding */
static double *damped(trial *t, const operand *m, const operand *lambda, size_t j)
{
    size_t order = lambda->view.rows;
    double *a = unpacked(t, m, j, order, true);
    for (size_t k = 0; k < order; k++)
        a[k * order + k] += get(t, lambda, k, j);
    return a;
}

/* shape: D, m, 1: in float64, 2: P takes the place of M. The damping is up to twice the smallest
 * eigenvalue, another one for every entry. */
static void packed_invert_property(trial *t)
{
    size_t order = t->shape[0];
    size_t neurons = t->shape[1];
    double condition = random_condition(t);
    operand *m = new_packed(t, order, neurons);
    operand *lambda = new_operand(t, order, neurons);
    operand *p = t->shape[2] & 2 ? m : new_packed(t, order, neurons);
    set_matrices(t, m, lambda, condition, 2);
    double *matrices = new_values(t, order * order * neurons);
    for (size_t j = 0; j < neurons; j++) {
        memcpy(matrices + j * order * order, damped(t, m, lambda, j),
               order * order * sizeof *matrices);
        free(t->values[--t->value_count]);
    }
    if (p != m)
        freeze(m);
    freeze(lambda);
    size_t failed = packed_invert(t, m, lambda, p, t->shape[2] & 1);
    tell(t, (double)failed);
    expect(t, failed == 0, "block %zu is not positive definite", failed);
    expect_nothing_beyond(t, p, order, neurons);
    if (!t->compare)
        return;
    for (size_t j = 0; j < neurons; j++) {
        expect_inverse(t, matrices + j * order * order, unpacked(t, p, j, order, true), order,
                       residual_bound(t, order, condition));
        free(t->values[--t->value_count]);
    }
}

/* shape: D, m. In float64 a float32 algebra's inverse of an ill-conditioned matrix is right to the
 * rounding of its entries, where float32 arithmetic loses digits or fails. M and Lambda are what
 * float32 holds, and R, the residual of P, is at most |A| |P| times that rounding. */
static void wide_property(trial *t)
{
    size_t order = t->shape[0];
    size_t neurons = t->shape[1];
    double condition = bad_condition(t);
    operand *m = new_packed(t, order, neurons);
    operand *lambda = new_operand(t, order, neurons);
    operand *p = new_packed(t, order, neurons);
    set_matrices(t, m, lambda, condition, 0.1);
    freeze(m);
    size_t failed = packed_invert(t, m, lambda, p, true);
    expect(t, failed == 0, "block %zu fails in float64", failed);
    if (t->algebra->precision == RFIM_DOUBLE || !t->compare)
        return;
    for (size_t j = 0; j < neurons; j++) {
        const double *a = damped(t, m, lambda, j);
        const double *inverse = unpacked(t, p, j, order, true);
        for (size_t k = 0; k < order; k++) {
            for (size_t l = 0; l < order; l++) {
                long double residual = k == l ? -1 : 0;
                double size = 0;
                for (size_t q = 0; q < order; q++) {
                    long double product = (long double)a[k * order + q] * inverse[q * order + l];
                    residual += product;
                    size += fabs((double)product);
                }
                double bound = 1.01 * t->unit * size + 1e-7;
                expect(t, fabs((double)residual) <= bound,
                       "block %zu: A P - I is %Lg at %zu %zu, bound %g", j, residual, k, l, bound);
            }
        }
        free(t->values[--t->value_count]);
        free(t->values[--t->value_count]);
    }
}

/* shape: D, m. A neuron that is dead, M_j = 0, has the inverse of its damping. */
static void dead_property(trial *t)
{
    size_t order = t->shape[0];
    size_t neurons = t->shape[1];
    operand *m = new_packed(t, order, neurons);
    operand *lambda = new_operand(t, order, neurons);
    operand *p = new_packed(t, order, neurons);
    set_matrices(t, m, lambda, 10, 0.1);
    size_t dead = rfim__random_below(&t->random, (uint32_t)neurons);
    for (size_t k = 0; k < order; k++) {
        set(t, lambda, k, dead, ldexp(1, -(int)(k % 8)));
        for (size_t l = 0; l <= k; l++)
            set_packed_entry(t, m, order, dead, k, l, 0);
    }
    for (int wide = 0; wide < 2; wide++) {
        expect(t, packed_invert(t, m, lambda, p, wide) == 0, "a dead neuron fails");
        for (size_t k = 0; k < order; k++)
            for (size_t l = 0; l <= k; l++) {
                double found = get_packed(t, p, order, dead, k, l);
                double expected = k == l ? ldexp(1, (int)(k % 8)) : 0;
                expect(t, fabs(found - expected) <= 8 * t->unit * expected,
                       "entry %zu %zu of a dead neuron is %g", k, l, found);
            }
    }
}

/* shape: D, m, whether L takes the place of M */
static void packed_cholesky_property(trial *t)
{
    size_t order = t->shape[0];
    size_t neurons = t->shape[1];
    operand *m = new_packed(t, order, neurons);
    operand *lambda = new_operand(t, order, neurons);
    operand *l = t->shape[2] ? m : new_packed(t, order, neurons);
    set_matrices(t, m, lambda, random_condition(t), 2);
    double *matrices = new_values(t, order * order * neurons);
    for (size_t j = 0; j < neurons; j++) {
        memcpy(matrices + j * order * order, damped(t, m, lambda, j),
               order * order * sizeof *matrices);
        free(t->values[--t->value_count]);
    }
    if (l != m)
        freeze(m);
    freeze(lambda);
    size_t failed = packed_cholesky(t, m, lambda, l);
    tell(t, (double)failed);
    expect(t, failed == 0, "block %zu is not positive definite", failed);
    for (size_t j = 0; t->compare && j < neurons; j++) {
        expect_factor(t, matrices + j * order * order, unpacked(t, l, j, order, false), order);
        free(t->values[--t->value_count]);
    }
}

/* shape: D, m. Hardly any damping: it must not make the matrices better than they are. */
static void packed_solve_property(trial *t)
{
    size_t order = t->shape[0];
    size_t neurons = t->shape[1];
    operand *m = new_packed(t, order, neurons);
    operand *lambda = new_operand(t, order, neurons);
    operand *l = new_packed(t, order, neurons);
    operand *x = new_operand(t, order, neurons);
    set_matrices(t, m, lambda, bad_condition(t), 0.1);
    for (size_t j = 0; j < neurons; j++) {
        set_right_side(t, x, j, damped(t, m, lambda, j), order, j % 2 == 1);
        free(t->values[--t->value_count]);
    }
    const double *b = values_of(t, x);
    size_t failed = packed_cholesky(t, m, lambda, l);
    expect(t, failed == 0, "block %zu is not positive definite", failed);
    freeze(l);
    assert_int_equal(rfim__algebra_reserve(t->algebra, rfim__packed_multiply_room(order)), RFIM_OK);
    t->algebra->ops.packed_solve(t->algebra, l->view, x->view);
    for (size_t j = 0; t->compare && j < neurons; j++) {
        expect_small_residual(t, damped(t, m, lambda, j), 1, x, b, j);
        free(t->values[--t->value_count]);
    }
}

/* shape: D, m, transposed or not. Row by row the residual is small whatever the condition:
 * |L x - b| <= D u |L||x| (Higham, theorem 8.5). */
static void packed_triangle_solve_property(trial *t)
{
    size_t order = t->shape[0];
    size_t neurons = t->shape[1];
    rfim__transposed transposed = t->shape[2] ? RFIM__TRANSPOSED : RFIM__PLAIN;
    operand *l = new_packed(t, order, neurons);
    operand *lambda = new_operand(t, order, neurons);
    operand *x = random_operand(t, order, neurons);
    set_matrices(t, l, lambda, random_condition(t), 2);
    expect(t, packed_cholesky(t, l, lambda, l) == 0, "a block is not positive definite");
    const double *b = values_of(t, x);
    freeze(l);
    assert_int_equal(rfim__algebra_reserve(t->algebra, rfim__packed_multiply_room(order)), RFIM_OK);
    t->algebra->ops.packed_triangle_solve(t->algebra, l->view, transposed, x->view);
    for (size_t j = 0; t->compare && j < neurons; j++) {
        for (size_t k = 0; k < order; k++) {
            long double residual = -b[k * neurons + j];
            double size = 0;
            for (size_t q = transposed ? k : 0; q <= (transposed ? order - 1 : k); q++) {
                double entry = get_packed(t, l, order, j, transposed ? q : k, transposed ? k : q);
                long double product = (long double)entry * get(t, x, q, j);
                residual += product;
                size += fabs((double)product);
            }
            double bound = ((double)order + 2) * t->unit * size;
            expect(t, fabs((double)residual) <= bound, "row %zu of block %zu is off by %Lg", k, j,
                   residual);
        }
    }
}

/* shape: D, m, how it is broken; it is inverted, factorised, or inverted in float64. Several blocks
 * are broken, at different pivots: the first of them is reported. */
static void broken_packed_property(trial *t)
{
    size_t order = t->shape[0];
    size_t neurons = t->shape[1];
    operand *m = new_packed(t, order, neurons);
    operand *lambda = new_operand(t, order, neurons);
    operand *p = new_packed(t, order, neurons);
    size_t first = 0;
    size_t way = t->shape[2] % 4;
    for (size_t j = 0; j < neurons; j++) {
        bool broken = uniform(t, 0, 1) < 0.15 || (first == 0 && j + 1 == neurons);
        size_t bad = 1 + rfim__random_below(&t->random, (uint32_t)order);
        bool indefinite = broken && way == 0;
        set_packed(t, m, j, broken_matrix(t, order, indefinite ? bad : order + 1), order);
        free(t->values[--t->value_count]);
        free(t->values[--t->value_count]);
        for (size_t k = 0; k < order; k++)
            set(t, lambda, k, j, 0x1p-20);
        if (broken && way == 1)
            set_packed_entry(t, m, order, j, bad - 1, rfim__random_below(&t->random, (uint32_t)bad),
                             NAN);
        if (broken && way == 2)
            set(t, lambda, bad - 1, j, NAN);
        if (broken && way == 3)
            set_packed_entry(t, m, order, j, bad - 1, bad - 1, INFINITY);
        if (broken && first == 0)
            first = j + 1;
    }
    freeze(m);
    size_t found = t->shape[2] / 4 == 1 ? packed_cholesky(t, m, lambda, p)
                                        : packed_invert(t, m, lambda, p, t->shape[2] / 4 == 2);
    tell(t, (double)found);
    expect(t, found == first, "block %zu is reported in place of %zu", found, first);
    /* What P holds then is of no use, and which blocks were still inverted may depend on timing. */
    for (size_t e = 0; e < p->view.rows; e++)
        for (size_t v = 0; v < p->view.columns; v++)
            set(t, p, e, v, 0);
}

static void packed_invert_of_all(void **state)
{
    static const size_t neurons[] = {1, 2, 33, 0, 16, 17, 15, 3};
    static const size_t small[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    for (size_t o = 0; o < ORDERS; o++)
        over_backends(*state, packed_invert_property, orders[o], neurons[o % 8], o % 4);
    for (size_t o = 0; o < 9; o++)
        over_backends(*state, packed_invert_property, small[o], neurons[o % 8], (o + 1) % 4);
    over_backends(*state, packed_invert_property, 17, 49, 0);
    over_backends(*state, packed_invert_property, 81, 80, 0);
    over_backends(*state, packed_invert_property, 81, 80, 1);
    over_backends(*state, packed_invert_property, 130, 17, 3);
}

static void float64_inverts_what_float32_can_not(void **state)
{
    static const size_t neurons[] = {1, 15, 16, 17, 7, 8};
    static const size_t few[] = {1, 2, 3, 5, 81, 130};
    for (size_t o = 0; o < 6; o++)
        over_backends(*state, wide_property, few[o], neurons[o], 0);
}

static void a_dead_neuron_has_the_inverse_of_its_damping(void **state)
{
    over_backends(*state, dead_property, 5, 3, 0);
    over_backends(*state, dead_property, 18, 33, 0);
}

static void packed_cholesky_of_all(void **state)
{
    static const size_t neurons[] = {1, 2, 33, 0, 16, 17, 15, 3};
    for (size_t o = 0; o < ORDERS; o++)
        over_backends(*state, packed_cholesky_property, orders[o], neurons[o % 8], o % 2);
    over_backends(*state, packed_cholesky_property, 17, 49, 0);
    over_backends(*state, packed_cholesky_property, 16, 49, 1);
}

static void packed_solve_has_a_small_backward_error_when_badly_conditioned(void **state)
{
    static const size_t neurons[] = {1, 2, 33, 4, 16, 17, 15, 3};
    for (size_t o = 1; o < ORDERS; o++)
        over_backends(*state, packed_solve_property, orders[o], neurons[o % 8], 0);
    over_backends(*state, packed_solve_property, 17, 49, 0);
    over_backends(*state, packed_solve_property, 0, 2, 0);
    over_backends(*state, packed_solve_property, 5, 0, 0);
}

static void packed_triangle_solve(void **state)
{
    static const size_t neurons[] = {1, 2, 33, 0, 16, 17, 15, 3};
    for (size_t o = 0; o < ORDERS; o++)
        for (size_t transposed = 0; transposed < 2; transposed++)
            over_backends(*state, packed_triangle_solve_property, orders[o], neurons[o % 8],
                          transposed);
}

static void the_first_block_that_fails_is_named(void **state)
{
    static const size_t few[] = {1, 2, 5, 16, 33};
    for (size_t o = 0; o < 5; o++)
        for (size_t way = 0; way < 12; way++)
            over_backends(*state, broken_packed_property, few[o], 10 + 13 * o, way);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_invert_of_all),
        cmocka_unit_test(float64_inverts_what_float32_can_not),
        cmocka_unit_test(a_dead_neuron_has_the_inverse_of_its_damping),
        cmocka_unit_test(packed_cholesky_of_all),
        cmocka_unit_test(packed_solve_has_a_small_backward_error_when_badly_conditioned),
        cmocka_unit_test(packed_triangle_solve),
        cmocka_unit_test(the_first_block_that_fails_is_named),
    };
    return cmocka_run_group_tests_name("algebra: packed factors", tests, backends_set_up,
                                       backends_tear_down);
}
