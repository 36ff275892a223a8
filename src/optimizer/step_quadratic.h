/* step_quadratic.h - how far along the direction, and how much of the last step once more, from the
 * quadratic model of the cost on the batch (docs/optimizer.md, section 2; K-FAC's, Martens and
 * Grosse 2015, section 7; Martens 2010).
 *
 *   m(v) = cost - g^T v + v^T C v / 2            v: what is taken off the weights
 *   C    = mean_i J_i^T F_i J_i + Lambda + l2 I  F_i: the loss's curvature in the network's output
 *
 * v = a D + b E, D the directions of all modules, E what the last step went along: a and b minimise
 * m, a 2 x 2 system of
 *
 *   g^T D, g^T E,   (J_i D)^T F_i (J_i E), ...,   D^T Lambda E, ...
 *
 * J_i D and J_i E are two forward passes through the network's tangent, batch statistics held
 * constant. Lambda is what the metrics are damped by (0 where there is none; for a Kronecker
 * product the product of what its factors are damped by), l2 counts for the rows that decay. Sums
 * run in float64. Cost: a forward pass four times over, twice in the first module, two products of
 * n x m numbers, two passes over the weights. */
#ifndef RFIM_OPTIMIZER_STEP_QUADRATIC_H
#define RFIM_OPTIMIZER_STEP_QUADRATIC_H

#include "core/kernels.h"
#include "network/trace.h"

#include <rfim/optimizer.h>

typedef struct rfim__quadratic_kernels {
    /* sums over the samples of A^T F A, A^T F B, B^T F B.   a, b: [n x m], response: [n x m]
     * without gaps, as rfim__loss_kernels.respond gives it */
    void (*curvature)(rfim_loss_kind loss, const double *response, rfim__matrix a, rfim__matrix b,
                      double out[3]);
    /* sums of w A A, w A B, w B B, w_kj = lambda_k, lambda_kj, or lambda_k outputs_j.   lambda:
     * [D x 1] or [D x m], outputs: [m x 1] or without data, a, b: [D x m] */
    void (*weigh)(rfim__matrix lambda, rfim__matrix outputs, rfim__matrix a, rfim__matrix b,
                  double out[3]);
} rfim__quadratic_kernels;

RFIM__DECLARE_VARIANTS(rfim__quadratic_kernels, rfim__quadratics);

/* One module, as the model sees it. */
typedef struct rfim__quadratic_part {
    rfim__matrix direction; /* D, of the parameters' shape; no data: the module has none */
    rfim__matrix lambda;    /* [D x 1] or [D x m]; no data: 0 */
    rfim__matrix outputs;   /* [m x 1], Lambda = outputs (x) lambda; no data: 1 */
    double weight;          /* of Lambda */
} rfim__quadratic_part;

typedef struct rfim__quadratic {
    rfim__matrix *last;       /* [modules] E; 0 before the first step */
    rfim__matrix tangents[4]; /* [n x widest] of D and of E, there and back */
    double *response;         /* [n x m] */
    void *block;
    double linear[2];       /* g^T D, g^T E */
    double square[3];       /* D^T C D, D^T C E, E^T C E */
    double coefficients[2]; /* a, b */
} rfim__quadratic;

rfim_status rfim__quadratic_create(const rfim_network *network, size_t batch, rfim__quadratic *out);
void rfim__quadratic_free(rfim_context *context, rfim__quadratic *quadratic);
/* Bytes of what it works in are added to an arena without a base. */
void rfim__quadratic_count(const rfim_network *network, size_t batch, rfim__arena *arena);

/* Fills the sums and the coefficients. The backward pass is done; gradients on the trace have l2 in
 * them. parts: [modules] */
void rfim__quadratic_solve(rfim__quadratic *quadratic, const rfim_trace *trace, double l2,
                           const rfim__quadratic_part *parts);
/* E of module l <- a D + b E: what this step goes along. */
rfim__matrix rfim__quadratic_step(rfim__quadratic *quadratic, rfim__algebra *algebra, size_t l,
                                  rfim__matrix direction);
/* By how much the model says that the cost falls when `rate` times v is taken off. */
double rfim__quadratic_decrease(const rfim__quadratic *quadratic, double rate);

#endif
