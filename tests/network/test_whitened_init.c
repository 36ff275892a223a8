/* --init whitened: against the formulas of network/whitened_init.h in plain loops, and what it is
 * for: units and offsets of the inputs do not change the function that is drawn. */
#include "data/dataset.h"
#include "data/tabular.h"
#include "network/small_network.h"

#define SEED 11

static rfim_dataset *dataset_of(rfim_context *context, double *x, size_t n, size_t d)
{
    rfim_dataset *dataset = NULL;
    must(context,
         rfim_dataset_from_arrays(context, rfim_doubles(x, n, d), rfim_no_targets(), &dataset));
    return dataset;
}

static rfim_network *create(rfim_context *context, const char *text, const rfim_dataset *dataset,
                            rfim_precision precision)
{
    rfim_network *network = NULL;
    rfim_network_options options;
    rfim_network_defaults(&options);
    options.init = RFIM_INIT_WHITENED;
    options.precision = precision;
    options.seed = SEED;
    must(context, rfim_network_create_for(context, text, &options, dataset, &network));
    return network;
}

static double *outputs_of(rfim_network *network, double *x, size_t n, size_t d)
{
    double *y = malloc(n * rfim_network_outputs(network) * sizeof *y);
    must(network->context, rfim_network_predict(network, rfim_doubles(x, n, d), y));
    return y;
}

static double distance(const double *a, const double *b, size_t count)
{
    double largest = 0;
    for (size_t k = 0; k < count; k++)
        largest = fmax(largest, fabs(a[k] - b[k]));
    return largest;
}

/* Samples with correlated columns: a random mixture of independent ones. */
static double *mixed(uint64_t seed, size_t n, size_t d)
{
    double *z = make_normal(seed, 1, n * d);
    double *a = make_normal(seed + 1, 0.4, d * d);
    double *x = calloc(n * d, sizeof *x);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k < d; k++)
                x[i * d + k] += z[i * d + j] * (a[j * d + k] + (j == k));
    free(a);
    free(z);
    return x;
}

/* G = (1/N) sum x~ x~^T with the one first, and (D/N) times the variances added. [D x D] */
static double *naive_metric(const double *x, size_t n, size_t d)
{
    size_t order = d + 1;
    double *g = calloc(order * order, sizeof *g);
    for (size_t i = 0; i < n; i++)
        for (size_t a = 0; a < order; a++)
            for (size_t b = 0; b < order; b++)
                g[a * order + b] += (a ? x[i * d + a - 1] : 1) * (b ? x[i * d + b - 1] : 1) /
                                    (double)n;
    for (size_t a = 1; a < order; a++) {
        double variance = g[a * order + a] - g[a * order] * g[a * order];
        g[a * order + a] += variance * (double)order / (double)n;
    }
    return g;
}

static void naive_cholesky(double *g, size_t order)
{
    for (size_t a = 0; a < order; a++)
        for (size_t b = 0; b <= a; b++) {
            double sum = g[a * order + b];
            for (size_t c = 0; c < b; c++)
                sum -= g[a * order + c] * g[b * order + c];
            g[a * order + b] = a == b ? sqrt(sum) : sum / g[b * order + b];
        }
}

/* L^T W is what the stream of the first module gives, times 1/sqrt(D). */
static void weights_are_normal_in_cholesky_coordinates(void **state)
{
    (void)state;
    enum { N = 60, D = 6, M = 4 };
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    double *x = mixed(3, N, D);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < D; k++)
            x[i * D + k] = (x[i * D + k] + (double)k) * pow(10, (double)k - 3);
    rfim_dataset *dataset = dataset_of(context, x, N, D);
    rfim_network *network = create(context, "6-4-2 tanh", dataset, RFIM_DOUBLE);
    double *w = read_all(network); /* layer1.weight [m x d], layer1.bias [m], ... */
    double *l = naive_metric(x, N, D);
    naive_cholesky(l, D + 1);
    rfim__random random = rfim__random_start(SEED, rfim__stream(RFIM__STREAM_INIT, 0));
    for (size_t row = 1; row <= D + 1; row++) { /* the bias, V's row 0, is drawn last */
        size_t a = row % (D + 1);
        for (size_t j = 0; j < M; j++) {
            double v = 0;
            for (size_t b = a; b <= D; b++)
                v += l[b * (D + 1) + a] * (b ? w[j * D + b - 1] : w[M * D + j]);
            /* The naive factor sees offsets, and loses up to their squares of its digits. */
            double drawn = rfim__random_normal(&random) / sqrt(D + 1);
            assert_true(fabs(v - drawn) < 1e-9);
        }
    }
    free(l);
    free(w);
    free(x);
    rfim_network_free(network);
    rfim_dataset_free(dataset);
    rfim_context_free(context);
}

