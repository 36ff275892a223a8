/* Losses, their gradients, counts and errors against the formulas in long double, in both
 * precisions and for all kernels; and far out, where exponentials overflow. */
#include "network/small_network.h"

#include <float.h>
#include <stdio.h>

/* 19 outputs: the sums are of 19 terms in the precision at hand. */
#define OUTPUTS 19
#define SAMPLES 7

typedef struct bench {
    rfim_context *context;
    rfim__algebra *algebra;
    double unit; /* of rounding */
    rfim__matrix u;
    rfim__matrix e;
    rfim__matrix y;
    int32_t labels[SAMPLES];
} bench;

static rfim__matrix make_matrix(const bench *b, size_t rows, size_t columns)
{
    rfim__matrix x = {NULL, rows, columns, columns + 3};
    x.data = calloc(rows * x.stride, b->algebra->item);
    return x;
}

static void put(const bench *b, rfim__matrix x, size_t i, size_t j, double value)
{
    if (b->algebra->precision == RFIM_DOUBLE)
        ((double *)x.data)[i * x.stride + j] = value;
    else
        ((float *)x.data)[i * x.stride + j] = (float)value;
}

static double get(const bench *b, rfim__matrix x, size_t i, size_t j)
{
    if (b->algebra->precision == RFIM_DOUBLE)
        return ((const double *)x.data)[i * x.stride + j];
    return (double)((const float *)x.data)[i * x.stride + j];
}

static bool set_up(bench *b, rfim_kernels kernels, rfim_precision precision, double scale)
{
    *b = (bench){.context = small_context(kernels)};
    if (!b->context)
        return false;
    must(b->context, rfim__algebra_create_cpu(b->context, precision, &b->algebra));
    b->unit = precision == RFIM_DOUBLE ? DBL_EPSILON : (double)FLT_EPSILON;
    b->u = make_matrix(b, SAMPLES, OUTPUTS);
    b->e = make_matrix(b, SAMPLES, OUTPUTS);
    b->y = make_matrix(b, SAMPLES, OUTPUTS);
    rfim__random random = rfim__random_start(4, 4);
    for (size_t i = 0; i < SAMPLES; i++) {
        for (size_t j = 0; j < OUTPUTS; j++) {
            put(b, b->u, i, j, scale * rfim__random_normal(&random));
            put(b, b->y, i, j, rfim__random_uniform(&random));
        }
        b->labels[i] = (int32_t)(i * 8 % OUTPUTS);
    }
    return true;
}

static void tear_down(bench *b)
{
    free(b->u.data);
    free(b->e.data);
    free(b->y.data);
    rfim__algebra_free(b->algebra);
    rfim_context_free(b->context);
}

static long double target(const bench *b, bool classes, size_t i, size_t j)
{
    if (classes)
        return (size_t)b->labels[i] == j ? 1 : 0;
    return (long double)get(b, b->y, i, j);
}

typedef struct expectation {
    long double loss;
    long double correct;
    long double error;
    long double magnitude; /* of what is added up in the loss */
} expectation;

static long double sigm(long double t)
{
    return 1 / (1 + expl(-t));
}

/* One output of one sample: adds to the loss and returns dL/du. */
static long double one_output(rfim_loss_kind loss, long double u, long double y, expectation *sum)
{
    long double response = loss == RFIM_LOSS_SIGMOID ? sigm(u) : u;
    long double term = (u - y) * (u - y) / 2;
    if (loss == RFIM_LOSS_SIGMOID) /* -y log p - (1-y) log(1-p) */
        term = y * log1pl(expl(-u)) + (1 - y) * log1pl(expl(u));
    sum->loss += term;
    sum->magnitude += fabsl(term) + fabsl(u);
    sum->error += (response - y) * (response - y);
    return response - y;
}

