/* Factors of the seam, over every backend (conformance.h); the bounds: spectra.h. */
#include "spectra.h"

static void cholesky_property(trial *t)
{
    size_t order = t->shape[0];
    const double *a = spectral_matrix(t, order, random_condition(t));
    operand *x = lower_operand(t, a, order);
    size_t pivot = t->algebra->ops.cholesky(t->algebra, x->view);
    tell(t, (double)pivot);
    expect(t, pivot == 0, "pivot %zu is not positive", pivot);
    if (!t->compare)
        return;
    expect_factor(t, a, values_of(t, x), order);
}

static void cholesky_invert_property(trial *t)
{
    size_t order = t->shape[0];
    double condition = random_condition(t);
    const double *a = spectral_matrix(t, order, condition);
    operand *x = lower_operand(t, a, order);
    expect(t, t->algebra->ops.cholesky(t->algebra, x->view) == 0, "is not positive definite");
    t->algebra->ops.cholesky_invert(t->algebra, x->view);
    if (!t->compare)
        return;
    const double *p = values_of(t, x);
    for (size_t k = 0; k < order; k++)
        for (size_t l = 0; l < k; l++)
            expect(t, p[k * order + l] == p[l * order + k], "the triangles differ at %zu %zu", k,
                   l);
    expect_inverse(t, a, p, order, residual_bound(t, order, condition));
}

/* shape: D, m. B is A X of an X that is known, up to its own rounding. */
static void cholesky_solve_property(trial *t)
{
    size_t order = t->shape[0];
    size_t columns = t->shape[1];
    double condition = random_condition(t);
    const double *a = spectral_matrix(t, order, condition);
    double *solution = new_values(t, order * columns);
    operand *l = lower_operand(t, a, order);
    operand *b = new_operand(t, order, columns);
    for (size_t e = 0; e < order * columns; e++)
        solution[e] = uniform(t, -1, 1);
    for (size_t k = 0; k < order; k++) {
        for (size_t j = 0; j < columns; j++) {
            long double sum = 0;
            for (size_t q = 0; q < order; q++)
                sum += (long double)a[k * order + q] * solution[q * columns + j];
            set(t, b, k, j, (double)sum);
        }
    }
    expect(t, t->algebra->ops.cholesky(t->algebra, l->view) == 0, "is not positive definite");
    freeze(l);
    t->algebra->ops.cholesky_solve(t->algebra, l->view, b->view);
    double error = 0;
    double size = 0;
    for (size_t k = 0; k < order; k++) {
        for (size_t j = 0; j < columns; j++) {
            double exact = solution[k * columns + j];
            error += pow(get(t, b, k, j) - exact, 2);
            size += exact * exact;
        }
    }
    double bound = residual_bound(t, order, condition) * sqrt(size);
    expect(t, sqrt(error) <= bound, "the error is %g, bound %g", sqrt(error), bound);
}

/* shape: D, m */
static void backward_error_property(trial *t)
{
    size_t order = t->shape[0];
    size_t columns = t->shape[1];
    const double *a = spectral_matrix(t, order, bad_condition(t));
    operand *l = lower_operand(t, a, order);
    operand *x = new_operand(t, order, columns);
    for (size_t j = 0; j < columns; j++)
        set_right_side(t, x, j, a, order, j % 2 == 1);
    const double *b = values_of(t, x);
    expect(t, t->algebra->ops.cholesky(t->algebra, l->view) == 0, "is not positive definite");
    t->algebra->ops.cholesky_solve(t->algebra, l->view, x->view);
    for (size_t j = 0; t->compare && j < columns; j++)
        expect_small_residual(t, a, 1, x, b, j);
}

/* shape: D, m. The residual of a triangular solve is small whatever the condition: column by
 * column |L x - b| <= D u |L||x|, entry by entry (Higham, theorem 8.5); twice, as libraries
 * multiply by the rounded inverse of a pivot. */
