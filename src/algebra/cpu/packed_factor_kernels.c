/* packed_factor_kernels.c - Cholesky factors of many small matrices that are kept, and solves with
 * them: m matrices of order D side by side, a vector step over RFIM__LANES of them.
 *
 * L_j L_j^T = M_j + diag(Lambda_:j); each L_j is D(D+1)/2 entries. A factor costs D^3/3 flops, a
 * solve 2 D^2. A solve reads each L twice from memory, and that is what takes its time. Solving
 * with factors has a small backward error whatever the condition, which an inverse has not. */
#include "algebra/cpu/cpu.h"
#include "algebra/cpu/packed_lanes.h"
#include "algebra/cpu/team.h"

#define LANES RFIM__LANES
#define INLINE static inline __attribute__((always_inline))

static RFIM_REAL *at(rfim__matrix x, size_t i, size_t j)
{
    return (RFIM_REAL *)x.data + i * x.stride + j;
}

typedef struct factor_job {
    rfim__matrix m, lambda, l;
    size_t *failed; /* first bad block, from 1; 0 while there is none */
} factor_job;

typedef struct solve_job {
    rfim__matrix l, b;
    bool down, up; /* B <- L^-1 B, then B <- L^-T B */
} solve_job;

static size_t lanes_left(size_t columns, size_t first)
{
    return columns - first < LANES ? columns - first : LANES;
}

static void factor_tile(void *data, size_t group, void *scratch)
{
    const factor_job *job = data;
    size_t order = job->lambda.rows;
    size_t first = group * LANES;
    size_t count = lanes_left(job->lambda.columns, first);
    rfim__lanes *a = scratch;
    rfim__lanes *roots = a + rfim__triangle(order);
    rfim__lanes_load(job->m, job->lambda, first, count, a);
    size_t bad = rfim__lanes_factorise(a, order, roots);
    if (bad > 0) {
        rfim__lanes_report(job->failed, first + bad);
        return;
    }
    for (size_t k = 0; k < order; k++)
        for (size_t l = 0; l <= k; l++)
            for (size_t v = 0; v < count; v++)
                at(job->l, rfim__triangle(k) + l, first)[v] = l < k ? a[rfim__triangle(k) + l][v]
                                                                    : roots[k][v];
}

static size_t cholesky(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda, rfim__matrix l)
{
    size_t failed = 0;
    factor_job job = {m, lambda, l, &failed};
    double order = (double)lambda.rows;
    double flops = (double)lambda.columns * order * order * order / 3;
    rfim__team_run(algebra, rfim__lanes_groups(lambda.columns), RFIM__LANES_SLOWNESS * flops,
                   factor_tile, &job);
    return failed;
}

INLINE void subtract(RFIM_REAL *restrict y, const RFIM_REAL *restrict a,
                     const RFIM_REAL *restrict b, const size_t count)
{
    for (size_t v = 0; v < count; v++)
        y[v] -= a[v] * b[v];
}

/* b_k <- (b_k - sum_{p < k} L_kp b_p) / L_kk, from the first row down */
INLINE void solve_down(rfim__matrix l, rfim__matrix b, size_t first, const size_t count)
{
    for (size_t k = 0; k < b.rows; k++) {
        rfim__lanes sum;
        RFIM_REAL *bk = at(b, k, first);
        for (size_t v = 0; v < count; v++)
            sum[v] = bk[v];
        for (size_t p = 0; p < k; p++)
            subtract(sum, at(l, rfim__triangle(k) + p, first), at(b, p, first), count);
        const RFIM_REAL *pivot = at(l, rfim__triangle(k) + k, first);
        for (size_t v = 0; v < count; v++)
            bk[v] = sum[v] / pivot[v];
    }
}

/* b_k <- b_k / L_kk, and b_p <- b_p - L_kp b_k for p < k, from the last row up */
INLINE void solve_up(rfim__matrix l, rfim__matrix b, size_t first, const size_t count)
{
    for (size_t k = b.rows; k-- > 0;) {
        RFIM_REAL *bk = at(b, k, first);
        const RFIM_REAL *pivot = at(l, rfim__triangle(k) + k, first);
        for (size_t v = 0; v < count; v++)
            bk[v] /= pivot[v];
        for (size_t p = 0; p < k; p++)
            subtract(at(b, p, first), at(l, rfim__triangle(k) + p, first), bk, count);
    }
}

INLINE void solve_group(const solve_job *job, size_t first, const size_t count)
{
    if (job->down)
        solve_down(job->l, job->b, first, count);
    if (job->up)
        solve_up(job->l, job->b, first, count);
}

static void solve_tile(void *data, size_t group, void *scratch)
{
    (void)scratch;
    const solve_job *job = data;
    size_t first = group * LANES;
    size_t count = lanes_left(job->b.columns, first);
    if (count == LANES)
        solve_group(job, first, LANES); /* loops of a length that the compiler knows */
    else
        solve_group(job, first, count);
}

static void run_solve(rfim__algebra *algebra, solve_job job)
{
    double sweeps = (job.down ? 1 : 0) + (job.up ? 1 : 0);
    double flops = sweeps * (double)job.b.columns * (double)job.b.rows * (double)job.b.rows;
    rfim__team_run(algebra, rfim__lanes_groups(job.b.columns), RFIM__LANES_SLOWNESS * flops,
                   solve_tile, &job);
}

static void solve(rfim__algebra *algebra, rfim__matrix l, rfim__matrix b)
{
    run_solve(algebra, (solve_job){l, b, true, true});
}

static void triangle_solve(rfim__algebra *algebra, rfim__matrix l, rfim__transposed transposed,
                           rfim__matrix b)
{
    run_solve(algebra, (solve_job){l, b, transposed == RFIM__PLAIN, transposed != RFIM__PLAIN});
}

const rfim__packed_factor_part RFIM__VARIANT(rfim__packed_factor) = {
    .cholesky = cholesky,
    .solve = solve,
    .triangle_solve = triangle_solve,
};
