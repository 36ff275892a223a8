#include "core/file.h"
#include "io/safetensors.h"
#include "io/watched_memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const float weight[6] = {1.0f, -2.5f, 3.25f, 0.0f, 1e-40f, INFINITY};
static const double bias[3] = {0.1, -1e300, 5e-324};
static const rfim__tensor model[] = {
    {"layer1.weight", RFIM_FLOAT32, 2, {3, 2}, weight},
    {"layer1.bias", RFIM_FLOAT64, 1, {3, 7}, bias},
    {"empty", RFIM_FLOAT64, 2, {0, 4}, NULL},
    {"scalar", RFIM_FLOAT64, 0, {9, 9}, bias},
};
static const size_t model_count = sizeof model / sizeof model[0];
static const char *const model_metadata[] = {"network", "input 2; linear 3 \"relu\"", "format",
                                             "rfim", NULL};

static void encode_model(rfim_context *context, uint8_t **data, size_t *size)
{
    assert_int_equal(
        rfim__safetensors_encode(context, model, model_count, model_metadata, data, size), RFIM_OK);
}

static int set_up(void **state)
{
    return rfim_context_create(NULL, (rfim_context **)state) == RFIM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    rfim_context_free(*state);
    return 0;
}

/* A file from a header and so many bytes of numbers; the caller frees it. */
static uint8_t *file_with(const char *header, size_t numbers, size_t *size)
{
    const size_t length = strlen(header);
    uint8_t *data = calloc(1, 8 + length + numbers + 1);
    for (size_t byte = 0; byte < 8; byte++)
        data[byte] = (uint8_t)((uint64_t)length >> 8 * byte);
    snprintf((char *)data + 8, length + 1, "%s", header);
    *size = 8 + length + numbers;
    return data;
}

static void bytes_are_those_of_the_format(void **state)
{
    const float values[2] = {1.0f, -2.0f};
    const rfim__tensor tensor = {"w", RFIM_FLOAT32, 1, {2, 1}, values};
    const char *const metadata[] = {"k", "v", NULL};
    const char header[] = "{\"__metadata__\":{\"k\":\"v\"},"
                          "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    const uint8_t numbers[8] = {0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0};
    const size_t padded = (strlen(header) + 7) / 8 * 8;
    uint8_t *data = NULL;
    size_t size = 0;
    assert_int_equal(rfim__safetensors_encode(*state, &tensor, 1, metadata, &data, &size), RFIM_OK);
    assert_int_equal(size, 8 + padded + 8);
    assert_int_equal(data[0], padded);
    for (size_t byte = 1; byte < 8; byte++)
        assert_int_equal(data[byte], 0);
    assert_memory_equal(data + 8, header, strlen(header));
    for (size_t byte = strlen(header); byte < padded; byte++)
        assert_int_equal(data[8 + byte], ' ');
    assert_memory_equal(data + 8 + padded, numbers, sizeof numbers);
    rfim__release(*state, data);
}

static void check_model(const rfim__safetensors *file)
{
    double values[6];
    assert_int_equal(rfim__safetensors_count(file), model_count);
    assert_string_equal(rfim__safetensors_metadata(file, "network"), model_metadata[1]);
    assert_null(rfim__safetensors_metadata(file, "nothing"));
    assert_null(rfim__safetensors_find(file, "__metadata__"));
    assert_null(rfim__safetensors_find(file, "layer2.weight"));

    const rfim__tensor *tensor = rfim__safetensors_find(file, "layer1.weight");
    assert_non_null(tensor);
    assert_int_equal(tensor->type, RFIM_FLOAT32);
    assert_int_equal(tensor->rank, 2);
    assert_int_equal(tensor->shape[0], 3);
    assert_int_equal(tensor->shape[1], 2);
    rfim__tensor_read_doubles(tensor, values);
    for (size_t number = 0; number < 6; number++)
        assert_true(values[number] == (double)weight[number]);

    tensor = rfim__safetensors_find(file, "layer1.bias");
    assert_int_equal(tensor->type, RFIM_FLOAT64);
    assert_int_equal(tensor->rank, 1);
    assert_int_equal(tensor->shape[1], 1);
    assert_int_equal(rfim__tensor_numbers(tensor), 3);
    rfim__tensor_read_doubles(tensor, values);
    assert_memory_equal(values, bias, sizeof bias);

    assert_int_equal(rfim__tensor_numbers(rfim__safetensors_find(file, "empty")), 0);
    assert_int_equal(rfim__tensor_numbers(rfim__safetensors_find(file, "scalar")), 1);
    assert_string_equal(rfim__safetensors_tensor(file, 0)->name, "layer1.weight");
}

static void what_was_written_is_read_back(void **state)
{
    char path[] = "/tmp/rfim-safetensors-XXXXXX";
    uint8_t *data = NULL;
    size_t size = 0;
    rfim__safetensors *file = NULL;
    close(mkstemp(path));
    assert_int_equal(rfim__safetensors_write(*state, path, model, model_count, model_metadata),
                     RFIM_OK);
    assert_int_equal(rfim__file_read(*state, path, &data, &size), RFIM_OK);
    assert_int_equal(rfim__safetensors_parse(*state, path, data, size, &file), RFIM_OK);
    check_model(file);
    rfim__safetensors_free(file);
    rfim__release(*state, data);
    unlink(path);
}

