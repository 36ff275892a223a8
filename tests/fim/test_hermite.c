/* Gauss-Hermite rules: moments of the standard normal distribution. */
#include "fim/hermite.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* E x^k = (k-1)!! for even k, 0 for odd: exact up to degree 2 count - 1. Rounding grows with the
 * size of the terms, so it is measured against the sum of |terms|. */
static void moments_are_exact(void **state)
{
    (void)state;
    for (size_t count = 1; count <= RFIM__MOST_NODES; count++) {
        rfim__hermite rule;
        rfim__hermite_rule(count, &rule);
        assert_int_equal(rule.count, count);
        double moment = 1;
        for (size_t k = 0; k < 2 * count; k++) {
            double found = 0;
            double size = 0;
            for (size_t a = 0; a < count; a++) {
                double term = rule.weight[a] * pow(rule.node[a], (double)k);
                found += term;
                size += fabs(term);
            }
            if (k % 2 == 0 && k > 0)
                moment *= (double)(k - 1);
            double expected = k % 2 == 0 ? moment : 0;
            /* nodes are good to an ulp or two, and k of them are multiplied */
            if (!(fabs(found - expected) <= 1e-15 * (double)(k + 10) * size))
                fail_msg("%zu nodes, moment %zu: %.17g, not %.17g", count, k, found, expected);
        }
    }
}

static void one_degree_more_is_not(void **state)
{
    (void)state;
    rfim__hermite rule;
    rfim__hermite_rule(2, &rule);
    double fourth = 0;
    for (size_t a = 0; a < 2; a++)
        fourth += rule.weight[a] * pow(rule.node[a], 4);
    assert_true(fabs(fourth - 1) < 1e-14); /* E x^4 = 3 */
}

static void nodes_ascend_and_are_symmetric(void **state)
{
    (void)state;
    for (size_t count = 1; count <= RFIM__MOST_NODES; count++) {
        rfim__hermite rule;
        rfim__hermite_rule(count, &rule);
        for (size_t a = 0; a < count; a++) {
            assert_true(rule.weight[a] > 0);
            assert_true(a == 0 || rule.node[a] > rule.node[a - 1]);
            assert_true(fabs(rule.node[a] + rule.node[count - 1 - a]) <= 1e-14);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_exact),
        cmocka_unit_test(one_degree_more_is_not),
        cmocka_unit_test(nodes_ascend_and_are_symmetric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
