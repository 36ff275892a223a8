/* Objects that are NULL, because the call that should have made them failed, are refused. */
#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void null_objects_are_refused(void **state)
{
    (void)state;
    rfim_options options;
    rfim_splits splits = {0};
    rfim_evaluation evaluation;
    rfim_tensor_info info;
    rfim_trace *trace = NULL;
    rfim_optimizer *optimizer = NULL;
    double number = 0;
    int inputs = 0;
    float x = 0;
    rfim_array one = rfim_floats(&x, 1, 1);
    rfim_options_defaults(&options);
    rfim_status found[] = {
        rfim_train(NULL, &splits, &options, NULL, NULL, NULL),
        rfim_evaluate(NULL, NULL, RFIM_TARGETS_AUTOMATIC, &evaluation),
        rfim_targets_are_inputs(NULL, NULL, RFIM_TARGETS_AUTOMATIC, &inputs),
        rfim_network_predict(NULL, one, &number),
        rfim_network_save(NULL, "nowhere.safetensors"),
        rfim_network_tensor_info(NULL, 0, &info),
        rfim_network_tensor_read(NULL, 0, &number),
        rfim_network_tensor_write(NULL, 0, &number),
        rfim_trace_create(NULL, 1, &trace),
        rfim_trace_forward(NULL, one),
        rfim_trace_loss(NULL, one, &number),
        rfim_trace_backward(NULL),
        rfim_trace_gradient(NULL, 0, &number),
        rfim_optimizer_create(NULL, &options.optimizer, &optimizer),
        rfim_optimizer_step(NULL, NULL),
        rfim_context_create(NULL, NULL),
    };
    for (size_t k = 0; k < sizeof found / sizeof *found; k++)
        assert_int_equal(found[k], RFIM_ERROR_ARGUMENT);
}

static void freeing_null_is_legal(void **state)
{
    (void)state;
    rfim_splits splits = {0};
    rfim_optimizer_free(NULL);
    rfim_trace_free(NULL);
    rfim_network_free(NULL);
    rfim_dataset_free(NULL);
    rfim_splits_free(&splits);
    rfim_context_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_objects_are_refused),
        cmocka_unit_test(freeing_null_is_legal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