static void numbers_may_be_unaligned(void **state)
{
    uint8_t *data = NULL;
    size_t size = 0;
    rfim__safetensors *file = NULL;
    encode_model(*state, &data, &size);
    uint8_t *moved = malloc(size + 1);
    memcpy(moved + 1, data, size);
    assert_int_equal(rfim__safetensors_parse(*state, "moved", moved + 1, size, &file), RFIM_OK);
    check_model(file);
    rfim__safetensors_free(file);
    free(moved);
    rfim__release(*state, data);
}

static void equal_contents_are_equal_bytes(void **state)
{
    uint8_t *first = NULL, *second = NULL;
    size_t first_size = 0, second_size = 0;
    encode_model(*state, &first, &first_size);
    encode_model(*state, &second, &second_size);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    rfim__release(*state, first);
    rfim__release(*state, second);
}

static void every_truncation_is_an_error(void **state)
{
    uint8_t *data = NULL;
    size_t size = 0;
    encode_model(*state, &data, &size);
    for (size_t kept = 0; kept < size; kept++) {
        rfim__safetensors *file = NULL;
        uint8_t *cut = malloc(kept > 0 ? kept : 1); /* so that a sanitizer sees every overrun */
        memcpy(cut, data, kept);
        assert_int_equal(rfim__safetensors_parse(*state, "cut", cut, kept, &file),
                         RFIM_ERROR_FORMAT);
        assert_null(file);
        free(cut);
    }
    rfim__release(*state, data);
}

typedef struct bad_file {
    const char *header;
    size_t numbers;    /* bytes after it */
    const char *words; /* that the sentence must have */
} bad_file;

