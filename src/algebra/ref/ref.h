/* ref.h - the parts that the reference backend's table is put together from. */
#ifndef RFIM_ALGEBRA_REF_REF_H
#define RFIM_ALGEBRA_REF_REF_H

#include "algebra/algebra.h"

/* Entry (k,l), l <= k, of matrix j of packed lanes */
static inline double *rfim__ref_packed(rfim__matrix packed, size_t order, size_t k, size_t l,
                                       size_t j)
{
    size_t lanes = packed.columns;
    return (double *)packed.data + rfim__packed_row(order, j / lanes, k, l) * packed.stride +
           j % lanes;
}

/* Each enters its operations into the table. */
void rfim__ref_fill_factors(rfim__algebra_table *table);
void rfim__ref_fill_eigen(rfim__algebra_table *table);
void rfim__ref_fill_packed(rfim__algebra_table *table);
void rfim__ref_fill_dual(rfim__algebra_table *table);

#endif
