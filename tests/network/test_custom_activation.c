/* Activations from outside the library: registered, used in every pass, saved and loaded, refused.
 */
#include "network/one_number.h"
#include "network/scarce_memory.h"

#include <rfim/io.h>
#include <stdio.h>
#include <unistd.h>

/* tanh once more, shifted by *user; counts its calls. */
typedef struct shifted {
    double by;
    size_t calls;
} shifted;

static double value(void *user, double t)
{
    shifted *s = user;
    s->calls++;
    return tanh(t + s->by);
}

static double derivative(void *user, double t)
{
    double h = value(user, t);
    return 1 - h * h;
}

static double second(void *user, double t)
{
    double h = value(user, t);
    return -2 * h * (1 - h * h);
}

static rfim_activation shifted_tanh(shifted *user, const char *name)
{
    rfim_activation f = {.name = name,
                         .value = value,
                         .derivative = derivative,
                         .second_derivative = second,
                         .increasing = 1,
                         .user = user};
    return f;
}

static rfim_context *context_with(shifted *user, const char *name)
{
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_activation f = shifted_tanh(user, name);
    must(context, rfim_activation_register(context, &f));
    return context;
}

/* With a shift of 0 it is the library's tanh: gradients and predictions agree, to the difference
 * between 1 - h^2 and the library's form of it. */
static void it_works_in_every_pass_as_one_of_the_librarys_own(void **state)
{
    (void)state;
    shifted user = {0};
    rfim_context *context = context_with(&user, "my_tanh2");
    double *inputs = make_normal(3, 1, 4 * 3);
    static const int32_t classes[] = {0, 1, 1, 0};
    double *gradients[2];
    double outputs[2][4 * 2];
    size_t count = 0;
    for (size_t n = 0; n < 2; n++) {
        rfim_network *network = small_network(context, n == 0 ? "3-5-4-2 tanh" : "3-5-4-2 my_tanh2",
                                              RFIM_DOUBLE, 9);
        rfim_trace *trace = NULL;
        double loss = 0;
        count = all_numbers(network);
        must(context, rfim_trace_create(network, 4, &trace));
        must(context, rfim_trace_forward(trace, rfim_doubles(inputs, 4, 3)));
        must(context, rfim_trace_loss(trace, rfim_labels(classes, 4), &loss));
        must(context, rfim_trace_backward(trace));
        gradients[n] = read_gradients(trace);
        must(context, rfim_network_predict(network, rfim_doubles(inputs, 4, 3), outputs[n]));
        rfim_trace_free(trace);
        rfim_network_free(network);
    }
    assert_true(user.calls > 0);
    assert_true(largest_of(gradients[0], count) > 0.01);
    for (size_t k = 0; k < count; k++)
        assert_true(fabs(gradients[0][k] - gradients[1][k]) <= 1e-15);
    for (size_t k = 0; k < 8; k++)
        assert_true(fabs(outputs[0][k] - outputs[1][k]) <= 1e-15);
    free(gradients[0]);
    free(gradients[1]);
    free(inputs);
    rfim_context_free(context);
}

/* In single precision it is computed in float64 and rounded. */
static void kernels_run_through_its_functions_in_both_precisions(void **state)
{
    (void)state;
    shifted user = {0.3, 0};
    rfim_context *context = context_with(&user, "shifted");
    rfim__activation f = one_activation(context, "shifted");
    for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
        rfim__algebra *algebra = NULL;
        double unit = precision == RFIM_SINGLE ? 0x1p-24 : 0;
        must(context, rfim__algebra_create_cpu(context, (rfim_precision)precision, &algebra));
        for (double t = -4; t <= 4; t += 0.25) {
            double expected[] = {value(&user, t), derivative(&user, t), second(&user, t),
                                 derivative(&user, t)};
            for (int k = VALUE; k <= SLOPE; k++) {
                double found = one_number(algebra, (one_number_kernel)k, &f, t);
                assert_true(fabs(found - expected[k]) <= unit * fabs(expected[k]));
            }
        }
        rfim__algebra_free(algebra);
    }
    assert_true(rfim__activation_is_increasing(&f));
    rfim_context_free(context);
}

/* The differences' own error is 3e-14 of the sixth derivative of f (up to 300 for tanh) and 2e-13
 * of rounding. */
static void without_a_second_derivative_differences_stand_in(void **state)
{
    (void)state;
    shifted user = {0};
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_activation given = shifted_tanh(&user, "rough");
    given.second_derivative = NULL;
    given.increasing = 0;
    must(context, rfim_activation_register(context, &given));
    rfim__activation f = one_activation(context, "rough");
    assert_false(rfim__activation_is_increasing(&f));
    for (double t = -40; t <= 40; t += 0.125)
        assert_true(fabs(rfim__custom_second(f.custom, t) - second(&user, t)) <= 2e-11);
    assert_true(isfinite(rfim__custom_second(f.custom, 1e300)));
    rfim_context_free(context);
}

