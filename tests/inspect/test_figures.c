/* The figures of an inspection are those of the metrics' own calls, and of plain loops. */
#include "inspected.h"

#include <float.h>

#define MODULES 3
#define SAMPLES 700 /* several passes, the last one shorter */

/* Sums in another order: rounding errors of some hundred terms, with room. */
#define TOLERANCE 1e-11

static const char text[] = "input 6; linear 5 tanh; linear 4 elu; linear 3; loss softmax";

static void spectra_and_traces_are_those_of_the_metric(void **state)
{
    (void)state;
    static const rfim_representation expected[MODULES] = {RFIM_NEURON, RFIM_NEURON, RFIM_DENSE};
    subject s = subject_of(text, RFIM_DOUBLE, SAMPLES);
    rfim_inspect_options options;
    rfim_inspect_defaults(&options);
    rfim_inspection *inspection = look(&s, &options);
    assert_int_equal(rfim_inspection_count(inspection), MODULES);
    for (size_t l = 0; l < MODULES; l++) {
        rfim_inspected told = told_of(inspection, l);
        double values[64];
        double number = 0;
        assert_string_equal(told.name, rfim_network_module_name(s.network, l));
        assert_int_equal(told.representation, expected[l]);
        assert_string_equal(told.note, "");
        assert_int_equal(told.samples, SAMPLES);
        rfim_metric *metric = metric_of(&s, l, told.representation, RFIM_RESPONSE_OWN);
        assert_int_equal(told.order, rfim_metric_order(metric));
        assert_int_equal(told.order, told.rows * told.columns);
        must(s.context, rfim_metric_metric_trace(metric, &number));
        assert_near(told.metric_trace, number, TOLERANCE);
        must(s.context, rfim_metric_effective_rank(metric, &number));
        assert_near(told.effective_rank, number, TOLERANCE);
        must(s.context, rfim_metric_spectrum(metric, values));
        for (size_t k = 0; k < told.order; k++)
            assert_true(fabs(rfim_inspection_spectrum(inspection, l)[k] - values[k]) <=
                        TOLERANCE * values[0]);
        assert_near(told.largest, values[0], TOLERANCE);
        assert_true(fabs(told.smallest - values[told.order - 1]) <= TOLERANCE * values[0]);
        rfim_metric_free(metric);
    }
    rfim_inspection_free(inspection);
    subject_free(&s);
}

/* soft-max: one direction in m, for each input, carries no information. */
static void rank_leaves_out_the_null_space(void **state)
{
    (void)state;
    for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
        subject s = subject_of(text, (rfim_precision)precision, SAMPLES);
        rfim_inspect_options options;
        rfim_inspect_defaults(&options);
        rfim_inspection *inspection = look(&s, &options);
        rfim_inspected last = told_of(inspection, 2);
        assert_int_equal(last.rank, last.order - last.rows);
        assert_int_equal(told_of(inspection, 0).rank, told_of(inspection, 0).order);
        rfim_inspection_free(inspection);
        subject_free(&s);
    }
}

/* The block's trace of each neuron, from every entry of the metric. */
static void check_traces(const subject *s, size_t module, rfim_response response,
                         const double *found, size_t rows, size_t columns)
{
    size_t order = rows * columns;
    double *dense = calloc(order * order, sizeof *dense);
    rfim_metric *metric = metric_of(s, module, RFIM_DENSE, response);
    must(s->context, rfim_metric_to_dense(metric, dense));
    for (size_t j = 0; j < columns; j++) {
        double sum = 0;
        for (size_t k = j * rows; k < (j + 1) * rows; k++)
            sum += dense[k * order + k];
        assert_near(found[j], sum, TOLERANCE);
    }
    rfim_metric_free(metric);
    free(dense);
}

