/* Training batch by batch, and a first layer whose metric remembers the data set: its steps against
 * the dense damped solve in W, what it leaves of the weights that get no gradient, and when the
 * caller's network is up to date. */
#include "data/batches.h"
#include "network/scarce_memory.h"
#include "optimizer/by_hand.h"
#include "train/trainer_fixture.h"

#include <stdio.h>
#include <unistd.h>

#define INPUTS 45 /* so many that samples begin with zeros (static_reference.h) */
#define SIGMA 1.5

/* An optimiser of the test's own would have to know every other layer's metric: so the others are
 * batch normalisation, whose natural gradient is the plain one. */
#define PLAIN_REST "input 45; linear 6 tanh; batchnorm decay=0.5; loss squared"
#define WHOLE "input 45; linear 8 relu; batchnorm decay=0.5; linear 7 tanh; linear 3"

static void set_options(rfim_options *options)
{
    rfim_options_defaults(options);
    rngd_by_hand(&options->optimizer);
    options->optimizer.learning_rate = 0.1;
    options->optimizer.damping = 1e-2;
    options->optimizer.sigma = SIGMA;
    options->optimizer.metric_every = 1;
    options->optimizer.refresh_every = 2;
    strcpy(options->optimizer.metric_memory, "layer1=dataset,ema");
    options->train.batch = 7;
    options->train.epochs = 4;
    options->train.seed = 5;
}

static fixture begin_in(rfim_context *context, const char *text, rfim_precision precision,
                        size_t samples)
{
    fixture test = fixture_of(context, text, precision, samples, INPUTS);
    set_options(&test.options);
    return test;
}

static fixture begin(const char *text, rfim_precision precision, size_t samples)
{
    return begin_in(small_context(RFIM_KERNELS_AUTOMATIC), text, precision, samples);
}

/* ---- the same steps in W ------------------------------------------------------------------- */

/* The first layer's damped metric, factorised, and what training in W needs. */
typedef struct naive {
    rfim_network *network;
    rfim_trace *trace;
    rfim__batches *batches;
    long double *factor;
    double condition;
    double *velocity; /* as read_all */
    size_t step;
} naive;

/* Few samples want more, where the option says so. */
static double damping_of(const rfim_optimizer_options *o, size_t samples)
{
    static const double orders[] = {1, INPUTS + 1, INPUTS + 1, 0}; /* in the order of the rules */
    return fmax(o->damping,
                o->damping_dataset * (INPUTS + 1) / (double)samples * orders[o->damping_rule]);
}

static naive begin_naive(const fixture *test)
{
    const rfim_optimizer_options *o = &test->options.optimizer;
    size_t D = INPUTS + 1;
    naive plain = {0};
    plain.network = small_network(test->context, rfim_network_text(test->network),
                                  test->network->algebra->precision, 1);
    double *numbers = read_all(test->network);
    write_all(plain.network, numbers);
    must(test->context, rfim_trace_create(plain.network, test->samples, &plain.trace));
    must(test->context, rfim__batches_create(test->context, test->samples, test->options.train.seed,
                                             &plain.batches));
    long double *a = dense_metric(test->inputs, test->samples, INPUTS, o->damping_rule,
                                  damping_of(o, test->samples), o->sigma);
    plain.factor = malloc(D * D * sizeof *a);
    memcpy(plain.factor, a, D * D * sizeof *a);
    dense_factor(plain.factor, D);
    plain.condition = dense_condition(a, plain.factor, D);
    plain.velocity = calloc(all_numbers(plain.network), sizeof *plain.velocity);
    free(a);
    free(numbers);
    return plain;
}

static void end_naive(naive *plain)
{
    rfim_trace_free(plain->trace);
    rfim_network_free(plain->network);
    rfim__batches_free(plain->batches);
    free(plain->factor);
    free(plain->velocity);
}

/* gradient, laid out as read_all does, of the first layer: [m x d] weights, then m biases */
static void solve_first_layer(const naive *plain, double *gradient)
{
    size_t m = plain->network->modules[0].outputs;
    double column[INPUTS + 1];
    for (size_t j = 0; j < m; j++) {
        memcpy(column, gradient + j * INPUTS, INPUTS * sizeof *column);
        column[INPUTS] = gradient[m * INPUTS + j];
        dense_solve(plain->factor, INPUTS + 1, column, 1);
        memcpy(gradient + j * INPUTS, column, INPUTS * sizeof *column);
        gradient[m * INPUTS + j] = column[INPUTS];
    }
}

