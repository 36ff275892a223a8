/* Metrics of every kind of subsystem of small networks, through the public functions, against
 * exact enumeration of discrete responses and quadrature of gaussian ones.
 *
 * 1e-12: sums of some hundred terms of order 1 in float64, on both sides. Where only the oracle's
 * Hessian knows the response, its differences give 1e-11. */
#include "subsystem/oracle.h"

#define EXACT 1e-12
#define BY_HESSIAN 1e-10

static void check(const char *text, rfim_metric_options options, double tolerance)
{
    api a = api_open(text, RFIM_DOUBLE, 7, 11 + strlen(text));
    check_metric(&a, options, tolerance);
    api_close(&a);
}

/* No pre-activation of the first module is so near to 0 that a difference crosses a kink. */
static bool is_away_from_kinks(const api *a)
{
    const rfim__slot *slot = &a->trace->slots[0];
    double *t = read_matrix(a, slot->pre);
    bool away = true;
    for (size_t k = 0; k < slot->pre.rows * slot->pre.columns; k++)
        away = away && fabs(t[k]) > .2;
    free(t);
    return away;
}

/* --- one neuron, a group, a layer ------------------------------------------------------------- */

static const char *const activations[] = {"linear",       "relu",     "relu iota=0.1 omega=0.5",
                                          "relu omega=0", "elu",      "elu alpha=1.6",
                                          "tanh",         "sigm",     "gelu",
                                          "silu",         "softplus", "softplus iota=0.2 omega=0.5",
                                          "sin"};
#define ACTIVATIONS (sizeof activations / sizeof *activations)

static void one_neuron(void **state)
{
    (void)state;
    for (size_t f = 0; f < ACTIVATIONS; f++) {
        char text[96];
        rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
        snprintf(text, sizeof text, "input 4; linear 1 %s; linear 2; loss squared", activations[f]);
        check(text, options, EXACT);
        options.family = RFIM_FAMILY_GAUSSIAN;
        options.sigma = .4;
        check(text, options, EXACT);
    }
}

static void canonical_responses(void **state)
{
    static const char *const increasing[] = {"tanh",
                                             "sigm",
                                             "linear",
                                             "relu iota=0.1 omega=0.5",
                                             "elu",
                                             "softplus",
                                             "softplus iota=0.2 omega=0.5"};
    (void)state;
    for (size_t f = 0; f < sizeof increasing / sizeof *increasing; f++) {
        char text[96];
        rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
        snprintf(text, sizeof text, "input 3; linear 2 %s; linear 2; loss squared", increasing[f]);
        options.family = RFIM_FAMILY_CANONICAL;
        options.sigma = .3; /* is of no matter */
        api a = api_open(text, RFIM_DOUBLE, 4, f);
        for (uint64_t seed = 100; !is_away_from_kinks(&a); seed++) {
            api_close(&a);
            a = api_open(text, RFIM_DOUBLE, 4, seed);
        }
        check_metric(&a, options, f < 2 ? EXACT : BY_HESSIAN);
        api_close(&a);
    }
}

static void a_group_of_neurons(void **state)
{
    static const char *const texts[] = {"input 3; linear 5 tanh; linear 3; loss softmax",
                                        "input 3; linear 5 elu; linear 4 relu; loss squared",
                                        "input 3; linear 5; loss softmax"};
    (void)state;
    for (size_t t = 0; t < 3; t++)
        for (int response = 0; response < 3; response++) {
            rfim_metric_options options = asked(0, 0, (rfim_response)response, RFIM_DENSE);
            options.first_output = 1;
            options.outputs = 3;
            if (t != 2 || response != RFIM_RESPONSE_NEXT)
                check(texts[t], options, EXACT);
            options.representation = RFIM_GRAM;
            if (t != 2 || response != RFIM_RESPONSE_NEXT)
                check(texts[t], options, EXACT);
        }
}

