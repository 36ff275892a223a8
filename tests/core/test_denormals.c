/* Denormal numbers are 0 while rfim computes, and what they were before afterwards. */
#include "algebra/algebra.h"
#include "core/denormals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#if defined(__SSE__) || defined(__aarch64__)
#define FLUSHES 1
#else
#define FLUSHES 0
#endif

/* Half of the smallest normal number, computed here and now. */
static float denormal(void)
{
    volatile float smallest = 0x1p-126f;
    volatile float half = smallest * 0.5f;
    return half;
}

static void denormals_are_flushed_between_begin_and_end_only(void **state)
{
    (void)state;
    if (!FLUSHES) {
        print_message("skipped: this CPU's setting for denormal numbers is not known to rfim\n");
        skip();
    }
    rfim_context *context = NULL;
    assert_int_equal(rfim_context_create(NULL, &context), RFIM_OK);
    assert_true(denormal() > 0);
    rfim__algebra_begin(context);
    assert_true(denormal() == 0);
    rfim__algebra_begin(context); /* nested */
    rfim__algebra_end(context);
    assert_true(denormal() == 0);
    rfim__algebra_end(context);
    assert_true(denormal() > 0);
    rfim_context_free(context);
}

static void a_caller_who_flushes_goes_on_flushing(void **state)
{
    (void)state;
    if (!FLUSHES) {
        print_message("skipped: this CPU's setting for denormal numbers is not known to rfim\n");
        skip();
    }
    rfim_context *context = NULL;
    assert_int_equal(rfim_context_create(NULL, &context), RFIM_OK);
    uint64_t before = rfim__denormals_flush();
    rfim__algebra_begin(context);
    rfim__algebra_end(context);
    assert_true(denormal() == 0);
    rfim__denormals_restore(before);
    assert_true(denormal() > 0);
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(denormals_are_flushed_between_begin_and_end_only),
        cmocka_unit_test(a_caller_who_flushes_goes_on_flushing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
