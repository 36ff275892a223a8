/* The plain library calls that benchmarks hold our kernels against do what is said of them: a
 * comparison with something else would be worth nothing. */
#include "algebra/plain.h"

#include <math.h>
#include <rfim/context.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ORDER 7
#define STRIDE 9
/* A handful of roundings of numbers near 1, and inverses of a matrix of condition below 100. */
#define NEAR 1e-4

typedef struct numbers {
    float values[ORDER * STRIDE];
} numbers;

static rfim__matrix view(numbers *of, size_t rows, size_t columns)
{
    return (rfim__matrix){of->values, rows, columns, STRIDE};
}

static float *at(rfim__matrix x, size_t i, size_t j)
{
    return (float *)x.data + i * x.stride + j;
}

static void fill(rfim__matrix x, double seed)
{
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            *at(x, i, j) = (float)sin(seed + 3.7 * (double)i + 1.3 * (double)j * (double)(i + 1));
}

/* 2 I + X X^T */
static void fill_definite(rfim__matrix a)
{
    numbers room;
    rfim__matrix x = view(&room, ORDER, ORDER);
    fill(x, 1);
    for (size_t i = 0; i < ORDER; i++)
        for (size_t j = 0; j < ORDER; j++) {
            float sum = i == j ? 2 : 0;
            for (size_t k = 0; k < ORDER; k++)
                sum += *at(x, i, k) * *at(x, j, k);
            *at(a, i, j) = sum;
        }
}

static void products_are_products(void **state)
{
    (void)state;
    for (int which = 0; which < 4; which++) {
        rfim__transposed ta = which & 1 ? RFIM__TRANSPOSED : RFIM__PLAIN;
        rfim__transposed tb = which & 2 ? RFIM__TRANSPOSED : RFIM__PLAIN;
        numbers room[3];
        rfim__matrix a = ta ? view(&room[0], 5, 3) : view(&room[0], 3, 5);
        rfim__matrix b = tb ? view(&room[1], 4, 5) : view(&room[1], 5, 4);
        rfim__matrix c = view(&room[2], 3, 4);
        fill(a, 1);
        fill(b, 2);
        fill(c, 3);
        double expected[3][4];
        for (size_t i = 0; i < 3; i++)
            for (size_t j = 0; j < 4; j++) {
                expected[i][j] = 0.5 * (double)*at(c, i, j);
                for (size_t k = 0; k < 5; k++)
                    expected[i][j] += (double)(ta ? *at(a, k, i) : *at(a, i, k)) *
                                      (double)(tb ? *at(b, j, k) : *at(b, k, j));
            }
        rfim__plain_product(ta, tb, a, b, 0.5, c);
        for (size_t i = 0; i < 3; i++)
            for (size_t j = 0; j < 4; j++)
                assert_float_equal(*at(c, i, j), expected[i][j], NEAR);
    }
}

static void symmetric_products_read_the_lower_triangle(void **state)
{
    numbers room;
    rfim__matrix a = view(&room, ORDER, ORDER);
    float x[ORDER];
    float y[ORDER];
    float expected[ORDER];
    (void)state;
    fill_definite(a);
    fill((rfim__matrix){x, 1, ORDER, ORDER}, 5);
    for (size_t i = 0; i < ORDER; i++) {
        expected[i] = 0;
        for (size_t j = 0; j < ORDER; j++)
            expected[i] += *at(a, i, j) * x[j];
    }
    for (size_t i = 0; i < ORDER; i++)
        for (size_t j = i + 1; j < ORDER; j++)
            *at(a, i, j) = NAN;
    rfim__plain_symmetric(a, x, y);
    for (size_t i = 0; i < ORDER; i++)
        assert_float_equal(y[i], expected[i], NEAR);
}

static void inverses_and_solutions_belong_to_the_matrix(void **state)
{
    numbers room[4];
    rfim__matrix a = view(&room[0], ORDER, ORDER);
    rfim__matrix p = view(&room[1], ORDER, ORDER);
    rfim__matrix l = view(&room[2], ORDER, ORDER);
    rfim__matrix sides = view(&room[3], 2, ORDER);
    float one[ORDER];
    (void)state;
    fill_definite(a);
    fill_definite(p);
    fill_definite(l);
    assert_int_equal(rfim__plain_invert(p), 0);
    fill(sides, 7);
    for (size_t k = 0; k < ORDER; k++)
        one[k] = *at(sides, 1, k);
    double before[2][ORDER];
    for (size_t r = 0; r < 2; r++)
        for (size_t k = 0; k < ORDER; k++)
            before[r][k] = (double)*at(sides, r, k);
    assert_int_equal(rfim__plain_solve_rows(l, sides), 0);
    fill_definite(l);
    assert_int_equal(rfim__plain_solve(l, one), 0);
    for (size_t i = 0; i < ORDER; i++) {
        double found[3] = {0};
        for (size_t j = 0; j < ORDER; j++) {
            double inverse = 0; /* (A P)_ij, P from its lower triangle */
            for (size_t k = 0; k < ORDER; k++)
                inverse += (double)*at(a, i, k) * (double)(k >= j ? *at(p, k, j) : *at(p, j, k));
            assert_true(fabs(inverse - (i == j ? 1 : 0)) <= NEAR);
            found[0] += (double)*at(a, i, j) * (double)*at(sides, 0, j);
            found[1] += (double)*at(a, i, j) * (double)*at(sides, 1, j);
            found[2] += (double)*at(a, i, j) * (double)one[j];
        }
        assert_float_equal(found[0], before[0][i], NEAR);
        assert_float_equal(found[1], before[1][i], NEAR);
        assert_float_equal(found[2], before[1][i], NEAR);
    }
}

static void what_is_not_definite_is_told(void **state)
{
    numbers room;
    rfim__matrix a = view(&room, ORDER, ORDER);
    float side[ORDER] = {1};
    (void)state;
    fill_definite(a);
    *at(a, 3, 3) = -1;
    assert_int_equal(rfim__plain_solve(a, side), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_products),
        cmocka_unit_test(symmetric_products_read_the_lower_triangle),
        cmocka_unit_test(inverses_and_solutions_belong_to_the_matrix),
        cmocka_unit_test(what_is_not_definite_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
