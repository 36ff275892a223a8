/* Factors of the seam, over every backend (conformance.h), on matrices whose spectrum is known:
 * A = H diag H^T with H a product of Householder reflections, the eigenvalues spread evenly in
 * the logarithm from 1/condition to 1.
 *
 * Bounds, u the unit of rounding, D the order (Higham, Accuracy and Stability, chapters 10 and
 * 14): Cholesky is off by at most (D+1) u |L||L^T| entry by entry; an inverse P leaves a residual
 * of a few D u condition, a solution errs by as much. The errors of single roundings add up like a
 * random walk, so sqrt(D) u condition is what is seen, and 8 times that is asked for. */
#include "spectra.h"

/* 1e4 to 1e10 in float64, 1e2 to 1e4 in float32 */
static double random_condition(trial *t)
{
    double most = t->algebra->precision == RFIM_DOUBLE ? 10 : 4;
    return pow(10, uniform(t, most / 2.5, most));
}

static double residual_bound(const trial *t, size_t order, double condition)
{
    return 8 * t->unit * condition * sqrt((double)order + 1);
}

static void expect_inverse(const trial *t, const double *a, const double *p, size_t order,
                           double bound)
{
    double norm = 0;
    for (size_t k = 0; k < order; k++) {
        for (size_t l = 0; l < order; l++) {
            double sum = k == l ? -1 : 0;
            for (size_t q = 0; q < order; q++)
                sum += a[k * order + q] * p[l * order + q];
            norm += sum * sum;
        }
    }
    /* the sums above round, too: in float64 that is part of what the bound allows */
    expect(t, sqrt(norm) <= bound * sqrt((double)order), "|A P - I| is %g, bound %g", sqrt(norm),
           bound * sqrt((double)order));
}

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
    const double *l = values_of(t, x);
    for (size_t i = 0; i < order; i++) {
        expect(t, l[i * order + i] > 0, "the diagonal of L is not positive");
        for (size_t j = 0; j <= i; j++) {
            long double product = 0;
            double size = 0;
            for (size_t k = 0; k <= j; k++) {
                long double term = (long double)l[i * order + k] * l[j * order + k];
                product += term;
                size += fabs((double)term);
            }
            /* twice, as libraries multiply by the rounded inverse of a pivot */
            double bound = 2 * ((double)order + 2) * t->unit * size;
            expect(t, fabs((double)(product - a[i * order + j])) <= bound,
                   "L L^T is off by %Lg at %zu %zu, bound %g", product - a[i * order + j], i, j,
                   bound);
        }
    }
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

/* --- packed lanes ------------------------------------------------------------------------------
 */

static size_t packed_invert(trial *t, const operand *m, const operand *lambda, const operand *p)
{
    size_t room = rfim__packed_invert_room(lambda->view.rows);
    assert_int_equal(rfim__algebra_reserve(t->algebra, room), RFIM_OK);
    return t->algebra->ops.packed_invert(t->algebra, m->view, lambda->view, p->view);
}

/* shape: D, m. The damping is up to twice the smallest eigenvalue, another one for every entry. */
static void packed_invert_property(trial *t)
{
    size_t order = t->shape[0];
    size_t neurons = t->shape[1];
    double condition = random_condition(t);
    operand *m = new_operand(t, rfim__triangle(order), neurons);
    operand *lambda = new_operand(t, order, neurons);
    operand *p = new_operand(t, rfim__triangle(order), neurons);
    for (size_t j = 0; j < neurons; j++) {
        double *a = spectral_matrix(t, order, condition);
        set_packed(t, m, j, a, order);
        for (size_t k = 0; k < order; k++)
            set(t, lambda, k, j, uniform(t, 0, 2 / condition));
        free(t->values[--t->value_count]);
    }
    freeze(m);
    freeze(lambda);
    size_t failed = packed_invert(t, m, lambda, p);
    tell(t, (double)failed);
    expect(t, failed == 0, "block %zu is not positive definite", failed);
    if (!t->compare)
        return;
    double *a = new_values(t, order * order);
    double *b = new_values(t, order * order);
    for (size_t j = 0; j < neurons; j++) {
        for (size_t k = 0; k < order; k++) {
            for (size_t l = 0; l <= k; l++) {
                size_t e = rfim__triangle(k) + l;
                double damping = k == l ? get(t, lambda, k, j) : 0;
                a[k * order + l] = a[l * order + k] = get(t, m, e, j) + damping;
                b[k * order + l] = b[l * order + k] = get(t, p, e, j);
            }
        }
        expect_inverse(t, a, b, order, residual_bound(t, order, condition));
    }
}

/* --- what is not positive definite
 * --------------------------------------------------------------*/

/* A = L diag(d) L^T with a unit lower L: d_k are the squares of Cholesky's pivots, so pivot `bad`
 * (from 1) is the first that is not positive. */
