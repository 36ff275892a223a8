/* adam.c - Adam (Kingma and Ba 2015, algorithm 1; weight decay, when asked for, is decoupled as in
 * Loshchilov and Hutter 2019):
 *   a <- b1 a + (1-b1) g,  b <- b2 b + (1-b2) g^2,
 *   direction = (a/(1-b1^s)) / (sqrt(b/(1-b2^s)) + eps) at step s,
 * with the new parameters written in the same pass. */
#include "optimizer/adam.h"

#include "optimizer/method.h"

/* As many flops of a product take as long as one number here: bound by memory. */
#define PASS_FLOPS 40.0

enum { FIRST, SECOND };

static rfim_status create(rfim_optimizer *optimizer)
{
    rfim_network *network = optimizer->network;
    rfim__mirror *means = rfim__allocate(network->context, 1, sizeof *means);
    optimizer->state = means;
    return means ? rfim__mirror_create(network, RFIM__ADAM_MEANS, means) : RFIM_ERROR_MEMORY;
}

static void release(rfim_optimizer *optimizer)
{
    rfim_context *context = optimizer->network->context;
    if (optimizer->state)
        rfim__mirror_free(context, optimizer->state);
    rfim__release(context, optimizer->state);
}

/* One block of rows that are all decayed, or all not. */
typedef struct adam_job {
    const rfim_optimizer *optimizer;
    const rfim__adam_kernels *kernels;
    double rate, decay;
    rfim__matrix gradient, first, second, w, next;
    int finite;
} adam_job;

static void adam_tile(void *data, size_t tile, void *scratch)
{
    adam_job *job = data;
    const rfim__algebra *algebra = job->optimizer->network->algebra;
    (void)scratch;
    if (job->kernels->update(
            &job->optimizer->options, job->optimizer->report.steps + 1, job->rate, job->decay,
            rfim__row_tile(algebra, job->gradient, tile), rfim__row_tile(algebra, job->first, tile),
            rfim__row_tile(algebra, job->second, tile), rfim__row_tile(algebra, job->w, tile),
            rfim__row_tile(algebra, job->next, tile)))
        return;
#pragma omp atomic write
    job->finite = 0;
}

/* Rows first ... first+rows-1 of a module. */
static bool update_rows(rfim_optimizer *optimizer, const rfim__module *module,
                        rfim__matrix gradient, const rfim__matrix *own, double rate, double decay,
                        size_t first, size_t rows)
{
    const rfim__algebra *algebra = optimizer->network->algebra;
    adam_job job = {
        .optimizer = optimizer,
        .kernels = RFIM__PICK_VARIANT(rfim__adam, algebra->context->kernels, algebra->precision),
        .rate = rate,
        .decay = decay,
        .gradient = rfim__rows(algebra, gradient, first, rows),
        .first = rfim__rows(algebra, own[FIRST], first, rows),
        .second = rfim__rows(algebra, own[SECOND], first, rows),
        .w = rfim__rows(algebra, module->parameters, first, rows),
        .next = rfim__rows(algebra, module->previous, first, rows),
        .finite = 1};
    if (rows == 0)
        return true;
    rfim__algebra_run(algebra, rfim__row_tiles(job.w),
                      PASS_FLOPS * (double)rows * (double)job.w.columns, adam_tile, &job);
    return job.finite != 0;
}

static void direct(rfim_optimizer *optimizer, rfim_trace *trace, size_t l, double rate,
                   rfim__direction *direction)
{
    const rfim__module *module = &optimizer->network->modules[l];
    const rfim__mirror *means = optimizer->state;
    const rfim__matrix own[] = {rfim__mirror_of(means, l, FIRST),
                                rfim__mirror_of(means, l, SECOND)};
    rfim__matrix gradient = rfim__whole_gradient(optimizer, trace, l);
    double decay = rate * optimizer->options.weight_decay;
    size_t decayed = decay != 0 ? module->table->decayed_rows(module) : 0;
    bool finite = update_rows(optimizer, module, gradient, own, rate, decay, 0, decayed);
    finite = update_rows(optimizer, module, gradient, own, rate, 0, decayed,
                         module->parameters.rows - decayed) &&
             finite;
    *direction = (rfim__direction){.kind = RFIM__DIRECTION_WRITTEN, .finite = finite};
}

const rfim__method_table rfim__adam_method = {
    .name = "adam",
    .create = create,
    .free = release,
    .direct = direct,
};
