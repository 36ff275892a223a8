/* Contact sheets: both formats, the geometry, and what cannot be drawn. */
#include "core/file.h"
#include "data/contact_sheet.h"
#include "data/counting_context.h"
#include "data/dataset.h"
#include "data/digits.h"
#include "data/idx_files.h"

#include <rfim/io.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct fixture {
    counting memory;
    char folder[256];
    char path[300];
    rfim_dataset *digits;
} fixture;

static int setup(void **state)
{
    static fixture it;
    *state = &it;
    make_folder(it.folder);
    rfim_context *context = counting_start(&it.memory, 1);
    return rfim__digits_create(context, 1, RFIM__DIGITS_TEST, 10, &it.digits) == RFIM_OK ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *it = *state;
    rfim_dataset_free(it->digits);
    unlink(it->path);
    rmdir(it->folder);
    return counting_end(&it->memory) == 0 ? 0 : -1;
}

static const char *path_of(fixture *it, const char *name)
{
    snprintf(it->path, sizeof it->path, "%.255s/%s", it->folder, name);
    return it->path;
}

static void png_files_have_the_size_of_the_sheet(void **state)
{
    fixture *it = *state;
    uint8_t *data = NULL;
    size_t size = 0;
    const uint8_t start[] = {137, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
    assert_int_equal(rfim_dataset_draw(it->digits, 2, 5, path_of(it, "sheet.png")), RFIM_OK);
    assert_int_equal(rfim__file_read(it->memory.context, it->path, &data, &size), RFIM_OK);
    assert_memory_equal(data, start, sizeof start);
    /* 28 x 28 pixels twice as large, 8 between and around; 16 more for a line of labels. */
    assert_int_equal(data[18] << 8 | data[19], 5 * (56 + 8) + 8);
    assert_int_equal(data[22] << 8 | data[23], 2 * (56 + 8 + 16) + 8);
    rfim__release(it->memory.context, data);
}

static void svg_files_stand_alone(void **state)
{
    fixture *it = *state;
    uint8_t *data = NULL;
    size_t size = 0;
    assert_int_equal(rfim_dataset_draw(it->digits, 2, 5, path_of(it, "sheet.svg")), RFIM_OK);
    assert_int_equal(rfim__file_read(it->memory.context, it->path, &data, &size), RFIM_OK);
    const char *text = (const char *)data;
    assert_non_null(strstr(text, "<svg"));
    assert_non_null(strstr(text, "data:image/png;base64,"));
    assert_non_null(strstr(text, "</svg>"));
    size_t labels = 0;
    for (const char *at = text; (at = strstr(at, "<text")) != NULL; at++)
        labels++;
    assert_int_equal(labels, 10);
    rfim__release(it->memory.context, data);
}

static void the_sheet_shrinks_to_what_there_is(void **state)
{
    fixture *it = *state;
    rfim__contact_sheet sheet;
    assert_int_equal(rfim__contact_sheet_create(it->digits, 100, 4, &sheet), RFIM_OK);
    assert_int_equal(sheet.images, 10);
    assert_int_equal(sheet.columns, 4);
    assert_int_equal(sheet.height, 3 * 80 + 8);
    rfim__contact_sheet_free(&sheet);
    assert_int_equal(rfim__contact_sheet_create(it->digits, SIZE_MAX, SIZE_MAX, &sheet), RFIM_OK);
    assert_int_equal(sheet.columns, 10);
    rfim__contact_sheet_free(&sheet);
}

static void ink_is_dark_and_lies_in_its_cell(void **state)
{
    fixture *it = *state;
    rfim__contact_sheet sheet;
    assert_int_equal(rfim__contact_sheet_create(it->digits, 1, 10, &sheet), RFIM_OK);
    const uint8_t *values = it->digits->values;
    for (size_t i = 0; i < 10; i++)
        for (size_t y = 0; y < 28; y++)
            for (size_t x = 0; x < 28; x++) {
                size_t at = (8 + 2 * y + 1) * sheet.width + 8 + i * 64 + 2 * x + 1;
                assert_int_equal(sheet.pixels[at], 255 - values[i * 784 + y * 28 + x]);
            }
    for (size_t x = 0; x < sheet.width; x++)
        assert_int_equal(sheet.pixels[7 * sheet.width + x], 255);
    rfim__contact_sheet_paint_labels(&sheet);
    size_t dark = 0;
    for (size_t y = 64; y < sheet.height; y++)
        for (size_t x = 0; x < sheet.width; x++)
            dark += sheet.pixels[y * sheet.width + x] < 255;
    assert_in_range(dark, 10 * 7 * 4, 10 * 13 * 4); /* digits of 7 to 13 dots of 2 x 2 pixels */
    rfim__contact_sheet_free(&sheet);
}

static void refused(fixture *it, const rfim_dataset *dataset, size_t rows, const char *name,
                    rfim_status status, const char *words)
{
    assert_int_equal(rfim_dataset_draw(dataset, rows, 3, path_of(it, name)), status);
    if (!strstr(rfim_context_error(it->memory.context), words))
        fail_msg("expected \"%s\" in: %s", words, rfim_context_error(it->memory.context));
    assert_false(rfim__file_exists(it->path));
}

static void what_cannot_be_drawn_is_refused(void **state)
{
    fixture *it = *state;
    const float numbers[] = {1, 2};
    rfim_dataset *plain = NULL;
    assert_int_equal(rfim_dataset_from_arrays(it->memory.context, rfim_floats(numbers, 1, 2),
                                              rfim_no_targets(), &plain),
                     RFIM_OK);
    refused(it, plain, 1, "x.png", RFIM_ERROR_ARGUMENT, "no images");
    refused(it, it->digits, 0, "x.png", RFIM_ERROR_ARGUMENT, "empty");
    refused(it, it->digits, 1, "x.jpg", RFIM_ERROR_ARGUMENT, ".svg or .png");
    refused(it, it->digits, 1, ".hidden/x.svg", RFIM_ERROR_IO, "cannot be written");
    plain->image_height = 1; /* as if it were an image as large as a wall */
    plain->image_width = (size_t)1 << 40;
    refused(it, plain, 1, "x.png", RFIM_ERROR_ARGUMENT, "do not fit on one sheet");
    rfim_dataset_free(plain);
}

static void short_memory_is_reported_and_leaks_nothing(void **state)
{
    fixture *it = *state;
    const char *const names[] = {"sheet.png", "sheet.svg"};
    for (size_t name = 0; name < 2; name++) {
        rfim_status status = RFIM_ERROR_MEMORY;
        path_of(it, names[name]);
        for (size_t left = 0; status == RFIM_ERROR_MEMORY; left++) {
            size_t before = it->memory.memory.blocks;
            counting_limit(&it->memory, left);
            status = rfim_dataset_draw(it->digits, 1, 3, it->path);
            assert_int_equal(it->memory.memory.blocks, before);
        }
        assert_int_equal(status, RFIM_OK);
        unlink(it->path);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(png_files_have_the_size_of_the_sheet),
        TEST(svg_files_stand_alone),
        TEST(the_sheet_shrinks_to_what_there_is),
        TEST(ink_is_dark_and_lies_in_its_cell),
        TEST(what_cannot_be_drawn_is_refused),
        TEST(short_memory_is_reported_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
