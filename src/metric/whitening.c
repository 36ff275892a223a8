#include "metric/whitening.h"

#include "core/size.h"

#include <string.h>

void rfim__whitening_free(rfim__whitening *whitening)
{
    if (!whitening)
        return;
    rfim_context *context = whitening->algebra->context;
    rfim__algebra_free(whitening->wide);
    rfim__kept_inputs_free(&whitening->inputs);
    rfim__release(context, whitening->block);
    rfim__release(context, whitening);
}

void rfim__whitening_gather(const rfim__whitening *whitening, const uint32_t *rows, size_t first,
                            rfim__matrix x, uint32_t *firsts)
{
    size_t bytes = whitening->rows.stride * whitening->algebra->item;
    for (size_t i = 0; i < x.rows; i++) {
        size_t sample = rows ? rows[i] : first + i;
        rfim__envelope_read(&whitening->rows, sample, (char *)x.data + i * bytes);
        if (firsts)
            firsts[i] = (uint32_t)rfim__envelope_first(&whitening->rows, sample);
    }
}

/* A row of numbers of the network's precision, some columns of it. */
static rfim__matrix piece(const rfim__whitening *whitening, rfim__matrix x, size_t row,
                          size_t first, size_t columns)
{
    rfim__matrix line = rfim__rows(whitening->algebra, x, row, 1);
    return rfim__columns(whitening->algebra, line, first, columns);
}

static double *room_row(const rfim__whitening *whitening, size_t room, size_t row)
{
    rfim__matrix x = whitening->room[room];
    return (double *)x.data + row * x.stride;
}

void rfim__whitening_into(const rfim__whitening *whitening, rfim__matrix w, rfim__matrix v)
{
    rfim__algebra *algebra = whitening->algebra;
    rfim__algebra *wide = whitening->wide;
    size_t most = whitening->room[0].columns;
    for (size_t first = 0; first < w.columns; first += most) {
        size_t columns = rfim__size_min(most, w.columns - first);
        for (size_t k = 0; k < whitening->inputs.order; k++)
            algebra->ops.export(algebra,
                                piece(whitening, w, whitening->inputs.kept[k], first, columns),
                                room_row(whitening, 0, k));
        wide->ops.gemm(wide, RFIM__TRANSPOSED, RFIM__PLAIN, 1, whitening->factor,
                       rfim__columns(wide, whitening->room[0], 0, columns), 0,
                       rfim__columns(wide, whitening->room[1], 0, columns));
        for (size_t k = 0; k < whitening->inputs.order; k++)
            algebra->ops.import(algebra, room_row(whitening, 1, k),
                                piece(whitening, v, k, first, columns));
    }
}

void rfim__whitening_fold(const rfim__whitening *whitening, rfim__matrix v, rfim__matrix w)
{
    rfim__algebra *algebra = whitening->algebra;
    rfim__algebra *wide = whitening->wide;
    size_t most = whitening->room[0].columns;
    for (size_t first = 0; first < v.columns; first += most) {
        size_t columns = rfim__size_min(most, v.columns - first);
        for (size_t k = 0; k < whitening->inputs.order; k++)
            algebra->ops.export(algebra, piece(whitening, v, k, first, columns),
                                room_row(whitening, 0, k));
        wide->ops.triangle_solve(wide, whitening->factor, RFIM__TRANSPOSED,
                                 rfim__columns(wide, whitening->room[0], 0, columns));
        for (size_t k = 0; k < whitening->inputs.order; k++)
            algebra->ops.import(algebra, room_row(whitening, 0, k),
                                piece(whitening, w, whitening->inputs.kept[k], first, columns));
    }
}

void rfim__whitening_bias(const rfim__whitening *whitening, rfim__matrix bias)
{
    size_t last = whitening->inputs.order - 1;
    const double *row = (const double *)whitening->factor.data + last * whitening->factor.stride;
    for (size_t k = 0; k <= last; k++) {
        double share = row[k] / row[last];
        whitening->algebra->ops.import(whitening->algebra, &share,
                                       rfim__rows(whitening->algebra, bias, k, 1));
    }
}
