/* Activations by themselves: f against golden values, f' against differences of f and f'' of f',
 * tails, ends of the line, float32 against float64, and what is said of bad settings. */
#include "network/one_number.h"

#include <float.h>
#include <stdio.h>

static const char *const texts[] = {
    "linear",
    "relu",
    "relu iota=0.1",
    "elu",
    "elu alpha=0.7",
    "tanh",
    "sigm",
    "gelu",
    "silu",
    "softplus",
    "softplus iota=0.1 omega=0.25",
    "softplus iota=0.9 omega=8",
    "sin",
};
#define TEXTS (sizeof texts / sizeof *texts)

/* Calls `check` for every set of kernels that this machine has. */
static void over_kernels(rfim_precision precision, void (*check)(rfim__algebra *algebra))
{
    for (rfim_kernels k = RFIM_KERNELS_PORTABLE; k <= RFIM_KERNELS_AVX512; k++) {
        rfim_context *context = small_context(k);
        rfim__algebra *algebra = NULL;
        if (!context)
            continue;
        must(context, rfim__algebra_create_cpu(context, precision, &algebra));
        check(algebra);
        rfim__algebra_free(algebra);
        rfim_context_free(context);
    }
}

/* --- golden values: worked out with 60 digits from the formulas of activation.h ----------------
 */

typedef struct golden {
    const char *text;
    double t;
    double expected[3]; /* f, f', f'' */
} golden;

static const golden goldens[] = {
    {"tanh", -40, {-1, 7.2194055513816607e-35, 1.4438811102763321e-34}},
    {"tanh", 0.5, {0.46211715726000976, 0.78644773296592741, -0.72686198138358728}},
    {"tanh", 6, {0.99998771165079557, 2.4576547405332701e-5, -4.9152490800271891e-5}},
    {"sigm", -40, {4.248354255291589e-18, 4.248354255291589e-18, 4.2483542552915889e-18}},
    {"sigm", -0.5, {0.37754066879814544, 0.23500371220159449, 0.057556794852320741}},
    {"sigm", 6, {0.99752737684336523, 0.0024665092913600478, -0.0024543117953803045}},
    {"gelu", -12, {-2.1317785344932148e-32, -2.5578956616748956e-31, -3.0478649046415457e-30}},
    {"gelu", -6, {-5.9195258702261888e-9, -3.5468709453902015e-8, -2.0658001689399171e-7}},
    {"gelu", -0.5, {-0.15426876936299345, 0.13250487534383716, 0.61611432183752409}},
    {"gelu", 0.5, {0.34573123063700655, 0.86749512465616284, 0.61611432183752409}},
    {"gelu", 6, {5.9999999940804741, 1.0000000354687095, -2.0658001689399171e-7}},
    {"silu", -40, {-1.6993417021166356e-16, -1.6568581595637197e-16, -1.6143746170108038e-16}},
    {"silu", -6, {-0.014835738939808646, -0.012326432591525513, -0.0097928521895617311}},
    {"silu", -0.5, {-0.18877033439907272, 0.26003881269734819, 0.44122902697702861}},
    {"silu", 0.5, {0.31122966560092728, 0.73996118730265181, 0.44122902697702861}},
    {"silu", 6, {5.9851642610601914, 1.0123264325915255, -0.0097928521895617311}},
    {"softplus", -40, {4.248354255291589e-18, 4.248354255291589e-18, 4.248354255291589e-18}},
    {"softplus", -6, {0.0024756851377304495, 0.0024726231566347743, 0.0024665092913600478}},
    {"softplus", 0.5, {0.97407698418010668, 0.62245933120185456, 0.23500371220159449}},
    {"softplus", 6, {6.0024756851377304, 0.99752737684336523, 0.0024665092913600478}},
    {"softplus iota=0.1 omega=0.25", -40, {-4, 0.1, 9.3786346097404929e-63}},
    {"softplus iota=0.1 omega=0.25",
     -6,
     {-0.59999999989596507, 0.10000000037452577, 1.3482927546064697e-9}},
    {"softplus iota=0.1 omega=0.25",
     -0.5,
     {-0.011755597368481466, 0.22766595841043901, 0.39440306253015667}},
    {"softplus iota=0.1 omega=0.25",
     6,
     {6.0000000001040349, 0.99999999962547423, 1.3482927546064697e-9}},
    {"sin", -40, {-0.74511316047934879, -0.66693806165226184, 0.74511316047934879}},
    {"sin", 0.5, {0.479425538604203, 0.87758256189037272, -0.479425538604203}},
    {"elu alpha=0.7", -40, {-0.7, 2.9738479787041123e-18, 2.9738479787041123e-18}},
    {"elu alpha=0.7", -0.5, {-0.2754285382011566, 0.4245714617988434, 0.4245714617988434}},
    {"elu alpha=0.7", 0.5, {0.5, 1, 0}},
    {"relu iota=0.1", -3, {-0.30000000000000004, 0.1, 0}},
    {"relu iota=0.1", 3, {3, 1, 0}},
};
#define GOLDENS (sizeof goldens / sizeof *goldens)

