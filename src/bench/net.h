/* net.h - the networks that are timed, and the data they are trained on. */
#ifndef RFIM_BENCH_NET_H
#define RFIM_BENCH_NET_H

#include "data/kept_inputs.h"

#include <rfim/bench.h>
#include <stdbool.h>

#define RFIM__BENCH_OWN_BATCH 50 /* of a network that was given as a text */
#define RFIM__BENCH_OWN_PROGRAMS "floor,sgd,sgd-trimmed,adam,shared-fast,neuron-fast"
#define RFIM__BENCH_SAMPLES                                                                        \
    10000 /* at least: batches are to come from memory, not from a cache                           \
           */
#define RFIM__BENCH_MOST_SAMPLES 60000

/* A training set whose epochs are whole periods, and what of it varies. */
typedef struct rfim__bench_data {
    rfim_context *context;
    rfim_splits splits; /* only train */
    rfim__kept_inputs inputs;
    rfim_dataset *trimmed; /* the training set without inputs that are 0 in every sample; NULL:
                              there are none */
} rfim__bench_data;

/* The net of this name, or one that stands for the text. RFIM_ERROR_ARGUMENT. */
rfim_status rfim__bench_net_find(rfim_context *context, const char *name, rfim_bench_net *out);

/* Training samples such that epochs of batches are whole periods, where the data have so many. */
rfim_status rfim__bench_data_open(rfim_context *context, const rfim_data_options *options,
                                  size_t batch, size_t period, rfim__bench_data *out);
/* The same samples and targets without the inputs that are 0 in all of them; *out is NULL when
 * there are none, or when nothing else is left. */
rfim_status rfim__bench_trim(const rfim_dataset *dataset, const rfim__kept_inputs *kept,
                             rfim_dataset **out);
/* All zero is legal. */
void rfim__bench_data_free(rfim__bench_data *data);

/* The text with another number of inputs, which come first in either form; false: no room. */
bool rfim__bench_resize(const char *text, size_t inputs, char *out, size_t size);

#endif
