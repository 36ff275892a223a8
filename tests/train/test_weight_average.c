/* The average of the weights over the steps, against the sum that defines it, made of the weights
 * that training without it leaves after every step. */
#include "network/scarce_memory.h"
#include "optimizer/by_hand.h"
#include "train/trainer_fixture.h"

#include <stdio.h>

#define INPUTS 9
#define SAMPLES 33
#define STEPS 20
#define WHOLE "input 9; linear 8 relu; batchnorm decay=0.5; linear 7 tanh; linear 3"

static fixture begin_in(rfim_context *context, rfim_method method, const char *memory)
{
    fixture test = fixture_of(context, WHOLE, RFIM_DOUBLE, SAMPLES, INPUTS);
    rfim_optimizer_defaults(method, &test.options.optimizer);
    test.options.optimizer.learning_rate = 0.05;
    test.options.optimizer.weight_decay = 0.4;
    if (method == RFIM_RNGD)
        snprintf(test.options.optimizer.metric_memory, RFIM_LAYERS_TEXT, "%s", memory);
    test.options.train.batch = 7;
    test.options.train.epochs = 4;
    return test;
}

static fixture begin(rfim_method method, const char *memory)
{
    return begin_in(small_context(RFIM_KERNELS_AUTOMATIC), method, memory);
}

/* The network after each of the steps: [STEPS x numbers]; losses: [STEPS] of the batches. */
static double *history(rfim_method method, const char *memory, double decay, double *losses)
{
    fixture test = begin(method, memory);
    size_t count = all_numbers(test.network);
    double *all = calloc(STEPS * count, sizeof *all);
    test.options.train.weight_average = decay;
    create(&test);
    for (size_t s = 0; s < STEPS; s++) {
        must(test.context, rfim_trainer_step(test.trainer, &losses[s]));
        must(test.context, rfim_trainer_read(test.trainer));
        double *now = read_all(test.network);
        memcpy(all + s * count, now, count * sizeof *all);
        free(now);
    }
    end(&test);
    return all;
}

/* Rounding alone: of a fold in float64 where the first layer is whitened. */
static void check_mean(rfim_method method, const char *memory, double decay)
{
    fixture test = begin(method, memory);
    size_t count = all_numbers(test.network);
    double losses[2][STEPS];
    double *weights = history(method, memory, 0, losses[0]);
    double *means = history(method, memory, decay, losses[1]);
    for (size_t s = 0; s < STEPS; s++)
        assert_true(losses[0][s] == losses[1][s]); /* training does not see the average */
    for (size_t t = 0; t < STEPS; t++) {
        for (size_t k = 0; k < count; k++) {
            double sum = 0;
            double total = 0;
            for (size_t s = 0; s <= t; s++) {
                sum += pow(decay, (double)(t - s)) * weights[s * count + k];
                total += pow(decay, (double)(t - s));
            }
            double found = means[t * count + k];
            if (!(fabs(found - sum / total) <= 1e-11 * (1 + fabs(found))))
                fail_msg("method %d, memory %s, decay %g, step %zu, number %zu: %.17g, not %.17g",
                         (int)method, memory, decay, t + 1, k, found, sum / total);
        }
    }
    free(weights);
    free(means);
    end(&test);
}

static void it_is_the_mean_of_the_steps(void **state)
{
    static const double decays[] = {0.3, 0.9, 0.9999};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        check_mean(RFIM_SGD, "", decays[k]);
        check_mean(RFIM_ADAM, "", decays[k]);
        check_mean(RFIM_RNGD, "ema", decays[k]);
        check_mean(RFIM_RNGD, "layer1=dataset,ema", decays[k]);
    }
}

/* Reading at every step, or only at the end. */
static void reading_does_not_change_it(void **state)
{
    static const char *const memories[] = {"ema", "layer1=dataset,ema"};
    (void)state;
    for (size_t m = 0; m < 2; m++) {
        double losses[STEPS];
        double *means = history(RFIM_RNGD, memories[m], 0.9, losses);
        fixture test = begin(RFIM_RNGD, memories[m]);
        size_t count = all_numbers(test.network);
        test.options.train.weight_average = 0.9;
        double *initial = read_all(test.network);
        create(&test);
        must(test.context, rfim_trainer_read(test.trainer)); /* nothing yet: the initial weights */
        double *found = read_all(test.network);
        assert_true(distance(found, initial, count) < 1e-12);
        free(found);
        for (size_t s = 0; s < STEPS; s++)
            must(test.context, rfim_trainer_step(test.trainer, NULL));
        must(test.context, rfim_trainer_read(test.trainer));
        found = read_all(test.network);
        assert_memory_equal(found, means + (STEPS - 1) * count, count * sizeof *found);
        free(found);
        free(initial);
        free(means);
        end(&test);
    }
}

