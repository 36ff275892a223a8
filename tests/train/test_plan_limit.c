/* The limit of memory, and what cannot be: refused by plan and training alike. */
#include "train/plan_fixture.h"

/* Of layer2 the form `inputs` is cheaper here, and `gradient` some hundred bytes smaller. */
static void a_limit_takes_smaller_forms(void **state)
{
    static const char *const settings[] = {"network", "784-30-48-10 relu", "step-control",
                                           "fixed",   "metric-memory",     "ema",
                                           "data",    "digits:100/0/0",    NULL};
    rfim_context *context = context_of(1);
    rfim_options options;
    fill(context, settings, &options);
    rfim_plan *plan = plan_of(context, &options);
    double bytes = rfim_plan_bytes(plan);
    assert_int_equal(part_of(plan, "layer2")->form, RFIM_FORM_INPUTS);
    rfim_plan_free(plan);
    options.optimizer.memory = (size_t)bytes + 1;
    plan = plan_of(context, &options);
    assert_true(rfim_plan_bytes(plan) == bytes);
    assert_int_equal(part_of(plan, "layer2")->form, RFIM_FORM_INPUTS);
    rfim_plan_free(plan);
    options.optimizer.memory = (size_t)bytes - 100;
    plan = plan_of(context, &options);
    assert_true(rfim_plan_bytes(plan) <= bytes - 100);
    assert_int_equal(part_of(plan, "layer2")->form, RFIM_FORM_GRADIENT);
    rfim_plan_free(plan);
    run(context, &options, *state); /* which the forms planned do not prevent */
    rfim_context_free(context);
}

/* What nobody asked for gives way: with less memory the first layer is not whitened, and trains. */
static void a_limit_takes_the_whitened_samples_away(void **state)
{
    static const char *const settings[] = {"network", "784-30-10 relu", "data", "digits:6000/0/0",
                                           NULL};
    rfim_context *context = context_of(1);
    size_t limits[] = {0, 0, 0};
    for (size_t k = 0; k < sizeof limits / sizeof *limits; k++) {
        rfim_options options;
        fill(context, settings, &options);
        options.optimizer.memory = limits[k];
        rfim_plan *plan = plan_of(context, &options);
        size_t bytes = (size_t)rfim_plan_bytes(plan);
        if (k == 0) {
            limits[1] = bytes + 1;
            limits[2] = bytes - 5000000;
        }
        assert_int_equal(part_of(plan, "layer1")->memory,
                         k < 2 ? RFIM_MEMORY_DATASET : RFIM_MEMORY_EMA);
        assert_int_equal(part_of(plan, "layer2")->memory, RFIM_MEMORY_EMA);
        assert_true(k == 0 || bytes <= limits[k]);
        assert_string_equal(rfim_context_error(context), ""); /* nothing has failed */
        rfim_plan_free(plan);
        run(context, &options, *state);
    }
    rfim_context_free(context);
}

static const struct {
    const char *settings[8];
    const char *memory;
    const char *words[3];
} refused[] = {
    {{"network", "784-10-10", "optimizer", "sgd"},
     "19M",
     {"without its metrics the run takes", "`evaluation trace`", "19 MB allowed"}},
    {{"network", "784-1000-1000-10", "optimizer", "sgd"},
     "45M",
     {"without its metrics the run takes", "`saving the model`", "45 MB allowed"}},
    {{"network", "784-80-80-10", "representation-first", "neuron"},
     "200M",
     {"layer1 (`neuron`, `ema`)", "are left for them", "--memory"}},
    {{"preset", "shared-fast"},
     "30M",
     {"before its first step", "`layer1 whitened data`", "30 MB allowed"}},
};

