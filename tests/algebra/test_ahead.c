/* Memory that products bring nearer on their way: bits stay, and no line beyond it is asked for. */
#include "algebra/algebra.h"

#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 50, INNER = 81, COLUMNS = 80, STRIDE = 96 };

static float a[ROWS * STRIDE], b[INNER * STRIDE], plain[ROWS * STRIDE], c[ROWS * STRIDE];
static float wanted[64 * 1024];

/* NULL: this processor has not got these. */
static rfim__algebra *create_for(rfim_kernels kernels, rfim_context **context)
{
    rfim_context_options options;
    rfim__algebra *algebra = NULL;
    rfim_context_defaults(&options);
    options.threads = 1;
    options.kernels = kernels;
    if (rfim_context_create(&options, context) != RFIM_OK)
        return NULL;
    assert_int_equal(rfim__algebra_create_cpu(*context, RFIM_SINGLE, &algebra), RFIM_OK);
    for (size_t i = 0; i < ROWS * STRIDE; i++)
        a[i] = (float)(i * 37 % 101) / 7;
    for (size_t i = 0; i < INNER * STRIDE; i++)
        b[i] = (float)(i * 53 % 97) / 11;
    return algebra;
}

static rfim__algebra *create(rfim_context **context)
{
    rfim__algebra *algebra = create_for(RFIM_KERNELS_AUTOMATIC, context);
    assert_non_null(algebra);
    return algebra;
}

static void multiply(rfim__algebra *algebra, float *to)
{
    rfim__matrix left = {a, ROWS, INNER, STRIDE};
    rfim__matrix right = {b, INNER, COLUMNS, STRIDE};
    rfim__matrix out = {to, ROWS, COLUMNS, STRIDE};
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, left, right, 0, out);
}

static void products_ask_for_it_up_to_its_end_and_their_bits_stay(void **state)
{
    (void)state;
    rfim_context *context = NULL;
    rfim__algebra *algebra = create(&context);
    const char *end = (const char *)(wanted + sizeof wanted / sizeof *wanted);
    multiply(algebra, plain);
    assert_int_equal(algebra->ahead.bytes, 0);
    rfim__matrix all = {wanted, 64, 1024, 1024};
    rfim__algebra_ahead(algebra, all);
    for (size_t pass = 0; pass < 40; pass++) {
        size_t left = algebra->ahead.bytes;
        memset(c, 0, sizeof c);
        multiply(algebra, c);
        assert_memory_equal(c, plain, sizeof c);
        assert_ptr_equal(algebra->ahead.at + algebra->ahead.bytes, end);
        assert_true(algebra->ahead.bytes < left || left < INNER * RFIM__ALIGNMENT);
    }
    assert_true(algebra->ahead.bytes < INNER * RFIM__ALIGNMENT);
    rfim__algebra_free(algebra);
    rfim_context_free(context);
}

static size_t left_of(const rfim__ahead_rows *x)
{
    return x->count * x->pieces.bytes + (x->at < x->end ? (size_t)(x->end - x->at) : 0);
}

/* A matrix that the step wants next goes before. */
static void check_pieces(rfim_kernels kernels)
{
    enum { PIECE = 2880, PIECES = 3 };
    const uint32_t rows[] = {70, 3, 21, 5};
    rfim_context *context = NULL;
    rfim__algebra *algebra = create_for(kernels, &context);
    if (!algebra)
        return;
    rfim__ahead_rows *ahead = &algebra->ahead.rows;
    rfim__matrix line = {wanted, 1, INNER * 16, INNER * 16};
    multiply(algebra, plain);
    rfim__algebra_ahead_rows(algebra, (rfim__pieces){(const char *)wanted, PIECE, NULL}, rows,
                             PIECES);
    assert_int_equal(left_of(ahead), PIECES * PIECE);
    rfim__algebra_ahead(algebra, line);
    size_t products = 0;
    for (; left_of(ahead) > 0 && products < 40; products++) {
        size_t left = left_of(ahead);
        memset(c, 0, sizeof c);
        multiply(algebra, c);
        assert_memory_equal(c, plain, sizeof c);
        assert_true(left_of(ahead) < left);
        assert_int_equal(algebra->ahead.bytes, 0);
        assert_true(ahead->at <= ahead->end + INNER); /* at most a byte a step beyond */
    }
    assert_true(products < 40);
    assert_ptr_equal(ahead->rows, rows + PIECES);
    assert_ptr_equal(ahead->end, (const char *)wanted + 21 * PIECE + PIECE);
    rfim__algebra_free(algebra);
    rfim_context_free(context);
}

static void pieces_for_the_next_step_are_asked_for_to_the_last_one(void **state)
{
    (void)state;
    for (int kernels = RFIM_KERNELS_PORTABLE; kernels <= RFIM_KERNELS_AVX512; kernels++)
        check_pieces((rfim_kernels)kernels);
}

/* Products did not get to them, and would not get to the next ones either. */
static void pieces_are_asked_for_at_once_where_some_were_left_at_a_step_before(void **state)
{
    (void)state;
    const uint32_t rows[] = {1, 0, 2};
    rfim_context *context = NULL;
    rfim__algebra *algebra = create(&context);
    rfim__algebra_ahead_rows(algebra, (rfim__pieces){(const char *)wanted, 784, NULL}, rows, 3);
    assert_int_equal(left_of(&algebra->ahead.rows), 3 * 784);
    rfim__algebra_ahead_over(algebra);
    assert_null(algebra->ahead.rows.rows);
    for (int step = 0; step < 2; step++) {
        rfim__algebra_ahead_rows(algebra, (rfim__pieces){(const char *)wanted, 1568, NULL},
                                 rows + 1, 2);
        assert_int_equal(left_of(&algebra->ahead.rows), 0);
        rfim__algebra_ahead_over(algebra);
    }
    rfim__algebra_ahead_rows(algebra, (rfim__pieces){0}, NULL, 0); /* the epoch ends */
    rfim__algebra_ahead_over(algebra);
    rfim__algebra_ahead_rows(algebra, (rfim__pieces){(const char *)wanted, 1568, NULL}, rows + 1,
                             2);
    assert_int_equal(left_of(&algebra->ahead.rows), 2 * 1568);
    rfim__algebra_free(algebra);
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_ask_for_it_up_to_its_end_and_their_bits_stay),
        cmocka_unit_test(pieces_for_the_next_step_are_asked_for_to_the_last_one),
        cmocka_unit_test(pieces_are_asked_for_at_once_where_some_were_left_at_a_step_before),
    };
    return cmocka_run_group_tests_name("algebra: ahead", tests, NULL, NULL);
}
