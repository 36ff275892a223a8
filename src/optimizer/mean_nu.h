/* mean_nu.h - how steep a layer's activation is on the whole: the mean of nu(t) (metric/response.h)
 * over neurons and samples, averaged over the collections.
 *
 * A metric that the neurons of a layer share is mean nu x mean x x^T then, in place of mean x x^T:
 * the metrics of its neurons (Sun and Nielsen 2017, table 1) with nu and x x^T averaged apart. It
 * divides directions, and q_l with them: a layer of sigmoids, whose nu is 1/4 at most, goes as far
 * as its responses allow. */
#ifndef RFIM_OPTIMIZER_MEAN_NU_H
#define RFIM_OPTIMIZER_MEAN_NU_H

#include "metric/metric.h"
#include "network/trace.h"

typedef struct rfim__mean_nu {
    rfim__matrix nu; /* [n x m] work area; without rows: as if linear */
    double mean;     /* of the collections so far; 1 before the first */
    double in_use;   /* as of the last refresh that was due, be its inverse late or kept */
} rfim__mean_nu;

/* Takes in what the last pass left on the trace. */
void rfim__mean_nu_collect(rfim__mean_nu *mean_nu, const rfim_trace *trace, size_t l,
                           const rfim__collection *collection);
/* A refresh: the mean comes into use, but not less than 1/100, so that a layer that does not
 * respond to anything cannot use up a trust region of all layers. */
void rfim__mean_nu_refresh(rfim__mean_nu *mean_nu);

#endif
