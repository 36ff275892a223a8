/* packed_kernels.c - many small symmetric matrices at once: their inverses, and products with them.
 *
 * The metrics of the neurons of a layer are m matrices of one order D. Every scalar step of a
 * textbook algorithm is a vector step over the neurons of a group (packed_lanes_kernels.c).
 * A product with a vector for each takes 2 D^2 flops and reads D^2/2 numbers a neuron: what takes
 * its time is where the numbers come from. */
#include "algebra/cpu/cpu.h"
#include "algebra/cpu/packed_group.h"
#include "algebra/cpu/packed_lanes.h"
#include "algebra/cpu/team.h"
#include "core/vector.h"

#include <math.h>

#define LANES RFIM__GROUP_LANES
#define INLINE static inline __attribute__((always_inline))

typedef rfim__lanes_line line;

/* --- inverses --------------------------------------------------------------------------------- */

typedef struct invert_job {
    rfim__matrix m, lambda, p;
    const rfim__lanes_part *wide; /* the lanes of float64, or NULL */
    size_t *failed;               /* first bad block, from 1; 0 while there is none */
} invert_job;

/* In float64 there are so many lanes in a group. */
#define WIDE_LANES (RFIM__ALIGNMENT / sizeof(double))

/* Lanes first ... of the group, worked out in float64. A: room for a triangle of lines. Returns
 * the first bad lane of the group, from 1, or 0. */
static size_t invert_wide(const invert_job *job, size_t group, size_t first, double *a)
{
    size_t order = job->lambda.rows;
    size_t entries = rfim__triangle(order);
    size_t count = rfim__group_count(job->lambda.columns, group);
    const RFIM_REAL *m = rfim__group_at(job->m, order, group) + first;
    const RFIM_REAL *lambda = (const RFIM_REAL *)job->lambda.data + group * LANES + first;
    RFIM_REAL *p = rfim__group_at(job->p, order, group) + first;
    for (size_t e = 0; e < entries; e++)
        for (size_t v = 0; v < WIDE_LANES; v++)
            a[e * WIDE_LANES + v] = (double)m[e * LANES + v];
    for (size_t k = 0; k < order; k++)
        for (size_t v = 0; v < WIDE_LANES; v++)
            a[(rfim__triangle(k) + k) * WIDE_LANES + v] +=
                first + v < count ? (double)lambda[k * job->lambda.stride + v] : 1;
    size_t bad = job->wide->factorise(a, order, NULL);
    if (bad > 0)
        return first + bad;
    job->wide->invert(a, order);
    for (size_t e = 0; e < entries; e++)
        for (size_t v = 0; v < WIDE_LANES; v++)
            p[e * LANES + v] = (RFIM_REAL)a[e * WIDE_LANES + v];
    return 0;
}

/* Returns the first bad lane, from 1, or 0. */
static size_t invert_group(const invert_job *job, size_t group, void *scratch)
{
    size_t order = job->lambda.rows;
    RFIM_REAL *p = rfim__group_at(job->p, order, group);
    size_t bad = 0;
    if (job->wide) {
        for (size_t first = 0; first < LANES && bad == 0; first += WIDE_LANES)
            bad = invert_wide(job, group, first, scratch);
    } else {
        rfim__group_damp(job->m, job->lambda, group, p);
        bad = RFIM__VARIANT(rfim__lanes).factorise(p, order, NULL);
        if (bad == 0)
            RFIM__VARIANT(rfim__lanes).invert(p, order);
    }
    rfim__group_clear(p, order, rfim__group_count(job->lambda.columns, group));
    return bad;
}

static void invert_tile(void *data, size_t group, void *scratch)
{
    const invert_job *job = data;
    size_t bad = invert_group(job, group, scratch);
    rfim__group_report(job->failed, bad > 0 ? group * LANES + bad : 0);
}

static size_t invert(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda, rfim__matrix p,
                     bool wide)
{
    size_t failed = 0;
    invert_job job = {m, lambda, p, NULL, &failed};
    if (wide && sizeof(RFIM_REAL) < sizeof(double))
        job.wide = RFIM__PICK_VARIANT(rfim__lanes, algebra->context->kernels, RFIM_DOUBLE);
    double flops = (double)lambda.columns * pow((double)lambda.rows, 3) * (job.wide ? 2 : 1);
    rfim__team_run(algebra, rfim__packed_groups(algebra, lambda.columns),
                   RFIM__LANES_SLOWNESS * flops, invert_tile, &job);
    return failed;
}

/* --- products --------------------------------------------------------------------------------- */

