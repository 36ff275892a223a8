/* subject.h - a small network with a batch on its trace, to ask metrics of through the public
 * functions. Numbers are made up from a seed, the same everywhere. */
#ifndef RFIM_TESTS_SUBSYSTEM_SUBJECT_H
#define RFIM_TESTS_SUBSYSTEM_SUBJECT_H

#include <math.h>
#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct api {
    uint64_t state; /* of the made-up numbers */
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    size_t samples;
    double *x; /* [n x d] */
} api;

/* Numbers on (-1, 1) */
static inline double made_up(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    uint64_t z = (*state ^ (*state >> 33)) * 0xff51afd7ed558ccdu;
    return (double)(int64_t)(z ^ (z >> 29)) / 9223372036854775808.;
}

static inline double *numbers(size_t count)
{
    double *values = calloc(count > 0 ? count : 1, sizeof *values);
    assert_non_null(values);
    return values;
}

static inline double *made_up_numbers(api *a, size_t count)
{
    double *values = numbers(count);
    for (size_t k = 0; k < count; k++)
        values[k] = made_up(&a->state);
    return values;
}

#define assert_ok(a, call)                                                                         \
    do {                                                                                           \
        rfim_status found_status = (call);                                                         \
        if (found_status != RFIM_OK)                                                               \
            fail_msg("%s: %s: %s", #call, rfim_status_name(found_status),                          \
                     rfim_context_error((a)->context));                                            \
    } while (0)

/* A call that is refused with a sentence that holds some words. */
#define assert_refused(a, call, status, words)                                                     \
    do {                                                                                           \
        assert_int_equal(call, status);                                                            \
        if (!strstr(rfim_context_error((a)->context), words))                                      \
            fail_msg("`%s` is not in: %s", words, rfim_context_error((a)->context));               \
    } while (0)

/* Weights in proportion to 1/sqrt(inputs), so that pre-activations are of order 1; variances and
 * gammas above 0. */
static inline void make_up_parameters(api *a)
{
    for (size_t t = 0; t < rfim_network_tensors(a->network); t++) {
        rfim_tensor_info info;
        assert_ok(a, rfim_network_tensor_info(a->network, t, &info));
        double *values = numbers(info.rows * info.columns);
        bool positive = strstr(info.name, "variance") || strstr(info.name, "gamma");
        double scale = info.vector ? .7 : 1.5 / sqrt((double)info.columns);
        for (size_t k = 0; k < info.rows * info.columns; k++)
            values[k] = (positive ? 1.1 : 0) + scale * made_up(&a->state);
        assert_ok(a, rfim_network_tensor_write(a->network, t, values));
        free(values);
    }
}

static inline api api_open_with(const rfim_context_options *context, const char *text,
                                rfim_precision precision, size_t samples, uint64_t seed)
{
    api a = {.state = seed, .samples = samples};
    rfim_network_options options;
    assert_int_equal(rfim_context_create(context, &a.context), RFIM_OK);
    rfim_network_defaults(&options);
    options.precision = precision;
    assert_ok(&a, rfim_network_create(a.context, text, &options, &a.network));
    make_up_parameters(&a);
    assert_ok(&a, rfim_trace_create(a.network, samples, &a.trace));
    a.x = made_up_numbers(&a, samples * rfim_network_inputs(a.network));
    assert_ok(&a, rfim_trace_forward(a.trace,
                                     rfim_doubles(a.x, samples, rfim_network_inputs(a.network))));
    return a;
}

/* With a batch of `samples` on its trace, passed forward. */
static inline api api_open(const char *text, rfim_precision precision, size_t samples,
                           uint64_t seed)
{
    return api_open_with(NULL, text, precision, samples, seed);
}

static inline void api_close(api *a)
{
    free(a->x);
    rfim_trace_free(a->trace);
    rfim_network_free(a->network);
    rfim_context_free(a->context);
}

/* Loss of made-up targets, and back. */
static inline double api_backward(api *a)
{
    size_t m = rfim_network_outputs(a->network);
    double loss = 0;
    if (rfim_network_loss(a->network) == RFIM_LOSS_SOFTMAX) {
        int32_t *labels = calloc(a->samples, sizeof *labels);
        assert_non_null(labels);
        for (size_t i = 0; i < a->samples; i++)
            labels[i] = (int32_t)((i * 7 + i / 3) % m);
        assert_ok(a, rfim_trace_loss(a->trace, rfim_labels(labels, a->samples), &loss));
        free(labels);
    } else {
        double *values = numbers(a->samples * m);
        for (size_t k = 0; k < a->samples * m; k++)
            values[k] = .5 + .4 * sin((double)k * 1.7);
        assert_ok(a, rfim_trace_loss(a->trace, rfim_doubles(values, a->samples, m), &loss));
        free(values);
    }
    assert_ok(a, rfim_trace_backward(a->trace));
    return loss;
}

static inline rfim_metric_options asked(size_t first, size_t last, rfim_response response,
                                        rfim_representation representation)
{
    rfim_metric_options options;
    rfim_metric_defaults(&options);
    options.first = first;
    options.last = last;
    options.response = response;
    options.representation = representation;
    options.max_samples = 40; /* of gram and softmax: their matrices are so large */
    return options;
}

static inline rfim_metric *empty_metric(api *a, rfim_metric_options options)
{
    rfim_metric *metric = NULL;
    assert_ok(a, rfim_metric_create(a->network, &options, &metric));
    return metric;
}

/* A metric of the batch on the trace. */
static inline rfim_metric *metric_of(api *a, rfim_metric_options options)
{
    rfim_metric *metric = empty_metric(a, options);
    assert_ok(a, rfim_metric_observe(metric, a->trace, 0, 1));
    return metric;
}

/* [N x N], to be freed */
static inline double *dense_of(api *a, rfim_metric *metric)
{
    size_t order = rfim_metric_order(metric);
    double *g = numbers(order * order);
    assert_ok(a, rfim_metric_to_dense(metric, g));
    return g;
}

/* |A - B| / |B| */
static inline double apart(const double *a, const double *b, size_t count)
{
    double difference = 0;
    double size = 0;
    for (size_t k = 0; k < count; k++) {
        difference += (a[k] - b[k]) * (a[k] - b[k]);
        size += b[k] * b[k];
    }
    return size > 0 ? sqrt(difference / size) : sqrt(difference);
}

#define assert_near(a, b, count, tolerance)                                                        \
    do {                                                                                           \
        double found_apart = apart(a, b, count);                                                   \
        if (!(found_apart <= (tolerance)))                                                         \
            fail_msg("%s and %s are %.3g apart, at most %.3g is allowed", #a, #b, found_apart,     \
                     (double)(tolerance));                                                         \
    } while (0)

#endif
