/* dense_forms.h - one form of a damped system against one dense float64 solve of it, worked out
 * here from what the trace holds. Tolerances are those of the specification of these forms: 1e-10
 * in float64, and in float32 the larger of 1e-5 and 10 x 2^-24 x the condition of the damped
 * system. */
#ifndef RFIM_TESTS_OPTIMIZER_DENSE_FORMS_H
#define RFIM_TESTS_OPTIMIZER_DENSE_FORMS_H

#include "core/cpu_features.h"
#include "core/random.h"
#include "network/network.h"
#include "optimizer/by_hand.h"
#include "optimizer/layers.h"
#include "optimizer/rngd.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEPS 3 /* batches that a remembered metric has seen */
#define DECAY 0.8
#define PRIOR 0.5

typedef enum data_kind {
    RANDOM,
    DUPLICATES,  /* rows 2i and 2i+1 are the same */
    DEAD_INPUTS, /* every third input is always 0 */
    DEAD_OUTPUTS /* every second neuron never fires, or is saturated */
} data_kind;

typedef struct example {
    const char *activation;
    rfim_representation representation;
    const char *memory;
    const char *form;
    rfim_damping_rule rule;
    double damping;
    double sigma;
    size_t n, d, m;
    data_kind kind;
} example;

typedef struct subject {
    const example *e;
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    rfim_optimizer *optimizer;
    double *x[STEPS + 1];  /* [n x D] of each batch */
    double *nu[STEPS + 1]; /* [n x m] */
    double *delta;         /* [n x m] of the last one */
} subject;

static inline double *numbers(size_t count)
{
    double *out = calloc(count + 1, sizeof *out);
    assert_non_null(out);
    return out;
}

static inline double *export(const subject *s, rfim__matrix x)
{
    double *out = numbers(x.rows * x.columns);
    s->network->algebra->ops.export(s->network->algebra, x, out);
    return out;
}

/* nu as docs/mathematics.md 3 gives it, in plain double. */
static inline double nu_of(const char *activation, double sigma, double t)
{
    double sigmoid = 1 / (1 + exp(-t));
    if (strcmp(activation, "tanh") == 0)
        return 1 / (cosh(t) * cosh(t));
    if (strcmp(activation, "relu omega=0") == 0)
        return (t > 0 ? 1 : 0) / (sigma * sigma);
    if (strcmp(activation, "relu") == 0)
        return sigmoid * sigmoid / (sigma * sigma);
    assert_string_equal(activation, "linear");
    return 1 / (sigma * sigma);
}

static inline void batch(subject *s, size_t b, uint64_t seed)
{
    const example *e = s->e;
    rfim__random random = rfim__random_start(seed, b);
    double *x = numbers(e->n * e->d);
    double *y = numbers(e->n * e->m);
    for (size_t i = 0; i < e->n; i++)
        for (size_t k = 0; k < e->d; k++)
            x[i * e->d + k] = e->kind == DUPLICATES && i % 2 == 1    ? x[(i - 1) * e->d + k]
                              : e->kind == DEAD_INPUTS && k % 3 == 0 ? 0
                                                                     : rfim__random_normal(&random);
    for (size_t k = 0; k < e->n * e->m; k++)
        y[k] = rfim__random_normal(&random);
    double loss = 0;
    assert_int_equal(rfim_trace_forward(s->trace, rfim_doubles(x, e->n, e->d)), RFIM_OK);
    assert_int_equal(rfim_trace_loss(s->trace, rfim_doubles(y, e->n, e->m), &loss), RFIM_OK);
    assert_int_equal(rfim_trace_backward(s->trace), RFIM_OK);
    s->x[b] = export(s, s->trace->slots[0].input);
    s->nu[b] = export(s, s->trace->slots[0].pre);
    for (size_t k = 0; k < e->n * e->m; k++)
        s->nu[b][k] = e->representation == RFIM_SHARED
                          ? 1 / (e->sigma * e->sigma)
                          : nu_of(e->activation, e->sigma, s->nu[b][k]);
    free(s->delta);
    s->delta = export(s, s->trace->slots[0].delta);
    free(x);
    free(y);
}

