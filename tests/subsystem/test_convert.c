/* One metric in several representations: where nothing is lost, what is kept where something is,
 * and how far the approximations are. */
#include "check/oracle/dense.h"
#include "subsystem/kinds.h"

#define EXACT 1e-14

static rfim_metric *converted(api *a, rfim_metric *from, rfim_representation to, int approximate)
{
    rfim_metric *out = NULL;
    assert_ok(a, rfim_metric_convert(from, to, approximate, &out));
    return out;
}

/* Are both the same matrix? */
static void check_same(api *a, rfim_metric *one, rfim_metric *other)
{
    size_t order = rfim_metric_order(one);
    double *g = dense_of(a, one);
    double *h = dense_of(a, other);
    assert_int_equal(rfim_metric_order(other), order);
    assert_near(h, g, order * order, EXACT);
    free(g);
    free(h);
}

/* Converts there, without loss, and to dense, and compares. */
static void check_exact(api *a, rfim_metric *from, rfim_representation to)
{
    rfim_metric_options options;
    rfim_metric *there = converted(a, from, to, 0);
    rfim_metric *allowed = converted(a, from, to, 1);
    rfim_metric_options_get(there, &options);
    assert_int_equal(options.representation, to);
    check_same(a, from, there);
    check_same(a, from, allowed);
    rfim_metric_free(there);
    rfim_metric_free(allowed);
}

static void check_lossy(api *a, rfim_metric *from, rfim_representation to, const char *words)
{
    rfim_metric *out = (rfim_metric *)a;
    assert_refused(a, rfim_metric_convert(from, to, 0, &out), RFIM_ERROR_UNSUPPORTED, words);
    assert_null(out);
}

/* --- exact ------------------------------------------------------------------------------------ */

static void dense_holds_every_metric(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        api a = api_open(kinds[k].text, RFIM_DOUBLE, 7, 61);
        rfim_metric *metric = metric_of(&a, asked_of(&kinds[k]));
        check_exact(&a, metric, RFIM_DENSE);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

static void the_same_representation_is_a_copy(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        api a = api_open(kinds[k].text, RFIM_DOUBLE, 7, 62);
        rfim_metric *metric = metric_of(&a, asked_of(&kinds[k]));
        rfim_metric *copy = converted(&a, metric, kinds[k].representation, 0);
        size_t order = rfim_metric_order(metric);
        double *v = made_up_numbers(&a, order);
        double *g = numbers(order);
        double *h = numbers(order);
        assert_ok(&a, rfim_metric_multiply(metric, v, g));
        assert_ok(&a, rfim_metric_observe(metric, a.trace, 5, 7)); /* the copy is its own */
        assert_ok(&a, rfim_metric_multiply(copy, v, h));
        assert_memory_equal(g, h, order * sizeof *g);
        free(v);
        free(g);
        free(h);
        rfim_metric_free(copy);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

static void block_diagonal_metrics(void **state)
{
    (void)state;
    api a = api_open("input 3; linear 4 tanh; linear 3; loss softmax", RFIM_DOUBLE, 7, 63);
    rfim_metric *shared = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_SHARED));
    rfim_metric *neuron = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_NEURON));
    rfim_metric *gram = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_GRAM));
    rfim_metric *diagonal = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_DIAGONAL));
    rfim_metric *product = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_KRONECKER));
    check_exact(&a, shared, RFIM_NEURON);
    check_exact(&a, shared, RFIM_KRONECKER);
    check_exact(&a, gram, RFIM_NEURON);
    check_exact(&a, diagonal, RFIM_NEURON);
    check_exact(&a, product, RFIM_NEURON); /* A is a diagonal of means */
    check_lossy(&a, shared, RFIM_DIAGONAL, "(its diagonal)");
    check_lossy(&a, neuron, RFIM_SHARED, "(the mean of its diagonal blocks)");
    check_lossy(&a, neuron, RFIM_KRONECKER, "(its partial traces)");
    check_lossy(&a, gram, RFIM_SHARED, "`shared` does not hold all that `gram` holds");
    rfim_metric_free(shared);
    rfim_metric_free(neuron);
    rfim_metric_free(gram);
    rfim_metric_free(diagonal);
    rfim_metric_free(product);
    api_close(&a);
}

/* What a dense metric holds decides. */
static void round_trips_by_dense(void **state)
{
    static const rfim_representation held[] = {RFIM_NEURON, RFIM_DIAGONAL};
    (void)state;
    for (size_t r = 0; r < 2; r++) {
        api a = api_open("input 3; linear 4 tanh; linear 3; loss softmax", RFIM_DOUBLE, 7, 64);
        rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, held[r]));
        rfim_metric *dense = converted(&a, metric, RFIM_DENSE, 0);
        check_exact(&a, dense, held[r]);
        if (held[r] == RFIM_NEURON)
            check_lossy(&a, dense, RFIM_DIAGONAL, "diagonal");
        rfim_metric_free(dense);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

