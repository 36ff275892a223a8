/* plan_response.h - which response the metric of a layer looks at, as a plan says it. */
#ifndef RFIM_OPTIMIZER_PLAN_RESPONSE_H
#define RFIM_OPTIMIZER_PLAN_RESPONSE_H

#include "optimizer/plan.h"

/* Fills the response of the plan of module l, whose representation and memory are set. A response
 * `next` where no module with weights follows is the network's. RFIM_ERROR_ARGUMENT: a combination
 * that training does not have; the sentence names the layer and what to take. */
rfim_status rfim__plan_response(const rfim__plan_case *subject, size_t l, rfim__layer_plan *plan);

/* Is its curvature read apart from the layer's own view (curvature.h)? */
static inline bool rfim__plan_reads_curvature(const rfim__layer_plan *plan)
{
    return plan->has_metric &&
           (plan->response != RFIM_RESPONSE_OWN || plan->representation == RFIM_KRONECKER);
}

/* Flops of one collection of its curvature: ways back through the module above, and products. */
double rfim__plan_curvature_flops(const rfim__plan_case *subject, size_t l,
                                  const rfim__layer_plan *plan);

#endif
