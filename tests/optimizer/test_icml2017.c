/* The preset icml2017 against an independent oracle (tests/oracle). */
#include "optimizer/icml2017_comparison.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Damped metrics have conditions up to about 1e4 here, a step loses 1e-16 x 1e4 = 1e-12, and 300
 * steps on a smooth trajectory add up to less than a hundred times that. */
#define TRAJECTORY 1e-10

static void check_trajectory(bool bna, bool harsh)
{
    recipe r = recipe_of(bna, harsh);
    double distance_found = trajectory_distance(r);
    print_message("%s %s: float64 trajectory, %d steps: %.1e\n", r.name, bna ? "bna" : "plain",
                  STEPS, distance_found);
    assert_true(distance_found <= TRAJECTORY);
}

static void check_single_steps(bool bna, bool harsh)
{
    recipe r = recipe_of(bna, harsh);
    single_steps found = single_step_excess(r);
    print_message("%s %s: float32 single steps: %.2f of the tolerance, %zu steps\n", r.name,
                  bna ? "bna" : "plain", found.worst, found.compared);
    assert_true(found.worst <= 1);
    assert_true(found.compared >= STEPS / 2);
}

static void float64_trajectory_plain(void **state)
{
    (void)state;
    check_trajectory(false, false);
    check_trajectory(false, true);
}

static void float64_trajectory_bna(void **state)
{
    (void)state;
    check_trajectory(true, false);
    check_trajectory(true, true);
}

static void float32_single_steps_plain(void **state)
{
    (void)state;
    check_single_steps(false, false);
    check_single_steps(false, true);
}

static void float32_single_steps_bna(void **state)
{
    (void)state;
    check_single_steps(true, false);
    check_single_steps(true, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(float64_trajectory_plain),
        cmocka_unit_test(float64_trajectory_bna),
        cmocka_unit_test(float32_single_steps_plain),
        cmocka_unit_test(float32_single_steps_bna),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
