/* Packed lanes: the metrics of all neurons collected, and products with them, over every backend
 * (conformance.h). */
#include "packed.h"
#include "products.h"

/* shape: n, D, m; nu is not negative, and 0 for some samples (a dead neuron); inputs are 0 now and
 * then, as behind a relu, and the last one never is */
static void gram_weighted_property(trial *t)
{
    size_t samples = t->shape[0];
    size_t order = t->shape[1];
    size_t neurons = t->shape[2];
    double keep = factor(t);
    double add = factor(t);
    operand *x = random_operand(t, samples, order);
    operand *nu = new_operand(t, samples, neurons);
    operand *m = new_packed(t, order, neurons);
    for (size_t i = 0; i < samples; i++)
        for (size_t j = 0; j < neurons; j++)
            set(t, nu, i, j, uniform(t, 0, 1) < 0.25 ? 0 : uniform(t, 0, 1));
    for (size_t i = 0; i < samples; i++)
        for (size_t k = 0; k + 1 < order; k++)
            if (uniform(t, 0, 1) < 0.4)
                set(t, x, i, k, 0);
    double *before = new_values(t, order * order * neurons);
    for (size_t j = 0; j < neurons && keep != 0; j++) { /* else M holds NaN: it is not read */
        for (size_t k = 0; k < order * order; k++)
            before[j * order * order + k] = rounded(t, uniform(t, -1, 1));
        set_packed(t, m, j, before + j * order * order, order);
    }
    freeze(x);
    freeze(nu);
    t->algebra->ops.gram_weighted(t->algebra, keep, add, x->view, nu->view, m->view);
    expect_nothing_beyond(t, m, order, neurons);
    if (!t->compare)
        return;
    const double *columns = transposed(t, values_of(t, x), samples, order);
    const double *weights = transposed(t, values_of(t, nu), samples, neurons);
    double *weighted = new_values(t, samples);
    for (size_t j = 0; j < neurons; j++) {
        for (size_t k = 0; k < order; k++) {
            for (size_t i = 0; i < samples; i++)
                weighted[i] = weights[j * samples + i] * columns[k * samples + i];
            for (size_t l = 0; l <= k; l++) {
                size_t lanes = rfim__packed_lanes(t->algebra);
                expect_entry(t, m, rfim__packed_row(order, j / lanes, k, l), j % lanes, add,
                             inner_product(weighted, columns + l * samples, samples), keep,
                             before[(j * order + k) * order + l], samples);
            }
        }
    }
}

static operand *random_packed(trial *t, size_t order, size_t m)
{
    operand *x = new_packed(t, order, m);
    for (size_t j = 0; j < m; j++)
        for (size_t k = 0; k < order; k++)
            for (size_t l = 0; l <= k; l++)
                set_packed_entry(t, x, order, j, k, l, uniform(t, -1, 1));
    return x;
}

/* shape: any, D, m */
static void packed_multiply_property(trial *t)
{
    size_t order = t->shape[1];
    size_t neurons = t->shape[2];
    operand *a = random_packed(t, order, neurons);
    operand *b = random_operand(t, order, neurons);
    operand *c = new_operand(t, order, neurons);
    freeze(a);
    freeze(b);
    assert_int_equal(rfim__algebra_reserve(t->algebra, rfim__packed_multiply_room(order)), RFIM_OK);
    t->algebra->ops.packed_multiply(t->algebra, a->view, b->view, c->view);
    if (!t->compare)
        return;
    for (size_t j = 0; j < neurons; j++) {
        for (size_t k = 0; k < order; k++) {
            sum s = {0, 0};
            for (size_t l = 0; l < order; l++) {
                double entry = get_packed(t, a, order, j, l <= k ? k : l, l <= k ? l : k);
                long double product = (long double)entry * get(t, b, l, j);
                s.value += product;
                s.size += fabs((double)product);
            }
            expect_entry(t, c, k, j, 1, s, 0, 0, order);
        }
    }
}

static void packed_diagonal_property(trial *t)
{
    size_t order = t->shape[1];
    size_t neurons = t->shape[2];
    operand *a = random_packed(t, order, neurons);
    operand *d = new_operand(t, order, neurons);
    freeze(a);
    t->algebra->ops.packed_diagonal(t->algebra, a->view, d->view);
    for (size_t k = 0; k < order; k++)
        for (size_t j = 0; j < neurons; j++)
            expect(t, get(t, d, k, j) == get_packed(t, a, order, j, k, k),
                   "entry %zu of neuron %zu is not the diagonal's", k, j);
}

static void gram_weighted(void **state)
{
    static const size_t shapes[][3] = {{50, 81, 17}, {2, 129, 3}, {17, 31, 16},
                                       {97, 15, 33}, {31, 16, 1}, {15, 2, 129},
                                       {129, 50, 2}, {16, 0, 5},  {7, 33, 0}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        over_backends(*state, gram_weighted_property, shapes[s][0], shapes[s][1], shapes[s][2]);
    over_backends(*state, gram_weighted_property, 3, 600, 2);
    over_backends(*state, gram_weighted_property, 0, 5, 3);
    over_backends(*state, gram_weighted_property, 256, 5, 9); /* several pieces of samples */
    over_backends(*state, gram_weighted_property, 259, 3, 2);
    for (size_t order = 1; order < 30; order++) /* every width of a row's end */
        over_backends(*state, gram_weighted_property, 6, order, order % 5 + 1);
    over_backends(*state, gram_weighted_property, 1, 1, 1);
}

static void packed_multiply(void **state)
{
    over_shapes(*state, packed_multiply_property, 12);
    over_backends(*state, packed_multiply_property, 0, 81, 80);
}

static void packed_diagonal(void **state)
{
    over_shapes(*state, packed_diagonal_property, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gram_weighted),
        cmocka_unit_test(packed_multiply),
        cmocka_unit_test(packed_diagonal),
    };
    return cmocka_run_group_tests_name("algebra: packed lanes", tests, backends_set_up,
                                       backends_tear_down);
}
