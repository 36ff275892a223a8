#include "metric/damping.h"

#include "core/fault.h"

void rfim__damping_of(const rfim__algebra *algebra, rfim_damping_rule rule, double eps,
                      rfim__matrix x)
{
    RFIM__PICK_VARIANT(rfim__dampings, algebra->context->kernels, algebra->precision)
        ->apply(rule, eps * RFIM_FAULT_DAMPING, x);
}
