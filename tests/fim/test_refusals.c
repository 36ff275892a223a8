/* What rfim_fim refuses, in which words; and memory that runs out. */
#include "fim/fim_subject.h"
#include "network/scarce_memory.h"

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    subject s = make_subject("input 3; linear 4 tanh; linear 3; loss softmax", 5, 3);
    double *out = make_matrix(s.order);
    rfim_fim_options options;
    rfim_array x = inputs_of(&s);
    rfim_array y = targets_of(&s);
    rfim_array none = rfim_no_targets();
    refused(s.context,
            rfim_fim(s.network, rfim_doubles(s.x, 0, 3), y, RFIM_FIM_SCORES, NULL, out, NULL),
            RFIM_ERROR_SHAPE, "the batch is empty");
    refused(s.context,
            rfim_fim(s.network, rfim_doubles(s.x, 3, 5), y, RFIM_FIM_METRIC, NULL, out, NULL),
            RFIM_ERROR_SHAPE, "3 inputs, the samples have 5");
    refused(s.context,
            rfim_fim(s.network, rfim_doubles(NULL, 3, 3), y, RFIM_FIM_METRIC, NULL, out, NULL),
            RFIM_ERROR_ARGUMENT, "at no address");
    refused(s.context, rfim_fim(s.network, x, none, RFIM_FIM_OBSERVED, NULL, out, NULL),
            RFIM_ERROR_ARGUMENT, "the observed y are missing");
    refused(s.context, rfim_fim(s.network, x, none, RFIM_FIM_EMPIRICAL, NULL, out, NULL),
            RFIM_ERROR_ARGUMENT, "classes [n x 1] or values [n x 3]");
    refused(s.context,
            rfim_fim(s.network, x, rfim_labels(s.labels, 4), RFIM_FIM_OBSERVED, NULL, out, NULL),
            RFIM_ERROR_SHAPE, "5 samples, its targets have 4");
    refused(s.context, rfim_fim(s.network, x, y, (rfim_fim_expression)6, NULL, out, NULL),
            RFIM_ERROR_ARGUMENT, "found 6");
    s.labels[2] = 3;
    refused(s.context, rfim_fim(s.network, x, y, RFIM_FIM_OBSERVED, NULL, out, NULL),
            RFIM_ERROR_SHAPE, "the class of sample 2 is 3");
    s.x[4] = NAN;
    refused(s.context, rfim_fim(s.network, x, y, RFIM_FIM_HESSIAN, NULL, out, NULL),
            RFIM_ERROR_ARGUMENT, "NaN");
    rfim_fim_defaults(&options);
    options.nodes = 1;
    refused(s.context, rfim_fim(s.network, x, y, RFIM_FIM_SCORES, &options, out, NULL),
            RFIM_ERROR_ARGUMENT, "2 to 64 nodes");
    options.nodes = 65;
    refused(s.context, rfim_fim(s.network, x, y, RFIM_FIM_SCORES, &options, out, NULL),
            RFIM_ERROR_ARGUMENT, "found 65");
    rfim_fim_defaults(&options);
    options.draws = 1;
    refused(s.context, rfim_fim(s.network, x, y, RFIM_FIM_SCORES, &options, out, NULL),
            RFIM_ERROR_ARGUMENT, "at least 2 draws");
    assert_int_equal(rfim_fim(NULL, x, y, RFIM_FIM_SCORES, NULL, out, NULL), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_fim(s.network, x, y, RFIM_FIM_SCORES, NULL, NULL, NULL),
                     RFIM_ERROR_ARGUMENT);
    free(out);
    free_subject(&s);
}

static void outputs_that_are_not_finite(void **state)
{
    (void)state;
    subject s = make_subject("input 1; linear 1; loss squared", 2, 3);
    double *out = make_matrix(s.order);
    double weight = 1e300;
    must(s.context, rfim_network_tensor_write(s.network, 0, &weight));
    s.x[1] = 1e300;
    refused(s.context,
            rfim_fim(s.network, inputs_of(&s), targets_of(&s), RFIM_FIM_METRIC, NULL, out, NULL),
            RFIM_DIVERGED, "output 0 of the network is not finite for sample 1");
    free(out);
    free_subject(&s);
}

/* A matrix that is too large is refused with its size, before anything is allocated. */
static void too_large(void **state)
{
    (void)state;
    scarce_memory memory = {0};
    rfim_context *context = scarce_context(&memory);
    rfim_network *network = small_network(context, "784-80-10", RFIM_SINGLE, 1);
    double x[784] = {0};
    double out = 0;
    memory.fails = memory.calls + 1;
    memory.for_ever = true;
    refused(context,
            rfim_fim(network, rfim_doubles(x, 1, 784), rfim_no_targets(), RFIM_FIM_SCORES, NULL,
                     &out, NULL),
            RFIM_ERROR_MEMORY,
            "takes 1 matrix of 63610 x 63610, 32.4 GB, more than the 2.15 GB allowed");
    refused(context,
            rfim_fim(network, rfim_doubles(x, 1, 784), rfim_no_targets(), RFIM_FIM_METRIC, NULL,
                     &out, NULL),
            RFIM_ERROR_MEMORY,
            "takes 4 matrices of 63610 x 63610, 129 GB, more than the 2.15 GB allowed");
    assert_int_equal(memory.calls + 1, memory.fails);
    rfim_network_free(network);
    rfim_context_free(context);
    assert_int_equal(memory.blocks, 0);
}

