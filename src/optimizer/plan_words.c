#include "optimizer/plan_words.h"

#include "optimizer/layers.h"
#include "optimizer/momentum.h"
#include "optimizer/step_control.h"

#include <stdio.h>

/* Why a form cannot serve this momentum or step control; NULL: it can. */
static const char *objection_to_step(const rfim_optimizer_options *options,
                                     const rfim__layer_plan *plan)
{
    bool dual = plan->form == RFIM_FORM_DUAL || plan->form == RFIM_FORM_ACTIVE;
    bool inputs = plan->form == RFIM_FORM_INPUTS;
    if (rfim__momentum_is(options, RFIM_MOMENTUM_BEFORE) && (dual || inputs))
        return dual ? "a dual form makes no gradient of which --momentum-kind before could take "
                      "the mean; take another kind, or the memory `ema`"
                    : "the form `inputs` makes no gradient of which --momentum-kind before could "
                      "take the mean; take another kind, or the form `gradient`";
    if (options->step_control == RFIM_STEP_QUADRATIC && (dual || inputs))
        return dual ? "a dual form makes no matrix of its direction that --step-control quadratic "
                      "could push through the network; take another, or the memory `ema`"
                    : "the form `inputs` makes no matrix of its direction that --step-control "
                      "quadratic could push through the network; take the form `gradient`";
    if (!rfim__momentum_is(options, RFIM_MOMENTUM_SPRING))
        return NULL;
    if (inputs)
        return "the form `inputs` makes no gradient that --momentum-kind spring could be added "
               "to; take another kind, or the form `gradient`";
    if (dual && rfim__step_control_measures(options))
        return "a dual form does not tell how long a direction with --momentum-kind spring is; "
               "take --step-control fixed, or the memory `ema`";
    return NULL;
}

const char *rfim__plan_objection(const rfim__plan_case *subject, const rfim__module *module,
                                 const rfim__layer_plan *plan)
{
    const rfim_optimizer_options *options = subject->options;
    bool dual = plan->form == RFIM_FORM_DUAL || plan->form == RFIM_FORM_ACTIVE;
    bool dataset = plan->memory == RFIM_MEMORY_DATASET;
    const rfim__activation *f = &module->activation;
    if (dataset != (plan->form == RFIM_FORM_WHITENED))
        return dataset ? "the memory `dataset` is kept by the form `whitened` alone"
                       : "the form `whitened` is for the memory `dataset`";
    if (dataset)
        return NULL;
    if (dual && plan->representation == RFIM_KRONECKER)
        return "a Kronecker product has two inverses of its own, and no system of the samples; "
               "take `gradient` or `inputs`";
    if (!dual && plan->memory == RFIM_MEMORY_PRIOR_BATCH)
        return "the memory `prior+batch` is worked out by the form `dual` or `active`";
    if (dual && plan->memory == RFIM_MEMORY_EMA)
        return "the memory `ema` holds more samples than a dual system of one batch; take "
               "`gradient` or `inputs`";
    if (dual && plan->memory == RFIM_MEMORY_BATCH && subject->batch > module->inputs + 1)
        return "its batch has more samples than it has inputs: the dual system would be the larger "
               "one, and singular but for its damping; take `gradient` or `inputs`";
    if (dual && options->l2 != 0)
        return "a dual form makes no gradient that coupled --l2 could be added to; take "
               "--weight-decay, or the memory `ema` with the form `gradient`";
    if ((dual || plan->form == RFIM_FORM_INPUTS) && options->accumulate > 1)
        return dual ? "a dual form knows one batch, --accumulate makes a step of several; take the "
                      "memory `ema`"
                    : "the form `inputs` knows one batch, --accumulate makes a step of several; "
                      "take `gradient`";
    if (plan->form == RFIM_FORM_INPUTS && options->l2 != 0)
        return "the form `inputs` makes no gradient that coupled --l2 could be added to; take "
               "--weight-decay, or the memory `ema` with the form `gradient`";
    if (objection_to_step(options, plan))
        return objection_to_step(options, plan);
    if (plan->form == RFIM_FORM_INPUTS && plan->representation == RFIM_NEURON)
        return "the form `inputs` needs one inverse for all outputs (`shared`)";
    if (dual && plan->memory == RFIM_MEMORY_BATCH && options->damping_rule == RFIM_DAMPING_DIAGONAL)
        return "damping relative to the `diagonal` is another system for every output in dual "
               "form; take `gradient`, or another damping";
    if (plan->form != RFIM_FORM_ACTIVE)
        return NULL;
    if (plan->representation != RFIM_NEURON)
        return "the form `active` is for the metric `neuron`";
    if (f->kind != RFIM__RELU || f->omega != 0 || f->iota != 0 || options->sigma != 1)
        return "the form `active` needs nu of 0 or 1: the activation `relu omega=0`, and sigma 1";
    return NULL;
}

