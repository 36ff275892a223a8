/* compare.c - how far a metric G is from another one H of the same subsystem:
 *
 *   frobenius   |G - H|_F / |H|_F
 *   quadratic   max over v of |v^T (G - H) v| / v^T (H + lambda I) v,  lambda = damping tr(H) / N
 *               = the largest |eigenvalue| of L^-1 (G - H) L^-T,       L L^T = H + lambda I
 *
 * Both are made dense; everything runs in float64, whatever the metrics' own precision.
 * Cost: 3 N^3 flops beyond making them dense, five matrices [N x N]. */
#include "core/number.h"
#include "core/size.h"
#include "subsystem/handle.h"

#include <math.h>

typedef struct comparison {
    rfim_context *context;
    const char *name;
    size_t order;
    rfim__algebra *algebra; /* float64 */
    double *values;         /* [2 N^2]: G, H */
    void *storage;
    rfim__matrix difference, turned, reference; /* [N x N] */
    rfim__matrix row;                           /* [1 x N] */
} comparison;

static void place(comparison *c, rfim__arena *arena)
{
    c->difference = rfim__arena_matrix(arena, c->algebra, c->order, c->order);
    c->turned = rfim__arena_matrix(arena, c->algebra, c->order, c->order);
    c->reference = rfim__arena_matrix(arena, c->algebra, c->order, c->order);
    c->row = rfim__arena_matrix(arena, c->algebra, 1, c->order);
}

/* Before anything is allocated. */
static rfim_status check_size(const comparison *c, size_t max_bytes)
{
    double bytes = 5 * (double)sizeof(double) * (double)c->order * (double)c->order;
    if (max_bytes == 0 || bytes <= (double)max_bytes)
        return RFIM_OK;
    char wanted[RFIM__BYTES_TEXT];
    char allowed[RFIM__BYTES_TEXT];
    rfim__bytes_text(bytes, wanted);
    rfim__bytes_text((double)max_bytes, allowed);
    return rfim__fail(c->context, RFIM_ERROR_MEMORY,
                      "metric of %s: to compare metrics of order %zu takes %s of memory, more than "
                      "the %s that max_bytes allows; take a smaller subsystem, or raise the limit",
                      c->name, c->order, wanted, allowed);
}

static rfim_status begin(comparison *c)
{
    rfim__arena arena = {0};
    rfim_status status = rfim__algebra_create_cpu(c->context, RFIM_DOUBLE, &c->algebra);
    if (status == RFIM_OK)
        status = rfim__algebra_reserve(c->algebra, c->algebra->ops.eigen_room(c->order, false));
    if (status != RFIM_OK)
        return status;
    place(c, &arena);
    c->values = rfim__allocate(c->context, 2 * c->order * c->order, sizeof *c->values);
    c->storage = c->values ? rfim__allocate(c->context, arena.used, 1) : NULL;
    if (!c->storage)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = c->storage};
    place(c, &arena);
    return RFIM_OK;
}

static void end(comparison *c)
{
    rfim__release(c->context, c->values);
    rfim__release(c->context, c->storage);
    rfim__algebra_free(c->algebra);
}

/* reference <- L of H + lambda I */
static rfim_status factorise(comparison *c, double damping)
{
    rfim__algebra *algebra = c->algebra;
    rfim__matrix diagonal = {c->reference.data, c->order, 1, c->reference.stride + 1};
    rfim__matrix lambda = {c->row.data, c->order, 1, 1};
    algebra->ops.fill(algebra, 1, lambda);
    double metric_trace = algebra->ops.dot(algebra, diagonal, lambda);
    algebra->ops.combine(algebra, 1, diagonal, damping * metric_trace / (double)c->order, lambda,
                         diagonal);
    if (algebra->ops.cholesky(algebra, c->reference) == 0)
        return RFIM_OK;
    return rfim__fail(c->context, RFIM_ERROR_NOT_POSITIVE_DEFINITE,
                      "metric of %s: the reference with damping %g (of tr/N) is not positive "
                      "definite; compare with more damping",
                      c->name, damping);
}

/* The largest |eigenvalue| of L^-1 (G - H) L^-T */
static rfim_status largest_quadratic(comparison *c, double *out)
{
    rfim__algebra *algebra = c->algebra;
    algebra->ops.triangle_solve(algebra, c->reference, RFIM__PLAIN, c->difference);
    algebra->ops.transpose(algebra, c->difference, c->turned);
    algebra->ops.triangle_solve(algebra, c->reference, RFIM__PLAIN, c->turned);
    if (algebra->ops.eigen(algebra, c->turned, false, c->row) != 0)
        return rfim__fail(c->context, RFIM_DIVERGED,
                          "metric of %s: the two metrics cannot be compared; one holds NaN or "
                          "infinite numbers",
                          c->name);
    algebra->ops.export(algebra, c->row, c->values); /* ascending */
    *out = fmax(fabs(c->values[0]), fabs(c->values[c->order - 1]));
    return RFIM_OK;
}

static rfim_status measure(comparison *c, double damping, rfim_metric_distance *out)
{
    rfim__algebra *algebra = c->algebra;
    algebra->ops.import(algebra, c->values, c->difference);
    algebra->ops.import(algebra, c->values + c->order * c->order, c->reference);
    algebra->ops.combine(algebra, 1, c->difference, -1, c->reference, c->difference);
    double squares = algebra->ops.dot(algebra, c->reference, c->reference);
    double apart = algebra->ops.dot(algebra, c->difference, c->difference);
    if (!isfinite(squares) || !isfinite(apart))
        return rfim__fail(c->context, RFIM_DIVERGED,
                          "metric of %s: the two metrics cannot be compared; one holds NaN or "
                          "infinite numbers",
                          c->name);
    if (squares == 0)
        return rfim__fail(c->context, RFIM_ERROR_ARGUMENT,
                          "metric of %s: the reference to compare with is 0; let it observe first",
                          c->name);
    out->frobenius = sqrt(apart / squares);
    rfim_status status = factorise(c, damping);
    return status == RFIM_OK ? largest_quadratic(c, &out->quadratic) : status;
}

rfim_status rfim_metric_compare(rfim_metric *metric, rfim_metric *reference, double damping,
                                rfim_metric_distance *out)
{
    if (!metric || !reference || !out)
        return RFIM_ERROR_ARGUMENT;
    comparison c = {.context = metric->context,
                    .name = metric->subsystem.name,
                    .order = metric->subsystem.shape.order};
    rfim_metric_distance distance;
    if (!(damping > 0 && isfinite(damping)))
        return rfim__fail(c.context, RFIM_ERROR_ARGUMENT,
                          "metric of %s: the damping of a comparison is a finite number above 0, "
                          "found %g",
                          c.name, damping);
    if (reference->subsystem.shape.order != c.order)
        return rfim__fail(c.context, RFIM_ERROR_SHAPE,
                          "metric of %s: its order is %zu, that of the reference %zu; only metrics "
                          "of the same subsystem can be compared",
                          c.name, c.order, reference->subsystem.shape.order);
    rfim_status status = check_size(&c, metric->subsystem.options.max_bytes);
    if (status != RFIM_OK)
        return status;
    rfim__algebra_begin(c.context);
    status = begin(&c);
    if (status == RFIM_OK)
        status = rfim_metric_to_dense(metric, c.values);
    if (status == RFIM_OK)
        status = rfim_metric_to_dense(reference, c.values + c.order * c.order);
    if (status == RFIM_OK)
        status = measure(&c, damping, &distance);
    if (status == RFIM_OK)
        *out = distance;
    end(&c);
    rfim__algebra_end(c.context);
    return status;
}
