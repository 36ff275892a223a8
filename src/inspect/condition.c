/* condition.c - largest over smallest eigenvalue of G + Lambda, of the worst block.
 *
 *   Lambda = lambda I in a block   (l_max + lambda) / (l_min + lambda), from the eigenvalues of G
 *   diagonal metric                the entries g_k + lambda_k themselves
 *   any other Lambda               eigenvalues of the block G + Lambda, made column by column
 *
 * An eigenvalue of G below 0 is rounding, and counts as 0. Where G + Lambda itself is taken apart,
 * an eigenvalue below rounding level (block_order x rounding unit x the largest) counts as that:
 * the condition is at least what is said. */
#include "inspect/condition.h"

#include "core/number.h"
#include "core/size.h"
#include "subsystem/handle.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct damped {
    rfim_metric *metric;
    size_t order;       /* of a vector */
    size_t block_order; /* of a block of Lambda */
    size_t blocks;      /* that differ */
    double *lambda;     /* [order] */
    double *flat;       /* [order] */
    double noise;       /* block_order x rounding unit */
    bool below_noise;   /* an eigenvalue was */
} damped;

/* Of a block with these eigenvalues + lambda. */
static double ratio(const double *values, const double *lambda, size_t step, size_t count)
{
    double largest = 0;
    double smallest = INFINITY;
    for (size_t k = 0; k < count; k++) {
        double value = fmax(values[k], 0) + lambda[k * step];
        largest = fmax(largest, value);
        smallest = fmin(smallest, value);
    }
    return largest / smallest;
}

/* The worst over the blocks. step 0: one lambda a block. */
static double worst_ratio(const damped *d, const double *values, size_t step)
{
    double worst = 0;
    for (size_t first = 0; first < d->order; first += d->block_order)
        worst = fmax(worst, ratio(values + first, d->lambda + first, step, d->block_order));
    return worst;
}

/* Column k of all blocks at once: d->flat <- G times (e_k in every block). */
static rfim_status read_columns(damped *d, size_t k)
{
    memset(d->flat, 0, d->order * sizeof *d->flat);
    for (size_t b = 0; b < d->blocks; b++)
        d->flat[b * d->block_order + k] = 1;
    return rfim_metric_multiply(d->metric, d->flat, d->flat);
}

/* The eigenvalues of block b of G + Lambda, at columns [blocks x block_order x block_order]. */
static double ratio_of_block(damped *d, const double *columns, size_t b, rfim__matrix square,
                             rfim__matrix row)
{
    rfim__algebra *algebra = d->metric->network->algebra;
    algebra->ops.import(algebra, columns + b * d->block_order * d->block_order, square);
    if (algebra->ops.eigen(algebra, square, false, row) != 0)
        return (double)NAN;
    algebra->ops.export(algebra, row, d->flat); /* ascending */
    double smallest = d->flat[0];
    double largest = d->flat[d->block_order - 1];
    if (smallest < d->noise * largest) {
        smallest = d->noise * largest;
        d->below_noise = true;
    }
    return largest / smallest;
}

static rfim_status worst_of_blocks(damped *d, double *columns, rfim__matrix square,
                                   rfim__matrix row, double *worst)
{
    size_t order = d->block_order;
    rfim_status status = RFIM_OK;
    for (size_t k = 0; k < order && status == RFIM_OK; k++) {
        status = read_columns(d, k);
        for (size_t b = 0; b < d->blocks; b++) {
            double *column = columns + (b * order + k) * order;
            memcpy(column, d->flat + b * order, order * sizeof *column);
            column[k] += d->lambda[b * order + k];
        }
    }
    *worst = 0;
    for (size_t b = 0; b < d->blocks && status == RFIM_OK; b++) {
        double found = ratio_of_block(d, columns, b, square, row);
        *worst = isnan(found) || isnan(*worst) ? (double)NAN : fmax(*worst, found);
    }
    return status;
}

