/* dual.h - solving with a metric through its samples (gram, softmax; docs/mathematics.md 6).
 *
 *   G = R^T R,  R [rows x N], row (i,a) = sqrt(w_i) g_ia       (samples.h; never formed)
 *   B = I + R Lambda^-1 R^T                                      positive definite, Cholesky
 *   (G + Lambda)^-1 v     = Lambda^-1 (v - R^T B^-1 R Lambda^-1 v)
 *   (G + Lambda)^-1 R^T y = Lambda^-1 R^T B^-1 y
 *
 * Lambda is any positive diagonal. The first formula loses about as many digits as the condition
 * of B has, for a v near the range of G. It is taken as the preconditioner of conjugate gradients
 * on the residual, round after round: the backward error ends at rounding level as long as the
 * rounded B is any good, up to a condition of about the inverse rounding unit. A well conditioned
 * B takes one iteration a round and two rounds.
 *
 * The second formula has no difference, and is accurate where the rows of R are independent. Where
 * they are not (samples that are alike, or more of them than R has columns) y has a part that R^T
 * takes to 0, B^-1 leaves it as it is, and beside it the rest may be as small as 1/B: it is then
 * known to as few digits as by the first formula. The residual tells: if it is more than rounding,
 * the first formula does it.
 *
 * A metric whose neurons do not touch each other falls into blocks:
 *
 *   UNIT on a LAYER   G = I (x) X^T X w    one system [q x q] for all m columns
 *   UNIT, WEIGHTS     one block a neuron   m systems  [q x q]
 *   FACTORS, CLASSES  one block            one system [copies q x copies q], row a q + i
 *
 * Cost, of order r = copies q: the system r^2 (D + m) (with a Lambda that is not constant over a
 * layer: m times r^2 D), its factor r^3 / 3, a product with R or R^T 2 q N. */
#ifndef RFIM_METRIC_DUAL_H
#define RFIM_METRIC_DUAL_H

#include "metric/sample_kernels.h"
#include "metric/samples.h"
#include "metric/vector.h"

/* What one refresh makes of the samples. */
typedef struct rfim__dual_frame {
    size_t count;            /* samples, q */
    rfim__matrix references; /* [max x references of all parts] */
    /* UNIT, WEIGHTS: sqrt(w P) [max x m]. FACTORS, CLASSES: sqrt(w) s, row i copies + a. */
    rfim__matrix roots;
    rfim__matrix systems; /* Cholesky factors of B, [blocks q x q] from the top left corner */
    rfim__matrix *lambda; /* part by part: Lambda */
    rfim__matrix *root;   /* part by part: Lambda^-1/2 */
} rfim__dual_frame;

/* metric->state of gram and softmax */
typedef struct rfim__dual {
    rfim__samples samples;
    rfim__dual_frame frames[2];
    size_t used; /* which frame is the factor in use; the other one is free between refreshes */
    /* Work areas. */
    rfim__matrix scaled; /* [max x longest reference row]: X Lambda^-1/2 */
    rfim__matrix kernel; /* [max x max] */
    rfim__matrix pair;   /* [max x max], of FACTORS and CLASSES */
    rfim__matrix u, t;   /* [max x outputs of all parts] */
    rfim__matrix y;      /* R v: [max x m], or without gaps [copies max x 1] */
    rfim__matrix row;    /* [1 x order of a system]: eigenvalues */
    rfim__matrix flat;   /* [N x 1] without gaps */
    /* Vectors; rest, step, search, image, next: of the iteration that solves. */
    rfim__matrix *z, *best, *rest, *step, *search, *image, *product, *next;
    rfim__matrix lists[]; /* those above and those of the frames */
} rfim__dual;

/* Is there one system for all parts and outputs (FACTORS, CLASSES)? */
bool rfim__dual_is_joint(const rfim__shape *shape);
/* Rows of R that a sample has in a joint system, else 1. */
size_t rfim__dual_copies(const rfim__shape *shape);
/* Systems. */
size_t rfim__dual_blocks(const rfim__shape *shape);
/* System b of a frame with `count` samples. */
rfim__matrix rfim__dual_system(const rfim__metric *metric, const rfim__dual_frame *frame, size_t b);
/* The main diagonal of a square matrix, as a column. */
rfim__matrix rfim__dual_main_diagonal(rfim__matrix a);

/* Takes over what has been collected: references, roots. */
void rfim__dual_frame_fill(rfim__metric *metric, rfim__dual_frame *frame);
/* systems <- R Lambda^-1 R^T, of which the lower triangle counts (without the I of B) */
void rfim__dual_frame_systems(rfim__metric *metric, rfim__dual_frame *frame);
/* dual->y, as much of it as the frame's samples take */
rfim__matrix rfim__dual_rows_of(const rfim__metric *metric, const rfim__dual_frame *frame);
/* dual->y <- R v */
void rfim__dual_forward(rfim__metric *metric, const rfim__dual_frame *frame, const rfim__matrix *v);
/* out <- R^T dual->y */
void rfim__dual_backward(rfim__metric *metric, const rfim__dual_frame *frame, rfim__matrix *out);
/* U <- the pre-activations that the samples' references make of v: X V for a layer. U: [count x
 * outputs of all parts] */
void rfim__dual_references_forward(rfim__metric *metric, rfim__matrix references,
                                   const rfim__matrix *v, rfim__matrix u);
/* out <- what comes back from T: X^T T for a layer */
void rfim__dual_references_backward(rfim__metric *metric, rfim__matrix references, rfim__matrix t,
                                    rfim__matrix *out);
/* out <- (G + Lambda)^-1 v for v = R^T dual->y, one LAYER part */
void rfim__dual_lift(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out);

/* Verbs of the table (metric.h) as they are for gram and softmax alike. */
size_t rfim__dual_state_bytes(const rfim__shape *shape);
void rfim__dual_lambda_blocks(const rfim__shape *shape, size_t *block_order, size_t *blocks);
void rfim__dual_plan(const rfim__metric *metric, rfim_metric_plan *out);
void rfim__dual_place(rfim__metric *metric, rfim__arena *arena);
size_t rfim__dual_metric_room(const rfim__metric *metric);
void rfim__dual_set_identity(rfim__metric *metric, double scale);
bool rfim__dual_observe(rfim__metric *metric, double keep, double add,
                        const rfim__observation *seen);
bool rfim__dual_merge(rfim__metric *metric, double keep, double add, const rfim__metric *other);
size_t rfim__dual_tensors(rfim__metric *metric, rfim__metric_tensor out[RFIM__METRIC_TENSORS]);
void rfim__dual_filled(rfim__metric *metric, size_t rows);
void rfim__dual_block_diagonal(rfim__metric *metric, rfim__matrix out);
void rfim__dual_multiply(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out);
void rfim__dual_diagonal(rfim__metric *metric, rfim__matrix *out);
double rfim__dual_squares(rfim__metric *metric);
bool rfim__dual_spectrum(rfim__metric *metric, double *out);
size_t rfim__dual_factorise(rfim__metric *metric);
void rfim__dual_accept(rfim__metric *metric);
void rfim__dual_solve(rfim__metric *metric, const rfim__matrix *v, rfim__matrix *out);
double rfim__dual_log_det(rfim__metric *metric);
size_t rfim__dual_samples(const rfim__metric *metric);

#endif
