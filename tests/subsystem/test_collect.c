/* Metrics take in samples: batches, data sets in pieces, each other; and what they refuse. */
#include "subsystem/subject.h"

#define EXACT 1e-14 /* the same sums in another order */

static const char *const network_text = "input 3; linear 4 relu; batchnorm; linear 3; loss softmax";

/* Every representation with the subsystems that it holds: dense and diagonal more than one part. */
static rfim_metric_options option_of(int representation)
{
    bool wide = representation == RFIM_DENSE || representation == RFIM_DIAGONAL;
    size_t module = representation == RFIM_SOFTMAX ? 2 : 0;
    rfim_response response = wide ? RFIM_RESPONSE_NETWORK : RFIM_RESPONSE_OWN;
    return asked(module, wide ? 2 : module, response, (rfim_representation)representation);
}

static rfim_dataset *dataset_of(api *a, const double *x, size_t samples)
{
    rfim_dataset *dataset = NULL;
    size_t d = rfim_network_inputs(a->network);
    assert_ok(a, rfim_dataset_from_arrays(a->context, rfim_doubles(x, samples, d),
                                          rfim_no_targets(), &dataset));
    return dataset;
}

/* --- batches ---------------------------------------------------------------------------------- */

static void keep_and_add_weigh_batches(void **state)
{
    (void)state;
    for (int r = 0; r < RFIM_REPRESENTATIONS; r++) {
        api a = api_open(network_text, RFIM_DOUBLE, 6, 21);
        rfim_metric *metric = metric_of(&a, option_of(r));
        size_t order = rfim_metric_order(metric);
        double *first = dense_of(&a, metric);
        assert_ok(&a, rfim_metric_observe(metric, a.trace, .5, .25)); /* the same batch again */
        double *both = dense_of(&a, metric);
        for (size_t k = 0; k < order * order; k++)
            first[k] *= .75; /* kronecker too: the batch is the same */
        assert_near(both, first, order * order, EXACT);
        assert_ok(&a, rfim_metric_observe(metric, a.trace, 1, 0)); /* nothing is added */
        double *same = dense_of(&a, metric);
        assert_near(same, first, order * order, EXACT);
        free(first);
        free(both);
        free(same);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

static void an_empty_metric_is_zero(void **state)
{
    (void)state;
    for (int r = 0; r < RFIM_REPRESENTATIONS; r++) {
        api a = api_open(network_text, RFIM_DOUBLE, 6, 21);
        rfim_metric *metric = empty_metric(&a, option_of(r));
        double *g = dense_of(&a, metric);
        double rank = 1;
        for (size_t k = 0; k < rfim_metric_order(metric) * rfim_metric_order(metric); k++)
            assert_true(g[k] == 0);
        assert_ok(&a, rfim_metric_effective_rank(metric, &rank));
        assert_true(rank == 0);
        free(g);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

/* --- data sets -------------------------------------------------------------------------------- */

/* Without batch normalisation a pass is a pass: the stream in pieces of 512 is one batch. */
static void a_streamed_data_set_is_one_batch(void **state)
{
    const char *text = "input 3; linear 4 relu; linear 4 tanh; linear 3; loss softmax";
    size_t samples = 1300;
    (void)state;
    for (int r = 0; r < RFIM_REPRESENTATIONS; r++) {
        api a = api_open(text, RFIM_DOUBLE, samples, 4);
        rfim_metric_options options = option_of(r);
        if (r == RFIM_GRAM || r == RFIM_SOFTMAX)
            options.max_samples = samples;
        rfim_dataset *dataset = dataset_of(&a, a.x, samples);
        rfim_metric *whole = metric_of(&a, options);
        rfim_metric *streamed = empty_metric(&a, options);
        size_t order = rfim_metric_order(whole);
        assert_ok(&a, rfim_metric_observe(streamed, a.trace, 0, 3)); /* is forgotten */
        assert_ok(&a, rfim_metric_observe_dataset(streamed, dataset, 0));
        double *g = dense_of(&a, whole);
        double *h = dense_of(&a, streamed);
        assert_near(h, g, order * order, EXACT);
        assert_ok(&a, rfim_metric_observe_dataset(streamed, dataset, 700));
        assert_ok(&a, rfim_trace_forward(a.trace, rfim_doubles(a.x, 700, 3)));
        assert_ok(&a, rfim_metric_observe(whole, a.trace, 0, 1));
        free(g);
        free(h);
        g = dense_of(&a, whole);
        h = dense_of(&a, streamed);
        assert_near(h, g, order * order, EXACT);
        free(g);
        free(h);
        rfim_metric_free(whole);
        rfim_metric_free(streamed);
        rfim_dataset_free(dataset);
        api_close(&a);
    }
}

/* gamma of norm1 is read with the moving averages, not with the batch's statistics. */
static void a_data_set_is_seen_in_inference_mode(void **state)
{
    (void)state;
    api a = api_open("input 3; linear 4 elu; batchnorm; linear 3; loss softmax", RFIM_DOUBLE, 40,
                     8);
    rfim_dataset *dataset = dataset_of(&a, a.x, 40);
    rfim_metric_options options = asked(1, 1, RFIM_RESPONSE_OWN, RFIM_DIAGONAL);
    rfim_metric *by_batch = metric_of(&a, options);
    rfim_metric *by_data = empty_metric(&a, options);
    double g[8];
    double h[8];
    assert_ok(&a, rfim_metric_observe_dataset(by_data, dataset, 0));
    assert_ok(&a, rfim_metric_diagonal(by_batch, g));
    assert_ok(&a, rfim_metric_diagonal(by_data, h));
    for (size_t channel = 0; channel < 4; channel++) {
        assert_true(fabs(g[2 * channel] - 1) < .02); /* v/(v + eps) */
        assert_true(fabs(h[2 * channel] - g[2 * channel]) > 1e-3);
        assert_true(fabs(h[2 * channel + 1] - 1) < EXACT);
    }
    rfim_metric_free(by_batch);
    rfim_metric_free(by_data);
    rfim_dataset_free(dataset);
    api_close(&a);
}

/* --- merging and resetting -------------------------------------------------------------------- */

static void merging_is_weighing(void **state)
{
    (void)state;
    for (int r = 0; r < RFIM_REPRESENTATIONS; r++) {
        api a = api_open(network_text, RFIM_DOUBLE, 6, 33);
        rfim_metric *one = metric_of(&a, option_of(r));
        assert_ok(&a, rfim_trace_forward(a.trace, rfim_doubles(a.x, 4, 3)));
        rfim_metric *other = metric_of(&a, option_of(r));
        size_t order = rfim_metric_order(one);
        double *g = dense_of(&a, one);
        double *h = dense_of(&a, other);
        assert_ok(&a, rfim_metric_merge(one, .5, 2, other));
        double *merged = dense_of(&a, one);
        for (size_t k = 0; k < order * order; k++)
            g[k] = .5 * g[k] + 2 * h[k];
        if (r != RFIM_KRONECKER) /* adds its factors apart */
            assert_near(merged, g, order * order, EXACT);
        assert_ok(&a, rfim_metric_merge(one, 0, 1, other)); /* a copy */
        double *copied = dense_of(&a, one);
        assert_near(copied, h, order * order, EXACT);
        free(g);
        free(h);
        free(merged);
        free(copied);
        rfim_metric_free(one);
        rfim_metric_free(other);
        api_close(&a);
    }
}

static void a_reset_is_a_multiple_of_the_identity(void **state)
{
    (void)state;
    for (int r = 0; r < RFIM_REPRESENTATIONS; r++) {
        api a = api_open(network_text, RFIM_DOUBLE, 6, 34);
        rfim_metric *metric = metric_of(&a, option_of(r));
        size_t order = rfim_metric_order(metric);
        bool keeps_samples = r == RFIM_GRAM || r == RFIM_SOFTMAX;
        double *v = made_up_numbers(&a, order);
        assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, .1, NULL));
        if (keeps_samples)
            assert_refused(&a, rfim_metric_reset(metric, 2), RFIM_ERROR_UNSUPPORTED,
                           "can only be emptied");
        assert_ok(&a, rfim_metric_reset(metric, keeps_samples ? 0 : 2));
        assert_refused(&a, rfim_metric_solve(metric, v, v), RFIM_ERROR_ARGUMENT,
                       "rfim_metric_refresh");
        double *g = dense_of(&a, metric);
        for (size_t k = 0; k < order * order; k++)
            assert_true(g[k] == (keeps_samples || k % (order + 1) ? 0 : 2));
        assert_refused(&a, rfim_metric_reset(metric, NAN), RFIM_ERROR_ARGUMENT, "finite");
        free(g);
        free(v);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

/* --- what is refused -------------------------------------------------------------------------- */

static void traces_that_do_not_fit(void **state)
{
    (void)state;
    api a = api_open(network_text, RFIM_DOUBLE, 6, 2);
    api b = api_open(network_text, RFIM_DOUBLE, 6, 3);
    rfim_trace *fresh = NULL;
    rfim_metric *metric = empty_metric(&a, option_of(RFIM_DENSE));
    size_t order = rfim_metric_order(metric);
    double *theta = numbers(order);
    assert_refused(&a, rfim_metric_observe(metric, b.trace, 0, 1), RFIM_ERROR_ARGUMENT,
                   "another network");
    assert_ok(&a, rfim_trace_create(a.network, 6, &fresh));
    assert_refused(&a, rfim_metric_observe(metric, fresh, 0, 1), RFIM_ERROR_ARGUMENT,
                   "rfim_trace_forward");
    assert_refused(&a, rfim_metric_observe(metric, a.trace, NAN, 1), RFIM_ERROR_ARGUMENT,
                   "keep and add are finite");
    assert_refused(&a, rfim_metric_observe(metric, a.trace, 0, INFINITY), RFIM_ERROR_ARGUMENT,
                   "keep and add are finite");
    assert_int_equal(rfim_metric_observe(NULL, a.trace, 0, 1), RFIM_ERROR_ARGUMENT);
    assert_int_equal(rfim_metric_observe(metric, NULL, 0, 1), RFIM_ERROR_ARGUMENT);
    assert_ok(&a, rfim_metric_parameters(metric, theta));
    assert_ok(&a, rfim_metric_parameters_set(metric, theta));
    assert_refused(&a, rfim_metric_observe(metric, a.trace, 0, 1), RFIM_ERROR_ARGUMENT,
                   "has changed since the forward pass");
    double *g = dense_of(&a, metric);
    for (size_t k = 0; k < order * order; k++)
        assert_true(g[k] == 0);
    free(g);
    free(theta);
    rfim_trace_free(fresh);
    rfim_metric_free(metric);
    api_close(&a);
    api_close(&b);
}

static void data_sets_that_do_not_fit(void **state)
{
    (void)state;
    api a = api_open(network_text, RFIM_DOUBLE, 6, 2);
    rfim_metric *metric = metric_of(&a, option_of(RFIM_DENSE));
    size_t order = rfim_metric_order(metric);
    double *before = dense_of(&a, metric);
    rfim_dataset *dataset = dataset_of(&a, a.x, 6);
    assert_refused(&a, rfim_metric_observe_dataset(metric, dataset, 7), RFIM_ERROR_ARGUMENT,
                   "has 6 samples");
    assert_int_equal(rfim_metric_observe_dataset(metric, NULL, 0), RFIM_ERROR_ARGUMENT);
    rfim_dataset_free(dataset);
    assert_ok(&a, rfim_dataset_from_arrays(a.context, rfim_doubles(a.x, 9, 2), rfim_no_targets(),
                                           &dataset));
    assert_refused(&a, rfim_metric_observe_dataset(metric, dataset, 0), RFIM_ERROR_SHAPE,
                   "3 inputs");
    rfim_dataset_free(dataset);
    dataset = NULL;
    if (rfim_dataset_from_arrays(a.context, rfim_doubles(a.x, 0, 3), rfim_no_targets(), &dataset) ==
        RFIM_OK) {
        assert_refused(&a, rfim_metric_observe_dataset(metric, dataset, 0), RFIM_ERROR_ARGUMENT,
                       "0 samples");
        rfim_dataset_free(dataset);
    }
    double *after = dense_of(&a, metric);
    assert_memory_equal(before, after, order * order * sizeof *before);
    free(before);
    free(after);
    rfim_metric_free(metric);
    api_close(&a);
}

static void more_samples_than_are_kept(void **state)
{
    (void)state;
    for (int r = 0; r < 2; r++) {
        api a = api_open(network_text, RFIM_DOUBLE, 6, 2);
        rfim_metric_options options = option_of(r ? RFIM_GRAM : RFIM_SOFTMAX);
        options.max_samples = 10;
        rfim_metric *metric = metric_of(&a, options);
        size_t order = rfim_metric_order(metric);
        double *before = dense_of(&a, metric);
        assert_refused(&a, rfim_metric_observe(metric, a.trace, 1, 1), RFIM_ERROR_SHAPE,
                       "at most 10 samples, found 12");
        assert_refused(&a, rfim_metric_observe(metric, a.trace, -1, 1), RFIM_ERROR_UNSUPPORTED,
                       "cannot take them off");
        assert_refused(&a, rfim_metric_merge(metric, 1, 1, metric), RFIM_ERROR_SHAPE,
                       "raise max_samples");
        rfim_dataset *dataset = dataset_of(&a, a.x, 6);
        assert_ok(&a, rfim_metric_observe_dataset(metric, dataset, 0));
        rfim_dataset_free(dataset);
        double *x = made_up_numbers(&a, 33);
        dataset = dataset_of(&a, x, 11);
        assert_refused(&a, rfim_metric_observe_dataset(metric, dataset, 0), RFIM_ERROR_SHAPE,
                       "at most 10 samples, found 11");
        assert_ok(&a, rfim_metric_observe(metric, a.trace, 0, 1)); /* all else is dropped */
        double *after = dense_of(&a, metric);
        assert_near(after, before, order * order, EXACT);
        free(x);
        free(before);
        free(after);
        rfim_dataset_free(dataset);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

static void metrics_of_different_things(void **state)
{
    (void)state;
    api a = api_open("input 3; linear 3 tanh; linear 3 tanh; linear 3; loss squared", RFIM_DOUBLE,
                     6, 2);
    api single = api_open("input 3; linear 3 tanh; linear 3 tanh; linear 3; loss squared",
                          RFIM_SINGLE, 6, 2);
    api elu = api_open("input 3; linear 3 tanh; linear 3 elu; linear 3; loss squared", RFIM_DOUBLE,
                       6, 2);
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_NEXT, RFIM_DENSE);
    rfim_metric *metric = metric_of(&a, options);
    rfim_metric_options others[6];
    for (size_t k = 0; k < 6; k++)
        others[k] = options;
    others[0].first = others[0].last = 1;
    others[1].response = RFIM_RESPONSE_NETWORK;
    others[2].representation = RFIM_NEURON;
    others[3].outputs = 2;
    others[4].family = RFIM_FAMILY_GAUSSIAN;
    others[5].sigma = 2;
    for (size_t k = 0; k < 6; k++) {
        rfim_metric *other = metric_of(&a, others[k]);
        assert_refused(&a, rfim_metric_merge(metric, 1, 1, other), RFIM_ERROR_SHAPE,
                       "same subsystem");
        rfim_metric_free(other);
    }
    rfim_metric *rounded = metric_of(&single, options);
    rfim_metric *curved = metric_of(&elu, options);
    /* the same response, by another way */
    rfim_metric *far = metric_of(&a, others[1]);
    rfim_metric *curved_far = metric_of(&elu, others[1]);
    assert_refused(&a, rfim_metric_merge(far, 1, 1, curved_far), RFIM_ERROR_SHAPE,
                   "same subsystem");
    rfim_metric_free(far);
    rfim_metric_free(curved_far);
    assert_refused(&a, rfim_metric_merge(metric, 1, 1, rounded), RFIM_ERROR_SHAPE, "precision");
    assert_refused(&a, rfim_metric_merge(metric, 1, 1, curved), RFIM_ERROR_SHAPE, "same subsystem");
    assert_refused(&a, rfim_metric_merge(metric, NAN, 1, metric), RFIM_ERROR_ARGUMENT, "finite");
    rfim_metric_free(rounded);
    rfim_metric_free(curved);
    rfim_metric_free(metric);
    api_close(&a);
    api_close(&single);
    api_close(&elu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keep_and_add_weigh_batches),
        cmocka_unit_test(an_empty_metric_is_zero),
        cmocka_unit_test(a_streamed_data_set_is_one_batch),
        cmocka_unit_test(a_data_set_is_seen_in_inference_mode),
        cmocka_unit_test(merging_is_weighing),
        cmocka_unit_test(a_reset_is_a_multiple_of_the_identity),
        cmocka_unit_test(traces_that_do_not_fit),
        cmocka_unit_test(data_sets_that_do_not_fit),
        cmocka_unit_test(more_samples_than_are_kept),
        cmocka_unit_test(metrics_of_different_things),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
