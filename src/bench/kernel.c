#include "bench/kernel.h"

#include "bench/run.h"
#include "bench/spread.h"
#include "core/context.h"
#include "train/trainer.h"

#include <math.h>

#define TURN_SECONDS 0.02 /* at most; a block's seconds where they are fewer */

rfim__matrix rfim__bench_matrix(rfim__kernel_bench *self, size_t rows, size_t columns, double reach)
{
    rfim__arena arena = {0};
    rfim__matrix x = rfim__arena_matrix(&arena, self->algebra, rows, columns);
    rfim__bench_room *room = rfim__allocate(self->context, 1, sizeof *room);
    if (room) {
        room->memory = rfim__allocate(self->context, arena.used, 1);
        room->next = self->rooms;
        self->rooms = room;
    }
    if (!room || !room->memory) {
        self->status = RFIM_ERROR_MEMORY;
        return (rfim__matrix){0};
    }
    x.data = room->memory;
    rfim__bench_fill(x, reach, rows + columns);
    return x;
}

rfim__matrix rfim__bench_packed(rfim__kernel_bench *self, size_t order, size_t m)
{
    return rfim__bench_matrix(self, rfim__packed_rows(self->algebra, order, m),
                              rfim__packed_lanes(self->algebra), 0);
}

rfim__matrix rfim__bench_definite(rfim__kernel_bench *self, size_t order)
{
    rfim__matrix x = rfim__bench_matrix(self, 2 * order, order, 1);
    rfim__matrix g = rfim__bench_matrix(self, order, order, 0);
    if (self->status != RFIM_OK)
        return g;
    self->algebra->ops.gram(self->algebra, 0, 1 / (double)order, x, g);
    self->algebra->ops.symmetrise(self->algebra, g);
    return g;
}

static double seconds_of(rfim__kernel_bench *self, const rfim__bench_pair *pair,
                         rfim__bench_side *side, size_t times)
{
    double start = rfim__now();
    for (size_t k = 0; k < times; k++)
        side(self, pair);
    return rfim__now() - start;
}

/* So many times in a turn; warms up. */
static size_t calibrate(rfim__kernel_bench *self, const rfim__bench_pair *pair,
                        rfim__bench_side *side)
{
    double enough = fmin(TURN_SECONDS, self->options->block_seconds);
    size_t times = 1;
    double seconds = seconds_of(self, pair, side, times);
    while (seconds < enough / 2) {
        times *= 2;
        seconds = seconds_of(self, pair, side, times);
    }
    return (size_t)fmax(1, ceil((double)times * enough / seconds));
}

void rfim__bench_pair_run(rfim__kernel_bench *self, const rfim__bench_pair *pair)
{
    size_t blocks = self->options->blocks;
    double *ours = self->times;
    double *theirs = self->times + blocks;
    double *room = self->times + 2 * blocks;
    if (self->status != RFIM_OK)
        return;
    size_t our_times = calibrate(self, pair, pair->ours);
    size_t their_times = calibrate(self, pair, pair->theirs);
    for (size_t block = 0; block < blocks; block++) {
        ours[block] = 1e6 / (double)our_times * seconds_of(self, pair, pair->ours, our_times);
        theirs[block] = 1e6 / (double)their_times *
                        seconds_of(self, pair, pair->theirs, their_times);
    }
    rfim_bench_kernel kernel = {.name = pair->name,
                                .shape = pair->shape,
                                .against = pair->against,
                                .threads = self->algebra->threads,
                                .flops = pair->flops};
    kernel.ratio = rfim__bench_ratio(ours, theirs, blocks, room);
    kernel.microseconds = rfim__bench_spread(ours, blocks);
    kernel.calls = rfim__bench_spread(theirs, blocks);
    if (self->told && self->told(self->user, &kernel))
        self->status = rfim__fail(self->asker, RFIM_STOPPED, "bench: stopped on request");
}

static rfim_status prepare(rfim__kernel_bench *self, size_t threads)
{
    rfim_context_options settings;
    rfim_context_defaults(&settings);
    settings.allocator = self->asker->allocator;
    settings.kernels = self->asker->kernels;
    settings.threads = threads;
    rfim_status status = rfim_context_create(&settings, &self->context);
    if (status != RFIM_OK)
        return rfim__fail(self->asker, status, "bench: a context of %zu threads: %s", threads,
                          rfim_status_text(status));
    self->times = rfim__allocate(self->context, 3 * self->options->blocks, sizeof *self->times);
    if (!self->times)
        return rfim__fail(self->asker, RFIM_ERROR_MEMORY, "bench: no memory");
    return rfim__algebra_create_cpu(self->context, RFIM_SINGLE, &self->algebra);
}

static void release(rfim__kernel_bench *self)
{
    while (self->rooms) {
        rfim__bench_room *next = self->rooms->next;
        rfim__release(self->context, self->rooms->memory);
        rfim__release(self->context, self->rooms);
        self->rooms = next;
    }
    rfim__algebra_free(self->algebra);
    if (self->context)
        rfim__release(self->context, self->times);
    rfim_context_free(self->context);
}

static rfim_status time_all(rfim__kernel_bench *self, size_t threads)
{
    static void (*const groups[])(rfim__kernel_bench *) = {
        rfim__bench_products, rfim__bench_factors, rfim__bench_duals, rfim__bench_elements};
    self->status = prepare(self, threads);
    for (size_t g = 0; g < sizeof groups / sizeof *groups && self->status == RFIM_OK; g++) {
        rfim__algebra_begin(self->context);
        groups[g](self);
        rfim__algebra_end(self->context);
        if (self->status == RFIM_ERROR_MEMORY)
            rfim__fail(self->asker, self->status, "bench: no memory for the kernels' operands");
    }
    release(self);
    return self->status;
}

rfim_status rfim_bench_kernels(rfim_context *context, const rfim_bench_options *options,
                               rfim_bench_kernel_fn told, void *user)
{
    if (!context || !options)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = rfim__bench_check(context, options);
    for (size_t t = 0; t < rfim__bench_thread_counts(options) && status == RFIM_OK; t++) {
        rfim__kernel_bench self = {
            .asker = context, .options = options, .told = told, .user = user};
        status = time_all(&self, options->threads[t]);
    }
    return status;
}
