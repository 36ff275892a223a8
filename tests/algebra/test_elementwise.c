/* Operations of the seam that work element by element, over every backend (conformance.h). */
#include "conformance.h"

static double factor(trial *t)
{
    static const double factors[] = {0, 0, 1, -1, 0.995, -2.5};
    return factors[rfim__random_below(&t->random, 6)];
}

static void fill_property(trial *t)
{
    operand *x = new_operand(t, t->shape[0], t->shape[1]);
    double value = uniform(t, -3, 3);
    t->algebra->ops.fill(t->algebra, value, x->view);
    for (size_t i = 0; i < x->view.rows; i++)
        for (size_t j = 0; j < x->view.columns; j++)
            expect(t, get(t, x, i, j) == rounded(t, value), "entry %zu %zu is not filled", i, j);
}

/* Z may be X or Y; where a factor is 0 its matrix is not read: it holds NaN here. */
static void check_combine(trial *t, bool finite)
{
    size_t rows = t->shape[0];
    size_t columns = t->shape[1];
    size_t alias = t->shape[2] % 3;
    double alpha = factor(t);
    double beta = factor(t);
    operand *x = alpha != 0 ? random_operand(t, rows, columns) : new_operand(t, rows, columns);
    operand *y = beta != 0 ? random_operand(t, rows, columns) : new_operand(t, rows, columns);
    operand *z = alias == 0 ? new_operand(t, rows, columns) : alias == 1 ? x : y;
    const double *vx = values_of(t, x);
    const double *vy = values_of(t, y);
    if (z != x)
        freeze(x);
    if (z != y)
        freeze(y);
    if (finite)
        expect(t,
               t->algebra->ops.combine_finite(t->algebra, alpha, x->view, beta, y->view, z->view),
               "finite numbers are called otherwise");
    else
        t->algebra->ops.combine(t->algebra, alpha, x->view, beta, y->view, z->view);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            size_t e = i * columns + j;
            long double from_x = alpha != 0 ? (long double)alpha * vx[e] : 0;
            long double from_y = beta != 0 ? (long double)beta * vy[e] : 0;
            /* each factor, each product and the sum are rounded once */
            double bound = 3.1 * t->unit * (double)(fabsl(from_x) + fabsl(from_y));
            expect(t, fabs(get(t, z, i, j) - (double)(from_x + from_y)) <= bound,
                   "%g X + %g Y is wrong at %zu %zu", alpha, beta, i, j);
        }
    }
}

static void combine_property(trial *t)
{
    check_combine(t, false);
}

static void combine_finite_property(trial *t)
{
    check_combine(t, true);
}

/* Numbers that are not finite, in X or Y, anywhere; and a sum beyond the largest number. */
static void combine_wrong_property(trial *t)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    size_t rows = t->shape[0];
    size_t columns = t->shape[1];
    operand *x = random_operand(t, rows, columns);
    operand *y = random_operand(t, rows, columns);
    operand *z = new_operand(t, rows, columns);
    double large = t->algebra->precision == RFIM_DOUBLE ? 1e308 : 3e38;
    for (size_t attempt = 0; attempt < 12; attempt++) {
        operand *from = attempt % 2 ? x : y;
        size_t i = rfim__random_below(&t->random, (uint32_t)rows);
        size_t j = attempt < 4 ? columns - 1 : rfim__random_below(&t->random, (uint32_t)columns);
        double kept = get(t, from, i, j);
        set(t, from, i, j, attempt % 4 == 3 ? large : bad[attempt % 3]);
        double other = (double)(attempt % 3);
        double alpha = attempt % 2 ? 2 : other;
        double beta = attempt % 2 ? other : 2;
        expect(t,
               !t->algebra->ops.combine_finite(t->algebra, alpha, x->view, beta, y->view, z->view),
               "%g at %zu %zu passes as finite", get(t, from, i, j), i, j);
        set(t, from, i, j, kept);
    }
}

