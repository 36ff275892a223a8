/* A first layer in whitened coordinates against the dense damped solve: all four rules of damping,
 * columns that are 0, constant or copies of each other, more inputs than samples and fewer. */
#include "metric/static_reference.h"
#include "metric/whitening.h"

#include <float.h>

#define OUTPUTS 70 /* more than fold takes at a time */
#define SIGMA 1.5

typedef struct fixture {
    rfim_context *context;
    rfim__algebra *algebra;
    size_t samples, d, D;
    double *inputs; /* [samples x d] */
    rfim_dataset *dataset;
    rfim__whitening *whitening;
    double *block[3]; /* of the matrices that make() gave */
    size_t blocks;
} fixture;

/* threads 0: as many as there are */
static fixture begin(rfim_precision precision, size_t samples, size_t d, size_t threads)
{
    fixture test = {.samples = samples, .d = d, .D = d + 1};
    rfim_context_options options;
    rfim_context_defaults(&options);
    options.threads = threads;
    assert_int_equal(rfim_context_create(&options, &test.context), RFIM_OK);
    must(test.context, rfim__algebra_create_cpu(test.context, precision, &test.algebra));
    if (threads > 0)
        test.algebra->team_flops = 0; /* every product that has tiles is shared out */
    test.inputs = make_inputs(3, samples, d);
    test.dataset = make_dataset(test.context, test.inputs, samples, d);
    return test;
}

static void end(fixture *test)
{
    for (size_t b = 0; b < test->blocks; b++)
        free(test->block[b]);
    rfim__whitening_free(test->whitening);
    rfim_dataset_free(test->dataset);
    free(test->inputs);
    rfim__algebra_free(test->algebra);
    rfim_context_free(test->context);
}

static rfim__whitening_settings settings_of(rfim_damping_rule rule, double damping,
                                            double wide_flops)
{
    return (rfim__whitening_settings){.rule = rule,
                                      .damping = damping,
                                      .sigma = SIGMA,
                                      .wide_flops = wide_flops,
                                      .layer = "layer1"};
}

static rfim_status whiten(fixture *test, rfim_damping_rule rule, double damping, double wide_flops)
{
    rfim__whitening_settings settings = settings_of(rule, damping, wide_flops);
    return rfim__whitening_create(test->algebra, test->dataset, &settings, &test->whitening);
}

static rfim__matrix make(fixture *test, size_t rows, const double *values, size_t columns)
{
    rfim__matrix x = {NULL, rows, columns, rfim__stride(columns)};
    x.data = test->block[test->blocks++] = calloc(rows * x.stride, sizeof(double));
    if (values)
        test->algebra->ops.import(test->algebra, values, x);
    return x;
}

/* Numbers of X_w as doubles, [N x D_w]. */
static double *whitened(const fixture *test)
{
    size_t order = test->whitening->inputs.order;
    rfim__matrix rows = {NULL, test->samples, order, rfim__stride(order)};
    double *values = malloc(rows.rows * order * sizeof *values);
    rows.data = calloc(rows.rows * rows.stride, sizeof(double));
    rfim__whitening_gather(test->whitening, NULL, 0, rows, NULL);
    test->algebra->ops.export(test->algebra, rows, values);
    free(rows.data);
    return values;
}

/* W <- the step along the plain gradient in V, dV = X_w^T delta, by plain sums. */
static void direction(fixture *test, const double *delta, double *w)
{
    size_t order = test->whitening->inputs.order;
    double *x = whitened(test);
    double *sums = calloc(order * OUTPUTS, sizeof *sums);
    for (size_t i = 0; i < test->samples; i++)
        for (size_t k = 0; k < order; k++)
            for (size_t j = 0; j < OUTPUTS; j++)
                sums[k * OUTPUTS + j] += x[i * order + k] * delta[i * OUTPUTS + j];
    rfim__matrix v = make(test, order, sums, OUTPUTS);
    rfim__matrix folded = make(test, test->D, NULL, OUTPUTS);
    rfim__whitening_fold(test->whitening, v, folded);
    test->algebra->ops.export(test->algebra, folded, w);
    free(x);
    free(sums);
}