/* Exponentials of x have a relative error of about |x| units, x up to 4 |t| or t^2 / 2; softplus
 * with iota = 0.1 loses up to five bits where its two branches cancel. The points are float32
 * numbers; the settings 0.1 and 0.7 are not, which costs float32 one more unit of 4 |t|. */
static void check_goldens(rfim__algebra *algebra)
{
    double unit = algebra->precision == RFIM_DOUBLE ? DBL_EPSILON : FLT_EPSILON;
    double least = algebra->precision == RFIM_DOUBLE ? DBL_MIN : FLT_MIN;
    for (size_t g = 0; g < GOLDENS; g++) {
        rfim__activation f = one_activation(algebra->context, goldens[g].text);
        double t = goldens[g].t;
        for (int k = VALUE; k <= SECOND; k++) {
            double found = one_number(algebra, (one_number_kernel)k, &f, t);
            double expected = goldens[g].expected[k];
            double units = 32 + 10 * fabs(t) + (f.kind == RFIM__GELU ? t * t : 0);
            if (!(fabs(found - expected) <= units * unit * fabs(expected) + least))
                fail_msg("%s at %g, derivative %d: %.17g, expected %.17g", goldens[g].text, t, k,
                         found, expected);
        }
    }
}

static void values_and_derivatives_are_golden_also_far_out(void **state)
{
    (void)state;
    over_kernels(RFIM_DOUBLE, check_goldens);
    over_kernels(RFIM_SINGLE, check_goldens);
}

/* --- derivatives against differences -----------------------------------------------------------
 */

/* Sixth order; the points lie on one side of the kinks. */
static double difference(const rfim__algebra *algebra, one_number_kernel kernel,
                         const rfim__activation *f, double t, double step)
{
    static const double shifts[] = {-3, -2, -1, 1, 2, 3};
    static const double weights[] = {-1, 9, -45, 45, -9, 1};
    double sum = 0;
    for (size_t s = 0; s < 6; s++)
        sum += weights[s] * one_number(algebra, kernel, f, t + shifts[s] * step);
    return sum / (60 * step);
}

/* The step is 2^-8 at most: the formula's error is about step^6 f^(7) / 140 = 3e-17 f^(7), where
 * f^(7) is up to 4^7 f for the narrow softplus: 5e-13; rounding gives 40 x 2e-16 / step = 3e-12 at
 * |t| = 40. Near 0 the step is less than a third of |t|, so that no kink is crossed: rounding there
 * is 2e-16 |f| / step = 1e-15 where f is of the size of t, and 1e-10 where it is not. */
