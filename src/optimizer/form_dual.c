/* form_dual.c - the direction through a system with as many unknowns as there are samples
 * (docs/mathematics.md 6), straight from delta; the gradient is never formed. With S = diag(s),
 * s = sqrt(nu_:j), r = S^-1 delta_:j, for every output j:
 *
 *   batch        A = X^T S^2 X / n + lambda I         A^-1 X^T delta / n = X^T S (S K S + c I)^-1 r
 *                                                     K = X X^T, c = n lambda
 *   prior+batch  A = nubar sigma^2 (M + Lambda) + X^T S^2 X / n
 *                                                     the same with Y = X (M + Lambda)^-1 for the
 *                X^T in front, K = Y X^T, c = sigma^2 sum_i nu_ij; M: the shared metric so far
 *
 * `shared`: s = 1/sigma and the right-hand side is delta itself, one system for all outputs. Lambda
 * has to be a multiple of I for `batch`; lambda relative to the metric's trace comes from the
 * diagonal of K: tr(X^T S^2 X) = sum_i nu_ij K_ii.
 *
 * With momentum M of the kind spring, D' the last direction: D = M D' + A^-1 X^T delta' / n,
 * delta' = delta - M nu (X D') (Goldshlager, Abrahamsen and Lin 2024): the damping, or the prior,
 * pulls D towards M D' and not towards 0. */
#include "metric/damping.h"
#include "metric/dual.h"
#include "optimizer/form.h"

#define RETRIES 3
#define RAISE 10.0

static bool is_shared(const rfim__form *form)
{
    return form->plan.representation == RFIM_SHARED;
}

static bool has_prior(const rfim__layer_plan *plan)
{
    return plan->memory == RFIM_MEMORY_PRIOR_BATCH;
}

static void place(rfim__form *form, const rfim__algebra *algebra, const rfim__module *module,
                  size_t n, rfim__arena *arena)
{
    size_t m = module->outputs;
    form->kernel = rfim__arena_matrix(arena, algebra, n, n);
    form->solution = rfim__arena_matrix(arena, algebra, n, m);
    if (has_prior(&form->plan))
        form->inputs = rfim__arena_matrix(arena, algebra, n, module->inputs + 1);
    if (form->plan.spring) {
        form->last = rfim__arena_matrix(arena, algebra, module->inputs + 1, m);
        form->image = rfim__arena_matrix(arena, algebra, n, m);
    }
    if (is_shared(form))
        return;
    form->root = rfim__arena_matrix(arena, algebra, n, m);
    form->diagonal = rfim__arena_matrix(arena, algebra, n, 1);
    form->damping = rfim__arena_matrix(arena, algebra, 1, m);
}

static size_t room(const rfim__form *form, size_t n)
{
    return rfim__dual_room(n, form->solution.columns);
}

/* What relative damping is a multiple of: the trace, or a D-th of it. */
static double share_of_trace(const rfim__form *form, size_t order)
{
    return form->optimizer->options.damping_rule == RFIM_DAMPING_TRACE ? 1 : 1 / (double)order;
}

static double shared_damping(rfim__form *form, rfim__matrix kernel, size_t order)
{
    const rfim_optimizer_options *options = &form->optimizer->options;
    rfim__algebra *algebra = form->optimizer->network->algebra;
    double scale = (double)kernel.rows * options->sigma * options->sigma; /* c = scale lambda */
    if (has_prior(&form->plan))
        return scale;
    if (options->damping_rule == RFIM_DAMPING_ABSOLUTE)
        return scale * options->damping;
    double metric_trace = 0;
    for (size_t i = 0; i < kernel.rows; i++) {
        double entry = 0;
        algebra->ops.export(algebra, rfim__rows(algebra, rfim__dual_main_diagonal(kernel), i, 1),
                            &entry);
        metric_trace += entry;
    }
    double lambda = options->damping * share_of_trace(form, order) * metric_trace / scale;
    if (lambda >= 0 && lambda < RFIM__LEAST_DAMPING(algebra->item))
        lambda = options->damping;
    return scale * lambda;
}

/* c_j <- n lambda_j, from c_j = tr(X^T S^2 X): by the rule and its floor (metric/damping.h). */
static void damp(rfim__form *form, size_t samples, size_t order)
{
    const rfim_optimizer_options *options = &form->optimizer->options;
    rfim__algebra *algebra = form->optimizer->network->algebra;
    rfim__matrix c = form->damping;
    double n = (double)samples;
    if (options->damping_rule == RFIM_DAMPING_ABSOLUTE) {
        algebra->ops.fill(algebra, n * options->damping, c);
        return;
    }
    algebra->ops.combine(algebra, share_of_trace(form, order) / n, c, 0, c, c);
    rfim__damping_of(algebra, RFIM_DAMPING_TRACE, options->damping, c);
    algebra->ops.combine(algebra, n, c, 0, c, c);
}

/* s, r (into solution) and c of every output. */
static void weigh(rfim__form *form, const rfim__slot *slot, const rfim__response_view *view,
                  rfim__matrix kernel, rfim__matrix s, rfim__matrix r)
{
    const rfim_optimizer_options *options = &form->optimizer->options;
    rfim__algebra *algebra = form->optimizer->network->algebra;
    rfim__matrix diagonal = rfim__dual_main_diagonal(kernel);
    if (has_prior(&form->plan)) {
        diagonal = rfim__rows(algebra, form->diagonal, 0, kernel.rows);
        algebra->ops.fill(algebra, options->sigma * options->sigma, diagonal);
    }
    rfim__response_dual(algebra, &view->activation, rfim__family_of(view->activation.kind),
                        options->sigma, view->pre, slot->delta, diagonal, s, r, form->damping);
    if (!has_prior(&form->plan))
        damp(form, kernel.rows, view->input.columns);
}

