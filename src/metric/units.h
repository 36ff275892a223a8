/* units.h - the units in which a layer's inputs are measured by its metric (docs/mathematics.md 6).
 *
 * Damping relative to a trace, and a prior that is a multiple of I, treat a column in metres and
 * one in millimetres differently. In units of their own they do not: input k is measured by its
 * typical square where it is active,
 *
 *   a_k = mean x_k^4 / mean x_k^2        (mean x_k^2 weighted by itself)
 *
 * which is v where x_k is +-sqrt(v) or 0, however seldom, and 3 v for a normal of variance v. A
 * rule is then applied to the diagonal of A^{-1/2} G A^{-1/2}, A = diag(a), and its Lambda taken
 * back: A^{1/2} Lambda A^{1/2}. The variance itself would be the obvious unit, but it makes an
 * input that is seldom active as small as it is rare, and one sample with it moves the layer by
 * more than all others together. An input that has never been active takes the mean of the
 * others' a. */
#ifndef RFIM_METRIC_UNITS_H
#define RFIM_METRIC_UNITS_H

#include "algebra/algebra.h"
#include "core/kernels.h"

typedef struct rfim__unit_kernels {
    /* moments [2 x D] <- keep moments + add (mean x_k^2; mean x_k^4).   x: [n x D] */
    void (*collect)(double keep, double add, rfim__matrix x, rfim__matrix moments);
    /* a [1 x D] <- the units */
    void (*of)(rfim__matrix moments, rfim__matrix a);
    /* Y_kj <- Y_kj / a_k, or times a_k.   Y: [D x blocks] */
    void (*divide)(rfim__matrix a, rfim__matrix y);
    void (*multiply)(rfim__matrix a, rfim__matrix y);
} rfim__unit_kernels;

RFIM__DECLARE_VARIANTS(rfim__unit_kernels, rfim__units);

static inline const rfim__unit_kernels *rfim__unit_kernels_of(const rfim__algebra *algebra)
{
    return RFIM__PICK_VARIANT(rfim__units, algebra->context->kernels, algebra->precision);
}

#endif
