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

static rfim__algebra *create(rfim_context **context)
{
    rfim_context_options options;
    rfim__algebra *algebra = NULL;
    rfim_context_defaults(&options);
    options.threads = 1;
    assert_int_equal(rfim_context_create(&options, context), RFIM_OK);
    assert_int_equal(rfim__algebra_create_cpu(*context, RFIM_SINGLE, &algebra), RFIM_OK);
    for (size_t i = 0; i < ROWS * STRIDE; i++)
        a[i] = (float)(i * 37 % 101) / 7;
    for (size_t i = 0; i < INNER * STRIDE; i++)
        b[i] = (float)(i * 53 % 97) / 11;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_ask_for_it_up_to_its_end_and_their_bits_stay),
    };
    return cmocka_run_group_tests_name("algebra: ahead", tests, NULL, NULL);
}