static expectation expected_loss(const bench *b, rfim_loss_kind loss, bool classes,
                                 long double gradient[SAMPLES][OUTPUTS])
{
    expectation sum = {0};
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t best = 0;
        long double total = 0;
        for (size_t j = 0; j < OUTPUTS; j++) {
            total += expl((long double)get(b, b->u, i, j));
            if (get(b, b->u, i, j) > get(b, b->u, i, best))
                best = j;
        }
        if (classes)
            sum.correct += best == (size_t)b->labels[i];
        for (size_t j = 0; j < OUTPUTS; j++) {
            long double u = (long double)get(b, b->u, i, j);
            long double y = target(b, classes, i, j);
            if (loss != RFIM_LOSS_SOFTMAX) {
                gradient[i][j] = one_output(loss, u, y, &sum);
                continue;
            }
            gradient[i][j] = expl(u) / total - y;
            sum.loss -= y * logl(expl(u) / total);
            sum.magnitude += y * (fabsl(u) + fabsl(logl(total)));
        }
    }
    return sum;
}

static void compare(bench *b, rfim_loss_kind loss, bool classes)
{
    static long double gradient[SAMPLES][OUTPUTS];
    rfim__targets targets = {classes ? b->labels : NULL, b->y};
    expectation expected = expected_loss(b, loss, classes, gradient);
    rfim__loss_sums found = rfim__loss_of(b->algebra, loss, b->u, &targets, b->e);
    /* a handful of roundings of each term */
    double tolerance = 8 * b->unit * (double)expected.magnitude;
    assert_true(fabs(found.loss - (double)expected.loss) <= tolerance);
    assert_true(found.correct == (double)expected.correct);
    assert_true(fabs(found.error - (double)expected.error) <=
                8 * b->unit * fmax(1, (double)expected.error));
    double scale = loss == RFIM_LOSS_SQUARED ? 8 : 1; /* |u| is at most 8 */
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t j = 0; j < OUTPUTS; j++)
            if (!(fabs(get(b, b->e, i, j) - (double)gradient[i][j]) <= 16 * b->unit * scale))
                fail_msg("loss %d, (%zu,%zu): %.17g, expected %.17Lg", (int)loss, i, j,
                         get(b, b->e, i, j), gradient[i][j]);
    /* without a gradient: the same sums */
    rfim__matrix nowhere = {0};
    rfim__loss_sums again = rfim__loss_of(b->algebra, loss, b->u, &targets, nowhere);
    assert_memory_equal(&again, &found, sizeof found);
}

static void losses_are_the_formulas(void **state)
{
    (void)state;
    for (rfim_kernels kernels = RFIM_KERNELS_PORTABLE; kernels <= RFIM_KERNELS_AVX512; kernels++)
        for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
            bench b;
            if (!set_up(&b, kernels, (rfim_precision)precision, 2))
                continue;
            compare(&b, RFIM_LOSS_SOFTMAX, true);
            compare(&b, RFIM_LOSS_SIGMOID, true);
            compare(&b, RFIM_LOSS_SIGMOID, false);
            compare(&b, RFIM_LOSS_SQUARED, true);
            compare(&b, RFIM_LOSS_SQUARED, false);
            tear_down(&b);
        }
}

/* Outputs of +-scale: every loss stays finite, and is what its asymptote says. */
static void check_far_out(rfim_precision precision, double scale)
{
    bench b;
    assert_true(set_up(&b, RFIM_KERNELS_AUTOMATIC, precision, 0));
    rfim__targets targets = {b.labels, {0}};
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t j = 0; j < OUTPUTS; j++)
            put(&b, b.u, i, j, j == 0 ? scale : -scale);
    scale = get(&b, b.u, 0, 0); /* as rounded */
    for (size_t i = 0; i < SAMPLES; i++)
        b.labels[i] = i == 0 ? 0 : 1; /* sample 0 is right, the others are wrong by 2 scale */
    rfim__loss_sums sums = rfim__loss_of(b.algebra, RFIM_LOSS_SOFTMAX, b.u, &targets, b.e);
    assert_true(sums.loss == 2 * scale * (SAMPLES - 1));
    assert_true(sums.correct == 1);
    assert_true(get(&b, b.e, 0, 0) == 0);
    assert_true(get(&b, b.e, 1, 0) == 1 && get(&b, b.e, 1, 1) == -1);
    sums = rfim__loss_of(b.algebra, RFIM_LOSS_SIGMOID, b.u, &targets, b.e);
    assert_true(sums.loss == 2 * scale * (SAMPLES - 1));
    assert_true(get(&b, b.e, 0, 0) == 0);
    assert_true(get(&b, b.e, 1, 0) == 1 && get(&b, b.e, 1, 1) == -1);
    sums = rfim__loss_of(b.algebra, RFIM_LOSS_SQUARED, b.u, &targets, b.e);
    assert_true(isfinite(sums.loss) && sums.loss > 0);
    double response[SAMPLES * OUTPUTS];
    rfim__loss_kernels_of(b.algebra)->respond(RFIM_LOSS_SOFTMAX, b.u, response);
    assert_true(response[0] == 1 && response[1] == 0);
    rfim__loss_kernels_of(b.algebra)->respond(RFIM_LOSS_SIGMOID, b.u, response);
    assert_true(response[0] == 1 && response[1] == 0);
    tear_down(&b);
}

