/* run.h - the inside of a run: programs that take turns, and what they took. */
#ifndef RFIM_BENCH_RUN_H
#define RFIM_BENCH_RUN_H

#include "bench/program.h"

struct rfim_bench {
    rfim_context *context;
    char net[RFIM_TEXT_SIZE]; /* copies of the subject's words */
    char text[RFIM_TEXT_SIZE];
    rfim_bench_subject subject;
    rfim__bench_program *programs; /* [count], closed after the run */
    rfim_bench_program *told;      /* [count] */
    double *times;                 /* [count x blocks] microseconds a step */
    double *room;                  /* [blocks] */
    size_t count;
};

typedef struct rfim__bench_run {
    rfim_bench *bench;
    const rfim_bench_options *options;
    rfim_bench_net net;
    size_t period; /* the smallest that is a whole number of every program's periods */
    rfim__bench_data data;
    rfim_bench_progress_fn progress;
    void *user;
} rfim__bench_run;

/* Refuses options that cannot be, whatever the net. */
rfim_status rfim__bench_check(rfim_context *context, const rfim_bench_options *options);
size_t rfim__bench_thread_counts(const rfim_bench_options *options);

/* Opens every program, warms it up, and fills the times. */
rfim_status rfim__bench_take_turns(rfim__bench_run *run);
/* Times and ratios become quartiles. */
void rfim__bench_sum_up(rfim_bench *bench, size_t first_threads);

#define RFIM__BENCH_EVEN_SECONDS 0.25

/* Opens a program and runs whole periods until they have taken so many seconds; *steps: how many
 * take as long from now on, and at least `even`, unless those take longer than
 * RFIM__BENCH_EVEN_SECONDS. */
rfim_status rfim__bench_warm_up(rfim__bench_program *program, const rfim__bench_data *data,
                                double block_seconds, size_t even, size_t *steps);

#endif
