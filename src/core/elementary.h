/* elementary.h - exponentials and their kin in RFIM_REAL, for *_kernels.c files: plain arithmetic
 * without branches, calls or tables, so that compilers turn loops over them into vector code.
 *
 *   e^x = 2^n e^r,  n = round(x / ln 2),  r = x - n ln 2 in [-ln 2 / 2, ln 2 / 2]
 *   e^r - 1 = r + r^2 P(r)                      P: polynomial, nearly the best in the interval
 *   ln(1+y) = 2 s (1 + s^2 Q(s^2)),  s = y / (2 + y) in [0, 1/3]  for y in [0, 1]
 *
 * ln 2 is taken away in two parts (Cody and Waite 1980), the first so short that its product with n
 * is exact. P and Q are Chebyshev fits worked out with 60 digits; they err by less than 0.1 units
 * in the last place. Rounding adds to that; in all, in either precision, at most
 *
 *   exp, expm1 1.5    log1p 2.25    sigm 2.5    tanh 2.75    sigm' 4.5    units in the last place
 *
 * (tests/core/elementary_errors.h). Denormal results may be 0, as the caller flushes them anyway.
 * NaN gives NaN. */
#ifndef RFIM_CORE_ELEMENTARY_H
#define RFIM_CORE_ELEMENTARY_H

#include "core/real.h"

#include <stdint.h>
#include <string.h>

/* A call that a compiler leaves in a loop keeps the whole loop from being vector code. */
#define RFIM__INLINE static inline __attribute__((always_inline))

/* Adding RFIM__ROUND leaves the nearest integer in the last bits of the sum. */
#ifdef RFIM_REAL_IS_f64
typedef uint64_t rfim__bits;
#define RFIM__FRACTION_BITS 52
#define RFIM__EXPONENT_OF_1 1023
#define RFIM__ROUND 0x1.8p52
#define RFIM__LOG2_E 1.4426950408889634074
#define RFIM__LN2_LONG 0x1.62e42feep-1 /* 33 bits; n has 11 */
#define RFIM__LN2_REST 1.9082149292705877e-10
#define RFIM__EXP_LEAST (-708.3964185322641) /* ln of the smallest normal number */
#define RFIM__EXP_MOST 709.782712893384      /* ln of the largest number */
#define RFIM__EXPM1_LEAST (-40.0)            /* e^x - 1 is -1 from here on */
#else
typedef uint32_t rfim__bits;
#define RFIM__FRACTION_BITS 23
#define RFIM__EXPONENT_OF_1 127
#define RFIM__ROUND 0x1.8p23f
#define RFIM__LOG2_E 1.44269504f
#define RFIM__LN2_LONG 0x1.63p-1f /* 9 bits; n has 8 */
#define RFIM__LN2_REST (-2.12194440e-4f)
#define RFIM__EXP_LEAST (-87.33654f)
#define RFIM__EXP_MOST 88.72283f
#define RFIM__EXPM1_LEAST (-20.0f)
#endif

