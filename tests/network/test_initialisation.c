/* Initial weights: their bounds and moments, what the seed decides, and that single precision is
 * double precision rounded. */
#include "network/small_network.h"

typedef struct weights {
    double *values; /* [m x d], then the biases [m] */
    size_t d;
    size_t m;
} weights;

static weights draw(const char *text, rfim_init_rule rule, double sd, uint64_t seed,
                    rfim_precision precision)
{
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network_options options;
    rfim_network_defaults(&options);
    options.init = rule;
    options.init_sd = sd;
    options.seed = seed;
    options.precision = precision;
    rfim_network *network = NULL;
    must(context, rfim_network_create(context, text, &options, &network));
    weights w = {read_all(network), network->modules[0].inputs, network->modules[0].outputs};
    rfim_network_free(network);
    rfim_context_free(context);
    return w;
}

static double moment(const double *values, size_t count, int power)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += pow(values[k], power);
    return sum / (double)count;
}

/* Moments of 20 000 draws: six standard errors of the mean, and of the mean square of a normal. */
static void expect_moments(const double *values, size_t count, double sd, double kurtosis)
{
    double root = sqrt((double)count);
    assert_true(fabs(moment(values, count, 1)) < 6 * sd / root);
    assert_true(fabs(moment(values, count, 2) / (sd * sd) - 1) < 6 * sqrt(kurtosis - 1) / root);
    assert_true(fabs(moment(values, count, 4) / pow(sd, 4) - kurtosis) < 0.5);
}

static void glorot_bounds_the_whole_matrix(void **state)
{
    (void)state;
    weights w = draw("199-100", RFIM_INIT_GLOROT, 0, 1, RFIM_DOUBLE);
    double bound = sqrt(6.0 / (200 + 100)); /* D + m: the bias row counts */
    double largest = largest_of(w.values, w.d * w.m);
    assert_true(largest <= bound && largest > 0.999 * bound);
    expect_moments(w.values, w.d * w.m, bound / sqrt(3), 1.8);
    const double *biases = w.values + w.d * w.m;
    largest = largest_of(biases, w.m);
    assert_true(largest <= bound && largest > 0.9 * bound);
    assert_true(fabs(moment(biases, w.m, 2) - bound * bound / 3) < 0.3 * bound * bound);
    free(w.values);
}

static void he_and_normal_leave_biases_at_zero(void **state)
{
    (void)state;
    weights he = draw("200-100", RFIM_INIT_HE, 7, 1, RFIM_DOUBLE);
    expect_moments(he.values, he.d * he.m, sqrt(2.0 / 200), 3);
    weights normal = draw("200-100", RFIM_INIT_NORMAL, 0.25, 1, RFIM_DOUBLE);
    expect_moments(normal.values, normal.d * normal.m, 0.25, 3);
    weights zero = draw("200-100", RFIM_INIT_NORMAL, 0, 1, RFIM_DOUBLE);
    assert_true(largest_of(zero.values, zero.d * zero.m) == 0);
    assert_true(largest_of(he.values + he.d * he.m, he.m) == 0);
    assert_true(largest_of(normal.values + normal.d * normal.m, normal.m) == 0);
    free(he.values);
    free(normal.values);
    free(zero.values);
}

static void seeds_decide_everything(void **state)
{
    (void)state;
    static const char text[] = "30-20-20-5 bna";
    enum { NUMBERS = 30 * 20 + 20 + 4 * 20 + 20 * 20 + 20 + 4 * 20 + 20 * 5 + 5 };
    weights a = draw(text, RFIM_INIT_GLOROT, 0, 5, RFIM_DOUBLE);
    weights b = draw(text, RFIM_INIT_GLOROT, 0, 5, RFIM_DOUBLE);
    weights c = draw(text, RFIM_INIT_GLOROT, 0, 6, RFIM_DOUBLE);
    assert_memory_equal(a.values, b.values, NUMBERS * sizeof(double));
    size_t equal = 0;
    for (size_t k = 0; k < 600; k++)
        equal += a.values[k] == c.values[k];
    assert_true(equal == 0);
    /* modules draw from streams of their own */
    weights first = draw("20-20-20", RFIM_INIT_NORMAL, 1, 5, RFIM_DOUBLE);
    equal = 0;
    for (size_t k = 0; k < 400; k++)
        equal += first.values[k] == first.values[420 + k];
    assert_true(equal == 0);
    free(a.values);
    free(b.values);
    free(c.values);
    free(first.values);
}

static void single_precision_is_double_precision_rounded(void **state)
{
    (void)state;
    static const rfim_init_rule rules[] = {RFIM_INIT_GLOROT, RFIM_INIT_HE, RFIM_INIT_NORMAL};
    for (size_t r = 0; r < 3; r++) {
        weights wide = draw("30-20", rules[r], 0.3, 9, RFIM_DOUBLE);
        weights narrow = draw("30-20", rules[r], 0.3, 9, RFIM_SINGLE);
        for (size_t k = 0; k < 31 * 20; k++)
            assert_true(narrow.values[k] == (double)(float)wide.values[k]);
        free(wide.values);
        free(narrow.values);
    }
}

static void batch_normalisation_begins_as_the_identity(void **state)
{
    (void)state;
    weights w = draw("3-2-2 bna", RFIM_INIT_GLOROT, 0, 1, RFIM_DOUBLE);
    static const double expected[] = {1, 1, 0, 0, 0, 0, 1, 1}; /* gamma, beta, mean, variance */
    assert_memory_equal(w.values + 8, expected, sizeof expected);
    free(w.values);
}

static void options_that_cannot_be_are_refused(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_network *network = NULL;
    static const double wrong[] = {-1, NAN, INFINITY, 1e39};
    for (size_t k = 0; k < 4; k++) {
        rfim_network_options options;
        rfim_network_defaults(&options);
        options.init = RFIM_INIT_NORMAL;
        options.init_sd = wrong[k];
        refused(context, rfim_network_create(context, "3-2", &options, &network),
                RFIM_ERROR_ARGUMENT, "standard deviation");
    }
    rfim_network_options options;
    rfim_network_defaults(&options);
    options.init = (rfim_init_rule)4;
    refused(context, rfim_network_create(context, "3-2", &options, &network), RFIM_ERROR_ARGUMENT,
            "rfim_init_rule");
    options.init = RFIM_INIT_HE;
    options.precision = (rfim_precision)2;
    refused(context, rfim_network_create(context, "3-2", &options, &network), RFIM_ERROR_ARGUMENT,
            "precision");
    assert_null(network);
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glorot_bounds_the_whole_matrix),
        cmocka_unit_test(he_and_normal_leave_biases_at_zero),
        cmocka_unit_test(seeds_decide_everything),
        cmocka_unit_test(single_precision_is_double_precision_rounded),
        cmocka_unit_test(batch_normalisation_begins_as_the_identity),
        cmocka_unit_test(options_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
