/* Products of the seam, over every backend (conformance.h); the bounds: products.h. */
#include "products.h"

static void mirror(trial *t, operand *x)
{
    for (size_t i = 0; i < x->view.rows; i++)
        for (size_t j = 0; j < i; j++)
            set(t, x, j, i, get(t, x, i, j));
}

/* C <- alpha op(A) op(B) + beta D by gemm, where D is C; by gemm_add D is often apart. A and B
 * hold numbers, so that C is finite. */
static void check_product(trial *t, rfim__transposed ta, rfim__transposed tb, bool add)
{
    size_t rows = t->shape[0];
    size_t inner = t->shape[1];
    size_t columns = t->shape[2];
    double alpha = factor(t);
    double beta = factor(t);
    operand *a = ta ? random_operand(t, inner, rows) : random_operand(t, rows, inner);
    operand *b = tb ? random_operand(t, columns, inner) : random_operand(t, inner, columns);
    operand *d = result_operand(t, beta, rows, columns);
    operand *c = add && rfim__random_below(&t->random, 3) > 0 ? new_operand(t, rows, columns) : d;
    const double *before = values_of(t, d);
    freeze(a);
    if (tb == RFIM__SYMMETRIC)
        mirror(t, b);
    freeze(b);
    if (c != d)
        freeze(d);
    if (add)
        expect(t,
               t->algebra->ops.gemm_add(t->algebra, ta, tb, alpha, a->view, b->view, beta, d->view,
                                        c->view),
               "a finite product is called otherwise");
    else
        t->algebra->ops.gemm(t->algebra, ta, tb, alpha, a->view, b->view, beta, c->view);
    if (!t->compare)
        return;
    const double *va = values_of(t, a);
    const double *vb = values_of(t, b);
    const double *by_rows = ta ? transposed(t, va, inner, rows) : va;
    const double *by_columns = tb ? vb : transposed(t, vb, inner, columns);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            expect_entry(t, c, i, j, alpha,
                         inner_product(by_rows + i * inner, by_columns + j * inner, inner), beta,
                         before[i * columns + j], inner);
}

static rfim__transposed either(trial *t)
{
    return (rfim__transposed)rfim__random_below(&t->random, 2);
}

static void gemm_property(trial *t)
{
    check_product(t, either(t), either(t), false);
}

static void gemm_add_property(trial *t)
{
    check_product(t, either(t), either(t), true);
}

static void forward_property(trial *t)
{
    check_product(t, RFIM__PLAIN, RFIM__PLAIN, false);
}

static void gradient_property(trial *t)
{
    check_product(t, RFIM__TRANSPOSED, RFIM__PLAIN, false);
}

/* X P: B is square */
static void symmetric_property(trial *t)
{
    t->shape[2] = t->shape[1];
    check_product(t, RFIM__PLAIN, RFIM__SYMMETRIC, false);
}

static void update_property(trial *t)
{
    check_product(t, RFIM__TRANSPOSED, RFIM__PLAIN, true);
}

static void backward_property(trial *t)
{
    check_product(t, RFIM__PLAIN, RFIM__TRANSPOSED, false);
}

/* One number of A, B or D that is not finite, anywhere, or a sum beyond the largest number. */
static void wrong_number_property(trial *t)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    size_t rows = t->shape[0];
    size_t inner = t->shape[1];
    size_t columns = t->shape[2];
    rfim__transposed ta = either(t);
    rfim__transposed tb = either(t);
    operand *operands[] = {ta ? random_operand(t, inner, rows) : random_operand(t, rows, inner),
                           tb ? random_operand(t, columns, inner)
                              : random_operand(t, inner, columns),
                           random_operand(t, rows, columns)};
    operand *c = new_operand(t, rows, columns);
    for (size_t attempt = 0; attempt < 9; attempt++) {
        operand *x = operands[attempt % 3];
        size_t i = rfim__random_below(&t->random, (uint32_t)x->view.rows);
        size_t j = attempt < 3 ? x->view.columns - 1
                               : rfim__random_below(&t->random, (uint32_t)x->view.columns);
        double kept = get(t, x, i, j);
        set(t, x, i, j, bad[rfim__random_below(&t->random, 3)]);
        expect(t,
               !t->algebra->ops.gemm_add(t->algebra, ta, tb, 0.5, operands[0]->view,
                                         operands[1]->view, 1, operands[2]->view, c->view),
               "number %zu %zu of operand %zu passes as finite", i, j, attempt % 3);
        set(t, x, i, j, kept);
    }
    set(t, operands[2], rows - 1, columns - 1, t->algebra->precision == RFIM_DOUBLE ? 1e308 : 3e38);
    expect(t,
           !t->algebra->ops.gemm_add(t->algebra, ta, tb, 1, operands[0]->view, operands[1]->view,
                                     -2, operands[2]->view, c->view),
           "an overflow passes as finite");
}

