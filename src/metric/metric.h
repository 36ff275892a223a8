/* metric.h - a relative Fisher information metric in one representation: the table of its verbs.
 *
 * The metric is collected (observe), factorised with damping (refresh), and then turns gradients
 * into natural gradients (direction, solve). Vectors are lists of matrices, one [rows x columns]
 * for each part (shape.h); a metric of one layer takes W's shape, [D x m].
 *
 * Every representation fills one table; one conformance suite runs over all
 * (tests/metric/conformance.h). Functions of the table do no checks and do not fail but where
 * they say so; what they need beyond the metric's own matrices is in the algebra's scratch. */
#ifndef RFIM_METRIC_METRIC_H
#define RFIM_METRIC_METRIC_H

#include "metric/observation.h"
#include "metric/response.h"
#include "network/module.h"

#include <rfim/metric.h>

typedef struct rfim__metric rfim__metric;

/* One of the matrices that a metric's collected state consists of, for files and merging. */
typedef struct rfim__metric_tensor {
    const char *name; /* "metric", "outputs", "inputs", ... */
    rfim__matrix *matrix;
    size_t rows; /* in use, of matrix->rows */
} rfim__metric_tensor;
#define RFIM__METRIC_TENSORS 32

typedef struct rfim__metric_table {
    const char *name;
    rfim_representation representation;
    /* Its one tensor, M, and its factors are packed lanes: `blocks` matrices of `block_order`. */
    bool packed;
    /* Bytes of metric->state, which begins zeroed. */
    size_t (*state_bytes)(const rfim__shape *shape);
    /* Whether it can hold a metric of this shape (exactly, or the approximation that its name
     * stands for). */
    bool (*holds)(const rfim__shape *shape);
    /* Blocks of Lambda, and rows of each: Lambda is [block_order x blocks]. */
    void (*blocks)(const rfim__shape *shape, size_t *block_order, size_t *blocks);
    /* Fills blocks, factor_order and the flops. */
    void (*plan)(const rfim__metric *metric, rfim_metric_plan *out);
    /* Lays the metric's matrices out (with arena->base NULL only counts). */
    void (*place)(rfim__metric *metric, rfim__arena *arena);
    /* Numbers of scratch that a thread needs. */
    size_t (*room)(const rfim__metric *metric);
    /* G <- scale I; softmax and gram: empty, whatever the scale. */
    void (*set_identity)(rfim__metric *metric, double scale);
    /* G <- keep G + add x mean over the samples. false: samples beyond max_samples; nothing done.
     */
    bool (*observe)(rfim__metric *metric, double keep, double add, const rfim__observation *seen);
    /* G <- keep G + add H. false as above. */
    bool (*merge)(rfim__metric *metric, double keep, double add, const rfim__metric *other);
    /* The matrices that hold G; returns how many. */
    size_t (*tensors)(rfim__metric *metric, rfim__metric_tensor out[RFIM__METRIC_TENSORS]);
    /* After the tensors were filled from a file with `rows` of them in use (softmax, gram); else
     * NULL. */
    void (*filled)(rfim__metric *metric, size_t rows);
    /* out [block_order x blocks] <- diagonals of the blocks of G */
    void (*block_diagonal)(rfim__metric *metric, rfim__matrix out);
    /* out <- G v */
    void (*multiply)(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out);
    /* out <- diag G */
    void (*diagonal)(rfim__metric *metric, rfim__matrix *out);
    /* |G|_F^2 */
    double (*squares)(rfim__metric *metric);
    /* The eigenvalues of G, [order], in any order. false: the iteration did not converge. */
    bool (*spectrum)(rfim__metric *metric, double *out);
    /* Factorises G + next_lambda beside the factor in use: 0, or which block failed (from 1). */
    size_t (*factorise)(rfim__metric *metric);
    /* With metric->inverse in the place of factorise: inverts the matrix of rfim__metric_source by
     * the algebra given; metric->next_wide: in float64. NULL: no inverses (but shared, neuron). */
    size_t (*invert)(rfim__metric *metric, rfim__algebra *algebra);
    /* What was factorised becomes the factor in use. */
    void (*accept)(rfim__metric *metric);
    /* out <- (G + Lambda)^-1 v by the factor; backward stable. Not with metric->inverse. */
    void (*solve)(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out);
    /* out <- S v, S S^T = (G + Lambda)^-1; NULL: not offered. Not with metric->inverse. */
    void (*sqrt_solve)(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out);
    /* log det (G + Lambda). Not with metric->inverse. */
    double (*log_det)(rfim__metric *metric);
    /* out <- (G + Lambda)^-1 gradient, the fast way. With metric->inverse: by the explicit inverse
     * that the factor then is (shared, neuron); else as solve. */
    void (*direction)(rfim__metric *metric, const rfim__matrix *gradient, rfim__matrix *out);
    /* out <- (G + Lambda)^-1 x gradient of the mean loss, straight from delta, for a metric that
     * remembers just the samples of this batch with total weight 1 (softmax, gram of one LAYER
     * part, not FACTORS); where that turns out inaccurate, as solve. NULL: not offered.
     * delta [n x m]: d(sum of losses)/dt of those samples; gradient: of them as well. */
    void (*direction_from_delta)(rfim__metric *metric, rfim__matrix delta,
                                 const rfim__matrix *gradient, rfim__matrix *out);
    /* Samples kept (softmax, gram); NULL: none are. */
    size_t (*samples)(const rfim__metric *metric);
} rfim__metric_table;

