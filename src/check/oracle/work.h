/* work.h - forward passes together with the density at their end: what a metric is made with. */
#ifndef RFIM_CHECK_ORACLE_WORK_H
#define RFIM_CHECK_ORACLE_WORK_H

#include "check/oracle/density.h"
#include "check/oracle/pass.h"

typedef struct rfim__oracle_work {
    rfim__oracle_pass pass;
    rfim__oracle_density density;
} rfim__oracle_work;

/* Ends itself when it fails. */
rfim__oracle_status rfim__oracle_work_begin(const rfim__oracle_problem *problem,
                                            rfim__oracle_work *work);
void rfim__oracle_work_end(rfim__oracle_work *work);

/* Turns to a sample: shift = 0, t and base at theta, the outcomes there. */
rfim__oracle_status rfim__oracle_work_sample(rfim__oracle_work *work, size_t sample);

/* g [N x N] += factor r r^T, r [N] */
void rfim__oracle_add_outer(double *g, size_t order, double factor, const double *r);

#endif