/* Why the cheapest form is the cheapest. */
static const char *reason_of(const rfim__plan_case *subject, const rfim__layer_plan *plan)
{
    bool neuron = plan->representation == RFIM_NEURON;
    bool measures = rfim__step_control_measures(subject->options);
    switch (plan->form) {
    case RFIM_FORM_WHITENED:
        return "constant of the data: the plain gradient in whitened coordinates is natural";
    case RFIM_FORM_GRADIENT:
        if (neuron)
            return "one inverse for each output, kept from refresh to refresh";
        if (subject->options->step_control == RFIM_STEP_QUADRATIC)
            return "step control pushes the direction through the network";
        if (subject->options->accumulate > 1)
            return "the gradient is accumulated over several batches";
        if (rfim__momentum_is(subject->options, RFIM_MOMENTUM_BEFORE) ||
            rfim__momentum_is(subject->options, RFIM_MOMENTUM_SPRING))
            return "momentum is of the gradient";
        if (plan->representation == RFIM_KRONECKER)
            return subject->options->l2 != 0
                       ? "coupled l2 is added to the gradient"
                       : "two inverses are applied to the gradient in fewer flops than to X and "
                         "delta";
        if (subject->options->l2 != 0)
            return "coupled l2 is added to the gradient";
        return measures ? "2 D^2 m flops on the gradient are less than 2 n D^2 on X and 2 n^2 (D + "
                          "m) on the step's length"
                        : "2 D^2 m flops on the gradient are less than 2 n D^2 on X";
    case RFIM_FORM_INPUTS:
        if (plan->representation == RFIM_KRONECKER)
            return "one inverse is applied to X and one to delta in fewer flops than to the "
                   "gradient, which is not formed";
        return measures ? "2 n D^2 flops on X and 2 n^2 (D + m) on the step's length are less than "
                          "2 D^2 m on the gradient, which is not formed"
                        : "2 n D^2 flops on X are less than 2 D^2 m on the gradient, which is not "
                          "formed";
    case RFIM_FORM_DUAL:
        if (plan->memory == RFIM_MEMORY_PRIOR_BATCH)
            return neuron ? "one prior for all outputs, and a system of the samples for each"
                          : "one prior and one system of the samples for all outputs";
        return "no more samples than inputs: the smaller system is the dual one";
    default:
        return "nu is 0 or 1: only the active samples enter a system";
    }
}

void rfim__plan_explain(const rfim__plan_case *subject, rfim__layer_plan *plan, rfim_form wanted,
                        size_t candidates, bool is_smallest)
{
    const char *reason = wanted != RFIM_FORM_AUTOMATIC ? "asked for by --form"
                         : is_smallest && candidates > 1
                             ? "the smallest form: --memory leaves no room for the cheapest"
                             : reason_of(subject, plan);
    bool only = wanted == RFIM_FORM_AUTOMATIC && candidates == 1;
    char response[80] = "";
    if (plan->copies > 0)
        snprintf(response, sizeof response,
                 "; the response `%s` comes back %zu time%s a collection",
                 rfim_response_name(plan->response), plan->copies, plan->copies == 1 ? "" : "s");
    snprintf(plan->why, sizeof plan->why, "%s%s%s%s", only ? "the only form that serves: " : "",
             reason, plan->wide ? "; float64 factors: float32 might lose more than 1e-3" : "",
             response);
}
