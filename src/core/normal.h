/* normal.h - the normal distribution in RFIM_REAL, for *_kernels.c files; vector code as in
 * elementary.h.
 *
 *   Phi(-a) = e^{-a^2/2} C(a) for a >= 0,  C(a) = G(q) / (1 + 5a/4),  q = (a - k) / (a + k)
 *
 * C, half the scaled complementary error function, falls from 1/2 as 1/(a sqrt(2 pi)), so that G
 * hardly changes over the whole line; G: a Chebyshev fit worked out with 50 digits, off by less
 * than 0.3 units in the last place. a^2/2 is kept in two parts, or its rounding would be that of
 * the exponent: a^2/2 units of the result. So in the tails, too, Phi is within 8 and phi within 3
 * units in the last place (tests/core/elementary_errors.h). */
#ifndef RFIM_CORE_NORMAL_H
#define RFIM_CORE_NORMAL_H

#include "core/elementary.h"

#ifdef RFIM_REAL_IS_f64
#define RFIM__HALF_FRACTION                                                                        \
    (~(rfim__bits)0 << 27)       /* leaves a number so short that its square is                    \
                                  */
#define RFIM__NORMAL_CENTRE 5    /* exact; k */
#define RFIM__NORMAL_FARTHEST 39 /* Phi(-a) is 0 from here on */
#else
#define RFIM__HALF_FRACTION (~(rfim__bits)0 << 12)
#define RFIM__NORMAL_CENTRE 4
#define RFIM__NORMAL_FARTHEST 14
#endif

/* G(q) */
RFIM__INLINE RFIM_REAL rfim__normal_tail(RFIM_REAL q)
{
#ifdef RFIM_REAL_IS_f64
    RFIM_REAL g = 1.0231028936625727169e-9;
    g = g * q + 5.1898446051252803942e-9;
    g = g * q - 1.5871343269182043276e-11;
    g = g * q - 4.1530455837234315281e-8;
    g = g * q - 2.4698637908913410070e-8;
    g = g * q + 2.5849587009662095471e-7;
    g = g * q + 1.3661607407225118475e-7;
    g = g * q - 1.6983483126487090673e-6;
    g = g * q + 8.2573348202757361679e-8;
    g = g * q + 1.1644026221591969913e-5;
    g = g * q - 1.4031691285246887706e-5;
    g = g * q - 6.7250374173421651843e-5;
    g = g * q + 2.4302462380196933032e-4;
    g = g * q - 2.3829596848131935824e-5;
    g = g * q - 2.1499781204623476797e-3;
    g = g * q + 8.7472119094781440051e-3;
    g = g * q - 2.1210861890755571658e-2;
    g = g * q + 3.6524679177497823619e-2;
    g = g * q - 4.4965141778911177119e-2;
    g = g * q + 3.2723909797538202479e-2;
    g = g * q + 9.7707575609532122113e-3;
    g = g * q - 7.8575963476508022652e-2;
    return g * q + 5.5766496106879564473e-1;
#else
    RFIM_REAL g = 1.44030787762e-4f;
    g = g * q + 9.79763281035e-4f;
    g = g * q - 6.66284442740e-4f;
    g = g * q - 6.45604558274e-3f;
    g = g * q + 2.45729029691e-2f;
    g = g * q - 4.79450797896e-2f;
    g = g * q + 5.36750830850e-2f;
    g = g * q - 1.35966202960e-2f;
    g = g * q - 7.82798637224e-2f;
    return g * q + 5.66463862969e-1f;
#endif
}

/* e^{-t^2/2} */
RFIM__INLINE RFIM_REAL rfim__gauss(RFIM_REAL t)
{
    RFIM_REAL a = RFIM_FABS(t) > RFIM__NORMAL_FARTHEST ? RFIM__NORMAL_FARTHEST : RFIM_FABS(t);
    RFIM_REAL head = rfim__from_bits(rfim__bits_of(a) & RFIM__HALF_FRACTION);
    RFIM_REAL x = head * head / -2;
    RFIM_REAL rest = (a - head) * (a + head) / -2;
    RFIM_REAL shifted = (x + rest) * RFIM__LOG2_E + RFIM__ROUND;
    RFIM_REAL n = shifted - RFIM__ROUND;
    return rfim__exp_from(x, shifted, ((x - n * RFIM__LN2_LONG) - n * RFIM__LN2_REST) + rest);
}

/* phi(t) = e^{-t^2/2} / sqrt(2 pi) */
RFIM__INLINE RFIM_REAL rfim__normal_density(RFIM_REAL t)
{
    return (RFIM_REAL)0.39894228040143267794 * rfim__gauss(t);
}

/* Phi(t) */
RFIM__INLINE RFIM_REAL rfim__normal_probability(RFIM_REAL t)
{
    RFIM_REAL a = RFIM_FABS(t) > RFIM__NORMAL_FARTHEST ? RFIM__NORMAL_FARTHEST : RFIM_FABS(t);
    RFIM_REAL under = 1 + (RFIM_REAL)1.25 * a;
    RFIM_REAL inverse = 1 / ((a + RFIM__NORMAL_CENTRE) * under); /* one division for two */
    RFIM_REAL q = (a - RFIM__NORMAL_CENTRE) * under * inverse;
    RFIM_REAL c = rfim__normal_tail(q) * ((a + RFIM__NORMAL_CENTRE) * inverse);
    RFIM_REAL tail = c * rfim__gauss(t);
    return t > 0 ? 1 - tail : tail;
}

#endif
