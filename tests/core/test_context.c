/* Contexts: memory, the sentence of the last error, the log, threads and kernels. */
#include "algebra/algebra.h"
#include "core/context.h"
#include "core/cpu_features.h"

#include <omp.h>
#include <rfim/network.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct counted {
    size_t held;
    size_t calls;
    size_t fail_at; /* the call, from 1, that gets nothing; 0: none */
    bool misused;   /* an alignment or size that aligned_alloc does not take, NULL released */
} counted;

static void *counted_allocate(void *user, size_t alignment, size_t bytes)
{
    counted *memory = user;
    memory->misused |= alignment == 0 || (alignment & (alignment - 1)) != 0 || bytes == 0 ||
                       bytes % alignment != 0;
    if (++memory->calls == memory->fail_at)
        return NULL;
    void *block = aligned_alloc(alignment, bytes);
    if (block) {
        memset(block, 0xa5, bytes); /* nobody may rely on zeros from an allocator */
        memory->held++;
    }
    return block;
}

static void counted_release(void *user, void *block)
{
    counted *memory = user;
    memory->misused |= block == NULL;
    memory->held--;
    free(block);
}

static rfim_context *counted_context(counted *memory, size_t fail_at)
{
    rfim_context_options options;
    rfim_context *context = NULL;
    *memory = (counted){.fail_at = fail_at};
    rfim_context_defaults(&options);
    options.allocator = (rfim_allocator){counted_allocate, counted_release, memory};
    rfim_status status = rfim_context_create(&options, &context);
    assert_true((status == RFIM_OK) == (context != NULL));
    return context;
}

static void the_defaults_are_all_zero_and_work(void **state)
{
    (void)state;
    rfim_context_options options;
    rfim_context_options zeros;
    memset(&options, 0xff, sizeof options);
    memset(&zeros, 0, sizeof zeros);
    rfim_context_defaults(&options);
    assert_memory_equal(&options, &zeros, sizeof zeros);
    rfim_context *context = NULL;
    assert_int_equal(rfim_context_create(&options, &context), RFIM_OK);
    assert_int_equal(rfim_context_threads(context), omp_get_max_threads());
    assert_string_equal(rfim_context_error(context), "");
    rfim_context_free(context);
    assert_int_equal(rfim_context_create(NULL, &context), RFIM_OK);
    rfim_context_free(context);
    rfim_context_free(NULL);
}

static void every_object_is_made_and_released_through_the_allocator(void **state)
{
    (void)state;
    counted memory;
    rfim_context *context = counted_context(&memory, 0);
    assert_int_equal(memory.held, 1);
    rfim__algebra *algebra = NULL;
    assert_int_equal(rfim__algebra_create_cpu(context, RFIM_SINGLE, &algebra), RFIM_OK);
    assert_int_equal(rfim__algebra_reserve(algebra, 1000), RFIM_OK);
    assert_int_equal(rfim__algebra_reserve(algebra, 100000), RFIM_OK);
    rfim_network_options options;
    rfim_network_defaults(&options);
    rfim_network *network = NULL;
    assert_int_equal(rfim_network_create(context, "7-5-3 tanh bna", &options, &network), RFIM_OK);
    assert_true(memory.held > 3);
    rfim_network_free(network);
    rfim__algebra_free(algebra);
    assert_int_equal(memory.held, 1);
    rfim_context_free(context);
    assert_int_equal(memory.held, 0);
    assert_false(memory.misused);
}

static void memory_that_runs_out_anywhere_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    rfim_status status = RFIM_ERROR_MEMORY;
    for (size_t fail_at = 1; status != RFIM_OK; fail_at++) {
        counted memory;
        rfim_context *context = counted_context(&memory, fail_at);
        assert_true(fail_at < 200);
        if (!context) {
            assert_int_equal(memory.held, 0);
            continue;
        }
        rfim_network_options options;
        rfim_network_defaults(&options);
        rfim_network *network = NULL;
        status = rfim_network_create(context, "7-5-3 relu", &options, &network);
        if (status != RFIM_OK) {
            assert_int_equal(status, RFIM_ERROR_MEMORY);
            assert_null(network);
            assert_non_null(strstr(rfim_context_error(context), "memory"));
        }
        rfim_network_free(network);
        assert_int_equal(memory.held, 1);
        rfim_context_free(context);
        assert_int_equal(memory.held, 0);
    }
}

