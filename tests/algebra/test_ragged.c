/* Products with a matrix whose rows begin with zeros, against plain sums over all of it. */
#include "algebra/ragged.h"

#include <math.h>
#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { INNER = 150, OUTPUTS = 21, MOST = 131 };

typedef struct fixture {
    rfim_context *context;
    rfim__algebra *algebra;
    size_t n;
    uint32_t firsts[MOST];
    double x[MOST * INNER], y[MOST * OUTPUTS], w[INNER * OUTPUTS];
    void *blocks[16];
    size_t count;
} fixture;

static double number(size_t k)
{
    return (double)(k * 2654435761u % 1009) / 504 - 1;
}

/* Rows begin with `least` zeros, and more and more. */
static fixture *begin(rfim_precision precision, size_t n, size_t least, size_t most)
{
    fixture *test = calloc(1, sizeof *test);
    rfim_context_options options;
    rfim_context_defaults(&options);
    assert_int_equal(rfim_context_create(&options, &test->context), RFIM_OK);
    assert_int_equal(rfim__algebra_create_cpu(test->context, precision, &test->algebra), RFIM_OK);
    test->n = n;
    for (size_t i = 0; i < n; i++) {
        test->firsts[i] = (uint32_t)(least + (most - least) * i * i / (n * n));
        for (size_t k = test->firsts[i]; k < INNER; k++)
            test->x[i * INNER + k] = number(i * INNER + k + 1);
        for (size_t j = 0; j < OUTPUTS; j++)
            test->y[i * OUTPUTS + j] = number(7 * i + 31 * j + 5);
    }
    for (size_t k = 0; k < INNER * OUTPUTS; k++)
        test->w[k] = number(3 * k + 2);
    return test;
}

static void end(fixture *test)
{
    for (size_t b = 0; b < test->count; b++)
        free(test->blocks[b]);
    rfim__algebra_free(test->algebra);
    rfim_context_free(test->context);
    free(test);
}

static rfim__matrix make(fixture *test, size_t rows, size_t columns, const double *values)
{
    rfim__matrix x = {NULL, rows, columns, rfim__stride(columns)};
    x.data = test->blocks[test->count++] = calloc(rows * x.stride, sizeof(double));
    if (values)
        test->algebra->ops.import(test->algebra, values, x);
    else
        test->algebra->ops.fill(test->algebra, 99, x); /* what was there before */
    return x;
}

static void check(fixture *test, rfim__matrix c, const double *expected)
{
    double tolerance = test->algebra->precision == RFIM_SINGLE ? 2e-5 : 1e-13;
    double *found = malloc(c.rows * c.columns * sizeof *found);
    test->algebra->ops.export(test->algebra, c, found);
    for (size_t k = 0; k < c.rows * c.columns; k++)
        assert_true(fabs(found[k] - expected[k]) <= tolerance * (1 + fabs(expected[k])));
    free(found);
}

/* sum_i a_i b_i, numbers `a_step` and `b_step` apart */
static double sum(const double *a, size_t a_step, const double *b, size_t b_step, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += a[i * a_step] * b[i * b_step];
    return total;
}

static void check_multiply(fixture *test, const uint32_t *firsts)
{
    static double expected[MOST * OUTPUTS];
    rfim__matrix c = make(test, test->n, OUTPUTS, NULL);
    for (size_t i = 0; i < test->n; i++)
        for (size_t j = 0; j < OUTPUTS; j++)
            expected[i * OUTPUTS + j] = sum(test->x + i * INNER, 1, test->w + j, OUTPUTS, INNER);
    rfim__ragged_multiply(test->algebra, make(test, test->n, INNER, test->x), firsts,
                          make(test, INNER, OUTPUTS, test->w), c);
    check(test, c, expected);
}

/* beta 0 does not read D. */
static void check_add(fixture *test, const uint32_t *firsts, double beta)
{
    static double expected[INNER * OUTPUTS];
    rfim__matrix c = make(test, INNER, OUTPUTS, NULL);
    rfim__matrix d = make(test, INNER, OUTPUTS, test->w);
    if (beta == 0)
        test->algebra->ops.fill(test->algebra, NAN, d);
    for (size_t k = 0; k < INNER; k++)
        for (size_t j = 0; j < OUTPUTS; j++)
            expected[k * OUTPUTS + j] = 0.5 *
                                            sum(test->x + k, INNER, test->y + j, OUTPUTS, test->n) +
                                        beta * test->w[k * OUTPUTS + j];
    assert_true(rfim__ragged_multiply_add(test->algebra, 0.5, make(test, test->n, INNER, test->x),
                                          firsts, make(test, test->n, OUTPUTS, test->y), beta, d,
                                          c));
    check(test, c, expected);
}

static void check_square(fixture *test, const uint32_t *firsts)
{
    double tolerance = test->algebra->precision == RFIM_SINGLE ? 1e-4 : 1e-12;
    double expected = 0;
    for (size_t k = 0; k < INNER; k++)
        for (size_t j = 0; j < OUTPUTS; j++)
            expected += pow(sum(test->x + k, INNER, test->y + j, OUTPUTS, test->n), 2);
    double found = rfim__ragged_square(test->algebra, make(test, test->n, INNER, test->x), firsts,
                                       make(test, test->n, OUTPUTS, test->y),
                                       make(test, test->n, test->n, NULL),
                                       make(test, test->n, test->n, NULL));
    assert_true(fabs(found - expected) <= tolerance * expected);
}

static void products_are_those_with_all_of_the_matrix(void **state)
{
    static const size_t rows[] = {1, 7, 25, 50, 64, 65, MOST};
    static const size_t zeros[][2] = {{0, 0}, {0, INNER - 1}, {40, 41}, {64, INNER}};
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (size_t z = 0; z < sizeof zeros / sizeof *zeros; z++)
            for (int precision = 0; precision < 2; precision++)
                for (int known = 0; known < 2; known++) {
                    fixture *test = begin((rfim_precision)precision, rows[r], zeros[z][0],
                                          zeros[z][1]);
                    const uint32_t *firsts = known ? test->firsts : NULL;
                    check_multiply(test, firsts);
                    check_add(test, firsts, 0);
                    check_add(test, firsts, 0.75);
                    check_square(test, firsts);
                    end(test);
                }
}

/* Whichever block of rows or columns it is in, of X or of D. */
static void what_is_not_finite_is_told(void **state)
{
    (void)state;
    for (size_t at = 0; at < INNER; at += 29)
        for (int of_d = 0; of_d < 2; of_d++) {
            fixture *test = begin(RFIM_SINGLE, 50, 32, 120);
            if (of_d)
                test->w[at * OUTPUTS + 3] = NAN;
            else
                test->x[(at % 50) * INNER + test->firsts[at % 50] + at % 20] = INFINITY;
            assert_false(rfim__ragged_multiply_add(
                test->algebra, 1, make(test, test->n, INNER, test->x), test->firsts,
                make(test, test->n, OUTPUTS, test->y), 1, make(test, INNER, OUTPUTS, test->w),
                make(test, INNER, OUTPUTS, NULL)));
            end(test);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_those_with_all_of_the_matrix),
        cmocka_unit_test(what_is_not_finite_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