struct rfim__metric {
    const rfim__metric_table *table;
    rfim__algebra *algebra;
    rfim__shape shape;
    rfim__part *parts;               /* of the shape, the metric's own */
    bool inverse;                    /* training: the factor is the explicit inverse */
    char name[RFIM__SUBSYSTEM_NAME]; /* of the subsystem, for sentences: "layer2", "layer1 ...
                                        layer3" */
    void *storage;                   /* one block: matrices */
    size_t bytes;                    /* of it */
    void *state;                     /* what the representation has beyond m and factors */
    size_t block_order, blocks;      /* of lambda */
    rfim__matrix m;                  /* shared, neuron, dense, diagonal: what has been collected */
    rfim__matrix factor;             /* Cholesky factor or inverse in use */
    rfim__matrix next_factor; /* where the next one is made, so that a failure loses nothing */
    rfim__matrix lambda;      /* [block_order x blocks] of the factor in use; 1 block: no gaps */
    rfim__matrix next_lambda;
    rfim_damping_rule next_rule; /* what next_lambda is made by: factorise may make its own */
    double next_damping;
    bool next_wide;         /* the inverse is worked out in float64 whatever the precision */
    bool wide;              /* ... from the first attempt on */
    rfim__matrix snapshot;  /* background: M as it was at rfim__metric_prepare; else empty */
    rfim__matrix row;       /* [1 x block_order]: work area, not in training */
    rfim__matrix nu;        /* training: [view_samples x m] */
    rfim__matrix moments;   /* training, in units of the inputs: [2 x D] (units.h); else empty */
    rfim__matrix unit;      /* [1 x D] a, as of the last collection */
    rfim__matrix next_unit; /* [1 x D] as of rfim__metric_prepare: what next_lambda is in */
    double prior;           /* what rfim__metric_set_prior said */
    bool seen;              /* there has been a collection */
    bool opening;           /* the one that is being made is the first */
    double damping;         /* relative damping of the factor in use */
    bool factorised;        /* there is one */
    rfim_damping_rule rule;
};

extern const rfim__metric_table rfim__shared_metric;
extern const rfim__metric_table rfim__neuron_metric;
extern const rfim__metric_table rfim__kronecker_metric;
extern const rfim__metric_table rfim__softmax_metric;
extern const rfim__metric_table rfim__dense_metric;
extern const rfim__metric_table rfim__diagonal_metric;
extern const rfim__metric_table rfim__gram_metric;

/* By rfim_representation. */
extern const rfim__metric_table *const rfim__metric_tables[RFIM_REPRESENTATIONS];

typedef struct rfim__metric_settings {
    rfim_representation representation;
    const char *name;    /* of the subsystem */
    bool inverse;        /* training */
    bool wide;           /* training: inverses in float64 at once, not only where float32 fails */
    bool units;          /* training: prior and damping in units of the inputs (units.h) */
    bool background;     /* training: M may go on changing between prepare and accept */
    size_t view_samples; /* training: of one rfim__metric_observe_view */
    size_t max_bytes;    /* more is refused; 0: no limit */
} rfim__metric_settings;

