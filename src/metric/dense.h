/* dense.h - what the files of the dense representation share. */
#ifndef RFIM_METRIC_DENSE_H
#define RFIM_METRIC_DENSE_H

#include "core/kernels.h"
#include "metric/metric.h"
#include "metric/weights.h"

typedef struct rfim__dense_state {
    rfim__weights weights;
    rfim__matrix column;   /* [piece x 1]: weights of a block */
    rfim__matrix scaled;   /* [piece x D]: X_j with its rows scaled */
    rfim__matrix block;    /* [D x D] */
    rfim__matrix jacobian; /* FACTORS: [rows x N] */
    rfim__matrix flat;     /* [N x 1] each: vectors */
    rfim__matrix product;
} rfim__dense_state;

typedef struct rfim__dense_kernels {
    /* Row r of out <- the Jacobian row of sample i and copy a (shape.h), flat, a n + i = first + r.
     * reference: [n x .], factors: [copies n x m], out: [rows x rows(part) m] */
    void (*jacobian)(rfim__part_kind kind, rfim__matrix reference, rfim__matrix factors,
                     size_t first, rfim__matrix out);
} rfim__dense_kernels;

RFIM__DECLARE_VARIANTS(rfim__dense_kernels, rfim__denses);

bool rfim__dense_observe(rfim__metric *metric, double keep, double add,
                         const rfim__observation *seen);

#endif