/* Z may be X or Y, or both. */
static void multiply_property(trial *t)
{
    operand *x = random_operand(t, t->shape[0], t->shape[1]);
    operand *y = t->shape[2] % 4 == 3 ? x : random_operand(t, t->shape[0], t->shape[1]);
    operand *z = t->shape[2] % 4 == 0   ? new_operand(t, t->shape[0], t->shape[1])
                 : t->shape[2] % 4 == 1 ? y
                                        : x;
    const double *vx = values_of(t, x);
    const double *vy = values_of(t, y);
    if (z != x)
        freeze(x);
    if (z != y && y != x)
        freeze(y);
    t->algebra->ops.multiply(t->algebra, x->view, y->view, z->view);
    for (size_t i = 0; i < z->view.rows; i++)
        for (size_t j = 0; j < z->view.columns; j++) {
            size_t e = i * z->view.columns + j;
            /* one rounding */
            expect(t, get(t, z, i, j) == rounded(t, vx[e] * vy[e]), "entry %zu %zu is wrong", i, j);
        }
}

static void scale_rows_property(trial *t)
{
    operand *d = random_operand(t, t->shape[0], 1);
    operand *x = random_operand(t, t->shape[0], t->shape[1]);
    const double *before = values_of(t, x);
    freeze(d);
    t->algebra->ops.scale_rows(t->algebra, d->view, x->view);
    for (size_t i = 0; i < x->view.rows; i++)
        for (size_t j = 0; j < x->view.columns; j++)
            expect(t,
                   get(t, x, i, j) == rounded(t, get(t, d, i, 0) * before[i * x->view.columns + j]),
                   "entry %zu %zu is wrong", i, j);
}

static void transpose_property(trial *t)
{
    operand *x = random_operand(t, t->shape[0], t->shape[1]);
    operand *y = new_operand(t, t->shape[1], t->shape[0]);
    freeze(x);
    t->algebra->ops.transpose(t->algebra, x->view, y->view);
    for (size_t i = 0; i < x->view.rows; i++)
        for (size_t j = 0; j < x->view.columns; j++)
            expect(t, get(t, y, j, i) == get(t, x, i, j), "entry %zu %zu is out of place", i, j);
}

/* NaN above the diagonal at first: it has to go. */
static void symmetrise_property(trial *t)
{
    size_t order = t->shape[0];
    operand *a = new_operand(t, order, order);
    for (size_t i = 0; i < order; i++)
        for (size_t j = 0; j <= i; j++)
            set(t, a, i, j, uniform(t, -1, 1));
    const double *before = values_of(t, a);
    t->algebra->ops.symmetrise(t->algebra, a->view);
    for (size_t i = 0; i < order; i++)
        for (size_t j = 0; j <= i; j++)
            expect(t,
                   get(t, a, i, j) == before[i * order + j] && get(t, a, j, i) == get(t, a, i, j),
                   "entries %zu %zu and %zu %zu differ", i, j, j, i);
}

/* Products of two float32 numbers are exact in float64, so the bound is float64's for both. */
static void dot_property(trial *t)
{
    operand *x = random_operand(t, t->shape[0], t->shape[1]);
    operand *y = random_operand(t, t->shape[0], t->shape[1]);
    freeze(x);
    freeze(y);
    double found = tell(t, t->algebra->ops.dot(t->algebra, x->view, y->view));
    long double sum = 0;
    long double size = 0;
    for (size_t i = 0; i < x->view.rows; i++) {
        for (size_t j = 0; j < x->view.columns; j++) {
            long double product = (long double)get(t, x, i, j) * get(t, y, i, j);
            sum += product;
            size += fabsl(product);
        }
    }
    double terms = (double)(x->view.rows * x->view.columns + 16);
    expect(t, fabs(found - (double)sum) <= terms * 0x1p-53 * (double)size,
           "dot is %.17g, not %.17Lg", found, sum);
}

