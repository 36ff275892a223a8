/* Every option of the table goes to the very field of rfim_options that it names; and the nearest
 * name to a word. */
#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* One row an option: the condition does not hold for the defaults, and holds when `name` has been
 * set to `text`. o: the options. */
#define ROW(row_name, text, condition)                                                             \
    do {                                                                                           \
        rfim_options_defaults(&o);                                                                 \
        if (condition)                                                                             \
            fail_msg("%s: %s holds already", row_name, #condition);                                \
        if (rfim_options_set(context, &o, row_name, text) != RFIM_OK)                              \
            fail_msg("%s", rfim_context_error(context));                                           \
        if (!(condition))                                                                          \
            fail_msg("%s = %s: not %s", row_name, text, #condition);                               \
        check_others(context, &o, row_name);                                                       \
        (*rows_of(row_name, rows))++;                                                              \
    } while (0)

#define MOST_ROWS 64

static size_t *rows_of(const char *name, size_t *rows)
{
    for (size_t index = 0; index < rfim_options_count(); index++)
        if (strcmp(rfim_options_info(index)->name, name) == 0)
            return &rows[index];
    fail_msg("there is no option %s", name);
    return rows;
}

/* The other options have their defaults still, but for what a method or a bundle brings. */
static void check_others(rfim_context *context, const rfim_options *o, const char *name)
{
    rfim_options defaults;
    rfim_options_defaults(&defaults);
    bool bundle = strcmp(name, "optimizer") == 0 || strcmp(name, "preset") == 0;
    for (size_t index = 0; index < rfim_options_count(); index++) {
        const rfim_option_info *info = rfim_options_info(index);
        char found[RFIM_TEXT_SIZE];
        char expected[RFIM_TEXT_SIZE];
        if (strcmp(info->name, name) == 0 || (bundle && strcmp(info->section, "optimizer") == 0))
            continue;
        assert_int_equal(rfim_options_get(context, o, info->name, found, sizeof found), RFIM_OK);
        assert_int_equal(
            rfim_options_get(context, &defaults, info->name, expected, sizeof expected), RFIM_OK);
        if (strcmp(found, expected) != 0)
            fail_msg("%s has changed %s to %s", name, info->name, found);
    }
}

static void data_and_network(rfim_context *context, size_t *rows)
{
    rfim_options o;
    ROW("data", "digits:3/2/1", strcmp(o.data.where, "digits:3/2/1") == 0);
    ROW("split", "paper", o.data.split == RFIM_SPLIT_PAPER);
    ROW("train-samples", "77", o.data.train_samples == 77);
    ROW("data-seed", "78", o.data.data_seed == 78);
    ROW("standardize", "yes", o.data.standardize == 1);
    ROW("target", "inputs", o.train.target == RFIM_TARGETS_INPUTS);
    ROW("network", "5-4-3 elu", strcmp(o.network, "5-4-3 elu") == 0);
    ROW("loss", "sigmoid", o.init.loss == RFIM_LOSS_SIGMOID);
    ROW("loss", "softmax", o.init.loss == RFIM_LOSS_SOFTMAX);
    ROW("init", "he", o.init.init == RFIM_INIT_HE);
    ROW("init", "whitened", o.init.init == RFIM_INIT_WHITENED);
    ROW("init", "0.25", o.init.init == RFIM_INIT_NORMAL && o.init.init_sd == 0.25);
    ROW("precision", "double", o.init.precision == RFIM_DOUBLE);
}

static void optimizer(rfim_context *context, size_t *rows)
{
    rfim_options o;
    const rfim_optimizer_options *p = &o.optimizer;
    ROW("optimizer", "adam", p->method == RFIM_ADAM && strcmp(o.preset, "adam") == 0);
    ROW("preset", "icml2017", strcmp(o.preset, "icml2017") == 0 && p->metric_decay == 0.995);
    ROW("learning-rate", "0.51", p->learning_rate == 0.51);
    ROW("schedule", "cosine", p->schedule == RFIM_SCHEDULE_COSINE);
    ROW("warmup", "52", p->warmup == 52);
    ROW("momentum", "0.53", p->momentum == 0.53);
    ROW("momentum-kind", "before", p->momentum_kind == RFIM_MOMENTUM_BEFORE);
    ROW("momentum-kind", "spring", p->momentum_kind == RFIM_MOMENTUM_SPRING);
    ROW("l2", "0.54", p->l2 == 0.54);
    ROW("weight-decay", "0.55", p->weight_decay == 0.55);
    ROW("adam-beta1", "0.56", p->adam_beta1 == 0.56);
    ROW("adam-beta2", "0.57", p->adam_beta2 == 0.57);
    ROW("adam-epsilon", "0.58", p->adam_epsilon == 0.58);
}

static void natural_gradient(rfim_context *context, size_t *rows)
{
    rfim_options o;
    const rfim_optimizer_options *p = &o.optimizer;
    ROW("representation", "neuron", p->hidden == RFIM_NEURON);
    ROW("representation-first", "neuron", p->first == RFIM_NEURON);
    ROW("representation-last", "neuron", p->last == RFIM_NEURON);
    ROW("representation", "kronecker", p->hidden == RFIM_KRONECKER);
    ROW("response", "layer1=next,network", strcmp(p->response, "layer1=next,network") == 0);
    ROW("curvature", "sampled", p->curvature == RFIM_CURVATURE_SAMPLED);
    ROW("metric-pass", "again", p->metric_pass == RFIM_METRIC_PASS_AGAIN);
    ROW("step-control", "fixed", p->step_control == RFIM_STEP_FIXED);
    ROW("step-control", "response", p->step_control == RFIM_STEP_RESPONSE);
    ROW("step-control", "quadratic", p->step_control == RFIM_STEP_QUADRATIC);
    ROW("step-control", "trust", p->step_control == RFIM_STEP_TRUST);
    ROW("rho-output", "0.593", p->rho_output == 0.593);
    ROW("rho", "0.591", p->rho == 0.591);
    ROW("kappa", "0.592", p->kappa == 0.592);
    ROW("metric-average", "exponential", p->metric_average == RFIM_AVERAGE_EXPONENTIAL);
    ROW("metric-units", "given", p->metric_units == RFIM_UNITS_GIVEN);
    ROW("metric-prior-samples", "61", p->metric_prior_samples == 61);
    ROW("shared-nu", "one", p->shared_nu == RFIM_NU_ONE);
    ROW("metric-decay", "0.59", p->metric_decay == 0.59);
    ROW("metric-prior", "0.61", p->metric_prior == 0.61);
    ROW("metric-every", "62", p->metric_every == 62);
    ROW("refresh-every", "63", p->refresh_every == 63);
    ROW("metric-ramp", "68", p->metric_ramp == 68);
    ROW("damping", "0.64", p->damping == 0.64);
    ROW("damping-relative-to", "mean-diagonal", p->damping_rule == RFIM_DAMPING_MEAN_DIAGONAL);
    ROW("damping-relative-to", "diagonal", p->damping_rule == RFIM_DAMPING_DIAGONAL);
    ROW("damping-relative-to", "absolute", p->damping_rule == RFIM_DAMPING_ABSOLUTE);
    ROW("damping-control", "lm", p->damping_control == RFIM_DAMPING_CONTROL_LM);
    ROW("sigma", "0.65", p->sigma == 0.65);
    ROW("dataset-samples", "67", p->dataset_samples == 67);
    ROW("damping-dataset", "0.66", p->damping_dataset == 0.66);
    ROW("metric-memory", "batch", strcmp(p->metric_memory, "batch") == 0);
    ROW("form", "layer1=dual", strcmp(p->form, "layer1=dual") == 0);
    ROW("refresh-delay", "66", p->refresh_delay == 66);
}

static void training_and_run(rfim_context *context, size_t *rows)
{
    rfim_options o;
    ROW("epochs", "71", o.train.epochs == 71);
    ROW("batch", "72", o.train.batch == 72);
    ROW("accumulate", "77", o.optimizer.accumulate == 77);
    ROW("seed", "73", o.train.seed == 73 && o.init.seed == 73 && o.data.split_seed == 73);
    ROW("weight-average", "0.74", o.train.weight_average == 0.74);
    ROW("eval-samples", "74", o.train.eval_samples == 74);
    ROW("out", "somewhere", strcmp(o.run.out, "somewhere") == 0);
    ROW("threads", "75", o.run.threads == 75);
    ROW("kernels", "portable", o.run.kernels == RFIM_KERNELS_PORTABLE);
    ROW("kernels", "avx2", o.run.kernels == RFIM_KERNELS_AVX2);
    ROW("kernels", "avx512", o.run.kernels == RFIM_KERNELS_AVX512);
    ROW("memory", "76k", o.optimizer.memory == 76000);
    ROW("overwrite", "yes", o.run.overwrite == 1);
    ROW("quiet", "yes", o.run.quiet == 1);
}

static void every_option_sets_its_own_field(void **state)
{
    (void)state;
    rfim_context *context = NULL;
    size_t rows[MOST_ROWS] = {0};
    assert_true(rfim_options_count() <= MOST_ROWS);
    assert_int_equal(rfim_context_create(NULL, &context), RFIM_OK);
    data_and_network(context, rows);
    optimizer(context, rows);
    natural_gradient(context, rows);
    training_and_run(context, rows);
    for (size_t index = 0; index < rfim_options_count(); index++)
        if (rows[index] == 0)
            fail_msg("the option %s has no row here", rfim_options_info(index)->name);
    rfim_context_free(context);
}

/* What the texts of the defaults say stands in the fields. */
static void defaults_are_in_their_fields(void **state)
{
    (void)state;
    rfim_options o;
    rfim_options_defaults(&o);
    assert_int_equal(o.data.split, RFIM_SPLIT_STANDARD);
    assert_int_equal(o.train.target, RFIM_TARGETS_AUTOMATIC);
    assert_int_equal(o.init.loss, -1);
    assert_int_equal(o.init.init, RFIM_INIT_GLOROT);
    assert_int_equal(o.init.precision, RFIM_SINGLE);
    assert_int_equal(o.optimizer.method, RFIM_RNGD);
    assert_int_equal(o.optimizer.hidden, RFIM_SHARED);
    assert_int_equal(o.optimizer.first, RFIM_SHARED);
    assert_int_equal(o.optimizer.last, RFIM_SHARED);
    assert_int_equal(o.optimizer.metric_pass, RFIM_METRIC_PASS_TRAINING);
    assert_int_equal(o.optimizer.damping_rule, RFIM_DAMPING_TRACE);
    assert_int_equal(o.run.kernels, RFIM_KERNELS_AUTOMATIC);
    assert_int_equal(o.run.overwrite, 0);
    assert_int_equal(o.run.quiet, 0);
}

static void the_nearest_name_is_found(void **state)
{
    (void)state;
    static const char *const names[] = {"train", "eval", "predict", "plot", "help"};
    static const char *const pairs[][2] = {{"trian", "train"},     {"evla", "eval"},
                                           {"predcit", "predict"}, {"plots", "plot"},
                                           {"halp", "help"},       {"eval", "eval"}};
    for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++)
        assert_string_equal(rfim_name_nearest(pairs[p][0], names, 5), pairs[p][1]);
    assert_ptr_equal(rfim_name_nearest("trian", names, 5), names[0]); /* not a copy */
    assert_null(rfim_name_nearest("help", names, 1)); /* only `train` is there: far off */
    assert_null(rfim_name_nearest("xyzzy", names, 5));
    assert_null(rfim_name_nearest("", names, 5));
    assert_string_equal(rfim_name_nearest("hexx", names, 5), "help"); /* half of it is right */
    assert_null(rfim_name_nearest("hxxx", names, 5));
    assert_null(rfim_name_nearest("train", names, 0));
    assert_null(rfim_name_nearest("train", NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_sets_its_own_field),
        cmocka_unit_test(defaults_are_in_their_fields),
        cmocka_unit_test(the_nearest_name_is_found),
    };
    return cmocka_run_group_tests_name("train: fields of the options", tests, NULL, NULL);
}