static rfim_status by_blocks(damped *d, double *worst)
{
    rfim__algebra *algebra = d->metric->network->algebra;
    rfim_context *context = d->metric->context;
    rfim__arena arena = {0};
    rfim__arena_matrix(&arena, algebra, d->block_order, d->block_order);
    rfim__arena_matrix(&arena, algebra, 1, d->block_order);
    double *columns = rfim__allocate(context, d->blocks * d->block_order,
                                     d->block_order * sizeof *columns);
    void *storage = rfim__allocate(context, arena.used, 1);
    rfim_status status = RFIM_ERROR_MEMORY;
    if (columns && storage)
        status = rfim__algebra_reserve(algebra, algebra->ops.eigen_room(d->block_order, false));
    if (status == RFIM_OK) {
        arena = (rfim__arena){.base = storage};
        rfim__matrix square = rfim__arena_matrix(&arena, algebra, d->block_order, d->block_order);
        rfim__matrix row = rfim__arena_matrix(&arena, algebra, 1, d->block_order);
        rfim__algebra_begin(context);
        status = worst_of_blocks(d, columns, square, row, worst);
        rfim__algebra_end(context);
    }
    rfim__release(context, storage);
    rfim__release(context, columns);
    return status;
}

static rfim_status measure(const rfim_inspection *inspection, rfim__inspected *subsystem, damped *d,
                           const double *spectrum)
{
    rfim_inspected *told = &subsystem->told;
    double bytes = 8.0 * (double)d->blocks * (double)d->block_order * (double)d->block_order;
    rfim_status status = rfim_metric_damping(d->metric, d->lambda);
    if (status != RFIM_OK)
        return status;
    if (told->representation == RFIM_DIAGONAL) {
        status = rfim_metric_diagonal(d->metric, d->flat);
        told->condition = worst_ratio(d, d->flat, 1);
        return status;
    }
    if (inspection->options.damping_rule != RFIM_DAMPING_DIAGONAL) {
        told->condition = worst_ratio(d, spectrum, 0);
        return RFIM_OK;
    }
    if (bytes <= (double)inspection->options.max_bytes) {
        status = by_blocks(d, &told->condition);
        if (d->below_noise)
            rfim__inspected_note(subsystem, "the condition is above the figure given: an "
                                            "eigenvalue is below rounding level");
        return status;
    }
    char text[RFIM__BYTES_TEXT];
    rfim__bytes_text(bytes, text);
    rfim__inspected_note(subsystem, "the condition after `diagonal` damping would take %s", text);
    return RFIM_OK;
}

rfim_status rfim__inspect_condition(const rfim_inspection *inspection, rfim__inspected *subsystem,
                                    const double *spectrum)
{
    const rfim_inspect_options *options = &inspection->options;
    rfim_context *context = inspection->context;
    rfim_inspected *told = &subsystem->told;
    rfim_metric *metric = subsystem->metric;
    rfim_metric_refresh_report report;
    told->condition = (double)NAN;
    rfim_status status = rfim_metric_refresh(metric, options->damping_rule, options->damping,
                                             &report);
    told->damping = report.damping;
    if (status == RFIM_ERROR_NOT_POSITIVE_DEFINITE) {
        told->damping = options->damping;
        rfim__inspected_note(subsystem, "not positive definite, even with %g times the damping",
                             pow(10, (double)report.retries));
        return RFIM_OK;
    }
    if (status != RFIM_OK)
        return status;
    if (report.retries > 0)
        rfim__inspected_note(subsystem, "positive definite only with damping %.3g", told->damping);
    double unit = inspection->precision == RFIM_SINGLE ? FLT_EPSILON : DBL_EPSILON;
    damped d = {.metric = metric,
                .noise = unit * (double)metric->core->block_order,
                .order = told->order,
                .block_order = metric->core->block_order,
                .blocks = metric->core->blocks,
                .lambda = rfim__allocate(context, told->order, sizeof(double)),
                .flat = rfim__allocate(context, told->order, sizeof(double))};
    status = d.lambda && d.flat ? measure(inspection, subsystem, &d, spectrum) : RFIM_ERROR_MEMORY;
    rfim__release(context, d.lambda);
    rfim__release(context, d.flat);
    return status;
}
