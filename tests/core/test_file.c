/* Whole files in and out. */
#include "core/file.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct place {
    rfim_context *context;
    char folder[64];
} place;

static int set_up(void **state)
{
    place *here = calloc(1, sizeof *here);
    strcpy(here->folder, "/tmp/rfim-file-XXXXXX");
    *state = here;
    return mkdtemp(here->folder) && rfim_context_create(NULL, &here->context) == RFIM_OK ? 0 : -1;
}

static const char *path_of(const place *here, const char *name)
{
    static char path[4][512];
    static size_t next;
    char *out = path[next++ % 4];
    snprintf(out, sizeof path[0], "%s/%s", here->folder, name);
    return out;
}

static int tear_down(void **state)
{
    place *here = *state;
    DIR *folder = opendir(here->folder);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        unlink(path_of(here, entry->d_name));
        if (entry->d_name[0] != '.')
            rmdir(path_of(here, entry->d_name));
    }
    closedir(folder);
    int left = rmdir(here->folder);
    rfim_context_free(here->context);
    free(here);
    return left; /* a file left behind under a name of its own is a failure */
}

static void expect_content(const place *here, const char *name, const char *content)
{
    uint8_t *data = NULL;
    size_t size = 0;
    assert_int_equal(rfim__file_read(here->context, path_of(here, name), &data, &size), RFIM_OK);
    assert_int_equal(size, strlen(content));
    assert_string_equal((char *)data, content); /* a NUL byte follows the last one */
    rfim__release(here->context, data);
}

static void what_is_written_is_read_back(void **state)
{
    place *here = *state;
    uint8_t bytes[100000];
    for (size_t b = 0; b < sizeof bytes; b++)
        bytes[b] = (uint8_t)(b * 7919 >> 3);
    static const size_t sizes[] = {sizeof bytes, 1, 0};
    for (size_t s = 0; s < 3; s++) { /* each replaces the one before */
        uint8_t *data = NULL;
        size_t size = 0;
        const char *path = path_of(here, "bytes");
        assert_int_equal(rfim__file_write(here->context, path, bytes, sizes[s]), RFIM_OK);
        assert_int_equal(rfim__file_read(here->context, path, &data, &size), RFIM_OK);
        assert_int_equal(size, sizes[s]);
        assert_memory_equal(data, bytes, size);
        assert_int_equal(data[size], 0);
        rfim__release(here->context, data);
    }
    assert_false(rfim__file_exists(path_of(here, "bytes.part")));
}

static void appending_adds_and_creates(void **state)
{
    place *here = *state;
    const char *path = path_of(here, "log");
    assert_int_equal(rfim__file_append(here->context, path, "one ", 4), RFIM_OK);
    assert_int_equal(rfim__file_append(here->context, path, "two", 3), RFIM_OK);
    assert_int_equal(rfim__file_append(here->context, path, "", 0), RFIM_OK);
    expect_content(here, "log", "one two");
}

static void the_old_file_stays_when_the_new_one_cannot_be_written(void **state)
{
    place *here = *state;
    assert_int_equal(rfim__file_write(here->context, path_of(here, "model"), "old", 3), RFIM_OK);
    /* the temporary name is taken by a folder */
    assert_int_equal(mkdir(path_of(here, "model.part"), 0777), 0);
    assert_int_equal(rfim__file_write(here->context, path_of(here, "model"), "new", 3),
                     RFIM_ERROR_IO);
    assert_non_null(strstr(rfim_context_error(here->context), "cannot be written"));
    expect_content(here, "model", "old");
    assert_true(rfim__folder_exists(path_of(here, "model.part")));
}

