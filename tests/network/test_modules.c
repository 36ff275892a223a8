/* Modules by number and by name, and the module without parameters: its text, its name, files,
 * training by every method, and what is said of mistakes. */
#include "network/scarce_memory.h"
#include "network/small_network.h"

#include <rfim/optimizer.h>
#include <stdio.h>

#define MIXED "input 4; activation sin; linear 6; batchnorm; activation relu iota=0.1; linear 3"

static void modules_have_names_and_shapes(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = small_network(context, MIXED, RFIM_SINGLE, 1);
    static const struct {
        const char *name;
        size_t rows, outputs;
    } expected[] = {{"activation0", 0, 4},
                    {"layer1", 5, 6},
                    {"norm1", 2, 6},
                    {"activation1", 0, 6},
                    {"layer2", 7, 3}};
    assert_int_equal(rfim_network_modules(network), 5);
    for (size_t l = 0; l < 5; l++) {
        size_t rows = 99;
        size_t outputs = 99;
        size_t index = 99;
        assert_string_equal(rfim_network_module_name(network, l), expected[l].name);
        must(context, rfim_network_module_shape(network, l, &rows, &outputs));
        must(context, rfim_network_module_find(network, expected[l].name, &index));
        assert_int_equal(rows, expected[l].rows);
        assert_int_equal(outputs, expected[l].outputs);
        assert_int_equal(index, l);
        index = 99;
        assert_true(rfim__module_find(network, expected[l].name, &index));
        assert_int_equal(index, l);
    }
    rfim_network_free(network);
    rfim_context_free(context);
}

static void unknown_modules_get_the_nearest_name(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = small_network(context, MIXED, RFIM_SINGLE, 1);
    size_t index = 99;
    size_t rows = 99;
    refused(context, rfim_network_module_find(network, "layer3", &index), RFIM_ERROR_ARGUMENT,
            "no module `layer3`");
    refused(context, rfim_network_module_find(network, "nrom1", &index), RFIM_ERROR_ARGUMENT,
            "nearest is `norm1`");
    refused(context, rfim_network_module_find(network, "", &index), RFIM_ERROR_ARGUMENT, "``");
    refused(context, rfim_network_module_shape(network, 5, &rows, &index), RFIM_ERROR_ARGUMENT,
            "has 5 modules");
    assert_null(rfim_network_module_name(network, 5));
    assert_false(rfim__module_find(network, "layer3", &index));
    assert_int_equal(rfim_network_module_find(NULL, "a", &index), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_network_module_find(network, NULL, &index), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_network_module_shape(network, 0, NULL, &index), RFIM_ERROR_ARGUMENT);
    assert_int_equal(index, 99);
    rfim_network_free(network);
    rfim_context_free(context);
}

static void activations_stand_in_the_text(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    static const char *const texts[][2] = {
        {MIXED, MIXED "; loss softmax"},
        {"input 4; linear 5 tanh; activation linear; linear 3; activation softplus omega=0.5; "
         "loss squared",
         NULL},
    };
    for (size_t k = 0; k < 2; k++) {
        rfim_network *network = small_network(context, texts[k][0], RFIM_SINGLE, 1);
        assert_string_equal(rfim_network_text(network), texts[k][k == 0]);
        rfim_network_free(network);
    }
    rfim_context_free(context);
}

static void mistakes_get_a_sentence(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    static const struct {
        const char *text, *words;
    } mistakes[] = {
        {"input 3; linear 2; activation", "`activation relu`"},
        {"input 3; linear 2; activation rleu", "nearest is `relu`"},
        {"input 3; linear 2; activation 4", "no activation `4`"},
        {"input 3; linear 2; activation relu omega=-1", "omega=-1"},
        {"input 3; linear 2; activation relu tanh", "`tanh`"},
        {"input 3; linear 2; actviation relu", "nearest is `activation`"},
        {"activation relu; input 3; linear 2", "`input N`"},
        {"input 3; activation relu", "no `linear`"},
        {"input 3; linear 2; activation relu; activation tanh; linear 2", "two `activation`"},
        {"input 3; linear 2; batchnorm; activation tanh; batchnorm; linear 2", "two `batchnorm`"},
        {"input 3; linear 2; activation tanh", "linear last module, found `tanh`"},
        {"input 3; linear 2; activation sigm; loss sigmoid", "linear last module, found `sigm`"},
    };
    for (size_t m = 0; m < sizeof mistakes / sizeof *mistakes; m++) {
        rfim_network *network = (rfim_network *)context; /* must become NULL */
        refused(context, rfim_network_create(context, mistakes[m].text, NULL, &network),
                RFIM_ERROR_ARGUMENT, mistakes[m].words);
        assert_null(network);
    }
    rfim_context_free(context);
}

