/* loss.c - a loss over a batch: fixed tiles of samples, on several threads where the batch is
 * large, their sums added in order. */
#include "network/loss.h"

#define MOST_TILES ((size_t)64)
#define TILE_NUMBERS ((size_t)8192)
#define FLOPS_A_NUMBER 80 /* about .9 ns on one core, in operations of a product */

typedef struct loss_job {
    const rfim__algebra *algebra;
    rfim__loss_sums (*run)(rfim__matrix u, const rfim__targets *targets, rfim__matrix e);
    rfim__matrix u;
    const rfim__targets *targets;
    rfim__matrix e;
    size_t tile_rows;
    rfim__loss_sums sums[MOST_TILES];
} loss_job;

static void run_tile(void *job, size_t tile, void *scratch)
{
    loss_job *j = job;
    (void)scratch;
    size_t first = tile * j->tile_rows;
    size_t rest = j->u.rows - first;
    size_t count = rest < j->tile_rows ? rest : j->tile_rows;
    rfim__targets targets = *j->targets;
    rfim__matrix e = j->e;
    if (targets.labels)
        targets.labels += first;
    else
        targets.values = rfim__rows(j->algebra, targets.values, first, count);
    if (e.data)
        e = rfim__rows(j->algebra, e, first, count);
    j->sums[tile] = j->run(rfim__rows(j->algebra, j->u, first, count), &targets, e);
}

rfim__loss_sums rfim__loss_of(const rfim__algebra *algebra, rfim_loss_kind loss, rfim__matrix u,
                              const rfim__targets *targets, rfim__matrix e)
{
    const rfim__loss_kernels *kernels = rfim__loss_kernels_of(algebra);
    loss_job job = {.algebra = algebra, .u = u, .targets = targets, .e = e};
    job.run = loss == RFIM_LOSS_SIGMOID   ? kernels->sigmoid
              : loss == RFIM_LOSS_SQUARED ? kernels->squared
                                          : kernels->softmax;
    size_t wanted = u.rows * u.columns / TILE_NUMBERS + 1;
    size_t most = wanted < MOST_TILES ? wanted : MOST_TILES;
    job.tile_rows = u.rows > most ? (u.rows + most - 1) / most : 1;
    size_t tiles = (u.rows + job.tile_rows - 1) / job.tile_rows;
    rfim__algebra_run(algebra, tiles, FLOPS_A_NUMBER * (double)u.rows * (double)u.columns, run_tile,
                      &job);
    rfim__loss_sums total = {0};
    for (size_t tile = 0; tile < tiles; tile++) {
        total.loss += job.sums[tile].loss;
        total.correct += job.sums[tile].correct;
        total.error += job.sums[tile].error;
    }
    return total;
}
