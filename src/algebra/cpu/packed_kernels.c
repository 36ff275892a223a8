/* packed_kernels.c - many small symmetric matrices at once, one in each lane of a vector.
 *
 * The metrics of the neurons of a layer are m matrices of one order D. Stored entry by entry with
 * the neuron as the last index, every scalar step of a textbook algorithm becomes a vector step
 * over RFIM__LANES neurons. Library routines reach about 2 Gflop/s at D = 81. */
#include "algebra/cpu/cpu.h"
#include "algebra/cpu/packed_lanes.h"
#include "algebra/cpu/team.h"

#include <math.h>

#define LANES RFIM__LANES

typedef rfim__lanes lanes;

static RFIM_REAL *at(rfim__matrix x, size_t i, size_t j)
{
    return (RFIM_REAL *)x.data + i * x.stride + j;
}

/* L <- L^-1: (L^-1)_kj = -1/L_kk sum_{p=j}^{k-1} L_kp (L^-1)_pj, row by row from the top. */
static void invert_triangle(lanes *a, size_t order)
{
    for (size_t k = 1; k < order; k++) {
        lanes *ak = a + rfim__triangle(k);
        for (size_t j = 0; j < k; j++) {
            lanes sum = {0};
            for (size_t p = j; p < k; p++)
                rfim__lanes_subtract(sum, ak[p], a[rfim__triangle(p) + j]);
            for (size_t v = 0; v < LANES; v++)
                ak[j][v] = sum[v]; /* columns to the right do not need L_kj any more */
        }
        for (size_t j = 0; j < k; j++)
            for (size_t v = 0; v < LANES; v++)
                ak[j][v] *= ak[k][v];
    }
}

/* A <- L^-T L^-1: A_kj = sum_{p >= k} R_pk R_pj, R = L^-1; rows from the top, as row k of A needs
 * rows k, k+1, ... of R only. */
static void multiply_triangles(lanes *a, size_t order)
{
    for (size_t k = 0; k < order; k++) {
        lanes *ak = a + rfim__triangle(k);
        for (size_t j = 0; j <= k; j++) {
            lanes sum = {0};
            for (size_t p = k; p < order; p++) {
                const lanes *rp = a + rfim__triangle(p);
                for (size_t v = 0; v < LANES; v++)
                    sum[v] += rp[k][v] * rp[j][v];
            }
            for (size_t v = 0; v < LANES; v++)
                ak[j][v] = sum[v];
        }
    }
}

typedef struct packed_job {
    rfim__matrix m, lambda, p; /* invert */
    rfim__matrix a, b, c;      /* multiply */
    size_t *failed;            /* invert: first bad block, from 1; 0 while there is none */
} packed_job;

/* One group of lanes; returns the first that failed, from 1, or 0. */
static size_t invert_group(const packed_job *job, size_t first, lanes *a)
{
    size_t order = job->lambda.rows;
    size_t left = job->lambda.columns - first;
    size_t count = left < LANES ? left : LANES;
    rfim__lanes_load(job->m, job->lambda, first, count, a);
    size_t bad = rfim__lanes_factorise(a, order, NULL);
    if (bad > 0)
        return first + bad;
    invert_triangle(a, order);
    multiply_triangles(a, order);
    for (size_t e = 0; e < rfim__triangle(order); e++)
        for (size_t v = 0; v < count; v++)
            at(job->p, e, first)[v] = a[e][v];
    return 0;
}

static void invert_tile(void *data, size_t group, void *scratch)
{
    const packed_job *job = data;
    rfim__lanes_report(job->failed, invert_group(job, group * LANES, scratch));
}

static size_t invert(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda, rfim__matrix p)
{
    size_t failed = 0;
    packed_job job = {.m = m, .lambda = lambda, .p = p, .failed = &failed};
    double flops = (double)lambda.columns * pow((double)lambda.rows, 3);
    rfim__team_run(algebra, rfim__lanes_groups(lambda.columns), RFIM__LANES_SLOWNESS * flops,
                   invert_tile, &job);
    return failed;
}

/* c_k = sum_l A_kl b_l for one group of lanes; each entry below the diagonal serves twice. */
static void multiply_group(rfim__matrix a, rfim__matrix b, rfim__matrix c, size_t first,
                           size_t count)
{
    for (size_t k = 0; k < b.rows; k++) {
        RFIM_REAL sum[LANES] = {0};
        const RFIM_REAL *bk = at(b, k, first);
        for (size_t l = 0; l < k; l++) {
            const RFIM_REAL *akl = at(a, rfim__triangle(k) + l, first);
            const RFIM_REAL *bl = at(b, l, first);
            RFIM_REAL *cl = at(c, l, first);
            for (size_t v = 0; v < count; v++) {
                sum[v] += akl[v] * bl[v];
                cl[v] += akl[v] * bk[v];
            }
        }
        const RFIM_REAL *akk = at(a, rfim__triangle(k) + k, first);
        for (size_t v = 0; v < count; v++)
            at(c, k, first)[v] = sum[v] + akk[v] * bk[v];
    }
}

static void multiply_tile(void *data, size_t group, void *scratch)
{
    (void)scratch;
    const packed_job *job = data;
    size_t first = group * LANES;
    if (job->b.columns - first >= LANES)
        multiply_group(job->a, job->b, job->c, first, LANES);
    else
        multiply_group(job->a, job->b, job->c, first, job->b.columns - first);
}

static void multiply(rfim__algebra *algebra, rfim__matrix a, rfim__matrix b, rfim__matrix c)
{
    packed_job job = {.a = a, .b = b, .c = c};
    double flops = 2.0 * (double)b.columns * (double)b.rows * (double)b.rows;
    rfim__team_run(algebra, rfim__lanes_groups(b.columns), RFIM__LANES_SLOWNESS * flops,
                   multiply_tile, &job);
}

static void diagonal(rfim__algebra *algebra, rfim__matrix a, rfim__matrix d)
{
    (void)algebra;
    for (size_t k = 0; k < d.rows; k++)
        for (size_t j = 0; j < d.columns; j++)
            *at(d, k, j) = *at(a, rfim__triangle(k) + k, j);
}

const rfim__packed_part RFIM__VARIANT(rfim__packed) = {
    .invert = invert,
    .multiply = multiply,
    .diagonal = diagonal,
};
