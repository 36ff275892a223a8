/* vector.h - a vector over the parts of a metric, as a list of matrices [rows x columns], and flat:
 * [order], the columns of each matrix one after another (neuron-major, docs/mathematics.md). */
#ifndef RFIM_METRIC_VECTOR_H
#define RFIM_METRIC_VECTOR_H

#include "algebra/algebra.h"
#include "metric/shape.h"

/* flat: [order x 1] view with stride 1 */
void rfim__vector_flatten(rfim__algebra *algebra, const rfim__shape *shape, const rfim__matrix *v,
                          rfim__matrix flat);
void rfim__vector_unflatten(rfim__algebra *algebra, const rfim__shape *shape, rfim__matrix flat,
                            rfim__matrix *v);
/* `order` numbers without gaps; they live in one padded row of the arena. */
rfim__matrix rfim__vector_place_flat(rfim__arena *arena, const rfim__algebra *algebra,
                                     size_t order);
/* v: [count] matrices of the parts' shapes */
void rfim__vector_place(rfim__arena *arena, const rfim__algebra *algebra, const rfim__shape *shape,
                        rfim__matrix *v);

#endif
