#include "optimizer/plan_response.h"

#include "optimizer/layers.h"
#include "optimizer/momentum.h"

static bool has_weights(const rfim__module *module)
{
    return module->table->product;
}

/* Where the response lies. */
static size_t find_module(const rfim__plan_case *subject, size_t l, rfim__layer_plan *plan)
{
    if (plan->response == RFIM_RESPONSE_OWN)
        return l;
    for (size_t next = l + 1; plan->response == RFIM_RESPONSE_NEXT && next < subject->count; next++)
        if (has_weights(&subject->modules[next]))
            return next;
    plan->response = RFIM_RESPONSE_NETWORK;
    return subject->count - 1;
}

static const char *place_of(const rfim__plan_case *subject, size_t l)
{
    bool is_first = true;
    bool is_last = true;
    for (size_t k = 0; k < subject->count; k++) {
        is_first = is_first && !(k < l && has_weights(&subject->modules[k]));
        is_last = is_last && !(k > l && has_weights(&subject->modules[k]));
    }
    return is_last ? "-last" : is_first ? "-first" : "";
}

static rfim_status check(const rfim__plan_case *subject, size_t l, const rfim__layer_plan *plan)
{
    rfim_context *context = subject->algebra->context;
    const char *name = subject->modules[l].name;
    if (plan->response != RFIM_RESPONSE_OWN && plan->representation == RFIM_SHARED)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "%s cannot have the response `%s`: its metric `shared` is that of a "
                          "linear layer's own; take --representation%s kronecker or neuron, or "
                          "--response %s=own,%s",
                          name, rfim_response_name(plan->response), place_of(subject, l), name,
                          rfim_response_name(plan->response));
    if (rfim__plan_reads_curvature(plan) && plan->memory != RFIM_MEMORY_EMA)
        return rfim__fail(
            context, RFIM_ERROR_ARGUMENT,
            "%s cannot have the metric memory `%s`: its metric, `%s` of the response "
            "`%s`, is collected as `ema` only; take --metric-memory %s=ema,%s",
            name, rfim__memory_name(plan->memory), rfim_representation_name(plan->representation),
            rfim_response_name(plan->response), name, rfim__memory_name(plan->memory));
    if (plan->representation == RFIM_KRONECKER &&
        rfim__momentum_is(subject->options, RFIM_MOMENTUM_SPRING))
        return rfim__fail(
            context, RFIM_ERROR_ARGUMENT,
            "%s cannot have --momentum-kind spring: what a Kronecker product is damped "
            "by is no diagonal; take another kind, or another --representation%s",
            name, place_of(subject, l));
    if (plan->representation == RFIM_KRONECKER &&
        subject->options->damping_rule == RFIM_DAMPING_DIAGONAL)
        return rfim__fail(
            context, RFIM_ERROR_ARGUMENT,
            "%s cannot be damped relative to the `diagonal`: K-FAC's factored damping "
            "of a Kronecker product has no such rule; take --damping-relative-to "
            "mean-diagonal",
            name);
    return RFIM_OK;
}

rfim_status rfim__plan_response(const rfim__plan_case *subject, size_t l, rfim__layer_plan *plan)
{
    rfim_status status = rfim__layers_response(subject->algebra->context,
                                               subject->options->response, subject->modules[l].name,
                                               &plan->response);
    if (status != RFIM_OK)
        return status;
    plan->response_module = find_module(subject, l, plan);
    plan->copies = plan->response_module == l ? 0
                   : subject->options->curvature == RFIM_CURVATURE_SAMPLED
                       ? 1
                       : subject->modules[plan->response_module].outputs;
    return check(subject, l, plan);
}

double rfim__plan_curvature_flops(const rfim__plan_case *subject, size_t l,
                                  const rfim__layer_plan *plan)
{
    double n = (double)rfim_optimizer_samples(subject->options, subject->batch, SIZE_MAX);
    double m = (double)subject->modules[l].outputs;
    double above = l + 1 < subject->count ? (double)subject->modules[l + 1].outputs : 0;
    bool kronecker = plan->representation == RFIM_KRONECKER;
    if (plan->copies == 0)
        return 2 * n * m;
    return (double)plan->copies * (2 * n * m * above + (kronecker ? n * m * m : 2 * n * m));
}
