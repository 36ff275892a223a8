#include "optimizer/plan.h"

#include "core/number.h"
#include "network/network.h"
#include "optimizer/form.h"
#include "optimizer/layers.h"
#include "optimizer/momentum.h"
#include "optimizer/plan_cost.h"
#include "optimizer/plan_response.h"
#include "optimizer/plan_words.h"
#include "optimizer/step_control.h"

#include <math.h>
#include <stdio.h>

/* No form serves: says what keeps the one that the memory is made for. */
static rfim_status refuse_all(const rfim__plan_case *subject, const rfim__module *module,
                              rfim_form wanted, const rfim__layer_plan *plan)
{
    rfim__layer_plan natural = *plan;
    natural.form = wanted != RFIM_FORM_AUTOMATIC             ? wanted
                   : plan->memory == RFIM_MEMORY_PRIOR_BATCH ? RFIM_FORM_DUAL
                                                             : RFIM_FORM_GRADIENT;
    if (wanted != RFIM_FORM_AUTOMATIC)
        return rfim__fail(subject->algebra->context, RFIM_ERROR_ARGUMENT,
                          "%s cannot take the form `%s`: %s", module->name, rfim__form_name(wanted),
                          rfim__plan_objection(subject, module, &natural));
    return rfim__fail(subject->algebra->context, RFIM_ERROR_ARGUMENT,
                      "%s cannot have the metric memory `%s`: %s", module->name,
                      rfim__memory_name(plan->memory),
                      rfim__plan_objection(subject, module, &natural));
}

bool rfim__plan_in_turn(const rfim_optimizer_options *options)
{
    return !rfim__step_control_waits(options) && !rfim__momentum_is(options, RFIM_MOMENTUM_SPRING);
}

/* The plan of one form; false: it cannot serve. */
static bool consider(const rfim__plan_case *subject, const rfim__module *module, rfim_form form,
                     rfim__layer_plan *plan)
{
    plan->form = form;
    if (rfim__plan_objection(subject, module, plan))
        return false;
    /* Hidden responses have units of their own: that of the bias's input, 1. */
    plan->units = subject->options->metric_units == RFIM_UNITS_TYPICAL &&
                  module == subject->modules;
    plan->mean_nu = subject->options->shared_nu == RFIM_NU_MEAN &&
                    plan->memory != RFIM_MEMORY_BATCH && plan->representation == RFIM_SHARED &&
                    plan->response == RFIM_RESPONSE_OWN && module->activation.kind != RFIM__LINEAR;
    plan->spring = rfim__momentum_is(subject->options, RFIM_MOMENTUM_SPRING);
    plan->in_turn = rfim__plan_in_turn(subject->options);
    plan->background = subject->options->refresh_delay > 0 && plan->memory != RFIM_MEMORY_BATCH;
    rfim__plan_cost(subject, module, plan);
    plan->bytes = rfim__form_bytes(subject->algebra, plan, module, subject->options->sigma,
                                   subject->batch);
    plan->work = rfim__form_work_bytes(subject->algebra, plan, module, subject->batch);
    return true;
}

/* The cheapest form of at most `budget` bytes; of those beyond, the smallest. */
static rfim_status choose(const rfim__plan_case *subject, const rfim__module *module,
                          rfim_form wanted, double budget, rfim__layer_plan *plan)
{
    rfim__layer_plan best = *plan;
    size_t candidates = 0;
    best.form = RFIM_FORM_AUTOMATIC;
    for (int form = RFIM_FORM_GRADIENT; form <= RFIM_FORM_WHITENED; form++) {
        rfim__layer_plan candidate = *plan;
        if (wanted != RFIM_FORM_AUTOMATIC && (rfim_form)form != wanted)
            continue;
        if (!consider(subject, module, (rfim_form)form, &candidate))
            continue;
        candidates++;
        bool fits = (double)candidate.bytes <= budget;
        bool best_fits = (double)best.bytes <= budget;
        if (best.form == RFIM_FORM_AUTOMATIC || (fits && !best_fits) ||
            (fits == best_fits &&
             (fits ? candidate.cost < best.cost : candidate.bytes < best.bytes)))
            best = candidate;
    }
    if (candidates == 0)
        return refuse_all(subject, module, wanted, plan);
    *plan = best;
    rfim__plan_explain(subject, plan, wanted, candidates, budget == 0);
    return RFIM_OK;
}

