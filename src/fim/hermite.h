/* hermite.h - Gauss-Hermite quadrature for the standard normal distribution:
 *
 *   integral of g(x) phi(x) dx = sum_a weight_a g(node_a),   phi(x) = e^{-x^2/2}/sqrt(2 pi),
 *
 * exact for polynomials g up to degree 2 count - 1. The nodes are the zeros of the Hermite
 * polynomial q_count, orthonormal under phi:
 *
 *   q_0 = 1,   q_k = (x q_{k-1} - sqrt(k-1) q_{k-2})/sqrt(k),   q_k' = sqrt(k) q_{k-1},
 *   weight = 1/(count q_{count-1}(node)^2)
 *
 * (W. Gautschi, "Orthogonal polynomials", 2004, section 1.4). The zeros of q_k lie between those of
 * q_{k-1}, one in each gap; Newton's iteration starts in the gap's middle and is kept inside. */
#ifndef RFIM_FIM_HERMITE_H
#define RFIM_FIM_HERMITE_H

#include <stddef.h>

#define RFIM__MOST_NODES 64

typedef struct rfim__hermite {
    size_t count;
    double node[RFIM__MOST_NODES];   /* ascending, symmetric about 0 */
    double weight[RFIM__MOST_NODES]; /* positive, their sum is 1 */
} rfim__hermite;

/* count: 1 ... RFIM__MOST_NODES */
void rfim__hermite_rule(size_t count, rfim__hermite *rule);

#endif