static void one_neuron_is_one_block(void **state)
{
    static const rfim_representation all[] = {RFIM_SHARED, RFIM_NEURON, RFIM_KRONECKER, RFIM_DENSE};
    (void)state;
    api a = api_open("input 4; linear 1; linear 3; loss softmax", RFIM_DOUBLE, 7, 65);
    rfim_metric *gram = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_GRAM));
    for (size_t i = 0; i < 4; i++) {
        rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, all[i]));
        for (size_t j = 0; j < 4; j++)
            check_exact(&a, metric, all[j]);
        check_exact(&a, gram, all[i]);
        rfim_metric_free(metric);
    }
    rfim_metric_free(gram);
    api_close(&a);
}

/* --- approximate ------------------------------------------------------------------------------ */

/* By the definition: what is kept of G [N x N], blocks [D x D], m of them in a row. */
static void keep(double *g, size_t D, size_t m, rfim_representation representation)
{
    size_t order = D * m;
    double *mean = numbers(D * D);
    double *traces = numbers(m * m);
    double trace = 0;
    for (size_t r = 0; r < order; r++)
        for (size_t c = 0; c < order; c++) {
            if (r / D == c / D)
                mean[r % D * D + c % D] += g[r * order + c] / (double)m;
            if (r % D == c % D)
                traces[r / D * m + c / D] += g[r * order + c];
            trace += r == c ? g[r * order + c] : 0;
        }
    for (size_t r = 0; r < order; r++)
        for (size_t c = 0; c < order; c++) {
            double *entry = &g[r * order + c];
            double block = mean[r % D * D + c % D];
            if (representation == RFIM_KRONECKER)
                *entry = traces[r / D * m + c / D] * block * (double)m / trace;
            else if (r / D != c / D || (representation == RFIM_DIAGONAL && r != c))
                *entry = 0;
            else if (representation == RFIM_SHARED)
                *entry = block;
        }
    free(mean);
    free(traces);
}

static void check_approximation(api *a, rfim_metric *metric, size_t D, size_t m,
                                rfim_representation to)
{
    size_t order = D * m;
    double *g = dense_of(a, metric);
    rfim_metric *there = converted(a, metric, to, 1);
    double *h = dense_of(a, there);
    keep(g, D, m, to);
    assert_near(h, g, order * order, EXACT);
    free(g);
    free(h);
    rfim_metric_free(there);
}

static void approximations_are_what_they_are_called(void **state)
{
    static const rfim_representation less[] = {RFIM_NEURON, RFIM_KRONECKER, RFIM_DIAGONAL};
    static const rfim_representation full[] = {RFIM_DENSE, RFIM_GRAM, RFIM_SOFTMAX, RFIM_KRONECKER};
    (void)state;
    api a = api_open("input 3; linear 4 tanh; linear 3; loss softmax", RFIM_DOUBLE, 7, 66);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 3; j++) {
            rfim_metric *metric = metric_of(&a, asked(1, 1, RFIM_RESPONSE_OWN, full[i]));
            if (full[i] != less[j]) {
                check_lossy(&a, metric, less[j], "allow an approximation");
                check_approximation(&a, metric, 5, 3, less[j]);
            }
            rfim_metric_free(metric);
        }
    /* A layer's own response is the one that `shared` is for. */
    for (int r = 0; r < RFIM_REPRESENTATIONS; r++) {
        if (r == RFIM_SOFTMAX)
            continue;
        rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, (rfim_representation)r));
        check_approximation(&a, metric, 4, 4, RFIM_SHARED);
        check_approximation(&a, metric, 4, 4, RFIM_NEURON);
        check_approximation(&a, metric, 4, 4, RFIM_KRONECKER);
        check_approximation(&a, metric, 4, 4, RFIM_DIAGONAL);
        rfim_metric_free(metric);
    }
    api_close(&a);
}

