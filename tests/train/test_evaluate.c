/* Evaluation over a data set: loss, accuracy and error against a naive forward pass in long double,
 * over as many samples as there are or are asked for, and what cannot be compared. */
#include "network/naive.h"
#include "train/evaluate.h"

#define INPUTS 4
#define SAMPLES 1030 /* two whole pieces of 512 and a rest */

typedef struct fixture {
    rfim_context *context;
    double *inputs;
    double *values; /* [SAMPLES x 4] in 0 ... 1 */
    int32_t *classes;
    rfim_dataset *labelled;
    rfim_dataset *valued;
    rfim_dataset *bare;
} fixture;

static int set_up(void **state)
{
    fixture *test = calloc(1, sizeof *test);
    test->context = small_context(RFIM_KERNELS_AUTOMATIC);
    test->inputs = make_normal(1, 1, SAMPLES * INPUTS);
    test->values = make_normal(2, 1, SAMPLES * 4);
    test->classes = malloc(SAMPLES * sizeof *test->classes);
    for (size_t k = 0; k < SAMPLES * 4; k++)
        test->values[k] = 1 / (1 + exp(-test->values[k]));
    for (size_t i = 0; i < SAMPLES; i++)
        test->classes[i] = (int32_t)(i * 7 % 4);
    rfim_array inputs = rfim_doubles(test->inputs, SAMPLES, INPUTS);
    must(test->context,
         rfim_dataset_from_arrays(test->context, inputs, rfim_labels(test->classes, SAMPLES),
                                  &test->labelled));
    must(test->context,
         rfim_dataset_from_arrays(test->context, inputs, rfim_doubles(test->values, SAMPLES, 4),
                                  &test->valued));
    must(test->context,
         rfim_dataset_from_arrays(test->context, inputs, rfim_no_targets(), &test->bare));
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    fixture *test = *state;
    rfim_dataset_free(test->labelled);
    rfim_dataset_free(test->valued);
    rfim_dataset_free(test->bare);
    rfim_context_free(test->context);
    free(test->inputs);
    free(test->values);
    free(test->classes);
    free(test);
    return 0;
}

enum target { CLASSES, VALUES, SELF };

static long double target_of(const fixture *test, enum target kind, size_t i, size_t j)
{
    if (kind == CLASSES)
        return test->classes[i] == (int32_t)j ? 1 : 0;
    return (long double)(kind == VALUES ? test->values : test->inputs)[i * 4 + j];
}

/* The sums over outputs of one sample: loss, and squared error. */
static void add_sample(rfim_loss_kind loss, const fixture *test, enum target kind, size_t i,
                       const long double *u, long double *sum, long double *error)
{
    long double p[NAIVE_WIDEST];
    memcpy(p, u, 4 * sizeof *p);
    naive_respond(loss, p, 4);
    for (size_t j = 0; j < 4; j++) {
        long double y = target_of(test, kind, i, j);
        *error += (p[j] - y) * (p[j] - y);
        if (loss == RFIM_LOSS_SOFTMAX)
            *sum -= y * logl(p[j]);
        else if (loss == RFIM_LOSS_SIGMOID)
            *sum += y * log1pl(expl(-u[j])) + (1 - y) * log1pl(expl(u[j]));
        else
            *sum += (p[j] - y) * (p[j] - y) / 2;
    }
}

static bool is_right(const fixture *test, size_t i, const long double *u)
{
    size_t best = 0;
    for (size_t j = 1; j < 4; j++)
        if (u[j] > u[best])
            best = j;
    return test->classes[i] == (int32_t)best;
}