/* One step: W <- (1 - rate decay) W - rate v, v <- momentum v + direction; biases do not decay. The
 * moving averages are taken from `averages`, as read_all. */
static void step_naive(naive *plain, const fixture *test, const double *averages)
{
    const rfim_optimizer_options *o = &test->options.optimizer;
    size_t batch = test->options.train.batch;
    size_t steps = (test->samples + batch - 1) / batch;
    size_t first = plain->step % steps * batch;
    size_t n = first + batch < test->samples ? batch : test->samples - first;
    double *x = malloc(n * INPUTS * sizeof *x);
    double *targets = calloc(n * 6, sizeof *targets);
    double loss = 0;
    if (first == 0)
        rfim__batches_shuffle(plain->batches, 1 + plain->step / steps);
    for (size_t i = 0; i < n; i++) {
        uint32_t sample = plain->batches->rows[first + i];
        memcpy(x + i * INPUTS, test->inputs + sample * INPUTS, INPUTS * sizeof *x);
        targets[i * 6 + sample % 3] = 1;
    }
    must(test->context, rfim_trace_forward(plain->trace, rfim_doubles(x, n, INPUTS)));
    must(test->context, rfim_trace_loss(plain->trace, rfim_doubles(targets, n, 6), &loss));
    must(test->context, rfim_trace_backward(plain->trace));
    double *w = read_all(plain->network);
    double *gradient = read_gradients(plain->trace);
    solve_first_layer(plain, gradient);
    double rate = o->learning_rate;
    if (o->schedule == RFIM_SCHEDULE_LINEAR)
        rate *= fmax(0, 1 - (double)plain->step / (double)(steps * test->options.train.epochs));
    size_t at_tensor = 0;
    for (size_t t = 0; t < rfim_network_tensors(plain->network); t++) {
        rfim_tensor_info info;
        must(test->context, rfim_network_tensor_info(plain->network, t, &info));
        double decay = strstr(info.name, "weight") ? rate * o->weight_decay : 0;
        for (size_t k = at_tensor; k < at_tensor + info.rows * info.columns; k++) {
            plain->velocity[k] = o->momentum * plain->velocity[k] + gradient[k];
            double along = plain->velocity[k];
            if (o->momentum_kind == RFIM_MOMENTUM_BEFORE)
                along *= (1 - o->momentum) / (1 - pow(o->momentum, (double)plain->step + 1));
            if (o->momentum_kind == RFIM_MOMENTUM_NESTEROV)
                along = gradient[k] + o->momentum * along;
            w[k] = info.trained ? (1 - decay) * w[k] - rate * along : averages[k];
        }
        at_tensor += info.rows * info.columns;
    }
    write_all(plain->network, w);
    plain->step++;
    free(x);
    free(targets);
    free(w);
    free(gradient);
}

/* `steps` steps of the trainer are `steps` steps in W, within `allowed` of the weights' size. */
static void compare(fixture *test, size_t steps, double allowed)
{
    naive plain = begin_naive(test);
    size_t count = all_numbers(test->network);
    create(test);
    for (size_t s = 0; s < steps; s++) {
        must(test->context, rfim_trainer_step(test->trainer, NULL));
        must(test->context, rfim_trainer_read(test->trainer));
        double *found = read_all(test->network);
        step_naive(&plain, test, found);
        double *expected = read_all(plain.network);
        double gap = distance(found, expected, count);
        if (!(gap < allowed))
            fail_msg("step %zu, %zu samples, rule %d, condition %g: off by %g", s + 1,
                     test->samples, (int)test->options.optimizer.damping_rule, plain.condition,
                     gap);
        free(found);
        free(expected);
    }
    end_naive(&plain);
}

static void steps_are_those_of_the_dense_solve(void **state)
{
    static const size_t samples[] = {5, 33};
    (void)state;
    for (int rule = 0; rule < 4; rule++) {
        for (size_t s = 0; s < 4; s++) {
            fixture test = begin(PLAIN_REST, RFIM_DOUBLE, samples[s % 2]);
            test.options.optimizer.damping_rule = (rfim_damping_rule)rule;
            test.options.optimizer.damping = 1e-3;
            test.options.optimizer.damping_dataset = s < 2 ? 0 : 0.02;
            compare(&test, 20, 1e-10);
            end(&test);
        }
    }
}