/* Where a module stands among those that have a metric. */
static rfim_representation representation_of(const rfim_optimizer_options *options, size_t index,
                                             size_t count)
{
    if (index + 1 == count)
        return options->last;
    return index == 0 ? options->first : options->hidden;
}

/* Why a module cannot have the memory `dataset`; NULL: it can. */
static const char *objection_to_dataset(const rfim__plan_case *subject, size_t l,
                                        const rfim__layer_plan *plan)
{
    const rfim_optimizer_options *options = subject->options;
    if (l > 0)
        return "its inputs change with the weights before it; only the first layer's are the data "
               "themselves";
    if (plan->representation != RFIM_SHARED)
        return "its metric depends on its weights; take --representation-first shared";
    if (options->l2 != 0)
        return "coupled --l2 would need the inverse at every step; take --weight-decay";
    if (options->step_control == RFIM_STEP_QUADRATIC)
        return "--step-control quadratic needs its damping apart from it; take another";
    if (rfim__momentum_is(options, RFIM_MOMENTUM_SPRING))
        return "--momentum-kind spring needs its damping apart from it; take another kind";
    if (options->metric_pass == RFIM_METRIC_PASS_AGAIN)
        return "--metric-pass again reads metrics off the batches";
    if (subject->samples == 0 && !subject->modules[l].whitened)
        return "an optimiser by itself does not see the data set; train by rfim_train or a "
               "rfim_trainer";
    return NULL;
}

static rfim_status check_dataset(const rfim__plan_case *subject, size_t l,
                                 const rfim__layer_plan *plan)
{
    const char *why = plan->memory == RFIM_MEMORY_DATASET ? objection_to_dataset(subject, l, plan)
                                                          : NULL;
    if (!why)
        return RFIM_OK;
    return rfim__fail(subject->algebra->context, RFIM_ERROR_ARGUMENT,
                      "%s cannot have the metric memory `dataset`: %s", subject->modules[l].name,
                      why);
}

/* The memory of a module for which nobody named one. A layer that is whitened already has to stay
 * so. */
static rfim_metric_memory automatic_memory(const rfim__plan_case *subject, size_t l,
                                           rfim_form wanted, const rfim__layer_plan *plan)
{
    const rfim__module *module = &subject->modules[l];
    double bytes = (double)subject->samples * (double)subject->algebra->item *
                   (double)rfim__stride(module->inputs + 1);
    bool asked = wanted == RFIM_FORM_WHITENED || module->whitened;
    if ((!asked && wanted != RFIM_FORM_AUTOMATIC) || objection_to_dataset(subject, l, plan))
        return RFIM_MEMORY_EMA;
    return asked || bytes <= subject->whitened_bytes ? RFIM_MEMORY_DATASET : RFIM_MEMORY_EMA;
}

static size_t count_metrics(const rfim__plan_case *subject)
{
    rfim__slot nowhere = {0};
    rfim__response_view view;
    size_t count = 0;
    for (size_t l = 0; l < subject->count; l++)
        count += subject->modules[l].table->response(&subject->modules[l], &nowhere, &view);
    return count;
}

static rfim_status plan_layer(const rfim__plan_case *subject, size_t l, double budget,
                              rfim__layer_plan *plan)
{
    rfim_context *context = subject->algebra->context;
    const rfim__module *module = &subject->modules[l];
    rfim_form wanted = RFIM_FORM_AUTOMATIC;
    rfim_status status = rfim__layers_memory(context, subject->options->metric_memory, module->name,
                                             &plan->memory);
    if (status == RFIM_OK)
        status = rfim__layers_form(context, subject->options->form, module->name, &wanted);
    if (status == RFIM_OK && plan->memory == RFIM_MEMORY_AUTOMATIC)
        plan->memory = automatic_memory(subject, l, wanted, plan);
    if (status == RFIM_OK)
        status = rfim__plan_response(subject, l, plan);
    if (status == RFIM_OK)
        status = check_dataset(subject, l, plan);
    if (status == RFIM_OK)
        status = choose(subject, module, wanted, budget, plan);
    return status;
}

