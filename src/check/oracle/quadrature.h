/* quadrature.h - nodes and weights of Gauss' rules. */
#ifndef RFIM_CHECK_ORACLE_QUADRATURE_H
#define RFIM_CHECK_ORACLE_QUADRATURE_H

#include <stddef.h>

#define RFIM__ORACLE_MOST_NODES 64

typedef struct rfim__oracle_rule {
    size_t count;
    double node[RFIM__ORACLE_MOST_NODES];
    double weight[RFIM__ORACLE_MOST_NODES];
} rfim__oracle_rule;

/* integral of e^{-z^2} g(z) over the real line, exact for polynomials of degree 2 count - 1 */
void rfim__oracle_hermite(size_t count, rfim__oracle_rule *rule);
/* integral of g(s) for s from 0 to 1, likewise */
void rfim__oracle_legendre(size_t count, rfim__oracle_rule *rule);

#endif
