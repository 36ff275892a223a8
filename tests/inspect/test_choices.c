/* What is collected where what was asked for cannot be, and what is refused. */
#include "inspected.h"

#define SAMPLES 300

static const char text[] = "input 6; linear 5 tanh; linear 4; linear 3; loss softmax";

static rfim_inspect_options defaults(void)
{
    rfim_inspect_options options;
    rfim_inspect_defaults(&options);
    return options;
}

/* Bytes of a metric of module 0. */
static size_t bytes_of(const subject *s, rfim_representation representation)
{
    rfim_metric_options options;
    rfim_metric_plan plan;
    rfim_metric_defaults(&options);
    options.representation = representation;
    must(s->context, rfim_metric_plan_get(s->network, &options, &plan));
    return (size_t)plan.bytes;
}

static void what_fits_is_taken_and_noted(void **state)
{
    (void)state;
    subject s = subject_of("input 60; linear 50 tanh; linear 3; loss softmax", RFIM_DOUBLE,
                           SAMPLES);
    rfim_inspect_options options = defaults();
    options.module = "layer1";
    options.max_bytes = bytes_of(&s, RFIM_NEURON);
    rfim_inspection *inspection = look(&s, &options);
    assert_int_equal(told_of(inspection, 0).representation, RFIM_NEURON);
    assert_string_equal(told_of(inspection, 0).note, "");
    rfim_inspection_free(inspection);

    options.max_bytes--;
    inspection = look(&s, &options);
    rfim_inspected told = told_of(inspection, 0);
    assert_int_equal(told.representation, RFIM_SHARED);
    assert_non_null(strstr(told.note, "neuron would take"));
    assert_non_null(strstr(told.note, "taken as a linear layer"));
    /* shared counts its copies: each eigenvalue once for every neuron */
    assert_int_equal(told.order, 61 * 50);
    assert_int_equal(told.block_order, 61);
    for (size_t j = 1; j < 50; j++)
        assert_true(rfim_inspection_spectrum(inspection, 0)[j] == told.largest);
    rfim_inspection_free(inspection);
    subject_free(&s);
}

static void linear_modules_and_channels_take_what_is_exact(void **state)
{
    (void)state;
    subject s = subject_of("input 6; linear 5; batchnorm; activation relu; linear 3; loss squared",
                           RFIM_DOUBLE, SAMPLES);
    rfim_inspect_options options = defaults();
    rfim_inspection *inspection = look(&s, &options);
    assert_int_equal(rfim_inspection_count(inspection), 3); /* an activation has no parameters */
    assert_int_equal(told_of(inspection, 0).representation, RFIM_SHARED);
    assert_int_equal(told_of(inspection, 1).representation, RFIM_NEURON);
    assert_string_equal(told_of(inspection, 1).name, "norm1");
    assert_int_equal(told_of(inspection, 2).representation, RFIM_SHARED);
    for (size_t u = 0; u < 3; u++) {
        assert_string_equal(told_of(inspection, u).note, "");
        if (u != 1)
            assert_int_equal(told_of(inspection, u).linear, told_of(inspection, u).columns);
    }
    assert_string_equal(told_of(inspection, 1).activation, "relu"); /* of the module behind it */
    assert_true(told_of(inspection, 1).mean_nu < .99);
    rfim_inspection_free(inspection);
    subject_free(&s);
}