static void finite_property(trial *t)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    operand *x = random_operand(t, t->shape[0], t->shape[1]);
    bool single = t->algebra->precision == RFIM_SINGLE;
    size_t rows = x->view.rows;
    size_t columns = x->view.columns;
    if (rows > 0 && columns > 0) {
        set(t, x, 0, 0, single ? 0x1.fffffep127 : 0x1.fffffffffffffp1023);
        set(t, x, rows - 1, columns - 1, single ? -0x1p-149 : -0x1p-1074);
    }
    expect(t, t->algebra->ops.finite(t->algebra, x->view), "finite numbers are called otherwise");
    /* every corner of the last, broken vector and some places between */
    for (size_t trial_number = 0; rows * columns > 0 && trial_number < 12; trial_number++) {
        size_t i = rfim__random_below(&t->random, (uint32_t)rows);
        size_t j = trial_number < 3 ? columns - 1
                                    : rfim__random_below(&t->random, (uint32_t)columns);
        double kept = get(t, x, i, j);
        set(t, x, i, j, bad[trial_number % 3]);
        expect(t, !t->algebra->ops.finite(t->algebra, x->view), "%g at %zu %zu passes as finite",
               bad[trial_number % 3], i, j);
        set(t, x, i, j, kept);
    }
}

static void import_and_export_property(trial *t)
{
    operand *x = new_operand(t, t->shape[0], t->shape[1]);
    size_t count = x->view.rows * x->view.columns;
    double *values = new_values(t, count);
    double *back = new_values(t, count);
    for (size_t e = 0; e < count; e++)
        values[e] = uniform(t, -1e3, 1e3);
    back[count] = 42;
    t->algebra->ops.import(t->algebra, values, x->view);
    t->algebra->ops.export(t->algebra, x->view, back);
    for (size_t e = 0; e < count; e++) {
        expect(t, back[e] == rounded(t, values[e]), "number %zu does not come back", e);
        expect(t, get(t, x, e / x->view.columns, e % x->view.columns) == back[e],
               "number %zu is out of place", e);
    }
    expect(t, back[count] == 42, "export wrote beyond the end");
}

static void views_are_where_their_rows_and_columns_are(void **state)
{
    backends *all = *state;
    for (size_t v = 0; v < all->count; v++) {
        rfim__algebra *algebra = all->variants[v].algebra[0];
        double numbers[8 * 13];
        rfim__matrix x = {numbers, 5, 7, 13};
        rfim__matrix rows = rfim__rows(algebra, x, 2, 3);
        rfim__matrix columns = rfim__columns(algebra, rows, 4, 2);
        assert_ptr_equal(rows.data, (char *)numbers + 2 * 13 * algebra->item);
        assert_int_equal(rows.rows, 3);
        assert_int_equal(rows.columns, 7);
        assert_ptr_equal(columns.data, (char *)numbers + (2 * 13 + 4) * algebra->item);
        assert_int_equal(columns.rows, 3);
        assert_int_equal(columns.columns, 2);
        assert_int_equal(columns.stride, 13);
    }
}

static void an_arena_lays_matrices_out_apart_and_aligned(void **state)
{
    backends *all = *state;
    for (size_t v = 0; v < all->count; v++) {
        rfim__algebra *algebra = all->variants[v].algebra[0];
        _Alignas(64) static char block[1 << 16];
        rfim__arena measured = {0};
        rfim__arena laid = {.base = block};
        char *end = block;
        for (size_t s = 0; s < 12; s++) {
            rfim__arena_matrix(&measured, algebra, s, 3 * s);
            rfim__matrix x = rfim__arena_matrix(&laid, algebra, s, 3 * s);
            assert_int_equal((size_t)((char *)x.data - block) % RFIM__ALIGNMENT, 0);
            assert_true((char *)x.data >= end);
            assert_true(x.stride >= x.columns);
            end = (char *)x.data + x.rows * x.stride * algebra->item;
        }
        assert_int_equal(measured.used, laid.used);
        assert_true(end <= block + laid.used);
        assert_false(laid.overflow);
    }
}