/* 400 neurons, D = 21, N = 20 000. The mean square of t of a neuron is a mean of D squares: over
 * all neurons its relative standard error is sqrt(2 / (400 x 21)) = 1.5 %; what is added to the
 * diagonal takes up to another 5 % where inputs nearly depend on each other. */
static void the_first_layer_answers_with_unit_mean_square(void **state)
{
    (void)state;
    enum { N = 20000, D = 20, M = 400 };
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    rfim_dataset *dataset = NULL;
    must(context, rfim__tabular_create(context, 1, RFIM__TABULAR_TRAIN, N, &dataset));
    rfim_network *network = create(context, "input 20; linear 400; loss squared", dataset,
                                   RFIM_SINGLE);
    double *t = outputs_of(network, dataset->values, N, D);
    double squares = 0;
    for (size_t index = 0; index < (size_t)N * M; index++)
        squares += t[index] * t[index] / ((double)N * M);
    assert_true(squares > 1 - 0.05 - 5 * 0.015 && squares < 1 + 5 * 0.015);
    free(t);
    rfim_network_free(network);
    rfim_dataset_free(dataset);
    rfim_context_free(context);
}

/* Units from 1e-3 to 1e3, offsets of up to two deviations. */
static void units_and_offsets_do_not_matter(void **state)
{
    (void)state;
    enum { N = 200, D = 7 };
    /* In float32 inputs and weights are rounded: 2^-24 of some 8 terms of size 3. */
    static const double tolerances[] = {2e-5, 1e-10};
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    double *x = mixed(5, N, D);
    double *raw = malloc(N * D * sizeof *raw);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < D; k++)
            raw[i * D + k] = (x[i * D + k] + 2 * cos((double)k)) * pow(10, (double)k - 3);
    rfim_dataset *plain_data = dataset_of(context, x, N, D);
    rfim_dataset *raw_data = dataset_of(context, raw, N, D);
    for (int wide = 0; wide < 2; wide++) {
        rfim_precision precision = wide ? RFIM_DOUBLE : RFIM_SINGLE;
        rfim_network *plain = create(context, "7-30-3 tanh", plain_data, precision);
        rfim_network *other = create(context, "7-30-3 tanh", raw_data, precision);
        double *a = outputs_of(plain, x, N, D);
        double *b = outputs_of(other, raw, N, D);
        assert_true(distance(a, b, (size_t)N * 3) < tolerances[wide]);
        free(b);
        free(a);
        rfim_network_free(other);
        rfim_network_free(plain);
    }
    rfim_dataset_free(raw_data);
    rfim_dataset_free(plain_data);
    free(raw);
    free(x);
    rfim_context_free(context);
}

static void other_layers_are_those_of_glorot(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    double *x = mixed(5, 50, 5);
    rfim_dataset *dataset = dataset_of(context, x, 50, 5);
    rfim_network *whitened = create(context, "5-8-3 tanh bna", dataset, RFIM_SINGLE);
    rfim_network *glorot = small_network(context, "5-8-3 tanh bna", RFIM_SINGLE, SEED);
    double *a = read_all(whitened);
    double *b = read_all(glorot);
    size_t first = 6 * 8;
    assert_true(distance(a, b, first) > 0.1);
    assert_memory_equal(a + first, b + first, (all_numbers(glorot) - first) * sizeof *a);
    free(b);
    free(a);
    rfim_network_free(glorot);
    rfim_network_free(whitened);
    rfim_dataset_free(dataset);
    free(x);
    rfim_context_free(context);
}

/* Inputs 2 and 3 never vary, input 4 repeats input 0, input 5 is a sum: the covariance has rank 2.
 */
