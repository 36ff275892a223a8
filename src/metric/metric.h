/* metric.h - a relative Fisher information metric of one linear module, in one representation.
 *
 *   shared  G = (1/n) sum_i x~_i x~_i^T / sigma^2, the same block for every output  [D x D]
 *   neuron  G_j = (1/n) sum_i nu_ij x~_i x~_i^T, one block a neuron, packed lanes   [D(D+1)/2 x m]
 *
 * The metric is collected (observe), factorised with damping (refresh), and then turns gradients
 * into natural gradients (direction). Representations fill the table of verbs. */
#ifndef RFIM_METRIC_METRIC_H
#define RFIM_METRIC_METRIC_H

#include "metric/response.h"
#include "network/module.h"

#include <rfim/optimizer.h>

typedef struct rfim__metric rfim__metric;

typedef struct rfim__metric_table {
    const char *name;
    /* Columns of `metric_columns` numbers, rows of the matrices of the metric and its inverse. */
    void (*shape)(size_t order, size_t outputs, size_t *rows, size_t *columns);
    /* Numbers of work area a thread needs. */
    size_t (*room)(size_t samples, size_t order);
    /* Rows of [.. x m] work area that observing so many samples takes. */
    size_t (*work_rows)(size_t samples);
    /* M <- scale I, M of this metric's layout */
    void (*set_identity)(rfim__metric *metric, double scale, rfim__matrix m);
    /* M <- keep M + add x mean over the samples of the view */
    void (*observe)(rfim__metric *metric, double keep, double add, const rfim__response_view *view);
    /* diagonal [D x blocks] <- the diagonals of the blocks */
    void (*diagonal)(rfim__metric *metric, rfim__matrix diagonal);
    /* P <- (M + Lambda)^-1, Lambda [D x blocks]; 0, or which block failed (from 1) */
    size_t (*invert)(rfim__metric *metric, rfim__matrix lambda, rfim__matrix p);
    /* out [D x m] <- P gradient */
    void (*direction)(rfim__metric *metric, rfim__matrix gradient, rfim__matrix out);
} rfim__metric_table;

struct rfim__metric {
    const rfim__metric_table *table;
    rfim__algebra *algebra;
    size_t order;   /* D */
    size_t outputs; /* m */
    size_t blocks;  /* 1 or m */
    double sigma;
    void *storage;
    size_t bytes;        /* of storage */
    rfim__matrix m;      /* what has been collected */
    rfim__matrix p;      /* damped inverse in use */
    rfim__matrix next_p; /* where the next one is made, so that a failure loses nothing */
    rfim__matrix lambda; /* [D x blocks] the diagonal Lambda of the factor in use */
    rfim__matrix next_lambda;
    rfim__matrix work; /* [work_rows x m] */
    double damping;    /* relative damping of the factor in use; 0: P is still P_0 */
};

extern const rfim__metric_table rfim__shared_metric;
extern const rfim__metric_table rfim__neuron_metric;

/* What became of a refresh. */
typedef struct rfim__refresh {
    size_t retries; /* times that the damping was raised tenfold */
    bool kept;      /* it did not help: the last good factor stays */
    size_t block;   /* which block failed first, from 1; 0: none */
} rfim__refresh;

/* M = prior I, P = (1/prior) I (the authors' M_0 = P_0 = I for prior 1). max_samples: of one
 * observation. */
rfim_status rfim__metric_create(rfim__algebra *algebra, rfim_representation representation,
                                const rfim__module *module, size_t max_samples, double sigma,
                                double prior, rfim__metric **out);
void rfim__metric_free(rfim__metric *metric);

void rfim__metric_observe(rfim__metric *metric, double keep, double add,
                          const rfim__response_view *view);
/* P <- (M + Lambda)^-1 with Lambda as the rule says (docs/CONVENTIONS.md); when a block is not
 * positive definite, again with ten times the damping, three times at most. */
rfim__refresh rfim__metric_refresh(rfim__metric *metric, rfim_damping_rule rule, double damping);
void rfim__metric_direction(rfim__metric *metric, rfim__matrix gradient, rfim__matrix out);

#endif
