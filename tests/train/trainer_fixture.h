/* trainer_fixture.h - a trainer with all that it needs, on made-up inputs. */
#ifndef RFIM_TESTS_TRAIN_TRAINER_FIXTURE_H
#define RFIM_TESTS_TRAIN_TRAINER_FIXTURE_H

#include "metric/static_reference.h"

#include <rfim/rfim.h>

typedef struct fixture {
    rfim_context *context;
    size_t samples;
    double *inputs;
    rfim_splits splits;
    rfim_options options;
    rfim_network *network;
    rfim_trainer *trainer;
} fixture;

/* Samples of so many inputs, the default options and the network that the text describes; no
 * trainer yet. */
static inline fixture fixture_of(rfim_context *context, const char *text, rfim_precision precision,
                                 size_t samples, size_t inputs)
{
    fixture test = {.context = context, .samples = samples};
    test.inputs = make_inputs(3, samples, inputs);
    test.splits.train = make_dataset(context, test.inputs, samples, inputs);
    rfim_options_defaults(&test.options);
    test.network = small_network(context, text, precision, 1);
    shake(test.network, 2);
    return test;
}

static inline void create(fixture *test)
{
    must(test->context,
         rfim_trainer_create(test->network, &test->splits, &test->options, &test->trainer));
}

static inline void end(fixture *test)
{
    rfim_trainer_free(test->trainer);
    rfim_network_free(test->network);
    rfim_dataset_free(test->splits.train);
    free(test->inputs);
    rfim_context_free(test->context);
}

#endif
