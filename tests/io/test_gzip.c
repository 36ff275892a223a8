/* Inflating gzip data in memory: whole, up to a limit, and damaged. */
#include "data/counting_context.h"
#include "data/idx_files.h"
#include "io/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SIZE 5000

typedef struct fixture {
    counting memory;
    uint8_t plain[SIZE];
    uint8_t packed[2 * SIZE];
    size_t size; /* of packed */
    uint8_t out[2 * SIZE];
    size_t written;
    bool more;
} fixture;

static int setup(void **state)
{
    static fixture it;
    *state = &it;
    for (size_t index = 0; index < SIZE; index++)
        it.plain[index] = (uint8_t)(index * index >> 3);
    it.size = gzip_bytes(it.plain, SIZE, it.packed, sizeof it.packed);
    return counting_start(&it.memory, 1) ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *it = *state;
    return counting_end(&it->memory) == 0 ? 0 : -1;
}

static rfim_status inflate_it(fixture *it, size_t room)
{
    return rfim__gzip_inflate(it->memory.context, "data.gz", it->packed, it->size, it->out, room,
                              &it->written, &it->more);
}

static void whole_files_come_back(void **state)
{
    fixture *it = *state;
    const size_t rooms[] = {SIZE, SIZE + 1, 2 * SIZE};
    for (size_t index = 0; index < 3; index++) {
        assert_int_equal(inflate_it(it, rooms[index]), RFIM_OK);
        assert_int_equal(it->written, SIZE);
        assert_false(it->more);
        assert_memory_equal(it->out, it->plain, SIZE);
    }
}

static void the_limit_is_kept(void **state)
{
    fixture *it = *state;
    const size_t rooms[] = {0, 1, 16, SIZE - 1};
    for (size_t index = 0; index < 4; index++) {
        memset(it->out, 0xAA, sizeof it->out);
        assert_int_equal(inflate_it(it, rooms[index]), RFIM_OK);
        assert_int_equal(it->written, rooms[index]);
        assert_true(it->more);
        assert_memory_equal(it->out, it->plain, rooms[index]);
        assert_int_equal(it->out[rooms[index]], 0xAA);
    }
}

static void members_follow_one_another(void **state)
{
    fixture *it = *state;
    it->size += gzip_bytes(it->plain, 10, it->packed + it->size, sizeof it->packed - it->size);
    assert_int_equal(inflate_it(it, sizeof it->out), RFIM_OK);
    assert_int_equal(it->written, SIZE + 10);
    assert_memory_equal(it->out + SIZE, it->plain, 10);
    assert_int_equal(inflate_it(it, SIZE), RFIM_OK);
    assert_true(it->more);
}

static void refused(fixture *it, const char *words)
{
    assert_int_equal(inflate_it(it, sizeof it->out), RFIM_ERROR_FORMAT);
    assert_non_null(strstr(rfim_context_error(it->memory.context), "data.gz"));
    if (!strstr(rfim_context_error(it->memory.context), words))
        fail_msg("expected \"%s\" in: %s", words, rfim_context_error(it->memory.context));
}

static void damage_is_reported(void **state)
{
    fixture *it = *state;
    for (size_t cut = 2; cut < it->size; cut += 7) {
        size_t whole = it->size;
        it->size = cut;
        refused(it, "cut short");
        it->size = whole;
    }
    it->packed[it->size - 6] ^= 1; /* the checksum */
    refused(it, "incorrect data check");
    it->packed[it->size - 6] ^= 1;
    it->packed[it->size - 1] ^= 1; /* the length */
    refused(it, "incorrect length check");
    it->packed[it->size - 1] ^= 1;
    it->packed[2] = 9; /* a compression method that does not exist */
    refused(it, "damaged");
    it->packed[2] = 8;
    it->packed[it->size++] = 'x';
    refused(it, "1 bytes follow");
}

static void short_memory_is_reported(void **state)
{
    fixture *it = *state;
    rfim_status status = RFIM_ERROR_MEMORY;
    size_t left = 0;
    for (; status == RFIM_ERROR_MEMORY; left++) {
        counting_limit(&it->memory, left);
        status = inflate_it(it, SIZE / 2);
        assert_int_equal(it->memory.memory.blocks, 1);
    }
    assert_int_equal(status, RFIM_OK);
    assert_true(left > 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(whole_files_come_back),      TEST(the_limit_is_kept),
        TEST(members_follow_one_another), TEST(damage_is_reported),
        TEST(short_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