#define ENTRY(type, shape, offsets)                                                                \
    "{\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define ONE(type, shape, offsets) "{\"w\":" ENTRY(type, shape, offsets) "}"

static const bad_file bad_files[] = {
    {"[]", 0, "does not begin with {"},
    {" {}", 0, "does not begin with {"},
    {"{\"w\":", 0, "no JSON object"},
    {"{} x", 0, "no JSON object"},
    {"{\"w\":1}", 0, "no dtype, shape and data_offsets for w"},
    {"{\"w\":{}}", 0, "no dtype"},
    {"{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "no shape"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets"},
    {ONE("BF16", "[2]", "[0,4]"), 4, "BF16; F32 and F64 can be read"},
    {ONE("f32", "[1]", "[0,4]"), 4, "type f32"},
    {ONE("F32", "[1,1,1]", "[0,4]"), 4, "3 axes"},
    {ONE("F32", "[-1]", "[0,4]"), 4, "whole numbers"},
    {ONE("F32", "[1.0]", "[0,4]"), 4, "whole numbers"},
    {ONE("F32", "[1]", "[0]"), 4, "data_offsets"},
    {ONE("F32", "[1]", "[4,0]"), 4, "data_offsets"},
    {ONE("F32", "[1]", "[-4,0]"), 4, "data_offsets"},
    {ONE("F32", "[1]", "[0,8]"), 8, "does not fit its 8 bytes"},
    {ONE("F64", "[1]", "[0,4]"), 4, "does not fit its 4 bytes"},
    {ONE("F32", "[2]", "[0,8]"), 4, "truncated"},
    {ONE("F32", "[1]", "[0,4]"), 8, "4 bytes of numbers are described, but the file has 8"},
    {ONE("F32", "[1]", "[4,8]"), 8, "expected 0"},
    /* 2^62 x 4 bytes and 2^31 x 2^31 x 4 bytes wrap round to 0. */
    {ONE("F32", "[4611686018427387904]", "[0,0]"), 0, "does not fit"},
    {ONE("F32", "[2147483648,2147483648]", "[0,0]"), 0, "does not fit"},
    {ONE("F32", "[99999999999999999999]", "[0,0]"), 0, "too big"},
    {"{\"a\":" ENTRY("F32", "[2]", "[0,8]") ",\"b\":" ENTRY("F32", "[2]", "[4,12]") "}", 12,
     "overlap"},
    {"{\"a\":" ENTRY("F32", "[1]", "[0,4]") ",\"b\":" ENTRY("F32", "[1]", "[8,12]") "}", 12,
     "holes"},
    {"{\"a\":" ENTRY("F32", "[1]", "[0,4]") ",\"a\":" ENTRY("F32", "[1]", "[4,8]") "}", 8,
     "duplicate"},
    {"{\"__metadata__\":3}", 0, "__metadata__"},
    {"{\"__metadata__\":{\"k\":3}}", 0, "strings only, but k"},
};

static void bad_headers_are_errors_that_say_why(void **state)
{
    for (size_t number = 0; number < sizeof bad_files / sizeof bad_files[0]; number++) {
        const bad_file *bad = &bad_files[number];
        rfim__safetensors *file = NULL;
        size_t size = 0;
        uint8_t *data = file_with(bad->header, bad->numbers, &size);
        const rfim_status status = rfim__safetensors_parse(*state, "bad.st", data, size, &file);
        const char *sentence = rfim_context_error(*state);
        if (status != RFIM_ERROR_FORMAT || !strstr(sentence, bad->words) ||
            !strstr(sentence, "bad.st"))
            fail_msg("%s: status %s, sentence `%s`, expected `%s`", bad->header,
                     rfim_status_name(status), sentence, bad->words);
        assert_null(file);
        free(data);
    }
}

static void tensors_may_stand_in_any_order(void **state)
{
    size_t size = 0;
    rfim__safetensors *file = NULL;
    uint8_t *data = file_with(
        "{\"late\":" ENTRY("F32", "[1]", "[4,8]") ",\"early\":" ENTRY("F32", "[1]", "[0,4]") "}   ",
        8, &size);
    assert_int_equal(rfim__safetensors_parse(*state, "any", data, size, &file), RFIM_OK);
    assert_string_equal(rfim__safetensors_tensor(file, 0)->name, "early");
    assert_string_equal(rfim__safetensors_tensor(file, 1)->name, "late");
    assert_null(rfim__safetensors_metadata(file, "network"));
    rfim__safetensors_free(file);
    free(data);
}

static void a_header_length_beyond_the_file_allocates_nothing_large(void **state)
{
    (void)state;
    watched_memory memory;
    rfim_context *context = watched_context(&memory, 0);
    uint8_t data[160];
    rfim__safetensors *file = NULL;
    for (int shift = 0; shift < 64; shift++) {
        memset(data, '{', sizeof data);
        for (size_t byte = 0; byte < 8; byte++)
            data[byte] = (uint8_t)(((uint64_t)1 << shift | 153) >> 8 * byte);
        assert_int_equal(rfim__safetensors_parse(context, "tiny", data, sizeof data, &file),
                         RFIM_ERROR_FORMAT);
    }
    assert_non_null(strstr(rfim_context_error(context), "160 bytes"));
    assert_true(memory.largest < 8192);
    rfim_context_free(context);
    assert_int_equal(memory.blocks, 0);
}

static void the_writer_refuses_what_the_reader_would(void **state)
{
    const int32_t integers[1] = {1};
    const rfim__tensor integer = {"w", RFIM_INT32, 1, {1, 1}, integers};
    const rfim__tensor cube = {"w", RFIM_FLOAT32, 3, {1, 1}, weight};
    const rfim__tensor reserved = {"__metadata__", RFIM_FLOAT32, 1, {1, 1}, weight};
    const rfim__tensor twins[2] = {model[0], model[0]};
    uint8_t *data = NULL;
    size_t size = 0;
    assert_int_equal(rfim__safetensors_encode(*state, &integer, 1, NULL, &data, &size),
                     RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim__safetensors_encode(*state, &cube, 1, NULL, &data, &size),
                     RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim__safetensors_encode(*state, &reserved, 1, NULL, &data, &size),
                     RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim__safetensors_encode(*state, twins, 2, NULL, &data, &size),
                     RFIM_ERROR_ARGUMENT);
    assert_non_null(strstr(rfim_context_error(*state), "layer1.weight"));
    assert_null(data);
}

static void a_file_without_tensors_is_legal(void **state)
{
    uint8_t *data = NULL;
    size_t size = 0;
    rfim__safetensors *file = NULL;
    assert_int_equal(rfim__safetensors_encode(*state, NULL, 0, NULL, &data, &size), RFIM_OK);
    assert_int_equal(rfim__safetensors_parse(*state, "none", data, size, &file), RFIM_OK);
    assert_int_equal(rfim__safetensors_count(file), 0);
    rfim__safetensors_free(file);
    rfim__release(*state, data);
}

static void short_memory_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    rfim_status status = RFIM_ERROR_MEMORY;
    size_t fail_from = 2; /* the first allocation is the context */
    for (; status != RFIM_OK; fail_from++) {
        watched_memory memory;
        rfim_context *context = watched_context(&memory, fail_from);
        uint8_t *data = NULL;
        size_t size = 0;
        rfim__safetensors *file = NULL;
        status = rfim__safetensors_encode(context, model, model_count, model_metadata, &data,
                                          &size);
        if (status == RFIM_OK)
            status = rfim__safetensors_parse(context, "short", data, size, &file);
        assert_true(status == RFIM_OK || status == RFIM_ERROR_MEMORY);
        rfim__safetensors_free(file);
        rfim__release(context, data);
        rfim_context_free(context);
        assert_int_equal(memory.blocks, 0);
    }
    assert_true(fail_from > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_the_format),
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(numbers_may_be_unaligned),
        cmocka_unit_test(equal_contents_are_equal_bytes),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(bad_headers_are_errors_that_say_why),
        cmocka_unit_test(tensors_may_stand_in_any_order),
        cmocka_unit_test(a_header_length_beyond_the_file_allocates_nothing_large),
        cmocka_unit_test(the_writer_refuses_what_the_reader_would),
        cmocka_unit_test(a_file_without_tensors_is_legal),
        cmocka_unit_test(short_memory_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
