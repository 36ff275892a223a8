#include "fim/hessian.h"

#include "fim/outcomes.h"
#include "network/batch_norm.h"

static const rfim__module *module_of(const rfim__hessian *hessian, size_t l)
{
    return &hessian->subject->network->modules[l];
}

static bool is_batch_norm(const rfim__hessian *hessian, size_t l)
{
    return module_of(hessian, l)->table == &rfim__batch_norm_module;
}

static bool is_linear(const rfim__hessian *hessian, size_t l)
{
    return module_of(hessian, l)->table == &rfim__linear_module;
}

/* --- room ------------------------------------------------------------------------------------- */

static void place(rfim__hessian *hessian, rfim__arena *arena)
{
    const rfim_network *network = hessian->subject->network;
    const rfim__algebra *algebra = network->algebra;
    size_t active = 0;
    for (size_t l = 0; l < network->count; l++) {
        rfim__hessian_module *part = &hessian->modules[l];
        size_t m = network->modules[l].outputs;
        part->before = active;
        active += network->modules[l].parameters.rows > 0 ? m : 0;
        part->active = active;
        part->slope = rfim__arena_matrix(arena, algebra, 1, m);
        part->curve = rfim__arena_matrix(arena, algebra, 1, m);
        part->input = rfim__arena_matrix(arena, algebra, part->before, network->modules[l].inputs);
        part->pre = rfim__arena_matrix(arena, algebra, active, m);
        part->e = rfim__arena_matrix(arena, algebra, 1, m);
        part->re = rfim__arena_matrix(arena, algebra, active, m);
        part->sum = rfim__arena_matrix(arena, algebra, 1, m);
        part->rsum = rfim__arena_matrix(arena, algebra, active, m);
    }
    hessian->response = rfim__arena_matrix(arena, algebra, active, hessian->subject->outputs);
}

rfim_status rfim__hessian_begin(const rfim__subject *subject, rfim__hessian *out)
{
    rfim_context *context = subject->context;
    *out = (rfim__hessian){.subject = subject};
    out->modules = rfim__allocate(context, subject->network->count, sizeof *out->modules);
    if (!out->modules)
        return RFIM_ERROR_MEMORY;
    rfim__arena arena = {0};
    place(out, &arena);
    out->block = arena.overflow ? NULL : rfim__allocate(context, arena.used, 1);
    if (!out->block) {
        rfim__hessian_end(out);
        return rfim__fail(context, RFIM_ERROR_MEMORY,
                          "fim: no memory for the derivatives of the network's %zu parameters",
                          subject->order);
    }
    arena = (rfim__arena){.base = out->block};
    place(out, &arena);
    return RFIM_OK;
}

void rfim__hessian_end(rfim__hessian *hessian)
{
    if (!hessian->subject)
        return;
    rfim__release(hessian->subject->context, hessian->modules);
    rfim__release(hessian->subject->context, hessian->block);
    *hessian = (rfim__hessian){0};
}

/* --- forward ---------------------------------------------------------------------------------- */

/* f'(t) and f''(t) */
static void measure_activation(rfim__hessian *hessian, size_t l)
{
    rfim__algebra *algebra = hessian->subject->network->algebra;
    rfim__hessian_module *part = &hessian->modules[l];
    algebra->ops.fill(algebra, 1, part->slope);
    algebra->ops.fill(algebra, 0, part->curve);
    if (is_batch_norm(hessian, l))
        return;
    const rfim__activation_kernels *kernels = rfim__activation_kernels_of(algebra);
    rfim__matrix t = rfim__rows(algebra, hessian->subject->trace->slots[l].pre, hessian->sample, 1);
    kernels->backward(&module_of(hessian, l)->activation, t, part->slope);
    kernels->second(&module_of(hessian, l)->activation, t, part->curve);
}

/* X_j <- gamma_j scale_j X_j */
static void times_gain(const rfim__hessian *hessian, size_t l, rfim__matrix x)
{
    const double *gamma = rfim__row(module_of(hessian, l)->parameters, 0);
    const double *scale = rfim__row(hessian->subject->trace->slots[l].statistics, RFIM__NORM_SCALE);
    for (size_t row = 0; row < x.rows; row++)
        for (size_t j = 0; j < x.columns; j++)
            rfim__row(x, row)[j] *= gamma[j] * scale[j];
}

/* to <- A^T from, or A from: between a module's inputs and its t */
static void through(const rfim__hessian *hessian, size_t l, bool forward, rfim__matrix from,
                    rfim__matrix to)
{
    rfim__algebra *algebra = hessian->subject->network->algebra;
    const rfim__module *module = module_of(hessian, l);
    if (is_linear(hessian, l)) {
        algebra->ops.gemm(algebra, RFIM__PLAIN, forward ? RFIM__PLAIN : RFIM__TRANSPOSED, 1, from,
                          rfim__rows(algebra, module->parameters, 0, module->inputs), 0, to);
        return;
    }
    algebra->ops.combine(algebra, 1, from, 0, from, to);
    if (is_batch_norm(hessian, l))
        times_gain(hessian, l, to);
}

