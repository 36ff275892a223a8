/* Predictions against a naive forward pass, for every loss and activation, any number of rows, and
 * inputs of any type. */
#include "network/naive.h"

#define INPUTS 6
#define MOST 1500

static const char *const networks[] = {
    "input 6; linear 9 relu iota=0.1; batchnorm; linear 7 elu alpha=0.7; linear 4",
    "input 6; batchnorm eps=0.01; linear 20 tanh; linear 3; loss sigmoid",
    "input 6; linear 17 sigm; linear 5; batchnorm; loss squared",
    "input 6; linear 1 relu; loss squared",
    "input 6; activation sin; linear 9 gelu; linear 5; batchnorm; activation silu; linear 3",
    "input 6; linear 3 softplus iota=0.2 omega=0.5; loss squared",
};

#define NETWORKS (sizeof networks / sizeof *networks)

static rfim_network *shaken_network(rfim_context *context, const char *text,
                                    rfim_precision precision)
{
    rfim_network *network = small_network(context, text, precision, 6);
    shake(network, 8);
    return network;
}

static void compare(const rfim_network *network, const double *inputs, const double *found,
                    size_t rows, double tolerance)
{
    size_t m = rfim_network_outputs(network);
    double *numbers = read_all(network);
    for (size_t i = 0; i < rows; i++) {
        long double x[NAIVE_WIDEST];
        for (size_t k = 0; k < INPUTS; k++)
            x[k] = (long double)inputs[i * INPUTS + k];
        naive_forward(network, numbers, x);
        naive_respond(rfim_network_loss(network), x, m);
        for (size_t j = 0; j < m; j++)
            if (!(fabs(found[i * m + j] - (double)x[j]) <= tolerance))
                fail_msg("%s, sample %zu, output %zu: %.17g, expected %.17Lg",
                         rfim_network_text(network), i, j, found[i * m + j], x[j]);
    }
    free(numbers);
}

/* Outputs are near 1; ten roundings a layer and a few layers. */
static void predictions_are_a_naive_forward_pass(void **state)
{
    (void)state;
    static const size_t rows[] = {1, 2, 511, 512, 513, MOST};
    static const double tolerances[] = {2e-5, 1e-13};
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    double *inputs = make_normal(3, 1, MOST * INPUTS);
    double *outputs = malloc(MOST * 4 * 8 * sizeof *outputs);
    for (size_t net = 0; net < NETWORKS; net++)
        for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
            rfim_network *network = shaken_network(context, networks[net],
                                                   (rfim_precision)precision);
            for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
                size_t count = rows[r] * rfim_network_outputs(network);
                outputs[count] = 12345; /* nothing is written behind the end */
                must(context,
                     rfim_network_predict(network, rfim_doubles(inputs, rows[r], INPUTS), outputs));
                compare(network, inputs, outputs, rows[r], tolerances[precision]);
                assert_true(outputs[count] == 12345);
            }
            rfim_network_free(network);
        }
    free(inputs);
    free(outputs);
    rfim_context_free(context);
}

/* A sample's prediction does not depend on the samples beside it. */
static void samples_do_not_see_each_other(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = shaken_network(context, networks[0], RFIM_DOUBLE);
    double *inputs = make_normal(3, 1, 513 * INPUTS);
    double all[513 * 4];
    double one[4];
    must(context, rfim_network_predict(network, rfim_doubles(inputs, 513, INPUTS), all));
    static const size_t samples[] = {0, 7, 511, 512};
    for (size_t s = 0; s < 4; s++) {
        size_t i = samples[s];
        must(context,
             rfim_network_predict(network, rfim_doubles(inputs + i * INPUTS, 1, INPUTS), one));
        for (size_t j = 0; j < 4; j++)
            assert_true(fabs(one[j] - all[i * 4 + j]) < 1e-14);
    }
    free(inputs);
    rfim_network_free(network);
    rfim_context_free(context);
}

