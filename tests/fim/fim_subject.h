/* fim_subject.h - small networks with made-up weights, moving averages and batches, and the same
 * networks as the oracle knows them. */
#ifndef RFIM_TESTS_FIM_FIM_SUBJECT_H
#define RFIM_TESTS_FIM_FIM_SUBJECT_H

#include "check/oracle/dense.h"
#include "check/oracle/oracle.h"
#include "network/batch_norm.h"
#include "network/small_network.h"

#include <rfim/fim.h>
#include <rfim/metric.h>

typedef struct subject {
    rfim_context *context;
    rfim_network *network; /* float64 */
    size_t samples, inputs, outputs, order;
    double *x;      /* [n x d] */
    double *values; /* [n x m]; sigmoid: 0 or 1 */
    int32_t *labels;
} subject;

static inline subject make_subject(const char *text, size_t samples, uint64_t seed)
{
    subject s = {.context = small_context(RFIM_KERNELS_AUTOMATIC), .samples = samples};
    s.network = small_network(s.context, text, RFIM_DOUBLE, seed);
    shake(s.network, seed);
    s.inputs = rfim_network_inputs(s.network);
    s.outputs = rfim_network_outputs(s.network);
    s.order = rfim_network_parameters(s.network);
    s.x = make_normal(seed + 5, 1.2, samples * s.inputs);
    s.values = make_normal(seed + 6, 1.5, samples * s.outputs);
    s.labels = calloc(samples, sizeof *s.labels);
    for (size_t i = 0; i < samples; i++)
        s.labels[i] = (int32_t)((3 * i + 1) % s.outputs);
    for (size_t k = 0; s.network->loss == RFIM_LOSS_SIGMOID && k < samples * s.outputs; k++)
        s.values[k] = s.values[k] > 0;
    return s;
}

static inline void free_subject(subject *s)
{
    free(s->x);
    free(s->values);
    free(s->labels);
    rfim_network_free(s->network);
    rfim_context_free(s->context);
}

static inline rfim_array inputs_of(const subject *s)
{
    return rfim_doubles(s->x, s->samples, s->inputs);
}

static inline rfim_array targets_of(const subject *s)
{
    return s->network->loss == RFIM_LOSS_SOFTMAX ? rfim_labels(s->labels, s->samples)
                                                 : rfim_doubles(s->values, s->samples, s->outputs);
}

static inline double *make_matrix(size_t order)
{
    return calloc(order * order, sizeof(double));
}

/* One expression, to be freed. options, report: may be NULL. */
static inline double *fim(const subject *s, rfim_fim_expression which,
                          const rfim_fim_options *options, rfim_fim_report *report)
{
    double *out = make_matrix(s->order);
    must(s->context,
         rfim_fim(s->network, inputs_of(s), targets_of(s), which, options, out, report));
    return out;
}

/* |A - B|_F / |B|_F */
static inline double apart(const subject *s, const double *a, const double *b)
{
    return rfim__oracle_difference(a, b, s->order * s->order);
}

#define assert_near(s, a, b, tolerance)                                                            \
    do {                                                                                           \
        double found = apart(s, a, b);                                                             \
        if (!(found <= (tolerance)))                                                               \
            fail_msg("%s: %s and %s are %.3g apart, at most %.3g is allowed",                      \
                     rfim_network_text((s)->network), #a, #b, found, (double)(tolerance));         \
    } while (0)

/* --- the oracle's ----------------------------------------------------------------------------- */

#define MOST_MODULES 8

typedef struct oracle {
    rfim__oracle_module modules[MOST_MODULES];
    double *parameters[MOST_MODULES];
    double *statistics[MOST_MODULES]; /* mean [m], scale [m] */
    rfim__oracle_entry *theta;
    rfim__oracle_problem problem;
} oracle;

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

static inline rfim__oracle_activation oracle_activation(const rfim__activation *f)
{
    static const rfim__oracle_function functions[RFIM__ACTIVATIONS] = {
        [RFIM__LINEAR] = RFIM__ORACLE_IDENTITY, [RFIM__RELU] = RFIM__ORACLE_RELU,
        [RFIM__ELU] = RFIM__ORACLE_ELU,         [RFIM__TANH] = RFIM__ORACLE_TANH,
        [RFIM__SIGM] = RFIM__ORACLE_SIGM,       [RFIM__GELU] = RFIM__ORACLE_GELU,
        [RFIM__SILU] = RFIM__ORACLE_SILU,       [RFIM__SOFTPLUS] = RFIM__ORACLE_SOFTPLUS,
        [RFIM__SIN] = RFIM__ORACLE_SIN};
    rfim__oracle_activation out = {
        functions[f->kind], f->iota, f->omega, f->alpha, NULL, NULL, NULL};
    return out;
}

static inline void add_oracle_module(oracle *o, const rfim__module *module)
{
    size_t l = o->problem.count++;
    size_t m = module->outputs;
    assert_true(l < MOST_MODULES);
    rfim__oracle_module *to = &o->modules[l];
    to->kind = module->table == &rfim__linear_module       ? RFIM__ORACLE_LINEAR
               : module->table == &rfim__batch_norm_module ? RFIM__ORACLE_BATCH_NORM
                                                           : RFIM__ORACLE_ELEMENTWISE;
    to->inputs = module->inputs;
    to->outputs = m;
    to->activation = oracle_activation(&module->activation);
    o->parameters[l] = calloc(module->parameters.rows * m + 1, sizeof(double));
    for (size_t k = 0; k < module->parameters.rows; k++)
        for (size_t j = 0; j < m; j++)
            o->parameters[l][k * m + j] =
                ((const double *)module->parameters.data)[k * module->parameters.stride + j];
    o->statistics[l] = calloc(2 * m, sizeof(double));
    for (size_t j = 0; j < m && module->state.rows > 0; j++) {
        const double *state = module->state.data;
        o->statistics[l][j] = state[j];
        o->statistics[l][m + j] = 1 / sqrt(state[module->state.stride + j] + module->eps);
    }
    to->parameters = o->parameters[l];
    to->mean = o->statistics[l];
    to->scale = o->statistics[l] + m;
}

static inline void make_oracle(const subject *s, oracle *o)
{
    const rfim_network *network = s->network;
    memset(o, 0, sizeof *o);
    for (size_t l = 0; l < network->count; l++)
        add_oracle_module(o, &network->modules[l]);
    o->problem.modules = o->modules;
    o->problem.x = s->x;
    o->problem.samples = s->samples;
    o->problem.response.family = network->loss == RFIM_LOSS_SOFTMAX   ? RFIM__ORACLE_CATEGORICAL
                                 : network->loss == RFIM_LOSS_SIGMOID ? RFIM__ORACLE_BERNOULLI01
                                                                      : RFIM__ORACLE_GAUSSIAN;
    o->problem.response.mean = oracle_activation(&network->modules[network->count - 1].activation);
    o->problem.response.sigma = 1;
    o->problem.memory = (rfim__oracle_memory){heap_allocate, heap_release, NULL};
    o->theta = calloc(s->order, sizeof *o->theta);
    o->problem.order = rfim__oracle_parameters(o->modules, 0, network->count - 1, o->theta);
    o->problem.theta = o->theta;
    assert_int_equal(o->problem.order, s->order);
}

static inline void free_oracle(oracle *o)
{
    for (size_t l = 0; l < o->problem.count; l++) {
        free(o->parameters[l]);
        free(o->statistics[l]);
    }
    free(o->theta);
}

#endif