static void losses_are_finite_far_out(void **state)
{
    (void)state;
    for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
        check_far_out((rfim_precision)precision, 1e3);
        check_far_out((rfim_precision)precision, 1e4);
        check_far_out((rfim_precision)precision, 1e15);
    }
}

/* A tie goes to the first class, once. */
static void equal_outputs_count_for_the_first_class(void **state)
{
    (void)state;
    bench b;
    assert_true(set_up(&b, RFIM_KERNELS_AUTOMATIC, RFIM_SINGLE, 0));
    rfim__targets targets = {b.labels, {0}};
    rfim__matrix nowhere = {0};
    rfim__loss_sums sums = rfim__loss_of(b.algebra, RFIM_LOSS_SOFTMAX, b.u, &targets, nowhere);
    assert_true(sums.correct == 1); /* labels[0] = 0, all others are not */
    assert_true(fabs(sums.loss - SAMPLES * log(OUTPUTS)) < 1e-5);
    tear_down(&b);
}

/* The loss of a batch is the mean over its samples and the sum over outputs, and so are the
 * gradients: a batch said twice changes nothing. */
static void repeating_a_batch_changes_nothing(void **state)
{
    (void)state;
    static const char *const losses[] = {"softmax", "sigmoid", "squared"};
    rfim_context *context = small_context(RFIM_KERNELS_AUTOMATIC);
    for (size_t k = 0; k < 3; k++) {
        char text[128];
        snprintf(text, sizeof text, "input 3; linear 6 tanh; batchnorm; linear 4; loss %s",
                 losses[k]);
        rfim_network *network = small_network(context, text, RFIM_DOUBLE, 2);
        rfim_trace *trace = NULL;
        must(context, rfim_trace_create(network, 10, &trace));
        double *inputs = make_normal(1, 1, 30);
        memcpy(inputs + 15, inputs, 15 * sizeof *inputs);
        static const int32_t classes[] = {0, 3, 1, 2, 2, 0, 3, 1, 2, 2};
        double loss[2];
        double *gradients[2];
        for (size_t twice = 0; twice < 2; twice++) {
            size_t n = twice ? 10 : 5;
            must(context, rfim_trace_forward(trace, rfim_doubles(inputs, n, 3)));
            must(context, rfim_trace_loss(trace, rfim_labels(classes, n), &loss[twice]));
            must(context, rfim_trace_backward(trace));
            gradients[twice] = read_gradients(trace);
        }
        assert_true(fabs(loss[0] - loss[1]) < 1e-14);
        for (size_t g = 0; g < all_numbers(network); g++)
            assert_true(fabs(gradients[0][g] - gradients[1][g]) < 1e-14);
        free(gradients[0]);
        free(gradients[1]);
        free(inputs);
        rfim_trace_free(trace);
        rfim_network_free(network);
    }
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_are_the_formulas),
        cmocka_unit_test(losses_are_finite_far_out),
        cmocka_unit_test(equal_outputs_count_for_the_first_class),
        cmocka_unit_test(repeating_a_batch_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
