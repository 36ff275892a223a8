/* Any bytes as a metric file, for one of a few small networks. What is loaded must multiply, save
 * and load again. Half of the inputs are changes of a file that rfim itself has written: two bytes
 * of place, one of value, again and again; so mutations reach what lies behind the format. */
#include "core/file.h"

#include <rfim/io.h>
#include <rfim/metric.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAMPLES 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static rfim_network *make_network(rfim_context *context, unsigned which)
{
    static const char *const texts[] = {"2-3-2 tanh", "2-2 relu bna", "2-3-2 relu bna"};
    rfim_network *network = NULL;
    rfim_network_create(context, texts[which % 3], NULL, &network);
    return network;
}

/* A metric of the network, in a representation that the byte picks, written to path. */
static void write_metric(rfim_network *network, unsigned which, const char *path)
{
    static const float inputs[2 * SAMPLES] = {1, -1, .5F, 2, 0, 3};
    rfim_metric_options options;
    rfim_metric *metric = NULL;
    rfim_trace *trace = NULL;
    rfim_metric_defaults(&options);
    options.representation = (rfim_representation)(which % RFIM_REPRESENTATIONS);
    options.max_samples = SAMPLES;
    if (options.representation == RFIM_SOFTMAX)
        options.first = options.last = rfim_network_modules(network) - 1;
    if (rfim_metric_create(network, &options, &metric) == RFIM_OK &&
        rfim_trace_create(network, SAMPLES, &trace) == RFIM_OK &&
        rfim_trace_forward(trace, rfim_floats(inputs, SAMPLES, 2)) == RFIM_OK &&
        rfim_metric_observe(metric, trace, 0, 1) == RFIM_OK &&
        rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, 1e-3, NULL) == RFIM_OK)
        rfim_metric_save(metric, path);
    rfim_trace_free(trace);
    rfim_metric_free(metric);
}

static void change(rfim_context *context, const char *path, const uint8_t *changes, size_t count)
{
    uint8_t *data = NULL;
    size_t size = 0;
    if (rfim__file_read(context, path, &data, &size) != RFIM_OK || size == 0)
        return;
    for (; count >= 3; changes += 3, count -= 3)
        data[(size_t)(changes[0] << 8 | changes[1]) % size] = changes[2];
    rfim__file_write(context, path, data, size);
    rfim__release(context, data);
}

static void use(rfim_network *network, const char *path)
{
    rfim_metric *metric = NULL;
    rfim_metric *again = NULL;
    if (rfim_metric_load(network, path, &metric) != RFIM_OK)
        return;
    size_t order = rfim_metric_order(metric);
    double *v = calloc(2 * order + 1, sizeof *v);
    if (v && rfim_metric_multiply(metric, v, v + order) != RFIM_OK)
        abort();
    if (rfim_metric_save(metric, path) != RFIM_OK ||
        rfim_metric_load(network, path, &again) != RFIM_OK || rfim_metric_order(again) != order)
        abort();
    free(v);
    rfim_metric_free(again);
    rfim_metric_free(metric);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    rfim_context *context = NULL;
    if (size < 2 || rfim_context_create(NULL, &context) != RFIM_OK)
        return 0;
    rfim_network *network = make_network(context, data[0] >> 1);
    snprintf(path, sizeof path, "/tmp/rfim-fuzz-metric-%ld", (long)getpid());
    unlink(path);
    if (network && data[0] & 1) {
        write_metric(network, data[1], path);
        change(context, path, data + 2, size - 2);
    } else {
        rfim__file_write(context, path, data + 2, size - 2);
    }
    if (network)
        use(network, path);
    unlink(path);
    rfim_network_free(network);
    rfim_context_free(context);
    return 0;
}
