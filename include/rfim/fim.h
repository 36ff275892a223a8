/* fim.h - the Fisher information matrix of a whole network, by its definitions.
 *
 * l = log p(y|x, theta), p the family that the network's loss stands for (at sigma = 1). All are
 * means over the samples' x, and sums, integrals or stated estimates over the model's own y:
 *
 *   scores     E[dl dl^T]
 *   hessian    -E[d2 l]
 *   roots      4 sum (or integral) over y of d sqrt(p) d sqrt(p)^T
 *   metric     J^T F J, the network's RFIM (the metric of all its parameters with respect to the
 *              response `network`)
 *   observed   -d2 l at the observed y (Efron and Hinkley)
 *   empirical  dl dl^T at the observed y: NOT a Fisher information, and named so
 *
 * The first four are equal. For networks of hundreds of parameters, or a few thousand; in float64
 * whatever the network's precision is. Hessians are exact (second derivatives propagated, no
 * differences). */
#ifndef RFIM_FIM_H
#define RFIM_FIM_H

#include <rfim/array.h>
#include <rfim/network.h>

typedef enum rfim_fim_expression {
    RFIM_FIM_SCORES,
    RFIM_FIM_HESSIAN,
    RFIM_FIM_ROOTS,
    RFIM_FIM_METRIC,
    RFIM_FIM_OBSERVED,
    RFIM_FIM_EMPIRICAL
} rfim_fim_expression;
#define RFIM_FIM_EXPRESSIONS 6

typedef struct rfim_fim_options {
    size_t nodes;     /* of Gauss-Hermite quadrature, per output of a squared loss; 2 to 64 */
    size_t most;      /* outcomes y of a sample that are enumerated (or nodes^outputs) at most; */
    size_t draws;     /* beyond that y is drawn so many times, and a standard error is stated */
    uint64_t seed;    /* of the draws */
    size_t max_bytes; /* what takes more is refused: out, and three more for `metric` */
} rfim_fim_options;

/* How y was summed over. */
typedef struct rfim_fim_report {
    int exact;             /* 1: enumerated, or by quadrature that is exact; 0: drawn */
    size_t outcomes;       /* per sample */
    double standard_error; /* of |matrix|_F, relative; 0 when exact */
} rfim_fim_report;

#ifdef __cplusplus
extern "C" {
#endif

/* 3 nodes, 1024 outcomes, 1000 draws, seed 1, 2 GiB. */
RFIM_API void rfim_fim_defaults(rfim_fim_options *options);
/* "scores", "hessian", ... */
RFIM_API const char *rfim_fim_expression_name(rfim_fim_expression expression);
/* out: [N x N] row-major, N = rfim_network_parameters, in the order of metric.h's vectors over all
 * modules. inputs [n x d]; targets as rfim_trace_loss takes them, for observed and empirical
 * (ignored by the others). Batch normalisation uses its moving averages. options NULL: the
 * defaults; report may be NULL. RFIM_ERROR_MEMORY: matrices of more than max_bytes, before
 * anything is allocated; the sentence says the size. RFIM_DIVERGED: an output of the network, or a
 * number of the matrix, is not finite. */
RFIM_API rfim_status rfim_fim(rfim_network *network, rfim_array inputs, rfim_array targets,
                              rfim_fim_expression expression, const rfim_fim_options *options,
                              double *out, rfim_fim_report *report);
/* The eigenvalues of a symmetric matrix [order x order], largest first; it stays as it is. */
RFIM_API rfim_status rfim_fim_spectrum(rfim_context *context, const double *matrix, size_t order,
                                       double *eigenvalues);

#ifdef __cplusplus
}
#endif
#endif