/* Rounding of float32 at every step, multiplied by the condition (some hundreds) in a direction. */
static void steps_in_float32_are_near(void **state)
{
    (void)state;
    fixture test = begin(PLAIN_REST, RFIM_SINGLE, 33);
    compare(&test, 20, 1e-4);
    end(&test);
}

static void decay_and_momentum_are_those_of_w(void **state)
{
    (void)state;
    for (int k = 1; k < 4; k++) {
        fixture test = begin(PLAIN_REST, RFIM_DOUBLE, 33);
        test.options.optimizer.weight_decay = k & 1 ? 0.8 : 0;
        test.options.optimizer.momentum = k & 2 ? 0.7 : 0;
        compare(&test, 20, 1e-10);
        end(&test);
    }
    for (int kind = RFIM_MOMENTUM_BEFORE; kind <= RFIM_MOMENTUM_NESTEROV; kind++) {
        fixture test = begin(PLAIN_REST, RFIM_DOUBLE, 33);
        test.options.optimizer.momentum = 0.7;
        test.options.optimizer.momentum_kind = (rfim_momentum_kind)kind;
        compare(&test, 20, 1e-10);
        end(&test);
    }
}

/* ---- weights that have no gradient ----------------------------------------------------------- */

static void dropped_inputs_keep_their_weights(void **state)
{
    (void)state;
    fixture test = begin(WHOLE, RFIM_SINGLE, 33);
    double *before = read_all(test.network);
    create(&test);
    for (int s = 0; s < 12; s++)
        must(test.context, rfim_trainer_step(test.trainer, NULL));
    must(test.context, rfim_trainer_read(test.trainer));
    double *after = read_all(test.network);
    for (size_t j = 0; j < 8; j++)
        for (size_t k = 0; k < INPUTS; k++)
            assert_int_equal(before[j * INPUTS + k] == after[j * INPUTS + k],
                             is_dropped(INPUTS, k));
    free(before);
    free(after);
    end(&test);
}

/* ---- the caller's network -------------------------------------------------------------------- */

static void same_numbers(const rfim_network *network, const double *expected)
{
    double *found = read_all(network);
    assert_memory_equal(found, expected, all_numbers(network) * sizeof *found);
    free(found);
}

static void it_is_up_to_date_after_reading(void **state)
{
    (void)state;
    fixture test = begin(WHOLE, RFIM_DOUBLE, 33);
    double *before = read_all(test.network);
    double loss[2];
    rfim_evaluation all;
    create(&test);
    must(test.context, rfim_trainer_step(test.trainer, &loss[0]));
    same_numbers(test.network, before); /* not before it is read */
    size_t edition = test.network->edition;
    must(test.context, rfim_trainer_read(test.trainer));
    assert_true(test.network->edition != edition);
    assert_int_equal(test.network->updates, 1);
    double *once = read_all(test.network);
    must(test.context, rfim_trainer_read(test.trainer));
    same_numbers(test.network, once);
    for (int s = 1; s < 20; s++)
        must(test.context, rfim_trainer_step(test.trainer, &loss[1]));
    assert_true(loss[1] < 0.9 * loss[0]);
    must(test.context, rfim_trainer_read(test.trainer));
    must(test.context, rfim_evaluate(test.network, test.splits.train, RFIM_TARGETS_DATA, &all));
    assert_true(all.loss < 0.9 * loss[0]);
    assert_true(rfim_trainer_setup_seconds(test.trainer) > 0);
    rfim_optimizer_report report;
    rfim_trainer_report_get(test.trainer, &report);
    assert_int_equal(report.steps, 20);
    free(before);
    free(once);
    end(&test);
}

static double *train_by_steps(const char *memory, size_t threads)
{
    rfim_context_options settings;
    rfim_context *context = NULL;
    rfim_context_defaults(&settings);
    settings.threads = threads;
    assert_int_equal(rfim_context_create(&settings, &context), RFIM_OK);
    fixture test = begin_in(context, WHOLE, RFIM_SINGLE, 33);
    test.network->algebra->team_flops = 0; /* every product that has tiles is shared out */
    strcpy(test.options.optimizer.metric_memory, memory);
    create(&test);
    for (size_t s = 0; s < 5 * test.options.train.epochs; s++)
        must(test.context, rfim_trainer_step(test.trainer, NULL));
    must(test.context, rfim_trainer_read(test.trainer));
    double *numbers = read_all(test.network);
    end(&test);
    return numbers;
}

static int keep_epoch(void *user, const rfim_progress *progress)
{
    if (progress->finished)
        *(rfim_epoch *)user = *progress->finished;
    return 0;
}