static void memory_is_zeroed_and_aligned_whatever_its_size(void **state)
{
    (void)state;
    counted memory;
    rfim_context *context = counted_context(&memory, 0);
    static const size_t sizes[] = {0, 1, 63, 64, 65, 1000, 4097};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        uint8_t *block = rfim__allocate(context, sizes[s], 3);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % RFIM__ALIGNMENT, 0);
        for (size_t b = 0; b < 3 * sizes[s]; b++)
            assert_int_equal(block[b], 0);
        rfim__release(context, block);
    }
    rfim__release(context, NULL);
    char *copy = rfim__copy_text(context, "a sentence");
    assert_string_equal(copy, "a sentence");
    rfim__release(context, copy);
    rfim_context_free(context);
    assert_int_equal(memory.held, 0);
    assert_false(memory.misused);
}

static void sizes_that_wrap_never_reach_the_allocator(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{SIZE_MAX, SIZE_MAX}, {SIZE_MAX, 2},
                                      {SIZE_MAX, 1},        {SIZE_MAX - 10, 1},
                                      {SIZE_MAX / 2, 1},    {(size_t)1 << 33, (size_t)1 << 31},
                                      {SIZE_MAX / 8 + 2, 8}};
    counted memory;
    rfim_context *context = counted_context(&memory, 0);
    size_t calls = memory.calls;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        assert_null(rfim__allocate(context, sizes[s][0], sizes[s][1]));
        assert_non_null(strstr(rfim_context_error(context), "can address"));
    }
    assert_int_equal(memory.calls, calls);
    rfim_context_free(context);
}

static void half_an_allocator_is_refused(void **state)
{
    (void)state;
    counted memory = {0};
    rfim_context_options options;
    rfim_context *context = (rfim_context *)&memory;
    rfim_context_defaults(&options);
    options.allocator.allocate = counted_allocate;
    options.allocator.user = &memory;
    assert_int_equal(rfim_context_create(&options, &context), RFIM_ERROR_ARGUMENT);
    assert_null(context);
    options.allocator.allocate = NULL;
    options.allocator.release = counted_release;
    assert_int_equal(rfim_context_create(&options, &context), RFIM_ERROR_ARGUMENT);
    assert_int_equal(memory.calls, 0);
    assert_int_equal(rfim_context_create(&options, NULL), RFIM_ERROR_ARGUMENT);
}

static void the_last_error_is_one_sentence_cut_where_it_must_be(void **state)
{
    (void)state;
    rfim_context *context = NULL;
    assert_int_equal(rfim_context_create(NULL, &context), RFIM_OK);
    assert_int_equal(rfim__fail(context, RFIM_ERROR_SHAPE, "%d is not %d", 3, 4), RFIM_ERROR_SHAPE);
    assert_string_equal(rfim_context_error(context), "3 is not 4");
    /* a sentence may quote the one before it */
    rfim__fail(context, RFIM_ERROR_IO, "then: %s", rfim_context_error(context));
    assert_string_equal(rfim_context_error(context), "then: 3 is not 4");
    char longer[3 * RFIM__ERROR_SIZE];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    rfim__fail(context, RFIM_ERROR_IO, "%s", longer);
    assert_int_equal(strlen(rfim_context_error(context)), RFIM__ERROR_SIZE - 1);
    rfim_context_free(context);
}

typedef struct heard {
    size_t messages;
    rfim_log_level level;
    char last[2 * RFIM__ERROR_SIZE];
} heard;

static void hear(void *user, rfim_log_level level, const char *message)
{
    heard *log = user;
    log->messages++;
    log->level = level;
    snprintf(log->last, sizeof log->last, "%s", message);
}

