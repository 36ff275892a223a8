#include "optimizer/step_quadratic.h"

#include "core/size.h"

#include <math.h>

/* Beyond this the two directions are one, up to rounding. */
#define PARALLEL 1e-10

static const rfim__quadratic_kernels *kernels_of(const rfim__algebra *algebra)
{
    return RFIM__PICK_VARIANT(rfim__quadratics, algebra->context->kernels, algebra->precision);
}

static size_t last_of(const rfim_network *network)
{
    return network->count - 1;
}

/* out may be NULL, and out->last as well: only counts */
static void lay_out(const rfim_network *network, size_t batch, rfim__quadratic *out,
                    rfim__arena *arena)
{
    size_t widest = 0;
    size_t numbers = 0;
    size_t bytes = 0;
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        rfim__matrix own = rfim__arena_matrix(arena, network->algebra, module->parameters.rows,
                                              module->outputs);
        widest = rfim__size_max(widest, module->outputs);
        if (out)
            out->last[l] = own;
    }
    for (size_t t = 0; t < 4; t++) {
        rfim__matrix tangent = rfim__arena_matrix(arena, network->algebra, batch, widest);
        if (out)
            out->tangents[t] = tangent;
    }
    if (arena->base && out)
        out->response = (double *)(void *)(arena->base + arena->used);
    if (!rfim__size_multiply(batch, network->modules[last_of(network)].outputs, &numbers) ||
        !rfim__size_multiply(numbers, sizeof(double), &bytes) ||
        !rfim__size_add(arena->used, rfim__size_round_up(bytes, RFIM__ALIGNMENT), &arena->used))
        arena->overflow = true;
}

void rfim__quadratic_count(const rfim_network *network, size_t batch, rfim__arena *arena)
{
    lay_out(network, batch, NULL, arena);
}

rfim_status rfim__quadratic_create(const rfim_network *network, size_t batch, rfim__quadratic *out)
{
    rfim_context *context = network->context;
    rfim__arena arena = {0};
    *out = (rfim__quadratic){0};
    rfim__quadratic_count(network, batch, &arena);
    if (arena.overflow)
        return rfim__fail(context, RFIM_ERROR_MEMORY,
                          "step control quadratic for batches of %zu samples is more than this "
                          "machine can address; take smaller ones",
                          batch);
    out->last = rfim__allocate(context, network->count, sizeof *out->last);
    out->block = rfim__allocate(context, arena.used, 1);
    if (!out->last || !out->block)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = out->block};
    lay_out(network, batch, out, &arena);
    return RFIM_OK;
}

void rfim__quadratic_free(rfim_context *context, rfim__quadratic *quadratic)
{
    rfim__release(context, quadratic->last);
    rfim__release(context, quadratic->block);
    *quadratic = (rfim__quadratic){0};
}

/* How the network's output moves with the parameters along D (pair 0) or E (pair 1): [n x m] */
static rfim__matrix push(const rfim__quadratic *quadratic, const rfim_trace *trace,
                         const rfim__quadratic_part *parts, size_t pair)
{
    const rfim_network *network = trace->network;
    rfim__algebra *algebra = network->algebra;
    rfim__matrix moved = {0};
    for (size_t l = 0; l < network->count; l++) {
        const rfim__module *module = &network->modules[l];
        rfim__matrix own = {0};
        if (module->parameters.rows > 0)
            own = pair == 0 ? parts[l].direction : quadratic->last[l];
        rfim__matrix room = quadratic->tangents[2 * pair + l % 2];
        rfim__matrix out = rfim__columns(algebra, rfim__rows(algebra, room, 0, trace->samples), 0,
                                         module->outputs);
        module->table->tangent(algebra, module, &trace->slots[l], moved, own, out);
        moved = out;
    }
    return moved;
}

static void add(const double own[3], double share, double sums[3])
{
    for (size_t k = 0; k < 3; k++)
        sums[k] += share * own[k];
}