/* `metric` keeps three matrices beside out, the others none. */
static void what_the_metric_keeps_counts(void **state)
{
    (void)state;
    subject s = make_subject("input 30; linear 30 tanh; linear 3; loss softmax", 5, 3);
    double *out = make_matrix(s.order);
    size_t one = s.order * s.order * sizeof *out;
    rfim_fim_options options;
    rfim_array x = inputs_of(&s);
    rfim_array none = rfim_no_targets();
    rfim_fim_defaults(&options);
    options.max_bytes = one;
    must(s.context, rfim_fim(s.network, x, none, RFIM_FIM_SCORES, &options, out, NULL));
    options.max_bytes = 4 * one - 1;
    refused(s.context, rfim_fim(s.network, x, none, RFIM_FIM_METRIC, &options, out, NULL),
            RFIM_ERROR_MEMORY, "4 matrices of 1023 x 1023, 33.5 MB, more than the 33.5 MB");
    options.max_bytes = 4 * one;
    must(s.context, rfim_fim(s.network, x, none, RFIM_FIM_METRIC, &options, out, NULL));
    free(out);
    free_subject(&s);
}

/* Each allocation fails once: a status, no leak, and the next call works. */
static void memory_runs_out(void **state)
{
    (void)state;
    for (int e = 0; e < RFIM_FIM_EXPRESSIONS; e++) {
        scarce_memory memory = {0};
        rfim_context *context = scarce_context(&memory);
        rfim_network *network = small_network(context,
                                              "input 2; linear 2 tanh; batchnorm; linear "
                                              "2; loss sigmoid",
                                              RFIM_SINGLE, 1);
        double *x = make_normal(1, 1, 6);
        double y[6] = {0, 1, 1, 0, 1, 1};
        double out[16 * 16];
        size_t held = memory.blocks;
        rfim_status status = RFIM_ERROR_MEMORY;
        size_t fails = 1;
        for (; status != RFIM_OK && fails < 500; fails++) {
            memory.calls = 0;
            memory.fails = fails;
            status = rfim_fim(network, rfim_doubles(x, 3, 2), rfim_doubles(y, 3, 2),
                              (rfim_fim_expression)e, NULL, out, NULL);
            assert_true(status == RFIM_OK || status == RFIM_ERROR_MEMORY);
            assert_true(status == RFIM_OK || rfim_context_error(context)[0]);
            assert_int_equal(memory.blocks, held);
        }
        assert_true(fails > 10 && fails < 500);
        free(x);
        rfim_network_free(network);
        rfim_context_free(context);
        assert_int_equal(memory.blocks, 0);
    }
}

static void names_and_defaults(void **state)
{
    (void)state;
    static const char *const names[] = {"scores", "hessian",  "roots",
                                        "metric", "observed", "empirical"};
    rfim_fim_options options;
    for (int e = 0; e < RFIM_FIM_EXPRESSIONS; e++)
        assert_string_equal(rfim_fim_expression_name((rfim_fim_expression)e), names[e]);
    assert_null(rfim_fim_expression_name((rfim_fim_expression)RFIM_FIM_EXPRESSIONS));
    rfim_fim_defaults(&options);
    assert_true(options.nodes == 3 && options.most == 1024 && options.draws == 1000);
    assert_true(options.seed == 1 && options.max_bytes == (size_t)1 << 31);
}

static void spectra(void **state)
{
    (void)state;
    subject s = make_subject("input 3; linear 4 tanh; linear 3; loss softmax", 5, 3);
    double *metric = fim(&s, RFIM_FIM_METRIC, NULL, NULL);
    double *values = calloc(s.order, sizeof *values);
    must(s.context, rfim_fim_spectrum(s.context, metric, s.order, values));
    double sum = 0;
    double squares = 0;
    double trace = 0;
    double norm = 0;
    for (size_t k = 0; k < s.order; k++) {
        assert_true(k == 0 || values[k] <= values[k - 1]);
        assert_true(values[k] >= -1e-14 * values[0]);
        sum += values[k];
        squares += values[k] * values[k];
        trace += metric[k * s.order + k];
    }
    for (size_t k = 0; k < s.order * s.order; k++)
        norm += metric[k] * metric[k];
    assert_true(fabs(sum - trace) <= 1e-13 * trace && fabs(squares - norm) <= 1e-13 * norm);
    metric[1] = metric[s.order] = NAN;
    refused(s.context, rfim_fim_spectrum(s.context, metric, s.order, values), RFIM_ERROR_ARGUMENT,
            "NaN");
    refused(s.context, rfim_fim_spectrum(s.context, metric, 40000, values), RFIM_ERROR_MEMORY,
            "40000");
    assert_int_equal(rfim_fim_spectrum(NULL, metric, 1, values), RFIM_ERROR_ARGUMENT);
    free(metric);
    free(values);
    free_subject(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(outputs_that_are_not_finite),
        cmocka_unit_test(too_large),
        cmocka_unit_test(what_the_metric_keeps_counts),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(names_and_defaults),
        cmocka_unit_test(spectra),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
