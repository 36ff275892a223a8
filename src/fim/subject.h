/* subject.h - the network whose Fisher information is asked for, in float64, with a batch passed
 * forward in inference mode (batch normalisation: moving averages, which count as constants).
 *
 * theta is ordered as metric.h says: module after module, output after output. So the parameters of
 * output j of a module are theta[first + j rows ... + rows - 1], and the number that they make is
 * linear in them, t_j = reference_j . theta_j:
 *
 *   linear       t_j = x~ . w_j                      reference x~, the same for all j
 *   batchnorm    t_j = gamma_j a^_j + beta_j         reference (a^_j, 1) */
#ifndef RFIM_FIM_SUBJECT_H
#define RFIM_FIM_SUBJECT_H

#include "network/trace.h"

typedef struct rfim__subject {
    rfim_context *context;
    rfim_network *network;
    bool copied; /* the network is a copy in float64, made for the subject */
    rfim_trace *trace;
    size_t samples; /* n */
    size_t outputs; /* m of the last module */
    size_t order;   /* N */
    size_t *first;  /* [modules]: where a module's parameters begin in theta */
} rfim__subject;

/* inputs: [n x d]. Ends itself when it fails. */
rfim_status rfim__subject_begin(rfim_network *network, rfim_array inputs, rfim__subject *out);
void rfim__subject_end(rfim__subject *subject);

/* u [m] of a sample: what the loss takes. */
const double *rfim__subject_response(const rfim__subject *subject, size_t sample);
/* The same as [copies x m], rows with a stride of 0. */
rfim__matrix rfim__subject_responses(const rfim__subject *subject, size_t sample, size_t copies);
/* The reference [rows] of output j of a module with parameters. pair: room for two numbers. */
const double *rfim__subject_reference(const rfim__subject *subject, size_t module, size_t sample,
                                      size_t j, double pair[2]);
/* A module's slot cut to one sample, which counts as `copies` of them: rows with a stride of 0. */
rfim__slot rfim__subject_repeat(const rfim__subject *subject, size_t module, size_t sample,
                                size_t copies);

static inline double *rfim__row(rfim__matrix x, size_t i)
{
    return (double *)x.data + i * x.stride;
}

#endif
