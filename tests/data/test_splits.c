/* Opening data by name or folder, the two ways to split, and every wrong folder. */
#include "data/counting_context.h"
#include "data/dataset.h"
#include "data/idx_files.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct fixture {
    counting memory;
    char folder[256];
} fixture;

static int setup(void **state)
{
    static fixture it;
    *state = &it;
    make_folder(it.folder);
    write_small_folder(it.folder);
    return counting_start(&it.memory, 2) ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *it = *state;
    remove_folder(it->folder);
    return counting_end(&it->memory) == 0 ? 0 : -1;
}

static rfim_data_options options_for(const char *where)
{
    rfim_data_options options;
    memset(&options, 0, sizeof options);
    snprintf(options.where, sizeof options.where, "%s", where);
    options.data_seed = 1;
    options.split_seed = 1;
    return options;
}

static rfim_splits open_well(fixture *it, const rfim_data_options *options)
{
    rfim_splits splits;
    rfim_status status = rfim_splits_open(it->memory.context, options, &splits);
    if (status != RFIM_OK)
        fail_msg("%s", rfim_context_error(it->memory.context));
    return splits;
}

static void refused_options(fixture *it, const rfim_data_options *options, rfim_status status,
                            const char *words)
{
    rfim_splits splits;
    memset(&splits, 1, sizeof splits);
    assert_int_equal(rfim_splits_open(it->memory.context, options, &splits), status);
    assert_true(!splits.train && !splits.valid && !splits.test);
    if (!strstr(rfim_context_error(it->memory.context), words))
        fail_msg("expected \"%s\" in: %s", words, rfim_context_error(it->memory.context));
}

static void refused(fixture *it, const char *where, rfim_status status, const char *words)
{
    rfim_data_options options = options_for(where);
    refused_options(it, &options, status, words);
}

/* The folder, as changed by the test, is refused with these words; then it is made whole. */
static void folder_refused(fixture *it, rfim_status status, const char *words)
{
    refused(it, it->folder, status, words);
    write_small_folder(it->folder);
}

static const uint8_t *row(const rfim_dataset *dataset, size_t i)
{
    return (const uint8_t *)dataset->values + i * dataset->inputs;
}

static void standard_keeps_the_order_of_the_files(void **state)
{
    rfim_data_options options = options_for(((fixture *)*state)->folder);
    rfim_splits splits = open_well(*state, &options);
    assert_int_equal(splits.train->samples, 10);
    assert_int_equal(splits.valid->samples, 2);
    assert_int_equal(splits.test->samples, 4);
    assert_int_equal(splits.train->inputs, 15);
    assert_int_equal(splits.valid->image_height, 3);
    assert_int_equal(splits.valid->image_width, 5);
    assert_int_equal(splits.test->targets, 3);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(splits.train->labels[i], i % 3);
        assert_int_equal(row(splits.train, i)[14], (15 * i + 14) % 251);
    }
    assert_int_equal(splits.valid->labels[0], 10 % 3);
    assert_int_equal(row(splits.valid, 1)[0], 15 * 11);
    assert_int_equal(row(splits.test, 3)[0], 15 * 3);
    rfim_splits_free(&splits);
    assert_null(splits.train);
}

static void gzip_files_are_read_as_well(void **state)
{
    fixture *it = *state;
    static uint8_t bytes[4096], packed[4096];
    const uint32_t shape[] = {12, 3, 5};
    size_t size = idx_bytes(bytes, 3, shape, 251);
    remove_file(it->folder, TRAIN_IMAGES);
    write_file(it->folder, TRAIN_IMAGES ".gz", packed,
               gzip_bytes(bytes, size, packed, sizeof packed));
    rfim_data_options options = options_for(it->folder);
    rfim_splits splits = open_well(it, &options);
    assert_int_equal(splits.train->samples, 10);
    assert_int_equal(row(splits.train, 9)[14], 149);
    rfim_splits_free(&splits);
}

