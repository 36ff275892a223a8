/* subject.h - a metric under test, over every backend (algebra/conformance.h), and its dense
 * reading. A trial's shape is n samples, D = inputs + 1, m outputs. */
#ifndef RFIM_TESTS_METRIC_SUBJECT_H
#define RFIM_TESTS_METRIC_SUBJECT_H

#include "algebra/conformance.h"
#include "metric/metric.h"

typedef struct subject {
    rfim__module module;
    rfim__metric *metric;
    rfim__response_view view;
    operand *x;
    operand *pre;
    size_t samples, order, outputs, blocks;
    double sigma;
} subject;

typedef struct choice {
    rfim_representation representation;
    rfim__activation activation;
    double sigma;
    double prior;
} choice;

/* Consecutive seeds take turns. */
static const choice choices[] = {
    {RFIM_SHARED, {RFIM__RELU, 0, 1, 1, NULL}, 1, 1},
    {RFIM_NEURON, {RFIM__RELU, 0, 1, 1, NULL}, 1, 1},
    {RFIM_SHARED, {RFIM__TANH, 0, 1, 1, NULL}, .5, 4},
    {RFIM_NEURON, {RFIM__TANH, 0, 1, 1, NULL}, .5, 4},
    {RFIM_NEURON, {RFIM__RELU, .1, 0, 1, NULL}, 2, .25},
    {RFIM_NEURON, {RFIM__ELU, 0, 1, 2, NULL}, 1, 1},
};
#define CHOICES (sizeof choices / sizeof choices[0])

static inline const choice *choice_of(const trial *t)
{
    return &choices[t->seed % CHOICES];
}

/* As the optimiser makes the metric of a layer's own response: with the explicit inverse, M = prior
 * I and room for so many samples. */
static inline rfim_status try_to_create_as(rfim__algebra *algebra, const choice *chosen,
                                           const rfim__module *module, size_t samples, bool wide,
                                           bool background, rfim__metric **out)
{
    rfim__part part = {.kind = RFIM__LAYER, .rows = module->inputs + 1, .columns = module->outputs};
    rfim__shape shape = {
        .parts = &part,
        .count = 1,
        .order = part.rows * part.columns,
        .curvature = chosen->representation == RFIM_NEURON ? RFIM__WEIGHTS : RFIM__UNIT,
        .copies = 1,
        .scale = 1 / (chosen->sigma * chosen->sigma),
        .piece = samples,
    };
    rfim__metric_settings settings = {.representation = chosen->representation,
                                      .name = module->name,
                                      .inverse = true,
                                      .wide = wide,
                                      .background = background,
                                      .view_samples = samples};
    rfim_status status = rfim__metric_create(algebra, &shape, &settings, out);
    if (status == RFIM_OK)
        rfim__metric_set_prior(*out, chosen->prior);
    return status;
}

static inline rfim_status try_to_create(rfim__algebra *algebra, const choice *chosen,
                                        const rfim__module *module, size_t samples,
                                        rfim__metric **out)
{
    return try_to_create_as(algebra, chosen, module, samples, false, false, out);
}

static inline rfim__metric *metric_create(const trial *t, const rfim__module *module,
                                          size_t samples)
{
    rfim__metric *metric = NULL;
    assert_int_equal(try_to_create(t->algebra, choice_of(t), module, samples, &metric), RFIM_OK);
    return metric;
}

static inline subject subject_create(trial *t)
{
    const choice *chosen = choice_of(t);
    subject s = {.samples = t->shape[0], .order = t->shape[1], .outputs = t->shape[2]};
    s.module = (rfim__module){.name = "layer1", .inputs = s.order - 1, .outputs = s.outputs};
    s.module.activation = chosen->activation;
    s.blocks = chosen->representation == RFIM_NEURON ? s.outputs : 1;
    s.sigma = chosen->sigma;
    s.x = random_operand(t, s.samples, s.order);
    s.pre = random_operand(t, s.samples, s.outputs);
    for (size_t i = 0; i < s.samples; i++)
        set(t, s.x, i, s.order - 1, 1);
    s.view = (rfim__response_view){s.x->view, s.pre->view, chosen->activation};
    s.metric = metric_create(t, &s.module, s.samples);
    return s;
}