static void the_rest_of_a_layer(void **state)
{
    (void)state;
    api a = api_open("input 3; linear 5 tanh; linear 2; loss squared", RFIM_DOUBLE, 6, 5);
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
    rfim_metric_options found;
    options.first_output = 3; /* and outputs 0: all from there */
    rfim_metric *metric = metric_of(&a, options);
    rfim_metric_options_get(metric, &found);
    assert_int_equal(found.outputs, 2);
    assert_int_equal(rfim_metric_order(metric), 8);
    rfim_metric_free(metric);
    options.outputs = 2;
    check_metric(&a, options, EXACT);
    api_close(&a);
}

/* Every representation that is exact for it */
static void layers(void **state)
{
    static const rfim_representation exact[] = {RFIM_DENSE, RFIM_NEURON, RFIM_GRAM};
    (void)state;
    for (size_t f = 0; f < ACTIVATIONS; f++) {
        char text[96];
        snprintf(text, sizeof text, "input 3; linear 4 %s; linear 2; loss squared", activations[f]);
        for (size_t r = 0; r < 3; r++)
            check(text, asked(0, 0, RFIM_RESPONSE_OWN, exact[r]), EXACT);
    }
    const char *linear = "input 3; linear 4; linear 2; loss squared";
    check(linear, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_SHARED), EXACT);
    check(linear, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_KRONECKER), EXACT);
    rfim_metric_options narrow = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_SHARED);
    narrow.sigma = .3;
    check(linear, narrow, EXACT);
}

static void a_soft_max_layer(void **state)
{
    static const rfim_representation exact[] = {RFIM_DENSE, RFIM_SOFTMAX, RFIM_GRAM};
    (void)state;
    for (size_t r = 0; r < 3; r++) {
        check("input 3; linear 4; loss softmax", asked(0, 0, RFIM_RESPONSE_OWN, exact[r]), EXACT);
        check("input 3; linear 4; loss softmax", asked(0, 0, RFIM_RESPONSE_NETWORK, exact[r]),
              EXACT);
        rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, exact[r]);
        options.family = RFIM_FAMILY_CATEGORICAL;
        check("input 3; linear 4; linear 2; loss squared", options, EXACT);
    }
}

/* --- more than one module --------------------------------------------------------------------- */

static void responses_further_on(void **state)
{
    static const char *const texts[] = {
        "input 3; linear 3 tanh; linear 3 elu; linear 3; loss softmax",
        "input 3; linear 4 relu; linear 2 sigm; linear 2 relu; loss squared",
        "input 3; linear 3 gelu; activation sin; linear 2 softplus; linear 3 tanh; loss squared",
        "input 3; linear 3 silu; batchnorm; linear 3; loss sigmoid",
    };
    (void)state;
    for (size_t t = 0; t < 4; t++)
        for (int response = 0; response < 3; response++)
            for (size_t r = 0; r < 2; r++) {
                rfim_metric_options options = asked(0, 0, (rfim_response)response,
                                                    r ? RFIM_GRAM : RFIM_DENSE);
                options.sigma = 1.3;
                check(texts[t], options, EXACT);
            }
}

static void batch_normalisation(void **state)
{
    static const char *const texts[] = {
        "input 3; linear 4 relu; batchnorm; linear 3; loss softmax",             /* after */
        "input 3; linear 4; batchnorm; activation tanh; linear 3; loss squared", /* before */
        "input 3; linear 4; batchnorm; activation relu; linear 3; loss softmax",
    };
    (void)state;
    for (size_t t = 0; t < 3; t++)
        for (int response = 0; response < 3; response++)
            for (size_t r = 0; r < 2; r++) {
                rfim_representation representation = r ? RFIM_GRAM : RFIM_DENSE;
                check(texts[t], asked(1, 1, (rfim_response)response, representation), EXACT);
                check(texts[t], asked(0, 1, (rfim_response)response, representation), EXACT);
                if (t > 0) /* with the activation that follows */
                    check(texts[t], asked(1, 2, (rfim_response)response, representation), EXACT);
            }
    check(texts[0], asked(1, 1, RFIM_RESPONSE_OWN, RFIM_NEURON), EXACT);
    check(texts[1], asked(1, 2, RFIM_RESPONSE_OWN, RFIM_NEURON), EXACT);
}

