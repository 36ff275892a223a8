/* Presets: what they set, and that they agree with the defaults of the methods. */
#include "core/context.h"
#include "train/option_table.h"
#include "train/presets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    return rfim_context_create(NULL, (rfim_context **)state) != RFIM_OK;
}

static int tear_down(void **state)
{
    rfim_context_free(*state);
    return 0;
}

static void set(rfim_context *context, rfim_options *options, const char *name, const char *value)
{
    assert_int_equal(rfim_options_set(context, options, name, value), RFIM_OK);
}

static void expect_same_optimizer(const rfim_optimizer_options *a, const rfim_optimizer_options *b)
{
    assert_int_equal(a->method, b->method);
    assert_true(a->learning_rate == b->learning_rate);
    assert_int_equal(a->schedule, b->schedule);
    assert_int_equal(a->warmup, b->warmup);
    assert_int_equal(a->steps, b->steps);
    assert_true(a->momentum == b->momentum);
    assert_true(a->l2 == b->l2);
    assert_true(a->weight_decay == b->weight_decay);
    assert_true(a->adam_beta1 == b->adam_beta1);
    assert_true(a->adam_beta2 == b->adam_beta2);
    assert_true(a->adam_epsilon == b->adam_epsilon);
    assert_int_equal(a->first, b->first);
    assert_int_equal(a->hidden, b->hidden);
    assert_int_equal(a->last, b->last);
    assert_string_equal(a->response, b->response);
    assert_int_equal(a->curvature, b->curvature);
    assert_int_equal(a->metric_pass, b->metric_pass);
    assert_true(a->metric_decay == b->metric_decay);
    assert_true(a->metric_prior == b->metric_prior);
    assert_true(a->metric_prior_samples == b->metric_prior_samples);
    assert_int_equal(a->shared_nu, b->shared_nu);
    assert_int_equal(a->metric_every, b->metric_every);
    assert_int_equal(a->refresh_every, b->refresh_every);
    assert_int_equal(a->metric_ramp, b->metric_ramp);
    assert_true(a->damping == b->damping);
    assert_int_equal(a->damping_rule, b->damping_rule);
    assert_true(a->sigma == b->sigma);
    assert_string_equal(a->metric_memory, b->metric_memory);
    assert_string_equal(a->form, b->form);
    assert_int_equal(a->refresh_delay, b->refresh_delay);
    assert_int_equal(a->memory, b->memory);
}

static void the_tables_defaults_are_those_of_rngd(void **state)
{
    (void)state;
    rfim_options options;
    rfim_optimizer_options expected;
    rfim_options_defaults(&options);
    rfim_optimizer_defaults(RFIM_RNGD, &expected);
    expect_same_optimizer(&options.optimizer, &expected);
    assert_string_equal(options.preset, "rngd");
}

static void the_preset_of_a_method_says_its_defaults(void **state)
{
    rfim_context *context = *state;
    static const char *const names[] = {"sgd", "adam", "rngd"};
    for (rfim_method method = RFIM_SGD; method <= RFIM_RNGD; method++) {
        rfim_options options;
        rfim_optimizer_options expected;
        rfim_optimizer_defaults(method, &expected);
        rfim_options_defaults(&options);
        set(context, &options, "preset", "icml2017");
        set(context, &options, "preset", names[method]);
        expect_same_optimizer(&options.optimizer, &expected);
        assert_int_equal(rfim_options_check(context, &options), RFIM_OK);
        rfim_options_defaults(&options);
        set(context, &options, "preset", "icml2017");
        set(context, &options, "optimizer", method == RFIM_SGD ? "adam" : "sgd");
        set(context, &options, "optimizer", names[method]);
        expect_same_optimizer(&options.optimizer, &expected);
        assert_string_equal(options.preset, names[method]);
    }
}

/* Every constant of the preset icml2017, written down a second time. */
static void icml2017_is_the_published_recipe(void **state)
{
    rfim_context *context = *state;
    rfim_options options;
    rfim_options_defaults(&options);
    set(context, &options, "preset", "icml2017");
    rfim_optimizer_options expected = {
        .method = RFIM_RNGD,
        .learning_rate = 0.01,
        .schedule = RFIM_SCHEDULE_CONSTANT,
        .l2 = 1e-3,
        .adam_beta1 = 0.9,
        .adam_beta2 = 0.999,
        .adam_epsilon = 1e-8,
        .first = RFIM_SHARED,
        .hidden = RFIM_NEURON,
        .last = RFIM_SHARED,
        .response = "own",
        .metric_pass = RFIM_METRIC_PASS_AGAIN,
        .metric_decay = 0.995,
        .metric_prior = 1,
        .metric_every = 1,
        .refresh_every = 100,
        .damping = 1e-4,
        .damping_rule = RFIM_DAMPING_TRACE,
        .sigma = 1,
        .metric_memory = "ema",
        .form = "automatic",
    };
    expect_same_optimizer(&options.optimizer, &expected);
    assert_int_equal(options.init.init, RFIM_INIT_GLOROT);
}

