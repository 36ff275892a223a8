/* toy.h - a small network with made-up numbers and a batch on its trace, and the same network
 * as the oracle knows it. The two share the numbers and nothing else: the oracle's reading of
 * activations, responses and statistics is written down here once more. */
#ifndef RFIM_CHECK_TOY_H
#define RFIM_CHECK_TOY_H

#include "check/check.h"
#include "check/oracle/oracle.h"
#include "network/trace.h"

#include <rfim/metric.h>

/* The inputs of a batch. */
typedef enum rfim__toy_data {
    RFIM__TOY_PLAIN, /* normal numbers, each input of a scale of its own, from 0.3 to 3 */
    RFIM__TOY_HARSH  /* scales from 1e-3 to 1e3, an input that is twice another one, an input that
                         is always 0, every third sample a copy of the one before */
} rfim__toy_data;

typedef struct rfim__toy {
    rfim__check *check;
    rfim_network *network;
    rfim_trace *trace;            /* the batch has been passed forward, for training */
    size_t count;                 /* modules */
    size_t samples;               /* n */
    size_t inputs;                /* d */
    double *x;                    /* [n x d] */
    rfim__oracle_module *modules; /* [count] */
    double **parameters;          /* [count]: [rows x m], what modules[l].parameters points to */
    double **pre;                 /* [count]: t [n x m]; batch norm: gamma a^ + beta */
    double **out;                 /* [count]: h [n x m] */
} rfim__toy;

/* NULL when something fails; the context then has the sentence. Pre-activations stay 0.15 away
 * from the kinks of relu and elu, so that second derivatives exist nearby. */
rfim__toy *rfim__toy_create(rfim__check *check, const char *text, rfim_precision precision,
                            rfim__toy_data data, size_t samples);
/* A network of another text or precision with the numbers given: x [n x d] and parameters as
 * above (NULL for a module without any). They are copied, and rounded to the precision. */
rfim__toy *rfim__toy_with(rfim__check *check, const char *text, rfim_precision precision,
                          size_t samples, const double *x, const double *const *parameters);

/* Passes samples first ... first+count-1 of the batch forward. */
bool rfim__toy_pass(rfim__toy *toy, size_t first, size_t count);
/* An empty metric; one that has seen the batch; and G [N x N] of that. NULL when it fails. */
rfim_metric *rfim__toy_metric(rfim__toy *toy, const rfim_metric_options *options);
rfim_metric *rfim__toy_observed(rfim__toy *toy, const rfim_metric_options *options);
double *rfim__toy_dense(rfim__toy *toy, const rfim_metric_options *options);
/* G of any metric, [N x N]; NULL when it fails. */
double *rfim__check_dense(rfim__check *check, rfim_metric *metric);

/* The options of modules first ... last with respect to their own response, dense. */
rfim_metric_options rfim__toy_options(size_t first, size_t last);
/* The number of a module's parameter rows: 0, 2 or d + 1. */
size_t rfim__toy_rows(const rfim__toy *toy, size_t module);

#endif