/* It adds nothing to what is trained or stored. */
static void a_module_without_parameters_has_no_tensors(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = small_network(context, MIXED, RFIM_SINGLE, 1);
    rfim_tensor_info info;
    assert_int_equal(rfim_network_parameters(network), 5 * 6 + 2 * 6 + 7 * 3);
    assert_int_equal(rfim_network_tensors(network), 8);
    for (size_t t = 0; t < 8; t++) {
        must(context, rfim_network_tensor_info(network, t, &info));
        assert_null(strstr(info.name, "activation"));
    }
    rfim_network_free(network);
    rfim_context_free(context);
}

typedef struct run {
    double *numbers;
    size_t count;
} run;

static void listen(void *user, rfim_log_level level, const char *message)
{
    (void)level;
    if (strstr(message, "activation"))
        ++*(size_t *)user;
}

/* Weights after twelve steps. */
static run train(const char *text, rfim_method method, double momentum)
{
    static const int32_t classes[] = {0, 1, 2, 1, 0, 2, 2, 1};
    rfim_context_options settings;
    rfim_context *context = NULL;
    size_t mentions = 0;
    rfim_context_defaults(&settings);
    settings.log = listen;
    settings.log_user = &mentions;
    assert_int_equal(rfim_context_create(&settings, &context), RFIM_OK);
    rfim_network *network = small_network(context, text, RFIM_DOUBLE, 7);
    double *start = make_normal(6, 0.4, all_numbers(network)); /* the same for both */
    write_all(network, start);
    free(start);
    rfim_trace *trace = NULL;
    rfim_optimizer *optimizer = NULL;
    rfim_optimizer_options options;
    double *inputs = make_normal(5, 1, 8 * 4);
    double loss = 0;
    rfim_optimizer_defaults(method, &options);
    options.momentum = momentum;
    options.l2 = 0.01;
    options.weight_decay = 0.01;
    options.refresh_every = 1;
    options.shared_nu = RFIM_NU_ONE;
    must(context, rfim_trace_create(network, 8, &trace));
    must(context, rfim_optimizer_create(trace, &options, &optimizer));
    for (int step = 0; step < 12; step++) {
        must(context, rfim_trace_forward(trace, rfim_doubles(inputs, 8, 4)));
        must(context, rfim_trace_loss(trace, rfim_labels(classes, 8), &loss));
        must(context, rfim_trace_backward(trace));
        must(context, rfim_optimizer_step(optimizer, trace));
    }
    run out = {read_all(network), all_numbers(network)};
    assert_int_equal(mentions, 0);
    rfim_optimizer_free(optimizer);
    rfim_trace_free(trace);
    rfim_network_free(network);
    rfim_context_free(context);
    free(inputs);
    return out;
}

/* `linear 6; activation tanh` is `linear 6 tanh` for SGD and Adam, bit by bit. For RNGD the
 * response of the layer is another one: its t, without the tanh. With the representation `shared`
 * that reads the inputs alone (nu 1), that is the same again. The log does not mention it. */
static void an_activation_apart_trains_as_one_within(void **state)
{
    (void)state;
    static const rfim_method methods[] = {RFIM_SGD, RFIM_ADAM, RFIM_RNGD};
    for (size_t k = 0; k < 3; k++) {
        for (int momentum = 0; momentum < 2; momentum++) {
            double factor = methods[k] == RFIM_ADAM ? 0 : 0.5 * momentum;
            run apart = train("input 4; linear 6; activation tanh; linear 3", methods[k], factor);
            run within = train("input 4; linear 6 tanh; linear 3", methods[k], factor);
            assert_int_equal(apart.count, within.count);
            assert_memory_equal(apart.numbers, within.numbers, apart.count * sizeof(double));
            free(apart.numbers);
            free(within.numbers);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modules_have_names_and_shapes),
        cmocka_unit_test(unknown_modules_get_the_nearest_name),
        cmocka_unit_test(activations_stand_in_the_text),
        cmocka_unit_test(mistakes_get_a_sentence),
        cmocka_unit_test(a_module_without_parameters_has_no_tensors),
        cmocka_unit_test(an_activation_apart_trains_as_one_within),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
