/* expression.h - the expressions of a Fisher information, one function each: they fill out [N x N],
 * whose lower triangle counts, and the report. */
#ifndef RFIM_FIM_EXPRESSION_H
#define RFIM_FIM_EXPRESSION_H

#include "fim/outcomes.h"
#include "fim/subject.h"

#include <rfim/fim.h>

typedef struct rfim__fim_task {
    const rfim__subject *subject;
    const rfim_fim_options *options;
    rfim_array targets;
    rfim__matrix out; /* zeros at first */
    rfim_fim_report report;
} rfim__fim_task;

/* mean over samples of E[dl dl^T]: gradients of the loss at each y, by the backward pass */
rfim_status rfim__fim_scores(rfim__fim_task *task);
/* mean over samples of E[-d2 l]: a Hessian for each y (hessian.h) */
rfim_status rfim__fim_hessian(rfim__fim_task *task);
/* mean over samples of 4 sum over y of d sqrt(p) d sqrt(p)^T, from p and dp */
rfim_status rfim__fim_roots(rfim__fim_task *task);
/* J^T F J: a metric of all modules with respect to the network's response, which keeps so many
 * matrices beside out */
#define RFIM__METRIC_MATRICES 3
rfim_status rfim__fim_metric(rfim__fim_task *task);
/* mean over samples of -d2 l at the targets */
rfim_status rfim__fim_observed(rfim__fim_task *task);
/* mean over samples of dl dl^T at the targets */
rfim_status rfim__fim_empirical(rfim__fim_task *task);

/* --- outer.c: what scores and roots share ----------------------------------------------------- */

/* Fills cotangents on u [count x m] for outcomes first ... first+count-1 of a sample, weighted so
 * that the sum of their J^T c c^T J over all outcomes is the expression. */
typedef void (*rfim__cotangents_fn)(const rfim__subject *subject, const rfim__outcomes *outcomes,
                                    size_t sample, size_t first, rfim__matrix cotangents);
rfim_status rfim__fim_outer(rfim__fim_task *task, rfim__cotangents_fn fill);

#endif
