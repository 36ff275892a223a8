/* The real MNIST, where it is at hand: in ../shared/data/mnist beside the sources, or in
 * $RFIM_MNIST. */
#include "data/counting_context.h"
#include "data/dataset.h"
#include "data/idx_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#ifndef RFIM_SOURCE_DIR
#define RFIM_SOURCE_DIR "."
#endif

/* The folder, or NULL; then the test says that it is skipped. */
static const char *find_mnist(void)
{
    static const char beside[] = RFIM_SOURCE_DIR "/../shared/data/mnist";
    const char *named = getenv("RFIM_MNIST");
    if (rfim__idx_folder_complete(beside))
        return beside;
    if (named && rfim__idx_folder_complete(named))
        return named;
    printf("skipped: MNIST is neither in ../shared/data/mnist nor in $RFIM_MNIST\n");
    return NULL;
}

static void check_train(const rfim_dataset *train)
{
    const int32_t first[] = {5, 0, 4, 1, 9};
    uint64_t sum = 0;
    assert_int_equal(train->samples, 50000);
    assert_int_equal(train->inputs, 784);
    assert_int_equal(train->image_height, 28);
    assert_int_equal(train->image_width, 28);
    assert_int_equal(train->targets, 10);
    assert_memory_equal(train->labels, first, sizeof first);
    for (size_t index = 0; index < (size_t)50000 * 784; index++)
        sum += ((const uint8_t *)train->values)[index];
    /* Counted by another program: the grey values of these 50 000 images, added up. */
    assert_int_equal(sum, 1309089051);
}

static void standard_split_is_that_of_everybody(void **state)
{
    (void)state;
    const char *folder = find_mnist();
    if (!folder)
        skip();
    counting memory;
    rfim_splits splits;
    rfim_data_options options = {.split = RFIM_SPLIT_STANDARD};
    snprintf(options.where, sizeof options.where, "%s", folder);
    rfim_context *context = counting_start(&memory, 1);
    assert_int_equal(rfim_splits_open(context, &options, &splits), RFIM_OK);
    check_train(splits.train);
    const int32_t valid[] = {3, 8, 6, 9, 6};
    const int32_t test[] = {7, 2, 1, 0, 4};
    assert_int_equal(splits.valid->samples, 10000);
    assert_int_equal(splits.test->samples, 10000);
    assert_memory_equal(splits.valid->labels, valid, sizeof valid);
    assert_memory_equal(splits.test->labels, test, sizeof test);
    rfim_splits_free(&splits);
    assert_int_equal(counting_end(&memory), 0);
}

static void paper_split_mixes_all_70000(void **state)
{
    (void)state;
    const char *folder = find_mnist();
    if (!folder)
        skip();
    /* Of all 70 000 labels (training and test file), from the files themselves. */
    const unsigned known[] = {6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958};
    unsigned count[10] = {0};
    counting memory;
    rfim_splits splits;
    rfim_data_options options = {.split = RFIM_SPLIT_PAPER, .split_seed = 1};
    snprintf(options.where, sizeof options.where, "%s", folder);
    rfim_context *context = counting_start(&memory, 1);
    assert_int_equal(rfim_splits_open(context, &options, &splits), RFIM_OK);
    const rfim_dataset *const parts[] = {splits.train, splits.valid, splits.test};
    for (size_t part = 0; part < 3; part++) {
        assert_int_equal(parts[part]->samples, part == 0 ? 50000 : 10000);
        for (size_t i = 0; i < parts[part]->samples; i++)
            count[parts[part]->labels[i]]++;
    }
    assert_memory_equal(count, known, sizeof known);
    rfim_splits_free(&splits);
    assert_int_equal(counting_end(&memory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standard_split_is_that_of_everybody),
        cmocka_unit_test(paper_split_mixes_all_70000),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
