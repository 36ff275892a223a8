/* bench_results.h - what rfim bench has found: kept, as tables, as JSON. */
#ifndef RFIM_CLI_BENCH_RESULTS_H
#define RFIM_CLI_BENCH_RESULTS_H

#include <rfim/rfim.h>
#include <stdio.h>

#define BENCH_NETS 16 /* at most in one run */

/* A kernel's figures; its words are copies. */
typedef struct bench_kernel_line {
    char name[32];
    char shape[48];
    char against[32];
    rfim_bench_kernel figures; /* its words are gone */
} bench_kernel_line;

typedef struct bench_results {
    rfim_bench_machine before, after; /* load of the machine, and what does not change */
    const char *kernels;              /* that ran: "avx512" */
    rfim_bench *nets[BENCH_NETS];
    size_t net_count;
    bench_kernel_line *lines;
    size_t line_count;
    size_t room;
    int out_of_memory;
} bench_results;

void bench_results_begin(bench_results *results, const rfim_context *context);
void bench_results_free(bench_results *results);
/* Not 0: no memory. */
int bench_results_add_kernel(bench_results *results, const rfim_bench_kernel *kernel);

/* Tables, at most 80 columns wide. */
void bench_print_machine(const bench_results *results);
void bench_print_net(const rfim_bench *bench);
void bench_print_kernels(const bench_results *results);
/* Everything, as one JSON object. */
void bench_write_json(const bench_results *results, FILE *file);

#endif
