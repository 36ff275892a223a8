/* Every gradient against sixth-order central differences of the loss, in float64: every module,
 * activation and loss, shallow and deep, 1, 2 and 7 samples, every single parameter.
 *
 * Tolerance: 1e-7 of the number itself, or of 1e-4 times the largest gradient where the number is
 * smaller than that. The sharpest bend is batch normalisation of two samples that lie within
 * sqrt(eps) = 0.03 of each other: there a step of h = 5e-4 is wrong by about (h/0.016)^6 = 1e-9,
 * and rounding adds about 1e-16/h = 2e-13. */
#include "network/small_network.h"

#include <stdio.h>

#define STEP 5e-4
#define TOLERANCE 1e-7
#define SMALL 1e-4
#define KINK 0.02 /* least distance of a pre-activation from a kink */
#define DEAD 0.01 /* the largest gradient of a batch on which relus still answer is above this */

enum targets { CLASSES, VALUES, INPUTS };

typedef struct example {
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    size_t samples;
    rfim_array inputs;
    rfim_array targets;
    double *input_values;
    double *target_values;
    int32_t *classes;
} example;

static bool has_kink(const rfim__module *module)
{
    rfim__activation_kind kind = module->activation.kind;
    return module->table != &rfim__batch_norm_module && (kind == RFIM__RELU || kind == RFIM__ELU);
}

static double distance_from_kinks(const rfim_trace *trace)
{
    double least = INFINITY;
    for (size_t l = 0; l < trace->network->count; l++) {
        rfim__matrix t = trace->slots[l].pre;
        for (size_t i = 0; has_kink(&trace->network->modules[l]) && i < t.rows; i++)
            for (size_t j = 0; j < t.columns; j++)
                least = fmin(least, fabs(at(trace->network, t, i, j)));
    }
    return least;
}

/* On which side of its kink every unit is. */
static uint64_t sides(const rfim_trace *trace)
{
    uint64_t hash = 1469598103934665603u;
    for (size_t l = 0; l < trace->network->count; l++) {
        rfim__matrix t = trace->slots[l].pre;
        for (size_t i = 0; has_kink(&trace->network->modules[l]) && i < t.rows; i++)
            for (size_t j = 0; j < t.columns; j++)
                hash = (hash ^ (at(trace->network, t, i, j) > 0)) * 1099511628211u;
    }
    return hash;
}

static double loss_of(example *e)
{
    double loss = 0;
    must(e->context, rfim_trace_forward(e->trace, e->inputs));
    must(e->context, rfim_trace_loss(e->trace, e->targets, &loss));
    return loss;
}

static double largest_gradient(example *e)
{
    must(e->context, rfim_trace_backward(e->trace));
    double *gradients = read_gradients(e->trace);
    double largest = largest_of(gradients, all_numbers(e->network));
    free(gradients);
    return largest;
}

/* Draws inputs until they are far from all kinks and not all units sleep. */
static void draw_inputs(example *e)
{
    size_t count = e->samples * rfim_network_inputs(e->network);
    for (uint64_t seed = 1;; seed++) {
        fill_normal(seed, 1, e->input_values, count);
        loss_of(e);
        if (distance_from_kinks(e->trace) > KINK && largest_gradient(e) > DEAD)
            return;
        assert_true(seed < 100000);
    }
}

static void set_up(example *e, const char *text, enum targets kind, size_t samples)
{
    *e = (example){.context = small_context(RFIM_KERNELS_AUTOMATIC), .samples = samples};
    e->network = small_network(e->context, text, RFIM_DOUBLE, 3);
    shake(e->network, 5);
    must(e->context, rfim_trace_create(e->network, samples + 2, &e->trace));
    size_t d = rfim_network_inputs(e->network);
    size_t m = rfim_network_outputs(e->network);
    e->input_values = malloc(samples * d * sizeof(double));
    e->target_values = make_normal(9, 1, samples * m);
    e->classes = malloc(samples * sizeof *e->classes);
    for (size_t i = 0; i < samples; i++)
        e->classes[i] = (int32_t)((i * 5 + 1) % m);
    if (rfim_network_loss(e->network) == RFIM_LOSS_SIGMOID)
        for (size_t k = 0; k < samples * m; k++)
            e->target_values[k] = 1 / (1 + exp(-e->target_values[k]));
    e->inputs = rfim_doubles(e->input_values, samples, d);
    e->targets = kind == CLASSES  ? rfim_labels(e->classes, samples)
                 : kind == VALUES ? rfim_doubles(e->target_values, samples, m)
                                  : rfim_no_targets();
    draw_inputs(e);
}

static void tear_down(example *e)
{
    rfim_trace_free(e->trace);
    rfim_network_free(e->network);
    rfim_context_free(e->context);
    free(e->input_values);
    free(e->target_values);
    free(e->classes);
}

static double difference(example *e, size_t tensor, double *values, size_t k, uint64_t side)
{
    static const double shifts[] = {-3, -2, -1, 1, 2, 3};
    static const double weights[] = {-1, 9, -45, 45, -9, 1};
    double centre = values[k];
    double sum = 0;
    for (size_t s = 0; s < 6; s++) {
        values[k] = centre + shifts[s] * STEP;
        must(e->context, rfim_network_tensor_write(e->network, tensor, values));
        sum += weights[s] * loss_of(e);
        assert_true(sides(e->trace) == side); /* no kink on the way */
    }
    values[k] = centre;
    must(e->context, rfim_network_tensor_write(e->network, tensor, values));
    return sum / (60 * STEP);
}

