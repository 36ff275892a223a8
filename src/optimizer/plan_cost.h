/* plan_cost.h - flops of a layer's metric in a form, how long they take, and whether its factors
 * are worked out in float64, from shapes and options alone (docs/performance.md). */
#ifndef RFIM_OPTIMIZER_PLAN_COST_H
#define RFIM_OPTIMIZER_PLAN_COST_H

#include "optimizer/plan.h"

/* Fills wide, metric_flops and cost of a plan whose form is set. */
void rfim__plan_cost(const rfim__plan_case *subject, const rfim__module *module,
                     rfim__layer_plan *plan);
/* Forward, backward and the update: 6 n D m flops, 4 n D m in the first module. */
double rfim__plan_base_flops(const rfim__plan_case *subject, size_t l);

#endif