static void the_log_sink_hears_every_message(void **state)
{
    (void)state;
    heard log = {0};
    rfim_context_options options;
    rfim_context *context = NULL;
    rfim_context_defaults(&options);
    options.log = hear;
    options.log_user = &log;
    assert_int_equal(rfim_context_create(&options, &context), RFIM_OK);
    rfim__log(context, RFIM_LOG_WARNING, "step %d: %s", 7, "careful");
    assert_int_equal(log.messages, 1);
    assert_int_equal(log.level, RFIM_LOG_WARNING);
    assert_string_equal(log.last, "step 7: careful");
    rfim__log(context, RFIM_LOG_INFO, "%*d", 5000, 1);
    assert_int_equal(log.messages, 2);
    assert_int_equal(log.level, RFIM_LOG_INFO);
    assert_int_equal(strlen(log.last), RFIM__ERROR_SIZE - 1);
    rfim_context_free(context);
    assert_int_equal(rfim_context_create(NULL, &context), RFIM_OK);
    rfim__log(context, RFIM_LOG_WARNING, "nobody listens");
    rfim_context_free(context);
}

static void kernels_can_be_forced_up_to_what_the_cpu_has(void **state)
{
    (void)state;
    static const char *const names[] = {NULL, "portable", "avx2", "avx512"};
    rfim_kernels best = rfim__cpu_kernels();
    rfim_context_options options;
    rfim_context *context = NULL;
    rfim_context_defaults(&options);
    assert_int_equal(rfim_context_create(&options, &context), RFIM_OK);
    assert_string_equal(rfim_context_kernels(context), names[best]);
    rfim_context_free(context);
    for (rfim_kernels k = RFIM_KERNELS_PORTABLE; k <= RFIM_KERNELS_AVX512; k++) {
        options.kernels = k;
        if (k > best) {
            assert_int_equal(rfim_context_create(&options, &context), RFIM_ERROR_UNSUPPORTED);
            assert_null(context);
            continue;
        }
        assert_int_equal(rfim_context_create(&options, &context), RFIM_OK);
        assert_string_equal(rfim_context_kernels(context), names[k]);
        rfim_context_free(context);
    }
    static const int nonsense[] = {RFIM_KERNELS_AVX512 + 1, 77, -1};
    for (size_t n = 0; n < 3; n++) {
        options.kernels = (rfim_kernels)nonsense[n];
        assert_int_equal(rfim_context_create(&options, &context), RFIM_ERROR_UNSUPPORTED);
        assert_null(context);
    }
}

static void threads_are_as_asked_and_absurd_numbers_are_refused(void **state)
{
    (void)state;
    static const size_t absurd[] = {RFIM__MOST_THREADS + 1, (size_t)1 << 31, (size_t)1 << 32,
                                    SIZE_MAX};
    rfim_context_options options;
    rfim_context *context = NULL;
    rfim_context_defaults(&options);
    for (options.threads = 1; options.threads <= RFIM__MOST_THREADS; options.threads *= 4) {
        assert_int_equal(rfim_context_create(&options, &context), RFIM_OK);
        assert_int_equal(rfim_context_threads(context), options.threads);
        rfim_context_free(context);
    }
    for (size_t a = 0; a < sizeof absurd / sizeof absurd[0]; a++) {
        options.threads = absurd[a];
        assert_int_equal(rfim_context_create(&options, &context), RFIM_ERROR_ARGUMENT);
        assert_null(context);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_all_zero_and_work),
        cmocka_unit_test(every_object_is_made_and_released_through_the_allocator),
        cmocka_unit_test(memory_that_runs_out_anywhere_is_reported_and_nothing_leaks),
        cmocka_unit_test(memory_is_zeroed_and_aligned_whatever_its_size),
        cmocka_unit_test(sizes_that_wrap_never_reach_the_allocator),
        cmocka_unit_test(half_an_allocator_is_refused),
        cmocka_unit_test(the_last_error_is_one_sentence_cut_where_it_must_be),
        cmocka_unit_test(the_log_sink_hears_every_message),
        cmocka_unit_test(kernels_can_be_forced_up_to_what_the_cpu_has),
        cmocka_unit_test(threads_are_as_asked_and_absurd_numbers_are_refused),
    };
    return cmocka_run_group_tests_name("core: context", tests, NULL, NULL);
}
