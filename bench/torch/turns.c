/* turns.c - the library's side of a comparison with another: it runs a block when it is told to.
 *
 *   rfim_turns NET THREADS WHERE BLOCK_SECONDS PROGRAM...
 *
 * opens the programs of rfim bench on a net, warms them up, and prints
 *   ready BATCH SAMPLES INPUTS OUTPUTS TEXT
 * Then it answers the lines of its input, a line each, until there are no more:
 *   export FILE      the training set in a file: inputs as float32, then labels as int32   done
 *   describe         version, kernels, commit, BLAS                                        a line
 *   block PROGRAM    one block                                     microseconds a step, and steps
 */
#include "bench/run.h"

#include <rfim/rfim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PROGRAMS 8
#define LONGEST_LINE 4096

typedef struct turns {
    rfim_context *context;
    rfim_bench_net net;
    rfim__bench_data data;
    rfim__bench_program programs[MOST_PROGRAMS];
    size_t steps[MOST_PROGRAMS];
    size_t count;
} turns;

static int fail(const turns *self, const char *what)
{
    fprintf(stderr, "rfim_turns: %s: %s\n", what,
            self->context ? rfim_context_error(self->context) : "");
    return 1;
}

static rfim_status open_all(turns *self, size_t threads, const char *where, double seconds,
                            char **names)
{
    rfim_options options;
    size_t period = 1;
    rfim_options_defaults(&options);
    rfim_status status = rfim_options_set(self->context, &options, "data", where);
    for (size_t p = 0; p < self->count && status == RFIM_OK; p++) {
        status = rfim__bench_program_choose(self->context, names[p], &self->net, threads,
                                            &self->programs[p]);
        if (self->programs[p].period > period)
            period = self->programs[p].period;
    }
    if (status == RFIM_OK)
        status = rfim__bench_data_open(self->context, &options.data, self->net.batch, period,
                                       &self->data);
    for (size_t p = 0; p < self->count && status == RFIM_OK; p++)
        status = rfim__bench_warm_up(&self->programs[p], &self->data, seconds, 100,
                                     &self->steps[p]);
    return status;
}

static void close_all(turns *self)
{
    for (size_t p = 0; p < self->count; p++)
        rfim__bench_program_close(&self->programs[p]);
    if (self->context)
        rfim__bench_data_free(&self->data);
    rfim_context_free(self->context);
}

static int export_samples(const turns *self, const char *path)
{
    const rfim_dataset *dataset = self->data.splits.train;
    size_t inputs = rfim_dataset_inputs(dataset);
    size_t samples = rfim_dataset_samples(dataset);
    double *row = calloc(inputs, sizeof *row);
    FILE *file = fopen(path, "wb");
    int good = row && file;
    for (size_t i = 0; good && i < samples; i++) {
        good = rfim_dataset_read_inputs(dataset, i, row) == RFIM_OK;
        for (size_t k = 0; k < inputs; k++) {
            float value = (float)row[k];
            good &= fwrite(&value, sizeof value, 1, file) == 1;
        }
    }
    for (size_t i = 0; good && i < samples; i++) {
        double class = 0;
        good = rfim_dataset_read_targets(dataset, i, &class) == RFIM_OK;
        int32_t label = (int32_t) class;
        good &= fwrite(&label, sizeof label, 1, file) == 1;
    }
    free(row);
    if (file)
        good &= fclose(file) == 0;
    return good ? puts("done"), 0 : fail(self, path);
}

static int run_block(turns *self, const char *name)
{
    double seconds = 0;
    for (size_t p = 0; p < self->count; p++) {
        if (strcmp(self->programs[p].name, name) != 0)
            continue;
        if (rfim__bench_program_run(&self->programs[p], self->steps[p], &seconds) != RFIM_OK)
            return fail(self, name);
        printf("%.9g %zu\n", 1e6 * seconds / (double)self->steps[p], self->steps[p]);
        return 0;
    }
    return fail(self, "no such program");
}

static int answer(turns *self, char *line)
{
    rfim_bench_machine machine;
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "export ", 7) == 0)
        return export_samples(self, line + 7);
    if (strncmp(line, "block ", 6) == 0)
        return run_block(self, line + 6);
    if (strcmp(line, "describe") != 0)
        return fail(self, "expected export, describe or block");
    rfim_bench_machine_get(&machine);
    printf("rfim %s, commit %s, kernels %s, %s; %s\n", rfim_version(), machine.commit,
           rfim_context_kernels(self->context), rfim_blas_description(), machine.cpu);
    return 0;
}

int main(int argc, char **argv)
{
    turns self;
    char line[LONGEST_LINE];
    memset(&self, 0, sizeof self);
    if (argc < 6 || argc - 5 > MOST_PROGRAMS) {
        fprintf(stderr, "usage: rfim_turns NET THREADS WHERE BLOCK_SECONDS PROGRAM...\n");
        return 2;
    }
    int failed = rfim_context_create(NULL, &self.context) != RFIM_OK ||
                 rfim__bench_net_find(self.context, argv[1], &self.net) != RFIM_OK;
    self.count = (size_t)argc - 5;
    if (!failed)
        failed = open_all(&self, strtoul(argv[2], NULL, 10), argv[3], strtod(argv[4], NULL),
                          argv + 5) != RFIM_OK;
    if (failed)
        fail(&self, argv[1]);
    else
        printf("ready %zu %zu %zu %zu %s\n", self.net.batch, self.data.splits.train->samples,
               self.data.inputs.inputs, rfim_network_outputs(self.programs[0].network),
               rfim_network_text(self.programs[0].network));
    fflush(stdout);
    while (!failed && fgets(line, sizeof line, stdin)) {
        failed = answer(&self, line);
        fflush(stdout);
    }
    close_all(&self);
    return failed;
}
