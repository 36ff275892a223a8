#include "metric/weights.h"

#include "core/size.h"
#include "metric/response.h"

void rfim__weights_place(rfim__arena *arena, const rfim__algebra *algebra, const rfim__shape *shape,
                         size_t piece, rfim__weights *weights)
{
    size_t most = 0;
    for (size_t p = 0; p < shape->count; p++)
        most = rfim__size_max(most, shape->parts[p].columns);
    weights->sums = rfim__arena_matrix(arena, algebra, piece, most);
    weights->squares = rfim__arena_matrix(arena, algebra, piece, most);
}

/* The upper left corner of a work area */
static rfim__matrix corner(const rfim__algebra *algebra, rfim__matrix area, size_t rows,
                           size_t columns)
{
    return rfim__columns(algebra, rfim__rows(algebra, area, 0, rows), 0, columns);
}

rfim__matrix rfim__weights_of(rfim__algebra *algebra, const rfim__weights *weights,
                              const rfim__observation *seen, size_t part)
{
    size_t n = seen->samples;
    size_t m = seen->curvature == RFIM__UNIT ? weights->sums.columns
                                             : seen->parts[part].curvature.columns;
    rfim__matrix curvature = seen->parts[part].curvature;
    rfim__matrix sums = corner(algebra, weights->sums, n, m);
    rfim__matrix squares = corner(algebra, weights->squares, n, m);
    switch (seen->curvature) {
    case RFIM__WEIGHTS:
        return curvature;
    case RFIM__UNIT: /* one part: the widest */
        algebra->ops.fill(algebra, seen->scale, sums);
        break;
    case RFIM__CLASSES: /* eta (1 - eta) */
        rfim__response_kernels_of(algebra)->others(curvature, sums);
        algebra->ops.multiply(algebra, curvature, sums, sums);
        break;
    case RFIM__FACTORS: /* sum_a s_aij^2 */
        algebra->ops.fill(algebra, 0, sums);
        for (size_t a = 0; a < seen->copies; a++) {
            rfim__matrix s = rfim__rows(algebra, curvature, a * n, n);
            algebra->ops.multiply(algebra, s, s, squares);
            algebra->ops.combine(algebra, 1, sums, 1, squares, sums);
        }
        break;
    }
    return sums;
}