/* Its classes are read off the channels: one part that is no layer. */
static void batch_normalisation_that_is_last(void **state)
{
    (void)state;
    const char *text = "input 3; linear 4; batchnorm; loss softmax";
    for (size_t r = 0; r < 2; r++) {
        rfim_representation representation = r ? RFIM_GRAM : RFIM_DENSE;
        check(text, asked(1, 1, RFIM_RESPONSE_OWN, representation), EXACT);
        check(text, asked(1, 1, RFIM_RESPONSE_NETWORK, representation), EXACT);
        check(text, asked(0, 1, RFIM_RESPONSE_NETWORK, representation), EXACT);
    }
}

static void many_modules(void **state)
{
    static const char *const texts[] = {
        "input 3; linear 3 tanh; linear 3 elu; linear 2 relu; linear 3; loss softmax",
        "input 2; linear 3 relu; batchnorm; linear 3 sin; linear 2; loss sigmoid",
        "input 3; batchnorm; linear 3; batchnorm; activation elu; linear 3 softplus; loss squared",
    };
    (void)state;
    for (size_t t = 0; t < 3; t++)
        for (int response = 0; response < 3; response++)
            for (size_t r = 0; r < 2; r++) {
                rfim_representation representation = r ? RFIM_GRAM : RFIM_DENSE;
                size_t count = t == 2 ? 5 : 4;
                check(texts[t], asked(0, 2, (rfim_response)response, representation), EXACT);
                if (response != RFIM_RESPONSE_NEXT) {
                    check(texts[t], asked(0, count - 1, (rfim_response)response, representation),
                          EXACT);
                    check(texts[t], asked(1, count - 1, (rfim_response)response, representation),
                          EXACT);
                }
            }
}

/* --- the input as the parameter --------------------------------------------------------------- */

static void the_input_of_a_module(void **state)
{
    static const char *const texts[] = {
        "input 4; linear 3 tanh; linear 3 elu; linear 3; loss softmax",
        "input 3; linear 4 relu; batchnorm; linear 2 sigm; loss squared",
    };
    (void)state;
    for (size_t t = 0; t < 2; t++)
        for (size_t first = 0; first < 2; first++)
            for (int response = 0; response < 3; response++)
                for (size_t r = 0; r < 3; r++) {
                    static const rfim_representation exact[] = {RFIM_DENSE, RFIM_GRAM,
                                                                RFIM_KRONECKER};
                    rfim_metric_options options = asked(first, first, (rfim_response)response,
                                                        exact[r]);
                    options.variable = RFIM_VARIABLE_INPUT;
                    check(texts[t], options, EXACT);
                }
}

/* The options that are read back make the same metric again. */
static void options_that_are_read_back(void **state)
{
    (void)state;
    api a = api_open("input 4; linear 3 tanh; linear 2; loss softmax", RFIM_DOUBLE, 5, 3);
    for (int variable = 0; variable < 2; variable++) {
        rfim_metric_options options = asked(1, 1, RFIM_RESPONSE_NETWORK, RFIM_DENSE);
        rfim_metric_options found;
        options.variable = (rfim_variable)variable;
        rfim_metric *metric = empty_metric(&a, options);
        rfim_metric_options_get(metric, &found);
        rfim_metric *again = empty_metric(&a, found);
        assert_int_equal(rfim_metric_order(again), rfim_metric_order(metric));
        rfim_metric_free(again);
        rfim_metric_free(metric);
    }
    api_close(&a);
}

/* --- many samples, one's own activation ------------------------------------------------------- */

