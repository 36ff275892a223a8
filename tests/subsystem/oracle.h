/* oracle.h - what a metric must be, by the definitions: the subsystem and its response are
 * told to the oracle (check/oracle/oracle.h), which shares no code with the metrics. */
#ifndef RFIM_TESTS_SUBSYSTEM_ORACLE_H
#define RFIM_TESTS_SUBSYSTEM_ORACLE_H

#include "check/oracle/oracle.h"
#include "network/batch_norm.h"
#include "network/trace.h"
#include "subsystem/subject.h"

#define MOST_MODULES 8

static inline void *heap_allocate(void *user, size_t bytes)
{
    (void)user;
    return malloc(bytes);
}

static inline void heap_release(void *user, void *block)
{
    (void)user;
    free(block);
}

static inline double *read_matrix(const api *a, rfim__matrix x)
{
    double *values = numbers(x.rows * x.columns);
    a->network->algebra->ops.export(a->network->algebra, x, values);
    return values;
}

/* The forward pass's function, or the one whose derivative the metric reads (smooth relu). */
static inline rfim__oracle_activation function_of(const rfim__activation *f, bool smooth)
{
    static const rfim__oracle_function functions[] = {
        [RFIM__LINEAR] = RFIM__ORACLE_IDENTITY, [RFIM__RELU] = RFIM__ORACLE_RELU,
        [RFIM__ELU] = RFIM__ORACLE_ELU,         [RFIM__TANH] = RFIM__ORACLE_TANH,
        [RFIM__SIGM] = RFIM__ORACLE_SIGM,       [RFIM__GELU] = RFIM__ORACLE_GELU,
        [RFIM__SILU] = RFIM__ORACLE_SILU,       [RFIM__SOFTPLUS] = RFIM__ORACLE_SOFTPLUS,
        [RFIM__SIN] = RFIM__ORACLE_SIN,         [RFIM__CUSTOM] = RFIM__ORACLE_GIVEN,
    };
    rfim__oracle_activation found = {
        functions[f->kind], f->iota, f->omega, f->alpha, NULL, NULL, NULL};
    if (f->kind == RFIM__RELU && smooth && f->omega > 0)
        found.function = RFIM__ORACLE_SOFTPLUS;
    if (f->kind == RFIM__CUSTOM) {
        found.value = f->custom->told.value;
        found.derivative = f->custom->told.derivative;
        found.user = f->custom->told.user;
    }
    return found;
}

typedef struct told {
    rfim__oracle_module modules[MOST_MODULES];
    double *kept[4 * MOST_MODULES];
    size_t used;
    double *x;
    rfim__oracle_entry *theta;
    rfim__oracle_problem problem;
} told;

static inline void tell_module(const api *a, size_t l, told *out)
{
    const rfim__module *module = &a->network->modules[l];
    const rfim__slot *slot = &a->trace->slots[l];
    rfim__oracle_module *to = &out->modules[out->problem.count++];
    *to = (rfim__oracle_module){.kind = RFIM__ORACLE_ELEMENTWISE,
                                .inputs = module->inputs,
                                .outputs = module->outputs,
                                .activation = function_of(&module->activation, false)};
    if (module->parameters.rows > 0)
        to->parameters = out->kept[out->used++] = read_matrix(a, module->parameters);
    if (module->table == &rfim__linear_module)
        to->kind = RFIM__ORACLE_LINEAR;
    if (module->table == &rfim__batch_norm_module) {
        double *statistics = out->kept[out->used++] = read_matrix(a, slot->statistics);
        to->kind = RFIM__ORACLE_BATCH_NORM;
        to->mean = statistics + RFIM__NORM_MEAN * module->outputs;
        to->scale = statistics + RFIM__NORM_SCALE * module->outputs;
    }
}

/* Which module's response is asked for. */
static inline size_t response_module(const api *a, const rfim_metric_options *o)
{
    size_t module = o->last;
    if (o->response == RFIM_RESPONSE_NETWORK)
        return a->network->count - 1;
    if (o->response == RFIM_RESPONSE_NEXT)
        do
            module++;
        while (a->network->modules[module].table != &rfim__linear_module);
    return module;
}