static void probabilities_sum_to_one(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    double *inputs = make_normal(3, 100, 40 * INPUTS);
    for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
        rfim_network *network = shaken_network(context, networks[0], (rfim_precision)precision);
        double outputs[40 * 4];
        must(context, rfim_network_predict(network, rfim_doubles(inputs, 40, INPUTS), outputs));
        for (size_t i = 0; i < 40; i++) {
            double sum = 0;
            for (size_t j = 0; j < 4; j++) {
                assert_true(outputs[i * 4 + j] >= 0 && outputs[i * 4 + j] <= 1);
                sum += outputs[i * 4 + j];
            }
            assert_true(fabs(sum - 1) < 1e-15 * 4);
        }
        rfim_network_free(network);
    }
    free(inputs);
    rfim_context_free(context);
}

/* Bytes are grey values: x / 255, whole 0 and whole 1 included. */
static void inputs_of_every_type_agree(void **state)
{
    (void)state;
    enum { ROWS = 43 }; /* 43 x 6 = 258 bytes: all of them */
    static const double tolerances[] = {1e-6, 1e-15};
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    uint8_t bytes[ROWS * INPUTS];
    float floats[ROWS * INPUTS];
    double doubles[ROWS * INPUTS];
    for (size_t k = 0; k < ROWS * INPUTS; k++) {
        bytes[k] = (uint8_t)(k % 256);
        doubles[k] = bytes[k] / 255.0;
        floats[k] = (float)doubles[k];
    }
    for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
        rfim_network *network = shaken_network(context, networks[0], (rfim_precision)precision);
        double from_bytes[ROWS * 4];
        double from_floats[ROWS * 4];
        double from_doubles[ROWS * 4];
        must(context, rfim_network_predict(network, rfim_bytes(bytes, ROWS, INPUTS), from_bytes));
        must(context,
             rfim_network_predict(network, rfim_floats(floats, ROWS, INPUTS), from_floats));
        must(context,
             rfim_network_predict(network, rfim_doubles(doubles, ROWS, INPUTS), from_doubles));
        for (size_t k = 0; k < ROWS * 4; k++) {
            assert_true(fabs(from_bytes[k] - from_doubles[k]) <= tolerances[precision]);
            assert_true(fabs(from_floats[k] - from_doubles[k]) <= 1e-6);
        }
        rfim_network_free(network);
    }
    rfim_context_free(context);
}

static void white_is_one(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
        rfim_network *network = small_network(context, "input 1; linear 1; loss squared",
                                              (rfim_precision)precision, 1);
        const double numbers[] = {1, 0};
        const uint8_t bytes[] = {0, 255, 51};
        double outputs[3];
        write_all(network, numbers);
        must(context, rfim_network_predict(network, rfim_bytes(bytes, 3, 1), outputs));
        assert_true(outputs[0] == 0 && outputs[1] == 1 && fabs(outputs[2] - 0.2) < 1e-7);
        rfim_network_free(network);
    }
    rfim_context_free(context);
}

static void wrong_inputs_are_refused(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = shaken_network(context, networks[0], RFIM_SINGLE);
    double outputs[2 * 4];
    double inputs[2 * INPUTS] = {0};
    refused(context, rfim_network_predict(network, rfim_doubles(inputs, 2, 5), outputs),
            RFIM_ERROR_SHAPE, "6 inputs");
    refused(context, rfim_network_predict(network, rfim_doubles(NULL, 2, INPUTS), outputs),
            RFIM_ERROR_ARGUMENT, "address");
    must(context, rfim_network_predict(network, rfim_doubles(NULL, 0, INPUTS), outputs));
    static const double wrong[] = {NAN, INFINITY, -INFINITY, 1e300}; /* too large for float32 */
    for (size_t k = 0; k < 4; k++) {
        inputs[INPUTS + 1] = wrong[k];
        refused(context, rfim_network_predict(network, rfim_doubles(inputs, 2, INPUTS), outputs),
                RFIM_ERROR_ARGUMENT, "inputs");
    }
    rfim_network_free(network);
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predictions_are_a_naive_forward_pass),
        cmocka_unit_test(samples_do_not_see_each_other),
        cmocka_unit_test(probabilities_sum_to_one),
        cmocka_unit_test(inputs_of_every_type_agree),
        cmocka_unit_test(white_is_one),
        cmocka_unit_test(wrong_inputs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