/* M <- keep M + add x mean over the samples of the view */
static inline void observe(rfim__metric *metric, double keep, double add, const subject *s,
                           const rfim__response_view *view)
{
    rfim__metric_observe_view(metric, keep, add, s->sigma, view);
}

/* out <- P gradient */
static inline void direction(const subject *s, const operand *gradient, operand *out)
{
    s->metric->table->direction(s->metric, &gradient->view, &out->view);
}

/* --- the dense reading of a metric ------------------------------------------------------------ */

static inline double entry(const trial *t, rfim__matrix x, size_t i, size_t j)
{
    operand view = {.view = x};
    return get(t, &view, i, j);
}

static inline void put(const trial *t, rfim__matrix x, size_t i, size_t j, double number)
{
    operand view = {.view = x};
    set(t, &view, i, j, number);
}

/* Where entry (k, l), l <= k, of block b is kept. */
static inline void place_of(const subject *s, size_t k, size_t l, size_t b, size_t *row,
                            size_t *column)
{
    bool packed = s->metric->table == &rfim__neuron_metric;
    size_t lanes = rfim__packed_lanes(s->metric->algebra);
    *row = packed ? rfim__packed_row(s->order, b / lanes, k, l) : k;
    *column = packed ? b % lanes : l;
}

static inline double metric_entry(const trial *t, const subject *s, rfim__matrix x, size_t b,
                                  size_t k, size_t l)
{
    size_t row = 0;
    size_t column = 0;
    place_of(s, k > l ? k : l, k > l ? l : k, b, &row, &column);
    return entry(t, x, row, column);
}

static inline void set_metric(const trial *t, const subject *s, size_t b, size_t k, size_t l,
                              double number)
{
    size_t row = 0;
    size_t column = 0;
    place_of(s, k, l, b, &row, &column);
    put(t, s->metric->m, row, column, number);
}

/* Block b as [D x D]. */
static inline double *dense(trial *t, const subject *s, rfim__matrix x, size_t b)
{
    double *a = new_values(t, s->order * s->order);
    for (size_t k = 0; k < s->order; k++)
        for (size_t l = 0; l < s->order; l++)
            a[k * s->order + l] = metric_entry(t, s, x, b, k, l);
    return a;
}

static inline double *damped_dense(trial *t, const subject *s, size_t b)
{
    double *a = dense(t, s, s->metric->m, b);
    for (size_t k = 0; k < s->order; k++)
        a[k * s->order + k] += entry(t, s->metric->lambda, k, b);
    return a;
}

static inline double trace_of(const double *a, size_t order)
{
    double sum = 0;
    for (size_t k = 0; k < order; k++)
        sum += a[k * order + k];
    return sum;
}

/* The operations themselves are tried on threads in tests/algebra: here every fifth time will do.
 * (Threads that wait for each other on busy cores take most of the time.) */
static inline int metrics_set_up(void **state)
{
    int failed = backends_set_up(state);
    backends *all = *state;
    if (all)
        all->threads_every = 5;
    return failed;
}

/* Every choice of a metric, n smaller and larger than D, one sample, one neuron, one input. */
static inline void over_metrics(backends *all, property holds)
{
    static const size_t shapes[][3] = {{50, 17, 20}, {5, 33, 3}, {1, 9, 17},
                                       {33, 2, 1},   {2, 1, 5},  {16, 16, 16}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (size_t c = 0; c < CHOICES; c++)
            over_backends(all, holds, shapes[s][0], shapes[s][1], shapes[s][2]);
}

#endif
