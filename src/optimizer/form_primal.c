/* form_primal.c - the explicit inverse P = (M + Lambda)^-1, applied to one side or the other of the
 * gradient X^T delta / n:
 *
 *   gradient   P (X^T delta / n)      2 D^2 m flops
 *   inputs     (X P)^T delta / n      2 n D^2 flops; X P takes the place of X in the product that
 * is added to W, so that the gradient itself is never formed
 *
 * With momentum M of the kind spring the damping pulls the direction D towards M times the last
 * one: D minimises D^T G D / 2 - gradient^T D + (D - M D')^T Lambda (D - M D') / 2, so that
 *
 *   (G + Lambda) D = gradient + M Lambda D'
 *
 * and the plain form, for a layer in whitened coordinates: M + Lambda is I there. */
#include "optimizer/form.h"

static bool is_product(const rfim__layer_plan *plan)
{
    return plan->in_turn && plan->representation == RFIM_SHARED;
}

static void gradient_place(rfim__form *form, const rfim__algebra *algebra,
                           const rfim__module *module, size_t n, rfim__arena *arena)
{
    (void)n;
    if (is_product(&form->plan))
        return;
    form->natural = rfim__arena_matrix(arena, algebra, module->inputs + 1, module->outputs);
}

/* gradient <- gradient + M Lambda D'; D' is what the last direction was made in. */
static void add_last(rfim__form *form, rfim__matrix gradient)
{
    rfim__algebra *algebra = form->metric->algebra;
    rfim__matrix last = form->natural;
    if (form->metric->blocks == 1)
        algebra->ops.scale_rows(algebra, form->metric->lambda, last);
    else
        algebra->ops.multiply(algebra, form->metric->lambda, last, last);
    algebra->ops.combine(algebra, 1, gradient, form->optimizer->options.momentum, last, gradient);
}

static void gradient_direct(rfim__form *form, rfim_trace *trace, rfim__direction *direction)
{
    rfim__matrix gradient = rfim__whole_gradient(form->optimizer, trace, form->l);
    rfim__form_of_batch(form, trace);
    if (form->plan.spring)
        add_last(form, gradient);
    if (is_product(&form->plan)) {
        *direction = (rfim__direction){.kind = RFIM__DIRECTION_PRODUCT,
                                       .left = form->metric->factor,
                                       .right = gradient,
                                       .scale = 1};
        return;
    }
    form->metric->table->direction(form->metric, &gradient, &form->natural);
    *direction = (rfim__direction){
        .kind = RFIM__DIRECTION_MATRIX, .matrix = form->natural, .scale = 1};
}

const rfim__form_table rfim__gradient_form = {
    .place = gradient_place,
    .direct = gradient_direct,
};

static void inputs_place(rfim__form *form, const rfim__algebra *algebra, const rfim__module *module,
                         size_t n, rfim__arena *arena)
{
    form->inputs = rfim__arena_matrix(arena, algebra, n, module->inputs + 1);
}

static void inputs_direct(rfim__form *form, rfim_trace *trace, rfim__direction *direction)
{
    rfim__algebra *algebra = trace->network->algebra;
    const rfim__slot *slot = &trace->slots[form->l];
    rfim__matrix image = rfim__rows(algebra, form->inputs, 0, slot->input.rows);
    rfim__form_of_batch(form, trace);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__SYMMETRIC, 1, slot->input, form->metric->factor,
                      0, image);
    *direction = (rfim__direction){.kind = RFIM__DIRECTION_PRODUCT,
                                   .left = image,
                                   .right = slot->delta,
                                   .scale = 1 / (double)image.rows};
}

const rfim__form_table rfim__inputs_form = {
    .place = inputs_place,
    .direct = inputs_direct,
};

static void plain_place(rfim__form *form, const rfim__algebra *algebra, const rfim__module *module,
                        size_t n, rfim__arena *arena)
{
    (void)form;
    (void)algebra;
    (void)module;
    (void)n;
    (void)arena;
}

static void plain_direct(rfim__form *form, rfim_trace *trace, rfim__direction *direction)
{
    *direction = rfim__gradient_direction(form->optimizer, trace, form->l);
}

const rfim__form_table rfim__plain_form = {
    .place = plain_place,
    .direct = plain_direct,
};