/* to <- factors . from, row by row */
static void times_row(rfim__matrix factors, rfim__matrix from, rfim__matrix to)
{
    const double *factor = rfim__row(factors, 0);
    for (size_t row = 0; row < from.rows; row++)
        for (size_t j = 0; j < from.columns; j++)
            rfim__row(to, row)[j] = factor[j] * rfim__row(from, row)[j];
}

static void forward(rfim__hessian *hessian, size_t l)
{
    rfim__algebra *algebra = hessian->subject->network->algebra;
    rfim__hessian_module *part = &hessian->modules[l];
    if (part->before > 0)
        through(hessian, l, true, part->input, rfim__rows(algebra, part->pre, 0, part->before));
    rfim__matrix own = rfim__rows(algebra, part->pre, part->before, part->active - part->before);
    algebra->ops.fill(algebra, 0, own);
    for (size_t j = 0; j < own.rows; j++)
        rfim__row(own, j)[j] = 1;
    bool last = l + 1 == hessian->subject->network->count;
    times_row(part->slope, part->pre, last ? hessian->response : hessian->modules[l + 1].input);
}

/* ru <- (diag(p) - p p^T) ru, which is the same for ru less its entry of the top class: with 0
 * there, nothing large cancels where that class has nearly all. */
static void curve_classes(const double *probability, size_t m, double *ru)
{
    size_t top = 0;
    double mean = 0;
    for (size_t j = 1; j < m; j++)
        top = probability[j] > probability[top] ? j : top;
    double base = ru[top];
    for (size_t j = 0; j < m; j++)
        mean += probability[j] * (ru[j] - base);
    for (size_t j = 0; j < m; j++)
        ru[j] = probability[j] * (ru[j] - base - mean);
}

/* (d2 loss/du2) R u in place: the same for every y */
static void curve_loss(rfim__hessian *hessian, double *probability)
{
    const double *u = rfim__subject_response(hessian->subject, hessian->sample);
    size_t m = hessian->subject->outputs;
    rfim_loss_kind loss = hessian->subject->network->loss;
    if (loss == RFIM_LOSS_SOFTMAX)
        rfim__class_probabilities(u, m, probability);
    for (size_t row = 0; row < hessian->response.rows; row++) {
        double *ru = rfim__row(hessian->response, row);
        if (loss == RFIM_LOSS_SOFTMAX)
            curve_classes(probability, m, ru);
        for (size_t j = 0; j < m && loss == RFIM_LOSS_SIGMOID; j++)
            ru[j] *= rfim__bernoulli(u[j], 1) * rfim__bernoulli(u[j], 0);
    }
}

void rfim__hessian_sample(rfim__hessian *hessian, size_t sample)
{
    rfim__algebra *algebra = hessian->subject->network->algebra;
    size_t count = hessian->subject->network->count;
    hessian->sample = sample;
    for (size_t l = 0; l < count; l++) {
        measure_activation(hessian, l);
        forward(hessian, l);
        algebra->ops.fill(algebra, 0, hessian->modules[l].sum);
        algebra->ops.fill(algebra, 0, hessian->modules[l].rsum);
    }
    curve_loss(hessian, rfim__row(hessian->modules[count - 1].e, 0));
}

/* --- backward --------------------------------------------------------------------------------- */

/* R delta = f'' . R t . e + f' . R e, delta = f' . e */
static void to_delta(rfim__hessian_module *part)
{
    double *e = rfim__row(part->e, 0);
    const double *slope = rfim__row(part->slope, 0);
    const double *curve = rfim__row(part->curve, 0);
    for (size_t row = 0; row < part->active; row++) {
        const double *rt = rfim__row(part->pre, row);
        double *re = rfim__row(part->re, row);
        for (size_t j = 0; j < part->e.columns; j++)
            re[j] = curve[j] * rt[j] * e[j] + slope[j] * re[j];
    }
    for (size_t j = 0; j < part->e.columns; j++)
        e[j] *= slope[j];
}

void rfim__hessian_outcome(rfim__hessian *hessian, const double *e, double weight)
{
    rfim__algebra *algebra = hessian->subject->network->algebra;
    size_t last = hessian->subject->network->count - 1;
    algebra->ops.import(algebra, e, hessian->modules[last].e);
    algebra->ops.combine(algebra, 1, hessian->response, 0, hessian->response,
                         hessian->modules[last].re);
    for (size_t l = last + 1; l-- > 0;) {
        rfim__hessian_module *part = &hessian->modules[l];
        to_delta(part);
        algebra->ops.combine(algebra, 1, part->sum, weight, part->e, part->sum);
        algebra->ops.combine(algebra, 1, part->rsum, weight, part->re, part->rsum);
        if (part->before == 0) /* no parameters below */
            break;
        through(hessian, l, false, part->e, hessian->modules[l - 1].e);
        through(hessian, l, false, rfim__rows(algebra, part->re, 0, part->before),
                hessian->modules[l - 1].re);
    }
}
