/* A network's numbers by name: their order, shapes and layout, and what cannot be written. */
#include "network/small_network.h"

#include <float.h>

static const char text[] = "input 3; linear 4 tanh; batchnorm; linear 2";

static void tensors_have_names_and_shapes(void **state)
{
    (void)state;
    static const rfim_tensor_info expected[] = {
        {"layer1.weight", 4, 3, 0, 1},     {"layer1.bias", 4, 1, 1, 1},
        {"norm1.gamma", 4, 1, 1, 1},       {"norm1.beta", 4, 1, 1, 1},
        {"norm1.moving_mean", 4, 1, 1, 0}, {"norm1.moving_variance", 4, 1, 1, 0},
        {"layer2.weight", 2, 4, 0, 1},     {"layer2.bias", 2, 1, 1, 1},
    };
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = small_network(context, text, RFIM_SINGLE, 1);
    assert_int_equal(rfim_network_tensors(network), 8);
    for (size_t t = 0; t < 8; t++) {
        rfim_tensor_info found;
        must(context, rfim_network_tensor_info(network, t, &found));
        assert_string_equal(found.name, expected[t].name);
        assert_int_equal(found.rows, expected[t].rows);
        assert_int_equal(found.columns, expected[t].columns);
        assert_int_equal(found.vector, expected[t].vector);
        assert_int_equal(found.trained, expected[t].trained);
    }
    assert_int_equal(rfim_network_parameters(network), 3 * 4 + 4 + 2 * 4 + 4 * 2 + 2);
    rfim_tensor_info info;
    double value = 0;
    refused(context, rfim_network_tensor_info(network, 8, &info), RFIM_ERROR_ARGUMENT, "8 tensors");
    refused(context, rfim_network_tensor_read(network, 8, &value), RFIM_ERROR_ARGUMENT,
            "8 tensors");
    refused(context, rfim_network_tensor_write(network, 9, &value), RFIM_ERROR_ARGUMENT,
            "tensor 9");
    rfim_network_free(network);
    rfim_context_free(context);
}

/* Row j of a weight is neuron j: with weight [m x d] = (1 2 3; 4 5 6) and bias (7 8). */
static void weights_are_outputs_by_inputs(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
        rfim_network *network = small_network(context, "input 3; linear 2; loss squared",
                                              (rfim_precision)precision, 1);
        static const double weight[] = {1, 2, 3, 4, 5, 6};
        static const double bias[] = {7, 8};
        static const double x[] = {1, 10, 100};
        double found[6];
        double outputs[2];
        must(context, rfim_network_tensor_write(network, 0, weight));
        must(context, rfim_network_tensor_write(network, 1, bias));
        must(context, rfim_network_tensor_read(network, 0, found));
        assert_memory_equal(found, weight, sizeof weight);
        must(context, rfim_network_tensor_read(network, 1, found));
        assert_memory_equal(found, bias, sizeof bias);
        must(context, rfim_network_predict(network, rfim_doubles(x, 1, 3), outputs));
        assert_true(outputs[0] == 321 + 7 && outputs[1] == 654 + 8);
        rfim_network_free(network);
    }
    rfim_context_free(context);
}

static void gradients_have_the_layout_of_tensors(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = small_network(context, "input 3; linear 2; loss squared", RFIM_DOUBLE,
                                          1);
    static const double zero[6] = {0};
    static const double x[] = {1, 10, 100};
    static const double y[] = {-1, -2};
    rfim_trace *trace = NULL;
    double loss = 0;
    double gradient[6];
    must(context, rfim_network_tensor_write(network, 0, zero));
    must(context, rfim_network_tensor_write(network, 1, zero));
    must(context, rfim_trace_create(network, 1, &trace));
    must(context, rfim_trace_forward(trace, rfim_doubles(x, 1, 3)));
    must(context, rfim_trace_loss(trace, rfim_doubles(y, 1, 2), &loss));
    assert_true(loss == 2.5);
    must(context, rfim_trace_backward(trace));
    must(context, rfim_trace_gradient(trace, 0, gradient));
    static const double expected[] = {1, 10, 100, 2, 20, 200};
    assert_memory_equal(gradient, expected, sizeof expected);
    must(context, rfim_trace_gradient(trace, 1, gradient));
    assert_true(gradient[0] == 1 && gradient[1] == 2);
    rfim_trace_free(trace);
    rfim_network_free(network);
    rfim_context_free(context);
}

/* Nothing is written when one number is wrong. */
static void refuse(rfim_network *network, size_t tensor, double wrong, const char *words)
{
    size_t count = tensor_size(network, tensor);
    double *before = read_all(network);
    double *values = calloc(count, sizeof *values);
    values[count - 1] = wrong;
    refused(network->context, rfim_network_tensor_write(network, tensor, values),
            RFIM_ERROR_ARGUMENT, words);
    double *after = read_all(network);
    assert_memory_equal(after, before, all_numbers(network) * sizeof *after);
    free(before);
    free(after);
    free(values);
}

static void numbers_that_cannot_be_are_refused(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = small_network(context, text, RFIM_SINGLE, 1);
    refuse(network, 0, NAN, "layer1.weight: number 11");
    refuse(network, 1, INFINITY, "layer1.bias: number 3");
    refuse(network, 2, -INFINITY, "norm1.gamma");
    refuse(network, 6, 1e39, "single precision");
    refuse(network, 6, -1e300, "single precision");
    refuse(network, 5, -1e-9, "variance");
    rfim_network_free(network);
    network = small_network(context, text, RFIM_DOUBLE, 1);
    double *values = calloc(12, sizeof *values);
    values[3] = DBL_MAX;
    must(context, rfim_network_tensor_write(network, 0, values));
    refuse(network, 5, -1e-9, "variance");
    free(values);
    rfim_network_free(network);
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_have_names_and_shapes),
        cmocka_unit_test(weights_are_outputs_by_inputs),
        cmocka_unit_test(gradients_have_the_layout_of_tensors),
        cmocka_unit_test(numbers_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
