/* Memory that runs out at the k-th allocation, once or for ever, for k = 1, 2, ... until an
 * inspection, its JSON and its page succeed: always RFIM_ERROR_MEMORY with a sentence, nothing
 * leaks, nothing crashes. */
#include "inspected.h"
#include "network/scarce_memory.h"

#include <stdio.h>

#define SAMPLES 12

static const char path[] = "inspect_memory_test.svg";

static rfim_status live(rfim_context *context, const double *inputs, rfim_network **network,
                        rfim_dataset **dataset, rfim_inspection **inspection)
{
    rfim_inspect_options options;
    const char *json = NULL;
    rfim_inspect_defaults(&options);
    options.damping_rule = RFIM_DAMPING_DIAGONAL;
    rfim_status status = rfim_network_create(
        context, "input 3; linear 2 tanh; batchnorm; linear 2; loss softmax", NULL, network);
    if (status == RFIM_OK)
        status = rfim_dataset_from_arrays(context, rfim_doubles(inputs, SAMPLES, 3),
                                          rfim_no_targets(), dataset);
    if (status == RFIM_OK)
        status = rfim_inspect(*network, *dataset, &options, inspection);
    for (size_t u = 0; u < rfim_inspection_count(*inspection); u++) /* not a word of shortage */
        assert_null(strstr(told_of(*inspection, u).note, "would take"));
    if (status == RFIM_OK)
        status = rfim_inspection_json(*inspection, &json);
    if (status == RFIM_OK)
        status = rfim_inspection_draw(*inspection, path);
    return status;
}

/* Returns whether everything succeeded. */
static bool try_with(size_t fails, bool for_ever, const double *inputs)
{
    scarce_memory memory = {.fails = fails, .for_ever = for_ever};
    rfim_network *network = NULL;
    rfim_dataset *dataset = NULL;
    rfim_inspection *inspection = NULL;
    rfim_context *context = scarce_context(&memory);
    if (!context)
        return false;
    rfim_status status = live(context, inputs, &network, &dataset, &inspection);
    if (status != RFIM_OK) {
        assert_int_equal(status, RFIM_ERROR_MEMORY);
        assert_true(strlen(rfim_context_error(context)) > 0);
    }
    rfim_inspection_free(inspection);
    rfim_dataset_free(dataset);
    rfim_network_free(network);
    rfim_context_free(context);
    assert_int_equal(memory.blocks, 0);
    return status == RFIM_OK;
}

static void shortage_is_told_wherever_it_comes(void **state)
{
    (void)state;
    double *inputs = make_normal(7, 1, 3 * SAMPLES);
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        size_t fails = 1;
        while (!try_with(fails, for_ever, inputs))
            fails++;
        assert_true(fails > 50);
    }
    remove(path);
    free(inputs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shortage_is_told_wherever_it_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
