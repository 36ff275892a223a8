/* Does it learn? Whole trainings on the built-in digits, which are hard for a linear classifier and
 * not for the paper's network. */
#include "train/learning.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_linear_classifier_stays_below_95_percent_on_digits),
        cmocka_unit_test(the_papers_network_goes_above_97_5_percent_on_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
