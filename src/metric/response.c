#include "metric/response.h"

#include "core/fault.h"

rfim_family rfim__family_of(rfim__activation_kind kind)
{
    return kind == RFIM__TANH || kind == RFIM__SIGM ? RFIM_FAMILY_CANONICAL : RFIM_FAMILY_GAUSSIAN;
}

const rfim__response_kernels *rfim__response_kernels_of(const rfim__algebra *algebra)
{
    return RFIM__PICK_VARIANT(rfim__responses, algebra->context->kernels, algebra->precision);
}

void rfim__response_nu(const rfim__algebra *algebra, const rfim__activation *f, rfim_family family,
                       double sigma, rfim__matrix t, rfim__matrix nu)
{
    double fault = f->kind == RFIM__RELU ? RFIM_FAULT_NU : 1;
    rfim__activation_kernels_of(algebra)->slope(f, t, nu);
    if (family == RFIM_FAMILY_GAUSSIAN)
        rfim__response_kernels_of(algebra)->square(fault / (sigma * sigma), nu);
}
