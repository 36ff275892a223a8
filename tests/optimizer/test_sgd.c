/* Stochastic gradient descent: ten steps against an update written here, with and without momentum,
 * coupled L2, decoupled decay and a schedule.
 *
 * Tolerance: ten steps of numbers near 1 in float64, with rounding units of 1e-16 growing by the
 * network's curvature: 1e-13. In float32 both sides round differently, at 6e-8: 1e-5. */
#include "optimizer/plain_steps.h"

static double update(const rfim_optimizer_options *options, size_t step, double rate, double weight,
                     double gradient, bool decays, double state[2])
{
    double decay = decays ? options->weight_decay : 0;
    double coupled = decays ? options->l2 : 0;
    double m = options->momentum;
    double all = gradient + coupled * weight;
    state[0] = m * state[0] + all;
    double along = state[0];
    if (options->momentum_kind == RFIM_MOMENTUM_NESTEROV)
        along = all + m * state[0];
    if (options->momentum_kind == RFIM_MOMENTUM_BEFORE) /* the mean: divided by 1 + m + m^2 + ... */
        along = state[0] * (1 - m) / (1 - pow(m, (double)step));
    return weight - rate * decay * weight - rate * along;
}

static rfim_optimizer_options make(double momentum, double l2, double weight_decay)
{
    rfim_optimizer_options options;
    rfim_optimizer_defaults(RFIM_SGD, &options);
    options.learning_rate = 0.2;
    options.schedule = RFIM_SCHEDULE_CONSTANT;
    options.momentum = momentum;
    options.l2 = l2;
    options.weight_decay = weight_decay;
    return options;
}

static void compare(rfim_optimizer_options options)
{
    plain_compare(&options, RFIM_DOUBLE, update, 1e-13);
    plain_compare(&options, RFIM_SINGLE, update, 1e-5);
}

static void steps_are_what_the_formula_says(void **state)
{
    (void)state;
    compare(make(0, 0, 0));
    compare(make(0.9, 0, 0));
}

static void coupled_l2_spares_biases_and_goes_through_momentum(void **state)
{
    (void)state;
    compare(make(0, 0.1, 0));
    compare(make(0.9, 0.1, 0));
}

static void decoupled_decay_spares_biases_and_goes_past_momentum(void **state)
{
    (void)state;
    compare(make(0, 0, 0.1));
    compare(make(0.9, 0, 0.1));
    compare(make(0.9, 0.05, 0.1));
}

static void momentum_is_of_the_kind_asked_for(void **state)
{
    (void)state;
    for (int kind = RFIM_MOMENTUM_AFTER; kind <= RFIM_MOMENTUM_NESTEROV; kind++) {
        rfim_optimizer_options options = make(0.9, 0.05, 0.1);
        options.momentum_kind = (rfim_momentum_kind)kind;
        compare(options);
        options.momentum = 0; /* then there is none, whatever its kind */
        compare(options);
    }
}

static void rates_follow_the_schedule(void **state)
{
    (void)state;
    rfim_optimizer_options options = make(0.9, 0.05, 0.1);
    options.schedule = RFIM_SCHEDULE_LINEAR;
    options.steps = 12;
    compare(options);
}

/* A network of its own is left alone: rate 0 changes the moving averages only. */
static void a_rate_of_zero_moves_no_weight(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = small_network(context, PLAIN_TEXT, RFIM_SINGLE, 3);
    rfim_network *untouched = small_network(context, PLAIN_TEXT, RFIM_SINGLE, 3);
    rfim_optimizer_options options = make(0.9, 0.1, 0.1);
    rfim_optimizer *optimizer = NULL;
    rfim_trace *trace = NULL;
    options.learning_rate = 0;
    must(context, rfim_trace_create(network, PLAIN_SAMPLES, &trace));
    must(context, rfim_optimizer_create(trace, &options, &optimizer));
    for (size_t step = 1; step <= 3; step++) {
        plain_batch(trace, step);
        must(context, rfim_optimizer_step(optimizer, trace));
        compare_trained(network, untouched, step, 0);
    }
    rfim_optimizer_free(optimizer);
    rfim_trace_free(trace);
    rfim_network_free(network);
    rfim_network_free(untouched);
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_what_the_formula_says),
        cmocka_unit_test(coupled_l2_spares_biases_and_goes_through_momentum),
        cmocka_unit_test(decoupled_decay_spares_biases_and_goes_past_momentum),
        cmocka_unit_test(momentum_is_of_the_kind_asked_for),
        cmocka_unit_test(rates_follow_the_schedule),
        cmocka_unit_test(a_rate_of_zero_moves_no_weight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