/* linear and square, of the module's own parameters */
static void add_module(rfim__quadratic *quadratic, const rfim_trace *trace, size_t l, double l2,
                       const rfim__quadratic_part *part)
{
    rfim__algebra *algebra = trace->network->algebra;
    const rfim__module *module = &trace->network->modules[l];
    rfim__matrix gradient = rfim__trace_gradient(trace, l);
    rfim__matrix last = quadratic->last[l];
    size_t decayed = module->table->decayed_rows(module);
    double own[3];
    quadratic->linear[0] += algebra->ops.dot(algebra, gradient, part->direction);
    quadratic->linear[1] += algebra->ops.dot(algebra, gradient, last);
    if (part->lambda.data) {
        kernels_of(algebra)->weigh(part->lambda, part->outputs, part->direction, last, own);
        add(own, part->weight, quadratic->square);
    }
    if (l2 == 0 || decayed == 0)
        return;
    rfim__matrix d = rfim__rows(algebra, part->direction, 0, decayed);
    rfim__matrix e = rfim__rows(algebra, last, 0, decayed);
    own[0] = algebra->ops.dot(algebra, d, d);
    own[1] = algebra->ops.dot(algebra, d, e);
    own[2] = algebra->ops.dot(algebra, e, e);
    add(own, l2, quadratic->square);
}

static void add_curvature(rfim__quadratic *quadratic, const rfim_trace *trace,
                          const rfim__quadratic_part *parts)
{
    const rfim_network *network = trace->network;
    rfim__algebra *algebra = network->algebra;
    size_t outputs = network->modules[last_of(network)].outputs;
    double own[3];
    rfim__loss_kernels_of(algebra)->respond(
        network->loss, rfim__columns(algebra, trace->slots[last_of(network)].output, 0, outputs),
        quadratic->response);
    rfim__matrix d = push(quadratic, trace, parts, 0);
    rfim__matrix e = push(quadratic, trace, parts, 1);
    kernels_of(algebra)->curvature(network->loss, quadratic->response, d, e, own);
    add(own, 1 / (double)trace->samples, quadratic->square);
}

/* a and b; where E is 0, or D once more, a alone; nothing where the gradient is 0. */
static void minimise(rfim__quadratic *quadratic)
{
    const double *c = quadratic->square;
    const double *g = quadratic->linear;
    double determinant = c[0] * c[2] - c[1] * c[1];
    quadratic->coefficients[0] = c[0] != 0 ? g[0] / c[0] : 0;
    quadratic->coefficients[1] = 0;
    if (!(determinant > PARALLEL * c[0] * c[2]))
        return;
    quadratic->coefficients[0] = (c[2] * g[0] - c[1] * g[1]) / determinant;
    quadratic->coefficients[1] = (c[0] * g[1] - c[1] * g[0]) / determinant;
}

void rfim__quadratic_solve(rfim__quadratic *quadratic, const rfim_trace *trace, double l2,
                           const rfim__quadratic_part *parts)
{
    for (size_t k = 0; k < 3; k++)
        quadratic->square[k] = 0;
    quadratic->linear[0] = quadratic->linear[1] = 0;
    for (size_t l = 0; l < trace->network->count; l++)
        if (trace->network->modules[l].parameters.rows > 0)
            add_module(quadratic, trace, l, l2, &parts[l]);
    add_curvature(quadratic, trace, parts);
    minimise(quadratic);
}

rfim__matrix rfim__quadratic_step(rfim__quadratic *quadratic, rfim__algebra *algebra, size_t l,
                                  rfim__matrix direction)
{
    rfim__matrix last = quadratic->last[l];
    algebra->ops.combine(algebra, quadratic->coefficients[0], direction, quadratic->coefficients[1],
                         last, last);
    return last;
}

double rfim__quadratic_decrease(const rfim__quadratic *quadratic, double rate)
{
    const double *x = quadratic->coefficients;
    const double *c = quadratic->square;
    double linear = quadratic->linear[0] * x[0] + quadratic->linear[1] * x[1];
    double square = c[0] * x[0] * x[0] + 2 * c[1] * x[0] * x[1] + c[2] * x[1] * x[1];
    return rate * linear - rate * rate * square / 2;
}
