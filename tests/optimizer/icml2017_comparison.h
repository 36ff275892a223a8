/* icml2017_comparison.h - the optimiser against the independent oracle: a whole
 * trajectory in float64, and single steps in float32, each from the oracle's own state. Used by
 * test_icml2017.c, which wants agreement, and by fault_icml2017.c, which wants it to end where one
 * constant is wrong. */
#ifndef TESTS_OPTIMIZER_ICML2017_COMPARISON_H
#define TESTS_OPTIMIZER_ICML2017_COMPARISON_H

#include "network/network.h"
#include "network/trace.h"
#include "optimizer/method.h"
#include "optimizer/rngd.h"
#include "oracle/icml2017_oracle.h"

#include <math.h>
#include <rfim/rfim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 300
#define EPOCH 130 /* steps: itr restarts twice, refreshes at 0, 100 and after each restart */
#define SAMPLES 24
#define INPUTS 6
#define CLASSES 4

static const size_t sizes[] = {INPUTS, 7, 5, 6, CLASSES};
#define SIZES (sizeof sizes / sizeof *sizes)

typedef struct recipe {
    const char *name;
    bool bna;
    oracle_settings settings;
} recipe;

/* The authors' constants, and harsher ones: there metrics matter more, and move faster. */
static inline recipe recipe_of(bool bna, bool harsh)
{
    recipe r = {harsh ? "harsh" : "icml2017", bna, oracle_settings_defaults()};
    if (harsh) {
        r.settings.learning_rate = 0.05;
        r.settings.l2 = 0.02;
        r.settings.metric_keep = 0.8;
        r.settings.damping = 0.02;
        r.settings.refresh_period = 7;
        r.settings.omega = 0.25;
        r.settings.iota = 0.1;
        r.settings.sigma = 1.5;
    }
    return r;
}

/* Everything that one comparison needs. */
#define MOST_LAYERS 8

typedef struct pair {
    recipe recipe;
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    rfim_optimizer *optimizer;
    oracle_net *oracle;
    double x[SAMPLES * INPUTS];
    int labels[SAMPLES];
    int32_t labels32[SAMPLES];
    uint64_t random;
} pair;

/* Numbers for the tests, from a generator that the library does not have (splitmix64). */
static inline double uniform(pair *p)
{
    uint64_t z = (p->random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static inline void must(pair *p, rfim_status status)
{
    if (status == RFIM_OK)
        return;
    printf("%s: %s\n", rfim_status_name(status), rfim_context_error(p->context));
    abort();
}

/* The module of oracle layer l. */
static inline size_t module_of(const pair *p, size_t l)
{
    return p->recipe.bna ? 2 * l : l;
}

static inline void network_text(const recipe *r, char *text, size_t size)
{
    int used = snprintf(text, size, "input %d", INPUTS);
    for (size_t l = 1; l + 1 < SIZES; l++)
        used += snprintf(text + used, size - (size_t)used, "; linear %zu relu iota=%g omega=%g%s",
                         sizes[l], r->settings.iota, r->settings.omega,
                         r->bna ? "; batchnorm" : "");
    snprintf(text + used, size - (size_t)used, "; linear %d; loss softmax", CLASSES);
}

static inline rfim_optimizer_options options_of(const pair *p)
{
    const oracle_settings *s = &p->recipe.settings;
    rfim_options options;
    rfim_options_defaults(&options);
    rfim_status status = rfim_options_set(p->context, &options, "preset", "icml2017");
    if (status != RFIM_OK)
        abort();
    rfim_optimizer_options o = options.optimizer;
    if (strcmp(p->recipe.name, "icml2017") != 0) { /* otherwise the preset must say it all */
        o.learning_rate = s->learning_rate;
        o.l2 = s->l2;
        o.metric_decay = s->metric_keep;
        o.damping = s->damping;
        o.refresh_every = s->refresh_period;
        o.sigma = s->sigma;
    }
    return o;
}

static inline pair *pair_create(recipe r, rfim_precision precision, size_t threads)
{
    pair *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->recipe = r;
    p->random = 2017;
    rfim_context_options settings;
    rfim_context_defaults(&settings);
    settings.threads = threads;
    if (rfim_context_create(&settings, &p->context) != RFIM_OK)
        abort();
    char text[1024];
    network_text(&r, text, sizeof text);
    rfim_network_options network;
    rfim_network_defaults(&network);
    network.precision = precision;
    must(p, rfim_network_create(p->context, text, &network, &p->network));
    must(p, rfim_trace_create(p->network, SAMPLES, &p->trace));
    rfim_optimizer_options options = options_of(p);
    must(p, rfim_optimizer_create(p->trace, &options, &p->optimizer));
    p->oracle = oracle_create(sizes, SIZES, r.bna, &r.settings);
    for (size_t l = 0; l < p->oracle->layer_count; l++) {
        oracle_layer *layer = &p->oracle->layers[l];
        for (size_t k = 0; k < layer->D * layer->m; k++)
            layer->weights[k] = (2 * uniform(p) - 1) * sqrt(6.0 / (double)(layer->D + layer->m));
    }
    return p;
}

static inline void pair_free(pair *p)
{
    oracle_free(p->oracle);
    rfim_optimizer_free(p->optimizer);
    rfim_trace_free(p->trace);
    rfim_network_free(p->network);
    rfim_context_free(p->context);
    free(p);
}

/* A batch whose class depends on the inputs; with inputs of unlike sizes, as metrics like least.
 * Inputs are rounded to float32, so that both precisions see the same. */
static inline void next_batch(pair *p)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        double sum = 0;
        for (size_t k = 0; k < INPUTS; k++) {
            double x = (2 * uniform(p) - 1) * (k % 2 ? 2 : 0.5) + 0.3 * (double)k;
            p->x[i * INPUTS + k] = (double)(float)x;
            sum += x * (k % 3 ? 1 : -1);
        }
        p->labels[i] = (int)fabs(floor(sum)) % CLASSES;
        p->labels32[i] = p->labels[i];
    }
}

