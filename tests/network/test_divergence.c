/* Losses, gradients and updates that are not finite: RFIM_DIVERGED says which, and the weights stay
 * as they were. */
#include "network/small_network.h"
#include "optimizer/by_hand.h"

#include <rfim/optimizer.h>

typedef struct example {
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    rfim_optimizer *optimizer;
} example;

static void set_up(example *e, const char *text, rfim_method method, double rate)
{
    rfim_optimizer_options options;
    rfim_optimizer_defaults(method, &options);
    if (method == RFIM_RNGD)
        rngd_by_hand(&options);
    options.learning_rate = rate;
    options.schedule = RFIM_SCHEDULE_CONSTANT;
    e->context = small_context(RFIM_KERNELS_AUTOMATIC);
    e->network = small_network(e->context, text, RFIM_SINGLE, 1);
    must(e->context, rfim_trace_create(e->network, 4, &e->trace));
    must(e->context, rfim_optimizer_create(e->trace, &options, &e->optimizer));
}

static void tear_down(example *e)
{
    rfim_optimizer_free(e->optimizer);
    rfim_trace_free(e->trace);
    rfim_network_free(e->network);
    rfim_context_free(e->context);
}

static void fill_tensor(example *e, size_t tensor, double value)
{
    double *values = malloc(tensor_size(e->network, tensor) * sizeof *values);
    for (size_t k = 0; k < tensor_size(e->network, tensor); k++)
        values[k] = value;
    must(e->context, rfim_network_tensor_write(e->network, tensor, values));
    free(values);
}

static const double inputs[] = {1, 2, 3, 4, -1, 0, 2, 1, 5, 3, -2, 1};
static const double targets[] = {1, 0, 0, 1, 1, 1, 0, 2};

static rfim_status forward_and_loss(example *e, double *loss)
{
    must(e->context, rfim_trace_forward(e->trace, rfim_doubles(inputs, 4, 3)));
    return rfim_trace_loss(e->trace, rfim_doubles(targets, 4, 2), loss);
}

static void a_loss_that_is_not_finite_stops(void **state)
{
    (void)state;
    example e;
    double loss = 0;
    set_up(&e, "input 3; linear 4; linear 2; loss squared", RFIM_SGD, 0.1);
    fill_tensor(&e, 0, 3e38);
    fill_tensor(&e, 2, 3e38);
    refused(e.context, forward_and_loss(&e, &loss), RFIM_DIVERGED, "loss is not finite");
    assert_true(!isfinite(loss));
    refused(e.context, rfim_trace_backward(e.trace), RFIM_ERROR_ARGUMENT, "rfim_trace_loss");
    refused(e.context, rfim_optimizer_step(e.optimizer, e.trace), RFIM_ERROR_ARGUMENT,
            "rfim_trace_backward");
    tear_down(&e);
}

/* The loss is finite in float64, what comes back to layer1 is not in float32. */
static void a_gradient_that_is_not_finite_names_its_module(void **state)
{
    (void)state;
    example e;
    double loss = 0;
    set_up(&e, "input 3; linear 4; linear 2; loss squared", RFIM_SGD, 0.1);
    fill_tensor(&e, 0, 1e18);
    fill_tensor(&e, 2, 1e18);
    must(e.context, forward_and_loss(&e, &loss));
    refused(e.context, rfim_trace_backward(e.trace), RFIM_DIVERGED, "gradient of layer1");
    refused(e.context, rfim_optimizer_step(e.optimizer, e.trace), RFIM_ERROR_ARGUMENT,
            "rfim_trace_backward");
    tear_down(&e);
}

static void expect_refused_step(const char *text, rfim_method method, double rate,
                                const char *words)
{
    example e;
    double loss = 0;
    set_up(&e, text, method, rate);
    must(e.context, forward_and_loss(&e, &loss));
    must(e.context, rfim_trace_backward(e.trace));
    double *before = read_all(e.network);
    refused(e.context, rfim_optimizer_step(e.optimizer, e.trace), RFIM_DIVERGED, words);
    double *after = read_all(e.network);
    assert_memory_equal(after, before, all_numbers(e.network) * sizeof *after);
    rfim_optimizer_report report;
    rfim_optimizer_report_get(e.optimizer, &report);
    assert_int_equal(report.steps, 0);
    free(before);
    free(after);
    tear_down(&e);
}

static void an_update_that_overflows_is_taken_back(void **state)
{
    (void)state;
    static const rfim_method methods[] = {RFIM_SGD, RFIM_ADAM, RFIM_RNGD};
    for (size_t m = 0; m < 3; m++) {
        expect_refused_step("input 3; linear 4 tanh; linear 2; loss squared", methods[m], 1e300,
                            "step 1 would make layer1 infinite or NaN");
        expect_refused_step("input 3; linear 4 tanh; batchnorm; linear 2; loss squared", methods[m],
                            1e300, "step 1 would make");
    }
}

/* Moving averages are part of the network: a variance that overflows stops the step as well. */
static void a_moving_average_that_overflows_is_taken_back(void **state)
{
    (void)state;
    example e;
    double loss = 0;
    set_up(&e, "input 3; linear 4; batchnorm; linear 2; loss squared", RFIM_SGD, 0.1);
    fill_tensor(&e, 0, 1e25);
    must(e.context, forward_and_loss(&e, &loss));
    must(e.context, rfim_trace_backward(e.trace));
    refused(e.context, rfim_optimizer_step(e.optimizer, e.trace), RFIM_DIVERGED,
            "would make norm1");
    double *after = read_all(e.network);
    for (size_t k = 0; k < all_numbers(e.network); k++)
        assert_true(isfinite(after[k]));
    free(after);
    tear_down(&e);
}

/* Adam squares the gradient: 1e20 squared is no float32, and must not stop that weight in silence.
 */
static void a_second_moment_that_overflows_is_a_divergence(void **state)
{
    (void)state;
    example e;
    double loss = 0;
    set_up(&e, "input 3; linear 2; loss squared", RFIM_ADAM, 0.001);
    fill_tensor(&e, 0, 1e21);
    must(e.context, forward_and_loss(&e, &loss));
    must(e.context, rfim_trace_backward(e.trace));
    refused(e.context, rfim_optimizer_step(e.optimizer, e.trace), RFIM_DIVERGED,
            "would make layer1");
    tear_down(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loss_that_is_not_finite_stops),
        cmocka_unit_test(a_gradient_that_is_not_finite_names_its_module),
        cmocka_unit_test(an_update_that_overflows_is_taken_back),
        cmocka_unit_test(a_moving_average_that_overflows_is_taken_back),
        cmocka_unit_test(a_second_moment_that_overflows_is_a_divergence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
