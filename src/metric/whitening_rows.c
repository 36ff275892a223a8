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

rfim_status rfim__whitening_fill(rfim__whitening *whitening, const rfim__whitening_samples *samples,
                                 rfim__matrix inverse, rfim__matrix room, rfim__matrix line)
{
    rfim__algebra *work = samples->work;
    uint32_t rows[RFIM__WHITENING_CHUNK];
    for (size_t start = 0; start < whitening->rows.rows; start += RFIM__WHITENING_CHUNK) {
        rfim__matrix x;
        size_t n = rfim__size_min(RFIM__WHITENING_CHUNK, whitening->rows.rows - start);
        rfim__envelope_sort(&whitening->rows, NULL, start, n, rows);
        rfim_status status = rfim__whitening_load(samples, rows, n, &x);
        if (status != RFIM_OK)
            return status;
        for (size_t g = 0; g < n; g += RFIM__WHITENING_GROUP) {
            size_t count = rfim__size_min(RFIM__WHITENING_GROUP, n - g);
            rfim__matrix out = rfim__rows(work, room, 0, count);
            multiply(work, rfim__rows(work, x, g, count), inverse,
                     rfim__envelope_first(&whitening->rows, rows[g]), out);
            keep(whitening, rows + g, work, out, line);
        }
    }
    return RFIM_OK;
}
