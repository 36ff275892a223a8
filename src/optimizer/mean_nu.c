#include "optimizer/mean_nu.h"

#include "metric/response.h"

#include <math.h>

#define LEAST_NU 0.01

/* Roots of nu are all there is to add up: their squares are the sum, in float64. */
static double mean_of(const rfim__mean_nu *mean_nu, const rfim_trace *trace, size_t l)
{
    rfim__algebra *algebra = trace->network->algebra;
    const rfim__module *module = &trace->network->modules[l];
    rfim__response_view view;
    module->table->response(module, &trace->slots[l], &view);
    rfim__matrix nu = rfim__rows(algebra, mean_nu->nu, 0, view.pre.rows);
    rfim__response_nu(algebra, &view.activation, rfim__family_of(view.activation.kind), 1, view.pre,
                      nu);
    rfim__response_kernels_of(algebra)->root(nu);
    return algebra->ops.dot(algebra, nu, nu) / ((double)nu.rows * (double)nu.columns);
}

void rfim__mean_nu_collect(rfim__mean_nu *mean_nu, const rfim_trace *trace, size_t l,
                           const rfim__collection *collection)
{
    if (mean_nu->nu.rows == 0)
        return;
    if (collection->begins)
        mean_nu->mean *= collection->keep;
    mean_nu->mean += collection->add * collection->share * mean_of(mean_nu, trace, l);
}

void rfim__mean_nu_refresh(rfim__mean_nu *mean_nu)
{
    mean_nu->in_use = fmax(mean_nu->mean, LEAST_NU);
}
