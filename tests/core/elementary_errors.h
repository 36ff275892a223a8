/* elementary_errors.h - how far the functions of core/elementary.h and core/normal.h are from the
 * exact values, in units in the last place, over dense arguments. Included once, after RFIM_REAL
 * has been chosen, as the library's builds choose it. What vectors of them give:
 * network/test_activation_errors.c. */
#include "core/normal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#ifdef RFIM_REAL_IS_f64
#define DIGITS 53
#define SMALLEST 0x1p-1022L
#else
#define DIGITS 24
#define SMALLEST 0x1p-126L
#endif

static long double sigm(long double t)
{
    return t > 0 ? 1 / (1 + expl(-t)) : expl(t) / (1 + expl(t));
}

static long double sigm_derivative(long double t)
{
    return sigm(t) * sigm(-t);
}

static long double normal_probability(long double t)
{
    return erfcl(-t * 0.707106781186547524400844L) / 2;
}

static long double normal_density(long double t)
{
    return expl(-t * t / 2) * 0.398942280401432677939946L;
}

typedef struct function {
    const char *name;
    RFIM_REAL (*found)(RFIM_REAL x);
    long double (*exact)(long double x);
    double low, high;
    long double bound; /* units in the last place; next to what was measured, rounded up */
} function;

static const function functions[] = {
    {"exp", rfim__exp, expl, -750, 750, 1.25L},
    {"expm1", rfim__expm1_left, expm1l, -750, 0, 1.5L},
    {"tanh", rfim__tanh, tanhl, -750, 750, 2.75L},
    {"log1p", rfim__log1p_unit, log1pl, 0, 1, 2.25L},
    {"sigm", rfim__sigm, sigm, -750, 750, 2.5L},
    {"sigm'", rfim__sigm_derivative, sigm_derivative, -750, 750, 4.5L},
    /* farther out the exact values here are not exact enough */
    {"Phi", rfim__normal_probability, normal_probability, -20, 50, 8},
    {"phi", rfim__normal_density, normal_density, -20, 20, 3},
};
#define FUNCTIONS (sizeof functions / sizeof *functions)

/* The error at x in units of the exact value's last digit. Results below the smallest normal number
 * may be 0, and those above the largest infinite. */
static long double units_at(const function *f, RFIM_REAL x)
{
    long double exact = f->exact((long double)x);
    long double found = (long double)f->found(x);
    int exponent = 0;
    if (fabsl(exact) <= SMALLEST)
        return fabsl(found) <= SMALLEST ? 0 : INFINITY;
    if (isinf((RFIM_REAL)exact))
        return found == (long double)(RFIM_REAL)exact ? 0 : INFINITY;
    frexpl(exact, &exponent);
    return fabsl(found - exact) / ldexpl(1, exponent - DIGITS);
}

typedef struct worst {
    long double units;
    RFIM_REAL at;
} worst;

static void look(const function *f, double x, worst *w)
{
    if (x < f->low || x > f->high)
        return;
    long double units = units_at(f, (RFIM_REAL)x);
    if (units <= w->units)
        return;
    w->units = units;
    w->at = (RFIM_REAL)x;
}

#define POINTS 200000

/* Evenly over the whole range and over [-20, 20], and by powers towards 0. */
static void errors_are_a_few_units_in_the_last_place(void **state)
{
    (void)state;
    for (size_t k = 0; k < FUNCTIONS; k++) {
        const function *f = &functions[k];
        worst w = {0, 0};
        for (int p = 0; p <= POINTS; p++) {
            double share = (double)p / POINTS;
            double near = exp(-90 * share);
            look(f, f->low + (f->high - f->low) * share, &w);
            look(f, 40 * share - 20, &w);
            look(f, near, &w);
            look(f, -near, &w);
        }
        if (!(w.units <= f->bound))
            fail_msg("%s is %.3Lf units off at %.17g; %.2Lf are allowed", f->name, w.units,
                     (double)w.at, f->bound);
        print_message("%s: at most %.3Lf units off\n", f->name, w.units);
    }
}

static void ends_of_the_line_are_exact(void **state)
{
    (void)state;
    RFIM_REAL infinite = (RFIM_REAL)INFINITY;
    RFIM_REAL huge = (RFIM_REAL)1e30;
    RFIM_REAL tiny = (RFIM_REAL)1e-30;
    assert_true(rfim__exp(0) == 1 && rfim__exp(tiny) == 1);
    assert_true(rfim__exp(infinite) == infinite && rfim__exp(huge) == infinite);
    assert_true(rfim__exp(-infinite) == 0 && rfim__exp(-huge) == 0);
    assert_true(rfim__expm1_left(0) == 0 && rfim__expm1_left(-tiny) == -tiny);
    assert_true(rfim__expm1_left(-infinite) == -1 && rfim__expm1_left(-huge) == -1);
    assert_true(rfim__tanh(0) == 0 && rfim__tanh(tiny) == tiny && rfim__tanh(-tiny) == -tiny);
    assert_true(rfim__tanh(infinite) == 1 && rfim__tanh(-infinite) == -1);
    assert_true(rfim__tanh(huge) == 1 && rfim__tanh(-huge) == -1);
    assert_true(rfim__log1p_unit(0) == 0 && rfim__log1p_unit(tiny) == tiny);
    assert_true(rfim__sigm(0) == (RFIM_REAL)0.5 && rfim__sigm(infinite) == 1);
    assert_true(rfim__sigm(-infinite) == 0 && rfim__sigm_derivative(infinite) == 0);
    assert_true(rfim__sigm_derivative(-infinite) == 0);
    assert_true(RFIM_FABS(rfim__normal_probability(0) - (RFIM_REAL)0.5) <= ldexpl(4, -DIGITS));
    assert_true(rfim__normal_probability(infinite) == 1 && rfim__normal_probability(huge) == 1);
    assert_true(rfim__normal_probability(-infinite) == 0 && rfim__normal_probability(-huge) == 0);
    assert_true(rfim__normal_density(infinite) == 0 && rfim__normal_density(-huge) == 0);
}

/* Whatever the NaN carries: the bits of the argument end up in sums of exponents. */
static void nan_stays_nan(void **state)
{
    (void)state;
    rfim__bits quiet = rfim__bits_of((RFIM_REAL)NAN);
    for (size_t k = 0; k < FUNCTIONS; k++) {
        for (rfim__bits payload = 0; payload < 4096; payload += 37) {
            assert_true(isnan(functions[k].found(rfim__from_bits(quiet | payload))));
            assert_true(isnan(functions[k].found(-rfim__from_bits(quiet | payload))));
        }
    }
}

/* Even functions are even and odd ones odd, to the last bit. */
static void symmetries_are_exact(void **state)
{
    (void)state;
    for (int p = 0; p < 4000; p++) {
        RFIM_REAL x = (RFIM_REAL)(p * 0.01);
        assert_true(rfim__tanh(-x) == -rfim__tanh(x));
        assert_true(rfim__sigm_derivative(-x) == rfim__sigm_derivative(x));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_a_few_units_in_the_last_place),
        cmocka_unit_test(ends_of_the_line_are_exact),
        cmocka_unit_test(nan_stays_nan),
        cmocka_unit_test(symmetries_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