/* rfim_train is the trainer's steps, to the bit; so are more threads. */
static void one_call_gives_the_same_bits(void **state)
{
    static const char *const memories[] = {"ema", "layer1=dataset,ema"};
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        fixture test = begin(WHOLE, RFIM_SINGLE, 33);
        rfim_epoch epoch = {0};
        rfim_evaluation again;
        strcpy(test.options.optimizer.metric_memory, memories[k]);
        must(test.context,
             rfim_train(test.network, &test.splits, &test.options, keep_epoch, &epoch, NULL));
        assert_int_equal(epoch.step, 20);
        assert_true(epoch.setup_seconds > 0 && epoch.setup_seconds < epoch.seconds);
        must(test.context,
             rfim_evaluate(test.network, test.splits.train, RFIM_TARGETS_AUTOMATIC, &again));
        assert_true(again.loss == epoch.train.loss); /* of the weights that are left */
        for (size_t threads = 1; threads <= 3; threads++) {
            double *numbers = train_by_steps(memories[k], threads);
            same_numbers(test.network, numbers);
            free(numbers);
        }
        end(&test);
    }
}

static void a_trained_network_goes_through_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/rfim-trainer-XXXXXX";
    int file = mkstemp(path);
    fixture test = begin(WHOLE, RFIM_SINGLE, 33);
    rfim_network *loaded = NULL;
    assert_true(file >= 0);
    close(file);
    must(test.context, rfim_train(test.network, &test.splits, &test.options, NULL, NULL, NULL));
    must(test.context, rfim_network_save(test.network, path));
    must(test.context, rfim_network_load(test.context, path, &loaded));
    double *numbers = read_all(test.network);
    same_numbers(loaded, numbers);
    assert_string_equal(rfim_network_text(loaded), rfim_network_text(test.network));
    free(numbers);
    rfim_network_free(loaded);
    remove(path);
    end(&test);
}