static void without_a_name_modules_that_cannot_are_noted(void **state)
{
    (void)state;
    subject s = subject_of(text, RFIM_DOUBLE, SAMPLES);
    rfim_inspect_options options = defaults();
    options.response = RFIM_RESPONSE_NEXT;
    rfim_inspection *inspection = look(&s, &options);
    assert_int_equal(told_of(inspection, 0).response, RFIM_RESPONSE_NEXT);
    assert_int_equal(told_of(inspection, 1).response, RFIM_RESPONSE_NEXT);
    assert_int_equal(told_of(inspection, 2).response, RFIM_RESPONSE_NETWORK);
    assert_non_null(strstr(told_of(inspection, 2).note, "no next module"));
    assert_non_null(strstr(told_of(inspection, 0).note, "without the terms between neurons"));
    rfim_inspection_free(inspection);

    options = defaults();
    options.representation = RFIM_SOFTMAX;
    options.samples = 40;
    inspection = look(&s, &options);
    assert_int_equal(told_of(inspection, 0).representation, RFIM_NEURON);
    assert_non_null(strstr(told_of(inspection, 0).note, "softmax cannot hold"));
    assert_int_equal(told_of(inspection, 2).representation, RFIM_SOFTMAX);
    assert_string_equal(told_of(inspection, 2).note, "");
    rfim_inspection_free(inspection);
    subject_free(&s);
}

static void refuse(const subject *s, const rfim_inspect_options *options, rfim_status status,
                   const char *words)
{
    static char somewhere;
    rfim_inspection *inspection = (rfim_inspection *)(void *)&somewhere;
    refused(s->context, rfim_inspect(s->network, s->dataset, options, &inspection), status, words);
    assert_null(inspection);
}

static void a_named_module_has_what_is_asked_or_is_refused(void **state)
{
    (void)state;
    subject s = subject_of(text, RFIM_DOUBLE, SAMPLES);
    rfim_inspect_options options = defaults();
    options.module = "layer3";
    options.response = RFIM_RESPONSE_NEXT;
    refuse(&s, &options, RFIM_ERROR_UNSUPPORTED, "no response `next`");
    options.response = RFIM_RESPONSE_OWN;
    options.representation = RFIM_SHARED;
    refuse(&s, &options, RFIM_ERROR_UNSUPPORTED, "`shared` cannot hold the metric of layer3");
    options.representation = RFIM_DENSE;
    options.max_bytes = 1000;
    refuse(&s, &options, RFIM_ERROR_MEMORY, "more than the 1 kB allowed");
    options = defaults();
    options.module = "lyer2";
    refuse(&s, &options, RFIM_ERROR_ARGUMENT, "the nearest is layer2");
    subject_free(&s);
}

static void what_no_module_can_have_is_refused(void **state)
{
    (void)state;
    subject s = subject_of("input 6; linear 3 tanh; loss squared", RFIM_DOUBLE, SAMPLES);
    rfim_inspect_options options = defaults();
    options.response = RFIM_RESPONSE_NEXT;
    refuse(&s, &options, RFIM_ERROR_UNSUPPORTED, "no response `next`");
    options.response = RFIM_RESPONSE_OWN;
    options.representation = RFIM_SOFTMAX;
    refuse(&s, &options, RFIM_ERROR_UNSUPPORTED, "`softmax` cannot hold the metric of layer1");
    options.representation = -1;
    options.max_bytes = 10;
    refuse(&s, &options, RFIM_ERROR_MEMORY, "more than the 10 bytes allowed");
    subject_free(&s);

    /* layer2 could be kept as softmax, with more memory: that is the more useful sentence. */
    s = subject_of(text, RFIM_DOUBLE, SAMPLES);
    options = defaults();
    options.representation = RFIM_SOFTMAX;
    options.max_bytes = 100000;
    refuse(&s, &options, RFIM_ERROR_MEMORY, "the metric `softmax` of layer3");
    subject_free(&s);
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    subject s = subject_of(text, RFIM_DOUBLE, SAMPLES);
    rfim_inspect_options options = defaults();
    options.samples = SAMPLES + 1;
    refuse(&s, &options, RFIM_ERROR_ARGUMENT, "the data set has 300 samples, found 301");
    options = defaults();
    options.damping = 0;
    refuse(&s, &options, RFIM_ERROR_ARGUMENT, "a damping above 0");
    options.damping = NAN;
    refuse(&s, &options, RFIM_ERROR_ARGUMENT, "a damping above 0");
    options = defaults();
    options.damping_rule = (rfim_damping_rule)4;
    refuse(&s, &options, RFIM_ERROR_ARGUMENT, "rfim_damping_rule");
    options = defaults();
    options.representation = RFIM_REPRESENTATIONS;
    refuse(&s, &options, RFIM_ERROR_ARGUMENT, "the representation is one of");
    options = defaults();
    options.response = (rfim_response)3;
    refuse(&s, &options, RFIM_ERROR_ARGUMENT, "the response");
    options = defaults();
    options.sigma = 0;
    refuse(&s, &options, RFIM_ERROR_ARGUMENT, "sigma");
    options = defaults();
    options.family = RFIM_FAMILY_CATEGORICAL;
    refuse(&s, &options, RFIM_ERROR_UNSUPPORTED, "cannot be categorical");
    options = defaults();
    options.max_bytes = 0;
    refuse(&s, &options, RFIM_ERROR_ARGUMENT, "at least 1 byte");
    rfim_inspection *inspection = NULL;
    options = defaults();
    assert_int_equal(rfim_inspect(NULL, s.dataset, &options, &inspection), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_inspect(s.network, NULL, &options, &inspection), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_inspect(s.network, s.dataset, NULL, &inspection), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_inspect(s.network, s.dataset, &options, NULL), RFIM_ERROR_ARGUMENT);
    subject_free(&s);
}

