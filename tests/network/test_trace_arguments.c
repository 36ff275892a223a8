/* Passes called out of order or with arrays that do not fit: each is refused with its status and a
 * sentence, and the network keeps its numbers. */
#include "network/small_network.h"

typedef struct fixture {
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    double *before;
    double inputs[5 * 3];
} fixture;

static int start(void **state, const char *text)
{
    fixture *test = calloc(1, sizeof *test);
    test->context = small_context(RFIM_KERNELS_AUTOMATIC);
    test->network = small_network(test->context, text, RFIM_SINGLE, 1);
    must(test->context, rfim_trace_create(test->network, 4, &test->trace));
    test->before = read_all(test->network);
    fill_normal(1, 1, test->inputs, 15);
    *state = test;
    return 0;
}

static int set_up(void **state)
{
    return start(state, "3-4-2 tanh bna");
}

static int tear_down(void **state)
{
    fixture *test = *state;
    double *after = read_all(test->network);
    int changed = memcmp(after, test->before, all_numbers(test->network) * sizeof *after);
    free(after);
    free(test->before);
    rfim_trace_free(test->trace);
    rfim_network_free(test->network);
    rfim_context_free(test->context);
    free(test);
    return changed;
}

static const int32_t classes[5] = {0, 1, 1, 0, 1};

static rfim_status forward(fixture *test, size_t samples)
{
    return rfim_trace_forward(test->trace, rfim_doubles(test->inputs, samples, 3));
}

static void passes_have_an_order(void **state)
{
    fixture *test = *state;
    double loss = 0;
    double gradient[12];
    refused(test->context, rfim_trace_loss(test->trace, rfim_labels(classes, 4), &loss),
            RFIM_ERROR_ARGUMENT, "rfim_trace_forward before");
    refused(test->context, rfim_trace_backward(test->trace), RFIM_ERROR_ARGUMENT,
            "rfim_trace_loss before");
    refused(test->context, rfim_trace_gradient(test->trace, 0, gradient), RFIM_ERROR_ARGUMENT,
            "rfim_trace_backward before");
    must(test->context, forward(test, 4));
    refused(test->context, rfim_trace_backward(test->trace), RFIM_ERROR_ARGUMENT,
            "rfim_trace_loss before");
    must(test->context, rfim_trace_loss(test->trace, rfim_labels(classes, 4), &loss));
    refused(test->context, rfim_trace_gradient(test->trace, 0, gradient), RFIM_ERROR_ARGUMENT,
            "rfim_trace_backward before");
    must(test->context, rfim_trace_backward(test->trace));
    refused(test->context, rfim_trace_backward(test->trace), RFIM_ERROR_ARGUMENT,
            "rfim_trace_loss before");
    must(test->context, rfim_trace_gradient(test->trace, 0, gradient));
    refused(test->context, rfim_trace_gradient(test->trace, 4, gradient), RFIM_ERROR_ARGUMENT,
            "norm1.moving_mean is a moving average");
    refused(test->context, rfim_trace_gradient(test->trace, 8, gradient), RFIM_ERROR_ARGUMENT,
            "8 tensors");
    must(test->context, forward(test, 2)); /* the gradients are of the batch before */
    refused(test->context, rfim_trace_gradient(test->trace, 0, gradient), RFIM_ERROR_ARGUMENT,
            "rfim_trace_backward before");
}

static void inputs_must_fit(void **state)
{
    fixture *test = *state;
    refused(test->context, forward(test, 5), RFIM_ERROR_SHAPE, "1 to 4 samples, found 5");
    refused(test->context, forward(test, 0), RFIM_ERROR_SHAPE, "found 0");
    refused(test->context, rfim_trace_forward(test->trace, rfim_doubles(test->inputs, 2, 4)),
            RFIM_ERROR_SHAPE, "3 inputs");
    refused(test->context, rfim_trace_forward(test->trace, rfim_doubles(NULL, 2, 3)),
            RFIM_ERROR_ARGUMENT, "address");
    rfim_array strange = rfim_doubles(test->inputs, 2, 3);
    strange.type = (rfim_type)17;
    refused(test->context, rfim_trace_forward(test->trace, strange), RFIM_ERROR_ARGUMENT,
            "rfim_type, found 17");
    static const double wrong[] = {NAN, INFINITY, -INFINITY, 1e39};
    for (size_t k = 0; k < 4; k++) {
        double loss = 0;
        test->inputs[5] = wrong[k];
        refused(test->context, forward(test, 2), RFIM_ERROR_ARGUMENT, "NaN or infinite");
        refused(test->context, rfim_trace_loss(test->trace, rfim_labels(classes, 2), &loss),
                RFIM_ERROR_ARGUMENT, "rfim_trace_forward before");
    }
    test->inputs[5] = 0;
    must(test->context, forward(test, 2)); /* nothing of it is left */
}

