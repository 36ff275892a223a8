/* program.h - one way of training, on so many threads, that can be run for a number of steps. */
#ifndef RFIM_BENCH_PROGRAM_H
#define RFIM_BENCH_PROGRAM_H

#include "bench/floor.h"
#include "bench/net.h"

#include <rfim/train.h>

#define RFIM__BENCH_NAME 48 /* bytes of a program's name, with its end */

typedef struct rfim__bench_recipe rfim__bench_recipe;

typedef struct rfim__bench_program {
    char name[RFIM__BENCH_NAME];
    const rfim__bench_recipe *recipe;
    rfim_context *asker;   /* who reads the sentences */
    rfim_context *context; /* its own, with its threads */
    rfim_options options;
    size_t period; /* steps after which everything has happened once */
    rfim_network *network;
    rfim_splits splits; /* borrowed */
    rfim_trainer *trainer;
    rfim__bench_floor *floor; /* in place of a trainer */
} rfim__bench_program;

/* Settings of the program of this name for a net, and its period; nothing is made yet.
 * RFIM_ERROR_ARGUMENT: no such program, or not for this net. */
rfim_status rfim__bench_program_choose(rfim_context *asker, const char *name,
                                       const rfim_bench_net *net, size_t threads,
                                       rfim__bench_program *out);
/* Network, trainer and all they need. Afterwards the period holds for these data. */
rfim_status rfim__bench_program_open(rfim__bench_program *program, const rfim__bench_data *data);
/* All zero is legal. The name stays. */
void rfim__bench_program_close(rfim__bench_program *program);
/* Runs so many steps; *seconds, of the wall, for all of them. */
rfim_status rfim__bench_program_run(rfim__bench_program *program, size_t steps, double *seconds);

const char *rfim__bench_program_what(const rfim__bench_program *program);
double rfim__bench_program_setup(const rfim__bench_program *program);

#endif