/* The disk is full: /dev/full takes the bytes and fails when they are flushed. */
static void a_full_disk_is_noticed(void **state)
{
    place *here = *state;
    if (access("/dev/full", W_OK) != 0) {
        print_message("skipped: there is no /dev/full on this machine\n");
        skip();
    }
    char bytes[10000] = {0};
    assert_int_equal(rfim__file_append(here->context, "/dev/full", bytes, sizeof bytes),
                     RFIM_ERROR_IO);
    assert_non_null(strstr(rfim_context_error(here->context), "cannot be written whole"));
    assert_int_equal(rfim__file_append(here->context, "/dev/full", bytes, 3), RFIM_ERROR_IO);
    /* and the old file survives it */
    assert_int_equal(rfim__file_write(here->context, path_of(here, "model"), "old", 3), RFIM_OK);
    assert_int_equal(symlink("/dev/full", path_of(here, "model.part")), 0);
    assert_int_equal(rfim__file_write(here->context, path_of(here, "model"), bytes, sizeof bytes),
                     RFIM_ERROR_IO);
    expect_content(here, "model", "old");
    assert_false(rfim__file_exists(path_of(here, "model.part")));
}

static void a_folder_is_not_a_file(void **state)
{
    place *here = *state;
    uint8_t *data = NULL;
    size_t size = 42;
    assert_int_equal(rfim__file_read(here->context, here->folder, &data, &size), RFIM_ERROR_IO);
    assert_non_null(strstr(rfim_context_error(here->context), "is not a file"));
    assert_null(data);
    assert_int_equal(size, 0);
    const char *folder = path_of(here, "folder");
    assert_int_equal(mkdir(folder, 0777), 0);
    assert_int_equal(rfim__file_write(here->context, folder, "x", 1), RFIM_ERROR_IO);
    assert_non_null(strstr(rfim_context_error(here->context), "cannot be written"));
    assert_false(rfim__file_exists(path_of(here, "folder.part")));
    assert_int_equal(rfim__file_append(here->context, folder, "x", 1), RFIM_ERROR_IO);
    assert_true(rfim__folder_exists(folder));
    assert_true(rfim__file_exists(folder));
}

static void what_is_not_there_is_named_with_its_reason(void **state)
{
    place *here = *state;
    uint8_t *data = NULL;
    size_t size = 42;
    assert_int_equal(rfim__file_read(here->context, path_of(here, "none"), &data, &size),
                     RFIM_ERROR_IO);
    assert_non_null(strstr(rfim_context_error(here->context), "/none cannot be read: No such"));
    assert_null(data);
    assert_int_equal(rfim__file_write(here->context, path_of(here, "no/folder"), "x", 1),
                     RFIM_ERROR_IO);
    assert_non_null(strstr(rfim_context_error(here->context), "cannot be written: No such"));
    assert_false(rfim__file_exists(path_of(here, "none")));
    assert_false(rfim__folder_exists(path_of(here, "none")));
}

static void paths_are_joined_or_refused(void **state)
{
    place *here = *state;
    char path[16];
    assert_int_equal(rfim__path_join(here->context, "runs", "a", path, sizeof path), RFIM_OK);
    assert_string_equal(path, "runs/a");
    assert_int_equal(rfim__path_join(here->context, "runs/", "a", path, sizeof path), RFIM_OK);
    assert_string_equal(path, "runs/a");
    assert_int_equal(rfim__path_join(here->context, "/", "a", path, sizeof path), RFIM_OK);
    assert_string_equal(path, "/a");
    assert_int_equal(rfim__path_join(here->context, "0123456", "8901234", path, sizeof path),
                     RFIM_OK);
    assert_int_equal(rfim__path_join(here->context, "01234567", "8901234", path, sizeof path),
                     RFIM_ERROR_ARGUMENT);
    assert_non_null(strstr(rfim_context_error(here->context), "too long"));
    char longest[6000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(rfim__file_write(here->context, longest, "x", 1), RFIM_ERROR_IO);
    assert_non_null(strstr(rfim_context_error(here->context), "too long"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read_back),
        TEST(appending_adds_and_creates),
        TEST(the_old_file_stays_when_the_new_one_cannot_be_written),
        TEST(a_full_disk_is_noticed),
        TEST(a_folder_is_not_a_file),
        TEST(what_is_not_there_is_named_with_its_reason),
        TEST(paths_are_joined_or_refused),
    };
    return cmocka_run_group_tests_name("core: files", tests, NULL, NULL);
}