/* What does not fit is refused by plan and run alike, before the run has a folder. */
static void what_does_not_fit_is_refused_by_name(void **state)
{
    rfim_context *context = context_of(1);
    for (size_t r = 0; r < sizeof refused / sizeof *refused; r++) {
        rfim_options options;
        rfim_plan *plan = NULL;
        char folder[RFIM_TEXT_SIZE];
        fill(context, refused[r].settings, &options);
        set(context, &options, "data", "digits:500/50/50");
        set(context, &options, "memory", refused[r].memory);
        snprintf(folder, sizeof folder, "%s/refused", (const char *)*state);
        set(context, &options, "out", folder);
        for (int trains = 0; trains < 2; trains++) {
            rfim_status status = trains ? rfim_run_train(context, &options, NULL, NULL, NULL, NULL)
                                        : rfim_plan_create(context, &options, &plan);
            assert_int_equal(status, RFIM_ERROR_MEMORY);
            assert_null(plan);
            for (size_t w = 0; w < 3; w++)
                if (!strstr(rfim_context_error(context), refused[r].words[w]))
                    fail_msg("'%s' is not in: %s", refused[r].words[w],
                             rfim_context_error(context));
        }
        assert_int_not_equal(access(folder, F_OK), 0);
    }
    rfim_context_free(context);
}

/* A caller's own network and data: the trainer keeps the limit, too. */
static void a_trainer_keeps_the_limit(void **state)
{
    (void)state;
    rfim_context *context = context_of(1);
    rfim_options options;
    rfim_network *network = NULL;
    rfim_splits splits;
    rfim_trainer *trainer = NULL;
    fill(context, NULL, &options);
    set(context, &options, "data", "digits:100/0/0");
    set(context, &options, "network", "784-20-10");
    assert_int_equal(rfim_network_create(context, options.network, &options.init, &network),
                     RFIM_OK);
    assert_int_equal(rfim_splits_open(context, &options.data, &splits), RFIM_OK);
    set(context, &options, "memory", "30M");
    assert_int_equal(rfim_trainer_create(network, &splits, &options, &trainer), RFIM_ERROR_MEMORY);
    assert_null(trainer);
    assert_non_null(strstr(rfim_context_error(context), "layer1 (`shared`, `ema`)"));
    set(context, &options, "memory", "100M");
    assert_int_equal(rfim_trainer_create(network, &splits, &options, &trainer), RFIM_OK);
    rfim_trainer_free(trainer);
    rfim_splits_free(&splits);
    rfim_network_free(network);
    rfim_context_free(context);
}

/* Contradictions have the sentence and the status that training has. */
static void what_training_refuses_has_no_plan(void **state)
{
    (void)state;
    static const struct {
        const char *settings[6];
        rfim_status status;
        const char *words;
    } rows[] = {
        {{"metric-memory", "layer2=dataset,ema"},
         RFIM_ERROR_ARGUMENT,
         "layer2 cannot have the metric memory `dataset`"},
        {{"metric-memory", "layer9=batch,ema"}, RFIM_ERROR_ARGUMENT, "no layer `layer9`"},
        {{"form", "layer2=active", "metric-memory", "batch"},
         RFIM_ERROR_ARGUMENT,
         "layer2 cannot take the form `active`"},
        {{"form", "dual"}, RFIM_ERROR_ARGUMENT, "cannot take the form `dual`"},
        {{"network", "100-10"}, RFIM_ERROR_SHAPE, "784"},
        {{"network", "784-0-10"}, RFIM_ERROR_ARGUMENT, "network"},
        {{"refresh-delay", "100"}, RFIM_ERROR_ARGUMENT, "refresh-delay"},
    };
    rfim_context *context = context_of(1);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        rfim_options options;
        rfim_plan *plan = NULL;
        fill(context, rows[r].settings, &options);
        set(context, &options, "data", "digits:50/10/10");
        assert_int_equal(rfim_plan_create(context, &options, &plan), rows[r].status);
        assert_null(plan);
        if (!strstr(rfim_context_error(context), rows[r].words))
            fail_msg("'%s' is not in: %s", rows[r].words, rfim_context_error(context));
    }
    rfim_options options;
    rfim_plan *plan = NULL;
    rfim_options_defaults(&options);
    assert_int_equal(rfim_plan_create(NULL, &options, &plan), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_plan_create(context, NULL, &plan), RFIM_ERROR_ARGUMENT);
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_takes_smaller_forms),
        cmocka_unit_test(a_limit_takes_the_whitened_samples_away),
        cmocka_unit_test(what_does_not_fit_is_refused_by_name),
        cmocka_unit_test(a_trainer_keeps_the_limit),
        cmocka_unit_test(what_training_refuses_has_no_plan),
    };
    return cmocka_run_group_tests_name("train: plans within limits", tests, set_up, tear_down);
}
