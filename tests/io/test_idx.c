/* IDX files in memory, plain and gzip: what is read, and each way to be wrong. */
#include "data/counting_context.h"
#include "data/idx_files.h"
#include "io/idx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct fixture {
    counting memory;
    uint8_t data[1 << 16];
    size_t size;
    rfim__idx idx;
} fixture;

static int setup(void **state)
{
    static fixture it;
    const uint32_t shape[] = {4, 3, 5};
    *state = &it;
    it.size = idx_bytes(it.data, 3, shape, 251);
    return counting_start(&it.memory, 1) ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *it = *state;
    return counting_end(&it->memory) == 0 ? 0 : -1;
}

/* The file is parsed from a block of exactly its size, so that tools see each read beyond it. */
static rfim_status parse(fixture *it)
{
    uint8_t *exact = malloc(it->size > 0 ? it->size : 1);
    memcpy(exact, it->data, it->size);
    rfim_status status = rfim__idx_parse(it->memory.context, "some-images", exact, it->size,
                                         &it->idx);
    if (status == RFIM_OK && !it->idx.owned)
        it->idx.values = it->data + (it->idx.values - exact);
    free(exact);
    return status;
}

static void pack(fixture *it)
{
    static uint8_t plain[1 << 16];
    memcpy(plain, it->data, it->size);
    it->size = gzip_bytes(plain, it->size, it->data, sizeof it->data);
}

static void put_shape(fixture *it, uint32_t count, uint32_t height, uint32_t width)
{
    const uint32_t shape[] = {count, height, width};
    for (size_t axis = 0; axis < 3; axis++)
        for (size_t byte = 0; byte < 4; byte++)
            it->data[4 + 4 * axis + byte] = (uint8_t)(shape[axis] >> (24 - 8 * byte));
}

static void refused(fixture *it, const char *words)
{
    assert_int_equal(parse(it), RFIM_ERROR_FORMAT);
    assert_null(it->idx.owned);
    assert_non_null(strstr(rfim_context_error(it->memory.context), "some-images"));
    if (!strstr(rfim_context_error(it->memory.context), words))
        fail_msg("expected \"%s\" in: %s", words, rfim_context_error(it->memory.context));
}

static void plain_and_gzip_files_are_read_alike(void **state)
{
    fixture *it = *state;
    for (int packed = 0; packed < 2; packed++) {
        assert_int_equal(parse(it), RFIM_OK);
        assert_int_equal(it->idx.dimensions, 3);
        assert_int_equal(it->idx.shape[0], 4);
        assert_int_equal(it->idx.shape[1], 3);
        assert_int_equal(it->idx.shape[2], 5);
        assert_int_equal(it->idx.shape[3], 1);
        assert_int_equal(it->idx.count, 60);
        for (size_t index = 0; index < 60; index++)
            assert_int_equal(it->idx.values[index], index);
        assert_int_equal(it->idx.owned != NULL, packed);
        rfim__idx_free(it->memory.context, &it->idx);
        pack(it);
    }
}

static void truncated_files_are_refused(void **state)
{
    fixture *it = *state;
    size_t whole = it->size;
    for (it->size = 0; it->size < whole; it->size++)
        refused(it, "is truncated");
    it->size = whole - 1;
    refused(it, "4 x 3 x 5 = 60 bytes, but 59 follow");
    pack(it);
    refused(it, "4 x 3 x 5 = 60 bytes, but 59 follow");
}

static void trailing_bytes_are_refused(void **state)
{
    fixture *it = *state;
    it->data[it->size++] = 1;
    refused(it, "has trailing bytes: its header says 4 x 3 x 5 = 60 bytes, but 61 follow");
    pack(it);
    refused(it, "has trailing bytes: its header says 4 x 3 x 5 = 60 bytes, but more than 60");
}

static void wrong_magic_numbers_are_refused(void **state)
{
    fixture *it = *state;
    it->data[0] = 'P';
    refused(it, "is no IDX file: its magic number is 0x50000803");
    it->data[0] = 0;
    const uint8_t types[] = {0x09, 0x0B, 0x0C, 0x0D, 0x0E, 0x42};
    const char *const words[] = {"signed bytes",          "16-bit integers",
                                 "32-bit integers",       "32-bit floating-point",
                                 "64-bit floating-point", "an unknown type"};
    for (size_t index = 0; index < 6; index++) {
        it->data[2] = types[index];
        refused(it, words[index]);
    }
    it->data[2] = 8;
    it->data[3] = 0;
    refused(it, "0 dimensions");
    it->data[3] = 5;
    refused(it, "5 dimensions");
}

static void absurd_dimensions_ask_for_no_memory(void **state)
{
    fixture *it = *state;
    it->memory.memory.largest = 0;
    put_shape(it, UINT32_MAX, UINT32_MAX, UINT32_MAX);
    refused(it, "absurd dimensions in its header: 4294967295 x 4294967295 x 4294967295");
    put_shape(it, 1u << 31, 28, 28);
    refused(it, "is truncated: its header says 2147483648 x 28 x 28");
    assert_int_equal(it->memory.memory.largest, 0);
    pack(it);
    refused(it, "absurd dimensions in its header: 2147483648 x 28 x 28");
    assert_true(it->memory.memory.largest < 65536); /* zlib's own window */
}

static void a_small_file_does_not_inflate_without_bound(void **state)
{
    fixture *it = *state;
    /* 60 000 zeros pack into about 100 bytes; the header says that there are 60. */
    memset(it->data + 16, 0, 60000);
    it->size = 16 + 60000;
    pack(it);
    assert_true(it->size < 200);
    it->memory.memory.largest = 0;
    refused(it, "but more than 60 follow");
    assert_true(it->memory.memory.largest < 65536);
}

static void damaged_gzip_data_are_refused(void **state)
{
    fixture *it = *state;
    pack(it);
    size_t whole = it->size;
    for (it->size = 2; it->size < whole; it->size++)
        refused(it, "cut short");
    it->data[whole - 5] ^= 1;
    refused(it, "damaged");
    it->data[whole - 5] ^= 1;
    it->data[it->size++] = 0;
    refused(it, "follow the end of its gzip data");
}

static void empty_dimensions_are_no_error_here(void **state)
{
    fixture *it = *state;
    put_shape(it, 0, 28, 28);
    it->size = 16;
    for (int packed = 0; packed < 2; packed++) {
        assert_int_equal(parse(it), RFIM_OK);
        assert_int_equal(it->idx.count, 0);
        rfim__idx_free(it->memory.context, &it->idx);
        pack(it);
    }
}

static void short_memory_is_reported(void **state)
{
    fixture *it = *state;
    pack(it);
    rfim_status status = RFIM_ERROR_MEMORY;
    size_t left = 0;
    for (; status == RFIM_ERROR_MEMORY; left++) {
        counting_limit(&it->memory, left);
        status = parse(it);
        assert_int_equal(it->memory.memory.blocks, status == RFIM_OK ? 2 : 1);
    }
    assert_int_equal(status, RFIM_OK);
    assert_true(left > 3);
    rfim__idx_free(it->memory.context, &it->idx);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(plain_and_gzip_files_are_read_alike),
        TEST(truncated_files_are_refused),
        TEST(trailing_bytes_are_refused),
        TEST(wrong_magic_numbers_are_refused),
        TEST(absurd_dimensions_ask_for_no_memory),
        TEST(a_small_file_does_not_inflate_without_bound),
        TEST(damaged_gzip_data_are_refused),
        TEST(empty_dimensions_are_no_error_here),
        TEST(short_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
