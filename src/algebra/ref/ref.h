/* ref.h - the parts that the reference backend's table is put together from. */
#ifndef RFIM_ALGEBRA_REF_REF_H
#define RFIM_ALGEBRA_REF_REF_H

#include "algebra/algebra.h"

/* Each enters its operations into the table. */
void rfim__ref_fill_factors(rfim__algebra_table *table);
void rfim__ref_fill_eigen(rfim__algebra_table *table);
void rfim__ref_fill_packed(rfim__algebra_table *table);
void rfim__ref_fill_dual(rfim__algebra_table *table);

#endif