/* An empty metric: G = 0. shape and its parts are copied. */
rfim_status rfim__metric_create(rfim__algebra *algebra, const rfim__shape *shape,
                                const rfim__metric_settings *settings, rfim__metric **out);
void rfim__metric_free(rfim__metric *metric);
/* Lays out a metric that is only planned, on state: state_bytes of the table. Fills *metric and
 * *out; nothing is allocated. false: more than this machine can address. */
bool rfim__metric_plan(rfim__algebra *algebra, const rfim__shape *shape,
                       const rfim__metric_settings *settings, void *state, rfim__metric *metric,
                       rfim_metric_plan *out);

/* Training: M = prior I, P = (1/prior) I (the authors' M_0 = P_0 = I for prior 1); prior 0: M = 0,
 * and P = 0 until the first refresh. In units of the
 * inputs M becomes prior diag(a) at the first collection. */
void rfim__metric_set_prior(rfim__metric *metric, double prior);
/* M <- keep M + add G where the samples of G come batch by batch. */
typedef struct rfim__collection {
    double keep, add;
    double share; /* of all its samples that this batch has */
    bool begins;  /* with this batch */
} rfim__collection;

/* Training: reads a layer's own response off the view, nu of the published family. */
void rfim__metric_observe_view(rfim__metric *metric, double keep, double add, double sigma,
                               const rfim__response_view *view);
/* The same of one batch of several. */
void rfim__metric_observe_part(rfim__metric *metric, const rfim__collection *collection,
                               double sigma, const rfim__response_view *view);
/* Training, neuron: the same of a response whose nu [n x m] is told. */
void rfim__metric_observe_weights(rfim__metric *metric, const rfim__collection *collection,
                                  rfim__matrix x, rfim__matrix nu);
/* Factorises with Lambda as the rule says (docs/CONVENTIONS.md). When a block is not positive
 * definite: with the same damping in float64, where that is another precision and the factor an
 * inverse; then with ten times the damping, three times at most; else the last good factor stays.
 * It is these three, one after the other:
 *   prepare         takes M as it is now, and the damping asked for
 *   factorise_next  makes the next factor; with settings->background it leaves alone what the rest
 *                   of training works with, and may run in another thread, on an algebra of its own
 *                   (same precision and kernels, rfim__metric_factorise_room reserved)
 *   accept          takes the next factor into use, if there is one */
rfim_metric_refresh_report rfim__metric_refresh(rfim__metric *metric, rfim_damping_rule rule,
                                                double damping);
void rfim__metric_prepare(rfim__metric *metric, rfim_damping_rule rule, double damping);
rfim_metric_refresh_report rfim__metric_factorise_next(rfim__metric *metric,
                                                       rfim__algebra *algebra);
void rfim__metric_accept(rfim__metric *metric, const rfim_metric_refresh_report *report);
/* factorise_next of several metrics with one block each (inverse, not packed), a thread for each;
 * on an algebra that has reserved room for any of them.   reports: [count] */
void rfim__metrics_factorise_next(rfim__algebra *algebra, rfim__metric *const *metrics,
                                  size_t count, rfim_metric_refresh_report *reports);
/* Numbers of scratch that factorise_next needs of its algebra. */
size_t rfim__metric_factorise_room(const rfim__metric *metric);
/* What the next factor is made of: M, or the snapshot of it. */
rfim__matrix rfim__metric_source(const rfim__metric *metric);

/* A matrix of `tensors` as files hold it, [rows x columns] without gaps: packed lanes as
 * [D(D+1)/2 x blocks], entry (k,l) of all blocks in row k(k+1)/2 + l. */
size_t rfim__metric_file_rows(const rfim__metric *metric, const rfim__metric_tensor *tensor);
size_t rfim__metric_file_columns(const rfim__metric *metric, const rfim__metric_tensor *tensor);
/* The first `rows` of its rows, in the metric's precision; of packed lanes all. */
void rfim__metric_tensor_read(const rfim__metric *metric, const rfim__metric_tensor *tensor,
                              size_t rows, void *out);
void rfim__metric_tensor_write(rfim__metric *metric, const rfim__metric_tensor *tensor, size_t rows,
                               const double *values);

#endif