/* A line is SHARES vectors; so many rows of A are taken at a time as the registers hold. */
#define SHARES (RFIM__ALIGNMENT / RFIM_VECTOR_BYTES)
#define ROWS (4 / SHARES)
/* Lines that are asked for before they are needed: the triangle is read from end to end. */
#define AHEAD 48
#define SLOWNESS 4.0 /* of a flop here, which waits for memory */

typedef rfim__vector shares[SHARES];

INLINE void load(const RFIM_REAL *a, rfim__vector out[SHARES])
{
    RFIM__UNROLL
    for (size_t s = 0; s < SHARES; s++)
        out[s] = *(const rfim__loose_vector *)(a + s * RFIM_VECTOR_LANES);
}

INLINE void store(const rfim__vector in[SHARES], RFIM_REAL *a)
{
    RFIM__UNROLL
    for (size_t s = 0; s < SHARES; s++)
        *(rfim__loose_vector *)(a + s * RFIM_VECTOR_LANES) = in[s];
}

/* Rows k ... k+rows-1 of the triangle: c_k <- sum_{l<=k} A_kl b_l, c_l += A_kl b_k for l < k. */
INLINE void multiply_rows(const size_t rows, const RFIM_REAL *a, size_t k, const line *b, line *c)
{
    shares sum[ROWS], own[ROWS];
    const RFIM_REAL *row[ROWS];
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++) {
        row[r] = a + rfim__triangle(k + r) * LANES;
        load(b[k + r], own[r]);
        RFIM__UNROLL
        for (size_t s = 0; s < SHARES; s++)
            sum[r][s] = (rfim__vector){0};
    }
    for (size_t l = 0; l < k; l++) {
        shares bl, cl;
        load(b[l], bl);
        load(c[l], cl);
        RFIM__UNROLL
        for (size_t r = 0; r < rows; r++) {
            shares entry;
            load(row[r] + l * LANES, entry);
            __builtin_prefetch(row[r] + (l + AHEAD) * LANES);
            RFIM__UNROLL
            for (size_t s = 0; s < SHARES; s++) {
                sum[r][s] += entry[s] * bl[s];
                cl[s] += entry[s] * own[r][s];
            }
        }
        store(cl, c[l]);
    }
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++) {
        RFIM__UNROLL
        for (size_t q = 0; q <= r; q++) {
            shares entry;
            load(row[r] + (k + q) * LANES, entry);
            RFIM__UNROLL
            for (size_t s = 0; s < SHARES; s++) {
                sum[r][s] += entry[s] * own[q][s];
                if (q < r)
                    sum[q][s] += entry[s] * own[r][s];
            }
        }
    }
    RFIM__UNROLL
    for (size_t r = 0; r < rows; r++)
        store(sum[r], c[k + r]);
}

typedef struct multiply_job {
    rfim__matrix a, b, c;
} multiply_job;

static void multiply_tile(void *data, size_t group, void *scratch)
{
    const multiply_job *job = data;
    size_t order = job->b.rows;
    const RFIM_REAL *a = rfim__group_at(job->a, order, group);
    line *b = scratch;
    line *c = b + order;
    rfim__group_load(job->b, group, 0, b);
    size_t k = 0;
    for (; k + ROWS <= order; k += ROWS)
        multiply_rows(ROWS, a, k, b, c);
    for (; k < order; k++)
        multiply_rows(1, a, k, b, c);
    rfim__group_store(c, group, job->c);
}

static void multiply(rfim__algebra *algebra, rfim__matrix a, rfim__matrix b, rfim__matrix c)
{
    multiply_job job = {a, b, c};
    double flops = 2.0 * (double)b.columns * (double)b.rows * (double)b.rows;
    rfim__team_run(algebra, rfim__packed_groups(algebra, b.columns), SLOWNESS * flops,
                   multiply_tile, &job);
}

static void diagonal(rfim__algebra *algebra, rfim__matrix a, rfim__matrix d)
{
    for (size_t group = 0; group < rfim__packed_groups(algebra, d.columns); group++) {
        const RFIM_REAL *from = rfim__group_at(a, d.rows, group);
        RFIM_REAL *to = (RFIM_REAL *)d.data + group * LANES;
        size_t count = rfim__group_count(d.columns, group);
        for (size_t k = 0; k < d.rows; k++)
            for (size_t v = 0; v < count; v++)
                to[k * d.stride + v] = from[(rfim__triangle(k) + k) * LANES + v];
    }
}

const rfim__packed_part RFIM__VARIANT(rfim__packed) = {
    .invert = invert,
    .multiply = multiply,
    .diagonal = diagonal,
};