static void data_of_another_width_are_refused(void **state)
{
    (void)state;
    subject s = subject_of(text, RFIM_DOUBLE, SAMPLES);
    rfim_inspect_options options = defaults();
    rfim_dataset *narrow = NULL;
    rfim_inspection *inspection = NULL;
    must(s.context, rfim_dataset_from_arrays(s.context, rfim_doubles(s.inputs, SAMPLES, 5),
                                             rfim_no_targets(), &narrow));
    refused(s.context, rfim_inspect(s.network, narrow, &options, &inspection), RFIM_ERROR_SHAPE,
            "the network has 6 inputs, the samples have 5 numbers");
    rfim_dataset_free(narrow);
    subject_free(&s);
}

/* Weights so large that the network overflows. */
static void infinite_metrics_are_told(void **state)
{
    (void)state;
    subject s = subject_of("input 6; linear 5; linear 3; loss squared", RFIM_SINGLE, SAMPLES);
    rfim_inspect_options options = defaults();
    double weight[30];
    for (size_t k = 0; k < 30; k++)
        weight[k] = 1e30;
    must(s.context, rfim_network_tensor_write(s.network, 0, weight));
    refuse(&s, &options, RFIM_DIVERGED, "layer2");
    subject_free(&s);
}

static double itself(void *user, double t)
{
    (void)user;
    return t;
}

static double no_number(void *user, double t)
{
    (void)user;
    (void)t;
    return NAN;
}

/* A derivative that is NaN where nothing but nu, or nothing but the absolute metric, can see it:
 * `shared` reads the inputs alone. */
static void numbers_that_are_none_are_told_whatever_the_representation(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"input 2; linear 3 broken; linear 2", "mean nu of neuron 1 of layer1"},
        {"input 2; linear 3; linear 4 broken; linear 2", "absolute trace of neuron 1 of layer1"},
    };
    static const rfim_activation broken = {
        .name = "broken", .value = itself, .derivative = no_number};
    for (size_t r = 0; r < 2; r++) {
        subject s = subject_of("input 2; linear 2", RFIM_DOUBLE, SAMPLES);
        rfim_inspect_options options = defaults();
        options.module = "layer1";
        options.representation = RFIM_SHARED;
        must(s.context, rfim_activation_register(s.context, &broken));
        rfim_network_free(s.network);
        s.network = small_network(s.context, rows[r].text, RFIM_DOUBLE, 3);
        refuse(&s, &options, RFIM_DIVERGED, rows[r].words);
        subject_free(&s);
    }
}

