/* turns.c - programs take turns: block by block, in one process. */
#include "bench/run.h"

#include <math.h>

static rfim_status announce(const rfim__bench_run *run, size_t p, size_t block)
{
    rfim_bench_progress progress = {.net = run->net.name,
                                    .program = run->bench->programs[p].name,
                                    .threads = run->bench->told[p].threads,
                                    .block = block,
                                    .blocks = run->options->blocks};
    if (run->progress && run->progress(run->user, &progress))
        return rfim__fail(run->bench->context, RFIM_STOPPED, "bench: stopped on request");
    return RFIM_OK;
}

rfim_status rfim__bench_warm_up(rfim__bench_program *program, const rfim__bench_data *data,
                                double block_seconds, size_t *steps)
{
    double seconds = 0;
    size_t done = 0;
    rfim_status status = rfim__bench_program_open(program, data);
    for (size_t next = program->period; status == RFIM_OK; next *= 2) {
        double spent = 0;
        status = rfim__bench_program_run(program, next, &spent);
        done += next;
        seconds += spent;
        if (seconds >= block_seconds)
            break;
    }
    size_t periods = done / program->period;
    double wanted = seconds > 0 ? block_seconds / seconds * (double)periods : 1;
    *steps = (size_t)fmax(1, ceil(wanted)) * program->period;
    return status;
}

static rfim_status open_one(rfim__bench_run *run, size_t p)
{
    rfim__bench_program *program = &run->bench->programs[p];
    rfim_bench_program *told = &run->bench->told[p];
    rfim_status status = announce(run, p, 0);
    if (status == RFIM_OK)
        status = rfim__bench_warm_up(program, &run->data, run->options->block_seconds,
                                     &told->steps);
    told->name = program->name;
    told->what = rfim__bench_program_what(program);
    told->period = program->period;
    told->setup_seconds = rfim__bench_program_setup(program);
    return status;
}

static rfim_status take_one(rfim__bench_run *run, size_t p, size_t block)
{
    rfim_bench *bench = run->bench;
    double seconds = 0;
    rfim_status status = announce(run, p, block + 1);
    if (status == RFIM_OK)
        status = rfim__bench_program_run(&bench->programs[p], bench->told[p].steps, &seconds);
    bench->times[p * run->options->blocks + block] = 1e6 * seconds / (double)bench->told[p].steps;
    return status;
}

rfim_status rfim__bench_take_turns(rfim__bench_run *run)
{
    rfim_status status = RFIM_OK;
    for (size_t p = 0; p < run->bench->count && status == RFIM_OK; p++)
        status = open_one(run, p);
    for (size_t block = 0; block < run->options->blocks; block++)
        for (size_t p = 0; p < run->bench->count && status == RFIM_OK; p++)
            status = take_one(run, p, block);
    return status;
}
