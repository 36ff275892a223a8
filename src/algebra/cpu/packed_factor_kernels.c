/* packed_factor_kernels.c - Cholesky factors of many small matrices that are kept, and solves with
 * them: m matrices of order D, a vector step over those of a group.
 *
 * L_j L_j^T = M_j + diag(Lambda_:j); each L_j is D(D+1)/2 entries. A factor costs D^3/3 flops, a
 * solve 2 D^2. A solve reads each L twice from memory, and that is what takes its time. Solving
 * with factors has a small backward error whatever the condition, which an inverse has not. */
#include "algebra/cpu/cpu.h"
#include "algebra/cpu/packed_group.h"
#include "algebra/cpu/packed_lanes.h"
#include "algebra/cpu/team.h"

#define LANES RFIM__GROUP_LANES
#define SLOWNESS 4.0 /* of a flop of a solve, which waits for memory */

typedef rfim__lanes_line line;

typedef struct factor_job {
    rfim__matrix m, lambda, l;
    size_t *failed; /* first bad block, from 1; 0 while there is none */
} factor_job;

typedef struct solve_job {
    rfim__matrix l, b;
    bool down, up; /* B <- L^-1 B, then B <- L^-T B */
} solve_job;

static void factor_tile(void *data, size_t group, void *scratch)
{
    const factor_job *job = data;
    size_t order = job->lambda.rows;
    RFIM_REAL *l = rfim__group_at(job->l, order, group);
    const line *roots = scratch;
    rfim__group_damp(job->m, job->lambda, group, l);
    size_t bad = RFIM__VARIANT(rfim__lanes).factorise(l, order, scratch);
    if (bad > 0) {
        rfim__group_report(job->failed, group * LANES + bad);
        return;
    }
    for (size_t k = 0; k < order; k++)
        for (size_t v = 0; v < LANES; v++)
            l[(rfim__triangle(k) + k) * LANES + v] = roots[k][v];
    rfim__group_clear(l, order, rfim__group_count(job->lambda.columns, group));
}

static size_t cholesky(rfim__algebra *algebra, rfim__matrix m, rfim__matrix lambda, rfim__matrix l)
{
    size_t failed = 0;
    factor_job job = {m, lambda, l, &failed};
    double order = (double)lambda.rows;
    double flops = (double)lambda.columns * order * order * order / 3;
    rfim__team_run(algebra, rfim__packed_groups(algebra, lambda.columns),
                   RFIM__LANES_SLOWNESS * flops, factor_tile, &job);
    return failed;
}

/* y <- y - a b */
static inline void subtract(RFIM_REAL *restrict y, const RFIM_REAL *restrict a,
                            const RFIM_REAL *restrict b)
{
    for (size_t v = 0; v < LANES; v++)
        y[v] -= a[v] * b[v];
}

static inline void divide(RFIM_REAL *restrict y, const RFIM_REAL *restrict a)
{
    for (size_t v = 0; v < LANES; v++)
        y[v] /= a[v];
}

/* b_k <- (b_k - sum_{p < k} L_kp b_p) / L_kk, from the first row down */
static void solve_down(const line *l, line *b, size_t order)
{
    for (size_t k = 0; k < order; k++, l += k) {
        line sum;
        for (size_t v = 0; v < LANES; v++)
            sum[v] = b[k][v];
        for (size_t p = 0; p < k; p++)
            subtract(sum, l[p], b[p]);
        divide(sum, l[k]);
        for (size_t v = 0; v < LANES; v++)
            b[k][v] = sum[v];
    }
}

/* b_k <- b_k / L_kk, and b_p <- b_p - L_kp b_k for p < k, from the last row up */
static void solve_up(const line *l, line *b, size_t order)
{
    l += rfim__triangle(order);
    for (size_t k = order; k-- > 0;) {
        l -= k + 1;
        divide(b[k], l[k]);
        for (size_t p = 0; p < k; p++)
            subtract(b[p], l[p], b[k]);
    }
}

static void solve_tile(void *data, size_t group, void *scratch)
{
    const solve_job *job = data;
    size_t order = job->b.rows;
    const line *l = (const line *)rfim__group_at(job->l, order, group);
    line *b = scratch;
    rfim__group_load(job->b, group, 0, b);
    if (job->down)
        solve_down(l, b, order);
    if (job->up)
        solve_up(l, b, order);
    rfim__group_store(b, group, job->b);
}

static void run_solve(rfim__algebra *algebra, solve_job job)
{
    double sweeps = (job.down ? 1 : 0) + (job.up ? 1 : 0);
    double flops = sweeps * (double)job.b.columns * (double)job.b.rows * (double)job.b.rows;
    rfim__team_run(algebra, rfim__packed_groups(algebra, job.b.columns), SLOWNESS * flops,
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