static void check_triangle_solve(trial *t, rfim__transposed transposed)
{
    size_t order = t->shape[0];
    size_t columns = t->shape[1];
    operand *l = lower_operand(t, spectral_matrix(t, order, random_condition(t)), order);
    operand *b = random_operand(t, order, columns);
    expect(t, t->algebra->ops.cholesky(t->algebra, l->view) == 0, "is not positive definite");
    const double *before = values_of(t, b);
    freeze(l);
    t->algebra->ops.triangle_solve(t->algebra, l->view, transposed, b->view);
    for (size_t k = 0; t->compare && k < order; k++) {
        for (size_t j = 0; j < columns; j++) {
            long double residual = -before[k * columns + j];
            double size = 0;
            for (size_t q = transposed ? k : 0; q <= (transposed ? order - 1 : k); q++) {
                double entry = transposed ? get(t, l, q, k) : get(t, l, k, q);
                residual += (long double)entry * get(t, b, q, j);
                size += fabs(entry * get(t, b, q, j));
            }
            double bound = 2 * ((double)order + 2) * t->unit * size;
            expect(t, fabs((double)residual) <= bound, "row %zu of L X%s is off by %Lg, bound %g",
                   k, transposed ? " (transposed)" : "", residual, bound);
        }
    }
}

static void triangle_solve_property(trial *t)
{
    check_triangle_solve(t, RFIM__PLAIN);
}

static void transposed_triangle_solve_property(trial *t)
{
    check_triangle_solve(t, RFIM__TRANSPOSED);
}

/* --- what is not positive definite
 * --------------------------------------------------------------*/

/* shape: D, how it is broken */
static void broken_cholesky_property(trial *t)
{
    static const double bad_numbers[] = {NAN, -1, 0, INFINITY, -INFINITY};
    size_t order = t->shape[0];
    size_t bad = 1 + rfim__random_below(&t->random, (uint32_t)order);
    size_t way = t->shape[1];
    operand *x = lower_operand(t, broken_matrix(t, order, way == 0 ? bad : order + 1), order);
    if (way > 0) /* in the row of the pivot, or on it */
        set(t, x, bad - 1, way == 1 ? rfim__random_below(&t->random, (uint32_t)bad) : bad - 1,
            bad_numbers[way - 1]);
    size_t found = t->algebra->ops.cholesky(t->algebra, x->view);
    tell(t, (double)found);
    expect(t, found == bad, "pivot %zu is reported in place of %zu", found, bad);
}

/* --- tests
 * --------------------------------------------------------------------------------------*/

static void cholesky(void **state)
{
    for (size_t o = 0; o < ORDERS; o++)
        over_backends(*state, cholesky_property, orders[o], 0, 0);
    over_backends(*state, cholesky_property, 300, 0, 0);
}

static void cholesky_invert(void **state)
{
    for (size_t o = 0; o < ORDERS; o++)
        over_backends(*state, cholesky_invert_property, orders[o], 0, 0);
    over_backends(*state, cholesky_invert_property, 300, 0, 0);
}

static void cholesky_solve(void **state)
{
    static const size_t columns[] = {1, 0, 3, 10, 16, 80};
    for (size_t o = 0; o < ORDERS; o++)
        over_backends(*state, cholesky_solve_property, orders[o], columns[o % 6], 0);
    over_backends(*state, cholesky_solve_property, 17, 0, 0);
}

static void cholesky_solve_has_a_small_backward_error_when_badly_conditioned(void **state)
{
    for (size_t o = 1; o < ORDERS; o++)
        over_backends(*state, backward_error_property, orders[o], 4, 0);
    over_backends(*state, backward_error_property, 300, 4, 0);
}

static void triangle_solve(void **state)
{
    static const size_t columns[] = {1, 0, 3, 10, 16, 80};
    for (size_t o = 0; o < ORDERS; o++) {
        over_backends(*state, triangle_solve_property, orders[o], columns[o % 6], 0);
        over_backends(*state, transposed_triangle_solve_property, orders[o], columns[o % 6], 0);
    }
}

static void cholesky_names_the_pivot_that_is_not_positive(void **state)
{
    for (size_t o = 1; o < ORDERS; o++)
        for (size_t way = o % 2; way < 6; way += 2)
            over_backends(*state, broken_cholesky_property, orders[o], way, 0);
    over_backends(*state, broken_cholesky_property, 300, 0, 0);
    over_backends(*state, broken_cholesky_property, 300, 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cholesky),
        cmocka_unit_test(cholesky_invert),
        cmocka_unit_test(cholesky_solve),
        cmocka_unit_test(cholesky_solve_has_a_small_backward_error_when_badly_conditioned),
        cmocka_unit_test(triangle_solve),
        cmocka_unit_test(cholesky_names_the_pivot_that_is_not_positive),
    };
    return cmocka_run_group_tests_name("algebra: factors", tests, backends_set_up,
                                       backends_tear_down);
}
