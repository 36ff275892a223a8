/* PNG files: read back chunk by chunk, checksums and pixels. */
#include "core/context.h"
#include "data/counting_context.h"
#include "io/png.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

static uint32_t number_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Checks a chunk's name and checksum; its content, and *next behind it. */
static const uint8_t *open_chunk(const uint8_t *at, const char *name, size_t *length,
                                 const uint8_t **next)
{
    *length = number_at(at);
    assert_memory_equal(at + 4, name, 4);
    uLong checksum = crc32(0, at + 4, (uInt)(*length + 4));
    assert_int_equal(checksum, number_at(at + 8 + *length));
    *next = at + *length + 12;
    return at + 8;
}

static void round_trip(size_t height, size_t width, rfim__png_colours colours)
{
    static uint8_t pixels[300 * 200 * 3], rows[301 * 200 * 3];
    counting memory;
    rfim_context *context = counting_start(&memory, 1);
    size_t row = width * (size_t)colours;
    for (size_t index = 0; index < height * row; index++)
        pixels[index] = (uint8_t)(index * 2654435761u >> 13); /* hardly to be packed */
    uint8_t *png = NULL;
    size_t size = 0;
    size_t length = 0;
    const uint8_t *next = NULL;
    assert_int_equal(rfim__png_encode(context, pixels, height, width, colours, &png, &size),
                     RFIM_OK);
    assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
    const uint8_t *header = open_chunk(png + 8, "IHDR", &length, &next);
    const uint8_t rest[] = {8, colours == RFIM__PNG_RGB ? 2 : 0, 0, 0, 0};
    assert_int_equal(length, 13);
    assert_int_equal(number_at(header), width);
    assert_int_equal(number_at(header + 4), height);
    assert_memory_equal(header + 8, rest, 5);
    const uint8_t *packed = open_chunk(next, "IDAT", &length, &next);
    uLongf written = sizeof rows;
    assert_int_equal(uncompress(rows, &written, packed, length), Z_OK);
    assert_int_equal(written, height * (row + 1));
    for (size_t y = 0; y < height; y++) {
        assert_int_equal(rows[y * (row + 1)], 0);
        assert_memory_equal(rows + y * (row + 1) + 1, pixels + y * row, row);
    }
    open_chunk(next, "IEND", &length, &next);
    assert_int_equal(length, 0);
    assert_ptr_equal(next, png + size);
    rfim__release(context, png);
    assert_int_equal(counting_end(&memory), 0);
}

static void pictures_of_all_shapes_come_back(void **state)
{
    (void)state;
    round_trip(1, 1, RFIM__PNG_GREY);
    round_trip(1, 1, RFIM__PNG_RGB);
    round_trip(200, 300, RFIM__PNG_RGB);
    round_trip(17, 300, RFIM__PNG_GREY);
    round_trip(200, 1, RFIM__PNG_RGB);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    const size_t sizes[][2] = {{0, 1}, {1, 0}, {SIZE_MAX, 2}, {1u << 16, 1u << 16}, {1, SIZE_MAX}};
    counting memory;
    rfim_context *context = counting_start(&memory, 1);
    for (size_t index = 0; index < 5; index++) {
        uint8_t *png = NULL;
        size_t size = 0;
        assert_int_equal(rfim__png_encode(context, (const uint8_t *)"", sizes[index][0],
                                          sizes[index][1], RFIM__PNG_RGB, &png, &size),
                         RFIM_ERROR_ARGUMENT);
        assert_null(png);
        assert_non_null(strstr(rfim_context_error(context), "cannot be a PNG file"));
    }
    assert_int_equal(counting_end(&memory), 0);
}

static void short_memory_is_reported(void **state)
{
    (void)state;
    counting memory;
    rfim_context *context = counting_start(&memory, 1);
    rfim_status status = RFIM_ERROR_MEMORY;
    uint8_t *png = NULL;
    size_t size = 0;
    size_t left = 0;
    for (; status == RFIM_ERROR_MEMORY; left++) {
        counting_limit(&memory, left);
        assert_null(png);
        status = rfim__png_encode(context, (const uint8_t *)"", 1, 1, RFIM__PNG_GREY, &png, &size);
    }
    assert_int_equal(status, RFIM_OK);
    assert_true(left > 2);
    rfim__release(context, png);
    assert_int_equal(counting_end(&memory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_of_all_shapes_come_back),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(short_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
