#include "metric/whitening_samples.h"

#include "core/random.h"
#include "core/size.h"

#include <math.h>

#define PIECE 128     /* samples read by one thread at a time */
#define LOAD_FLOPS 20 /* what reading a number takes, in flops of a product */

size_t rfim__whitening_taken(const rfim__whitening_settings *settings,
                             const rfim__kept_inputs *inputs, size_t samples)
{
    double order = (double)inputs->inputs + 1;
    double some = fmax((double)settings->samples_of_an_input * order,
                       floor(settings->wide_flops / (order * order)));
    bool all = settings->samples_of_an_input == 0 || some >= (double)samples;
    return all ? samples : (size_t)some;
}

/* Samples of a chunk are read by several threads. */
typedef struct load_job {
    const rfim__whitening_samples *samples;
    const uint32_t *rows;
    rfim__matrix x;
    bool finite[RFIM__WHITENING_CHUNK / PIECE];
} load_job;

static void load_piece(void *data, size_t tile, void *scratch)
{
    load_job *job = data;
    const rfim__whitening_samples *samples = job->samples;
    size_t begin = tile * PIECE;
    rfim__matrix x = rfim__rows(samples->work, job->x, begin,
                                rfim__size_min(PIECE, job->x.rows - begin));
    (void)scratch;
    job->finite[tile] = rfim__kept_inputs_load(samples->inputs, samples->work, samples->dataset,
                                               job->rows + begin, 0, x);
}

static size_t least(const uint32_t *rows, size_t n)
{
    size_t row = rows[0];
    for (size_t i = 1; i < n; i++)
        row = rfim__size_min(row, rows[i]);
    return row;
}

static size_t most(const uint32_t *rows, size_t n)
{
    size_t row = rows[0];
    for (size_t i = 1; i < n; i++)
        row = rfim__size_max(row, rows[i]);
    return row;
}

rfim_status rfim__whitening_load(const rfim__whitening_samples *samples, const uint32_t *rows,
                                 size_t n, rfim__matrix *out)
{
    load_job job = {samples, rows, rfim__rows(samples->work, samples->chunk, 0, n), {false}};
    size_t pieces = (n + PIECE - 1) / PIECE;
    bool finite = true;
    rfim__algebra_run(samples->work, pieces, LOAD_FLOPS * (double)n * (double)job.x.columns,
                      load_piece, &job);
    for (size_t k = 0; k < pieces; k++)
        finite = finite && job.finite[k];
    if (!finite)
        return rfim__fail(samples->dataset->context, RFIM_ERROR_ARGUMENT,
                          "%s: the inputs of the training samples %zu to %zu hold NaN or infinite "
                          "numbers",
                          samples->layer, least(rows, n), most(rows, n));
    *out = rfim__columns(samples->work, job.x, 0, samples->inputs->order);
    return RFIM_OK;
}

/* Where the i-th of so many equal parts of the samples begins. */
static size_t part_at(const rfim__whitening_samples *samples, size_t i)
{
    size_t whole = samples->dataset->samples / samples->taken;
    size_t rest = samples->dataset->samples % samples->taken;
    return i * whole + i * rest / samples->taken;
}

rfim_status rfim__whitening_load_taken(const rfim__whitening_samples *samples, size_t first,
                                       uint32_t *rows, rfim__matrix *out)
{
    uint32_t drawn[RFIM__WHITENING_CHUNK];
    size_t n = rfim__size_min(RFIM__WHITENING_CHUNK, samples->taken - first);
    for (size_t i = 0; i < n; i++) {
        uint32_t random[4];
        size_t begin = part_at(samples, first + i);
        size_t length = part_at(samples, first + i + 1) - begin;
        rfim__philox(0, rfim__stream(RFIM__STREAM_WHITENING, 0), first + i, random);
        drawn[i] = (uint32_t)(begin + random[0] % length);
    }
    rfim__envelope_sort(samples->rows, drawn, 0, n, rows);
    return rfim__whitening_load(samples, rows, n, out);
}