static void check_differences(rfim__algebra *algebra)
{
    static const double points[] = {-40,  -9.5, -3.2, -1.4, -0.75, -0.1, -1e-4,
                                    1e-4, 0.03, 0.6,  1.5,  2.9,   11,   40};
    for (size_t a = 0; a < TEXTS; a++) {
        rfim__activation f = one_activation(algebra->context, texts[a]);
        for (size_t p = 0; p < sizeof points / sizeof *points; p++) {
            double t = points[p];
            double step = fmin(0x1p-8, fabs(t) / 4);
            for (int k = VALUE; k <= DERIVATIVE; k++) {
                double expected = difference(algebra, (one_number_kernel)k, &f, t, step);
                double found = one_number(algebra, (one_number_kernel)(k + 1), &f, t);
                double tolerance = fabs(t) < 0.01 ? 1e-10 : 1e-11;
                if (!(fabs(found - expected) <= tolerance))
                    fail_msg("%s at %g, derivative %d: %.15g, differences say %.15g", texts[a], t,
                             k + 1, found, expected);
            }
        }
    }
}

static void derivatives_are_what_differences_say(void **state)
{
    (void)state;
    over_kernels(RFIM_DOUBLE, check_differences);
}

static void at_the_kink_the_derivative_is_one_sided_and_the_second_zero(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_PORTABLE);
    rfim__algebra *algebra = NULL;
    must(context, rfim__algebra_create_cpu(context, RFIM_DOUBLE, &algebra));
    rfim__activation relu = one_activation(context, "relu iota=0.25");
    rfim__activation elu = one_activation(context, "elu alpha=0.7");
    assert_true(one_number(algebra, DERIVATIVE, &relu, 0) == 0.25);
    assert_true(one_number(algebra, DERIVATIVE, &elu, 0) == 1);
    assert_true(one_number(algebra, SECOND, &relu, 0) == 0);
    assert_true(one_number(algebra, SECOND, &elu, 0) == 0);
    rfim__algebra_free(algebra);
    rfim_context_free(context);
}

/* --- the smooth relu ----------------------------------------------------------------------------
 */

/* The slope of relu is the derivative of the softplus of the same settings, bit by bit, and the
 * slope of every other activation its own derivative. */
static void check_slopes(rfim__algebra *algebra)
{
    for (double t = -41; t <= 41; t += 0.37) {
        rfim__activation relu = one_activation(algebra->context, "relu iota=0.2 omega=0.7");
        rfim__activation soft = one_activation(algebra->context, "softplus iota=0.2 omega=0.7");
        assert_true(one_number(algebra, SLOPE, &relu, t) ==
                    one_number(algebra, DERIVATIVE, &soft, t));
        for (size_t a = 0; a < TEXTS; a++) {
            rfim__activation f = one_activation(algebra->context, texts[a]);
            if (f.kind != RFIM__RELU)
                assert_true(one_number(algebra, SLOPE, &f, t) ==
                            one_number(algebra, DERIVATIVE, &f, t));
        }
    }
}

static void slopes_are_derivatives_but_for_relus_which_is_the_softplus(void **state)
{
    (void)state;
    over_kernels(RFIM_DOUBLE, check_slopes);
    over_kernels(RFIM_SINGLE, check_slopes);
}

/* 0 <= softplus - relu <= omega ln 2, with equality on the right at t = 0. */
static void softplus_tends_to_relu_as_its_width_shrinks(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim__algebra *algebra = NULL;
    must(context, rfim__algebra_create_cpu(context, RFIM_DOUBLE, &algebra));
    rfim__activation relu = one_activation(context, "relu iota=0.2");
    rfim__activation soft = one_activation(context, "softplus iota=0.2");
    static const double widths[] = {1, 0.1, 1e-3, 1e-30};
    for (size_t w = 0; w < 4; w++) {
        soft.omega = widths[w];
        for (double t = -3; t <= 3; t += 0.25) {
            double more = one_number(algebra, VALUE, &soft, t) -
                          one_number(algebra, VALUE, &relu, t);
            assert_true(more >= 0 && more <= soft.omega * log(2) * (1 + 1e-15));
        }
        assert_true(fabs(one_number(algebra, VALUE, &soft, 0) / (soft.omega * log(2)) - 1) < 1e-15);
    }
    rfim__algebra_free(algebra);
    rfim_context_free(context);
}

