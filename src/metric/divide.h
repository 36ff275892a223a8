/* divide.h - a damped metric that is diagonal, in whichever basis: division by its entries. */
#ifndef RFIM_METRIC_DIVIDE_H
#define RFIM_METRIC_DIVIDE_H

#include "algebra/algebra.h"
#include "core/kernels.h"

typedef struct rfim__divide_kernels {
    /* Is every number positive and finite? */
    bool (*positive)(rfim__matrix d);
    /* X <- X / D, element by element */
    void (*divide)(rfim__matrix d, rfim__matrix x);
    /* X <- X / sqrt(D) */
    void (*divide_root)(rfim__matrix d, rfim__matrix x);
    /* sum of ln D_ij, in float64 */
    double (*log_sum)(rfim__matrix d);
} rfim__divide_kernels;

RFIM__DECLARE_VARIANTS(rfim__divide_kernels, rfim__divides);

static inline const rfim__divide_kernels *rfim__divide_kernels_of(const rfim__algebra *algebra)
{
    return RFIM__PICK_VARIANT(rfim__divides, algebra->context->kernels, algebra->precision);
}

#endif