static void paper_shuffles_everything_by_the_seed(void **state)
{
    fixture *it = *state;
    write_images(it->folder, TRAIN_IMAGES, 60, 1, 1);
    write_labels(it->folder, TRAIN_LABELS, 60, 60);
    write_images(it->folder, TEST_IMAGES, 10, 1, 1);
    write_labels(it->folder, TEST_LABELS, 10, 10);
    int32_t order[2][70];
    rfim_data_options options = options_for(it->folder);
    options.split = RFIM_SPLIT_PAPER;
    for (uint64_t seed = 0; seed < 2; seed++) {
        unsigned seen[60] = {0};
        options.split_seed = seed;
        rfim_splits splits = open_well(it, &options);
        assert_int_equal(splits.train->samples, 50);
        assert_int_equal(splits.valid->samples, 10);
        assert_int_equal(splits.test->samples, 10);
        assert_int_equal(splits.valid->targets, 60);
        memcpy(order[seed], splits.train->labels, 50 * sizeof(int32_t));
        memcpy(order[seed] + 50, splits.valid->labels, 10 * sizeof(int32_t));
        memcpy(order[seed] + 60, splits.test->labels, 10 * sizeof(int32_t));
        for (size_t i = 0; i < 70; i++)
            seen[order[seed][i]]++;
        for (size_t class = 0; class < 60; class ++)
            assert_int_equal(seen[class], class < 10 ? 2 : 1);
        for (size_t i = 0; i < 50; i++) /* images move with their labels */
            assert_int_equal(row(splits.train, i)[0], splits.train->labels[i]);
        rfim_splits_free(&splits);
    }
    assert_memory_not_equal(order[0], order[1], sizeof order[0]);
}

static void a_test_label_may_be_a_class_of_its_own(void **state)
{
    fixture *it = *state;
    write_labels(it->folder, TEST_LABELS, 4, 4);
    rfim_data_options options = options_for(it->folder);
    rfim_splits splits = open_well(it, &options);
    assert_int_equal(splits.train->targets, 4);
    assert_int_equal(splits.valid->targets, 4);
    assert_int_equal(splits.test->targets, 4);
    rfim_splits_free(&splits);
}

static void digits_come_in_the_sizes_asked_for(void **state)
{
    rfim_data_options options = options_for("digits:30/20/10");
    rfim_splits splits = open_well(*state, &options);
    assert_int_equal(splits.train->samples, 30);
    assert_int_equal(splits.valid->samples, 20);
    assert_int_equal(splits.test->samples, 10);
    uint8_t first[784];
    memcpy(first, splits.train->values, sizeof first);
    rfim_splits_free(&splits);
    options.data_seed = 2;
    splits = open_well(*state, &options);
    assert_memory_not_equal(first, splits.train->values, sizeof first);
    rfim_splits_free(&splits);
    options = options_for("digits:7/0/0");
    splits = open_well(*state, &options);
    assert_int_equal(splits.train->samples, 7);
    assert_true(!splits.valid && !splits.test);
    assert_int_equal(splits.train->targets, 10);
    rfim_splits_free(&splits);
}

static void digits_can_be_shuffled_like_the_paper(void **state)
{
    rfim_data_options options = options_for("digits:30/20/10");
    options.split = RFIM_SPLIT_PAPER;
    rfim_splits splits = open_well(*state, &options);
    unsigned count[10] = {0};
    const rfim_dataset *const parts[] = {splits.train, splits.valid, splits.test};
    const size_t sizes[] = {30, 20, 10};
    for (size_t part = 0; part < 3; part++) {
        assert_int_equal(parts[part]->samples, sizes[part]);
        for (size_t i = 0; i < sizes[part]; i++)
            count[parts[part]->labels[i]]++;
    }
    for (size_t class = 0; class < 10; class ++)
        assert_int_equal(count[class], 6);
    rfim_splits_free(&splits);
}

static void the_first_training_samples_can_be_kept(void **state)
{
    rfim_data_options options = options_for(((fixture *)*state)->folder);
    options.train_samples = 2;
    rfim_splits splits = open_well(*state, &options);
    assert_int_equal(splits.train->samples, 2);
    assert_int_equal(splits.train->targets, 3);
    assert_int_equal(row(splits.train, 1)[0], 15);
    assert_int_equal(splits.valid->samples, 2);
    rfim_splits_free(&splits);
    options.train_samples = 11;
    refused_options(*state, &options, RFIM_ERROR_ARGUMENT,
                    "11 are asked for, but the training split has 10");
}

