/* plan_words.h - why a form cannot serve a layer, and why the one that does was taken. */
#ifndef RFIM_OPTIMIZER_PLAN_WORDS_H
#define RFIM_OPTIMIZER_PLAN_WORDS_H

#include "optimizer/plan.h"

/* What keeps the form of the plan from serving; NULL: it can. */
const char *rfim__plan_objection(const rfim__plan_case *subject, const rfim__module *module,
                                 const rfim__layer_plan *plan);
/* plan->why <- one sentence on the form that was taken among so many candidates; wanted: by --form;
 * is_smallest: because memory is scarce. */
void rfim__plan_explain(const rfim__plan_case *subject, rfim__layer_plan *plan, rfim_form wanted,
                        size_t candidates, bool is_smallest);

#endif
