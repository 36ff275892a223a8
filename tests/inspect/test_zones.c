/* Neurons whose zone is known: dead, saturated, always linear, active. */
#include "inspect/zone.h"
#include "inspected.h"

#include <stdio.h>

#define SAMPLES 400

/* weight[j] x + bias[j] for the neurons of a network with one input. */
static void set_layer(subject *s, const double *weight, const double *bias)
{
    must(s->context, rfim_network_tensor_write(s->network, 0, weight));
    must(s->context, rfim_network_tensor_write(s->network, 1, bias));
}

static rfim_inspection *inspect_with(subject *s, const double *weight, const double *bias)
{
    rfim_inspect_options options;
    rfim_inspect_defaults(&options);
    options.module = "layer1";
    set_layer(s, weight, bias);
    return look(s, &options);
}

static void relu_neurons_that_never_fire_are_dead(void **state)
{
    (void)state;
    static const double weight[] = {1, 1, 1, 0.1};
    static const double bias[] = {-50, 0, 50, 2};
    subject s = subject_of("input 1; linear 4 relu omega=0; linear 2; loss softmax", RFIM_DOUBLE,
                           SAMPLES);
    rfim_inspection *inspection = inspect_with(&s, weight, bias);
    const rfim_zone *zones = rfim_inspection_zones(inspection, 0);
    assert_int_equal(zones[0], RFIM_ZONE_DEAD);
    assert_int_equal(zones[1], RFIM_ZONE_ACTIVE);
    assert_int_equal(zones[2], RFIM_ZONE_LINEAR);
    assert_int_equal(zones[3], RFIM_ZONE_LINEAR);
    rfim_inspected told = told_of(inspection, 0);
    assert_int_equal(told.dead, 1);
    assert_int_equal(told.saturated, 0);
    assert_int_equal(told.linear, 2);
    assert_int_equal(told.active, 1);
    /* A dead neuron's metric is 0, relative and absolute. */
    assert_true(rfim_inspection_relative(inspection, 0)[0] == 0);
    assert_true(rfim_inspection_absolute(inspection, 0)[0] == 0);
    assert_true(rfim_inspection_relative(inspection, 0)[1] > 0);
    /* omega=0: the mean nu is the share of samples that the neuron fires for. */
    size_t fired = 0;
    for (size_t i = 0; i < SAMPLES; i++)
        fired += s.inputs[i] > 0;
    assert_near(rfim_inspection_nu(inspection, 0)[1], (double)fired / SAMPLES, 1e-12);
    rfim_inspection_free(inspection);
    subject_free(&s);
}

/* Smooth slopes are above 0.01 where relu gives 0: mean nu says so, the zone does not. */
static void relu_neurons_below_zero_are_dead_whatever_omega(void **state)
{
    (void)state;
    static const double weight[] = {0.1, 0.1, 0.1, 1};
    static const double bias[] = {-1, -2, 2, 0};
    static const char *const texts[] = {
        "input 1; linear 4 relu; linear 2; loss softmax",
        "input 1; linear 4 relu iota=0.05 omega=3; linear 2; loss softmax"};
    for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++)
        for (size_t text = 0; text < 2; text++) {
            subject s = subject_of(texts[text], (rfim_precision)precision, SAMPLES);
            rfim_inspection *inspection = inspect_with(&s, weight, bias);
            const rfim_zone *zones = rfim_inspection_zones(inspection, 0);
            const double *nu = rfim_inspection_nu(inspection, 0);
            assert_int_equal(zones[0], RFIM_ZONE_DEAD);
            assert_int_equal(zones[1], RFIM_ZONE_DEAD);
            assert_int_equal(zones[2], RFIM_ZONE_LINEAR);
            assert_int_equal(zones[3], RFIM_ZONE_ACTIVE);
            assert_true(nu[0] > 0.05 && nu[1] > 0.01); /* sigm(-1)^2 = 0.07, sigm(-2)^2 = 0.014 */
            assert_true(rfim_inspection_relative(inspection, 0)[0] > 0.05);
            assert_int_equal(told_of(inspection, 0).dead, 2);
            rfim_inspection_free(inspection);
            subject_free(&s);
        }
}

static void tanh_neurons_far_out_are_saturated_or_dead(void **state)
{
    (void)state;
    static const double weight[] = {0.1, 0.1, 0.01, 1, 0.1};
    static const double bias[] = {2.2, -2.2, 0, 0, 20};
    static const rfim_zone expected[] = {RFIM_ZONE_SATURATED, RFIM_ZONE_SATURATED, RFIM_ZONE_LINEAR,
                                         RFIM_ZONE_ACTIVE, RFIM_ZONE_DEAD};
    for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
        subject s = subject_of("input 1; linear 5 tanh; linear 2; loss softmax",
                               (rfim_precision)precision, SAMPLES);
        rfim_inspection *inspection = inspect_with(&s, weight, bias);
        for (size_t j = 0; j < 5; j++)
            assert_int_equal(rfim_inspection_zones(inspection, 0)[j], expected[j]);
        assert_int_equal(told_of(inspection, 0).saturated, 2);
        rfim_inspection_free(inspection);
        subject_free(&s);
    }
}

