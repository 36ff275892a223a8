/* Questions that have no answer: each is refused with a sentence that says why. */
#include "network/scarce_memory.h"
#include "subsystem/subject.h"

static const char *const network_text = "input 3; linear 4 relu; batchnorm; linear 3; loss softmax";

static void refuse_on(const char *text, rfim_metric_options options, rfim_status status,
                      const char *words)
{
    api a = api_open(text, RFIM_DOUBLE, 4, 1);
    rfim_metric *metric = (rfim_metric *)&a; /* becomes NULL */
    rfim_metric_plan plan;
    assert_refused(&a, rfim_metric_create(a.network, &options, &metric), status, words);
    assert_null(metric);
    if (status != RFIM_ERROR_MEMORY) /* plans check all else */
        assert_refused(&a, rfim_metric_plan_get(a.network, &options, &plan), status, words);
    api_close(&a);
}

static void refuse(rfim_metric_options options, rfim_status status, const char *words)
{
    refuse_on(network_text, options, status, words);
}

static void numbers_out_of_range(void **state)
{
    (void)state;
    rfim_metric_options good = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
    rfim_metric_options options = good;
    options.first = 1;
    refuse(options, RFIM_ERROR_ARGUMENT, "first to last of 3 (counted from 0), found 1 to 0");
    options.last = 3;
    refuse(options, RFIM_ERROR_ARGUMENT, "found 1 to 3");
    options = good;
    options.sigma = 0;
    refuse(options, RFIM_ERROR_ARGUMENT, "sigma");
    options.sigma = NAN;
    refuse(options, RFIM_ERROR_ARGUMENT, "sigma");
    options = good;
    options.max_samples = 0;
    refuse(options, RFIM_ERROR_ARGUMENT, "max_samples");
}

static void choices_that_are_none(void **state)
{
    (void)state;
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, (rfim_representation)7);
    refuse(options, RFIM_ERROR_ARGUMENT, "the representation is a number from 0 to 6, found 7");
    options = asked(0, 0, (rfim_response)3, RFIM_DENSE);
    refuse(options, RFIM_ERROR_ARGUMENT, "the response");
    options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
    options.family = (rfim_family)4;
    refuse(options, RFIM_ERROR_ARGUMENT, "the family");
    options.family = RFIM_FAMILY_PUBLISHED;
    options.variable = (rfim_variable)2;
    refuse(options, RFIM_ERROR_ARGUMENT, "the variable");
    options.variable = RFIM_VARIABLE_PARAMETERS;
    options.kronecker_rule = (rfim_kronecker_rule)2;
    refuse(options, RFIM_ERROR_ARGUMENT, "kronecker rule");
}

static void groups_that_are_not_there(void **state)
{
    (void)state;
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
    options.first_output = 2;
    options.outputs = 3;
    refuse(options, RFIM_ERROR_SHAPE, "layer1 has 4 outputs, found a group of 3 from 2");
    options.first_output = 4;
    options.outputs = 0;
    refuse(options, RFIM_ERROR_SHAPE, "layer1 has 4 outputs");
    options.first_output = (size_t)-1;
    options.outputs = 2;
    refuse(options, RFIM_ERROR_SHAPE, "layer1 has 4 outputs");
    options.first_output = 0;
    options.last = 2;
    refuse(options, RFIM_ERROR_ARGUMENT, "a group of neurons");
    options.last = 0;
    options.variable = RFIM_VARIABLE_INPUT;
    refuse(options, RFIM_ERROR_ARGUMENT, "a group of neurons");
}

static void responses_that_are_not_there(void **state)
{
    (void)state;
    refuse(asked(2, 2, RFIM_RESPONSE_NEXT, RFIM_DENSE), RFIM_ERROR_UNSUPPORTED,
           "after layer2 there is no module with weights");
    refuse_on("input 3; linear 3; activation tanh; loss squared",
              asked(0, 0, RFIM_RESPONSE_NEXT, RFIM_DENSE), RFIM_ERROR_UNSUPPORTED,
              "no response `next`");
    refuse_on("input 3; linear 3; activation tanh; linear 2; loss squared",
              asked(1, 1, RFIM_RESPONSE_OWN, RFIM_DENSE), RFIM_ERROR_UNSUPPORTED,
              "activation1 has no parameters");
}