static void traces_of_neurons_are_relative_and_absolute(void **state)
{
    (void)state;
    subject s = subject_of("input 6; linear 5 tanh; batchnorm; linear 3; loss softmax", RFIM_DOUBLE,
                           SAMPLES);
    rfim_inspect_options options;
    rfim_inspect_defaults(&options);
    rfim_inspection *inspection = look(&s, &options);
    assert_int_equal(rfim_inspection_count(inspection), MODULES);
    for (size_t l = 0; l < MODULES; l++) {
        rfim_inspected told = told_of(inspection, l);
        assert_int_equal(told.absolute_samples, SAMPLES);
        check_traces(&s, l, RFIM_RESPONSE_OWN, rfim_inspection_relative(inspection, l), told.rows,
                     told.columns);
        check_traces(&s, l, RFIM_RESPONSE_NETWORK, rfim_inspection_absolute(inspection, l),
                     told.rows, told.columns);
    }
    rfim_inspection_free(inspection);
    subject_free(&s);
}

/* nu of tanh by hand: t = w^T x + b. */
static void nu_has_mean_and_standard_deviation_of_the_samples(void **state)
{
    (void)state;
    enum { M = 5, D = 6 };
    subject s = subject_of(text, RFIM_DOUBLE, SAMPLES);
    double weight[M * D], bias[M], all = 0;
    rfim_inspect_options options;
    rfim_inspect_defaults(&options);
    options.samples = SAMPLES - 150;
    rfim_inspection *inspection = look(&s, &options);
    must(s.context, rfim_network_tensor_read(s.network, 0, weight));
    must(s.context, rfim_network_tensor_read(s.network, 1, bias));
    for (size_t j = 0; j < M; j++) {
        double sum = 0, squares = 0, n = (double)options.samples;
        for (size_t i = 0; i < options.samples; i++) {
            double t = bias[j];
            for (size_t k = 0; k < D; k++)
                t += weight[j * D + k] * s.inputs[i * D + k];
            double nu = 1 - tanh(t) * tanh(t);
            sum += nu;
            squares += nu * nu;
        }
        all += sum / n / M;
        assert_near(rfim_inspection_nu(inspection, 0)[j], sum / n, TOLERANCE);
        assert_near(rfim_inspection_nu_spread(inspection, 0)[j],
                    sqrt(squares / n - sum / n * sum / n), 1e-9);
    }
    assert_near(told_of(inspection, 0).mean_nu, all, TOLERANCE);
    assert_int_equal(told_of(inspection, 0).samples, options.samples);
    rfim_inspection_free(inspection);
    subject_free(&s);
}

/* --- condition -------------------------------------------------------------------------------- */

/* Eigenvalues of a symmetric matrix, by Jacobi's rotations; they end on its diagonal. */
static void rotate_until_diagonal(double *a, size_t n)
{
    for (int sweep = 0; sweep < 60; sweep++)
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                if (fabs(a[p * n + q]) < 1e-300)
                    continue;
                double theta = 0.5 * atan2(2 * a[p * n + q], a[q * n + q] - a[p * n + p]);
                double c = cos(theta), r = sin(theta);
                for (size_t k = 0; k < n; k++) {
                    double x = a[k * n + p], y = a[k * n + q];
                    a[k * n + p] = c * x - r * y;
                    a[k * n + q] = r * x + c * y;
                }
                for (size_t k = 0; k < n; k++) {
                    double x = a[p * n + k], y = a[q * n + k];
                    a[p * n + k] = c * x - r * y;
                    a[q * n + k] = r * x + c * y;
                }
            }
}

/* Largest over smallest eigenvalue of the worst diagonal block of A [order x order]. */
static double worst_condition(const double *a, size_t order, size_t block)
{
    double worst = 0;
    double *b = calloc(block * block, sizeof *b);
    for (size_t first = 0; first < order; first += block) {
        double largest = 0, smallest = INFINITY;
        for (size_t k = 0; k < block; k++)
            memcpy(b + k * block, a + (first + k) * order + first, block * sizeof *b);
        rotate_until_diagonal(b, block);
        for (size_t k = 0; k < block; k++) {
            largest = fmax(largest, b[k * block + k]);
            smallest = fmin(smallest, b[k * block + k]);
        }
        worst = fmax(worst, largest / smallest);
    }
    free(b);
    return worst;
}