static int keep_epoch(void *user, const rfim_progress *progress)
{
    if (progress->finished)
        *(rfim_epoch *)user = *progress->finished;
    return 0;
}

static void it_is_what_is_evaluated_and_left(void **state)
{
    (void)state;
    fixture test = begin(RFIM_ADAM, "");
    rfim_epoch epoch = {0};
    rfim_evaluation again;
    double losses[STEPS];
    double *means = history(RFIM_ADAM, "", 0.9, losses);
    test.options.train.weight_average = 0.9;
    must(test.context,
         rfim_train(test.network, &test.splits, &test.options, keep_epoch, &epoch, NULL));
    must(test.context,
         rfim_evaluate(test.network, test.splits.train, RFIM_TARGETS_AUTOMATIC, &again));
    assert_int_equal(epoch.step, STEPS);
    assert_true(again.loss == epoch.train.loss);
    double *left = read_all(test.network);
    assert_memory_equal(left, means + (STEPS - 1) * all_numbers(test.network),
                        all_numbers(test.network) * sizeof *left);
    free(left);
    free(means);
    end(&test);
}

/* Weights whose loss is not finite do not get into it. */
static void divergence_leaves_it_finite(void **state)
{
    (void)state;
    double *before = NULL;
    fixture test = begin(RFIM_SGD, "");
    rfim_network_free(test.network);
    test.network = small_network(test.context, "input 9; linear 8; linear 7; loss squared",
                                 RFIM_SINGLE, 1);
    size_t count = all_numbers(test.network);
    rfim_status status = RFIM_OK;
    test.options.optimizer.learning_rate = 1e4;
    test.options.optimizer.schedule = RFIM_SCHEDULE_CONSTANT;
    test.options.optimizer.weight_decay = 0;
    test.options.train.weight_average = 0.5;
    test.options.train.target = RFIM_TARGETS_AUTOMATIC;
    create(&test);
    for (int s = 0; s < 100; s++) {
        status = rfim_trainer_step(test.trainer, NULL);
        if (status != RFIM_OK)
            break;
        must(test.context, rfim_trainer_read(test.trainer));
        free(before);
        before = read_all(test.network);
    }
    assert_int_equal(status, RFIM_DIVERGED);
    assert_non_null(before);
    double *left = read_all(test.network);
    for (size_t k = 0; k < count; k++)
        assert_true(isfinite(left[k]));
    free(before);
    free(left);
    end(&test);
}

static void decays_out_of_range_are_refused(void **state)
{
    static const double wrong[] = {1, -0.1, 2, NAN};
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        fixture test = begin(RFIM_SGD, "");
        test.options.train.weight_average = wrong[k];
        refused(test.context,
                rfim_trainer_create(test.network, &test.splits, &test.options, &test.trainer),
                RFIM_ERROR_ARGUMENT, "weight_average is from 0 to below 1");
        refused(test.context, rfim_options_check(test.context, &test.options), RFIM_ERROR_ARGUMENT,
                "weight-average");
        end(&test);
    }
}

/* Whichever allocation fails: a status, and nothing left behind. */
static void check_scarce(const char *metric_memory)
{
    size_t calls = 1;
    for (size_t fails = 0; fails <= calls; fails++) {
        scarce_memory memory = {0};
        rfim_context *context = scarce_context(&memory);
        fixture test = begin_in(context, RFIM_RNGD, metric_memory);
        test.options.train.weight_average = 0.9;
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
        end(&test);
        assert_int_equal(memory.blocks, 0);
    }
    assert_true(calls > 10);
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    check_scarce("ema");
    check_scarce("layer1=dataset,ema");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_mean_of_the_steps),
        cmocka_unit_test(reading_does_not_change_it),
        cmocka_unit_test(it_is_what_is_evaluated_and_left),
        cmocka_unit_test(divergence_leaves_it_finite),
        cmocka_unit_test(decays_out_of_range_are_refused),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