RFIM__INLINE rfim__bits rfim__bits_of(RFIM_REAL x)
{
    rfim__bits bits = 0;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

RFIM__INLINE RFIM_REAL rfim__from_bits(rfim__bits bits)
{
    RFIM_REAL x = 0;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* P(r) = (e^r - 1 - r) / r^2 */
RFIM__INLINE RFIM_REAL rfim__exp_tail(RFIM_REAL r)
{
#ifdef RFIM_REAL_IS_f64
    RFIM_REAL p = 2.5100424157005066788e-8;
    p = p * r + 2.7620138719973995569e-7;
    p = p * r + 2.7557268378684192873e-6;
    p = p * r + 2.4801521190217727651e-5;
    p = p * r + 1.9841269863105968749e-4;
    p = p * r + 1.3888888917281793308e-3;
    p = p * r + 8.3333333333300513464e-3;
    p = p * r + 4.1666666666623991516e-2;
    p = p * r + 1.6666666666666667456e-1;
    return p * r + 0.5;
#else
    RFIM_REAL p = 1.39262134663e-3f;
    p = p * r + 8.36320297158e-3f;
    p = p * r + 4.16665544377e-2f;
    p = p * r + 1.6666576846e-1f;
    return p * r + 0.5f;
#endif
}

/* Q(z) = (atanh(s)/s - 1) / z, z = s^2 */
RFIM__INLINE RFIM_REAL rfim__atanh_tail(RFIM_REAL z)
{
#ifdef RFIM_REAL_IS_f64
    RFIM_REAL q = 7.8152889004614252231e-2;
    q = q * z + 3.7460718977753836504e-2;
    q = q * z + 5.4225891974400074110e-2;
    q = q * z + 5.8671395306515987300e-2;
    q = q * z + 6.6675893157246279183e-2;
    q = q * z + 7.6922719824302746434e-2;
    q = q * z + 9.0909099489813571913e-2;
    q = q * z + 1.1111111099118385279e-1;
    q = q * z + 1.4285714285800049646e-1;
    q = q * z + 1.9999999999999761253e-1;
    return q * z + 3.3333333333333333443e-1;
#else
    RFIM_REAL q = 1.1612164612e-1f;
    q = q * z + 1.08532879004e-1f;
    q = q * z + 1.42961789972e-1f;
    q = q * z + 1.9999853166e-1f;
    return q * z + 3.33333336603e-1f;
#endif
}

/* e^x from r = x - n ln 2 and `shifted` = n + RFIM__ROUND. The other bits of `shifted` are shifted
 * out: what remains adds n to the exponent of e^r. */
RFIM__INLINE RFIM_REAL rfim__exp_from(RFIM_REAL x, RFIM_REAL shifted, RFIM_REAL r)
{
    RFIM_REAL y = 1 + (r + r * r * rfim__exp_tail(r));
    y = rfim__from_bits(rfim__bits_of(y) + (rfim__bits_of(shifted) << RFIM__FRACTION_BITS));
    y = x < RFIM__EXP_LEAST ? 0 : y;
    return x <= RFIM__EXP_MOST ? y : x * (RFIM_REAL)INFINITY; /* NaN stays */
}

/* e^x */
RFIM__INLINE RFIM_REAL rfim__exp(RFIM_REAL x)
{
    RFIM_REAL shifted = x * RFIM__LOG2_E + RFIM__ROUND;
    RFIM_REAL n = shifted - RFIM__ROUND;
    return rfim__exp_from(x, shifted, (x - n * RFIM__LN2_LONG) - n * RFIM__LN2_REST);
}

/* e^x - 1 for x <= 0, exact to rounding also near 0; for x > 1 no number to rely on */
RFIM__INLINE RFIM_REAL rfim__expm1_left(RFIM_REAL x)
{
    x = x < RFIM__EXPM1_LEAST ? RFIM__EXPM1_LEAST : x;
    RFIM_REAL shifted = x * RFIM__LOG2_E + RFIM__ROUND;
    RFIM_REAL n = shifted - RFIM__ROUND;
    RFIM_REAL r = (x - n * RFIM__LN2_LONG) - n * RFIM__LN2_REST;
    RFIM_REAL power = rfim__from_bits((rfim__bits_of(shifted) + RFIM__EXPONENT_OF_1)
                                      << RFIM__FRACTION_BITS); /* 2^n */
    return (r + r * r * rfim__exp_tail(r)) * power + (power - 1);
}

/* tanh x */
RFIM__INLINE RFIM_REAL rfim__tanh(RFIM_REAL x)
{
    RFIM_REAL z = rfim__expm1_left(-2 * RFIM_FABS(x));
    RFIM_REAL y = z / (2 + z);
    return x > 0 ? -y : y;
}

/* ln(1+y) for y in [0, 1] */
RFIM__INLINE RFIM_REAL rfim__log1p_unit(RFIM_REAL y)
{
    RFIM_REAL s = y / (2 + y);
    RFIM_REAL z = s * s;
    return 2 * s + 2 * s * z * rfim__atanh_tail(z);
}

/* 1/(1+e^-t), without overflow for any t */
RFIM__INLINE RFIM_REAL rfim__sigm(RFIM_REAL t)
{
    RFIM_REAL e = rfim__exp(-RFIM_FABS(t));
    return (t >= 0 ? 1 : e) / (1 + e);
}

/* Its derivative: even, and without the cancellation of s (1 - s). */
RFIM__INLINE RFIM_REAL rfim__sigm_derivative(RFIM_REAL t)
{
    RFIM_REAL e = rfim__exp(-RFIM_FABS(t));
    return e / ((1 + e) * (1 + e));
}

#endif
