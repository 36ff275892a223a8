/* Does it learn? On MNIST the authors' recipe has the training cost that two independent programs
 * found, and Adam the loss that it is known for. */
#include "train/learning.h"
#include "train/mnist.h"

#include <math.h>

#define EPOCHS 4

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
        cmocka_unit_test(icml2017_has_the_known_training_cost_on_mnist),
        cmocka_unit_test(adam_has_the_known_training_loss_on_mnist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
