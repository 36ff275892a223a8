/* outcomes.h - the y's that a sample's response may take, with their probabilities: what sums and
 * integrals over the model's own y run through. The family is what the loss stands for at sigma =
 * 1, given u, the output of the last module:
 *
 *   softmax   classes c = 0 ... m-1                    P(c) = e^{u_c} / sum_k e^{u_k}
 *   sigmoid   y in {0,1}^m, independent                P(y_j = 1) = 1/(1 + e^{-u_j})
 *   squared   y = u + eps, eps standard normal         density prod_j phi(y_j - u_j)
 *
 * ENUMERATED: all m classes, all 2^m y. QUADRATURE: all nodes^m combinations of Gauss-Hermite nodes
 * (hermite.h); exact for polynomials in y up to degree 2 nodes - 1 in each y_j. DRAWN, when those
 * are more than asked for: y from the family, each with probability 1/count; sample i's draws are
 * a function of the seed and i alone, the same for every expression. */
#ifndef RFIM_FIM_OUTCOMES_H
#define RFIM_FIM_OUTCOMES_H

#include "fim/hermite.h"
#include "fim/subject.h"

#include <rfim/fim.h>

typedef enum rfim__outcome_kind {
    RFIM__ENUMERATED,
    RFIM__QUADRATURE,
    RFIM__DRAWN
} rfim__outcome_kind;

typedef struct rfim__outcomes {
    rfim_context *context;
    rfim_loss_kind loss;
    rfim__outcome_kind kind;
    size_t outputs;      /* m */
    size_t count;        /* outcomes of a sample */
    double *probability; /* [count], the sum is 1 */
    int32_t *labels;     /* [count], softmax; else NULL */
    rfim__matrix values; /* [count x m], not softmax */
    rfim__hermite rule;  /* QUADRATURE */
    uint64_t seed;
} rfim__outcomes;

/* Chooses the kind and makes room. Ends itself when it fails. */
rfim_status rfim__outcomes_begin(const rfim__subject *subject, const rfim_fim_options *options,
                                 rfim__outcomes *out);
void rfim__outcomes_end(rfim__outcomes *outcomes);

/* Lists the outcomes of a sample. u: [m] */
void rfim__outcomes_list(rfim__outcomes *outcomes, size_t sample, const double *u);
/* Which node (QUADRATURE) or value 0, 1 (ENUMERATED, sigmoid) output j has in outcome `index`. */
size_t rfim__outcomes_digit(const rfim__outcomes *outcomes, size_t index, size_t j);
/* Outcomes first ... first+count-1 as the losses take them. */
rfim__targets rfim__outcomes_targets(const rfim__outcomes *outcomes, size_t first, size_t count);

/* probabilities [m] of soft-max classes */
void rfim__class_probabilities(const double *u, size_t m, double *probability);
/* P(y) of one output of the family `sigmoid` */
double rfim__bernoulli(double u, int y);

#endif