static void classes_of_softmax_have_no_zone(void **state)
{
    (void)state;
    subject s = subject_of("input 3; linear 4; loss softmax", RFIM_DOUBLE, SAMPLES);
    rfim_inspect_options options;
    rfim_inspect_defaults(&options);
    rfim_inspection *inspection = look(&s, &options);
    rfim_inspected told = told_of(inspection, 0);
    assert_string_equal(told.activation, "softmax");
    assert_int_equal(told.dead + told.saturated + told.linear + told.active, 0);
    assert_int_equal(rfim_inspection_zones(inspection, 0)[0], RFIM_ZONE_NONE);
    assert_true(told.mean_nu > 0 && told.mean_nu <= 0.25); /* eta (1 - eta) */
    rfim_inspection_free(inspection);
    subject_free(&s);
}

/* The largest slope of every activation, against a scan with the activation's own loops. */
static void the_largest_nu_is_reached_and_not_passed(void **state)
{
    (void)state;
    static const char *const names[] = {"linear",        "relu",         "elu",  "elu alpha=2.5",
                                        "elu alpha=0.5", "tanh",         "sigm", "gelu",
                                        "silu",          "softplus",     "sin",  "relu iota=0.1",
                                        "relu omega=0",  "relu omega=2", "",     NULL};
    enum { POINTS = 60001, MIDDLE = 30000 };
    double *t = calloc(POINTS, sizeof *t);
    for (size_t i = 0; i < POINTS; i++)
        t[i] = ((double)i - MIDDLE) * 1e-3;
    t[0] = -1e-9; /* elu's slope jumps at 0: nearest to it from below */
    for (size_t a = 0; names[a]; a++) {
        char text[96];
        snprintf(text, sizeof text, "input 1; linear 1 %s; loss squared", names[a]);
        rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
        rfim_network *network = small_network(context, text, RFIM_DOUBLE, 1);
        rfim_trace *trace = NULL;
        double *nu = calloc(POINTS, sizeof *nu);
        double one = 1, none = 0, found = 0;
        must(context, rfim_network_tensor_write(network, 0, &one));
        must(context, rfim_network_tensor_write(network, 1, &none));
        must(context, rfim_trace_create(network, POINTS, &trace));
        must(context, rfim_trace_forward(trace, rfim_doubles(t, POINTS, 1)));
        for (int family = RFIM_FAMILY_GAUSSIAN; family <= RFIM_FAMILY_CANONICAL; family++) {
            rfim__asked_response response;
            double sigma = family == RFIM_FAMILY_GAUSSIAN ? 0.5 : 1;
            if (rfim__subsystem_response(network, 0, (rfim_family)family, sigma, &response) !=
                RFIM_OK)
                continue; /* the canonical family of one that falls */
            must(context, rfim_metric_nu(trace, 0, (rfim_family)family, sigma, nu));
            found = 0;
            for (size_t i = 0; i < POINTS; i++)
                found = fmax(found, nu[i]);
            /* Steps of 0.001 miss a maximum by about 1e-7. */
            assert_near(rfim__zone_largest_nu(&response), found, 1e-6);
        }
        rfim_trace_free(trace);
        rfim_network_free(network);
        rfim_context_free(context);
        free(nu);
    }
    free(t);
}

/* --- an activation from outside --------------------------------------------------------------- */

static double square(void *user, double t)
{
    (void)user;
    return 0.025 * t * t;
}

static double square_derivative(void *user, double t)
{
    (void)user;
    return 0.05 * t; /* 1 at t = 20, where the scan ends */
}

static double steep(void *user, double t)
{
    (void)user;
    return t > 0 ? INFINITY : 0;
}

static void activations_from_outside_are_scanned(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    const rfim_activation told = {
        .name = "square", .value = square, .derivative = square_derivative};
    const rfim_activation endless = {.name = "steep", .value = square, .derivative = steep};
    must(context, rfim_activation_register(context, &told));
    must(context, rfim_activation_register(context, &endless));
    rfim_network *network = small_network(
        context, "input 1; linear 1 square; linear 1 steep; loss squared", RFIM_DOUBLE, 1);
    rfim__asked_response response;
    must(context, rfim__subsystem_response(network, 0, RFIM_FAMILY_GAUSSIAN, 1, &response));
    assert_near(rfim__zone_largest_nu(&response), 1, 1e-12);
    must(context, rfim__subsystem_response(network, 1, RFIM_FAMILY_GAUSSIAN, 1, &response));
    assert_true(isnan(rfim__zone_largest_nu(&response)));
    assert_int_equal(rfim__zone_of(&response, 1, 0), RFIM_ZONE_NONE);
    must(context, rfim__subsystem_response(network, 0, RFIM_FAMILY_GAUSSIAN, 1, &response));
    assert_int_equal(rfim__zone_of(&response, (double)NAN, 0), RFIM_ZONE_NONE);
    rfim_network_free(network);
    rfim_context_free(context);
}

static void zones_have_names(void **state)
{
    (void)state;
    assert_string_equal(rfim_zone_name(RFIM_ZONE_DEAD), "dead");
    assert_string_equal(rfim_zone_name(RFIM_ZONE_SATURATED), "saturated");
    assert_string_equal(rfim_zone_name(RFIM_ZONE_LINEAR), "linear");
    assert_string_equal(rfim_zone_name(RFIM_ZONE_ACTIVE), "active");
    assert_string_equal(rfim_zone_name(RFIM_ZONE_NONE), "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relu_neurons_that_never_fire_are_dead),
        cmocka_unit_test(relu_neurons_below_zero_are_dead_whatever_omega),
        cmocka_unit_test(tanh_neurons_far_out_are_saturated_or_dead),
        cmocka_unit_test(classes_of_softmax_have_no_zone),
        cmocka_unit_test(the_largest_nu_is_reached_and_not_passed),
        cmocka_unit_test(activations_from_outside_are_scanned),
        cmocka_unit_test(zones_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
