/* turns.c - programs take turns: block by block, in one process. */
#include "bench/run.h"

#include <math.h>

#define FEW_STEPS 20

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

/* The first step after the others' turns finds the caches as they have left them: where programs
 * ran for different numbers of steps, it would weigh more in some than in others. So all of them
 * take as many as the longest period has, or, where that would take long, at least a few. */
static double enough_steps(double step_seconds, size_t even)
{
    double steps = (double)even;
    return steps * step_seconds <= RFIM__BENCH_EVEN_SECONDS ? steps : fmin(steps, FEW_STEPS);
}

rfim_status rfim__bench_warm_up(rfim__bench_program *program, const rfim__bench_data *data,
                                double block_seconds, size_t even, size_t *steps)
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
    double each = fmax(seconds, 1e-9) / fmax(1, (double)done);
    double wanted = fmax(block_seconds / each, enough_steps(each, even));
    *steps = (size_t)fmax(1, ceil(wanted / (double)program->period)) * program->period;
    return status;
}

static rfim_status open_one(rfim__bench_run *run, size_t p)
{
    rfim__bench_program *program = &run->bench->programs[p];
    rfim_bench_program *told = &run->bench->told[p];
    rfim_status status = announce(run, p, 0);
    if (status == RFIM_OK)
        status = rfim__bench_warm_up(program, &run->data, run->options->block_seconds, run->period,
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
