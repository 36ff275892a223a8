/* gram_kernels.c - the metrics of all neurons of a layer at once, in packed lanes:
 * M_j <- keep M_j + add sum_i nu_ij x_i x_i^T.
 *
 * Entry (k,l) of a group is sum_i y_i x_il with the line y_i = x_ik nu_i: in row k of the triangle
 * some entries stay in registers while the samples pass. Samples with x_ik = 0 are left out, which
 * halves the work behind a relu. n D^2/2 multiplications with additions a neuron at most; M is read
 * and written once for every SAMPLES samples.
 *
 * The last piece of a row begins where it ends full, so some entries are computed twice, and
 * written once. */
#include "algebra/cpu/cpu.h"
#include "algebra/cpu/packed_group.h"
#include "algebra/cpu/team.h"
#include "core/vector.h"

#define LANES RFIM__GROUP_LANES
#define INLINE static inline __attribute__((always_inline))
#define SHARES (RFIM__ALIGNMENT / RFIM_VECTOR_BYTES) /* vectors of a line */
#define SAMPLES 128                                  /* at a time: y of them is in the L1 cache */
/* Of a row PIECES x STEP entries at most are in registers. */
#if RFIM_VECTOR_BYTES == 64
#define STEP 4
#define PIECES 6
#elif RFIM_VECTOR_BYTES == 32
#define STEP 1
#define PIECES 6
#else
#define STEP 1
#define PIECES 3
#endif
#define ROWS 16 /* of the triangle, in a tile of work */
#define SLOWNESS 2.0

typedef rfim__lanes_line line;
typedef rfim__vector shares[SHARES];

/* A row of the triangle and the samples that count for it. */
typedef struct row_sums {
    const RFIM_REAL *x; /* X */
    const size_t *row;  /* [count]: where their rows begin in X */
    const line *y;      /* [count] */
    size_t count;
    RFIM_REAL keep, add;
} row_sums;

/* m <- keep m + add sum */
INLINE void write_entry(const row_sums *s, const rfim__vector sum[SHARES], RFIM_REAL *m)
{
    RFIM__UNROLL
    for (size_t v = 0; v < SHARES; v++) {
        rfim__loose_vector *to = (rfim__loose_vector *)(m + v * RFIM_VECTOR_LANES);
        if (s->keep != 0)
            *to = s->keep * *to + s->add * sum[v];
        else
            *to = s->add * sum[v];
    }
}

/* Entries first ... first + pieces x step - 1 of the row; those before `from` are not written. */
INLINE void add_entries(const size_t pieces, const size_t step, const row_sums *s, size_t first,
                        size_t from, RFIM_REAL *row)
{
    shares sum[PIECES][STEP];
    RFIM__UNROLL
    for (size_t p = 0; p < pieces; p++) {
        RFIM__UNROLL
        for (size_t l = 0; l < step; l++) {
            RFIM__UNROLL
            for (size_t v = 0; v < SHARES; v++)
                sum[p][l][v] = (rfim__vector){0};
        }
    }
    for (size_t p = 0; p < pieces * step; p++) /* what comes next, while there is time */
        __builtin_prefetch(row + (first + pieces * step + p) * LANES, 1);
    const RFIM_REAL *from_first = s->x + first;
    for (size_t i = 0; i < s->count; i++) {
        const RFIM_REAL *x = from_first + s->row[i];
        shares y;
        RFIM__UNROLL
        for (size_t v = 0; v < SHARES; v++)
            y[v] = *(const rfim__loose_vector *)(s->y[i] + v * RFIM_VECTOR_LANES);
        RFIM__UNROLL
        for (size_t p = 0; p < pieces; p++) {
            RFIM__UNROLL
            for (size_t l = 0; l < step; l++) {
                RFIM__UNROLL
                for (size_t v = 0; v < SHARES; v++)
                    sum[p][l][v] += y[v] * x[p * step + l];
            }
        }
    }
    RFIM__UNROLL
    for (size_t p = 0; p < pieces; p++) {
        RFIM__UNROLL
        for (size_t l = 0; l < step; l++)
            if (first + p * step + l >= from)
                write_entry(s, sum[p][l], row + (first + p * step + l) * LANES);
    }
}