static void unknown_names_are_refused_with_the_nearest(void **state)
{
    fixture *it = *state;
    char path[512];
    snprintf(path, sizeof path, "%s/" TRAIN_IMAGES, it->folder);
    refused(it, "digit", RFIM_ERROR_ARGUMENT, "did you mean \"digits\"?");
    refused(it, "minst", RFIM_ERROR_ARGUMENT, "did you mean \"mnist\"?");
    refused(it, "tabula", RFIM_ERROR_ARGUMENT, "did you mean \"tabular\"?");
    refused(it, "", RFIM_ERROR_ARGUMENT, "found 0 bytes");
    refused(it, "no/such/folder", RFIM_ERROR_ARGUMENT, "there is no such folder");
    refused(it, path, RFIM_ERROR_ARGUMENT, "is a file; name the folder");
}

static void wrong_sizes_of_digits_are_refused(void **state)
{
    const char *const wrong[] = {"digits:",
                                 "digits:5",
                                 "digits:5/5",
                                 "digits:0/5/5",
                                 "digits:5/5/5/",
                                 "digits:5/-1/5",
                                 "digits:5/x/5",
                                 "digits:1e3/5/5",
                                 "digits:1000001/1/1",
                                 "digits:99999999999999999999999999999999999/1/1"};
    for (size_t index = 0; index < sizeof wrong / sizeof wrong[0]; index++)
        refused(*state, wrong[index], RFIM_ERROR_ARGUMENT, "digits:TRAIN/VALID/TEST");
    refused(*state, "tabular:5", RFIM_ERROR_ARGUMENT, "such as tabular:20000/5000/5000");
}

static void tabular_data_have_the_sizes_asked_for(void **state)
{
    rfim_data_options options = options_for("tabular:40/0/3");
    rfim_splits splits = open_well(*state, &options);
    assert_int_equal(splits.train->samples, 40);
    assert_null(splits.valid);
    assert_int_equal(splits.test->samples, 3);
    assert_int_equal(splits.train->inputs, 20);
    assert_int_equal(splits.train->target_kind, RFIM_TARGET_VALUES);
    rfim_splits_free(&splits);
}

/* The same 43 rows, cut to the same sizes. */
static void tabular_data_can_be_shuffled_over_the_splits(void **state)
{
    rfim_data_options options = options_for("tabular:40/0/3");
    rfim_splits standard = open_well(*state, &options);
    options.split = RFIM_SPLIT_PAPER;
    rfim_splits paper = open_well(*state, &options);
    double sum = 0;
    double shuffled = 0;
    for (size_t i = 0; i < 40; i++) {
        sum += standard.train->target_values[i];
        shuffled += paper.train->target_values[i];
    }
    for (size_t i = 0; i < 3; i++) {
        sum += standard.test->target_values[i];
        shuffled += paper.test->target_values[i];
    }
    assert_true(fabs(sum - shuffled) < 1e-12); /* summed in another order */
    assert_memory_not_equal(standard.train->values, paper.train->values, 20 * sizeof(double));
    rfim_splits_free(&paper);
    rfim_splits_free(&standard);
}

static void mnist_is_found_by_the_environment(void **state)
{
    fixture *it = *state;
    rfim_data_options options = options_for("mnist");
    char *before = getenv("RFIM_MNIST");
    char *kept = before ? strdup(before) : NULL;
    assert_int_equal(setenv("RFIM_MNIST", it->folder, 1), 0);
    rfim_splits splits = open_well(it, &options);
    assert_int_equal(splits.train->samples, 10);
    rfim_splits_free(&splits);
    /* In a folder with nothing around it, and no variable: the sentence says where it looked. */
    char here[1024];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(it->folder), 0);
    assert_int_equal(unsetenv("RFIM_MNIST"), 0);
    refused(it, "mnist", RFIM_ERROR_IO, "./mnist, ./data/mnist or ../shared/data/mnist");
    assert_int_equal(setenv("RFIM_MNIST", "/wrong/place", 1), 0);
    refused(it, "mnist", RFIM_ERROR_IO, "/wrong/place");
    assert_int_equal(chdir(here), 0);
    if (kept)
        setenv("RFIM_MNIST", kept, 1);
    else
        unsetenv("RFIM_MNIST");
    free(kept);
}

