#include "algebra/algebra.h"

#include "algebra/cpu/team.h"
#include "core/kernels.h"
#include "core/size.h"

#include <string.h>

#define ROW_TILE_NUMBERS ((size_t)4096) /* two float64 matrices of it: 64 KiB */

void rfim__algebra_free(rfim__algebra *algebra)
{
    if (!algebra)
        return;
    rfim__release(algebra->context, algebra->scratch);
    rfim__release(algebra->context, algebra);
}

rfim_status rfim__algebra_reserve(rfim__algebra *algebra, size_t numbers)
{
    size_t bytes = 0;
    if (!rfim__size_multiply(numbers, algebra->item, &bytes) || bytes > SIZE_MAX / 2)
        return rfim__fail(algebra->context, RFIM_ERROR_MEMORY,
                          "a work area of %zu numbers is more than this machine can address",
                          numbers);
    bytes = rfim__size_round_up(bytes, RFIM__ALIGNMENT);
    if (bytes <= algebra->scratch_bytes)
        return RFIM_OK;
    void *scratch = rfim__allocate(algebra->context, algebra->threads, bytes);
    if (!scratch)
        return RFIM_ERROR_MEMORY;
    rfim__release(algebra->context, algebra->scratch);
    algebra->scratch = scratch;
    algebra->scratch_bytes = bytes;
    return RFIM_OK;
}

void rfim__algebra_run(const rfim__algebra *algebra, size_t tiles, double flops, rfim__tile_fn run,
                       void *job)
{
    rfim__team_run(algebra, tiles, flops, run, job);
}

static size_t rows_a_tile(rfim__matrix x)
{
    return x.columns < ROW_TILE_NUMBERS ? ROW_TILE_NUMBERS / (x.columns ? x.columns : 1) : 1;
}

size_t rfim__row_tiles(rfim__matrix x)
{
    return (x.rows + rows_a_tile(x) - 1) / rows_a_tile(x);
}

rfim__matrix rfim__row_tile(const rfim__algebra *algebra, rfim__matrix x, size_t tile)
{
    size_t first = tile * rows_a_tile(x);
    size_t rest = x.rows - first;
    return rfim__rows(algebra, x, first, rest < rows_a_tile(x) ? rest : rows_a_tile(x));
}

rfim__matrix rfim__rows(const rfim__algebra *algebra, rfim__matrix x, size_t first, size_t count)
{
    x.data = (char *)x.data + first * x.stride * algebra->item;
    x.rows = count;
    return x;
}

rfim__matrix rfim__columns(const rfim__algebra *algebra, rfim__matrix x, size_t first, size_t count)
{
    x.data = (char *)x.data + first * algebra->item;
    x.columns = count;
    return x;
}

void rfim__matrix_swap(rfim__matrix *a, rfim__matrix *b)
{
    rfim__matrix c = *a;
    *a = *b;
    *b = c;
}

size_t rfim__stride(size_t columns)
{
    return rfim__size_round_up(columns, RFIM__LANES);
}

size_t rfim__packed_rows(const rfim__algebra *algebra, size_t order, size_t m)
{
    size_t rows = 0;
    bool fits = order < UINT32_MAX &&
                rfim__size_multiply(rfim__triangle(order), rfim__packed_groups(algebra, m), &rows);
    return fits ? rows : SIZE_MAX;
}

rfim__matrix rfim__packed_entry(const rfim__algebra *algebra, rfim__matrix packed, size_t order,
                                size_t m, size_t group, size_t k, size_t l)
{
    size_t lanes = rfim__packed_lanes(algebra);
    return rfim__columns(algebra,
                         rfim__rows(algebra, packed, rfim__packed_row(order, group, k, l), 1), 0,
                         rfim__size_min(lanes, m - group * lanes));
}

static rfim__matrix place(rfim__arena *arena, const rfim__algebra *algebra, rfim__matrix x)
{
    if (arena->base)
        x.data = arena->base + arena->used;
    size_t bytes = 0;
    if (x.columns > SIZE_MAX / 64 ||
        !rfim__size_multiply(x.rows, x.stride * algebra->item, &bytes) || bytes > SIZE_MAX / 4 ||
        !rfim__size_add(arena->used, bytes, &arena->used) || arena->used > SIZE_MAX / 4) {
        arena->overflow = true;
        arena->used = 0;
    }
    arena->used = rfim__size_round_up(arena->used, RFIM__ALIGNMENT);
    return x;
}

rfim__matrix rfim__arena_matrix(rfim__arena *arena, const rfim__algebra *algebra, size_t rows,
                                size_t columns)
{
    return place(arena, algebra, (rfim__matrix){NULL, rows, columns, rfim__stride(columns)});
}

rfim__matrix rfim__arena_packed(rfim__arena *arena, const rfim__algebra *algebra, size_t order,
                                size_t m)
{
    size_t lanes = rfim__packed_lanes(algebra);
    size_t rows = rfim__packed_rows(algebra, order, m);
    return place(arena, algebra, (rfim__matrix){NULL, rows, lanes, lanes});
}
