/* pull.h - from cotangents c on the network's response u to gradients J^T c, J = du/dtheta, many
 * at a time, by the modules' transposed Jacobians.
 *
 * The gradient with respect to the parameters of output j of a module is what arrives at t_j times
 * the reference (subject.h). Cost: 4 N flops a gradient. */
#ifndef RFIM_FIM_PULL_H
#define RFIM_FIM_PULL_H

#include "fim/subject.h"

typedef struct rfim__pull {
    const rfim__subject *subject;
    size_t most;              /* gradients at a time */
    rfim__matrix *cotangents; /* [modules] of [most x m] */
    rfim__matrix gradients;   /* [most x N] */
    void *block;
} rfim__pull;

/* Ends itself when it fails. */
rfim_status rfim__pull_begin(const rfim__subject *subject, size_t most, rfim__pull *out);
void rfim__pull_end(rfim__pull *pull);

/* The first `count` rows of cotangents on u, [count x m], to be filled. */
rfim__matrix rfim__pull_cotangents(const rfim__pull *pull, size_t count);
/* [count x N] <- J^T c for each of them, all at one sample. They are used up. */
rfim__matrix rfim__pull_sample(const rfim__pull *pull, size_t sample, size_t count);

#endif
