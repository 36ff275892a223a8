#include "metric/response.h"

#include "core/fault.h"

rfim__family rfim__family_of(rfim__activation_kind kind)
{
    return kind == RFIM__TANH || kind == RFIM__SIGM ? RFIM__CANONICAL : RFIM__GAUSSIAN;
}

void rfim__response_nu(const rfim__algebra *algebra, const rfim__activation *f, rfim__family family,
                       double sigma, rfim__matrix t, rfim__matrix nu)
{
    rfim__activation_kernels_of(algebra)->slope(f, t, nu);
    if (family == RFIM__GAUSSIAN)
        RFIM__PICK_VARIANT(rfim__responses, algebra->context->kernels, algebra->precision)
            ->square(RFIM_FAULT_NU / (sigma * sigma), nu);
}
