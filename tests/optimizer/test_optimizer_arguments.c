/* Optimisers made or called wrongly: each is refused with its status and a sentence, and the
 * network keeps its numbers. */
#include "optimizer/plain_steps.h"

typedef struct fixture {
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    double *before;
} fixture;

static int set_up(void **state)
{
    fixture *test = calloc(1, sizeof *test);
    test->context = small_context(RFIM_KERNELS_AUTOMATIC);
    test->network = small_network(test->context, PLAIN_TEXT, RFIM_SINGLE, 1);
    must(test->context, rfim_trace_create(test->network, PLAIN_SAMPLES, &test->trace));
    test->before = read_all(test->network);
    *state = test;
    return 0;
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

static rfim_optimizer_options defaults(rfim_method method)
{
    rfim_optimizer_options options;
    rfim_optimizer_defaults(method, &options);
    return options;
}

static void refuse(fixture *test, const rfim_optimizer_options *options, const char *words)
{
    rfim_optimizer *optimizer = (rfim_optimizer *)test; /* must become NULL */
    refused(test->context, rfim_optimizer_create(test->trace, options, &optimizer),
            RFIM_ERROR_ARGUMENT, words);
    assert_null(optimizer);
}

#define refuse_option(test, field, value)                                                          \
    do {                                                                                           \
        rfim_optimizer_options wrong = defaults(RFIM_RNGD);                                        \
        wrong.field = value;                                                                       \
        refuse(test, &wrong, #field);                                                              \
    } while (0)

static void numbers_out_of_range_are_refused(void **state)
{
    fixture *test = *state;
    refuse_option(test, learning_rate, -1);
    refuse_option(test, learning_rate, NAN);
    refuse_option(test, learning_rate, INFINITY);
    refuse_option(test, momentum, -0.1);
    refuse_option(test, momentum, 1);
    refuse_option(test, momentum, NAN);
    refuse_option(test, l2, -1);
    refuse_option(test, l2, NAN);
    refuse_option(test, weight_decay, -1);
    refuse_option(test, weight_decay, INFINITY);
    refuse_option(test, adam_beta1, 1);
    refuse_option(test, adam_beta1, -1);
    refuse_option(test, adam_beta2, 1);
    refuse_option(test, adam_beta2, NAN);
    refuse_option(test, adam_epsilon, 0);
    refuse_option(test, adam_epsilon, NAN);
    refuse_option(test, metric_decay, 1.5);
    refuse_option(test, metric_prior, -1);
    refuse_option(test, metric_prior, INFINITY);
    refuse_option(test, metric_every, 0);
    refuse_option(test, refresh_every, 0);
    refuse_option(test, damping, -1);
    refuse_option(test, damping, 1e-50);
    refuse_option(test, damping, NAN);
    refuse_option(test, sigma, 0);
    refuse_option(test, sigma, -1);
}

static void choices_that_do_not_exist_are_refused(void **state)
{
    fixture *test = *state;
    refuse_option(test, method, (rfim_method)3);
    refuse_option(test, schedule, (rfim_schedule_rule)3);
    refuse_option(test, first, (rfim_representation)3);
    refuse_option(test, hidden, (rfim_representation)3);
    refuse_option(test, last, (rfim_representation)-1);
    refuse_option(test, metric_pass, (rfim_metric_pass)2);
    refuse_option(test, damping_rule, (rfim_damping_rule)4);
    refuse_option(test, step_control, (rfim_step_control)5);
    refuse_option(test, metric_average, (rfim_metric_average)2);
    refuse_option(test, metric_units, (rfim_metric_units)2);
    refuse_option(test, curvature, (rfim_curvature)2);
    refuse_option(test, metric_prior_samples, -1);
    refuse_option(test, metric_prior_samples, INFINITY);
    refuse_option(test, shared_nu, (rfim_shared_nu)2);
    refuse_option(test, rho_output, 0);
    refuse_option(test, rho_output, NAN);
    refuse_option(test, rho, 0);
    refuse_option(test, rho, NAN);
    refuse_option(test, kappa, -1);
    refuse_option(test, kappa, INFINITY);
    refuse(test, NULL, "rfim_optimizer_defaults");
}

/* Without a prior the first step has no metric unless it is collected before. */
static void no_prior_needs_the_corrected_average(void **state)
{
    fixture *test = *state;
    rfim_optimizer_options options = defaults(RFIM_RNGD);
    rfim_optimizer *optimizer = NULL;
    options.metric_prior = 0;
    must(test->context, rfim_optimizer_create(test->trace, &options, &optimizer));
    rfim_optimizer_free(optimizer);
    options.metric_average = RFIM_AVERAGE_EXPONENTIAL;
    refuse(test, &options, "metric_average exponential");
}

static void steps_need_gradients(void **state)
{
    fixture *test = *state;
    for (int method = RFIM_SGD; method <= RFIM_RNGD; method++) {
        rfim_optimizer_options options = defaults((rfim_method)method);
        rfim_optimizer *optimizer = NULL;
        const double inputs[5] = {0};
        const int32_t class = 1;
        double loss = 0;
        must(test->context, rfim_optimizer_create(test->trace, &options, &optimizer));
        refused(test->context, rfim_optimizer_step(optimizer, test->trace), RFIM_ERROR_ARGUMENT,
                "rfim_trace_backward before");
        must(test->context, rfim_trace_forward(test->trace, rfim_doubles(inputs, 1, 5)));
        must(test->context, rfim_trace_loss(test->trace, rfim_labels(&class, 1), &loss));
        refused(test->context, rfim_optimizer_step(optimizer, test->trace), RFIM_ERROR_ARGUMENT,
                "rfim_trace_backward before");
        rfim_optimizer_report report;
        rfim_optimizer_report_get(optimizer, &report);
        assert_int_equal(report.steps, 0);
        rfim_optimizer_free(optimizer);
    }
    rfim_optimizer_free(NULL);
}

static void traces_of_others_are_refused(void **state)
{
    fixture *test = *state;
    rfim_optimizer_options options = defaults(RFIM_SGD);
    rfim_optimizer *optimizer = NULL;
    rfim_network *other = small_network(test->context, PLAIN_TEXT, RFIM_SINGLE, 1);
    rfim_trace *of_other = NULL;
    rfim_trace *larger = NULL;
    rfim_trace *smaller = NULL;
    must(test->context, rfim_trace_create(test->network, 2, &smaller));
    must(test->context, rfim_optimizer_create(smaller, &options, &optimizer));
    must(test->context, rfim_trace_create(other, PLAIN_SAMPLES, &of_other));
    must(test->context, rfim_trace_create(test->network, PLAIN_SAMPLES, &larger));
    plain_batch(of_other, 1);
    refused(test->context, rfim_optimizer_step(optimizer, of_other), RFIM_ERROR_ARGUMENT,
            "another network");
    plain_batch(larger, 1);
    refused(test->context, rfim_optimizer_step(optimizer, larger), RFIM_ERROR_ARGUMENT,
            "larger batch");
    rfim_optimizer_free(optimizer);
    rfim_trace_free(of_other);
    rfim_trace_free(larger);
    rfim_trace_free(smaller);
    rfim_network_free(other);
}

/* A step uses the pass up: the next one needs a pass of the new weights. */
static void a_step_needs_a_pass_of_its_own(void **state)
{
    fixture *test = *state;
    for (int method = RFIM_SGD; method <= RFIM_RNGD; method++) {
        rfim_optimizer_options options = defaults((rfim_method)method);
        rfim_optimizer *optimizer = NULL;
        const int32_t classes[PLAIN_SAMPLES] = {0};
        double loss = 0;
        must(test->context, rfim_optimizer_create(test->trace, &options, &optimizer));
        plain_batch(test->trace, 3);
        must(test->context, rfim_optimizer_step(optimizer, test->trace));
        refused(test->context, rfim_optimizer_step(optimizer, test->trace), RFIM_ERROR_ARGUMENT,
                "rfim_trace_backward before");
        refused(test->context,
                rfim_trace_loss(test->trace, rfim_labels(classes, PLAIN_SAMPLES), &loss),
                RFIM_ERROR_ARGUMENT, "rfim_trace_forward before");
        rfim_optimizer_free(optimizer);
    }
    write_all(test->network, test->before); /* tear_down looks for changes */
}

#define argument_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        argument_test(numbers_out_of_range_are_refused),
        argument_test(choices_that_do_not_exist_are_refused),
        argument_test(no_prior_needs_the_corrected_average),
        argument_test(steps_need_gradients),
        argument_test(traces_of_others_are_refused),
        argument_test(a_step_needs_a_pass_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
