/* A network trained on MNIST, inspected with its whole training set streamed: what fits is chosen
 * and said, and memory stays small. How long it takes is told, not tested. */
#include "inspected.h"
#include "train/mnist.h"

#include <rfim/rfim.h>
#include <sys/resource.h>
#include <time.h>

#define NETWORK "784-80-80-80-10 relu"
#define MOST_KILOBYTES 2000000 /* 2 GB, data set included */

static double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* One epoch of the default optimizer. */
static rfim_network *trained(rfim_context *context, const rfim_splits *splits,
                             rfim_options *options)
{
    rfim_network *network = NULL;
    must(context, rfim_options_set(context, options, "epochs", "1"));
    must(context, rfim_network_create(context, NETWORK, &options->init, &network));
    must(context, rfim_train(network, splits, options, NULL, NULL, NULL));
    return network;
}

static void check(const rfim_inspection *inspection, size_t samples)
{
    assert_int_equal(rfim_inspection_count(inspection), 4);
    for (size_t l = 0; l < 4; l++) {
        rfim_inspected told = told_of(inspection, l);
        assert_int_equal(told.samples, samples);
        assert_true(told.metric_trace > 0 && told.largest > 0 && told.condition >= 1);
        assert_true(told.effective_rank >= 1 && told.effective_rank <= (double)told.order);
        assert_int_equal(told.dead + told.saturated + told.linear + told.active, l < 3 ? 80 : 0);
    }
    rfim_inspected first = told_of(inspection, 0);
    assert_int_equal(first.representation, RFIM_SHARED);
    if (!strstr(first.note, "neuron would take 300 MB, more than 64 MB") ||
        !strstr(first.note, "shared: taken as a linear layer, without nu"))
        fail_msg("the note of layer1 says: %s", first.note);
    for (size_t l = 1; l < 3; l++) {
        assert_int_equal(told_of(inspection, l).representation, RFIM_NEURON);
        assert_string_equal(told_of(inspection, l).note, "");
    }
    assert_int_equal(told_of(inspection, 3).representation, RFIM_DENSE);
    /* Who never reaches the network is dead. */
    for (size_t l = 0; l < 3; l++)
        for (size_t j = 0; j < 80; j++)
            assert_true(rfim_inspection_absolute(inspection, l)[j] > 0 ||
                        rfim_inspection_zones(inspection, l)[j] == RFIM_ZONE_DEAD);
}

static void a_network_of_mnist_fits_with_all_its_samples(void **state)
{
    (void)state;
    const char *folder = mnist_folder();
    if (!folder)
        skip();
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_options options;
    rfim_splits splits;
    rfim_inspect_options asked;
    rfim_inspection *inspection = NULL;
    struct rusage usage;
    rfim_options_defaults(&options);
    rfim_inspect_defaults(&asked);
    snprintf(options.data.where, sizeof options.data.where, "%s", folder);
    must(context, rfim_splits_open(context, &options.data, &splits));
    rfim_network *network = trained(context, &splits, &options);
    double began = seconds_now();
    must(context, rfim_inspect(network, splits.train, &asked, &inspection));
    double seconds = seconds_now() - began;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    print_message("%zu samples inspected in %.1f s, at most %ld MB in all\n",
                  rfim_dataset_samples(splits.train), seconds, usage.ru_maxrss / 1000);
    assert_true(usage.ru_maxrss < MOST_KILOBYTES);
    check(inspection, rfim_dataset_samples(splits.train));
    rfim_inspection_free(inspection);
    rfim_network_free(network);
    rfim_splits_free(&splits);
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_of_mnist_fits_with_all_its_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