/* What metric.h says of responses and families. */
static inline void tell_response(const api *a, const rfim_metric_options *o, size_t module,
                                 told *out)
{
    const rfim__activation *f = &a->network->modules[module].activation;
    bool last = module + 1 == a->network->count;
    bool network = o->response == RFIM_RESPONSE_NETWORK;
    bool by_loss = network || (last && o->family == RFIM_FAMILY_PUBLISHED);
    rfim__oracle_response *r = &out->problem.response;
    *r = (rfim__oracle_response){RFIM__ORACLE_GAUSSIAN, function_of(f, !network),
                                 network ? 1 : o->sigma};
    if (by_loss && a->network->loss != RFIM_LOSS_SQUARED) {
        r->family = a->network->loss == RFIM_LOSS_SOFTMAX ? RFIM__ORACLE_CATEGORICAL
                                                          : RFIM__ORACLE_BERNOULLI01;
    } else if (o->family == RFIM_FAMILY_CATEGORICAL) {
        r->family = RFIM__ORACLE_CATEGORICAL;
    } else if (!network && o->family != RFIM_FAMILY_GAUSSIAN && f->kind == RFIM__TANH) {
        r->family = RFIM__ORACLE_BERNOULLI11;
    } else if (!network && o->family != RFIM_FAMILY_GAUSSIAN && f->kind == RFIM__SIGM) {
        r->family = RFIM__ORACLE_BERNOULLI01;
    } else if (!network && o->family == RFIM_FAMILY_CANONICAL) {
        r->family = RFIM__ORACLE_BREGMAN;
    }
}

static inline void tell_theta(const api *a, const rfim_metric_options *o, told *out)
{
    rfim__oracle_problem *p = &out->problem;
    size_t most = 4096;
    (void)a;
    out->theta = calloc(most, sizeof *out->theta);
    assert_non_null(out->theta);
    if (o->variable == RFIM_VARIABLE_INPUT)
        p->order = rfim__oracle_inputs(out->modules, out->theta);
    else if (o->outputs > 0)
        p->order = rfim__oracle_neurons(out->modules, 0, o->first_output, o->outputs, out->theta);
    else
        p->order = rfim__oracle_parameters(out->modules, 0, o->last - o->first, out->theta);
    assert_true(p->order < most);
    p->theta = out->theta;
}

/* The subsystem begins where its first module does: what comes before hands over its input. */
static inline void tell(const api *a, const rfim_metric_options *o, told *out)
{
    const rfim__slot *slot = &a->trace->slots[o->first];
    size_t module = response_module(a, o);
    memset(out, 0, sizeof *out);
    for (size_t l = o->first; l <= module; l++)
        tell_module(a, l, out);
    tell_response(a, o, module, out);
    tell_theta(a, o, out);
    out->x = read_matrix(
        a, rfim__columns(a->network->algebra, slot->input, 0, slot->input.columns - 1));
    out->problem.modules = out->modules;
    out->problem.x = out->x;
    out->problem.samples = a->samples;
    out->problem.memory = (rfim__oracle_memory){heap_allocate, heap_release, NULL};
}

static inline void told_free(told *t)
{
    for (size_t k = 0; k < t->used; k++)
        free(t->kept[k]);
    free(t->theta);
    free(t->x);
}

/* Scores (enumerated or by quadrature); where only log p is known, minus the expected Hessian. */
static inline double *oracle_metric(const api *a, const rfim_metric_options *o)
{
    told t;
    tell(a, o, &t);
    double *g = numbers(t.problem.order * t.problem.order);
    bool scores = t.problem.response.family != RFIM__ORACLE_BREGMAN;
    assert_int_equal(scores ? rfim__oracle_fim_scores(&t.problem, g)
                            : rfim__oracle_fim_hessian(&t.problem, g),
                     RFIM__ORACLE_OK);
    told_free(&t);
    return g;
}

/* The metric of the batch on the trace, entry by entry. */
static inline void check_metric(api *a, rfim_metric_options options, double tolerance)
{
    rfim_metric *metric = metric_of(a, options);
    size_t order = rfim_metric_order(metric);
    double *found = dense_of(a, metric);
    double *wanted = oracle_metric(a, &options);
    double size = apart(found, wanted, 0);
    for (size_t k = 0; k < order * order; k++)
        size += wanted[k] * wanted[k];
    assert_true(size > 0);
    double error = apart(found, wanted, order * order);
    if (!(error <= tolerance))
        fail_msg("%s, modules %zu to %zu, response %s, family %d, `%s`: %.3g off, at most %.3g is "
                 "allowed",
                 rfim_network_text(a->network), options.first, options.last,
                 rfim_response_name(options.response), (int)options.family,
                 rfim_representation_name(options.representation), error, tolerance);
    free(found);
    free(wanted);
    rfim_metric_free(metric);
}

#endif
