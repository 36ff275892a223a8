/* No allocation inside a training step: malloc and its family are interposed for the whole
 * process, OpenBLAS and OpenMP included, and counted after two warm-up steps. */
#define _GNU_SOURCE
#include "network/network.h"

#include <errno.h>
#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__)
#define INTERPOSED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define INTERPOSED 0
#endif
#endif
#ifndef INTERPOSED
#define INTERPOSED 1
#endif

static atomic_size_t allocations;

#if INTERPOSED
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size);
void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset);

void *malloc(size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

void *memalign(size_t alignment, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_memalign(alignment, size);
}

/* OpenBLAS takes its own buffers from the system. */
void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
    atomic_fetch_add(&allocations, 1);
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): what the system call gives is a number */
    return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}
#endif

#define WARM_UP 2
#define STEPS 24
#define BATCH 50

static float inputs[BATCH * 784];
static int32_t labels[BATCH];

static void step(rfim_context *context, rfim_trace *trace, rfim_optimizer *optimizer)
{
    double loss = 0;
    (void)context;
    assert_int_equal(rfim_trace_forward(trace, rfim_floats(inputs, BATCH, 784)), RFIM_OK);
    assert_int_equal(rfim_trace_loss(trace, rfim_labels(labels, BATCH), &loss), RFIM_OK);
    assert_int_equal(rfim_trace_backward(trace), RFIM_OK);
    assert_int_equal(rfim_optimizer_step(optimizer, trace), RFIM_OK);
}

/* settings: name, value, ... NULL */
static void check(const char *preset, const char *const *settings_more, rfim_precision precision,
                  size_t threads)
{
    rfim_context_options settings;
    rfim_context_defaults(&settings);
    settings.threads = threads;
    rfim_context *context = NULL;
    assert_int_equal(rfim_context_create(&settings, &context), RFIM_OK);
    rfim_options options;
    rfim_options_defaults(&options);
    assert_int_equal(rfim_options_set(context, &options, "preset", preset), RFIM_OK);
    /* every kind of step within the warm-up and within what is counted */
    options.optimizer.refresh_every = 3;
    options.optimizer.metric_every = 2;
    options.optimizer.momentum = 0.5;
    for (; *settings_more; settings_more += 2)
        assert_int_equal(rfim_options_set(context, &options, settings_more[0], settings_more[1]),
                         RFIM_OK);
    options.init.precision = precision;
    rfim_network *network = NULL;
    rfim_trace *trace = NULL;
    rfim_optimizer *optimizer = NULL;
    assert_int_equal(
        rfim_network_create(context, "784-64-40-40-10 relu bna", &options.init, &network), RFIM_OK);
    network->algebra->team_flops = 0; /* every product that has tiles is shared out */
    assert_int_equal(rfim_trace_create(network, BATCH, &trace), RFIM_OK);
    assert_int_equal(rfim_optimizer_create(trace, &options.optimizer, &optimizer), RFIM_OK);
    for (int s = 0; s < WARM_UP; s++)
        step(context, trace, optimizer);
    size_t before = atomic_load(&allocations);
    for (int s = 0; s < STEPS; s++)
        step(context, trace, optimizer);
    size_t made = atomic_load(&allocations) - before;
    if (made > 0)
        print_error("%s, %zu threads: %zu allocations in %d steps\n", preset, threads, made, STEPS);
    assert_int_equal(made, 0);
    rfim_optimizer_free(optimizer);
    rfim_trace_free(trace);
    rfim_network_free(network);
    rfim_context_free(context);
}

static void steps_do_not_allocate(void **state)
{
    (void)state;
    if (!INTERPOSED) {
        print_message("skipped: the address sanitizer has interposed malloc already\n");
        skip();
    }
    static const char *const presets[] = {"sgd", "adam", "rngd", "icml2017", "kfac"};
    static const char *const nothing = NULL;
    static const char *const rngd[][8] = {
        {"momentum-kind", "before"},
        {"momentum-kind", "nesterov"},
        {"momentum-kind", "spring"},
        {"momentum", "0", "step-control", "quadratic", "damping-control", "lm"},
    };
    for (size_t p = 0; p < sizeof presets / sizeof *presets; p++) {
        for (size_t threads = 1; threads <= 2; threads++) {
            check(presets[p], &nothing, RFIM_SINGLE, threads);
            check(presets[p], &nothing, RFIM_DOUBLE, threads);
        }
    }
    for (size_t s = 0; s < sizeof rngd / sizeof *rngd; s++)
        check("rngd", rngd[s], RFIM_SINGLE, 2);
}