static inline void set_up(subject *s, const example *e, rfim_precision precision,
                          rfim_kernels kernels, size_t threads)
{
    char text[128];
    rfim_context_options settings;
    rfim_network_options network;
    rfim_optimizer_options options;
    *s = (subject){.e = e};
    rfim_context_defaults(&settings);
    settings.threads = threads;
    settings.kernels = kernels;
    assert_int_equal(rfim_context_create(&settings, &s->context), RFIM_OK);
    rfim_network_defaults(&network);
    network.precision = precision;
    network.init = RFIM_INIT_NORMAL;
    network.init_sd = 1 / sqrt((double)e->d);
    snprintf(text, sizeof text, "input %zu; linear %zu %s; loss squared", e->d, e->m,
             e->activation);
    assert_int_equal(rfim_network_create(s->context, text, &network, &s->network), RFIM_OK);
    s->network->algebra->team_flops = 0; /* everything that has tiles is shared out */
    if (e->kind == DEAD_OUTPUTS) {
        double *bias = numbers(e->m);
        for (size_t j = 0; j < e->m; j++)
            bias[j] = j % 2 == 1 ? 0.5 : strncmp(e->activation, "relu", 4) == 0 ? -100 : -3;
        assert_int_equal(rfim_network_tensor_write(s->network, 1, bias), RFIM_OK);
        free(bias);
    }
    assert_int_equal(rfim_trace_create(s->network, e->n + 3, &s->trace), RFIM_OK);
    rngd_by_hand(&options);
    options.learning_rate = 0; /* the weights stay */
    options.schedule = RFIM_SCHEDULE_CONSTANT;
    options.last = e->representation;
    options.metric_decay = DECAY;
    options.metric_prior = PRIOR;
    options.metric_every = 1;
    options.refresh_every = 1;
    options.damping = e->damping;
    options.damping_rule = e->rule;
    options.sigma = e->sigma;
    snprintf(options.metric_memory, sizeof options.metric_memory, "%s", e->memory);
    snprintf(options.form, sizeof options.form, "%s", e->form);
    if (rfim_optimizer_create(s->trace, &options, &s->optimizer) != RFIM_OK)
        fail_msg("%s", rfim_context_error(s->context));
    for (size_t b = 0; b < STEPS; b++) {
        batch(s, b, 7);
        assert_int_equal(rfim_optimizer_step(s->optimizer, s->trace), RFIM_OK);
    }
    batch(s, STEPS, 7);
}

static inline void tear_down(subject *s)
{
    for (size_t b = 0; b <= STEPS; b++) {
        free(s->x[b]);
        free(s->nu[b]);
    }
    free(s->delta);
    rfim_optimizer_free(s->optimizer);
    rfim_trace_free(s->trace);
    rfim_network_free(s->network);
    rfim_context_free(s->context);
}

/* A += scale X^T diag(nu_:j) X of batch b; j beyond the outputs: nu = 1/sigma^2. */
static inline void add_gram(const subject *s, size_t b, size_t j, double scale, double *a)
{
    size_t D = s->e->d + 1;
    for (size_t i = 0; i < s->e->n; i++) {
        double nu = j < s->e->m ? s->nu[b][i * s->e->m + j] : 1 / (s->e->sigma * s->e->sigma);
        const double *x = s->x[b] + i * D;
        for (size_t k = 0; k < D; k++)
            for (size_t l = 0; l < D; l++)
                a[k * D + l] += scale * nu * x[k] * x[l];
    }
}

/* A += Lambda, of A itself */
static inline void damp(const example *e, double *a)
{
    size_t D = e->d + 1;
    double trace = 0;
    double least = 0x1p-100;
    for (size_t k = 0; k < D; k++)
        trace += a[k * D + k];
    double lambda = e->rule == RFIM_DAMPING_TRACE      ? e->damping * trace
                    : e->rule == RFIM_DAMPING_ABSOLUTE ? e->damping
                                                       : e->damping * trace / (double)D;
    if (trace == 0)
        lambda = e->damping;
    for (size_t k = 0; k < D; k++) {
        double own = e->damping * a[k * D + k];
        a[k * D + k] += e->rule == RFIM_DAMPING_DIAGONAL && own > least ? own : lambda;
    }
}

/* What is remembered of the batches before: of output j, or (m) shared. */
static inline void remembered(const subject *s, size_t j, double *a)
{
    size_t D = s->e->d + 1;
    memset(a, 0, D * D * sizeof *a);
    double keep = 1;
    for (size_t b = STEPS; b-- > 0;) {
        add_gram(s, b, j, keep * (1 - DECAY) / (double)s->e->n, a);
        keep *= DECAY;
    }
    for (size_t k = 0; k < D; k++)
        a[k * D + k] += keep * PRIOR;
}

/* The damped metric of output j. */
static inline void system_of(const subject *s, size_t j, double *a)
{
    size_t D = s->e->d + 1;
    size_t n = s->e->n;
    size_t which = s->e->representation == RFIM_SHARED ? s->e->m : j;
    if (strcmp(s->e->memory, "ema") == 0) {
        remembered(s, which, a);
        damp(s->e, a);
        return;
    }
    memset(a, 0, D * D * sizeof *a);
    if (strcmp(s->e->memory, "batch") == 0) {
        add_gram(s, STEPS, which, 1 / (double)n, a);
        damp(s->e, a);
        return;
    }
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += s->nu[STEPS][i * s->e->m + j] / (double)n;
    remembered(s, s->e->m, a);
    damp(s->e, a);
    for (size_t k = 0; k < D * D; k++)
        a[k] *= mean * s->e->sigma * s->e->sigma;
    add_gram(s, STEPS, which, 1 / (double)n, a);
}

/* A <- its Cholesky factor; false: none. */
static inline bool factor(size_t D, double *a)
{
    for (size_t k = 0; k < D; k++) {
        for (size_t l = 0; l <= k; l++) {
            double sum = a[k * D + l];
            for (size_t p = 0; p < l; p++)
                sum -= a[k * D + p] * a[l * D + p];
            if (l == k && !(sum > 0))
                return false;
            a[k * D + l] = l == k ? sqrt(sum) : sum / a[l * D + l];
        }
    }
    return true;
}

