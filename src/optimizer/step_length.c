#include "optimizer/step_length.h"

#include "algebra/ragged.h"

void rfim__step_length_place(rfim__step_length *length, const rfim__algebra *algebra, size_t n,
                             rfim__arena *arena)
{
    length->inputs = rfim__arena_matrix(arena, algebra, n, n);
    length->deltas = rfim__arena_matrix(arena, algebra, n, n);
}

/* The part of a work area for n samples. */
static rfim__matrix part(const rfim__algebra *algebra, rfim__matrix area, size_t n)
{
    return rfim__columns(algebra, rfim__rows(algebra, area, 0, n), 0, n);
}

double rfim__step_length_square(const rfim__step_length *length, const rfim_trace *trace, size_t l,
                                const rfim__direction *direction)
{
    rfim__algebra *algebra = trace->network->algebra;
    const rfim__slot *slot = &trace->slots[l];
    size_t n = slot->input.rows;
    if (direction->kind == RFIM__DIRECTION_MATRIX)
        return direction->scale *
               algebra->ops.dot(algebra, direction->matrix, rfim__trace_gradient(trace, l));
    rfim__matrix inputs = part(algebra, length->inputs, n);
    rfim__matrix deltas = part(algebra, length->deltas, n);
    if (direction->left.data == slot->input.data && direction->right.data == slot->delta.data)
        return direction->scale / (double)n *
               rfim__ragged_square(algebra, slot->input, slot->firsts, slot->delta, inputs, deltas);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, direction->scale, direction->left,
                      slot->input, 0, inputs);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1 / (double)n, direction->right,
                      slot->delta, 0, deltas);
    return algebra->ops.dot(algebra, inputs, deltas);
}