static rfim_status too_large(const rfim__plan_case *subject, const rfim__layer_plan *plans,
                             double total)
{
    char taken[RFIM__BYTES_TEXT];
    char limit[RFIM__BYTES_TEXT];
    char largest[RFIM__BYTES_TEXT];
    size_t worst = 0;
    for (size_t l = 1; l < subject->count; l++)
        if (plans[l].bytes > plans[worst].bytes)
            worst = l;
    rfim__bytes_text(total, taken);
    rfim__bytes_text((double)subject->options->memory, limit);
    rfim__bytes_text((double)plans[worst].bytes, largest);
    return rfim__fail(subject->algebra->context, RFIM_ERROR_MEMORY,
                      "the metrics take %s of memory in their smallest forms, %s are left for "
                      "them; the largest is that of %s (`%s`, `%s`) with %s: take another "
                      "--representation or --metric-memory for it, or allow more by --memory",
                      taken, limit, subject->modules[worst].name,
                      rfim_representation_name(plans[worst].representation),
                      rfim__memory_name(plans[worst].memory), largest);
}

/* The largest work areas serve all layers, where one direction after the other is used up. */
static void share_work(const rfim__plan_case *subject, rfim__layer_plan *out, double *total)
{
    size_t most = 0;
    if (!rfim__plan_in_turn(subject->options))
        return;
    for (size_t l = 1; l < subject->count; l++)
        if (out[l].work > out[most].work)
            most = l;
    for (size_t l = 0; l < subject->count; l++) {
        if (l == most || out[l].bytes == SIZE_MAX)
            continue;
        out[l].bytes -= out[l].work;
        *total -= (double)out[l].work;
    }
}

static rfim_status plan_all(const rfim__plan_case *subject, const double *budgets,
                            rfim__layer_plan *out, double *total)
{
    size_t count = count_metrics(subject);
    size_t index = 0;
    *total = 0;
    for (size_t l = 0; l < subject->count; l++) {
        const rfim__module *module = &subject->modules[l];
        rfim__slot nowhere = {0};
        rfim__response_view view;
        out[l] = (rfim__layer_plan){.base_flops = rfim__plan_base_flops(subject, l)};
        out[l].has_metric = module->table->response(module, &nowhere, &view);
        if (!out[l].has_metric)
            continue;
        out[l].representation = representation_of(subject->options, index++, count);
        rfim_status status = plan_layer(subject, l, budgets ? budgets[l] : INFINITY, &out[l]);
        if (status != RFIM_OK)
            return status;
        *total += (double)out[l].bytes;
    }
    share_work(subject, out, total);
    return RFIM_OK;
}

/* The cheapest forms; where they take too much memory together, the smallest ones, layer by layer
 * from the one that takes most. */
static rfim_status fit(const rfim__plan_case *subject, rfim__layer_plan *out, double total)
{
    rfim_context *context = subject->algebra->context;
    double limit = (double)subject->options->memory;
    double *budgets = rfim__allocate(context, subject->count, sizeof *budgets);
    rfim_status status = budgets ? RFIM_OK : RFIM_ERROR_MEMORY;
    for (size_t l = 0; budgets && l < subject->count; l++)
        budgets[l] = INFINITY;
    for (size_t round = 0; status == RFIM_OK && total > limit && round < subject->count; round++) {
        size_t worst = 0;
        for (size_t l = 1; l < subject->count; l++)
            if ((budgets[l] > 0 && out[l].bytes > out[worst].bytes) || budgets[worst] == 0)
                worst = l;
        budgets[worst] = 0;
        status = plan_all(subject, budgets, out, &total);
    }
    if (status == RFIM_OK && total > limit)
        status = too_large(subject, out, total);
    rfim__release(context, budgets);
    return status;
}

rfim_status rfim__plan_layers(const rfim__plan_case *subject, rfim__layer_plan *out)
{
    const rfim_optimizer_options *options = subject->options;
    rfim_context *context = subject->algebra->context;
    double total = 0;
    rfim_status status = rfim__layers_check(context, options->metric_memory, "metric-memory",
                                            subject->modules, subject->count);
    if (status == RFIM_OK)
        status = rfim__layers_check(context, options->form, "form", subject->modules,
                                    subject->count);
    if (status == RFIM_OK)
        status = rfim__layers_check(context, options->response, "response", subject->modules,
                                    subject->count);
    if (status == RFIM_OK)
        status = plan_all(subject, NULL, out, &total);
    if (status == RFIM_OK && options->memory > 0 && total > (double)options->memory)
        status = fit(subject, out, total);
    return status;
}