static void networks_stay_valid_when_more_are_registered(void **state)
{
    (void)state;
    shifted users[40] = {{0}};
    rfim_context *context = context_with(&users[0], "f0");
    rfim_network *network = small_network(context, "2-3-1 f0", RFIM_DOUBLE, 1);
    double inputs[] = {0.5, -0.25};
    double before[1];
    double after[1];
    network->loss = RFIM_LOSS_SQUARED;
    must(context, rfim_network_predict(network, rfim_doubles(inputs, 1, 2), before));
    for (size_t k = 1; k < 40; k++) {
        char name[16];
        snprintf(name, sizeof name, "f%zu", k);
        users[k].by = (double)k;
        rfim_activation f = shifted_tanh(&users[k], name);
        must(context, rfim_activation_register(context, &f));
    }
    must(context, rfim_network_predict(network, rfim_doubles(inputs, 1, 2), after));
    assert_true(before[0] == after[0]);
    for (size_t k = 0; k < 40; k++) {
        char name[16];
        snprintf(name, sizeof name, "f%zu", k);
        rfim__activation f = one_activation(context, name);
        assert_ptr_equal(f.custom->told.user, &users[k]);
        assert_string_equal(rfim__activation_label(&f), name);
    }
    rfim_network_free(network);
    rfim_context_free(context);
}

static void model_files_name_it_and_a_stranger_is_told(void **state)
{
    (void)state;
    shifted user = {0.1, 0};
    char path[64];
    snprintf(path, sizeof path, "/tmp/rfim-custom-%ld.safetensors", (long)getpid());
    rfim_context *context = context_with(&user, "shifted_15_char");
    rfim_network *network = small_network(context, "3-4-2 shifted_15_char", RFIM_SINGLE, 5);
    rfim_network *again = NULL;
    must(context, rfim_network_save(network, path));
    must(context, rfim_network_load(context, path, &again));
    assert_string_equal(rfim_network_text(again), rfim_network_text(network));
    double inputs[] = {1, 2, 3};
    double outputs[2][2];
    must(context, rfim_network_predict(network, rfim_doubles(inputs, 1, 3), outputs[0]));
    must(context, rfim_network_predict(again, rfim_doubles(inputs, 1, 3), outputs[1]));
    assert_memory_equal(outputs[0], outputs[1], sizeof outputs[0]);
    rfim_network_free(network);
    rfim_network_free(again);
    rfim_context_free(context);

    rfim_context *stranger = small_context(RFIM_KERNELS_AUTOMATIC);
    again = (rfim_network *)stranger; /* must become NULL */
    refused(stranger, rfim_network_load(stranger, path, &again), RFIM_ERROR_FORMAT,
            "no activation `shifted_15_char`");
    assert_non_null(strstr(rfim_context_error(stranger), path));
    assert_non_null(strstr(rfim_context_error(stranger), "rfim_activation_register"));
    assert_null(again);
    rfim_context_free(stranger);
    remove(path);
}

static void its_name_is_copied_and_counts_among_the_known_ones(void **state)
{
    (void)state;
    shifted user = {0};
    char name[] = "squircle";
    rfim_context *context = context_with(&user, name);
    rfim_network *network = NULL;
    memset(name, 'x', 3);
    refused(context, rfim_network_create(context, "3-4-2 squirle", NULL, &network),
            RFIM_ERROR_ARGUMENT, "nearest is `squircle`");
    refused(context, rfim_network_create(context, "3-4-2 squircle iota=0.1", NULL, &network),
            RFIM_ERROR_ARGUMENT, "no setting of `squircle`");
    refused(context, rfim_network_create(context, "input 3; linear 2 squircle", NULL, &network),
            RFIM_ERROR_ARGUMENT, "found `squircle`");
    rfim_context_free(context);
}

static void refuses(rfim_context *context, rfim_activation f, const char *words)
{
    refused(context, rfim_activation_register(context, &f), RFIM_ERROR_ARGUMENT, words);
}

static void bad_registrations_are_refused(void **state)
{
    (void)state;
    shifted user = {0};
    rfim_context *context = context_with(&user, "mine");
    assert_int_equal(rfim_activation_register(NULL, NULL), RFIM_ERROR_ARGUMENT);
    refused(context, rfim_activation_register(context, NULL), RFIM_ERROR_ARGUMENT, "needs a name");
    static const char *const names[] = {
        "", "1st", "_a", "a-b", "a b", "a=1", "a;b", "sixteen_letters_", "caf\xc3\xa9"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        refuses(context, shifted_tanh(&user, names[k]), "at most 15");
    static const char *const taken[] = {"mine", "relu", "softplus", "linear", "bna"};
    for (size_t k = 0; k < sizeof taken / sizeof *taken; k++)
        refuses(context, shifted_tanh(&user, taken[k]), "is taken");
    refuses(context, shifted_tanh(&user, NULL), "needs a name");
    rfim_activation f = shifted_tanh(&user, "other");
    f.value = NULL;
    refuses(context, f, "a value");
    f = shifted_tanh(&user, "other");
    f.derivative = NULL;
    refuses(context, f, "a derivative");
    rfim_context_free(context);
}

static void memory_that_runs_out_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    shifted user = {0};
    scarce_memory memory = {0};
    rfim_context *context = scarce_context(&memory);
    rfim_activation f = shifted_tanh(&user, "late");
    memory.fails = memory.calls + 1;
    refused(context, rfim_activation_register(context, &f), RFIM_ERROR_MEMORY, "memory");
    must(context, rfim_activation_register(context, &f)); /* the name was not taken by that */
    rfim_context_free(context);
    assert_int_equal(memory.blocks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_works_in_every_pass_as_one_of_the_librarys_own),
        cmocka_unit_test(kernels_run_through_its_functions_in_both_precisions),
        cmocka_unit_test(without_a_second_derivative_differences_stand_in),
        cmocka_unit_test(networks_stay_valid_when_more_are_registered),
        cmocka_unit_test(model_files_name_it_and_a_stranger_is_told),
        cmocka_unit_test(its_name_is_copied_and_counts_among_the_known_ones),
        cmocka_unit_test(bad_registrations_are_refused),
        cmocka_unit_test(memory_that_runs_out_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
