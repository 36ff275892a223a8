/* oracle_of.h - what the oracle is asked about a toy's metric, and its answers. */
#ifndef RFIM_CHECK_ORACLE_OF_H
#define RFIM_CHECK_ORACLE_OF_H

#include "check/toy.h"

/* f as the oracle knows it. slope: what the metric reads, smooth for relu with omega > 0. */
rfim__oracle_activation rfim__oracle_activation_of(const rfim__activation *f, bool slope);
/* The problem whose Fisher information is the metric of these options. Memory until the next case;
 * false when there is none. */
bool rfim__oracle_problem_of(rfim__toy *toy, const rfim_metric_options *options,
                             rfim__oracle_problem *out);
/* A problem without modules or theta, its memory the check's. */
rfim__oracle_problem rfim__oracle_problem_empty(rfim__check *check);

/* Ways of the oracle. */
enum {
    RFIM__BY_SCORES = 1,  /* E[dl dl^T]: enumeration, quadrature, a cut-off sum */
    RFIM__BY_ROOTS = 2,   /* 4 sum d sqrt(p) d sqrt(p)^T */
    RFIM__BY_HESSIAN = 4, /* minus the expected Hessian */
    RFIM__BY_KL = 8,      /* second difference of the Kullback-Leibler divergence */
    RFIM__BY_DRAWS = 16,  /* scores of sampled y; the thorough check alone */
    RFIM__BY_ALL = 31
};
/* Holds the dense metric of these options against the oracle's, in each of these ways that there
 * is, and tells. A toy of NULL fails. */
void rfim__check_by_oracle(rfim__check *check, rfim__toy *toy, const rfim_metric_options *options,
                           unsigned ways);
/* "enumeration", "quadrature" or "summation" */
const char *rfim__oracle_way_name(const rfim__oracle_problem *problem);
/* The metric [N x N] by scores, where there are none (bregman) by the Hessian. NULL: failed. */
double *rfim__oracle_metric(rfim__check *check, const rfim__oracle_problem *problem);
/* F [m x m], the information of the problem's response about its own pre-activations, at sample
 * i; NULL: failed. */
double *rfim__oracle_information(rfim__check *check, const rfim__oracle_problem *problem, size_t i);

#endif