static inline void solve(size_t D, const double *l, double *b)
{
    for (size_t k = 0; k < D; k++) {
        for (size_t p = 0; p < k; p++)
            b[k] -= l[k * D + p] * b[p];
        b[k] /= l[k * D + k];
    }
    for (size_t k = D; k-- > 0;) {
        for (size_t p = k + 1; p < D; p++)
            b[k] -= l[p * D + k] * b[p];
        b[k] /= l[k * D + k];
    }
}

static inline double length(size_t D, const double *v)
{
    double sum = 0;
    for (size_t k = 0; k < D; k++)
        sum += v[k] * v[k];
    return sqrt(sum);
}

/* The condition of A = L L^T, by power iterations from below. */
static inline double condition(size_t D, const double *a, const double *l)
{
    double *up = numbers(D);
    double *down = numbers(D);
    double *image = numbers(D);
    double largest = 0;
    double inverse = 0;
    for (size_t k = 0; k < D; k++)
        up[k] = down[k] = 1 + 0.1 * (double)(k % 7);
    for (size_t round = 0; round < 60; round++) {
        double u = length(D, up);
        double v = length(D, down);
        for (size_t k = 0; k < D; k++) {
            up[k] /= u;
            down[k] /= v;
        }
        memset(image, 0, D * sizeof *image);
        for (size_t k = 0; k < D; k++)
            for (size_t p = 0; p < D; p++)
                image[k] += a[k * D + p] * up[p];
        memcpy(up, image, D * sizeof *up);
        solve(D, l, down);
        largest = length(D, up);
        inverse = length(D, down);
    }
    free(up);
    free(down);
    free(image);
    return largest * inverse;
}

/* The direction that the form gives, [D x m] in float64: products are multiplied out here. */
static inline double *direction_of(subject *s)
{
    size_t D = s->e->d + 1;
    size_t m = s->e->m;
    rfim__direction direction = {.kind = RFIM__DIRECTION_MATRIX};
    rfim__form *form = rfim__rngd_form(s->optimizer, 0);
    rfim__algebra_begin(s->context);
    form->table->direct(form, s->trace, &direction);
    rfim__algebra_end(s->context);
    assert_int_not_equal(direction.kind, RFIM__DIRECTION_WRITTEN);
    if (direction.kind == RFIM__DIRECTION_MATRIX)
        return export(s, direction.matrix);
    double *left = export(s, direction.left);
    double *right = export(s, direction.right);
    double *out = numbers(D * m);
    assert_int_equal(direction.left.rows, direction.right.rows);
    for (size_t i = 0; i < direction.left.rows; i++)
        for (size_t k = 0; k < D; k++)
            for (size_t j = 0; j < m; j++)
                out[k * m + j] += direction.scale * left[i * D + k] * right[i * m + j];
    free(left);
    free(right);
    return out;
}

static inline void name_of(const example *e, char *text, size_t size)
{
    snprintf(text, size, "%s %s %s %s damping %d %g sigma %g n=%zu d=%zu m=%zu data %d",
             e->activation, rfim_representation_name(e->representation), e->memory, e->form,
             (int)e->rule, e->damping, e->sigma, e->n, e->d, e->m, (int)e->kind);
}

static inline void check(const example *e, rfim_precision precision, rfim_kernels kernels)
{
    subject s;
    char name[256];
    size_t D = e->d + 1;
    name_of(e, name, sizeof name);
    set_up(&s, e, precision, kernels, 2);
    double *found = direction_of(&s);
    double *a = numbers(D * D);
    double *l = numbers(D * D);
    double *b = numbers(D);
    for (size_t j = 0; j < e->m; j++) {
        system_of(&s, j, a);
        memcpy(l, a, D * D * sizeof *l);
        bool dead = !factor(D, l);
        memset(b, 0, D * sizeof *b);
        for (size_t i = 0; i < e->n; i++)
            for (size_t k = 0; k < D; k++)
                b[k] += s.x[STEPS][i * D + k] * s.delta[i * e->m + j] / (double)e->n;
        double tolerance = 1e-10;
        if (dead) { /* no metric and no gradient: no step */
            assert_true(length(D, b) == 0);
        } else {
            double bound = 10 * 0x1p-24 * condition(D, a, l);
            solve(D, l, b);
            if (precision == RFIM_SINGLE)
                tolerance = bound > 1e-5 ? bound : 1e-5;
        }
        double norm = length(D, b);
        for (size_t k = 0; k < D; k++)
            b[k] -= found[k * e->m + j];
        if (!(length(D, b) <= tolerance * norm))
            fail_msg("%s, %s, output %zu: off by %g of %g, allowed %g", name,
                     precision == RFIM_DOUBLE ? "float64" : "float32", j, length(D, b) / norm, norm,
                     tolerance);
    }
    free(found);
    free(a);
    free(l);
    free(b);
    tear_down(&s);
}

#endif