/* The last entries of a row of `length`, from `from` on: at most pieces x STEP of them. */
static void add_last_entries(size_t pieces, const row_sums *s, size_t length, size_t from,
                             RFIM_REAL *row)
{
    size_t first = length - pieces * STEP;
    if (pieces == 1)
        add_entries(1, STEP, s, first, from, row);
    else if (pieces == 2)
        add_entries(2, STEP, s, first, from, row);
    else if (pieces == 3)
        add_entries(3, STEP, s, first, from, row);
#if PIECES > 3
    else if (pieces == 4)
        add_entries(4, STEP, s, first, from, row);
    else if (pieces == 5)
        add_entries(5, STEP, s, first, from, row);
    else
        add_entries(6, STEP, s, first, from, row);
#endif
}

static void add_row(const row_sums *s, size_t length, RFIM_REAL *row)
{
    size_t l = 0;
    for (; l + PIECES * STEP <= length; l += PIECES * STEP)
        add_entries(PIECES, STEP, s, l, l, row);
    size_t pieces = (length - l + STEP - 1) / STEP;
    if (pieces * STEP > length) /* STEP numbers are not there */
        for (; l < length; l++)
            add_entries(1, 1, s, l, l, row);
    else if (pieces > 0)
        add_last_entries(pieces, s, length, l, row);
}

typedef struct gram_job {
    double keep, add;
    rfim__matrix x, nu, m;
    size_t tiles; /* of a group */
} gram_job;

/* Samples first ... first+count-1 on row k of a group */
static void add_samples(const gram_job *g, const line *nu, size_t first, size_t count, size_t k,
                        double keep, RFIM_REAL *row)
{
    line y[SAMPLES];
    size_t starts[SAMPLES];
    row_sums s = {
        .x = g->x.data, .row = starts, .y = y, .keep = (RFIM_REAL)keep, .add = (RFIM_REAL)g->add};
    for (size_t i = 0; i < count; i++) {
        const RFIM_REAL *xi = (const RFIM_REAL *)g->x.data + (first + i) * g->x.stride;
        RFIM_REAL factor = xi[k];
        for (size_t v = 0; v < LANES; v++)
            y[s.count][v] = factor * nu[i][v];
        starts[s.count] = (first + i) * g->x.stride;
        s.count += factor != 0;
    }
    add_row(&s, k + 1, row);
}

static void gram_tile(void *data, size_t index, void *scratch)
{
    (void)scratch;
    const gram_job *g = data;
    size_t order = g->x.columns;
    size_t group = index / g->tiles;
    size_t end = order - index % g->tiles * ROWS; /* long rows first */
    size_t begin = end > ROWS ? end - ROWS : 0;
    RFIM_REAL *m = rfim__group_at(g->m, order, group);
    size_t pieces = (g->x.rows + SAMPLES - 1) / SAMPLES;
    size_t piece = (g->x.rows + pieces - 1) / pieces;
    for (size_t first = 0; first < g->x.rows; first += piece) {
        size_t count = first + piece < g->x.rows ? piece : g->x.rows - first;
        line nu[SAMPLES];
        rfim__matrix rows = g->nu;
        rows.data = (RFIM_REAL *)rows.data + first * rows.stride;
        rows.rows = count;
        rfim__group_load(rows, group, 0, nu);
        for (size_t k = begin; k < end; k++)
            add_samples(g, nu, first, count, k, first == 0 ? g->keep : 1,
                        m + rfim__triangle(k) * LANES);
    }
}

static void gram_weighted(rfim__algebra *algebra, double keep, double add, rfim__matrix x,
                          rfim__matrix nu, rfim__matrix m)
{
    size_t groups = rfim__packed_groups(algebra, nu.columns);
    if (x.columns == 0 || groups == 0)
        return;
    if (x.rows == 0) {
        algebra->ops.combine(algebra, keep, m, 0, m, m);
        return;
    }
    gram_job job = {keep, add, x, nu, m, (x.columns + ROWS - 1) / ROWS};
    double flops = (double)x.rows * (double)nu.columns * (double)x.columns * (double)x.columns;
    rfim__team_run(algebra, groups * job.tiles, SLOWNESS * flops, gram_tile, &job);
}

const rfim__gram_part RFIM__VARIANT(rfim__gram) = {
    .gram_weighted = gram_weighted,
};
