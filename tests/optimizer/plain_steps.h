/* plain_steps.h - ten steps of an optimiser beside ten steps of an update written in the test,
 * number by number, on a small network with batch normalisation. The naive side takes its gradients
 * from a trace of its own; that these are right is for tests/network/test_gradients.c. */
#ifndef RFIM_TESTS_OPTIMIZER_PLAIN_STEPS_H
#define RFIM_TESTS_OPTIMIZER_PLAIN_STEPS_H

#include "network/small_network.h"

#include <rfim/optimizer.h>

#define PLAIN_STEPS 10
#define PLAIN_SAMPLES 8
#define PLAIN_TEXT "input 5; linear 6 tanh; batchnorm decay=0.9; linear 17 relu iota=0.1; linear 3"

/* One number's update. step: from 1; state: two numbers, zero at first; decays: is it a weight
 * (not a bias, gamma or beta)? Returns the new number. */
typedef double (*plain_update)(const rfim_optimizer_options *options, size_t step, double rate,
                               double weight, double gradient, bool decays, double state[2]);

static inline void plain_batch(rfim_trace *trace, size_t step)
{
    static const int32_t classes[PLAIN_SAMPLES] = {0, 1, 2, 0, 1, 2, 2, 1};
    rfim_context *context = trace->network->context;
    double *inputs = make_normal(100 + step, 1, PLAIN_SAMPLES * 5);
    double loss = 0;
    size_t n = PLAIN_SAMPLES - step % 3; /* batches of 6, 7 and 8 */
    must(context, rfim_trace_forward(trace, rfim_doubles(inputs, n, 5)));
    must(context, rfim_trace_loss(trace, rfim_labels(classes, n), &loss));
    must(context, rfim_trace_backward(trace));
    free(inputs);
}

static inline double plain_rate(const rfim_optimizer_options *options, size_t step)
{
    double rate = options->learning_rate;
    if (options->schedule == RFIM_SCHEDULE_LINEAR && options->steps > 0)
        rate *= 1 - (double)(step - 1) / (double)options->steps;
    return rate;
}

/* Is the tensor a matrix of weights? Only they decay. */
static inline bool plain_decays(const rfim_network *network, size_t tensor)
{
    rfim_tensor_info info;
    must(network->context, rfim_network_tensor_info(network, tensor, &info));
    return strstr(info.name, "weight") != NULL;
}

static inline void plain_step(rfim_trace *trace, const rfim_optimizer_options *options, size_t step,
                              plain_update update, double (*states)[2])
{
    rfim_network *network = trace->network;
    for (size_t t = 0; t < rfim_network_tensors(network); t++) {
        size_t count = tensor_size(network, t);
        double *values = malloc(count * sizeof *values);
        double *gradient = malloc(count * sizeof *values);
        if (tensor_trained(network, t)) {
            must(network->context, rfim_network_tensor_read(network, t, values));
            must(network->context, rfim_trace_gradient(trace, t, gradient));
            for (size_t k = 0; k < count; k++)
                values[k] = update(options, step, plain_rate(options, step), values[k], gradient[k],
                                   plain_decays(network, t), states[k]);
            must(network->context, rfim_network_tensor_write(network, t, values));
        }
        states += count;
        free(values);
        free(gradient);
    }
}

static inline void compare_trained(const rfim_network *found, const rfim_network *expected,
                                   size_t step, double tolerance)
{
    for (size_t t = 0; t < rfim_network_tensors(found); t++) {
        size_t count = tensor_size(found, t);
        double *a = malloc(count * sizeof *a);
        double *b = malloc(count * sizeof *b);
        must(found->context, rfim_network_tensor_read(found, t, a));
        must(found->context, rfim_network_tensor_read(expected, t, b));
        for (size_t k = 0; k < count && tensor_trained(found, t); k++)
            if (!(fabs(a[k] - b[k]) <= tolerance))
                fail_msg("step %zu, tensor %zu, number %zu: %.17g, expected %.17g", step, t, k,
                         a[k], b[k]);
        free(a);
        free(b);
    }
}

static inline void plain_compare(const rfim_optimizer_options *options, rfim_precision precision,
                                 plain_update update, double tolerance)
{
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = small_network(context, PLAIN_TEXT, precision, 3);
    rfim_network *naive = small_network(context, PLAIN_TEXT, precision, 3);
    shake(network, 4);
    shake(naive, 4);
    rfim_trace *trace = NULL;
    rfim_trace *naive_trace = NULL;
    rfim_optimizer *optimizer = NULL;
    must(context, rfim_trace_create(network, PLAIN_SAMPLES, &trace));
    must(context, rfim_trace_create(naive, PLAIN_SAMPLES, &naive_trace));
    must(context, rfim_optimizer_create(trace, options, &optimizer));
    double(*states)[2] = calloc(all_numbers(network), sizeof *states);
    double *before = read_all(network);
    for (size_t step = 1; step <= PLAIN_STEPS; step++) {
        rfim_optimizer_report report;
        plain_batch(trace, step);
        must(context, rfim_optimizer_step(optimizer, trace));
        plain_batch(naive_trace, step);
        plain_step(naive_trace, options, step, update, states);
        compare_trained(network, naive, step, tolerance);
        rfim_optimizer_report_get(optimizer, &report);
        assert_int_equal(report.steps, step);
        assert_true(fabs(report.learning_rate - plain_rate(options, step)) < 1e-15);
    }
    double *after = read_all(network);
    assert_true(fabs(after[0] - before[0]) > 100 * tolerance); /* something happened */
    free(before);
    free(after);
    free(states);
    rfim_optimizer_free(optimizer);
    rfim_trace_free(trace);
    rfim_trace_free(naive_trace);
    rfim_network_free(network);
    rfim_network_free(naive);
    rfim_context_free(context);
}

#endif
