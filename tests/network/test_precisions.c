/* Loss and gradients in float32 against float64 from the same numbers, and one set of kernels
 * against another.
 *
 * Tolerances, of the largest gradient: in float64 sums of at most 40 terms differ by their order
 * only, 1e-13 each way through a few layers. In float32 the rounding unit is 6e-8; ten roundings a
 * layer, five layers, batch normalisation amplifying by up to 1/sqrt(eps) = 32: 1e-4 at worst, 2e-5
 * as measured with room to spare. */
#include "network/small_network.h"

#include <stdio.h>

#define SINGLE_TOLERANCE 2e-5
#define DOUBLE_TOLERANCE 1e-12
#define SAMPLES 9

static const char *const networks[] = {
    "input 6; linear 17 relu; linear 5 relu iota=0.1; linear 3",
    "input 6; linear 9 relu; batchnorm; linear 8 tanh; batchnorm; linear 3",
    "input 6; linear 16 elu alpha=0.7; linear 5 sigm; linear 3; loss sigmoid",
    "input 6; batchnorm; linear 40 tanh; linear 3 elu; loss squared",
};

#define NETWORKS (sizeof networks / sizeof *networks)

typedef struct result {
    double loss;
    double *gradients;
    size_t count;
} result;

/* The same float32 numbers for everyone. */
static void round_to_single(double *values, size_t count)
{
    for (size_t k = 0; k < count; k++)
        values[k] = (double)(float)values[k];
}

/* gradients NULL: this CPU lacks the kernels. */
static result run(const char *text, rfim_kernels kernels, rfim_precision precision)
{
    static const int32_t classes[SAMPLES] = {0, 1, 2, 0, 1, 2, 2, 1, 0};
    result out = {0, NULL, 0};
    rfim_context *context = small_context(kernels);
    if (!context)
        return out;
    rfim_network *network = small_network(context, text, RFIM_DOUBLE, 8);
    shake(network, 3);
    double *weights = read_all(network);
    round_to_single(weights, all_numbers(network));
    rfim_network_free(network);
    network = small_network(context, text, precision, 8);
    write_all(network, weights);
    double *inputs = make_normal(6, 1, SAMPLES * 6);
    round_to_single(inputs, SAMPLES * 6);
    rfim_trace *trace = NULL;
    must(context, rfim_trace_create(network, SAMPLES, &trace));
    must(context, rfim_trace_forward(trace, rfim_doubles(inputs, SAMPLES, 6)));
    must(context, rfim_trace_loss(trace, rfim_labels(classes, SAMPLES), &out.loss));
    must(context, rfim_trace_backward(trace));
    out.gradients = read_gradients(trace);
    out.count = all_numbers(network);
    rfim_trace_free(trace);
    rfim_network_free(network);
    rfim_context_free(context);
    free(inputs);
    free(weights);
    return out;
}

static void expect_near(const char *text, result found, result expected, double tolerance)
{
    double scale = largest_of(expected.gradients, expected.count);
    assert_true(scale > 0.01);
    if (!(fabs(found.loss - expected.loss) <= tolerance * fabs(expected.loss)))
        fail_msg("%s: loss %.17g, expected %.17g", text, found.loss, expected.loss);
    for (size_t k = 0; k < expected.count; k++)
        if (!(fabs(found.gradients[k] - expected.gradients[k]) <= tolerance * scale))
            fail_msg("%s: gradient %zu is %.17g, expected %.17g, of at most %g", text, k,
                     found.gradients[k], expected.gradients[k], scale);
}

static void single_precision_is_near_double_precision(void **state)
{
    (void)state;
    for (size_t net = 0; net < NETWORKS; net++) {
        result wide = run(networks[net], RFIM_KERNELS_AUTOMATIC, RFIM_DOUBLE);
        result narrow = run(networks[net], RFIM_KERNELS_AUTOMATIC, RFIM_SINGLE);
        expect_near(networks[net], narrow, wide, SINGLE_TOLERANCE);
        free(wide.gradients);
        free(narrow.gradients);
    }
}

static void all_kernels_agree(void **state)
{
    (void)state;
    static const rfim_kernels variants[] = {RFIM_KERNELS_AVX2, RFIM_KERNELS_AVX512};
    static const rfim_precision precisions[] = {RFIM_SINGLE, RFIM_DOUBLE};
    static const double tolerances[] = {SINGLE_TOLERANCE, DOUBLE_TOLERANCE};
    for (size_t net = 0; net < NETWORKS; net++)
        for (size_t p = 0; p < 2; p++) {
            result portable = run(networks[net], RFIM_KERNELS_PORTABLE, precisions[p]);
            for (size_t v = 0; v < 2; v++) {
                result other = run(networks[net], variants[v], precisions[p]);
                if (other.gradients)
                    expect_near(networks[net], other, portable, tolerances[p]);
                free(other.gradients);
            }
            free(portable.gradients);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_precision_is_near_double_precision),
        cmocka_unit_test(all_kernels_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