static void missing_files_are_named(void **state)
{
    fixture *it = *state;
    const char *const names[] = {TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS};
    for (size_t index = 0; index < 4; index++) {
        char words[64];
        snprintf(words, sizeof words, "%s is missing", names[index]);
        remove_file(it->folder, names[index]);
        folder_refused(it, RFIM_ERROR_IO, words);
    }
}

static void files_that_disagree_are_refused(void **state)
{
    fixture *it = *state;
    write_labels(it->folder, TRAIN_LABELS, 11, 3);
    folder_refused(it, RFIM_ERROR_FORMAT, "12 images but");
    write_labels(it->folder, TEST_LABELS, 5, 3);
    folder_refused(it, RFIM_ERROR_FORMAT, "5 labels");
    write_images(it->folder, TEST_IMAGES, 4, 5, 3);
    folder_refused(it, RFIM_ERROR_SHAPE, "training images have 3 x 5 pixels, test images 5 x 3");
    write_images(it->folder, TRAIN_IMAGES, 0, 3, 5);
    folder_refused(it, RFIM_ERROR_FORMAT, TRAIN_IMAGES " holds no images");
    write_images(it->folder, TRAIN_IMAGES, 12, 0, 5);
    folder_refused(it, RFIM_ERROR_FORMAT, "0 x 5 pixels");
    write_images(it->folder, TRAIN_IMAGES, 1, 3, 5);
    write_labels(it->folder, TRAIN_LABELS, 1, 3);
    folder_refused(it, RFIM_ERROR_ARGUMENT, "1 image is too few to split");
}

static void files_of_the_wrong_kind_are_refused(void **state)
{
    fixture *it = *state;
    write_labels(it->folder, TRAIN_IMAGES, 12, 3);
    folder_refused(it, RFIM_ERROR_FORMAT, "images have 0x00000803");
    write_images(it->folder, TEST_LABELS, 4, 3, 5);
    folder_refused(it, RFIM_ERROR_FORMAT, "wrong magic number 0x00000803");
    write_file(it->folder, TRAIN_LABELS, "hello, world", 12);
    folder_refused(it, RFIM_ERROR_FORMAT, TRAIN_LABELS " is no IDX file");
    write_file(it->folder, TEST_IMAGES, "", 0);
    folder_refused(it, RFIM_ERROR_FORMAT, TEST_IMAGES " is truncated: 0 bytes");
}

static void short_memory_is_reported_and_leaks_nothing(void **state)
{
    fixture *it = *state;
    rfim_data_options options = options_for(it->folder);
    options.split = RFIM_SPLIT_PAPER;
    options.train_samples = 3;
    options.standardize = 1;
    rfim_status status = RFIM_ERROR_MEMORY;
    size_t allocations = 0;
    for (; status == RFIM_ERROR_MEMORY; allocations++) {
        rfim_splits splits;
        size_t before = it->memory.memory.blocks;
        counting_limit(&it->memory, allocations);
        status = rfim_splits_open(it->memory.context, &options, &splits);
        if (status == RFIM_OK)
            rfim_splits_free(&splits);
        assert_int_equal(it->memory.memory.blocks, before);
    }
    assert_int_equal(status, RFIM_OK);
    assert_true(allocations > 10);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(standard_keeps_the_order_of_the_files),
        TEST(gzip_files_are_read_as_well),
        TEST(paper_shuffles_everything_by_the_seed),
        TEST(a_test_label_may_be_a_class_of_its_own),
        TEST(digits_come_in_the_sizes_asked_for),
        TEST(digits_can_be_shuffled_like_the_paper),
        TEST(the_first_training_samples_can_be_kept),
        TEST(unknown_names_are_refused_with_the_nearest),
        TEST(wrong_sizes_of_digits_are_refused),
        TEST(tabular_data_have_the_sizes_asked_for),
        TEST(tabular_data_can_be_shuffled_over_the_splits),
        TEST(mnist_is_found_by_the_environment),
        TEST(missing_files_are_named),
        TEST(files_that_disagree_are_refused),
        TEST(files_of_the_wrong_kind_are_refused),
        TEST(short_memory_is_reported_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