/* --- ends of the line, precisions ---------------------------------------------------------------
 */

/* f itself may be as large as t; derivatives stay small. Only sin has no limit. */
static void check_ends(rfim__algebra *algebra)
{
    static const double ends[] = {1e4, 88.8, 103.9, 745.2, 1e30, 3.4e38, 1e-38, 0, INFINITY};
    for (size_t a = 0; a < TEXTS; a++) {
        rfim__activation f = one_activation(algebra->context, texts[a]);
        for (size_t e = 0; e < 18; e++) {
            double t = e < 9 ? ends[e] : -ends[e - 9];
            if (isinf(t) && f.kind == RFIM__SIN)
                continue;
            double first = one_number(algebra, DERIVATIVE, &f, t);
            double second = one_number(algebra, SECOND, &f, t);
            double value = one_number(algebra, VALUE, &f, t);
            if (!(first >= -1 && first <= 1.13 && fabs(second) <= 1))
                fail_msg("%s at %g: f' = %g, f'' = %g", texts[a], t, first, second);
            if (isfinite(t) && !(fabs(value) <= fabs(t) * 1.000001 + 6)) /* 8 ln 2 = 5.5 */
                fail_msg("%s at %g: f = %g", texts[a], t, value);
        }
    }
}

static void nothing_overflows_at_the_ends_of_the_line(void **state)
{
    (void)state;
    over_kernels(RFIM_DOUBLE, check_ends);
    over_kernels(RFIM_SINGLE, check_ends);
}

static void narrow_and_wide_softplus_stay_finite(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim__algebra *algebra = NULL;
    must(context, rfim__algebra_create_cpu(context, RFIM_SINGLE, &algebra));
    static const double widths[] = {1e-30, 1e-10, 999999};
    static const double points[] = {-3e38, -1, -1e-30, -1e-38, 0, 1e-38, 1e-30, 1, 3e38};
    for (size_t w = 0; w < 3; w++) {
        rfim__activation f = one_activation(context, "softplus iota=0.5");
        assert_true(rfim__activation_set(&f, "omega", widths[w]));
        for (size_t p = 0; p < 9; p++) {
            double first = one_number(algebra, DERIVATIVE, &f, points[p]);
            assert_true(isfinite(one_number(algebra, VALUE, &f, points[p])));
            assert_true(first >= 0.5 && first <= 1);
            assert_true(isfinite(one_number(algebra, SECOND, &f, points[p])));
        }
    }
    rfim__algebra_free(algebra);
    rfim_context_free(context);
}

/* Of the larger of a number and the one next to it in the list f, f', f'', as the smaller may be
 * near its root. Units as for the golden values. */
static void single_precision_is_double_precision_rounded(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim__algebra *single = NULL;
    rfim__algebra *wide = NULL;
    must(context, rfim__algebra_create_cpu(context, RFIM_SINGLE, &single));
    must(context, rfim__algebra_create_cpu(context, RFIM_DOUBLE, &wide));
    for (size_t a = 0; a < TEXTS; a++) {
        rfim__activation f = one_activation(context, texts[a]);
        for (double t = -12; t <= 12; t += 0x1p-5) {
            double e[3];
            for (int k = VALUE; k <= SECOND; k++)
                e[k] = one_number(wide, (one_number_kernel)k, &f, t);
            for (int k = VALUE; k <= SECOND; k++) {
                double found = one_number(single, (one_number_kernel)k, &f, t);
                double scale = fmax(fabs(e[k]), fabs(k == VALUE ? e[1] : e[3 - k]));
                double units = 32 + 10 * fabs(t) + t * t;
                if (!(fabs(found - e[k]) <= units * FLT_EPSILON * scale + FLT_MIN))
                    fail_msg("%s at %g, derivative %d: %.9g, in float64 %.9g", texts[a], t, k,
                             found, e[k]);
            }
        }
    }
    rfim__algebra_free(single);
    rfim__algebra_free(wide);
    rfim_context_free(context);
}