static void inputs_that_depend_on_each_other_get_finite_weights(void **state)
{
    (void)state;
    enum { N = 500, D = 6, M = 200 };
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    double *x = make_normal(8, 1, N * D);
    for (size_t i = 0; i < N; i++) {
        double *row = x + i * D;
        row[2] = 0;
        row[3] = 1000;
        row[4] = row[0];
        row[5] = 3 * row[0] - row[1];
    }
    rfim_dataset *dataset = dataset_of(context, x, N, D);
    rfim_network *network = create(context, "input 6; linear 200; loss squared", dataset,
                                   RFIM_SINGLE);
    double *w = read_all(network);
    double *t = outputs_of(network, x, N, D);
    double squares = 0;
    for (size_t index = 0; index < (size_t)N * M; index++)
        squares += t[index] * t[index] / ((double)N * M);
    /* Two directions and the one of D = 7 are there: 3/7, within 6 standard errors. */
    assert_true(fabs(squares - 3.0 / 7) < 3.0 / 7 * 6 * sqrt(2.0 / (3 * M)));
    /* Weights are at most some deviations of N(0, N / D^2 ...): the floor D/N gives sqrt(N/D). */
    double bound = 6 * sqrt(1.0 / 7) * sqrt((double)N / 7) * 2;
    double constant = 0;
    for (size_t j = 0; j < M; j++) {
        for (size_t k = 0; k < D; k++)
            assert_true(fabs(w[j * D + k]) < bound);
        constant += w[j * D + 2] * w[j * D + 2] / M;
    }
    /* of M normals of variance 1/7, within 6 standard errors */
    assert_true(fabs(constant - 1.0 / 7) < 1.0 / 7 * 6 * sqrt(2.0 / M));
    free(t);
    free(w);
    free(x);
    rfim_network_free(network);
    rfim_dataset_free(dataset);
    rfim_context_free(context);
}

static void few_samples_and_grey_values_will_do(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    uint8_t grey[3 * 40];
    for (size_t index = 0; index < sizeof grey; index++)
        grey[index] = (uint8_t)(index * 7 % 251);
    for (size_t n = 1; n <= 3; n++) {
        rfim_dataset *dataset = NULL;
        rfim_array inputs = {grey, RFIM_UINT8, n, 40};
        must(context, rfim_dataset_from_arrays(context, inputs, rfim_no_targets(), &dataset));
        rfim_network *network = create(context, "40-5-3 relu", dataset, RFIM_SINGLE);
        double *w = read_all(network);
        for (size_t k = 0; k < all_numbers(network); k++)
            assert_true(isfinite(w[k]));
        free(w);
        rfim_network_free(network);
        rfim_dataset_free(dataset);
    }
    rfim_context_free(context);
}

static void what_cannot_be_whitened_is_refused(void **state)
{
    (void)state;
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    double *x = make_normal(8, 1, 40);
    rfim_dataset *dataset = dataset_of(context, x, 10, 4);
    rfim_network *network = NULL;
    rfim_network_options options;
    rfim_network_defaults(&options);
    options.init = RFIM_INIT_WHITENED;
    refused(context, rfim_network_create(context, "4-3-2 tanh", &options, &network),
            RFIM_ERROR_ARGUMENT, "give a data set to rfim_network_create_for");
    assert_null(network);
    refused(context, rfim_network_create_for(context, "5-3-2", &options, dataset, &network),
            RFIM_ERROR_SHAPE, "first width to 4");
    refused(context,
            rfim_network_create_for(context, "input 4; batchnorm; linear 2", &options, dataset,
                                    &network),
            RFIM_ERROR_ARGUMENT, "begins with norm0");
    ((double *)dataset->values)[17] = NAN; /* behind the back of rfim_dataset_from_arrays */
    refused(context, rfim_network_create_for(context, "4-3-2", &options, dataset, &network),
            RFIM_ERROR_ARGUMENT, "input 1 (from 0) is NaN");
    for (size_t i = 0; i < 10; i++)
        ((double *)dataset->values)[i * 4 + 1] = 1e-45 * (double)i;
    refused(context, rfim_network_create_for(context, "4-3-2", &options, dataset, &network),
            RFIM_ERROR_ARGUMENT, "input 1 (from 0) varies so little");
    assert_null(network);
    free(x);
    rfim_dataset_free(dataset);
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_normal_in_cholesky_coordinates),
        cmocka_unit_test(the_first_layer_answers_with_unit_mean_square),
        cmocka_unit_test(units_and_offsets_do_not_matter),
        cmocka_unit_test(other_layers_are_those_of_glorot),
        cmocka_unit_test(inputs_that_depend_on_each_other_get_finite_weights),
        cmocka_unit_test(few_samples_and_grey_values_will_do),
        cmocka_unit_test(what_cannot_be_whitened_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