static void an_arena_beyond_all_memory_is_noticed(void **state)
{
    backends *all = *state;
    static const size_t shapes[][2] = {{SIZE_MAX, 1},
                                       {1, SIZE_MAX},
                                       {SIZE_MAX / 2, 3},
                                       {(size_t)1 << 32, (size_t)1 << 32},
                                       {SIZE_MAX / 8 + 1, 1},
                                       {SIZE_MAX, SIZE_MAX},
                                       {(size_t)1 << 61, 1 << 4}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        rfim__arena arena = {0};
        rfim__arena_matrix(&arena, all->variants[0].algebra[0], 3, 3);
        rfim__arena_matrix(&arena, all->variants[0].algebra[0], shapes[s][0], shapes[s][1]);
        assert_true(arena.overflow);
        rfim__arena_matrix(&arena, all->variants[0].algebra[0], 3, 3);
        assert_true(arena.overflow);
    }
}

static void more_work_area_than_memory_is_refused_and_the_old_one_stays(void **state)
{
    backends *all = *state;
    rfim__algebra *algebra = all->variants[1].algebra[2];
    assert_int_equal(rfim__algebra_reserve(algebra, 1000), RFIM_OK);
    void *before = algebra->scratch;
    assert_int_equal(rfim__algebra_reserve(algebra, 10), RFIM_OK);
    assert_ptr_equal(algebra->scratch, before);
    static const size_t numbers[] = {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 8, SIZE_MAX / 16};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_int_equal(rfim__algebra_reserve(algebra, numbers[i]), RFIM_ERROR_MEMORY);
        assert_non_null(strstr(rfim_context_error(algebra->context), "machine can address"));
        assert_ptr_equal(algebra->scratch, before);
    }
}

#define SHAPES 40
static void fill(void **state)
{
    over_shapes(*state, fill_property, SHAPES);
}

static void combine(void **state)
{
    over_shapes(*state, combine_property, 4 * SHAPES);
}

static void combine_finite(void **state)
{
    over_shapes(*state, combine_finite_property, 4 * SHAPES);
    static const size_t shapes[][2] = {{1, 1}, {3, 10}, {7, 16}, {17, 33}, {50, 81}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        over_backends(*state, combine_wrong_property, shapes[s][0], shapes[s][1], 0);
}

/* More than one piece of rows for the team, the last one broken; rows longer than a piece. */
static void large_matrices(void **state)
{
    static const property properties[] = {
        combine_property,   combine_finite_property, multiply_property, scale_rows_property,
        transpose_property, finite_property,         dot_property,      fill_property};
    for (size_t p = 0; p < sizeof properties / sizeof properties[0]; p++) {
        over_backends(*state, properties[p], 150, 257, p);
        over_backends(*state, properties[p], 3, 20011, p);
    }
    over_backends(*state, combine_wrong_property, 150, 257, 0);
}

static void multiply(void **state)
{
    over_shapes(*state, multiply_property, 2 * SHAPES);
}

static void scale_rows(void **state)
{
    over_shapes(*state, scale_rows_property, SHAPES);
}

static void transpose(void **state)
{
    over_shapes(*state, transpose_property, SHAPES);
}

static void symmetrise(void **state)
{
    over_shapes(*state, symmetrise_property, SHAPES);
}

static void dot(void **state)
{
    over_shapes(*state, dot_property, SHAPES);
    over_backends(*state, dot_property, 300, 785, 0);
}

static void finite(void **state)
{
    over_shapes(*state, finite_property, SHAPES);
}

static void import_and_export(void **state)
{
    over_shapes(*state, import_and_export_property, SHAPES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fill),
        cmocka_unit_test(combine),
        cmocka_unit_test(combine_finite),
        cmocka_unit_test(large_matrices),
        cmocka_unit_test(multiply),
        cmocka_unit_test(scale_rows),
        cmocka_unit_test(transpose),
        cmocka_unit_test(symmetrise),
        cmocka_unit_test(dot),
        cmocka_unit_test(finite),
        cmocka_unit_test(import_and_export),
        cmocka_unit_test(views_are_where_their_rows_and_columns_are),
        cmocka_unit_test(an_arena_lays_matrices_out_apart_and_aligned),
        cmocka_unit_test(an_arena_beyond_all_memory_is_noticed),
        cmocka_unit_test(more_work_area_than_memory_is_refused_and_the_old_one_stays),
    };
    return cmocka_run_group_tests_name("algebra: elementwise", tests, backends_set_up,
                                       backends_tear_down);
}