/* --- what is said of them -----------------------------------------------------------------------
 */

/* Where it says yes, f' is nowhere negative; where it says no, it is somewhere. */
static void increasing_ones_never_fall(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim__algebra *algebra = NULL;
    must(context, rfim__algebra_create_cpu(context, RFIM_DOUBLE, &algebra));
    for (size_t a = 0; a < TEXTS; a++) {
        rfim__activation f = one_activation(context, texts[a]);
        double least = 0;
        for (double t = -8; t <= 8; t += 0.125)
            least = fmin(least, one_number(algebra, DERIVATIVE, &f, t));
        assert_int_equal(rfim__activation_is_increasing(&f), least >= 0);
    }
    rfim__algebra_free(algebra);
    rfim_context_free(context);
}

static void texts_keep_names_and_settings(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    static const char *const long_forms[] = {
        "input 3; linear 4 gelu; linear 4 silu; linear 4 sin; linear 2; loss softmax",
        "input 3; linear 4 softplus; linear 4 softplus iota=0.1 omega=0.25; linear 2; loss softmax",
    };
    for (size_t k = 0; k < 2; k++) {
        rfim_network *network = small_network(context, long_forms[k], RFIM_SINGLE, 1);
        assert_string_equal(rfim_network_text(network), long_forms[k]);
        rfim_network_free(network);
    }
    rfim_network *network = small_network(context, "3-4-2 softplus omega=2 bna", RFIM_SINGLE, 1);
    assert_string_equal(rfim_network_text(network),
                        "input 3; linear 4 softplus omega=2; batchnorm; linear 2; loss softmax");
    rfim_network_free(network);
    rfim_context_free(context);
}

static void mistakes_get_a_sentence(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    static const struct {
        const char *text, *words;
    } mistakes[] = {
        {"3-4-2 geul", "nearest is `gelu`"},
        {"3-4-2 swilu", "nearest is `silu`"},
        {"3-4-2 sofplus", "nearest is `softplus`"},
        {"3-4-2 mish", "(linear, relu, elu, tanh, sigm, gelu, silu, softplus, sin;"},
        {"3-4-2 softplus omega=0", "omega=0"},
        {"3-4-2 softplus omega=1e-31", "1e-30 or more"},
        {"3-4-2 softplus omega=1e6", "below 1e+06"},
        {"3-4-2 softplus omega=nan", "omega=nan"},
        {"3-4-2 softplus iota=1", "iota=1"},
        {"3-4-2 softplus alpha=1", "no setting of `softplus`"},
        {"3-4-2 gelu iota=0.1", "no setting of `gelu`"},
        {"3-4-2 sin omega=1", "no setting of `sin`"},
    };
    for (size_t m = 0; m < sizeof mistakes / sizeof *mistakes; m++) {
        rfim_network *network = NULL;
        refused(context, rfim_network_create(context, mistakes[m].text, NULL, &network),
                RFIM_ERROR_ARGUMENT, mistakes[m].words);
    }
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_derivatives_are_golden_also_far_out),
        cmocka_unit_test(derivatives_are_what_differences_say),
        cmocka_unit_test(at_the_kink_the_derivative_is_one_sided_and_the_second_zero),
        cmocka_unit_test(slopes_are_derivatives_but_for_relus_which_is_the_softplus),
        cmocka_unit_test(softplus_tends_to_relu_as_its_width_shrinks),
        cmocka_unit_test(nothing_overflows_at_the_ends_of_the_line),
        cmocka_unit_test(narrow_and_wide_softplus_stay_finite),
        cmocka_unit_test(single_precision_is_double_precision_rounded),
        cmocka_unit_test(increasing_ones_never_fall),
        cmocka_unit_test(texts_keep_names_and_settings),
        cmocka_unit_test(mistakes_get_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