/* What the next issue compares and bench/ measures: the metric of every layer and its memory. */
static void fast_presets_whiten_the_first_layer(void **state)
{
    rfim_context *context = *state;
    static const struct {
        const char *name;
        rfim_representation hidden;
        const char *memory;
    } rows[] = {{"shared-fast", RFIM_SHARED, "layer1=dataset,ema"},
                {"neuron-fast", RFIM_NEURON, "layer1=dataset,ema"},
                {"neuron-batch", RFIM_NEURON, "layer1=dataset,batch"}};
    for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
        rfim_options options;
        rfim_options_defaults(&options);
        set(context, &options, "preset", rows[index].name);
        assert_int_equal(options.optimizer.method, RFIM_RNGD);
        assert_int_equal(options.optimizer.first, RFIM_SHARED);
        assert_int_equal(options.optimizer.hidden, rows[index].hidden);
        assert_int_equal(options.optimizer.last, RFIM_SHARED);
        assert_string_equal(options.optimizer.metric_memory, rows[index].memory);
        assert_int_equal(rfim_options_check(context, &options), RFIM_OK);
        set(context, &options, "preset", "rngd");
        assert_string_equal(options.optimizer.metric_memory, "automatic");
    }
}

/* The dial: FOOF is own and shared everywhere, K-FAC network and kronecker. */
static void foof_and_kfac_are_places_of_the_dial(void **state)
{
    rfim_context *context = *state;
    static const struct {
        const char *name;
        rfim_representation representation;
        const char *response;
        rfim_curvature curvature;
    } rows[] = {{"foof", RFIM_SHARED, "own", RFIM_CURVATURE_EXACT},
                {"kfac", RFIM_KRONECKER, "network", RFIM_CURVATURE_SAMPLED}};
    for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
        rfim_options options;
        rfim_options_defaults(&options);
        set(context, &options, "preset", rows[index].name);
        assert_int_equal(options.optimizer.method, RFIM_RNGD);
        assert_int_equal(options.optimizer.first, rows[index].representation);
        assert_int_equal(options.optimizer.hidden, rows[index].representation);
        assert_int_equal(options.optimizer.last, rows[index].representation);
        assert_string_equal(options.optimizer.response, rows[index].response);
        assert_int_equal(options.optimizer.curvature, rows[index].curvature);
        assert_int_equal(rfim_options_check(context, &options), RFIM_OK);
        set(context, &options, "preset", "rngd");
        assert_string_equal(options.optimizer.response, "own");
    }
}

static void the_method_in_use_keeps_its_preset(void **state)
{
    rfim_context *context = *state;
    rfim_options options;
    rfim_options_defaults(&options);
    set(context, &options, "preset", "icml2017");
    set(context, &options, "optimizer", "rngd");
    assert_string_equal(options.preset, "icml2017");
    assert_true(options.optimizer.learning_rate == 0.01);
}

static void the_table_offers_every_preset(void **state)
{
    (void)state;
    char names[256] = "";
    for (size_t index = 0; index < rfim_presets_count(); index++) {
        const rfim_preset_info *info = rfim_presets_info(index);
        size_t length = strlen(names);
        snprintf(names + length, sizeof names - length, "%s%s", index > 0 ? "|" : "", info->name);
        assert_true(strncmp(info->settings, "optimizer=", 10) == 0);
        assert_true(strlen(info->help) > 10);
    }
    assert_string_equal(names, rfim__option_find("preset")->info.choices);
    assert_null(rfim_presets_info(rfim_presets_count()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(the_tables_defaults_are_those_of_rngd), TEST(the_preset_of_a_method_says_its_defaults),
        TEST(foof_and_kfac_are_places_of_the_dial),  TEST(icml2017_is_the_published_recipe),
        TEST(the_method_in_use_keeps_its_preset),    TEST(the_table_offers_every_preset),
        TEST(fast_presets_whiten_the_first_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
