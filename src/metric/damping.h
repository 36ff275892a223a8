/* damping.h - the diagonal Lambda that is added to a metric before it is inverted
 * (docs/CONVENTIONS.md): trace          lambda = eps tr(G)          (the authors' choice)
 *   mean-diagonal  lambda = eps tr(G)/D
 *   diagonal       Lambda = eps diag(G)        (invariant under a change of the inputs' units)
 *   absolute       lambda = eps
 * where eps diag(G) is 0 (an input that never varies from 0), `diagonal` takes eps tr(G)/D. A block
 * that holds nothing, tr(G) = 0 (a neuron dead in every sample remembered), takes eps: its gradient
 * is 0 as well, and the other blocks must not wait for it. */
#ifndef RFIM_METRIC_DAMPING_H
#define RFIM_METRIC_DAMPING_H

#include "algebra/algebra.h"
#include "core/kernels.h"

#include <rfim/metric.h>

/* What is smaller cannot be inverted and stay finite.   item: bytes of a number */
#define RFIM__LEAST_DAMPING(item) ((item) == sizeof(double) ? 0x1p-1000 : 0x1p-100)

typedef struct rfim__damping_kernels {
    /* x: [D x blocks], the diagonals of the blocks; becomes Lambda */
    void (*apply)(rfim_damping_rule rule, double eps, rfim__matrix x);
} rfim__damping_kernels;

RFIM__DECLARE_VARIANTS(rfim__damping_kernels, rfim__dampings);

void rfim__damping_of(const rfim__algebra *algebra, rfim_damping_rule rule, double eps,
                      rfim__matrix x);

#endif
