/* form_kronecker.c - a Kronecker product of means, A (x) B with A of the outputs [m x m] and B of
 * the inputs [D x D] (docs/mathematics.md 4.6), as an inverse of each (K-FAC; Martens and Grosse
 * 2015, factored damping: form_refresh.c). Of the gradient X^T delta / n:
 *
 *   gradient   B^-1 (X^T delta / n) A^-1            2 D m (D + m) flops
 *   inputs     (X B^-1)^T (delta A^-1) / n          2 n (D^2 + m^2) flops */
#include "optimizer/form.h"

static void gradient_place(rfim__form *form, const rfim__algebra *algebra,
                           const rfim__module *module, size_t n, rfim__arena *arena)
{
    (void)n;
    form->natural = rfim__arena_matrix(arena, algebra, module->inputs + 1, module->outputs);
    form->half = rfim__arena_matrix(arena, algebra, module->inputs + 1, module->outputs);
}

static void gradient_direct(rfim__form *form, rfim_trace *trace, rfim__direction *direction)
{
    rfim__algebra *algebra = trace->network->algebra;
    rfim__matrix gradient = rfim__whole_gradient(form->optimizer, trace, form->l);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, form->metric->factor, gradient, 0,
                      form->half);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, form->half, form->outputs->factor, 0,
                      form->natural);
    *direction = (rfim__direction){
        .kind = RFIM__DIRECTION_MATRIX, .matrix = form->natural, .scale = 1};
}

const rfim__form_table rfim__kronecker_gradient_form = {
    .place = gradient_place,
    .direct = gradient_direct,
};

static void inputs_place(rfim__form *form, const rfim__algebra *algebra, const rfim__module *module,
                         size_t n, rfim__arena *arena)
{
    form->inputs = rfim__arena_matrix(arena, algebra, n, module->inputs + 1);
    form->deltas = rfim__arena_matrix(arena, algebra, n, module->outputs);
}

static void inputs_direct(rfim__form *form, rfim_trace *trace, rfim__direction *direction)
{
    rfim__algebra *algebra = trace->network->algebra;
    const rfim__slot *slot = &trace->slots[form->l];
    rfim__matrix left = rfim__rows(algebra, form->inputs, 0, slot->input.rows);
    rfim__matrix right = rfim__rows(algebra, form->deltas, 0, slot->input.rows);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, slot->input, form->metric->factor, 0,
                      left);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, slot->delta, form->outputs->factor, 0,
                      right);
    *direction = (rfim__direction){.kind = RFIM__DIRECTION_PRODUCT,
                                   .left = left,
                                   .right = right,
                                   .scale = 1 / (double)left.rows};
}

const rfim__form_table rfim__kronecker_inputs_form = {
    .place = inputs_place,
    .direct = inputs_direct,
};
