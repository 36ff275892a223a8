#include "metric/vector.h"

/* The numbers of a part within a flat vector, as the transpose [columns x rows] of its matrix. */
static rfim__matrix columns_of(const rfim__algebra *algebra, const rfim__part *part,
                               rfim__matrix flat)
{
    rfim__matrix view = {(char *)flat.data + part->first * algebra->item, part->columns, part->rows,
                         part->rows};
    return view;
}

void rfim__vector_flatten(rfim__algebra *algebra, const rfim__shape *shape, const rfim__matrix *v,
                          rfim__matrix flat)
{
    for (size_t p = 0; p < shape->count; p++)
        algebra->ops.transpose(algebra, v[p], columns_of(algebra, &shape->parts[p], flat));
}

void rfim__vector_unflatten(rfim__algebra *algebra, const rfim__shape *shape, rfim__matrix flat,
                            rfim__matrix *v)
{
    for (size_t p = 0; p < shape->count; p++)
        algebra->ops.transpose(algebra, columns_of(algebra, &shape->parts[p], flat), v[p]);
}

rfim__matrix rfim__vector_place_flat(rfim__arena *arena, const rfim__algebra *algebra, size_t order)
{
    rfim__matrix flat = rfim__arena_matrix(arena, algebra, 1, order);
    flat.rows = order;
    flat.columns = 1;
    flat.stride = 1;
    return flat;
}

void rfim__vector_place(rfim__arena *arena, const rfim__algebra *algebra, const rfim__shape *shape,
                        rfim__matrix *v)
{
    for (size_t p = 0; p < shape->count; p++)
        v[p] = rfim__arena_matrix(arena, algebra, shape->parts[p].rows, shape->parts[p].columns);
}
