/* gather.h - samples into the rows of a batch, as the network's numbers, with the ones that make
 * x~ = (x; 1). Bytes are grey values and become x/255. */
#ifndef RFIM_DATA_GATHER_H
#define RFIM_DATA_GATHER_H

#include "algebra/algebra.h"
#include "core/kernels.h"

#include <rfim/array.h>

typedef struct rfim__gather_kernels {
    /* x: [n x (d+1)]; row i <- row rows[i] of values (rows NULL: first + i), then 1.
     * Returns false when a number is not finite. */
    bool (*inputs)(rfim_array values, const uint32_t *rows, size_t first, rfim__matrix x);
    /* x: [n x (k+1)], likewise; column j <- column columns[j] of values */
    bool (*picked)(rfim_array values, const uint32_t *rows, size_t first, const uint32_t *columns,
                   rfim__matrix x);
    /* y: [n x k], likewise without the 1 */
    bool (*values)(rfim_array values, const uint32_t *rows, size_t first, rfim__matrix y);
} rfim__gather_kernels;

RFIM__DECLARE_VARIANTS(rfim__gather_kernels, rfim__gather);

static inline const rfim__gather_kernels *rfim__gather_kernels_of(const rfim__algebra *algebra)
{
    return RFIM__PICK_VARIANT(rfim__gather, algebra->context->kernels, algebra->precision);
}

#endif