/* X~^T delta, by plain sums. */
static double *gradient(const fixture *test, const double *delta)
{
    double *sums = calloc(test->D * OUTPUTS, sizeof *sums);
    for (size_t i = 0; i < test->samples; i++)
        for (size_t k = 0; k < test->D; k++)
            for (size_t j = 0; j < OUTPUTS; j++)
                sums[k * OUTPUTS + j] += (k < test->d ? test->inputs[i * test->d + k] : 1) *
                                         delta[i * OUTPUTS + j];
    return sums;
}

/* One sample of each of so many equal parts of all. */
static size_t *draw_rows(size_t samples, size_t taken)
{
    size_t *rows = malloc(taken * sizeof *rows);
    for (size_t i = 0; i < taken; i++) {
        uint32_t drawn[4];
        size_t begin = i * samples / taken;
        rfim__philox(0, rfim__stream(RFIM__STREAM_WHITENING, 0), i, drawn);
        rows[i] = begin + drawn[0] % ((i + 1) * samples / taken - begin);
    }
    return rows;
}

static void compare_directions_of(rfim_precision precision, size_t samples, size_t d,
                                  const rfim__whitening_settings *settings)
{
    fixture test = begin(precision, samples, d, 0);
    rfim_damping_rule rule = settings->rule;
    double damping = settings->damping;
    size_t taken = settings->samples_of_an_input * test.D;
    taken = taken == 0 || taken > samples ? samples : taken;
    must(test.context,
         rfim__whitening_create(test.algebra, test.dataset, settings, &test.whitening));
    assert_int_equal(test.whitening->inputs.order, d - 1);
    assert_true(test.whitening->damping == damping);
    double *delta = make_normal(8, 1, samples * OUTPUTS);
    double *found = calloc(test.D * OUTPUTS, sizeof *found);
    double *expected = gradient(&test, delta);
    size_t *rows = draw_rows(samples, taken);
    long double *a = dense_metric_of(test.inputs, d, rule, damping, SIGMA, rows, taken,
                                     settings->units);
    free(rows);
    long double *l = malloc(test.D * test.D * sizeof *l);
    memcpy(l, a, test.D * test.D * sizeof *l);
    dense_factor(l, test.D);
    for (size_t j = 0; j < OUTPUTS; j++)
        dense_solve(l, test.D, expected + j, OUTPUTS);
    direction(&test, delta, found);
    double condition = dense_condition(a, l, test.D);
    /* a solution by the factor is known to 2^-53 or 2^-24 times the condition */
    double allowed = precision == RFIM_DOUBLE ? fmax(1e-10, 0x1p-53 * condition)
                                              : fmax(1e-5, 10 * 0x1p-24 * condition);
    double gap = distance(found, expected, test.D * OUTPUTS);
    if (!(gap <= allowed))
        fail_msg("%zu x %zu, rule %d, damping %g, %s: direction is off by %g, allowed %g "
                 "(condition %g)",
                 samples, d, (int)rule, damping, precision == RFIM_DOUBLE ? "double" : "single",
                 gap, allowed, condition);
    free(delta);
    free(found);
    free(expected);
    free(a);
    free(l);
    end(&test);
}

static void compare_directions(rfim_precision precision, size_t samples, size_t d,
                               rfim_damping_rule rule, double damping, double wide_flops)
{
    rfim__whitening_settings settings = settings_of(rule, damping, wide_flops);
    compare_directions_of(precision, samples, d, &settings);
}

static void plain_steps_in_whitened_coordinates_are_natural(void **state)
{
    static const size_t shapes[][2] = {{20, 40}, {300, 12}, {90, 90}, {1, 6}, {2500, 20}};
    static const double dampings[] = {1e-1, 1e-3, 1e-5};
    (void)state;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int rule = 0; rule < 4; rule++)
            for (size_t e = 0; e < 3; e++)
                for (int precision = 0; precision < 2; precision++)
                    for (int narrow = 0; narrow < 2; narrow++)
                        compare_directions((rfim_precision)precision, shapes[s][0], shapes[s][1],
                                           (rfim_damping_rule)rule, dampings[e],
                                           narrow ? 0 : RFIM__WHITENING_WIDE_FLOPS);
}

/* Damping in units of the inputs, and a metric that is that of some of the samples, more of them
 * than a chunk holds and fewer. */
