/* inspected.h - a network with data, looked at; for the tests of inspections. */
#ifndef RFIM_TESTS_INSPECT_INSPECTED_H
#define RFIM_TESTS_INSPECT_INSPECTED_H

#include "network/small_network.h"

#include <rfim/data.h>
#include <rfim/inspect.h>

typedef struct subject {
    rfim_context *context;
    rfim_network *network;
    rfim_dataset *dataset;
    double *inputs; /* [samples x inputs] */
    size_t samples;
} subject;

/* Made-up weights, and samples that are normal numbers. */
static inline subject subject_of(const char *text, rfim_precision precision, size_t samples)
{
    subject s = {.context = small_context(RFIM_KERNELS_AUTOMATIC), .samples = samples};
    s.network = small_network(s.context, text, precision, 3);
    size_t inputs = rfim_network_inputs(s.network);
    shake(s.network, 5);
    s.inputs = make_normal(7, 1, samples * inputs);
    must(s.context, rfim_dataset_from_arrays(s.context, rfim_doubles(s.inputs, samples, inputs),
                                             rfim_no_targets(), &s.dataset));
    return s;
}

static inline void subject_free(subject *s)
{
    rfim_dataset_free(s->dataset);
    rfim_network_free(s->network);
    rfim_context_free(s->context);
    free(s->inputs);
}

static inline rfim_inspection *look(const subject *s, const rfim_inspect_options *options)
{
    rfim_inspection *inspection = NULL;
    must(s->context, rfim_inspect(s->network, s->dataset, options, &inspection));
    return inspection;
}

static inline rfim_inspected told_of(const rfim_inspection *inspection, size_t index)
{
    rfim_inspected told;
    assert_int_equal(rfim_inspection_get(inspection, index, &told), RFIM_OK);
    return told;
}

/* The metric of module `module`, collected by the public calls. */
static inline rfim_metric *metric_of(const subject *s, size_t module,
                                     rfim_representation representation, rfim_response response)
{
    rfim_metric_options options;
    rfim_metric *metric = NULL;
    rfim_metric_defaults(&options);
    options.first = module;
    options.last = module;
    options.representation = representation;
    options.response = response;
    must(s->context, rfim_metric_create(s->network, &options, &metric));
    must(s->context, rfim_metric_observe_dataset(metric, s->dataset, 0));
    return metric;
}

#define assert_near(found, expected, tolerance)                                                    \
    do {                                                                                           \
        double near_found = (found), near_expected = (expected);                                   \
        if (!(fabs(near_found - near_expected) <= (tolerance)*fabs(near_expected)))                \
            fail_msg("%s: found %.17g, expected %.17g", #found, near_found, near_expected);        \
    } while (0)

#endif
