/* dual.c - dual systems: what is the same for every precision and instruction set. One shared
 * system is factorised by the library; all else is done in dual_*kernels.c.
 *
 * Room: the first thread's scratch begins with a copy of K where it is not taken as it is, for all
 * threads to read; behind it, as in every other thread's, is the thread's own part.
 */
#include "algebra/cpu/dual.h"

#include "algebra/cpu/cpu.h"
#include "algebra/cpu/team.h"
#include "core/size.h"

#include <string.h>

#define SHARED_VECTORS 4  /* columns of R that one thread solves for at a time, at most */
#define VECTOR_BYTES 64   /* at most */
#define MOST_TILE 5       /* rows and columns of a tile in dual_lanes.h, at most */
#define GATHER_FLOPS 25.0 /* fetching one entry of B takes as long as so many flops */

void rfim__dual_report(rfim__dual_job *job, size_t bad)
{
#pragma omp critical(rfim_dual)
    if (job->failed == 0 || bad < job->failed)
        job->failed = bad;
}

/* --- room ------------------------------------------------------------------------------------- */

static size_t kernel_bytes(size_t samples)
{
    return rfim__size_round_up(samples * samples * sizeof(double), VECTOR_BYTES);
}

size_t rfim__dual_room(size_t samples, size_t columns)
{
    if (samples > RFIM__MOST_DUAL_ORDER)
        return SIZE_MAX;
    size_t length = samples + MOST_TILE;
    size_t panels = length * (length + MOST_TILE) / 2 + MOST_TILE * RFIM__LANES;
    size_t group = (panels + 3 * length) * VECTOR_BYTES;
    size_t listed = rfim__dual_listed(columns);
    size_t lists = listed * samples * (sizeof(double) + sizeof(int32_t)) +
                   listed * (samples + 1) * sizeof(uint16_t) +
                   MOST_TILE * (samples + 2 * RFIM__LANES) * VECTOR_BYTES;
    size_t tile = samples * SHARED_VECTORS * VECTOR_BYTES;
    return (kernel_bytes(samples) + rfim__size_max(group + lists, tile)) / sizeof(float);
}

/* Lower triangle of K, in the precision worked in, to `copy` [n x n]; c is added to the diagonal.*/
static rfim__matrix copy_kernel(const rfim__algebra *algebra, rfim__matrix k, double c, bool wide,
                                void *copy)
{
    rfim__matrix a = {copy, k.rows, k.rows, k.rows};
    for (size_t i = 0; i < k.rows; i++) {
        const float *narrow = (const float *)k.data + i * k.stride;
        double *widened = (double *)copy + i * k.rows;
        if (wide)
            for (size_t l = 0; l <= i; l++)
                widened[l] = narrow[l];
        else
            memcpy((char *)copy + i * k.rows * algebra->item,
                   (char *)k.data + i * k.stride * algebra->item, (i + 1) * algebra->item);
        if (wide || algebra->precision == RFIM_DOUBLE)
            widened[i] += c;
        else
            ((float *)copy)[i * k.rows + i] += (float)c;
    }
    return a;
}

/* --- one system for all columns --------------------------------------------------------------- */

size_t rfim__cpu_dual_solve_shared(rfim__algebra *algebra, rfim__matrix k, double c, rfim__matrix r,
                                   rfim__matrix z, bool wide)
{
    rfim_precision precision = wide ? RFIM_DOUBLE : algebra->precision;
    rfim_kernels kernels = algebra->context->kernels;
    const rfim__factor_part *factor = RFIM__PICK_VARIANT(rfim__factor, kernels, precision);
    const rfim__dual_shared_part *part = RFIM__PICK_VARIANT(rfim__dual_shared, kernels, precision);
    rfim__dual_job job = {.r = r, .z = z};
    job.narrow = precision != algebra->precision;
    job.used = kernel_bytes(k.rows);
    job.k = copy_kernel(algebra, k, c, job.narrow, algebra->scratch);
    size_t failed = factor->cholesky(algebra, job.k);
    if (failed > 0)
        return failed;
    part->prepare(job.k);
    double flops = 2 * (double)k.rows * (double)k.rows * (double)z.columns;
    rfim__team_run(algebra, (z.columns + part->columns - 1) / part->columns, flops, part->solve,
                   &job);
    return 0;
}

/* --- a system for every column ---------------------------------------------------------------- */

/* The job's operands; K is widened here, once for all groups. */
static rfim__dual_job make_job(rfim__algebra *algebra, rfim__matrix k, rfim__matrix s,
                               rfim__matrix c, rfim__matrix r, rfim__matrix z, bool wide)
{
    rfim__dual_job job = {.k = k, .s = s, .c = c, .r = r, .z = z};
    job.narrow = wide && algebra->precision != RFIM_DOUBLE;
    if (job.narrow) {
        job.k = copy_kernel(algebra, k, 0, true, algebra->scratch);
        job.used = kernel_bytes(k.rows);
    }
    return job;
}

size_t rfim__cpu_dual_solve(rfim__algebra *algebra, rfim__matrix k, rfim__matrix s, rfim__matrix c,
                            rfim__matrix r, rfim__matrix z, bool wide)
{
    if (k.rows == 0)
        return 0;
    rfim_precision precision = wide ? RFIM_DOUBLE : algebra->precision;
    const rfim__dual_part *part = RFIM__PICK_VARIANT(rfim__dual, algebra->context->kernels,
                                                     precision);
    rfim__dual_job job = make_job(algebra, k, s, c, r, z, wide);
    double n = (double)k.rows;
    double flops = (double)z.columns * n * n * (n / 3 + 3);
    rfim__team_run(algebra, (z.columns + part->lanes - 1) / part->lanes, flops, part->solve, &job);
    return job.failed;
}

/* How many rows are active is not known yet: half of them. */
size_t rfim__cpu_dual_solve_active(rfim__algebra *algebra, rfim__matrix k, rfim__matrix s,
                                   rfim__matrix c, rfim__matrix r, rfim__matrix z, bool wide)
{
    if (k.rows == 0)
        return 0;
    rfim_precision precision = wide ? RFIM_DOUBLE : algebra->precision;
    const rfim__dual_active_part *part = RFIM__PICK_VARIANT(rfim__dual_active,
                                                            algebra->context->kernels, precision);
    rfim__dual_job job = make_job(algebra, k, s, c, r, z, wide);
    double n = (double)k.rows / 2;
    double flops = (double)z.columns * n * n * (n / 3 + GATHER_FLOPS);
    rfim__team_run(algebra, (z.columns + RFIM__DUAL_BLOCK - 1) / RFIM__DUAL_BLOCK, flops,
                   part->solve, &job);
    return job.failed;
}