/* One attempt; the right-hand side is worked out anew, as the last attempt may have spent it. */
static size_t solve(rfim__form *form, const rfim__slot *slot, const rfim__response_view *view,
                    rfim__matrix kernel, rfim__matrix z, double raise, bool wide)
{
    rfim__algebra *algebra = form->optimizer->network->algebra;
    if (is_shared(form)) {
        double c = raise * shared_damping(form, kernel, view->input.columns);
        algebra->ops.combine(algebra, 1, slot->delta, 0, slot->delta, z);
        return algebra->ops.dual_solve_shared(algebra, kernel, c, z, z, wide);
    }
    rfim__matrix s = rfim__rows(algebra, form->root, 0, kernel.rows);
    weigh(form, slot, view, kernel, s, z);
    if (raise != 1)
        algebra->ops.combine(algebra, raise, form->damping, 0, form->damping, form->damping);
    return form->plan.form == RFIM_FORM_ACTIVE
               ? algebra->ops.dual_solve_active(algebra, kernel, s, form->damping, z, z, wide)
               : algebra->ops.dual_solve(algebra, kernel, s, form->damping, z, z, wide);
}

/* As planned, then in float64, then with more damping; when all fails the layer stays as it is. */
static void solve_somehow(rfim__form *form, const rfim__slot *slot, const rfim__response_view *view,
                          rfim__matrix kernel, rfim__matrix z)
{
    rfim_optimizer *optimizer = form->optimizer;
    rfim_network *network = optimizer->network;
    bool widest = form->plan.wide || network->algebra->precision == RFIM_DOUBLE;
    double raise = 1;
    size_t block = solve(form, slot, view, kernel, z, raise, form->plan.wide);
    size_t failed = block;
    if (failed > 0 && !widest)
        failed = solve(form, slot, view, kernel, z, raise, true);
    for (size_t attempt = 0; attempt < RETRIES && failed > 0; attempt++) {
        raise *= RAISE;
        failed = solve(form, slot, view, kernel, z, raise, true);
    }
    double used = raise * optimizer->options.damping;
    if (failed == 0 && optimizer->report.damping < used)
        optimizer->report.damping = used;
    if (block == 0)
        return;
    optimizer->report.retries++;
    if (failed > 0) {
        network->algebra->ops.fill(network->algebra, 0, z);
        optimizer->report.kept++;
    }
    rfim__log(network->context, RFIM_LOG_WARNING,
              "step %zu: the metric of %s (output %zu) is not positive definite at damping %g; %s",
              optimizer->report.steps + 1, network->modules[form->l].name, block,
              optimizer->options.damping,
              failed > 0  ? "the layer is left as it is"
              : raise > 1 ? "it is with more"
                          : "it is in float64");
}

/* delta <- delta - M nu (X D') */
static void subtract_last(rfim__form *form, const rfim__slot *slot, const rfim__response_view *view)
{
    rfim__algebra *algebra = form->optimizer->network->algebra;
    double sigma = form->optimizer->options.sigma;
    double keep = form->optimizer->options.momentum;
    rfim__matrix image = rfim__rows(algebra, form->image, 0, slot->input.rows);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, slot->input, form->last, 0, image);
    if (is_shared(form)) {
        keep /= sigma * sigma;
    } else {
        rfim__matrix nu = rfim__rows(algebra, form->root, 0, slot->input.rows);
        rfim__response_nu(algebra, &view->activation, rfim__family_of(view->activation.kind), sigma,
                          view->pre, nu);
        algebra->ops.multiply(algebra, nu, image, image);
    }
    algebra->ops.combine(algebra, 1, slot->delta, -keep, image, slot->delta);
}

static void direct(rfim__form *form, rfim_trace *trace, rfim__direction *direction)
{
    rfim__algebra *algebra = trace->network->algebra;
    const rfim__module *module = &trace->network->modules[form->l];
    const rfim__slot *slot = &trace->slots[form->l];
    double sigma = form->optimizer->options.sigma;
    size_t n = slot->input.rows;
    rfim__response_view view;
    module->table->response(module, slot, &view);
    rfim__matrix left = slot->input;
    rfim__matrix z = rfim__rows(algebra, form->solution, 0, n);
    rfim__matrix kernel = rfim__columns(algebra, rfim__rows(algebra, form->kernel, 0, n), 0, n);
    if (has_prior(&form->plan)) {
        left = rfim__rows(algebra, form->inputs, 0, n);
        algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__SYMMETRIC, 1, slot->input,
                          form->metric->factor, 0, left);
    }
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1, left, slot->input, 0, kernel);
    if (form->plan.spring)
        subtract_last(form, slot, &view);
    solve_somehow(form, slot, &view, kernel, z);
    *direction = (rfim__direction){.kind = RFIM__DIRECTION_PRODUCT,
                                   .left = left,
                                   .right = z,
                                   .scale = is_shared(form) ? sigma * sigma : 1};
    if (!form->plan.spring)
        return;
    algebra->ops.gemm(algebra, RFIM__TRANSPOSED, RFIM__PLAIN, direction->scale, left, z,
                      form->optimizer->options.momentum, form->last);
    *direction = (rfim__direction){
        .kind = RFIM__DIRECTION_MATRIX, .matrix = form->last, .scale = 1};
}

const rfim__form_table rfim__dual_form = {
    .place = place,
    .room = room,
    .direct = direct,
};