static void check(const char *text, enum targets kind, size_t samples)
{
    example e;
    set_up(&e, text, kind, samples);
    loss_of(&e);
    uint64_t side = sides(e.trace);
    must(e.context, rfim_trace_backward(e.trace));
    double *gradients = read_gradients(e.trace);
    double floor = SMALL * largest_of(gradients, all_numbers(e.network));
    size_t next = 0;
    for (size_t t = 0; t < rfim_network_tensors(e.network); t++) {
        size_t count = tensor_size(e.network, t);
        double *values = malloc(count * sizeof *values);
        must(e.context, rfim_network_tensor_read(e.network, t, values));
        for (size_t k = 0; k < count && tensor_trained(e.network, t); k++) {
            double expected = difference(&e, t, values, k, side);
            double found = gradients[next + k];
            if (!(fabs(found - expected) <= TOLERANCE * fmax(fabs(expected), floor)))
                fail_msg("%s, %zu samples, tensor %zu, number %zu: %.15g, differences say %.15g",
                         text, samples, t, k, found, expected);
        }
        next += count;
        free(values);
    }
    free(gradients);
    tear_down(&e);
}

static void check_sizes(const char *text, enum targets kind)
{
    check(text, kind, 1);
    check(text, kind, 2);
    check(text, kind, 7);
}

static const char *const activations[] = {
    "linear", "relu", "relu iota=0.1", "elu",  "elu alpha=0.7",
    "tanh",   "sigm", "gelu",          "silu", "softplus iota=0.1 omega=0.5",
    "sin",
};

#define ACTIVATIONS (sizeof activations / sizeof *activations)

static void every_activation_in_shallow_and_deep_networks(void **state)
{
    (void)state;
    char text[256];
    for (size_t a = 0; a < ACTIVATIONS; a++) {
        snprintf(text, sizeof text, "input 3; linear 4 %s; linear 3", activations[a]);
        check_sizes(text, CLASSES);
        snprintf(text, sizeof text, "input 3; linear 4 %s; linear 3 %s; linear 4 %s; linear 2",
                 activations[a], activations[a], activations[a]);
        check_sizes(text, CLASSES);
    }
}

static void every_activation_before_batch_normalisation(void **state)
{
    (void)state;
    char text[256];
    for (size_t a = 0; a < ACTIVATIONS; a++) {
        snprintf(text, sizeof text, "input 3; linear 4 %s; batchnorm; linear 3", activations[a]);
        check_sizes(text, CLASSES);
        snprintf(text, sizeof text,
                 "input 3; linear 4 %s; batchnorm; linear 3 tanh; batchnorm eps=0.1; linear 2",
                 activations[a]);
        check_sizes(text, CLASSES);
    }
}

static void every_activation_as_a_module_of_its_own(void **state)
{
    (void)state;
    char text[256];
    for (size_t a = 0; a < ACTIVATIONS; a++) {
        snprintf(text, sizeof text,
                 "input 3; linear 4; batchnorm eps=0.1; activation %s; linear 2; loss softmax",
                 activations[a]);
        check_sizes(text, CLASSES);
        snprintf(text, sizeof text,
                 "input 3; activation sin; linear 4 tanh; activation %s; linear 2; activation %s; "
                 "loss squared",
                 activations[a], activations[a]);
        check_sizes(text, VALUES);
    }
}

static void every_activation_in_the_last_module(void **state)
{
    (void)state;
    char text[256];
    for (size_t a = 0; a < ACTIVATIONS; a++) {
        snprintf(text, sizeof text, "input 3; linear 4 tanh; linear 2 %s; loss squared",
                 activations[a]);
        check_sizes(text, VALUES);
    }
}

static void batch_normalisation_first_and_last(void **state)
{
    (void)state;
    check_sizes("input 3; batchnorm; linear 4 tanh; linear 3", CLASSES);
    check_sizes("input 3; batchnorm; linear 3; batchnorm; loss squared", INPUTS);
    check_sizes("input 3; linear 3 sigm; batchnorm; loss softmax", CLASSES);
}

static void every_loss_with_every_kind_of_target(void **state)
{
    (void)state;
    static const char *const nets[] = {
        "input 3; linear 3; loss %s",
        "input 3; linear 5 tanh; linear 3; loss %s",
        "input 3; linear 4 elu alpha=0.7; batchnorm; linear 4 relu iota=0.1; linear 3; loss %s",
    };
    char text[256];
    for (size_t net = 0; net < 3; net++) {
        snprintf(text, sizeof text, nets[net], "softmax");
        check_sizes(text, CLASSES);
        for (enum targets kind = CLASSES; kind <= INPUTS; kind++) {
            snprintf(text, sizeof text, nets[net], "sigmoid");
            check_sizes(text, kind);
            snprintf(text, sizeof text, nets[net], "squared");
            check_sizes(text, kind);
        }
    }
}

static void one_module_and_one_output(void **state)
{
    (void)state;
    check_sizes("input 1; linear 1; loss squared", VALUES);
    check_sizes("input 1; linear 1; loss sigmoid", VALUES);
    check_sizes("input 4; linear 1 tanh; linear 1; loss squared", VALUES);
}

/* 17 and 33 are no multiples of a vector. */
static void widths_that_are_no_multiple_of_a_vector(void **state)
{
    (void)state;
    check("input 5; linear 17 tanh; batchnorm; linear 2", CLASSES, 33);
    check("input 2; linear 33 sigm; linear 2", CLASSES, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_activation_in_shallow_and_deep_networks),
        cmocka_unit_test(every_activation_before_batch_normalisation),
        cmocka_unit_test(every_activation_as_a_module_of_its_own),
        cmocka_unit_test(every_activation_in_the_last_module),
        cmocka_unit_test(batch_normalisation_first_and_last),
        cmocka_unit_test(every_loss_with_every_kind_of_target),
        cmocka_unit_test(one_module_and_one_output),
        cmocka_unit_test(widths_that_are_no_multiple_of_a_vector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