/* Batch by batch, from a data set: also of whitened samples, and of a last batch that is smaller.
 */
static void check_trainer(const char *memory, const char *text, size_t delay, double weight_decay,
                          size_t threads)
{
    rfim_context_options settings;
    rfim_context_defaults(&settings);
    settings.threads = threads;
    rfim_context *context = NULL;
    assert_int_equal(rfim_context_create(&settings, &context), RFIM_OK);
    rfim_options options;
    rfim_options_defaults(&options);
    assert_int_equal(rfim_options_set(context, &options, "optimizer", "rngd"), RFIM_OK);
    snprintf(options.optimizer.metric_memory, sizeof options.optimizer.metric_memory, "%s", memory);
    options.optimizer.metric_every = 2;
    options.optimizer.refresh_every = 3;
    options.optimizer.refresh_delay = delay;
    options.optimizer.weight_decay = weight_decay;
    options.train.batch = BATCH / 3;
    options.optimizer.accumulate = delay == 1 ? 2 : 1;
    options.train.weight_average = delay > 0 ? 0.9 : 0;
    rfim_splits splits = {0};
    rfim_network *network = NULL;
    rfim_trainer *trainer = NULL;
    assert_int_equal(rfim_dataset_from_arrays(context, rfim_floats(inputs, BATCH, 784),
                                              rfim_labels(labels, BATCH), &splits.train),
                     RFIM_OK);
    assert_int_equal(rfim_network_create(context, text, &options.init, &network), RFIM_OK);
    network->algebra->team_flops = 0;
    assert_int_equal(rfim_trainer_create(network, &splits, &options, &trainer), RFIM_OK);
    for (int s = 0; s < WARM_UP; s++)
        assert_int_equal(rfim_trainer_step(trainer, NULL), RFIM_OK);
    assert_int_equal(rfim_trainer_read(trainer), RFIM_OK);
    size_t before = atomic_load(&allocations);
    for (int s = 0; s < STEPS; s++)
        assert_int_equal(rfim_trainer_step(trainer, NULL), RFIM_OK);
    assert_int_equal(rfim_trainer_read(trainer), RFIM_OK);
    size_t made = atomic_load(&allocations) - before;
    if (made > 0)
        print_error("%s, %s, %zu threads: %zu allocations in %d steps\n", memory, text, threads,
                    made, STEPS);
    assert_int_equal(made, 0);
    rfim_trainer_free(trainer);
    rfim_network_free(network);
    rfim_dataset_free(splits.train);
    rfim_context_free(context);
}

static void a_trainers_steps_do_not_allocate(void **state)
{
    (void)state;
    if (!INTERPOSED) {
        print_message("skipped: the address sanitizer has interposed malloc already\n");
        skip();
    }
    for (size_t threads = 1; threads <= 2; threads++) {
        check_trainer("ema", "784-64-40-40-10 relu bna", 0, 0, threads);
        check_trainer("ema", "784-64-40-40-10 relu bna", 1, 0, threads);
        check_trainer("layer1=dataset,ema", "784-64-40-40-10 relu bna", 2, 0.1, threads);
        check_trainer("batch", "784-64-40-40-10 relu", 0, 0, threads);
        check_trainer("batch",
                      "input 784; linear 64 relu omega=0; linear 40 relu omega=0; linear 10; loss "
                      "softmax",
                      0, 0, threads);
        check_trainer("layer2=batch,prior+batch", "784-64-12-12-10 tanh", 0, 0, threads);
    }
}

static void the_counter_counts(void **state)
{
    (void)state;
    if (!INTERPOSED) {
        print_message("skipped: the address sanitizer has interposed malloc already\n");
        skip();
    }
    size_t before = atomic_load(&allocations);
    void *volatile memory = malloc(8);
    free(memory);
    assert_int_equal(atomic_load(&allocations) - before, 1);
}

int main(void)
{
    for (size_t k = 0; k < BATCH * 784; k++)
        inputs[k] = (float)((k * 2654435761u >> 8) % 256) / 255.f;
    for (size_t i = 0; i < BATCH; i++)
        labels[i] = (int32_t)(i % 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counter_counts),
        cmocka_unit_test(steps_do_not_allocate),
        cmocka_unit_test(a_trainers_steps_do_not_allocate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