static void units_and_some_samples_are_as_asked_for(void **state)
{
    static const size_t shapes[][2] = {{20, 40}, {300, 12}, {700, 20}, {7000, 12}};
    (void)state;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int rule = 0; rule < 4; rule++)
            for (int precision = 0; precision < 2; precision++)
                for (int units = 0; units < 2; units++)
                    for (size_t some = 0; some < 600; some += some ? 197 : 3) {
                        rfim__whitening_settings settings = settings_of((rfim_damping_rule)rule,
                                                                        1e-2, 0);
                        settings.units = units;
                        settings.samples_of_an_input = some;
                        compare_directions_of((rfim_precision)precision, shapes[s][0], shapes[s][1],
                                              &settings);
                    }
}

/* Ten inputs lit in turn, and every tenth sample would do: all of them are seen. An input that the
 * metric has not met would have x_w of 1 / (eps tr G). */
static void the_order_of_the_samples_does_not_matter(void **state)
{
    (void)state;
    fixture test = begin(RFIM_DOUBLE, 1100, 10, 0);
    double *values = test.dataset->values;
    for (size_t i = 0; i < 1100; i++)
        for (size_t k = 0; k < 10; k++)
            values[i * 10 + k] = k == i % 10;
    rfim__whitening_settings settings = settings_of(RFIM_DAMPING_TRACE, 1e-4, 0);
    settings.samples_of_an_input = 10;
    must(test.context,
         rfim__whitening_create(test.algebra, test.dataset, &settings, &test.whitening));
    double *x = whitened(&test);
    for (size_t i = 0; i < 1100; i++) {
        double square = 0;
        for (size_t k = 0; k < 11; k++)
            square += x[i * 11 + k] * x[i * 11 + k];
        assert_true(square < 100 * SIGMA * SIGMA);
    }
    free(x);
    /* Where it takes next to no time, all are taken. */
    rfim__whitening_free(test.whitening);
    settings.samples_of_an_input = 1;
    settings.wide_flops = 1100 * 11 * 11;
    must(test.context,
         rfim__whitening_create(test.algebra, test.dataset, &settings, &test.whitening));
    const double *factor = test.whitening->factor.data; /* L_00^2 = G_00 + lambda */
    assert_true(fabs(factor[0] * factor[0] * SIGMA * SIGMA - (0.1 + 1e-4 * 2)) < 1e-12);
    end(&test);
}

/* Several blocks of columns, the last a ragged one. */
static void wide_layers_are_cut_into_blocks(void **state)
{
    (void)state;
    compare_directions(RFIM_SINGLE, 100, 600, RFIM_DAMPING_TRACE, 1e-3, 0);
    compare_directions(RFIM_SINGLE, 100, 600, RFIM_DAMPING_TRACE, 1e-3, 1e12);
    compare_directions(RFIM_DOUBLE, 100, 600, RFIM_DAMPING_DIAGONAL, 1e-3, 0);
}

/* float32: numbers up to 10 go through V and back; the error of W grows with sqrt(condition). */
static void folding_gives_back_the_weights(void **state)
{
    (void)state;
    for (int precision = 0; precision < 2; precision++) {
        fixture test = begin((rfim_precision)precision, 200, 30, 0);
        must(test.context, whiten(&test, RFIM_DAMPING_TRACE, 1e-3, 0));
        double *numbers = make_normal(4, 1, test.D * OUTPUTS);
        double *kept = malloc(test.D * OUTPUTS * sizeof *kept);
        double *back = malloc(test.D * OUTPUTS * sizeof *back);
        rfim__matrix w = make(&test, test.D, numbers, OUTPUTS);
        test.algebra->ops.export(test.algebra, w, kept);
        rfim__matrix v = make(&test, test.whitening->inputs.order, NULL, OUTPUTS);
        rfim__whitening_into(test.whitening, w, v);
        for (size_t k = 0; k < test.D; k++) /* what is not folded stays as it is */
            if (!is_dropped(test.d, k))
                test.algebra->ops.fill(test.algebra, NAN, rfim__rows(test.algebra, w, k, 1));
        rfim__whitening_fold(test.whitening, v, w);
        test.algebra->ops.export(test.algebra, w, back);
        double allowed = precision == RFIM_DOUBLE ? 1e-13 : 1e-5;
        assert_true(distance(back, kept, test.D * OUTPUTS) < allowed);
        for (size_t k = 0; k < test.D; k++)
            if (is_dropped(test.d, k))
                assert_memory_equal(back + k * OUTPUTS, kept + k * OUTPUTS, OUTPUTS * sizeof *back);
        free(numbers);
        free(kept);
        free(back);
        end(&test);
    }
}