static void check(fixture *test, const char *text, enum target kind, rfim_target_rule rule,
                  size_t samples)
{
    rfim_network *network = small_network(test->context, text, RFIM_DOUBLE, 2);
    shake(network, 3);
    const rfim_dataset *data = kind == CLASSES  ? test->labelled
                               : kind == VALUES ? test->valued
                                                : test->bare;
    rfim_trace *trace = NULL;
    rfim_evaluation found;
    must(test->context, rfim__trace_create(network, RFIM__EVAL_BATCH, false, &trace));
    must(test->context, rfim__evaluate(trace, data, samples, rule, &found));
    int inputs = -1;
    must(test->context, rfim_targets_are_inputs(network, data, rule, &inputs));
    assert_int_equal(inputs, kind == SELF);
    double *numbers = read_all(network);
    long double loss = 0;
    long double error = 0;
    size_t right = 0;
    for (size_t i = 0; i < samples; i++) {
        long double x[NAIVE_WIDEST];
        for (size_t k = 0; k < INPUTS; k++)
            x[k] = (long double)test->inputs[i * INPUTS + k];
        naive_forward(network, numbers, x);
        add_sample(rfim_network_loss(network), test, kind, i, x, &loss, &error);
        right += is_right(test, i, x);
    }
    double n = (double)samples;
    assert_int_equal(found.samples, samples);
    assert_true(fabs(found.loss - (double)loss / n) <= 1e-13 * found.loss);
    if (kind == CLASSES) {
        assert_true(found.accuracy == (double)right / n);
        assert_true(isnan(found.error));
        assert_true(right > 0 && right < samples);
    } else {
        assert_true(isnan(found.accuracy));
        assert_true(fabs(found.error - (double)error / n) <= 1e-13 * found.error);
    }
    if (samples == SAMPLES) {
        rfim_evaluation whole;
        must(test->context, rfim_evaluate(network, data, rule, &whole));
        assert_true(whole.loss == found.loss && whole.samples == SAMPLES);
    }
    free(numbers);
    rfim_trace_free(trace);
    rfim_network_free(network);
}

static void figures_are_those_of_a_naive_pass(void **state)
{
    static const size_t samples[] = {7, 511, 512, 513, SAMPLES};
    for (size_t s = 0; s < 5; s++) {
        size_t n = samples[s];
        check(*state, "4-9-4 relu bna", CLASSES, RFIM_TARGETS_AUTOMATIC, n);
        check(*state, "input 4; linear 9 tanh; linear 4; loss sigmoid", VALUES,
              RFIM_TARGETS_AUTOMATIC, n);
        check(*state, "input 4; linear 9 tanh; linear 4; loss sigmoid", CLASSES, RFIM_TARGETS_DATA,
              n);
        check(*state, "input 4; linear 3 elu; linear 4; loss squared", VALUES, RFIM_TARGETS_DATA,
              n);
        check(*state, "input 4; linear 3 elu; linear 4; loss squared", CLASSES, RFIM_TARGETS_DATA,
              n);
        check(*state, "input 4; linear 3 elu; linear 4; loss squared", SELF, RFIM_TARGETS_AUTOMATIC,
              n);
        check(*state, "input 4; linear 3 elu; linear 4; loss squared", SELF, RFIM_TARGETS_INPUTS,
              n);
    }
}

static void refuse(fixture *test, const char *text, const rfim_dataset *data, rfim_target_rule rule,
                   const char *words)
{
    rfim_network *network = small_network(test->context, text, RFIM_SINGLE, 2);
    rfim_evaluation figures;
    int inputs = 0;
    refused(test->context, rfim_evaluate(network, data, rule, &figures), RFIM_ERROR_SHAPE, words);
    refused(test->context, rfim_targets_are_inputs(network, data, rule, &inputs), RFIM_ERROR_SHAPE,
            words);
    rfim_network_free(network);
}

static void data_that_do_not_fit_are_refused(void **state)
{
    fixture *test = *state;
    refuse(test, "5-4", test->labelled, RFIM_TARGETS_AUTOMATIC, "5 inputs");
    refuse(test, "4-3", test->labelled, RFIM_TARGETS_AUTOMATIC, "4 classes");
    refuse(test, "4-4", test->valued, RFIM_TARGETS_AUTOMATIC, "wants classes");
    refuse(test, "4-4", test->bare, RFIM_TARGETS_AUTOMATIC, "no targets");
    refuse(test, "4-4", test->labelled, RFIM_TARGETS_INPUTS, "reproduce its inputs");
    refuse(test, "input 4; linear 3; loss squared", test->valued, RFIM_TARGETS_DATA,
           "4 target values");
    refuse(test, "input 4; linear 3; loss squared", test->bare, RFIM_TARGETS_INPUTS,
           "as many outputs as inputs");
    refuse(test, "input 4; linear 3; loss squared", test->bare, RFIM_TARGETS_AUTOMATIC,
           "no targets");
}

#define evaluation_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        evaluation_test(figures_are_those_of_a_naive_pass),
        evaluation_test(data_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
