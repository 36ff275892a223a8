/* bench.h - what a training step costs on this machine, and what the kernels in it cost.
 *
 * A program is one way of training a network: plain gradient descent, Adam, a preset of relative
 * natural gradient descent; or the floor, the step's matrix products alone. The programs take
 * turns, block by block, in one process, so that whatever else the machine does meets all of them.
 * A block is a whole number of the program's refresh periods: collecting and factorising metrics
 * are in it. Absolute times vary with the machine and its load: read the ratios, which are made
 * within each block and summed up by their quartiles over the blocks. */
#ifndef RFIM_BENCH_H
#define RFIM_BENCH_H

#include <rfim/options.h>

#define RFIM_BENCH_MOST_THREADS 4 /* different numbers of threads in one run */

/* Quartiles over the blocks; NaN where there is nothing to be measured against. */
typedef struct rfim_bench_spread {
    double lower;
    double median;
    double upper;
} rfim_bench_spread;

/* A network that is timed. */
typedef struct rfim_bench_net {
    const char *name;     /* "paper" */
    const char *text;     /* as rfim_network_create takes it */
    size_t batch;         /* samples a step */
    const char *programs; /* that are timed by default, such as "floor,sgd,adam" */
} rfim_bench_net;

typedef struct rfim_bench_options {
    const char *net;      /* a name (rfim_bench_net_at), or a network's text */
    size_t batch;         /* 0: the net's own; 50 for a text */
    const char *programs; /* names (rfim_bench_program_name) or presets, separated by commas; NULL:
                             the net's own */
    size_t threads[RFIM_BENCH_MOST_THREADS]; /* of the programs; 0 ends the list */
    size_t blocks;                           /* after one that warms up */
    double block_seconds;                    /* at least; whole periods */
    rfim_data_options data; /* train_samples 0: as many as make whole refresh periods an epoch */
} rfim_bench_options;

/* How far a run is. */
typedef struct rfim_bench_progress {
    const char *net;
    const char *program; /* about to be timed */
    size_t threads;
    size_t block; /* 0: it is being set up, or warms up */
    size_t blocks;
} rfim_bench_progress;

/* Is told each turn before it begins. Not 0 stops the run: RFIM_STOPPED. */
typedef int (*rfim_bench_progress_fn)(void *user, const rfim_bench_progress *progress);

/* One program on so many threads. */
typedef struct rfim_bench_program {
    const char *name;
    const char *what; /* one line */
    size_t threads;
    size_t period; /* steps after which everything has happened once */
    size_t steps;  /* a block */
    double setup_seconds;
    double fastest;                 /* microseconds a step in the quickest block */
    rfim_bench_spread microseconds; /* a step */
    rfim_bench_spread to_floor;     /* its time / the floor's, on one thread */
    rfim_bench_spread to_sgd;       /* / sgd's on as many threads */
    rfim_bench_spread to_trimmed;   /* / that of sgd-trimmed on as many threads */
    rfim_bench_spread speed_up;     /* its time on the first number of threads / this */
} rfim_bench_program;

/* What was timed on. */
typedef struct rfim_bench_subject {
    const char *net;
    const char *text;
    size_t batch;
    size_t samples;         /* of the training set */
    size_t inputs;          /* of a sample */
    size_t constant_inputs; /* of them 0 in every sample */
    double trimmed_flops;   /* share of a step's products that drops out with them */
    double product_flops;   /* of a step: the floor */
    size_t blocks;
} rfim_bench_subject;

typedef struct rfim_bench rfim_bench;

/* A kernel of the library beside the calls that do the same. Operands stay in the cache. */
typedef struct rfim_bench_kernel {
    const char *name;    /* "product" */
    const char *shape;   /* "50x785 785x80" */
    const char *against; /* "sgemm" */
    size_t threads;      /* of the kernel; the calls run on one */
    double flops;        /* 0: it is not made of them */
    rfim_bench_spread microseconds;
    rfim_bench_spread calls; /* microseconds of what it is measured against */
    rfim_bench_spread ratio; /* microseconds / calls, turn by turn */
} rfim_bench_kernel;

/* Is told each kernel as it is done; the strings live until it returns. Not 0 stops. */
typedef int (*rfim_bench_kernel_fn)(void *user, const rfim_bench_kernel *kernel);

/* Where figures come from. */
typedef struct rfim_bench_machine {
    char cpu[128];    /* as its maker calls it; "" when the system does not tell */
    char commit[64];  /* of the sources, with "-dirty" when they were changed; "" when not known */
    size_t threads;   /* that this process may run at the same time */
    double load[3];   /* mean over 1, 5 and 15 minutes; NaN when the system does not tell */
    char waiting[16]; /* OMP_WAIT_POLICY: what threads without work do; "" when not set */
} rfim_bench_machine;

#ifdef __cplusplus
extern "C" {
#endif

/* The networks that are known by name; NULL beyond the last. */
RFIM_API const rfim_bench_net *rfim_bench_net_at(size_t index);
/* The programs that are known by name, beside the presets; NULL beyond the last. */
RFIM_API const char *rfim_bench_program_name(size_t index);

/* "paper", one thread, 15 blocks of a quarter of a second, the built-in digits. */
RFIM_API void rfim_bench_defaults(rfim_bench_options *options);
/* Errors: RFIM_ERROR_ARGUMENT for a net, a program or a number of threads that cannot be; else as
 * training has them. Contexts of the programs use the memory and the kernels of this one. */
RFIM_API rfim_status rfim_bench_run(rfim_context *context, const rfim_bench_options *options,
                                    rfim_bench_progress_fn progress, void *user, rfim_bench **out);
RFIM_API void rfim_bench_free(rfim_bench *bench);
RFIM_API void rfim_bench_subject_get(const rfim_bench *bench, rfim_bench_subject *out);
/* In the order asked for, each number of threads in turn; NULL beyond the last. */
RFIM_API const rfim_bench_program *rfim_bench_program_at(const rfim_bench *bench, size_t index);

/* The kernels alone, as many turns each as there are blocks, on each of the options' numbers of
 * threads. */
RFIM_API rfim_status rfim_bench_kernels(rfim_context *context, const rfim_bench_options *options,
                                        rfim_bench_kernel_fn told, void *user);

RFIM_API void rfim_bench_machine_get(rfim_bench_machine *out);

#ifdef __cplusplus
}
#endif
#endif