static void an_empty_data_set_is_called_empty(void **state)
{
    (void)state;
    subject s = subject_of(text, RFIM_SINGLE, SAMPLES);
    rfim_inspect_options options = defaults();
    size_t samples = s.dataset->samples;
    s.dataset->samples = 0;
    refuse(&s, &options, RFIM_ERROR_ARGUMENT, "the data set is empty");
    s.dataset->samples = samples;
    subject_free(&s);
}

/* --- bookkeeping ------------------------------------------------------------------------------ */

typedef struct told_progress {
    size_t calls, samples, of;
} told_progress;

static void count_progress(void *user, size_t samples, size_t of)
{
    told_progress *p = user;
    assert_true(samples > p->samples && samples <= of);
    *p = (told_progress){p->calls + 1, samples, of};
}

static void progress_goes_up_to_the_last_sample(void **state)
{
    (void)state;
    subject s = subject_of(text, RFIM_SINGLE, SAMPLES);
    rfim_inspect_options options = defaults();
    told_progress progress = {0};
    options.progress = count_progress;
    options.progress_user = &progress;
    rfim_inspection_free(look(&s, &options));
    assert_true(progress.calls >= 2);
    assert_int_equal(progress.samples, SAMPLES);
    assert_int_equal(progress.of, SAMPLES);
    subject_free(&s);
}

/* The weights do not change, and neither does a second look. */
static void a_look_changes_nothing(void **state)
{
    (void)state;
    subject s = subject_of("input 6; linear 5 tanh; batchnorm; linear 3; loss softmax", RFIM_SINGLE,
                           SAMPLES);
    rfim_inspect_options options = defaults();
    const char *first = NULL;
    const char *second = NULL;
    double *before = read_all(s.network);
    rfim_inspection *a = look(&s, &options);
    rfim_inspection *b = look(&s, &options);
    double *after = read_all(s.network);
    assert_memory_equal(before, after, all_numbers(s.network) * sizeof *before);
    must(s.context, rfim_inspection_json(a, &first));
    must(s.context, rfim_inspection_json(b, &second));
    assert_string_equal(first, second);
    rfim_inspection_free(b);
    rfim_inspection_free(a);
    free(after);
    free(before);
    subject_free(&s);
}

static void what_is_not_there_is_null(void **state)
{
    (void)state;
    subject s = subject_of(text, RFIM_SINGLE, SAMPLES);
    rfim_inspect_options options = defaults();
    rfim_inspection *inspection = look(&s, &options);
    rfim_inspected told;
    assert_int_equal(rfim_inspection_get(inspection, 3, &told), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_inspection_get(inspection, 0, NULL), RFIM_ERROR_ARGUMENT);
    assert_null(rfim_inspection_spectrum(inspection, 3));
    assert_null(rfim_inspection_nu(inspection, 3));
    assert_null(rfim_inspection_nu_spread(inspection, 3));
    assert_null(rfim_inspection_zones(inspection, 3));
    assert_null(rfim_inspection_relative(inspection, 3));
    assert_null(rfim_inspection_absolute(NULL, 0));
    assert_int_equal(rfim_inspection_count(NULL), 0);
    rfim_inspection_free(inspection);
    rfim_inspection_free(NULL);
    subject_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_taken_and_noted),
        cmocka_unit_test(linear_modules_and_channels_take_what_is_exact),
        cmocka_unit_test(without_a_name_modules_that_cannot_are_noted),
        cmocka_unit_test(a_named_module_has_what_is_asked_or_is_refused),
        cmocka_unit_test(what_no_module_can_have_is_refused),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(data_of_another_width_are_refused),
        cmocka_unit_test(infinite_metrics_are_told),
        cmocka_unit_test(numbers_that_are_none_are_told_whatever_the_representation),
        cmocka_unit_test(an_empty_data_set_is_called_empty),
        cmocka_unit_test(progress_goes_up_to_the_last_sample),
        cmocka_unit_test(a_look_changes_nothing),
        cmocka_unit_test(what_is_not_there_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