/* X~ W = X_w V: the network computes what it did. */
static void pre_activations_stay(void **state)
{
    (void)state;
    fixture test = begin(RFIM_DOUBLE, 50, 30, 0);
    must(test.context, whiten(&test, RFIM_DAMPING_MEAN_DIAGONAL, 1e-2, 0));
    size_t order = test.whitening->inputs.order;
    double *w = make_normal(4, 1, test.D * OUTPUTS);
    double *v = malloc(order * OUTPUTS * sizeof *v);
    double *x = whitened(&test);
    double expected[2 * OUTPUTS] = {0};
    double found[2 * OUTPUTS] = {0};
    rfim__matrix in_v = make(&test, order, NULL, OUTPUTS);
    rfim__whitening_into(test.whitening, make(&test, test.D, w, OUTPUTS), in_v);
    test.algebra->ops.export(test.algebra, in_v, v);
    for (size_t i = 0; i < 2; i++) { /* sample 1 is nothing but the one */
        for (size_t j = 0; j < OUTPUTS; j++) {
            for (size_t k = 0; k < test.D; k++)
                expected[i * OUTPUTS + j] += (k < test.d ? test.inputs[i * test.d + k] : 1) *
                                             w[k * OUTPUTS + j];
            for (size_t k = 0; k < order; k++)
                found[i * OUTPUTS + j] += x[i * order + k] * v[k * OUTPUTS + j];
        }
    }
    assert_true(distance(found, expected, 2 * OUTPUTS) < 1e-12);
    free(w);
    free(v);
    free(x);
    end(&test);
}

/* bias x (last row of V) is L^T times the biases alone. */
static void the_bias_is_told_apart(void **state)
{
    (void)state;
    fixture test = begin(RFIM_DOUBLE, 50, 12, 0);
    must(test.context, whiten(&test, RFIM_DAMPING_TRACE, 1e-2, 0));
    size_t order = test.whitening->inputs.order;
    double *w = calloc(test.D * OUTPUTS, sizeof *w);
    fill_normal(4, 1, w + test.d * OUTPUTS, OUTPUTS);
    rfim__matrix bias = make(&test, order, NULL, 1);
    rfim__matrix v = make(&test, order, NULL, OUTPUTS);
    rfim__whitening_bias(test.whitening, bias);
    rfim__whitening_into(test.whitening, make(&test, test.D, w, OUTPUTS), v);
    const double *numbers = v.data;
    const double *last = numbers + (order - 1) * v.stride;
    for (size_t k = 0; k < order; k++)
        for (size_t j = 0; j < OUTPUTS; j++) {
            double share = ((double *)bias.data)[k * bias.stride];
            assert_true(fabs(numbers[k * v.stride + j] - share * last[j]) < 1e-13);
        }
    free(w);
    end(&test);
}

static void batches_are_gathered_with_their_padding(void **state)
{
    static const uint32_t picked[] = {7, 0, 39};
    (void)state;
    for (int precision = 0; precision < 2; precision++) {
        fixture test = begin((rfim_precision)precision, 40, 12, 0);
        must(test.context, whiten(&test, RFIM_DAMPING_TRACE, 1e-2, 0));
        size_t order = test.whitening->inputs.order;
        double *x = whitened(&test);
        double *row = malloc(16 * sizeof *row);
        rfim__matrix batch = make(&test, 4, NULL, order);
        rfim__matrix all = batch;
        assert_int_equal(batch.stride, 16);
        batch.rows = 3;
        all.columns = 16;
        test.algebra->ops.fill(test.algebra, 5, all);
        for (int by_rows = 0; by_rows < 2; by_rows++) {
            rfim__whitening_gather(test.whitening, by_rows ? picked : NULL, 4, batch, NULL);
            for (size_t i = 0; i < 4; i++) {
                size_t sample = by_rows && i < 3 ? picked[i] : 4 + i;
                test.algebra->ops.export(test.algebra, rfim__rows(test.algebra, all, i, 1), row);
                for (size_t k = 0; k < 16; k++)
                    assert_true(row[k] == (i == 3 ? 5 : k < order ? x[sample * order + k] : 0));
            }
        }
        free(x);
        free(row);
        end(&test);
    }
}

