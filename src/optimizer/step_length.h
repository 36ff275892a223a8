/* step_length.h - the squared length of a direction in its own damped metric, q = D^T grad, without
 * the gradient where nothing else forms it: for D = scale A^T B and grad = X^T delta / n
 *
 *   q = (scale / n) sum over i, i' of (A X^T)_ii' (B delta^T)_ii'        2 n^2 (D + m) flops
 */
#ifndef RFIM_OPTIMIZER_STEP_LENGTH_H
#define RFIM_OPTIMIZER_STEP_LENGTH_H

#include "network/trace.h"

/* Its work areas, for batches of n samples. */
typedef struct rfim__step_length {
    rfim__matrix inputs; /* [n x n] */
    rfim__matrix deltas; /* [n x n] */
} rfim__step_length;

/* Lays them out (with arena->base NULL only counts). */
void rfim__step_length_place(rfim__step_length *length, const rfim__algebra *algebra, size_t n,
                             rfim__arena *arena);
/* q of module l, whose direction comes from the trace as the backward pass left it. */
double rfim__step_length_square(const rfim__step_length *length, const rfim_trace *trace, size_t l,
                                const rfim__direction *direction);

#endif
