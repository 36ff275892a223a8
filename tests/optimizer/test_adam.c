/* Adam: ten steps against the algorithm as Kingma and Ba print it, written here, with coupled L2
 * and decoupled decay.
 *
 * Tolerance: Adam divides by the root of the second moment, so that the sign of a gradient that is
 * all rounding decides a whole step of size rate. No gradient here is that small: 1e-11 in float64.
 * In float32 gradients of 1e-4 are known to 1e-3 of themselves: 1e-3 of ten steps of 0.01. */
#include "optimizer/plain_steps.h"

static double update(const rfim_optimizer_options *options, size_t step, double rate, double weight,
                     double gradient, bool decays, double state[2])
{
    double g = gradient + (decays ? options->l2 : 0) * weight;
    state[0] = options->adam_beta1 * state[0] + (1 - options->adam_beta1) * g;
    state[1] = options->adam_beta2 * state[1] + (1 - options->adam_beta2) * g * g;
    double first = state[0] / (1 - pow(options->adam_beta1, (double)step));
    double second = state[1] / (1 - pow(options->adam_beta2, (double)step));
    double decay = decays ? options->weight_decay : 0;
    return weight - rate * decay * weight - rate * first / (sqrt(second) + options->adam_epsilon);
}

static rfim_optimizer_options make(double l2, double weight_decay)
{
    rfim_optimizer_options options;
    rfim_optimizer_defaults(RFIM_ADAM, &options);
    options.learning_rate = 0.01;
    options.l2 = l2;
    options.weight_decay = weight_decay;
    return options;
}

static void compare(rfim_optimizer_options options)
{
    plain_compare(&options, RFIM_DOUBLE, update, 1e-11);
    plain_compare(&options, RFIM_SINGLE, update, 1e-4);
}

static void defaults_are_the_papers(void **state)
{
    (void)state;
    rfim_optimizer_options options;
    rfim_optimizer_defaults(RFIM_ADAM, &options);
    assert_true(options.learning_rate == 1e-3 && options.adam_beta1 == 0.9 &&
                options.adam_beta2 == 0.999 && options.adam_epsilon == 1e-8);
    assert_true(options.weight_decay == 0 && options.l2 == 0);
}

static void steps_are_what_the_paper_says(void **state)
{
    (void)state;
    compare(make(0, 0));
    rfim_optimizer_options options = make(0, 0);
    options.adam_beta1 = 0.5;
    options.adam_beta2 = 0.9;
    options.adam_epsilon = 0.1;
    compare(options);
    options.adam_beta1 = 0; /* no memory of the direction */
    options.adam_beta2 = 0;
    compare(options);
}

static void coupled_l2_goes_through_the_moments(void **state)
{
    (void)state;
    compare(make(0.1, 0));
}

static void decoupled_decay_goes_past_the_moments(void **state)
{
    (void)state;
    compare(make(0, 0.1));
    compare(make(0.05, 0.1));
}

/* The corrections of the bias matter most at step 1: every number moves by the rate itself. */
static void the_first_step_has_the_length_of_the_rate(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = small_network(context, "5-3", RFIM_DOUBLE, 3);
    rfim_optimizer_options options = make(0, 0);
    rfim_optimizer *optimizer = NULL;
    rfim_trace *trace = NULL;
    must(context, rfim_trace_create(network, PLAIN_SAMPLES, &trace));
    must(context, rfim_optimizer_create(trace, &options, &optimizer));
    double *before = read_all(network);
    plain_batch(trace, 1);
    must(context, rfim_optimizer_step(optimizer, trace));
    double *after = read_all(network);
    for (size_t k = 0; k < all_numbers(network); k++)
        assert_true(fabs(fabs(after[k] - before[k]) - 0.01) < 1e-7); /* eps / |g| */
    free(before);
    free(after);
    rfim_optimizer_free(optimizer);
    rfim_trace_free(trace);
    rfim_network_free(network);
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_papers),
        cmocka_unit_test(steps_are_what_the_paper_says),
        cmocka_unit_test(coupled_l2_goes_through_the_moments),
        cmocka_unit_test(decoupled_decay_goes_past_the_moments),
        cmocka_unit_test(the_first_step_has_the_length_of_the_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