/* Zeros at the beginning of samples are neither kept nor multiplied with; what is told of them is
 * so, and as many as there may be. */
static void zeros_are_left_out(void **state)
{
    (void)state;
    fixture test = begin(RFIM_SINGLE, 80, 70, 0);
    must(test.context, whiten(&test, RFIM_DAMPING_TRACE, 1e-2, 0));
    const rfim__whitening *whitening = test.whitening;
    size_t order = whitening->inputs.order;
    uint32_t firsts[80];
    uint32_t sorted[80];
    rfim__matrix x = make(&test, 80, NULL, order);
    rfim__whitening_gather(whitening, NULL, 0, x, firsts);
    assert_true(whitening->inputs.numbers < 80 * x.stride * 3 / 4);
    for (size_t i = 0; i < 80; i++) {
        const float *row = (const float *)x.data + i * x.stride;
        assert_int_equal(firsts[i], i == 1 ? order - 1 - (order - 1) % 16 : i % 4 > 0 ? 32 : 0);
        for (size_t k = 0; k < firsts[i]; k++)
            assert_true(row[k] == 0);
    }
    rfim__envelope_sort(&whitening->rows, NULL, 0, 80, sorted);
    for (size_t i = 1; i < 80; i++)
        assert_true(firsts[sorted[i - 1]] < firsts[sorted[i]] ||
                    (firsts[sorted[i - 1]] == firsts[sorted[i]] && sorted[i - 1] < sorted[i]));
    end(&test);
}

static void threads_do_not_change_bits(void **state)
{
    (void)state;
    for (int precision = 0; precision < 2; precision++) {
        for (int narrow = 0; narrow < 2; narrow++) {
            fixture test[3];
            for (size_t threads = 1; threads <= 3; threads++) {
                test[threads - 1] = begin((rfim_precision)precision, 2300, 70, threads);
                must(test[threads - 1].context,
                     whiten(&test[threads - 1], RFIM_DAMPING_TRACE, 1e-3, narrow ? 0 : 1e12));
            }
            const rfim__whitening *first = test[0].whitening;
            for (size_t t = 0; t < 3; t++) {
                const rfim__whitening *other = test[t].whitening;
                assert_memory_equal(first->rows.values, other->rows.values,
                                    first->inputs.numbers * first->algebra->item);
                assert_memory_equal(first->factor.data, other->factor.data,
                                    first->factor.rows * first->factor.stride * sizeof(double));
            }
            for (size_t t = 0; t < 3; t++)
                end(&test[t]);
        }
    }
}

/* In float32 the sums hide a damping of 1e-9; in float64 they do not. */
static void little_damping_is_worked_out_in_float64(void **state)
{
    (void)state;
    compare_directions(RFIM_SINGLE, 60, 40, RFIM_DAMPING_TRACE, 1e-9, 0);
    compare_directions(RFIM_SINGLE, 60, 40, RFIM_DAMPING_ABSOLUTE, 1e-8, 0);
}

/* A layer has an input, be it always 0: the bias still learns. */
static void one_input_is_left_where_all_are_zero(void **state)
{
    (void)state;
    fixture test = begin(RFIM_SINGLE, 20, 6, 0);
    memset(test.dataset->values, 0, 20 * 6 * sizeof(double));
    must(test.context, whiten(&test, RFIM_DAMPING_TRACE, 1e-3, 0));
    assert_int_equal(test.whitening->inputs.order, 2);
    assert_int_equal(test.whitening->inputs.kept[0], 0);
    assert_int_equal(test.whitening->inputs.dropped[4], 5);
    double *x = whitened(&test); /* (0; 1) / sqrt((1 + eps) / sigma^2) */
    for (size_t i = 0; i < 20; i++) {
        assert_true(x[2 * i] == 0);
        assert_true(fabs(x[2 * i + 1] - SIGMA / sqrt(1 + 1e-3)) < 1e-6);
    }
    free(x);
    end(&test);
}