/* One matrix of the network as doubles. */
static inline double *numbers(pair *p, rfim__matrix x)
{
    double *values = calloc(x.rows * x.columns + 1, sizeof *values);
    if (!values)
        abort();
    p->network->algebra->ops.export(p->network->algebra, x, values);
    return values;
}

/* |a - b| / |b| over count numbers. */
static inline double distance(const double *a, const double *b, size_t count)
{
    double difference = 0;
    double size = 0;
    for (size_t k = 0; k < count; k++) {
        difference += (a[k] - b[k]) * (a[k] - b[k]);
        size += b[k] * b[k];
    }
    return sqrt(difference / (size > 0 ? size : 1));
}

static inline double matrix_distance(pair *p, rfim__matrix x, const double *expected)
{
    double *values = numbers(p, x);
    double result = distance(values, expected, x.rows * x.columns);
    free(values);
    return result;
}

/* The oracle's [blocks x D x D] as the representation lays it out. */
static inline double *packed(const pair *p, const oracle_layer *layer, const double *blocks,
                             bool neuron)
{
    size_t D = layer->D;
    size_t lanes = rfim__packed_lanes(p->network->algebra);
    double *out = calloc((layer->blocks + lanes) * D * D, sizeof *out);
    if (!out)
        abort();
    if (!neuron) {
        memcpy(out, blocks, D * D * sizeof *out);
        return out;
    }
    for (size_t j = 0; j < layer->m; j++)
        for (size_t k = 0; k < D; k++)
            for (size_t l = 0; l <= k; l++)
                out[rfim__packed_row(D, j / lanes, k, l) * lanes + j % lanes] =
                    blocks[(j * D + k) * D + l];
    return out;
}

static inline bool is_neuron(const oracle_layer *layer)
{
    return layer->blocks > 1;
}

/* Only the lower triangle of a shared M is kept: mirror it before it is compared. */
static inline double metric_distance(pair *p, const oracle_layer *layer, rfim__matrix x,
                                     const double *blocks)
{
    double *values = numbers(p, x);
    double *expected = packed(p, layer, blocks, is_neuron(layer));
    if (!is_neuron(layer))
        for (size_t k = 0; k < layer->D; k++)
            for (size_t l = k + 1; l < layer->D; l++)
                values[k * layer->D + l] = values[l * layer->D + k];
    double result = distance(values, expected, x.rows * x.columns);
    free(values);
    free(expected);
    return result;
}

