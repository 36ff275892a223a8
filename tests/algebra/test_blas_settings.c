/* Inside rfim__algebra_begin ... end the BLAS works on one thread; afterwards the host program's
 * settings of the BLAS and of OpenMP are what they were. */
#include "algebra/algebra.h"

#include <cblas.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    return rfim_context_create(NULL, (rfim_context **)state) == RFIM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    rfim_context_free(*state);
    return 0;
}

static void the_blas_works_on_one_thread_and_is_given_back(void **state)
{
    static const int settings[][2] = {{2, 2}, {1, 1}, {3, 3}, {2, 4}, {4, 1}, {1, 2}};
    rfim_context *context = *state;
    for (size_t s = 0; s < sizeof settings / sizeof settings[0]; s++) {
        openblas_set_num_threads(settings[s][0]);
        omp_set_num_threads(settings[s][1]);
        int blas = openblas_get_num_threads();
        int openmp = omp_get_max_threads();
        rfim__algebra_begin(context);
        assert_int_equal(openblas_get_num_threads(), 1);
        rfim__algebra_end(context);
        assert_int_equal(openblas_get_num_threads(), blas);
        assert_int_equal(omp_get_max_threads(), openmp);
    }
}

static void only_the_outermost_pair_changes_anything(void **state)
{
    rfim_context *context = *state;
    openblas_set_num_threads(3);
    omp_set_num_threads(2);
    int blas = openblas_get_num_threads();
    rfim__algebra_begin(context);
    rfim__algebra_begin(context);
    rfim__algebra_begin(context);
    assert_int_equal(openblas_get_num_threads(), 1);
    rfim__algebra_end(context);
    rfim__algebra_end(context);
    assert_int_equal(openblas_get_num_threads(), 1);
    rfim__algebra_end(context);
    assert_int_equal(openblas_get_num_threads(), blas);
    assert_int_equal(omp_get_max_threads(), 2);
}

static void mathematics_on_a_team_changes_no_settings(void **state)
{
    rfim_context *context = *state;
    openblas_set_num_threads(2);
    omp_set_num_threads(3);
    int blas = openblas_get_num_threads();
    rfim__algebra *algebra = NULL;
    assert_int_equal(rfim__algebra_create_cpu(context, RFIM_DOUBLE, &algebra), RFIM_OK);
    algebra->team_flops = 0;
    static double numbers[300 * 300];
    static double products[300 * 300];
    for (size_t e = 0; e < 300 * 300; e++)
        numbers[e] = (double)(e * 7919 % 1009) / 1009 - 0.5;
    rfim__matrix a = {numbers, 300, 300, 300};
    rfim__matrix c = {products, 300, 300, 300};
    rfim__algebra_begin(context);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, a, a, 0, c);
    assert_int_equal(openblas_get_num_threads(), 1);
    rfim__algebra_end(context);
    rfim__algebra_free(algebra);
    assert_int_equal(openblas_get_num_threads(), blas);
    assert_int_equal(omp_get_max_threads(), 3);
}

static void the_blas_is_described(void **state)
{
    (void)state;
    assert_non_null(strstr(rfim_blas_description(), "OpenBLAS"));
    assert_int_equal(rfim_blas_matches(), openblas_get_parallel() == OPENBLAS_OPENMP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_blas_works_on_one_thread_and_is_given_back),
        cmocka_unit_test(only_the_outermost_pair_changes_anything),
        cmocka_unit_test(mathematics_on_a_team_changes_no_settings),
        cmocka_unit_test(the_blas_is_described),
    };
    return cmocka_run_group_tests_name("algebra: settings of the BLAS", tests, set_up, tear_down);
}