static void targets_must_fit(void **state)
{
    fixture *test = *state;
    double loss = 0;
    double values[4 * 2] = {0};
    static const int32_t wrong[2][3] = {{0, 2, 0}, {0, 0, -1}};
    must(test->context, forward(test, 3));
    must(test->context, rfim_trace_loss(test->trace, rfim_labels(classes, 3), &loss));
    refused(test->context, rfim_trace_loss(test->trace, rfim_labels(wrong[0], 3), &loss),
            RFIM_ERROR_SHAPE, "class of sample 1 is 2");
    refused(test->context, rfim_trace_backward(test->trace), RFIM_ERROR_ARGUMENT,
            "rfim_trace_loss before"); /* not with the deltas of the loss before */
    refused(test->context, rfim_trace_loss(test->trace, rfim_labels(wrong[1], 3), &loss),
            RFIM_ERROR_SHAPE, "class of sample 2 is -1");
    refused(test->context, rfim_trace_loss(test->trace, rfim_labels(classes, 4), &loss),
            RFIM_ERROR_SHAPE, "3 samples, its targets have 4");
    refused(test->context, rfim_trace_loss(test->trace, rfim_labels(NULL, 3), &loss),
            RFIM_ERROR_ARGUMENT, "address");
    refused(test->context, rfim_trace_loss(test->trace, rfim_doubles(values, 3, 2), &loss),
            RFIM_ERROR_UNSUPPORTED, "wants classes");
    refused(test->context, rfim_trace_loss(test->trace, rfim_doubles(values, 3, 1), &loss),
            RFIM_ERROR_SHAPE, "2 outputs");
    refused(test->context, rfim_trace_loss(test->trace, rfim_no_targets(), &loss), RFIM_ERROR_SHAPE,
            "reproduces its inputs");
    static const uint8_t bytes[] = {0, 1, 1};
    rfim_array few = {bytes, RFIM_UINT8, 3, 1};
    double by_bytes = 0;
    must(test->context, rfim_trace_loss(test->trace, rfim_labels(classes, 3), &loss));
    must(test->context, rfim_trace_loss(test->trace, few, &by_bytes));
    assert_true(by_bytes == loss);
}

static int set_up_squared(void **state)
{
    return start(state, "input 3; linear 3; loss squared");
}

static void values_must_fit(void **state)
{
    fixture *test = *state;
    double loss = 0;
    double values[2 * 3] = {0};
    must(test->context, forward(test, 2));
    must(test->context, rfim_trace_loss(test->trace, rfim_doubles(values, 2, 3), &loss));
    refused(test->context, rfim_trace_loss(test->trace, rfim_doubles(values, 2, 2), &loss),
            RFIM_ERROR_SHAPE, "3 outputs, the targets have 2");
    values[4] = NAN;
    refused(test->context, rfim_trace_loss(test->trace, rfim_doubles(values, 2, 3), &loss),
            RFIM_ERROR_ARGUMENT, "targets of the batch hold NaN");
    must(test->context, rfim_trace_loss(test->trace, rfim_no_targets(), &loss));
    assert_true(loss > 0);
}

static void traces_have_room_for_something(void **state)
{
    fixture *test = *state;
    rfim_trace *trace = NULL;
    refused(test->context, rfim_trace_create(test->network, 0, &trace), RFIM_ERROR_ARGUMENT,
            "found 0");
    refused(test->context, rfim_trace_create(test->network, SIZE_MAX, &trace), RFIM_ERROR_ARGUMENT,
            "1 to 4294967295");
    assert_null(trace);
    rfim_trace_free(NULL);
    rfim_network_free(NULL);
}

#define trace_test(test, before) cmocka_unit_test_setup_teardown(test, before, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        trace_test(passes_have_an_order, set_up),
        trace_test(inputs_must_fit, set_up),
        trace_test(targets_must_fit, set_up),
        trace_test(values_must_fit, set_up_squared),
        trace_test(traces_have_room_for_something, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