/* The loss at huge rates is not finite at some step: then the last weights with a finite loss. */
static void divergence_leaves_finite_weights(void **state)
{
    (void)state;
    for (int decay = 0; decay < 2; decay++) {
        fixture test = fixture_of(small_context(RFIM_KERNELS_AUTOMATIC),
                                  "input 9; linear 8; linear 7; loss squared", RFIM_SINGLE, 33, 9);
        rfim_status status = RFIM_OK;
        rfim_evaluation all;
        set_options(&test.options);
        test.options.optimizer.learning_rate = 1e9;
        test.options.optimizer.schedule = RFIM_SCHEDULE_CONSTANT;
        test.options.optimizer.weight_decay = decay ? 1e-9 : 0;
        create(&test);
        for (int s = 0; s < 100 && status == RFIM_OK; s++)
            status = rfim_trainer_step(test.trainer, NULL);
        assert_int_equal(status, RFIM_DIVERGED);
        assert_non_null(strstr(rfim_context_error(test.context), " at step "));
        assert_non_null(strstr(rfim_context_error(test.context),
                               "(the output of layer1 is the first that is not)"));
        must(test.context, rfim_evaluate(test.network, test.splits.train, RFIM_TARGETS_DATA, &all));
        double *numbers = read_all(test.network);
        for (size_t k = 0; k < all_numbers(test.network); k++)
            assert_true(isfinite(numbers[k]));
        refused(test.context, rfim_trainer_step(test.trainer, NULL), RFIM_DIVERGED,
                "make a new trainer");
        same_numbers(test.network, numbers);
        free(numbers);
        end(&test);
    }
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void refuse(const char *text, void (*change)(rfim_options *), rfim_status status,
                   const char *words)
{
    fixture test = begin(text, RFIM_SINGLE, 20);
    double *before = read_all(test.network);
    change(&test.options);
    refused(test.context,
            rfim_trainer_create(test.network, &test.splits, &test.options, &test.trainer), status,
            words);
    assert_null(test.trainer);
    same_numbers(test.network, before);
    free(before);
    end(&test);
}

static void with_l2(rfim_options *options)
{
    options->optimizer.l2 = 1e-3;
}

static void with_neurons(rfim_options *options)
{
    options->optimizer.first = RFIM_NEURON;
}

static void with_second_pass(rfim_options *options)
{
    options->optimizer.metric_pass = RFIM_METRIC_PASS_AGAIN;
}

static void with_spring(rfim_options *options)
{
    options->optimizer.momentum = 0.5;
    options->optimizer.momentum_kind = RFIM_MOMENTUM_SPRING;
}

static void with_second_layer(rfim_options *options)
{
    strcpy(options->optimizer.metric_memory, "layer2=dataset,ema");
}

static void with_all_layers(rfim_options *options)
{
    strcpy(options->optimizer.metric_memory, "dataset");
}

static void with_no_change(rfim_options *options)
{
    (void)options;
}

static void what_cannot_remember_the_data_set_is_refused(void **state)
{
    (void)state;
    refuse(WHOLE, with_l2, RFIM_ERROR_ARGUMENT, "--weight-decay");
    refuse(WHOLE, with_neurons, RFIM_ERROR_ARGUMENT, "shared");
    refuse(WHOLE, with_second_pass, RFIM_ERROR_ARGUMENT, "--metric-pass");
    refuse(WHOLE, with_spring, RFIM_ERROR_ARGUMENT,
           "layer1 cannot have the metric memory `dataset`: --momentum-kind spring");
    refuse(WHOLE, with_second_layer, RFIM_ERROR_ARGUMENT, "layer2");
    refuse(WHOLE, with_all_layers, RFIM_ERROR_ARGUMENT, "layer2");
    refuse("input 45; batchnorm; linear 3", with_no_change, RFIM_ERROR_ARGUMENT, "layer1");
}

/* By an optimiser without a trainer there is no data set to be seen. */
static void an_optimiser_alone_refuses(void **state)
{
    (void)state;
    fixture test = begin(WHOLE, RFIM_SINGLE, 20);
    rfim_trace *trace = NULL;
    rfim_optimizer *optimizer = NULL;
    must(test.context, rfim_trace_create(test.network, 7, &trace));
    refused(test.context, rfim_optimizer_create(trace, &test.options.optimizer, &optimizer),
            RFIM_ERROR_ARGUMENT, "rfim_trainer");
    rfim_trace_free(trace);
    end(&test);
}

static void no_samples_and_null_are_refused(void **state)
{
    (void)state;
    fixture test = begin(WHOLE, RFIM_SINGLE, 20);
    rfim_splits none = {0};
    refused(test.context, rfim_trainer_create(test.network, &none, &test.options, &test.trainer),
            RFIM_ERROR_ARGUMENT, "at least one sample");
    assert_int_equal(rfim_trainer_create(NULL, &none, &test.options, &test.trainer),
                     RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_trainer_step(NULL, NULL), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_trainer_read(NULL), RFIM_ERROR_ARGUMENT);
    rfim_trainer_free(NULL);
    end(&test);
}

/* Whichever allocation fails: a status, nothing left behind, and the network as it was. */
static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    size_t calls = 1;
    for (size_t fails = 0; fails <= calls; fails++) {
        scarce_memory memory = {0};
        rfim_context *context = scarce_context(&memory);
        fixture test = begin_in(context, WHOLE, RFIM_SINGLE, 20);
        double *before = read_all(test.network);
        test.options.optimizer.weight_decay = 0.1;
        size_t blocks = memory.blocks;
        memory.calls = 0;
        memory.fails = fails;
        rfim_status status = rfim_trainer_create(test.network, &test.splits, &test.options,
                                                 &test.trainer);
        if (fails == 0)
            calls = memory.calls;
        assert_int_equal(status, fails == 0 ? RFIM_OK : RFIM_ERROR_MEMORY);
        rfim_trainer_free(test.trainer);
        test.trainer = NULL;
        assert_int_equal(memory.blocks, blocks);
        memory.fails = 0;
        same_numbers(test.network, before);
        free(before);
        end(&test);
        assert_int_equal(memory.blocks, 0);
    }
    assert_true(calls > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_those_of_the_dense_solve),
        cmocka_unit_test(steps_in_float32_are_near),
        cmocka_unit_test(decay_and_momentum_are_those_of_w),
        cmocka_unit_test(dropped_inputs_keep_their_weights),
        cmocka_unit_test(it_is_up_to_date_after_reading),
        cmocka_unit_test(one_call_gives_the_same_bits),
        cmocka_unit_test(a_trained_network_goes_through_a_file),
        cmocka_unit_test(divergence_leaves_finite_weights),
        cmocka_unit_test(what_cannot_remember_the_data_set_is_refused),
        cmocka_unit_test(an_optimiser_alone_refuses),
        cmocka_unit_test(no_samples_and_null_are_refused),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
