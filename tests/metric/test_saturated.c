/* Soft-max where one class has nearly all: eta (1 - eta) must not be a difference of two numbers
 * near 1. Every representation holds the entries of mean F (x) x~x~^T to rounding, computed here
 * from logits that are exact in both precisions. */
#include "subsystem/subject.h"

#define CLASSES 3
#define D 2
#define ORDER (CLASSES * D)
#define SAMPLES 3

/* exp, a sum, a quotient and two products, each good to a few units; sums over three samples. */
#define UNITS 40

typedef struct certainty {
    rfim_precision precision;
    double gap; /* between the first class and the others */
} certainty;

static const certainty certainties[] = {
    {RFIM_SINGLE, 14}, {RFIM_SINGLE, 20}, {RFIM_DOUBLE, 30}, {RFIM_DOUBLE, 40}};
#define CERTAINTIES (sizeof certainties / sizeof *certainties)

/* t = (gap x, -gap x, -1): now one class is certain, now another. */
static const double inputs[SAMPLES] = {1, -1, .5};

static api certain_layer(const certainty *c)
{
    const double weights[CLASSES] = {c->gap, -c->gap, 0};
    const double biases[CLASSES] = {0, 0, -1};
    api a = api_open("input 1; linear 3; loss softmax", c->precision, SAMPLES, 1);
    assert_ok(&a, rfim_network_tensor_write(a.network, 0, weights));
    assert_ok(&a, rfim_network_tensor_write(a.network, 1, biases));
    assert_ok(&a, rfim_trace_forward(a.trace, rfim_doubles(inputs, SAMPLES, 1)));
    return a;
}

static double unit_of(const certainty *c)
{
    return c->precision == RFIM_DOUBLE ? 0x1p-53 : 0x1p-24;
}

/* F of sample i, in which no difference occurs */
static void information(const certainty *c, size_t i, long double f[CLASSES][CLASSES])
{
    const long double t[CLASSES] = {c->gap * inputs[i], -c->gap * inputs[i], -1};
    long double e[CLASSES];
    long double total = 0;
    for (size_t j = 0; j < CLASSES; j++)
        total += e[j] = expl(t[j] - fmaxl(t[0], t[1]));
    for (size_t j = 0; j < CLASSES; j++) {
        f[j][j] = 0;
        for (size_t k = 0; k < CLASSES; k++) {
            long double product = e[j] / total * (e[k] / total);
            if (k == j)
                continue;
            f[j][k] = -product;
            f[j][j] += product;
        }
    }
}

/* mean of F (x) x~x~^T, or of the two apart */
static void right(const certainty *c, bool apart, double g[ORDER * ORDER])
{
    long double means[CLASSES][CLASSES] = {{0}};
    long double squares[D][D] = {{0}};
    memset(g, 0, ORDER * ORDER * sizeof *g);
    for (size_t i = 0; i < SAMPLES; i++) {
        const long double x[D] = {inputs[i], 1};
        long double f[CLASSES][CLASSES];
        information(c, i, f);
        for (size_t row = 0; row < ORDER; row++)
            for (size_t column = 0; column < ORDER; column++)
                g[row * ORDER + column] += (double)(f[row / D][column / D] * x[row % D] *
                                                    x[column % D] / SAMPLES);
        for (size_t j = 0; j < CLASSES; j++)
            for (size_t k = 0; k < CLASSES; k++)
                means[j][k] += f[j][k] / SAMPLES;
        for (size_t k = 0; k < D; k++)
            for (size_t l = 0; l < D; l++)
                squares[k][l] += x[k] * x[l] / SAMPLES;
    }
    for (size_t row = 0; apart && row < ORDER; row++)
        for (size_t column = 0; column < ORDER; column++)
            g[row * ORDER + column] = (double)(means[row / D][column / D] *
                                               squares[row % D][column % D]);
}

/* Does a representation keep this entry? */
static bool keeps(rfim_representation representation, size_t row, size_t column)
{
    return representation == RFIM_NEURON     ? row / D == column / D
           : representation == RFIM_DIAGONAL ? row == column
                                             : true;
}