/* Observations come in pieces of at most 512. */
static void more_samples_than_a_piece(void **state)
{
    static const char *const texts[] = {"input 2; linear 3 elu; linear 2 tanh; loss squared",
                                        "input 2; linear 3; batchnorm; linear 2; loss softmax"};
    (void)state;
    for (size_t t = 0; t < 2; t++) {
        api a = api_open(texts[t], RFIM_DOUBLE, 1100, 31);
        for (int response = 0; response < 3; response++)
            for (size_t first = 0; first < (t == 0 ? 1 : 2); first++)
                check_metric(&a, asked(first, first, (rfim_response)response, RFIM_DENSE), EXACT);
        check_metric(&a, asked(t + 1, t + 1, RFIM_RESPONSE_OWN, RFIM_DENSE), EXACT);
        api_close(&a);
    }
}

static double bent(void *user, double t)
{
    return t + *(const double *)user * t * t * t / 3;
}

static double bent_derivative(void *user, double t)
{
    return 1 + *(const double *)user * t * t;
}

static void an_activation_of_ones_own(void **state)
{
    double user = .5;
    rfim_activation bend = {.name = "bend",
                            .value = bent,
                            .derivative = bent_derivative,
                            .increasing = 1,
                            .user = &user};
    (void)state;
    for (int increasing = 0; increasing < 2; increasing++) {
        api a = {.state = 9, .samples = 6};
        rfim_network_options precision;
        rfim_network_defaults(&precision);
        precision.precision = RFIM_DOUBLE;
        bend.increasing = increasing;
        assert_int_equal(rfim_context_create(NULL, &a.context), RFIM_OK);
        assert_ok(&a, rfim_activation_register(a.context, &bend));
        assert_ok(&a, rfim_network_create(a.context,
                                          "input 3; linear 3 bend; linear 2 bend; loss squared",
                                          &precision, &a.network));
        make_up_parameters(&a);
        a.x = made_up_numbers(&a, 18);
        assert_ok(&a, rfim_trace_create(a.network, 6, &a.trace));
        assert_ok(&a, rfim_trace_forward(a.trace, rfim_doubles(a.x, 6, 3)));
        rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE);
        check_metric(&a, options, EXACT);
        check_metric(&a, asked(0, 1, RFIM_RESPONSE_NETWORK, RFIM_DENSE), EXACT);
        options.family = RFIM_FAMILY_CANONICAL;
        if (increasing) {
            check_metric(&a, options, BY_HESSIAN);
        } else {
            rfim_metric *metric = NULL;
            assert_refused(&a, rfim_metric_create(a.network, &options, &metric),
                           RFIM_ERROR_UNSUPPORTED, "without `increasing`");
        }
        api_close(&a);
    }
}

/* --- precisions ------------------------------------------------------------------------------- */

/* 1e-5: float32 rounds at 6e-8, the numbers are of order 1, sums have some hundred terms. */
static void single_precision(void **state)
{
    static const char *const texts[] = {
        "input 3; linear 3 tanh; linear 3 elu; linear 3; loss softmax",
        "input 3; linear 4 relu; batchnorm; linear 2 sigm; loss squared",
    };
    (void)state;
    for (size_t t = 0; t < 2; t++)
        for (int response = 0; response < 3; response++)
            for (size_t r = 0; r < 2; r++) {
                api a = api_open(texts[t], RFIM_SINGLE, 9, 77 + t);
                rfim_representation representation = r ? RFIM_GRAM : RFIM_DENSE;
                check_metric(&a, asked(0, 0, (rfim_response)response, representation), 1e-5);
                check_metric(&a, asked(0, 1, (rfim_response)response, representation), 1e-5);
                api_close(&a);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_neuron),
        cmocka_unit_test(canonical_responses),
        cmocka_unit_test(a_group_of_neurons),
        cmocka_unit_test(the_rest_of_a_layer),
        cmocka_unit_test(layers),
        cmocka_unit_test(a_soft_max_layer),
        cmocka_unit_test(responses_further_on),
        cmocka_unit_test(batch_normalisation),
        cmocka_unit_test(batch_normalisation_that_is_last),
        cmocka_unit_test(many_modules),
        cmocka_unit_test(the_input_of_a_module),
        cmocka_unit_test(options_that_are_read_back),
        cmocka_unit_test(more_samples_than_a_piece),
        cmocka_unit_test(an_activation_of_ones_own),
        cmocka_unit_test(single_precision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
