/* Does it learn? Whole trainings through the public interface, against what is known of the data:
 * the built-in digits are hard for a linear classifier and not for the paper's network; on MNIST
 * the authors' recipe has the training cost that two independent programs found. */
#include "train/mnist.h"

#include <math.h>
#include <rfim/rfim.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PAPER_NETWORK "784-80-80-80-10 relu"
#define EPOCHS 4

typedef struct history {
    rfim_epoch epochs[32];
} history;

static int keep(void *user, const rfim_progress *progress)
{
    history *h = user;
    if (progress->finished)
        h->epochs[progress->finished->epoch] = *progress->finished;
    return 0;
}

/* Settings: "name=value name=value ..." */
static rfim_epoch train(const char *where, const char *network_text, const char *settings,
                        history *h)
{
    rfim_context *context = NULL;
    rfim_options options;
    rfim_splits splits;
    rfim_network *network = NULL;
    rfim_epoch last;
    assert_int_equal(rfim_context_create(NULL, &context), RFIM_OK);
    rfim_options_defaults(&options);
    char text[256];
    strcpy(text, settings);
    char *rest = NULL;
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *equals = strchr(word, '=');
        *equals = '\0';
        assert_int_equal(rfim_options_set(context, &options, word, equals + 1), RFIM_OK);
    }
    snprintf(options.data.where, sizeof options.data.where, "%s", where);
    options.init.seed = options.train.seed;
    assert_int_equal(rfim_splits_open(context, &options.data, &splits), RFIM_OK);
    assert_int_equal(rfim_network_create(context, network_text, &options.init, &network), RFIM_OK);
    assert_int_equal(rfim_train(network, &splits, &options, keep, h, &last), RFIM_OK);
    rfim_network_free(network);
    rfim_splits_free(&splits);
    rfim_context_free(context);
    return last;
}

static void a_linear_classifier_stays_below_95_percent_on_digits(void **state)
{
    (void)state;
    history h;
    rfim_epoch last = train("digits", "784-10", "optimizer=adam epochs=20 schedule=linear", &h);
    print_message("linear: test accuracy %.4f\n", last.test.accuracy);
    assert_true(last.test.accuracy < 0.95);
    assert_true(last.test.accuracy > 0.80); /* it is a classifier of digits all the same */
}

static void the_papers_network_goes_above_97_5_percent_on_digits(void **state)
{
    (void)state;
    history h;
    rfim_epoch rngd = train("digits", PAPER_NETWORK, "optimizer=rngd epochs=8", &h);
    rfim_epoch adam = train("digits", PAPER_NETWORK, "optimizer=adam epochs=15 schedule=linear",
                            &h);
    print_message("rngd: test accuracy %.4f, adam: %.4f\n", rngd.test.accuracy, adam.test.accuracy);
    assert_true(rngd.test.accuracy > 0.975);
    assert_true(adam.test.accuracy > 0.975);
}

/* Figures: mean training cost over the whole training split after each epoch; seeds differ by
 * about 0.005. */
static void icml2017_has_the_known_training_cost_on_mnist(void **state)
{
    (void)state;
    static const double expected[EPOCHS + 1] = {0, 0.405, 0.230, 0.188, 0.167};
    const char *folder = mnist_folder();
    if (!folder)
        skip();
    history h;
    train(folder, PAPER_NETWORK, "preset=icml2017 epochs=4", &h);
    for (int e = 1; e <= EPOCHS; e++) {
        print_message("epoch %d: cost %.4f, expected %.3f\n", e, h.epochs[e].train_cost,
                      expected[e]);
        assert_true(fabs(h.epochs[e].train_cost - expected[e]) <= 0.02);
    }
}

static void adam_has_the_known_training_loss_on_mnist(void **state)
{
    (void)state;
    const char *folder = mnist_folder();
    if (!folder)
        skip();
    history h;
    rfim_epoch last = train(folder, PAPER_NETWORK, "optimizer=adam epochs=5", &h);
    print_message("training loss after 5 epochs %.4f\n", last.train.loss);
    assert_true(last.train.loss <= 0.09);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_linear_classifier_stays_below_95_percent_on_digits),
        cmocka_unit_test(the_papers_network_goes_above_97_5_percent_on_digits),
        cmocka_unit_test(icml2017_has_the_known_training_cost_on_mnist),
        cmocka_unit_test(adam_has_the_known_training_loss_on_mnist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