/* Entries are good beside the root of those of the diagonal, not just beside the largest of all. */
static void expect_entries(const certainty *c, rfim_representation representation,
                           const double *found)
{
    double g[ORDER * ORDER];
    right(c, representation == RFIM_KRONECKER, g);
    for (size_t row = 0; row < ORDER; row++)
        for (size_t column = 0; column < ORDER; column++) {
            double wanted = keeps(representation, row, column) ? g[row * ORDER + column] : 0;
            double scale = sqrt(g[row * (ORDER + 1)] * g[column * (ORDER + 1)]);
            double error = fabs(found[row * ORDER + column] - wanted);
            if (!(error <= UNITS * unit_of(c) * scale))
                fail_msg("%s, gap %g: entry (%zu, %zu) is %.9g, not %.9g",
                         rfim_representation_name(representation), c->gap, row, column,
                         found[row * ORDER + column], wanted);
        }
}

static const rfim_representation representations[] = {RFIM_NEURON, RFIM_KRONECKER, RFIM_SOFTMAX,
                                                      RFIM_DENSE,  RFIM_DIAGONAL,  RFIM_GRAM};
#define REPRESENTATIONS (sizeof representations / sizeof *representations)

static void entries_do_not_cancel(void **state)
{
    (void)state;
    for (size_t k = 0; k < CERTAINTIES; k++) {
        api a = certain_layer(&certainties[k]);
        for (size_t r = 0; r < REPRESENTATIONS; r++) {
            rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, representations[r]));
            double *g = dense_of(&a, metric);
            double diagonal[ORDER];
            expect_entries(&certainties[k], representations[r], g);
            assert_ok(&a, rfim_metric_diagonal(metric, diagonal));
            for (size_t j = 0; j < ORDER; j++)
                assert_true(fabs(diagonal[j] - g[j * (ORDER + 1)]) <=
                            UNITS * unit_of(&certainties[k]) * diagonal[j]);
            free(g);
            rfim_metric_free(metric);
        }
        api_close(&a);
    }
}

/* Of a mean of two observations too. */
static void what_is_kept_does_not_cancel(void **state)
{
    (void)state;
    for (size_t k = 0; k < CERTAINTIES; k++) {
        api a = certain_layer(&certainties[k]);
        for (size_t r = 0; r < REPRESENTATIONS; r++) {
            rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, representations[r]));
            assert_ok(&a, rfim_metric_observe(metric, a.trace, .75, .25));
            double *g = dense_of(&a, metric);
            expect_entries(&certainties[k], representations[r], g);
            free(g);
            rfim_metric_free(metric);
        }
        api_close(&a);
    }
}

static void nu_does_not_cancel(void **state)
{
    (void)state;
    for (size_t k = 0; k < CERTAINTIES; k++) {
        api a = certain_layer(&certainties[k]);
        double nu[SAMPLES * CLASSES];
        assert_ok(&a, rfim_metric_nu(a.trace, 0, RFIM_FAMILY_PUBLISHED, 1, nu));
        for (size_t i = 0; i < SAMPLES; i++) {
            long double f[CLASSES][CLASSES];
            information(&certainties[k], i, f);
            for (size_t j = 0; j < CLASSES; j++)
                assert_true(fabs(nu[i * CLASSES + j] - (double)f[j][j]) <=
                            UNITS * unit_of(&certainties[k]) * (double)f[j][j]);
        }
        api_close(&a);
    }
}

/* Positive semi-definite to rounding: a damping of 1e-4 of the trace is far above that. `diagonal`
 * damps every entry by as much of itself, so it notices errors of small ones. */
static void refreshes_need_no_second_try(void **state)
{
    (void)state;
    static const rfim_damping_rule rules[] = {RFIM_DAMPING_TRACE, RFIM_DAMPING_DIAGONAL};
    for (size_t k = 0; k < CERTAINTIES; k++) {
        api a = certain_layer(&certainties[k]);
        for (size_t r = 0; r < REPRESENTATIONS; r++) {
            rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, representations[r]));
            for (size_t rule = 0; rule < 2; rule++) {
                rfim_metric_refresh_report report;
                assert_ok(&a, rfim_metric_refresh(metric, rules[rule], 1e-4, &report));
                assert_int_equal(report.retries, 0);
            }
            rfim_metric_free(metric);
        }
        api_close(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_do_not_cancel),
        cmocka_unit_test(what_is_kept_does_not_cancel),
        cmocka_unit_test(nu_does_not_cancel),
        cmocka_unit_test(refreshes_need_no_second_try),
    };
    return cmocka_run_group_tests_name("metric: soft-max where one class has nearly all", tests,
                                       NULL, NULL);
}
