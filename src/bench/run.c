/* run.c - what is to be timed, and on what: from the options to a run and its result. */
#include "bench/run.h"

#include <string.h>

#define MOST_BLOCKS 10000
#define LONGEST_BLOCK 3600 /* seconds */

void rfim_bench_defaults(rfim_bench_options *options)
{
    rfim_options defaults;
    rfim_options_defaults(&defaults);
    *options = (rfim_bench_options){
        .net = "paper", .threads = {1}, .blocks = 15, .block_seconds = 0.25};
    options->data = defaults.data;
}

size_t rfim__bench_thread_counts(const rfim_bench_options *options)
{
    size_t count = 0;
    while (count < RFIM_BENCH_MOST_THREADS && options->threads[count] > 0)
        count++;
    return count;
}

rfim_status rfim__bench_check(rfim_context *context, const rfim_bench_options *options)
{
    if (!options->net || rfim__bench_thread_counts(options) == 0)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "bench: a net and at least one number of threads are needed");
    if (options->blocks < 1 || options->blocks > MOST_BLOCKS)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT, "bench: expected 1 to %d blocks, found %zu",
                          MOST_BLOCKS, options->blocks);
    if (!(options->block_seconds >= 0 && options->block_seconds <= LONGEST_BLOCK))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "bench: expected blocks of 0 to %d seconds, found %g", LONGEST_BLOCK,
                          options->block_seconds);
    return RFIM_OK;
}

/* Copies the next name of a list separated by commas; returns what is behind it, NULL at the end.
 * A name too long to be one is cut. */
static const char *next_name(const char *list, char name[RFIM__BENCH_NAME])
{
    size_t length = strcspn(list, ",");
    size_t copied = length < RFIM__BENCH_NAME ? length : RFIM__BENCH_NAME - 1;
    memcpy(name, list, copied);
    name[copied] = '\0';
    return list[length] == ',' ? list + length + 1 : NULL;
}

static size_t count_names(const char *list)
{
    size_t count = 1;
    for (const char *at = list; *at; at++)
        count += *at == ',';
    return count;
}

static rfim_status allocate(rfim__bench_run *self, size_t programs)
{
    rfim_context *context = self->bench->context;
    rfim_bench *bench = self->bench;
    bench->programs = rfim__allocate(context, programs, sizeof *bench->programs);
    bench->told = rfim__allocate(context, programs, sizeof *bench->told);
    bench->times = rfim__allocate(context, programs * self->options->blocks, sizeof(double));
    bench->room = rfim__allocate(context, self->options->blocks, sizeof(double));
    if (!bench->programs || !bench->told || !bench->times || !bench->room)
        return RFIM_ERROR_MEMORY;
    return RFIM_OK;
}

/* Every program on every number of threads; the floor, which has one thread, once. */
static rfim_status choose(rfim__bench_run *self)
{
    rfim_bench *bench = self->bench;
    const rfim_bench_options *options = self->options;
    rfim_status status = allocate(self, count_names(self->net.programs) *
                                            rfim__bench_thread_counts(options));
    for (size_t t = 0; t < rfim__bench_thread_counts(options) && status == RFIM_OK; t++)
        for (const char *list = self->net.programs; list && status == RFIM_OK;) {
            char name[RFIM__BENCH_NAME];
            list = next_name(list, name);
            bool is_floor = strcmp(name, "floor") == 0;
            if (is_floor && t > 0)
                continue;
            size_t threads = is_floor ? 1 : options->threads[t];
            bench->told[bench->count].threads = threads;
            status = rfim__bench_program_choose(bench->context, name, &self->net, threads,
                                                &bench->programs[bench->count]);
            bench->count++;
        }
    return status;
}

/* The smallest number of steps that is a whole number of every program's periods, up to what would
 * be too many samples. */
static size_t joint_period(const rfim_bench *bench)
{
    size_t joint = 1;
    for (size_t p = 0; p < bench->count; p++) {
        size_t period = bench->programs[p].period;
        size_t times = 1;
        while (times * joint % period != 0)
            times++;
        joint *= times;
        if (joint > RFIM__BENCH_MOST_SAMPLES)
            return RFIM__BENCH_MOST_SAMPLES;
    }
    return joint;
}

/* Flops of the products, whether or not the floor is among the programs. */
static rfim_status count_flops(rfim__bench_run *self)
{
    rfim_bench_subject *subject = &self->bench->subject;
    rfim__bench_program floor;
    double first = 0;
    rfim_status status = rfim__bench_program_choose(self->bench->context, "floor", &self->net, 1,
                                                    &floor);
    if (status == RFIM_OK)
        status = rfim__bench_program_open(&floor, &self->data);
    if (status == RFIM_OK) {
        subject->product_flops = rfim__bench_floor_flops(floor.floor, &first);
        subject->trimmed_flops = first / subject->product_flops * (double)subject->constant_inputs /
                                 (double)(subject->inputs + 1);
    }
    rfim__bench_program_close(&floor);
    return status;
}

static rfim_status describe(rfim__bench_run *self)
{
    rfim_bench *bench = self->bench;
    memcpy(bench->net, self->net.name, strlen(self->net.name) + 1);
    memcpy(bench->text, self->net.text, strlen(self->net.text) + 1);
    bench->subject = (rfim_bench_subject){.net = bench->net,
                                          .text = bench->text,
                                          .batch = self->net.batch,
                                          .samples = self->data.splits.train->samples,
                                          .inputs = self->data.inputs.inputs,
                                          .blocks = self->options->blocks};
    bench->subject.constant_inputs = self->data.inputs.inputs + 1 - self->data.inputs.order;
    return count_flops(self);
}

static rfim_status work_through(rfim__bench_run *self)
{
    rfim_context *context = self->bench->context;
    const rfim_bench_options *options = self->options;
    rfim_status status = rfim__bench_check(context, options);
    if (status == RFIM_OK)
        status = rfim__bench_net_find(context, options->net, &self->net);
    if (status != RFIM_OK)
        return status;
    if (strlen(self->net.text) >= RFIM_TEXT_SIZE)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "bench: the network's text is longer than %d bytes", RFIM_TEXT_SIZE - 1);
    if (options->batch > 0)
        self->net.batch = options->batch;
    if (options->programs)
        self->net.programs = options->programs;
    status = choose(self);
    self->period = joint_period(self->bench);
    if (status == RFIM_OK)
        status = rfim__bench_data_open(context, &options->data, self->net.batch, self->period,
                                       &self->data);
    if (status == RFIM_OK)
        status = describe(self);
    if (status == RFIM_OK)
        status = rfim__bench_take_turns(self);
    if (status == RFIM_OK)
        rfim__bench_sum_up(self->bench, options->threads[0]);
    return status;
}

rfim_status rfim_bench_run(rfim_context *context, const rfim_bench_options *options,
                           rfim_bench_progress_fn progress, void *user, rfim_bench **out)
{
    if (!context || !options || !out)
        return RFIM_ERROR_ARGUMENT;
    *out = NULL;
    rfim__bench_run self = {.options = options, .progress = progress, .user = user};
    self.bench = rfim__allocate(context, 1, sizeof *self.bench);
    if (!self.bench)
        return RFIM_ERROR_MEMORY;
    self.bench->context = context;
    rfim_status status = work_through(&self);
    for (size_t p = 0; p < self.bench->count; p++)
        rfim__bench_program_close(&self.bench->programs[p]);
    if (status == RFIM_OK)
        *out = self.bench;
    else
        rfim_bench_free(self.bench);
    rfim__bench_data_free(&self.data);
    return status;
}