static void families_that_do_not_fit(void **state)
{
    static const char *const falling[] = {"gelu", "silu", "sin"};
    (void)state;
    for (size_t f = 0; f < 3; f++) {
        char text[80];
        rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
        options.family = RFIM_FAMILY_CANONICAL;
        snprintf(text, sizeof text, "input 3; linear 3 %s; linear 2; loss squared", falling[f]);
        refuse_on(text, options, RFIM_ERROR_UNSUPPORTED, "falls somewhere");
        refuse_on(text, options, RFIM_ERROR_UNSUPPORTED, falling[f]);
        refuse_on(text, options, RFIM_ERROR_UNSUPPORTED, "take the family gaussian");
    }
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
    options.family = RFIM_FAMILY_CATEGORICAL;
    refuse_on("input 3; linear 1; linear 2; loss squared", options, RFIM_ERROR_UNSUPPORTED,
              "two outputs or more, found 1 output");
    refuse_on("input 3; linear 3 tanh; linear 2; loss squared", options, RFIM_ERROR_UNSUPPORTED,
              "linear module");
    options.response = RFIM_RESPONSE_NETWORK;
    refuse(options, RFIM_ERROR_UNSUPPORTED, "the family of its loss");
}

/* --- representations -------------------------------------------------------------------------- */

static void soft_max_in_shared(void **state)
{
    (void)state;
    rfim_metric_options options = asked(2, 2, RFIM_RESPONSE_OWN, RFIM_SHARED);
    refuse(options, RFIM_ERROR_UNSUPPORTED, "`shared` cannot hold the metric of layer2");
    refuse(options, RFIM_ERROR_UNSUPPORTED, "(soft-max)");
    refuse(options, RFIM_ERROR_UNSUPPORTED,
           "these hold it: softmax, dense, gram; and these, approximately: neuron, kronecker, "
           "diagonal");
}

static void representations_that_cannot_hold_it(void **state)
{
    (void)state;
    refuse(asked(0, 0, RFIM_RESPONSE_NEXT, RFIM_SHARED), RFIM_ERROR_UNSUPPORTED,
           "these hold it: dense, gram");
    refuse(asked(0, 0, RFIM_RESPONSE_OWN, RFIM_SOFTMAX), RFIM_ERROR_UNSUPPORTED,
           "these hold it: shared, neuron, dense, gram");
    refuse(asked(0, 2, RFIM_RESPONSE_NETWORK, RFIM_NEURON), RFIM_ERROR_UNSUPPORTED,
           "layer1 ... layer2");
    refuse(asked(0, 2, RFIM_RESPONSE_NETWORK, RFIM_KRONECKER), RFIM_ERROR_UNSUPPORTED,
           "these hold it: dense, gram; and these, approximately: diagonal");
    refuse(asked(1, 1, RFIM_RESPONSE_NEXT, RFIM_KRONECKER), RFIM_ERROR_UNSUPPORTED, "norm1");
    refuse(asked(1, 1, RFIM_RESPONSE_OWN, RFIM_SHARED), RFIM_ERROR_UNSUPPORTED, "norm1");
    rfim_metric_options options = asked(2, 2, RFIM_RESPONSE_OWN, RFIM_SOFTMAX);
    options.outputs = 2; /* of 3 classes */
    refuse(options, RFIM_ERROR_UNSUPPORTED, "these hold it: dense, gram");
}

/* The size is in the sentence, and nothing of that size was asked for. */
static void dense_beyond_memory(void **state)
{
    scarce_memory memory = {.most = SIZE_MAX};
    rfim_context_options context;
    (void)state;
    rfim_context_defaults(&context);
    context.allocator = (rfim_allocator){scarce_allocate, scarce_release, &memory};
    api a = api_open_with(&context, "input 200; linear 100; linear 3; loss squared", RFIM_DOUBLE, 2,
                          1);
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
    rfim_metric *metric = NULL;
    size_t blocks = memory.blocks;
    memory.largest = 0;
    assert_refused(&a, rfim_metric_create(a.network, &options, &metric), RFIM_ERROR_MEMORY,
                   "takes 9."); /* three times 20100^2 numbers of 8 bytes */
    assert_non_null(strstr(rfim_context_error(a.context), "GB of memory, more than the 2.15 GB"));
    assert_non_null(strstr(rfim_context_error(a.context),
                           "take shared or neuron or kronecker or diagonal or gram, or raise"));
    assert_null(metric);
    assert_int_equal(memory.blocks, blocks);
    assert_true(memory.largest < 10000);
    rfim_metric_plan plan;
    assert_ok(&a, rfim_metric_plan_get(a.network, &options, &plan));
    assert_true(plan.order == 20100 && plan.bytes > 9.6e9 && plan.bytes < 1e10);
    assert_true(memory.largest < 10000);
    options.representation = RFIM_KRONECKER;
    options.max_bytes = 1000;
    assert_refused(&a, rfim_metric_create(a.network, &options, &metric), RFIM_ERROR_MEMORY,
                   "more than the 1 kB");
    assert_null(strstr(rfim_context_error(a.context), "; take"));
    api_close(&a);
    assert_int_equal(memory.blocks, 0);
}

