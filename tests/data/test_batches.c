/* The order of batches: permutations, reproducible, each epoch on its own. */
#include "data/batches.h"
#include "data/counting_context.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES 1000

static void start(counting *memory, uint64_t seed, rfim__batches **batches)
{
    rfim_context *context = counting_start(memory, 1);
    assert_non_null(context);
    assert_int_equal(rfim__batches_create(context, SAMPLES, seed, batches), RFIM_OK);
}

static void end(counting *memory, rfim__batches *batches)
{
    rfim__batches_free(batches);
    assert_int_equal(counting_end(memory), 0);
}

static void every_epoch_visits_every_sample_once(void **state)
{
    (void)state;
    counting memory;
    rfim__batches *batches = NULL;
    start(&memory, 7, &batches);
    for (uint64_t epoch = 0; epoch < 5; epoch++) {
        unsigned seen[SAMPLES] = {0};
        rfim__batches_shuffle(batches, epoch);
        for (size_t i = 0; i < SAMPLES; i++) {
            assert_true(batches->rows[i] < SAMPLES);
            seen[batches->rows[i]]++;
        }
        for (size_t i = 0; i < SAMPLES; i++)
            assert_int_equal(seen[i], 1);
    }
    end(&memory, batches);
}

static void an_epoch_needs_none_before_it(void **state)
{
    (void)state;
    counting memory, other_memory;
    rfim__batches *batches = NULL;
    rfim__batches *other = NULL;
    start(&memory, 7, &batches);
    start(&other_memory, 7, &other);
    for (uint64_t epoch = 1; epoch <= 4; epoch++)
        rfim__batches_shuffle(batches, epoch);
    rfim__batches_shuffle(other, 4);
    assert_memory_equal(batches->rows, other->rows, SAMPLES * sizeof *other->rows);
    end(&memory, batches);
    end(&other_memory, other);
}

static void seed_and_epoch_change_the_order(void **state)
{
    (void)state;
    counting memory, other_memory;
    rfim__batches *batches = NULL;
    rfim__batches *other = NULL;
    start(&memory, 7, &batches);
    start(&other_memory, 8, &other);
    for (uint32_t i = 0; i < SAMPLES; i++)
        assert_int_equal(batches->rows[i], i); /* nothing is shuffled yet */
    rfim__batches_shuffle(batches, 1);
    rfim__batches_shuffle(other, 1);
    assert_memory_not_equal(batches->rows, other->rows, SAMPLES * sizeof *other->rows);
    uint32_t first[SAMPLES];
    memcpy(first, batches->rows, sizeof first);
    rfim__batches_shuffle(batches, 2);
    assert_memory_not_equal(first, batches->rows, sizeof first);
    end(&memory, batches);
    end(&other_memory, other);
}

static void every_place_is_equally_likely(void **state)
{
    (void)state;
    /* Where sample 0 lands over 4000 epochs of 10 samples: expected 400 a place, standard
     * deviation 19; 100 is more than five of them. */
    counting memory;
    rfim__batches *batches = NULL;
    unsigned landed[10] = {0};
    rfim_context *context = counting_start(&memory, 1);
    assert_int_equal(rfim__batches_create(context, 10, 1, &batches), RFIM_OK);
    for (uint64_t epoch = 0; epoch < 4000; epoch++) {
        rfim__batches_shuffle(batches, epoch);
        for (size_t place = 0; place < 10; place++)
            landed[place] += batches->rows[place] == 0;
    }
    for (size_t place = 0; place < 10; place++)
        assert_in_range(landed[place], 300, 500);
    end(&memory, batches);
}

static void more_samples_than_32_bits_number_are_refused(void **state)
{
    (void)state;
    counting memory;
    rfim__batches *batches = NULL;
    rfim_context *context = counting_start(&memory, 1);
    assert_int_equal(rfim__batches_create(context, (size_t)UINT32_MAX + 1, 1, &batches),
                     RFIM_ERROR_ARGUMENT);
    assert_non_null(strstr(rfim_context_error(context), "too many"));
    end(&memory, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_epoch_visits_every_sample_once),
        cmocka_unit_test(an_epoch_needs_none_before_it),
        cmocka_unit_test(seed_and_epoch_change_the_order),
        cmocka_unit_test(every_place_is_equally_likely),
        cmocka_unit_test(more_samples_than_32_bits_number_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
