/* How far a step goes, by hand, rule by rule. */
#include "optimizer/step_control.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Two layers of 3 and 5 outputs and a module without parameters: sum q = 4, sum m = 8. */
static double factor(rfim_step_control rule, double rho, double kappa, double square, size_t layer)
{
    rfim__move moves[] = {{.square = 3, .outputs = 3}, {.square = 0}, {.square = 1, .outputs = 5}};
    rfim__output_view output = {.square = square, .outputs = 16, .curvature = 0.25};
    rfim_optimizer_options options = {
        .step_control = rule, .learning_rate = 0.5, .rho = rho, .rho_output = 0.1, .kappa = kappa};
    rfim__step_control(&options, &output, moves, 3);
    return moves[layer].factor;
}

static void near(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-14 * expected))
        fail_msg("found %.17g, expected %.17g", found, expected);
}

static void responses_bound_or_make_a_step(void **state)
{
    (void)state;
    near(factor(RFIM_STEP_FIXED, 0.1, 0, 1, 0), 1);
    near(factor(RFIM_STEP_TRUST, 0.1, 0, 1, 2), sqrt(0.08)); /* 0.1 sqrt(8) over 0.5 x 2 */
    near(factor(RFIM_STEP_TRUST, 9, 0.25, 1, 0), 0.5);
    near(factor(RFIM_STEP_TRUST, 9, 0, 1, 0), 1);
    near(factor(RFIM_STEP_RESPONSE, 0.1, 0, 1, 0), 0.2);
    near(factor(RFIM_STEP_RESPONSE, 0.1, 0, 1, 2), 0.2 * sqrt(5));
}

/* X^2 = 0.01 x 4 / 0.25 = 0.16. */
static void outputs_bound_a_step(void **state)
{
    (void)state;
    near(factor(RFIM_STEP_OUTPUT, 9, 0, 1, 0), 0.2);               /* gain 4: kappa 0.04 */
    near(factor(RFIM_STEP_OUTPUT, 9, 0, 0.01, 2), 0.05);           /* gain 400, 64 at most: 1/400 */
    near(factor(RFIM_STEP_OUTPUT, 9, 0, 100, 0), 1);               /* gain 0.04: kappa 4 */
    near(factor(RFIM_STEP_OUTPUT, 0.01, 0, 1, 0), 0.01 * sqrt(8)); /* responses say less */
    near(factor(RFIM_STEP_OUTPUT, 9, 0.01, 1, 0), 0.1);            /* as does kappa */
    near(factor(RFIM_STEP_OUTPUT, 9, 0, 0, 0), 0.05);              /* no gradient at the outputs */
}

static void batch_normalisation_leaves_it_to_responses(void **state)
{
    (void)state;
    rfim__move move = {.square = 4, .outputs = 8};
    rfim__output_view output = {.square = 1, .outputs = 16, .curvature = 0.25, .normalised = true};
    rfim_optimizer_options options = {
        .step_control = RFIM_STEP_OUTPUT, .learning_rate = 0.5, .rho = 0.1, .rho_output = 0.001};
    rfim__step_control(&options, &output, &move, 1);
    near(move.factor, sqrt(0.08));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses_bound_or_make_a_step),
        cmocka_unit_test(outputs_bound_a_step),
        cmocka_unit_test(batch_normalisation_leaves_it_to_responses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