/* shape: n, D. Only the lower triangle counts; what stands above it must not get into it. */
static void gram_property(trial *t)
{
    size_t samples = t->shape[0];
    size_t order = t->shape[1];
    double keep = factor(t);
    double add = factor(t);
    operand *x = random_operand(t, samples, order);
    operand *g = result_operand(t, keep, order, order);
    for (size_t k = 0; k < order; k++)
        for (size_t l = k + 1; l < order; l++)
            set(t, g, k, l, NAN);
    const double *before = values_of(t, g);
    freeze(x);
    t->algebra->ops.gram(t->algebra, keep, add, x->view, g->view);
    if (!t->compare)
        return;
    const double *columns = transposed(t, values_of(t, x), samples, order);
    for (size_t k = 0; k < order; k++)
        for (size_t l = 0; l <= k; l++)
            expect_entry(t, g, k, l, add,
                         inner_product(columns + k * samples, columns + l * samples, samples), keep,
                         before[k * order + l], samples);
}

static void gemm(void **state)
{
    over_shapes(*state, gemm_property, 60);
}

/* Every number of columns from less than a vector to several panels, blocks of rows of every
 * kind, inner dimensions around those of a chunk. */
static void ragged_edges(void **state)
{
    static const size_t inners[] = {1, 2, 5, 16, 33, 127, 128, 129, 255, 257};
    for (size_t columns = 1; columns <= 100; columns++)
        over_backends(*state, columns % 2 ? gemm_add_property : gemm_property, columns % 20 + 1,
                      inners[columns % 10], columns);
    for (size_t rows = 1; rows <= 20; rows++)
        over_backends(*state, rows % 2 ? backward_property : update_property, rows,
                      inners[rows % 10], 5 * rows % 97);
}

/* As many columns as fill vectors of every length, and one. */
static void one_column_more(void **state)
{
    static const size_t inners[] = {7, 8, 16, 17, 31, 81, 127, 257};
    static const size_t columns[] = {9, 17, 33, 81};
    for (size_t rows = 1; rows <= 50; rows += rows < 18 ? 1 : 8)
        for (size_t j = 0; j < 4; j++) {
            over_backends(*state, forward_property, rows, inners[(rows + j) % 8], columns[j]);
            over_backends(*state, gemm_add_property, rows, inners[(rows + 3 * j) % 8], columns[j]);
            over_backends(*state, backward_property, rows, inners[(rows + 5 * j) % 8], columns[j]);
        }
    for (size_t rows = 1; rows <= 50; rows += 7)
        for (size_t j = 0; j < 8; j++)
            over_backends(*state, symmetric_property, rows, inners[j], 0);
    over_backends(*state, gemm_add_property, 40, 2048, 17);
    over_backends(*state, gemm_add_property, 40, 2049, 17);
}

static void gemm_add(void **state)
{
    over_shapes(*state, gemm_add_property, 60);
    over_backends(*state, gemm_add_property, 5, 0, 3);
}

/* 784-80-80-80-10 and the like: enough work for many tiles, the last one broken; two pieces of
 * rows, and a product that float64 leaves to the library. */
static void many_tiles(void **state)
{
    over_backends(*state, forward_property, 300, 785, 80);
    over_backends(*state, forward_property, 33, 129, 700);
    over_backends(*state, gradient_property, 785, 100, 40);
    over_backends(*state, update_property, 401, 250, 301);
    over_backends(*state, backward_property, 400, 80, 101);
    over_backends(*state, symmetric_property, 300, 401, 0);
    over_backends(*state, symmetric_property, 250, 305, 0);
}

static void wrong_numbers_are_noticed(void **state)
{
    over_backends(*state, wrong_number_property, 1, 1, 1);
    over_backends(*state, wrong_number_property, 7, 3, 10);
    over_backends(*state, wrong_number_property, 50, 81, 80);
    over_backends(*state, wrong_number_property, 81, 17, 33);
    over_backends(*state, wrong_number_property, 50, 81, 81);
    over_backends(*state, wrong_number_property, 129, 130, 97);
    over_backends(*state, wrong_number_property, 120, 785, 250);
}

static void gram(void **state)
{
    over_shapes(*state, gram_property, 60);
    over_backends(*state, gram_property, 23, 785, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gemm),         cmocka_unit_test(gemm_add),
        cmocka_unit_test(ragged_edges), cmocka_unit_test(one_column_more),
        cmocka_unit_test(many_tiles),   cmocka_unit_test(wrong_numbers_are_noticed),
        cmocka_unit_test(gram),
    };
    return cmocka_run_group_tests_name("algebra: products", tests, backends_set_up,
                                       backends_tear_down);
}
