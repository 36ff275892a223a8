/* kronecker.h - what the files of the kronecker representation share. */
#ifndef RFIM_METRIC_KRONECKER_H
#define RFIM_METRIC_KRONECKER_H

#include "core/kernels.h"
#include "metric/metric.h"

typedef struct rfim__kronecker_factor {
    rfim__matrix outputs; /* [m x m]: eigenvectors, or a Cholesky factor */
    rfim__matrix inputs;  /* [D x D] */
    rfim__matrix divisor; /* exact: [D x m], eigenvalues of what is inverted */
    rfim__matrix scale;   /* exact, if scaled: [D x m], 1/S, negative where rows are 0 */
    bool scaled;          /* else nothing is */
    double eps;           /* exact, if scaled: what has been added there */
} rfim__kronecker_factor;

typedef struct rfim__kronecker_state {
    rfim__matrix outputs; /* A [m x m] and ... */
    rfim__matrix inputs;  /* ... B [D x D], what has been collected */
    rfim__matrix mass;    /* [1 x 1] */
    rfim__kronecker_factor factor, next;
    rfim__matrix output_values, input_values; /* [1 x m], [1 x D]: eigenvalues */
    rfim__matrix output_roots, input_roots;   /* [m x 1], [D x 1]: 1 / roots of the diagonals */
    rfim__matrix ones;                        /* [longest of piece, m, D x 1] */
    rfim__matrix sums;                        /* [m x 1] */
    rfim__matrix v, w;                        /* [D x m] */
    rfim__matrix turned;                      /* factored: [m x D] */
} rfim__kronecker_state;

/* What the diagonal of a matrix holds. */
typedef struct rfim__kronecker_diagonal {
    double sum;
    double least;  /* of the entries that count; infinite when none does */
    size_t zeros;  /* entries that do not */
    bool positive; /* no entry is negative, all are finite, and where one counts as 0, so do those
                    * beside it; but for rounding */
} rfim__kronecker_diagonal;

typedef struct rfim__kronecker_kernels {
    /* r_k <- 1 / sqrt(A_kk), or 0 where A_kk counts as 0.   A: lower triangle, r: [. x 1] */
    rfim__kronecker_diagonal (*roots)(rfim__matrix a, rfim__matrix r);
    /* A_kl <- r_k A_kl r_l, lower triangle; A_kk <- -1 where r_k = 0 */
    void (*scale_both)(rfim__matrix r, rfim__matrix a);
    /* 0 in `scale` becomes -1 / sqrt(mean); lambda <- eps / scale^2.   Both [D x m] */
    void (*damp)(double eps, double mean, rfim__matrix scale, rfim__matrix lambda);
    /* X <- scale V or, root, V; 0 where scale is negative */
    void (*enter)(rfim__matrix scale, bool root, rfim__matrix v, rfim__matrix x);
    /* OUT <- scale X, and scale^2 / eps V or, root, its root there */
    void (*leave)(rfim__matrix scale, double eps, bool root, rfim__matrix v, rfim__matrix x,
                  rfim__matrix out);
    /* sum of ln |scale_kj|, in float64 */
    double (*log_sum)(rfim__matrix scale);
} rfim__kronecker_kernels;

RFIM__DECLARE_VARIANTS(rfim__kronecker_kernels, rfim__kroneckers);

/* The diagonal of a square matrix, as a column */
static inline rfim__matrix rfim__kronecker_diagonal_of(rfim__matrix x)
{
    rfim__matrix view = {x.data, x.rows, 1, x.stride + 1};
    return view;
}

/* 1 / mass, and 0 when nothing has been collected */
double rfim__kronecker_share(const rfim__metric *metric);
/* A / mass, both triangles, in a work area. Products with B begin with it: A and B may be both so
 * small, or so large, that their product leaves the range of the numbers although G does not. */
rfim__matrix rfim__kronecker_mean_outputs(rfim__metric *metric);

/* kronecker_factor.c */
void rfim__kronecker_place_factor(rfim__metric *metric, rfim__arena *arena);
size_t rfim__kronecker_factorise(rfim__metric *metric);
void rfim__kronecker_accept(rfim__metric *metric);
void rfim__kronecker_solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out);
void rfim__kronecker_sqrt_solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out);
double rfim__kronecker_log_det(rfim__metric *metric);

#endif
