#include "metric/response.h"

#include "core/fault.h"

rfim_family rfim__family_of(rfim__activation_kind kind)
{
    return kind == RFIM__TANH || kind == RFIM__SIGM ? RFIM_FAMILY_CANONICAL : RFIM_FAMILY_GAUSSIAN;
}

const rfim__response_kernels *rfim__response_kernels_of(const rfim__algebra *algebra)
{
    return RFIM__PICK_VARIANT(rfim__responses, algebra->context->kernels, algebra->precision);
}

/* Columns of a neuron block; the sums over samples are whole within one. */
#define TILE_COLUMNS ((size_t)64)

typedef struct response_job {
    const rfim__algebra *algebra;
    const rfim__activation *f;
    rfim_family family;
    double scale;
    rfim__matrix t;
    rfim__matrix delta;
    rfim__matrix k;
    rfim__matrix s;
    rfim__matrix r;
    rfim__matrix c;
} response_job;

static response_job job_of(const rfim__algebra *algebra, const rfim__activation *f,
                           rfim_family family, double sigma)
{
    double fault = f->kind == RFIM__RELU ? RFIM_FAULT_NU : 1;
    double scale = family == RFIM_FAMILY_GAUSSIAN ? fault / (sigma * sigma) : 1;
    return (response_job){.algebra = algebra, .f = f, .family = family, .scale = scale};
}

/* An activation from outside is called on the caller's thread: the tiles one by one. */
static void run_all(response_job *job, size_t tiles, rfim__tile_fn run)
{
    rfim__activation slope = *job->f;
    if (slope.kind == RFIM__RELU && slope.omega > 0)
        slope.kind = RFIM__SOFTPLUS;
    double flops = rfim__activation_flops(&slope) * (double)job->t.rows * (double)job->t.columns;
    if (slope.kind != RFIM__CUSTOM)
        rfim__algebra_run(job->algebra, tiles, flops, run, job);
    else
        for (size_t tile = 0; tile < tiles; tile++)
            run(job, tile, NULL);
}

static void nu_tile(void *job, size_t tile, void *scratch)
{
    const response_job *j = job;
    (void)scratch;
    rfim__matrix nu = rfim__row_tile(j->algebra, j->s, tile);
    rfim__activation_kernels_of(j->algebra)
        ->slope(j->f, rfim__row_tile(j->algebra, j->t, tile), nu);
    if (j->family == RFIM_FAMILY_GAUSSIAN)
        rfim__response_kernels_of(j->algebra)->square(j->scale, nu);
}

void rfim__response_nu(const rfim__algebra *algebra, const rfim__activation *f, rfim_family family,
                       double sigma, rfim__matrix t, rfim__matrix nu)
{
    response_job job = job_of(algebra, f, family, sigma);
    job.t = t;
    job.s = nu;
    run_all(&job, rfim__row_tiles(t), nu_tile);
}

static rfim__matrix columns_of(const response_job *job, rfim__matrix x, size_t tile)
{
    size_t first = tile * TILE_COLUMNS;
    size_t rest = x.columns - first;
    return rfim__columns(job->algebra, x, first, rest < TILE_COLUMNS ? rest : TILE_COLUMNS);
}

static void dual_tile(void *job, size_t tile, void *scratch)
{
    const response_job *j = job;
    (void)scratch;
    rfim__matrix s = columns_of(j, j->s, tile);
    rfim__activation_kernels_of(j->algebra)->slope(j->f, columns_of(j, j->t, tile), s);
    rfim__response_kernels_of(j->algebra)
        ->dual(j->family, j->scale, columns_of(j, j->delta, tile), j->k, s,
               columns_of(j, j->r, tile), columns_of(j, j->c, tile));
}

void rfim__response_dual(const rfim__algebra *algebra, const rfim__activation *f,
                         rfim_family family, double sigma, rfim__matrix t, rfim__matrix delta,
                         rfim__matrix k, rfim__matrix s, rfim__matrix r, rfim__matrix c)
{
    response_job job = job_of(algebra, f, family, sigma);
    job.t = t;
    job.delta = delta;
    job.k = k;
    job.s = s;
    job.r = r;
    job.c = c;
    run_all(&job, (t.columns + TILE_COLUMNS - 1) / TILE_COLUMNS, dual_tile);
}