static double *broken_matrix(trial *t, size_t order, size_t bad)
{
    double *l = new_values(t, order * order);
    double *a = new_values(t, order * order);
    for (size_t k = 0; k < order; k++) {
        for (size_t j = 0; j < k; j++)
            l[k * order + j] = uniform(t, -1, 1) / sqrt((double)order);
        l[k * order + k] = 1;
    }
    for (size_t k = 0; k < order; k++) {
        for (size_t j = 0; j <= k; j++) {
            for (size_t p = 0; p <= j; p++) {
                double pivot = p + 1 == bad ? -1 : p + 1 > bad ? uniform(t, -1, 1) : 1;
                a[k * order + j] += l[k * order + p] * pivot * l[j * order + p];
            }
        }
    }
    return a;
}

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

/* shape: D, m, how it is broken. Several blocks are broken, at different pivots: the first of
 * them is reported. */
static void broken_packed_property(trial *t)
{
    size_t order = t->shape[0];
    size_t neurons = t->shape[1];
    operand *m = new_operand(t, rfim__triangle(order), neurons);
    operand *lambda = new_operand(t, order, neurons);
    operand *p = new_operand(t, rfim__triangle(order), neurons);
    size_t first = 0;
    for (size_t j = 0; j < neurons; j++) {
        bool broken = uniform(t, 0, 1) < 0.15 || (first == 0 && j + 1 == neurons);
        size_t bad = 1 + rfim__random_below(&t->random, (uint32_t)order);
        bool indefinite = broken && t->shape[2] == 0;
        set_packed(t, m, j, broken_matrix(t, order, indefinite ? bad : order + 1), order);
        free(t->values[--t->value_count]);
        free(t->values[--t->value_count]);
        for (size_t k = 0; k < order; k++)
            set(t, lambda, k, j, 0x1p-20);
        if (broken && t->shape[2] == 1)
            set(t, m, rfim__triangle(bad - 1) + rfim__random_below(&t->random, (uint32_t)bad), j,
                NAN);
        if (broken && t->shape[2] == 2)
            set(t, lambda, bad - 1, j, NAN);
        if (broken && t->shape[2] == 3)
            set(t, m, rfim__triangle(bad - 1) + bad - 1, j, INFINITY);
        if (broken && first == 0)
            first = j + 1;
    }
    freeze(m);
    size_t found = packed_invert(t, m, lambda, p);
    tell(t, (double)found);
    expect(t, found == first, "block %zu is reported in place of %zu", found, first);
    /* What P holds then is of no use, and which blocks were still inverted may depend on timing. */
    for (size_t e = 0; e < p->view.rows; e++)
        for (size_t j = 0; j < neurons; j++)
            set(t, p, e, j, 0);
}

/* --- tests
 * --------------------------------------------------------------------------------------*/

static const size_t orders[] = {0, 1, 2, 15, 16, 17, 31, 50, 80, 81, 97, 129};
#define ORDERS (sizeof orders / sizeof orders[0])

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

static void triangle_solve(void **state)
{
    static const size_t columns[] = {1, 0, 3, 10, 16, 80};
    for (size_t o = 0; o < ORDERS; o++) {
        over_backends(*state, triangle_solve_property, orders[o], columns[o % 6], 0);
        over_backends(*state, transposed_triangle_solve_property, orders[o], columns[o % 6], 0);
    }
}

static void packed_invert_of_all(void **state)
{
    static const size_t neurons[] = {1, 2, 33, 0, 16, 17, 15, 3};
    for (size_t o = 0; o < ORDERS; o++)
        over_backends(*state, packed_invert_property, orders[o], neurons[o % 8], 0);
    over_backends(*state, packed_invert_property, 17, 49, 0);
}

static void cholesky_names_the_pivot_that_is_not_positive(void **state)
{
    for (size_t o = 1; o < ORDERS; o++)
        for (size_t way = o % 2; way < 6; way += 2)
            over_backends(*state, broken_cholesky_property, orders[o], way, 0);
    over_backends(*state, broken_cholesky_property, 300, 0, 0);
    over_backends(*state, broken_cholesky_property, 300, 1, 0);
}

static void packed_invert_names_the_first_block_that_fails(void **state)
{
    static const size_t few[] = {1, 2, 5, 16, 33};
    for (size_t o = 0; o < 5; o++)
        for (size_t way = 0; way < 4; way++)
            over_backends(*state, broken_packed_property, few[o], 10 + 13 * o, way);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cholesky),
        cmocka_unit_test(cholesky_invert),
        cmocka_unit_test(cholesky_solve),
        cmocka_unit_test(triangle_solve),
        cmocka_unit_test(packed_invert_of_all),
        cmocka_unit_test(cholesky_names_the_pivot_that_is_not_positive),
        cmocka_unit_test(packed_invert_names_the_first_block_that_fails),
    };
    return cmocka_run_group_tests_name("algebra: factors", tests, backends_set_up,
                                       backends_tear_down);
}