static void plans_say_what_metrics_take(void **state)
{
    (void)state;
    api a = api_open("input 9; linear 6 tanh; linear 4; loss softmax", RFIM_DOUBLE, 5, 1);
    for (int r = 0; r < RFIM_REPRESENTATIONS; r++) {
        size_t module = r == RFIM_SOFTMAX;
        rfim_metric_options options = asked(module, module, RFIM_RESPONSE_OWN,
                                            (rfim_representation)r);
        rfim_metric_plan plan;
        assert_ok(&a, rfim_metric_plan_get(a.network, &options, &plan));
        assert_int_equal(plan.order, module ? 28 : 60);
        assert_true(plan.blocks > 0 && plan.factor_order > 0 && plan.solve_flops > 0);
        options.max_bytes = (size_t)plan.bytes; /* exactly so much */
        rfim_metric *metric = empty_metric(&a, options);
        rfim_metric_free(metric);
        options.max_bytes--;
        assert_int_equal(rfim_metric_create(a.network, &options, &metric), RFIM_ERROR_MEMORY);
    }
    api_close(&a);
}

/* --- no address, no name ---------------------------------------------------------------------- */

static void null_is_an_argument_error(void **state)
{
    (void)state;
    api a = api_open(network_text, RFIM_DOUBLE, 4, 1);
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
    rfim_metric *metric = metric_of(&a, options);
    rfim_metric *out = NULL;
    rfim_metric_plan plan;
    rfim_metric_distance distance;
    double v[16] = {0};
    const rfim_status wrong = RFIM_ERROR_ARGUMENT;
    assert_int_equal(rfim_metric_create(NULL, &options, &out), wrong);
    assert_int_equal(rfim_metric_create(a.network, NULL, &out), wrong);
    assert_int_equal(rfim_metric_create(a.network, &options, NULL), wrong);
    assert_int_equal(rfim_metric_plan_get(NULL, &options, &plan), wrong);
    assert_int_equal(rfim_metric_merge(metric, 1, 1, NULL), wrong);
    assert_int_equal(rfim_metric_reset(NULL, 1), wrong);
    assert_int_equal(rfim_metric_refresh(NULL, RFIM_DAMPING_TRACE, 1, NULL), wrong);
    assert_int_equal(rfim_metric_damping(metric, NULL), wrong);
    assert_int_equal(rfim_metric_solve(metric, NULL, v), wrong);
    assert_int_equal(rfim_metric_sqrt_solve(metric, v, NULL), wrong);
    assert_int_equal(rfim_metric_log_det(metric, NULL), wrong);
    assert_int_equal(rfim_metric_gradient(metric, NULL, v), wrong);
    assert_int_equal(rfim_metric_direction(metric, a.trace, NULL), wrong);
    assert_int_equal(rfim_metric_parameters(NULL, v), wrong);
    assert_int_equal(rfim_metric_parameters_set(metric, NULL), wrong);
    assert_int_equal(rfim_metric_multiply(metric, v, NULL), wrong);
    assert_int_equal(rfim_metric_quadratic(metric, NULL, v), wrong);
    assert_int_equal(rfim_metric_metric_trace(metric, NULL), wrong);
    assert_int_equal(rfim_metric_diagonal(NULL, v), wrong);
    assert_int_equal(rfim_metric_spectrum(metric, NULL), wrong);
    assert_int_equal(rfim_metric_effective_rank(NULL, v), wrong);
    assert_int_equal(rfim_metric_to_dense(metric, NULL), wrong);
    assert_int_equal(rfim_metric_convert(NULL, RFIM_DENSE, 0, &out), wrong);
    assert_int_equal(rfim_metric_compare(metric, NULL, 1, &distance), wrong);
    assert_int_equal(rfim_metric_save(metric, NULL), wrong);
    assert_int_equal(rfim_metric_load(NULL, "x", &out), wrong);
    assert_int_equal(rfim_metric_nu(NULL, 0, RFIM_FAMILY_PUBLISHED, 1, v), wrong);
    rfim_metric_free(NULL);
    rfim_metric_free(metric);
    api_close(&a);
}

static void names_of_choices(void **state)
{
    (void)state;
    assert_string_equal(rfim_representation_name(RFIM_SHARED), "shared");
    assert_string_equal(rfim_representation_name(RFIM_KRONECKER), "kronecker");
    assert_string_equal(rfim_representation_name(RFIM_GRAM), "gram");
    assert_string_equal(rfim_response_name(RFIM_RESPONSE_NEXT), "next");
    assert_null(rfim_representation_name((rfim_representation)7));
    assert_null(rfim_response_name((rfim_response)3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_out_of_range),
        cmocka_unit_test(choices_that_are_none),
        cmocka_unit_test(groups_that_are_not_there),
        cmocka_unit_test(responses_that_are_not_there),
        cmocka_unit_test(families_that_do_not_fit),
        cmocka_unit_test(soft_max_in_shared),
        cmocka_unit_test(representations_that_cannot_hold_it),
        cmocka_unit_test(dense_beyond_memory),
        cmocka_unit_test(plans_say_what_metrics_take),
        cmocka_unit_test(null_is_an_argument_error),
        cmocka_unit_test(names_of_choices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
