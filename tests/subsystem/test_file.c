/* Metrics in files: what comes back is the same to the last bit. */
#include "subsystem/file.h"

static void assert_same_options(const rfim_metric_options *a, const rfim_metric_options *b)
{
    assert_true(a->first == b->first && a->last == b->last);
    assert_true(a->first_output == b->first_output && a->outputs == b->outputs);
    assert_true(a->variable == b->variable && a->response == b->response);
    assert_true(a->family == b->family && a->sigma == b->sigma);
    assert_true(a->representation == b->representation);
    assert_true(a->kronecker_rule == b->kronecker_rule);
    assert_true(a->max_samples == b->max_samples && a->max_bytes == b->max_bytes);
}

/* --- there and back --------------------------------------------------------------------------- */

static void check_round_trip(const kind *k, rfim_precision precision, bool refreshed)
{
    place p = open_place();
    api a = api_open(k->text, precision, 7, 81);
    rfim_metric *metric = metric_of(&a, asked_of(k));
    rfim_metric *loaded = NULL;
    rfim_metric_options before;
    rfim_metric_options after;
    size_t order = rfim_metric_order(metric);
    size_t bytes = order * sizeof(double);
    double *v = made_up_numbers(&a, order);
    double *there = numbers(order);
    double *back = numbers(order);
    if (refreshed)
        assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_MEAN_DIAGONAL, 1 / 30., NULL));
    assert_ok(&a, rfim_metric_save(metric, p.path));
    assert_ok(&a, rfim_metric_load(a.network, p.path, &loaded));
    rfim_metric_options_get(metric, &before);
    rfim_metric_options_get(loaded, &after);
    assert_same_options(&before, &after);
    assert_ok(&a, rfim_metric_multiply(metric, v, there));
    assert_ok(&a, rfim_metric_multiply(loaded, v, back));
    assert_memory_equal(there, back, bytes);
    if (refreshed) {
        assert_ok(&a, rfim_metric_solve(metric, v, there));
        assert_ok(&a, rfim_metric_solve(loaded, v, back));
        assert_memory_equal(there, back, bytes);
        assert_ok(&a, rfim_metric_damping(metric, there));
        assert_ok(&a, rfim_metric_damping(loaded, back));
        assert_memory_equal(there, back, bytes);
    } else {
        assert_refused(&a, rfim_metric_solve(loaded, v, back), RFIM_ERROR_ARGUMENT,
                       "rfim_metric_refresh");
    }
    /* and it goes on collecting as the other does */
    assert_ok(&a, rfim_metric_observe(metric, a.trace, .5, .25));
    assert_ok(&a, rfim_metric_observe(loaded, a.trace, .5, .25));
    assert_ok(&a, rfim_metric_multiply(metric, v, there));
    assert_ok(&a, rfim_metric_multiply(loaded, v, back));
    assert_memory_equal(there, back, bytes);
    free(v);
    free(there);
    free(back);
    rfim_metric_free(metric);
    rfim_metric_free(loaded);
    api_close(&a);
    close_place(&p);
}

static void all_representations_come_back(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++)
        for (int precision = 0; precision < 2; precision++)
            for (int refreshed = 0; refreshed < 2; refreshed++)
                check_round_trip(&kinds[k], (rfim_precision)precision, refreshed);
}

static void every_option_comes_back(void **state)
{
    (void)state;
    place p = open_place();
    api a = api_open("input 3; linear 5 tanh; linear 4 elu; linear 3; loss squared", RFIM_DOUBLE, 5,
                     82);
    rfim_metric_options options = asked(1, 1, RFIM_RESPONSE_NEXT, RFIM_KRONECKER);
    rfim_metric_options found;
    rfim_metric *loaded = NULL;
    options.first_output = 1;
    options.outputs = 2;
    options.family = RFIM_FAMILY_CANONICAL;
    options.sigma = 1 / 3.;
    options.kronecker_rule = RFIM_KRONECKER_FACTORED;
    options.max_samples = 17;
    options.max_bytes = 123456789;
    rfim_metric *metric = metric_of(&a, options);
    assert_ok(&a, rfim_metric_save(metric, p.path));
    assert_ok(&a, rfim_metric_load(a.network, p.path, &loaded));
    rfim_metric_options_get(loaded, &found);
    assert_same_options(&options, &found);
    rfim_metric_free(metric);
    rfim_metric_free(loaded);
    options = asked(1, 1, RFIM_RESPONSE_NETWORK, RFIM_DENSE);
    options.variable = RFIM_VARIABLE_INPUT;
    metric = metric_of(&a, options);
    assert_ok(&a, rfim_metric_save(metric, p.path));
    assert_ok(&a, rfim_metric_load(a.network, p.path, &loaded));
    assert_int_equal(rfim_metric_order(loaded), 5);
    rfim_metric_free(metric);
    rfim_metric_free(loaded);
    api_close(&a);
    close_place(&p);
}

static void empty_metrics_come_back(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        place p = open_place();
        api a = api_open(kinds[k].text, RFIM_DOUBLE, 7, 83);
        rfim_metric *metric = empty_metric(&a, asked_of(&kinds[k]));
        rfim_metric *loaded = NULL;
        double trace = 1;
        assert_ok(&a, rfim_metric_save(metric, p.path));
        assert_ok(&a, rfim_metric_load(a.network, p.path, &loaded));
        assert_ok(&a, rfim_metric_metric_trace(loaded, &trace));
        assert_true(trace == 0);
        rfim_metric_free(metric);
        rfim_metric_free(loaded);
        api_close(&a);
        close_place(&p);
    }
}

static void equal_metrics_are_equal_bytes(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        place p = open_place();
        uint8_t *bytes[2];
        size_t sizes[2];
        for (size_t t = 0; t < 2; t++) {
            api a = api_open(kinds[k].text, RFIM_DOUBLE, 7, 84);
            rfim_metric *metric = metric_of(&a, asked_of(&kinds[k]));
            double *g = t ? dense_of(&a, metric) : NULL; /* looking leaves no trace in the file */
            assert_ok(&a, rfim_metric_save(metric, p.path));
            bytes[t] = bytes_of(p.path, &sizes[t]);
            free(g);
            rfim_metric_free(metric);
            api_close(&a);
        }
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(bytes[0], bytes[1], sizes[0]);
        free(bytes[0]);
        free(bytes[1]);
        close_place(&p);
    }
}

/* A file of a metric that cannot be factorised tells so. */
static void a_refresh_that_fails_on_loading(void **state)
{
    (void)state;
    place p = open_place();
    api a = api_open(kind_text, RFIM_DOUBLE, 7, 85);
    rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DENSE));
    rfim_metric *loaded = NULL;
    assert_ok(&a, rfim_metric_refresh(metric, RFIM_DAMPING_ABSOLUTE, 1e-6, NULL));
    assert_ok(&a, rfim_metric_merge(metric, 1, -3, metric));
    assert_ok(&a, rfim_metric_save(metric, p.path));
    assert_refused(&a, rfim_metric_load(a.network, p.path, &loaded),
                   RFIM_ERROR_NOT_POSITIVE_DEFINITE, p.path);
    assert_null(loaded);
    rfim_metric_free(metric);
    api_close(&a);
    close_place(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_representations_come_back),
        cmocka_unit_test(every_option_comes_back),
        cmocka_unit_test(empty_metrics_come_back),
        cmocka_unit_test(equal_metrics_are_equal_bytes),
        cmocka_unit_test(a_refresh_that_fails_on_loading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