/* Puts the oracle's state into network and optimiser. */
static inline void copy_state(pair *p)
{
    rfim__algebra *algebra = p->network->algebra;
    for (size_t l = 0; l < p->oracle->layer_count; l++) {
        const oracle_layer *layer = &p->oracle->layers[l];
        size_t at = module_of(p, l);
        algebra->ops.import(algebra, layer->weights, p->network->modules[at].parameters);
        rfim__metric *metric = rfim__rngd_metric(p->optimizer, at);
        double *m = packed(p, layer, layer->metric, is_neuron(layer));
        double *inverse = packed(p, layer, layer->inverse, is_neuron(layer));
        algebra->ops.import(algebra, m, metric->m);
        algebra->ops.import(algebra, inverse, metric->factor);
        free(m);
        free(inverse);
        if (!layer->gamma)
            continue;
        const rfim__module *norm = &p->network->modules[at + 1];
        algebra->ops.import(algebra, layer->gamma, rfim__rows(algebra, norm->parameters, 0, 1));
        algebra->ops.import(algebra, layer->beta, rfim__rows(algebra, norm->parameters, 1, 1));
        algebra->ops.import(algebra, layer->moving_mean, rfim__rows(algebra, norm->state, 0, 1));
        algebra->ops.import(algebra, layer->moving_var, rfim__rows(algebra, norm->state, 1, 1));
    }
    p->optimizer->since_epoch = p->oracle->itr;
}

/* What the backward pass leaves, through public calls. */
static inline double library_gradient(pair *p)
{
    double loss = 0;
    must(p, rfim_trace_forward(p->trace, rfim_doubles(p->x, SAMPLES, INPUTS)));
    must(p, rfim_trace_loss(p->trace, rfim_labels(p->labels32, SAMPLES), &loss));
    must(p, rfim_trace_backward(p->trace));
    return loss;
}

/* One step of the library through its public calls. */
static inline double library_step(pair *p)
{
    double loss = library_gradient(p);
    must(p, rfim_optimizer_step(p->optimizer, p->trace));
    return loss;
}

/* Of layer l, [D x m], before the step: the form's, products multiplied out here. */
static inline double *direction_of(pair *p, size_t l)
{
    const oracle_layer *layer = &p->oracle->layers[l];
    size_t at = module_of(p, l);
    rfim__form *form = rfim__rngd_form(p->optimizer, at);
    rfim__direction direction;
    rfim__algebra_begin(p->context);
    form->table->direct(form, p->trace, &direction);
    rfim__algebra_end(p->context);
    p->trace->slots[at].gradient_formed =
        false; /* l2 has been added to it: the step forms it anew */
    if (direction.kind == RFIM__DIRECTION_MATRIX)
        return numbers(p, direction.matrix);
    double *left = numbers(p, direction.left);
    double *right = numbers(p, direction.right);
    double *out = calloc(layer->D * layer->m, sizeof *out);
    if (!out)
        abort();
    for (size_t i = 0; i < direction.left.rows; i++)
        for (size_t k = 0; k < layer->D; k++)
            for (size_t j = 0; j < layer->m; j++)
                out[k * layer->m + j] += direction.scale * left[i * layer->D + k] *
                                         right[i * layer->m + j];
    free(left);
    free(right);
    return out;
}

static inline double larger(double a, double b)
{
    return a > b || isnan(a) ? a : b; /* NaN wins, and stays */
}

/* Largest relative distance of weights, batch-norm parameters and moving averages. */
static inline double parameter_distance(pair *p)
{
    rfim__algebra *algebra = p->network->algebra;
    double worst = 0;
    for (size_t l = 0; l < p->oracle->layer_count; l++) {
        const oracle_layer *layer = &p->oracle->layers[l];
        size_t at = module_of(p, l);
        worst = larger(matrix_distance(p, p->network->modules[at].parameters, layer->weights),
                       worst);
        if (!layer->gamma)
            continue;
        const rfim__module *norm = &p->network->modules[at + 1];
        const double *expected[] = {layer->gamma, layer->beta, layer->moving_mean,
                                    layer->moving_var};
        for (size_t row = 0; row < 4; row++)
            worst = larger(
                matrix_distance(
                    p, rfim__rows(algebra, row < 2 ? norm->parameters : norm->state, row % 2, 1),
                    expected[row]),
                worst);
    }
    return worst;
}

