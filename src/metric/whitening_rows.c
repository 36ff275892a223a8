#include "metric/whitening_rows.h"

#include "core/size.h"

#define BLOCK 64 /* columns of X_w at a time: what is 0 in L^-1 is left out by blocks */

/* out <- in L^-T from column `begin` on, before which `in` is 0. */
static void multiply(rfim__algebra *work, rfim__matrix in, rfim__matrix inverse, size_t begin,
                     rfim__matrix out)
{
    size_t order = inverse.rows;
    for (size_t first = begin; first < order; first += BLOCK) {
        size_t columns = rfim__size_min(BLOCK, order - first);
        size_t inner = first + columns - begin;
        rfim__matrix part = rfim__rows(work, inverse, first, columns);
        work->ops.gemm(
            work, RFIM__PLAIN, RFIM__TRANSPOSED, 1, rfim__columns(work, in, begin, inner),
            rfim__columns(work, part, begin, inner), 0, rfim__columns(work, out, first, columns));
    }
}

/* Samples rows[0 ...] of the whitened data <- out, line by line. */
static void keep(rfim__whitening *whitening, const uint32_t *rows, const rfim__algebra *work,
                 rfim__matrix out, rfim__matrix line)
{
    const rfim__algebra *algebra = whitening->algebra;
    for (size_t i = 0; i < out.rows; i++) {
        rfim__matrix row = rfim__rows(work, out, i, 1);
        if (work->precision != algebra->precision) {
            algebra->ops.import(whitening->algebra, row.data, line);
            row = line;
        }
        rfim__envelope_write(&whitening->rows, rows[i], row.data);
    }
}

size_t rfim__whitening_hands(const rfim__algebra *algebra, size_t samples)
{
    size_t most = rfim__size_min(samples, RFIM__WHITENING_CHUNK);
    size_t groups = (most + RFIM__WHITENING_GROUP - 1) / RFIM__WHITENING_GROUP;
    return rfim__size_max(1, rfim__size_min(algebra->threads, groups));
}

/* A chunk of samples, its groups by turns among hands: which hand takes a group does not matter. */
typedef struct fill_job {
    rfim__whitening *whitening;
    rfim__algebra *work;
    rfim__matrix x, inverse, room, lines;
    const uint32_t *rows;
    size_t hands;
} fill_job;

static void fill_groups(void *data, size_t hand, void *scratch)
{
    const fill_job *job = data;
    rfim__algebra own = *job->work; /* what is asked for ahead is another's, and so is the team */
    const rfim__algebra *work = &own;
    size_t step = RFIM__WHITENING_GROUP;
    (void)scratch;
    own.ahead = (rfim__ahead){0};
    own.threads = job->hands > 1 ? 1 : own.threads;
    for (size_t g = hand * step; g < job->x.rows; g += job->hands * step) {
        size_t count = rfim__size_min(step, job->x.rows - g);
        rfim__matrix out = rfim__rows(work, job->room, hand * step, count);
        rfim__matrix line = job->lines;
        if (line.rows > 0)
            line = rfim__rows(job->whitening->algebra, line, hand, 1);
        multiply(&own, rfim__rows(work, job->x, g, count), job->inverse,
                 rfim__envelope_first(&job->whitening->rows, job->rows[g]), out);
        keep(job->whitening, job->rows + g, work, out, line);
    }
}

rfim_status rfim__whitening_fill(rfim__whitening *whitening, const rfim__whitening_samples *samples,
                                 rfim__matrix inverse, rfim__matrix room, rfim__matrix lines)
{
    uint32_t rows[RFIM__WHITENING_CHUNK];
    fill_job job = {.whitening = whitening,
                    .work = samples->work,
                    .inverse = inverse,
                    .room = room,
                    .lines = lines,
                    .rows = rows,
                    .hands = rfim__whitening_hands(whitening->algebra, whitening->rows.rows)};
    for (size_t start = 0; start < whitening->rows.rows; start += RFIM__WHITENING_CHUNK) {
        size_t n = rfim__size_min(RFIM__WHITENING_CHUNK, whitening->rows.rows - start);
        double flops = (double)n * (double)inverse.rows * (double)inverse.rows;
        rfim__envelope_sort(&whitening->rows, NULL, start, n, rows);
        rfim_status status = rfim__whitening_load(samples, rows, n, &job.x);
        if (status != RFIM_OK)
            return status;
        rfim__algebra_run(samples->work, job.hands, flops, fill_groups, &job);
    }
    return RFIM_OK;
}