static void what_cannot_be_whitened_is_refused(void **state)
{
    (void)state;
    fixture test = begin(RFIM_SINGLE, 20, 6, 0);
    double *values = test.dataset->values;
    values[7] = NAN;
    refused(test.context, whiten(&test, RFIM_DAMPING_TRACE, 1e-3, 0), RFIM_ERROR_ARGUMENT,
            "samples 0 to 19 hold NaN");
    values[7] = 1e200; /* its square is infinite */
    test.algebra->precision = RFIM_DOUBLE;
    test.algebra->item = sizeof(double);
    refused(test.context, whiten(&test, RFIM_DAMPING_TRACE, 1e-3, 0),
            RFIM_ERROR_NOT_POSITIVE_DEFINITE, "layer1: its metric over the training set");
    end(&test);
}

typedef struct log_book {
    int retries;
    int done;
} log_book;

static void keep_log(void *user, rfim_log_level level, const char *message)
{
    log_book *log = user;
    log->retries += level == RFIM_LOG_WARNING && strstr(message, "not positive definite");
    log->done += level == RFIM_LOG_INFO && strstr(message, "38 of 40 inputs are not always 0");
}

/* Squares of 1e25 are infinite in float32: float64 takes over, and says so. */
static void what_float32_cannot_hold_is_tried_in_float64(void **state)
{
    (void)state;
    log_book log = {0};
    fixture test = begin(RFIM_SINGLE, 60, 40, 0);
    test.context->log = keep_log;
    test.context->log_user = &log;
    ((double *)test.dataset->values)[2] = 1e25;
    must(test.context, whiten(&test, RFIM_DAMPING_TRACE, 1e-3, 0));
    assert_int_equal(log.retries, 1);
    assert_int_equal(log.done, 1);
    assert_true(test.whitening->damping == 1e-3);
    end(&test);
}

static void the_plan_counts_every_byte(void **state)
{
    (void)state;
    for (int precision = 0; precision < 2; precision++) {
        double bytes = 0;
        double setup_bytes = 0;
        double setup_flops = 0;
        fixture test = begin((rfim_precision)precision, 300, 40, 0);
        must(test.context, whiten(&test, RFIM_DAMPING_TRACE, 1e-3, 0));
        rfim__whitening_settings settings = {
            .rule = RFIM_DAMPING_TRACE, .damping = 1e-3, .sigma = 1};
        rfim__whitening_plan(test.whitening->algebra, 300, &test.whitening->inputs, &settings,
                             &bytes, &setup_bytes, &setup_flops);
        assert_true(bytes == (double)test.whitening->bytes);
        double squares = 0;
        for (size_t i = 0; i < 300; i++) {
            double left = 39 -
                          (double)rfim__kept_inputs_first(&test.whitening->inputs, test.dataset, i);
            squares += left * left;
        }
        assert_true(squares < 0.6 * 300 * 39 * 39);
        assert_true(setup_bytes > 0 && fabs(setup_flops - 2 * squares - 39.0 * 39 * 39) < 1);
        end(&test);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_steps_in_whitened_coordinates_are_natural),
        cmocka_unit_test(units_and_some_samples_are_as_asked_for),
        cmocka_unit_test(the_order_of_the_samples_does_not_matter),
        cmocka_unit_test(wide_layers_are_cut_into_blocks),
        cmocka_unit_test(folding_gives_back_the_weights),
        cmocka_unit_test(pre_activations_stay),
        cmocka_unit_test(the_bias_is_told_apart),
        cmocka_unit_test(batches_are_gathered_with_their_padding),
        cmocka_unit_test(zeros_are_left_out),
        cmocka_unit_test(threads_do_not_change_bits),
        cmocka_unit_test(little_damping_is_worked_out_in_float64),
        cmocka_unit_test(one_input_is_left_where_all_are_zero),
        cmocka_unit_test(what_cannot_be_whitened_is_refused),
        cmocka_unit_test(what_float32_cannot_hold_is_tried_in_float64),
        cmocka_unit_test(the_plan_counts_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
