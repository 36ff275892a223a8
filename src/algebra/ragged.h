/* ragged.h - products with a matrix X whose rows begin with zeros: only what is behind them is
 * worked out. Row i of X [n x D] begins with firsts[i] zeros at least, ascending with i; firsts
 * NULL: nothing is known of X. Rows are taken by groups, each from its first one's column on. */
#ifndef RFIM_ALGEBRA_RAGGED_H
#define RFIM_ALGEBRA_RAGGED_H

#include "algebra/algebra.h"

/* C <- X W.   W: [D x m], C: [n x m] */
void rfim__ragged_multiply(rfim__algebra *algebra, rfim__matrix x, const uint32_t *firsts,
                           rfim__matrix w, rfim__matrix c);
/* C <- alpha X^T Y + beta D, as gemm_add.   Y: [n x m], C, D: [D x m] */
bool rfim__ragged_multiply_add(rfim__algebra *algebra, double alpha, rfim__matrix x,
                               const uint32_t *firsts, rfim__matrix y, double beta, rfim__matrix d,
                               rfim__matrix c);
/* sum_ij (X X^T)_ij (Y Y^T)_ij = |X^T Y|^2.   Y: [n x m]; xx, yy: [n x n], of no use afterwards */
double rfim__ragged_square(rfim__algebra *algebra, rfim__matrix x, const uint32_t *firsts,
                           rfim__matrix y, rfim__matrix xx, rfim__matrix yy);

#endif
