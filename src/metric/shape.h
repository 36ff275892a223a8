/* shape.h - the shape of a metric: which parameters it is about, and how the samples' metrics on
 * the pre-activations come.
 *
 * A part is the parameters of one module. With the row s_ai = (t-row of copy a, sample i) the
 * Jacobian row g_ai of the part is
 *
 *   LAYER      x~_i s_ai^T              [D x m]   weights and biases
 *   CHANNELS   (a^_i . s_ai ; s_ai)     [2 x m]   batch normalisation: gamma, beta
 *
 * (the input of a module is a LAYER too: x~ = 1, D = 1), and the metric of the parts together is
 * G = (1/n) sum_i sum_a g_ai g_ai^T. P_i = sum_a s_ai s_ai^T is the metric on the pre-activations t
 * of sample i (docs/mathematics.md 2, 4.6). */
#ifndef RFIM_METRIC_SHAPE_H
#define RFIM_METRIC_SHAPE_H

#include <rfim/metric.h>
#include <stdbool.h>
#include <stddef.h>

#define RFIM__SUBSYSTEM_NAME 80 /* bytes of a subsystem's name, with its end */

typedef enum rfim__part_kind { RFIM__LAYER, RFIM__CHANNELS } rfim__part_kind;

typedef struct rfim__part {
    rfim__part_kind kind;
    size_t module;       /* in the network */
    size_t rows;         /* LAYER: D; CHANNELS: 2 */
    size_t columns;      /* m, of the group of neurons */
    size_t first_output; /* where the group begins */
    size_t first;        /* where its numbers begin in a vector */
} rfim__part;

/* How P_i is given. */
typedef enum rfim__curvature {
    RFIM__UNIT,    /* P_i = scale I */
    RFIM__WEIGHTS, /* P_i = diag(nu_i) */
    RFIM__CLASSES, /* P_i = diag(eta_i) - eta_i eta_i^T; one LAYER part */
    RFIM__FACTORS  /* P_i = sum_a s_ai s_ai^T, a = 0 ... copies-1 */
} rfim__curvature;

typedef struct rfim__shape {
    const rfim__part *parts; /* [count] */
    size_t count;            /* UNIT, WEIGHTS, CLASSES: 1 */
    size_t order;            /* numbers of a vector, N: sum of rows x columns */
    rfim__curvature curvature;
    size_t copies;      /* FACTORS: how many rows s_ai a sample has at most; else 1 */
    double scale;       /* UNIT: 1/sigma^2 */
    size_t piece;       /* samples of one observation, at most (training: of a view) */
    size_t max_samples; /* kept by softmax and gram */
    rfim_kronecker_rule kronecker_rule;
} rfim__shape;

#endif