static double expected_condition(const subject *s, size_t module,
                                 const rfim_inspect_options *options, const rfim_inspected *told)
{
    size_t order = told->order;
    double *dense = calloc(order * order, sizeof *dense);
    double *lambda = calloc(order, sizeof *lambda);
    rfim_metric *metric = metric_of(s, module, told->representation, told->response);
    must(s->context, rfim_metric_refresh(metric, options->damping_rule, options->damping, NULL));
    must(s->context, rfim_metric_to_dense(metric, dense));
    must(s->context, rfim_metric_damping(metric, lambda));
    for (size_t k = 0; k < order; k++)
        dense[k * order + k] += lambda[k];
    double condition = worst_condition(dense, order, told->block_order);
    rfim_metric_free(metric);
    free(lambda);
    free(dense);
    return condition;
}

static void condition_is_that_of_the_worst_damped_block(void **state)
{
    (void)state;
    subject s = subject_of(text, RFIM_DOUBLE, SAMPLES);
    for (int representation = -1; representation < RFIM_REPRESENTATIONS; representation++) {
        for (int rule = 0; rule <= RFIM_DAMPING_ABSOLUTE; rule++) {
            rfim_inspect_options options;
            rfim_inspect_defaults(&options);
            options.representation = representation;
            options.damping_rule = (rfim_damping_rule)rule;
            options.damping = 0.01;
            options.max_bytes = (size_t)1 << 28;
            rfim_inspection *inspection = look(&s, &options);
            for (size_t l = 0; l < MODULES; l++) {
                rfim_inspected told = told_of(inspection, l);
                if (told.representation == RFIM_GRAM || told.representation == RFIM_SOFTMAX)
                    continue; /* they keep too few samples by default to be made here again */
                /* Condition numbers are below 1e5 here: 1e5 x rounding unit x order, with room. */
                assert_near(told.condition, expected_condition(&s, l, &options, &told), 1e-8);
                assert_near(told.damping, options.damping, 0);
            }
            rfim_inspection_free(inspection);
        }
    }
    subject_free(&s);
}

/* gram is exact as well: the same figures as dense. */
static void gram_finds_what_dense_finds(void **state)
{
    (void)state;
    subject s = subject_of(text, RFIM_DOUBLE, SAMPLES);
    rfim_inspect_options options;
    rfim_inspect_defaults(&options);
    options.response = RFIM_RESPONSE_NETWORK;
    options.samples = 100;
    options.representation = RFIM_GRAM;
    rfim_inspection *gram = look(&s, &options);
    options.representation = RFIM_DENSE;
    rfim_inspection *dense = look(&s, &options);
    for (size_t l = 0; l < MODULES; l++) {
        rfim_inspected a = told_of(gram, l);
        rfim_inspected b = told_of(dense, l);
        assert_int_equal(a.representation, RFIM_GRAM);
        assert_int_equal(b.representation, RFIM_DENSE);
        assert_near(a.metric_trace, b.metric_trace, TOLERANCE);
        assert_near(a.largest, b.largest, TOLERANCE);
        assert_near(a.effective_rank, b.effective_rank, TOLERANCE);
        assert_near(a.condition, b.condition, 1e-8);
    }
    rfim_inspection_free(dense);
    rfim_inspection_free(gram);
    subject_free(&s);
}

/* A metric whose smallest eigenvalues are 0 cannot be factorised with next to no damping. */
static void damping_that_is_too_small_is_told(void **state)
{
    (void)state;
    subject s = subject_of(text, RFIM_DOUBLE, SAMPLES);
    rfim_inspect_options options;
    rfim_inspect_defaults(&options);
    options.module = "layer3";
    options.damping = 1e-30;
    rfim_inspection *inspection = look(&s, &options);
    rfim_inspected told = told_of(inspection, 0);
    if (isnan(told.condition))
        assert_non_null(strstr(told.note, "not positive definite"));
    else
        assert_true(told.condition > 1 / DBL_EPSILON);
    rfim_inspection_free(inspection);
    subject_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spectra_and_traces_are_those_of_the_metric),
        cmocka_unit_test(rank_leaves_out_the_null_space),
        cmocka_unit_test(traces_of_neurons_are_relative_and_absolute),
        cmocka_unit_test(nu_has_mean_and_standard_deviation_of_the_samples),
        cmocka_unit_test(condition_is_that_of_the_worst_damped_block),
        cmocka_unit_test(gram_finds_what_dense_finds),
        cmocka_unit_test(damping_that_is_too_small_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
