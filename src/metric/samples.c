#include "metric/samples.h"

#include "core/size.h"
#include "metric/sample_kernels.h"

const rfim__sample_kernels *rfim__sample_kernels_of(const rfim__algebra *algebra)
{
    return RFIM__PICK_VARIANT(rfim__sample_loops, algebra->context->kernels, algebra->precision);
}

size_t rfim__samples_reference_columns(const rfim__part *part)
{
    return part->kind == RFIM__LAYER ? part->rows : part->columns;
}

static size_t all_references(const rfim__shape *shape)
{
    size_t sum = 0;
    for (size_t p = 0; p < shape->count; p++)
        sum += rfim__samples_reference_columns(&shape->parts[p]);
    return sum;
}

size_t rfim__samples_all_outputs(const rfim__shape *shape)
{
    size_t sum = 0;
    for (size_t p = 0; p < shape->count; p++)
        sum += shape->parts[p].columns;
    return sum;
}

/* Rows of curvature that a sample has. */
static size_t copies_of(const rfim__shape *shape)
{
    return shape->curvature == RFIM__FACTORS ? shape->copies : 1;
}

void rfim__samples_place(rfim__samples *samples, const rfim__metric *metric, rfim__arena *arena)
{
    const rfim__shape *shape = &metric->shape;
    size_t most = shape->max_samples;
    size_t outputs = shape->curvature == RFIM__UNIT ? 0 : rfim__samples_all_outputs(shape);
    size_t rows = 0;
    if (!rfim__size_multiply(most, copies_of(shape), &rows))
        arena->overflow = true;
    samples->references = rfim__arena_matrix(arena, metric->algebra, most, all_references(shape));
    samples->curvature = rfim__arena_matrix(arena, metric->algebra, rows, outputs);
    samples->weights = rfim__arena_matrix(arena, metric->algebra, most, 1);
}

void rfim__samples_clear(rfim__samples *samples)
{
    samples->count = 0;
}

rfim__matrix rfim__samples_reference(const rfim__metric *metric, rfim__matrix all, size_t part)
{
    size_t first = 0;
    for (size_t p = 0; p < part; p++)
        first += rfim__samples_reference_columns(&metric->shape.parts[p]);
    return rfim__columns(metric->algebra, all, first,
                         rfim__samples_reference_columns(&metric->shape.parts[part]));
}

rfim__matrix rfim__samples_outputs(const rfim__metric *metric, rfim__matrix all, size_t part)
{
    size_t first = 0;
    for (size_t p = 0; p < part; p++)
        first += metric->shape.parts[p].columns;
    return rfim__columns(metric->algebra, all, first, metric->shape.parts[part].columns);
}

rfim__matrix rfim__samples_copy(const rfim__metric *metric, rfim__matrix all, size_t copies,
                                size_t a, size_t count)
{
    rfim__matrix view = rfim__rows(metric->algebra, all, a, count);
    view.stride *= copies;
    return view;
}

static void copy(const rfim__metric *metric, rfim__matrix from, rfim__matrix to)
{
    metric->algebra->ops.combine(metric->algebra, 1, from, 0, from, to);
}

/* Makes room for `more` samples behind those that keep leaves. */
static bool begin(const rfim__metric *metric, rfim__samples *samples, double keep, double add,
                  size_t more)
{
    rfim__algebra *algebra = metric->algebra;
    size_t most = metric->shape.max_samples;
    size_t kept = keep > 0 ? samples->count : 0;
    if (!(keep >= 0 && add >= 0) || (add > 0 && (more > most || kept > most - more)))
        return false;
    samples->count = kept;
    rfim__matrix weights = rfim__rows(algebra, samples->weights, 0, kept);
    if (keep != 1)
        algebra->ops.combine(algebra, keep, weights, 0, weights, weights);
    return true;
}

/* FACTORS: from copy after copy to sample after sample; copies that did not come are 0. */
static void take_factors(const rfim__metric *metric, const rfim__observation *seen, size_t part,
                         rfim__matrix to)
{
    rfim__algebra *algebra = metric->algebra;
    size_t n = seen->samples;
    for (size_t a = 0; a < metric->shape.copies; a++) {
        rfim__matrix row = rfim__samples_copy(metric, to, metric->shape.copies, a, n);
        if (a < seen->copies)
            copy(metric, rfim__rows(algebra, seen->parts[part].curvature, a * n, n), row);
        else
            algebra->ops.fill(algebra, 0, row);
    }
}

bool rfim__samples_observe(const rfim__metric *metric, rfim__samples *samples, double keep,
                           double add, const rfim__observation *seen)
{
    rfim__algebra *algebra = metric->algebra;
    size_t n = seen->samples;
    size_t copies = copies_of(&metric->shape);
    if (!begin(metric, samples, keep, add, n))
        return false;
    if (add == 0)
        return true;
    rfim__matrix references = rfim__rows(algebra, samples->references, samples->count, n);
    rfim__matrix curvature = rfim__rows(algebra, samples->curvature, samples->count * copies,
                                        n * copies);
    for (size_t p = 0; p < metric->shape.count; p++) {
        copy(metric, seen->parts[p].reference, rfim__samples_reference(metric, references, p));
        if (seen->curvature == RFIM__UNIT)
            continue;
        rfim__matrix to = rfim__samples_outputs(metric, curvature, p);
        if (seen->curvature == RFIM__FACTORS)
            take_factors(metric, seen, p, to);
        else
            copy(metric, seen->parts[p].curvature, to);
    }
    double scale = seen->curvature == RFIM__UNIT ? seen->scale : 1;
    algebra->ops.fill(algebra, add * scale / (double)n,
                      rfim__rows(algebra, samples->weights, samples->count, n));
    samples->count += n;
    return true;
}

bool rfim__samples_merge(const rfim__metric *metric, rfim__samples *samples, double keep,
                         double add, const rfim__samples *other)
{
    rfim__algebra *algebra = metric->algebra;
    size_t n = other->count;
    size_t copies = copies_of(&metric->shape);
    if (other == samples)
        return keep >= 0 && add >= 0 && begin(metric, samples, keep + add, 0, 0);
    if (!begin(metric, samples, keep, add, n))
        return false;
    if (add == 0)
        return true;
    copy(metric, rfim__rows(algebra, other->references, 0, n),
         rfim__rows(algebra, samples->references, samples->count, n));
    copy(metric, rfim__rows(algebra, other->curvature, 0, n * copies),
         rfim__rows(algebra, samples->curvature, samples->count * copies, n * copies));
    algebra->ops.combine(algebra, add, rfim__rows(algebra, other->weights, 0, n), 0, other->weights,
                         rfim__rows(algebra, samples->weights, samples->count, n));
    samples->count += n;
    return true;
}

size_t rfim__samples_tensors(const rfim__metric *metric, rfim__samples *samples,
                             rfim__metric_tensor out[RFIM__METRIC_TENSORS])
{
    size_t q = samples->count;
    out[0] = (rfim__metric_tensor){"references", &samples->references, q};
    out[1] = (rfim__metric_tensor){"weights", &samples->weights, q};
    if (metric->shape.curvature == RFIM__UNIT)
        return 2;
    out[2] = (rfim__metric_tensor){"curvature", &samples->curvature, q * copies_of(&metric->shape)};
    return 3;
}
