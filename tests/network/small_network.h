/* small_network.h - small networks with made-up weights and batches, for tests of mathematics. */
#ifndef RFIM_TESTS_NETWORK_SMALL_NETWORK_H
#define RFIM_TESTS_NETWORK_SMALL_NETWORK_H

#include "core/random.h"
#include "network/trace.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The call must succeed; if not, its sentence is shown. */
#define must(context, call)                                                                        \
    do {                                                                                           \
        if ((call) != RFIM_OK)                                                                     \
            fail_msg("%s: %s", #call, rfim_context_error(context));                                \
    } while (0)

/* The call must fail with this status, and its sentence must have these words. */
#define refused(context, call, status, words)                                                      \
    do {                                                                                           \
        rfim_status refused_status = (call);                                                       \
        if (refused_status != (status) || !strstr(rfim_context_error(context), words))             \
            fail_msg("%s: expected %s with `%s`, found %s: %s", #call, rfim_status_name(status),   \
                     words, rfim_status_name(refused_status), rfim_context_error(context));        \
    } while (0)

static inline rfim_context *small_context(rfim_kernels kernels)
{
    rfim_context_options options;
    rfim_context *context = NULL;
    rfim_context_defaults(&options);
    options.kernels = kernels;
    rfim_context_create(&options, &context);
    return context; /* NULL: this CPU has no such kernels */
}

static inline rfim_network *small_network(rfim_context *context, const char *text,
                                          rfim_precision precision, uint64_t seed)
{
    rfim_network_options options;
    rfim_network *network = NULL;
    rfim_network_defaults(&options);
    options.precision = precision;
    options.seed = seed;
    must(context, rfim_network_create(context, text, &options, &network));
    return network;
}

/* Standard normal numbers times scale. */
static inline void fill_normal(uint64_t seed, double scale, double *values, size_t count)
{
    rfim__random random = rfim__random_start(seed, 77);
    for (size_t k = 0; k < count; k++)
        values[k] = scale * rfim__random_normal(&random);
}

static inline double *make_normal(uint64_t seed, double scale, size_t count)
{
    double *values = malloc((count + 1) * sizeof *values);
    fill_normal(seed, scale, values, count);
    return values;
}

static inline size_t tensor_size(const rfim_network *network, size_t index)
{
    rfim_tensor_info info;
    must(network->context, rfim_network_tensor_info(network, index, &info));
    return info.rows * info.columns;
}

static inline bool tensor_trained(const rfim_network *network, size_t index)
{
    rfim_tensor_info info;
    must(network->context, rfim_network_tensor_info(network, index, &info));
    return info.trained != 0;
}

/* Weights, biases, gammas and moving averages away from where they begin, so that nothing is 0 or
 * 1 by chance. Variances stay positive. */
static inline void shake(rfim_network *network, uint64_t seed)
{
    for (size_t t = 0; t < rfim_network_tensors(network); t++) {
        rfim_tensor_info info;
        must(network->context, rfim_network_tensor_info(network, t, &info));
        size_t count = info.rows * info.columns;
        double *values = malloc(count * sizeof *values);
        double *noise = make_normal(seed + 1000 * t, 1, count);
        must(network->context, rfim_network_tensor_read(network, t, values));
        for (size_t k = 0; k < count; k++)
            values[k] = strstr(info.name, "variance") ? values[k] * exp(0.3 * noise[k])
                                                      : values[k] + 0.2 * noise[k];
        must(network->context, rfim_network_tensor_write(network, t, values));
        free(noise);
        free(values);
    }
}

/* All tensors one after the other. */
static inline size_t all_numbers(const rfim_network *network)
{
    size_t count = 0;
    for (size_t t = 0; t < rfim_network_tensors(network); t++)
        count += tensor_size(network, t);
    return count;
}

static inline double *read_all(const rfim_network *network)
{
    double *values = malloc(all_numbers(network) * sizeof *values);
    double *at = values;
    for (size_t t = 0; t < rfim_network_tensors(network); t++) {
        must(network->context, rfim_network_tensor_read(network, t, at));
        at += tensor_size(network, t);
    }
    return values;
}

static inline void write_all(rfim_network *network, const double *values)
{
    for (size_t t = 0; t < rfim_network_tensors(network); t++) {
        must(network->context, rfim_network_tensor_write(network, t, values));
        values += tensor_size(network, t);
    }
}

/* Gradients of all tensors, as read_all lays them out; 0 for moving averages. */
static inline double *read_gradients(const rfim_trace *trace)
{
    const rfim_network *network = trace->network;
    double *values = calloc(all_numbers(network), sizeof *values);
    double *at = values;
    for (size_t t = 0; t < rfim_network_tensors(network); t++) {
        if (tensor_trained(network, t))
            must(network->context, rfim_trace_gradient(trace, t, at));
        at += tensor_size(network, t);
    }
    return values;
}

static inline double largest_of(const double *values, size_t count)
{
    double largest = 0;
    for (size_t k = 0; k < count; k++)
        largest = fmax(largest, fabs(values[k]));
    return largest;
}

/* A number of a matrix in either precision. */
static inline double at(const rfim_network *network, rfim__matrix x, size_t i, size_t j)
{
    if (network->algebra->precision == RFIM_DOUBLE)
        return ((const double *)x.data)[i * x.stride + j];
    return (double)((const float *)x.data)[i * x.stride + j];
}

#endif
