/* result.c - what a run has found, summed up. */
#include "bench/run.h"
#include "bench/spread.h"

#include <string.h>

/* The times of the program of this name on so many threads; NULL: not timed. */
static const double *find_times(const rfim_bench *bench, const char *name, size_t threads)
{
    for (size_t p = 0; p < bench->count; p++)
        if (strcmp(bench->programs[p].name, name) == 0 && bench->told[p].threads == threads)
            return bench->times + p * bench->subject.blocks;
    return NULL;
}

static rfim_bench_spread ratio(rfim_bench *bench, const double *times, const double *base)
{
    if (!times || !base)
        return rfim__bench_nothing();
    return rfim__bench_ratio(times, base, bench->subject.blocks, bench->room);
}

void rfim__bench_sum_up(rfim_bench *bench, size_t first_threads)
{
    size_t blocks = bench->subject.blocks;
    for (size_t p = 0; p < bench->count; p++) {
        rfim_bench_program *told = &bench->told[p];
        const double *times = bench->times + p * blocks;
        told->to_floor = ratio(bench, times, find_times(bench, "floor", 1));
        told->to_sgd = ratio(bench, times, find_times(bench, "sgd", told->threads));
        told->to_trimmed = ratio(bench, times, find_times(bench, "sgd-trimmed", told->threads));
        told->speed_up = ratio(bench, find_times(bench, told->name, first_threads), times);
        memcpy(bench->room, times, blocks * sizeof *times);
        told->microseconds = rfim__bench_spread(bench->room, blocks);
        told->fastest = bench->room[0]; /* they are sorted now */
    }
}

void rfim_bench_subject_get(const rfim_bench *bench, rfim_bench_subject *out)
{
    *out = bench->subject;
}

const rfim_bench_program *rfim_bench_program_at(const rfim_bench *bench, size_t index)
{
    return index < bench->count ? &bench->told[index] : NULL;
}

void rfim_bench_free(rfim_bench *bench)
{
    if (!bench)
        return;
    rfim_context *context = bench->context;
    for (size_t p = 0; p < bench->count; p++)
        rfim__bench_program_close(&bench->programs[p]);
    rfim__release(context, bench->programs);
    rfim__release(context, bench->told);
    rfim__release(context, bench->times);
    rfim__release(context, bench->room);
    rfim__release(context, bench);
}