/* float64: STEPS steps side by side from the same weights; the largest distance on the way. */
static inline double trajectory_distance(recipe r)
{
    pair *p = pair_create(r, RFIM_DOUBLE, 2);
    copy_state(p);
    double worst = 0;
    for (size_t s = 0; s < STEPS; s++) {
        if (s % EPOCH == 0) {
            oracle_begin_epoch(p->oracle);
            rfim_optimizer_begin_epoch(p->optimizer);
        }
        next_batch(p);
        double expected = oracle_step(p->oracle, p->x, p->labels, SAMPLES);
        double loss = library_step(p);
        worst = larger(fabs(loss - expected) / expected, worst);
        worst = larger(parameter_distance(p), worst);
    }
    pair_free(p);
    return worst;
}

typedef struct single_steps {
    double worst;    /* largest of (distance / tolerance) over steps, layers and quantities */
    size_t compared; /* steps; those too near a kink of the relu are left out */
} single_steps;

/* Directions, new weights, metrics and inverses of one step against the oracle's. */
static inline double step_excess(pair *p, const oracle_net *before, double *const *directions)
{
    double worst = 0;
    for (size_t l = 0; l < p->oracle->layer_count; l++) {
        const oracle_layer *layer = &p->oracle->layers[l];
        size_t at = module_of(p, l);
        size_t count = layer->D * layer->m;
        const rfim__metric *metric = rfim__rngd_metric(p->optimizer, at);
        /* the bound that the specification of this comparison gives, for the worse of the metric
         * that the step used and the one that it left */
        double condition = larger(oracle_condition(before, l), oracle_condition(p->oracle, l));
        double tolerance = larger(10 * 0x1p-24 * condition, 1e-5);
        double *expected = calloc(count, sizeof *expected);
        if (!expected)
            abort();
        for (size_t k = 0; k < count; k++)
            expected[k] = -layer->update[k] / p->recipe.settings.learning_rate;
        worst = larger(distance(directions[l], expected, count) / tolerance, worst);
        worst = larger(metric_distance(p, layer, metric->m, layer->metric) / tolerance, worst);
        worst = larger(metric_distance(p, layer, metric->factor, layer->inverse) / tolerance,
                       worst);
        free(expected);
    }
    return larger(parameter_distance(p) / 1e-5, worst);
}

/* float32: every step starts from the oracle's state, rounded to float32. */
static inline single_steps single_step_excess(recipe r)
{
    pair *p = pair_create(r, RFIM_SINGLE, 2);
    single_steps result = {0};
    for (size_t s = 0; s < STEPS; s++) {
        if (s % EPOCH == 0)
            oracle_begin_epoch(p->oracle);
        oracle_round_to_float(p->oracle);
        copy_state(p);
        oracle_net *before = oracle_copy(p->oracle);
        next_batch(p);
        oracle_step(p->oracle, p->x, p->labels, SAMPLES);
        library_gradient(p);
        double *directions[MOST_LAYERS];
        if (p->oracle->layer_count > MOST_LAYERS)
            abort();
        for (size_t l = 0; l < p->oracle->layer_count; l++)
            directions[l] = direction_of(p, l);
        must(p, rfim_optimizer_step(p->optimizer, p->trace));
        /* float32 and float64 must take the same branch of every relu, forward and backward */
        if (oracle_kink_distance(before, p->x, SAMPLES) > 1e-5 &&
            oracle_kink_distance(p->oracle, p->x, SAMPLES) > 1e-5) {
            result.worst = larger(step_excess(p, before, directions), result.worst);
            result.compared++;
        }
        for (size_t l = 0; l < p->oracle->layer_count; l++)
            free(directions[l]);
        oracle_free(before);
    }
    pair_free(p);
    return result;
}

#endif