/* A product comes back as the product that it is, factor by factor. */
static void a_product_is_found_again(void **state)
{
    (void)state;
    api a = api_open("input 3; linear 4 tanh; linear 3; loss softmax", RFIM_DOUBLE, 7, 67);
    rfim_metric *product = metric_of(&a, asked(0, 0, RFIM_RESPONSE_NEXT, RFIM_KRONECKER));
    rfim_metric *dense = converted(&a, product, RFIM_DENSE, 0);
    rfim_metric *again = converted(&a, dense, RFIM_KRONECKER, 1);
    size_t order = rfim_metric_order(product);
    double *g = NULL;
    check_same(&a, product, again);
    /* merged with the real one it stays: both have mass 1 */
    assert_ok(&a, rfim_metric_merge(again, .5, .5, product));
    g = dense_of(&a, again);
    double *h = dense_of(&a, product);
    assert_near(g, h, order * order, EXACT);
    free(g);
    free(h);
    rfim_metric_free(product);
    rfim_metric_free(dense);
    rfim_metric_free(again);
    api_close(&a);
}

static void single_precision_and_empty_metrics(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        api a = api_open(kinds[k].text, RFIM_SINGLE, 7, 68);
        rfim_metric *metric = empty_metric(&a, asked_of(&kinds[k]));
        for (int filled = 0; filled < 2; filled++) {
            rfim_metric *dense = converted(&a, metric, RFIM_DENSE, 0);
            rfim_metric *diagonal = converted(&a, metric, RFIM_DIAGONAL, 1);
            size_t order = rfim_metric_order(metric);
            double *g = dense_of(&a, metric);
            double *h = dense_of(&a, dense);
            double *d = numbers(order);
            assert_near(h, g, order * order, 1e-6); /* gram sums both triangles */
            assert_ok(&a, rfim_metric_diagonal(diagonal, d));
            for (size_t i = 0; i < order; i++)
                assert_true(fabs(d[i] - g[i * order + i]) <= 1e-6 * fabs(d[i]));
            free(g);
            free(h);
            free(d);
            rfim_metric_free(dense);
            rfim_metric_free(diagonal);
            assert_ok(&a, rfim_metric_observe(metric, a.trace, 0, 1));
        }
        rfim_metric_free(metric);
        api_close(&a);
    }
}

/* --- refused ---------------------------------------------------------------------------------- */

static void conversions_that_are_refused(void **state)
{
    (void)state;
    api a = api_open(kind_text, RFIM_DOUBLE, 7, 69);
    rfim_metric *dense = metric_of(&a, asked(2, 2, RFIM_RESPONSE_OWN, RFIM_DENSE));
    rfim_metric *whole = metric_of(&a, asked(0, 2, RFIM_RESPONSE_NETWORK, RFIM_DIAGONAL));
    rfim_metric *out = NULL;
    check_lossy(&a, dense, RFIM_SOFTMAX,
                "`softmax` keeps samples in a form of its own and cannot be made from `dense`");
    check_lossy(&a, dense, RFIM_GRAM, "`gram` keeps samples");
    assert_refused(&a, rfim_metric_convert(dense, RFIM_SHARED, 1, &out), RFIM_ERROR_UNSUPPORTED,
                   "cannot hold the metric of layer2");
    assert_refused(&a, rfim_metric_convert(whole, RFIM_NEURON, 1, &out), RFIM_ERROR_UNSUPPORTED,
                   "cannot hold");
    assert_refused(&a, rfim_metric_convert(dense, (rfim_representation)8, 1, &out),
                   RFIM_ERROR_ARGUMENT, "from 0 to 6, found 8");
    assert_int_equal(rfim_metric_convert(dense, RFIM_DENSE, 1, NULL), RFIM_ERROR_ARGUMENT);
    rfim_metric_free(dense);
    rfim_metric_free(whole);
    api_close(&a);
}

static void dense_beyond_memory(void **state)
{
    (void)state;
    api a = api_open("input 30; linear 20 tanh; linear 3; loss softmax", RFIM_DOUBLE, 4, 1);
    rfim_metric_options options = asked(0, 1, RFIM_RESPONSE_NETWORK, RFIM_DIAGONAL);
    rfim_metric *out = NULL;
    options.max_bytes = 2000000;
    rfim_metric *metric = metric_of(&a, options);
    assert_refused(&a, rfim_metric_convert(metric, RFIM_DENSE, 0, &out), RFIM_ERROR_MEMORY,
                   "more than the 2 MB");
    assert_null(out);
    rfim_metric_free(metric);
    api_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_holds_every_metric),
        cmocka_unit_test(the_same_representation_is_a_copy),
        cmocka_unit_test(block_diagonal_metrics),
        cmocka_unit_test(round_trips_by_dense),
        cmocka_unit_test(one_neuron_is_one_block),
        cmocka_unit_test(approximations_are_what_they_are_called),
        cmocka_unit_test(a_product_is_found_again),
        cmocka_unit_test(single_precision_and_empty_metrics),
        cmocka_unit_test(conversions_that_are_refused),
        cmocka_unit_test(dense_beyond_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
