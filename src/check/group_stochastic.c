/* group_stochastic.c - what the product of the layers' metrics is (docs/mathematics.md): the Fisher
 * information of the stochastic network with every hidden response observed, which is at least the
 * one without.
 *
 *   complete = blockdiag(g^h(W|x), E_{h|x} g^y(C|h))  >=  Fisher information of p(y|x)
 *
 * And linear layers with gaussian noise of sd s1 on h, s2 on y, where h is integrated out exactly:
 *
 *   g_WW = C0 (s1^2 C0^T C0 + s2^2 I)^-1 C0^T (x) x~x~^T
 */
#include "check/compare.h"
#include "check/oracle/dense.h"
#include "check/oracle_of.h"

#include <math.h>
#include <stdio.h>

#define INPUTS 2
#define HIDDEN 3
#define PATTERNS (1 << HIDDEN)

/* --- hidden responses of two values ----------------------------------------------------------- */

static const struct row {
    const char *hidden;
    const char *loss;
    size_t outputs;
    double low; /* the smaller value of h; the larger is 1 */
    rfim__oracle_family family;
} rows[] = {
    {"sigm", "softmax", 3, 0, RFIM__ORACLE_BERNOULLI01},
    {"tanh", "softmax", 3, -1, RFIM__ORACLE_BERNOULLI11},
    {"sigm", "sigmoid", 2, 0, RFIM__ORACLE_BERNOULLI01},
};

/* The mean over samples of p(h = pattern | x). */
static double probability(const rfim__toy *s, const struct row *row, size_t pattern)
{
    double sum = 0;
    for (size_t i = 0; i < s->samples; i++) {
        double p = 1;
        for (size_t j = 0; j < HIDDEN; j++) {
            double t = s->pre[0][i * HIDDEN + j];
            double on = row->low < 0 ? (1 + tanh(t)) / 2 : 1 / (1 + exp(-t));
            p *= pattern >> j & 1 ? on : 1 - on;
        }
        sum += p / (double)s->samples;
    }
    return sum;
}

/* E g^y(C|h) of the second layer as a network of its own, its inputs the patterns. */
static double *expected_second(rfim__toy *s, const struct row *row)
{
    char text[96];
    double h[PATTERNS * HIDDEN];
    const double *parameters[1] = {s->parameters[1]};
    snprintf(text, sizeof text, "input %d; linear %zu; loss %s", HIDDEN, row->outputs, row->loss);
    for (size_t p = 0; p < PATTERNS; p++)
        for (size_t j = 0; j < HIDDEN; j++)
            h[p * HIDDEN + j] = p >> j & 1 ? 1 : row->low;
    rfim__toy *second = rfim__toy_with(s->check, text, RFIM_DOUBLE, PATTERNS, h, parameters);
    rfim_metric_options options = rfim__toy_options(0, 0);
    rfim_metric *metric = rfim__toy_metric(second, &options);
    for (size_t p = 0; p < PATTERNS; p++)
        if (!metric || !rfim__toy_pass(second, p, 1) ||
            rfim_metric_observe(metric, second->trace, p > 0, probability(s, row, p)) != RFIM_OK)
            return NULL;
    return rfim__check_dense(s->check, metric);
}

/* The product metric of both layers, [order x order]. */
static double *product_metric(rfim__toy *s, const struct row *row, size_t order)
{
    rfim_metric_options options = rfim__toy_options(0, 0);
    size_t first = HIDDEN * (INPUTS + 1);
    size_t second = order - first;
    const double *a = rfim__toy_dense(s, &options);
    const double *b = expected_second(s, row);
    double *g = a && b ? rfim__check_numbers(s->check, order * order) : NULL;
    for (size_t p = 0; g && p < order; p++)
        for (size_t q = 0; q < order; q++)
            if (p < first && q < first)
                g[p * order + q] = a[p * first + q];
            else if (p >= first && q >= first)
                g[p * order + q] = b[(p - first) * second + q - first];
    return g;
}

static void check_binary(rfim__check *check, const struct row *row)
{
    char text[128];
    if (!rfim__check_begin(check, "%s hidden, %s", row->hidden, row->loss))
        return;
    snprintf(text, sizeof text, "input %d; linear %d %s; linear %zu; loss %s", INPUTS, HIDDEN,
             row->hidden, row->outputs, row->loss);
    rfim__toy *s = rfim__toy_create(check, text, RFIM_DOUBLE, RFIM__TOY_PLAIN, 4);
    rfim_metric_options options = rfim__toy_options(0, 1);
    rfim__oracle_problem problem;
    options.response = RFIM_RESPONSE_NETWORK;
    if (!s || !rfim__oracle_problem_of(s, &options, &problem))
        return;
    size_t order = problem.order;
    const double *g = product_metric(s, row, order);
    double *complete = rfim__check_numbers(check, order * order);
    double *marginal = rfim__check_numbers(check, order * order);
    if (!g || !complete || !marginal ||
        rfim__oracle_fim_complete(&problem, 0, row->family, complete) != RFIM__ORACLE_OK ||
        rfim__oracle_fim_marginal(&problem, 0, row->family, marginal) != RFIM__ORACLE_OK)
        return;
    const double *gap = rfim__check_minus(check, g, marginal, order * order);
    rfim__check_near(check, "complete data", rfim__check_difference(g, complete, order * order),
                     1e-12);
    rfim__check_near(check, ">= marginal", rfim__check_below_zero(check, gap, order), 1e-13);
    rfim__check_beyond(check, "not the same", rfim__check_difference(g, marginal, order * order),
                       1e-3);
}

/* --- linear layers with gaussian noise -------------------------------------------------------- */

/* C0 (s1^2 C0^T C0 + s2^2 I)^-1 C0^T (x) mean x~x~^T for C0 [HIDDEN x outputs] */
static double *integrated(rfim__toy *s, double s1, double s2)
{
    enum { D = INPUTS + 1, ORDER = HIDDEN * D };
    rfim__check *check = s->check;
    size_t m = s->modules[1].outputs;
    const double *c = s->parameters[1];
    double inner[HIDDEN * HIDDEN] = {0};
    double across[HIDDEN * HIDDEN];
    double product[HIDDEN * HIDDEN];
    double moments[D * D] = {0};
    double *g = rfim__check_numbers(check, (size_t)ORDER * ORDER);
    for (size_t a = 0; a < m; a++)
        for (size_t b = 0; b < m; b++) {
            for (size_t k = 0; k < HIDDEN; k++)
                inner[a * m + b] += s1 * s1 * c[k * m + a] * c[k * m + b];
            inner[a * m + b] += a == b ? s2 * s2 : 0;
        }
    for (size_t a = 0; a < m; a++)
        for (size_t k = 0; k < HIDDEN; k++)
            across[a * HIDDEN + k] = c[k * m + a];
    if (!g || !rfim__oracle_solve(inner, m, across, HIDDEN))
        return NULL;
    rfim__oracle_product(c, across, HIDDEN, m, HIDDEN, product);
    for (size_t i = 0; i < s->samples; i++)
        for (size_t k = 0; k < D; k++)
            for (size_t l = 0; l < D; l++)
                moments[k * D + l] += (k < INPUTS ? s->x[i * INPUTS + k] : 1) *
                                      (l < INPUTS ? s->x[i * INPUTS + l] : 1) / (double)s->samples;
    rfim__oracle_kronecker(product, HIDDEN, moments, D, g);
    return g;
}

/* Two linear layers; the second one's weights are drawn, plus twice the identity. */
static rfim__toy *linear_layers(rfim__check *check, size_t outputs)
{
    char text[96];
    snprintf(text, sizeof text, "input %d; linear %d; linear %zu; loss squared", INPUTS, HIDDEN,
             outputs);
    rfim__toy *drawn = rfim__toy_create(check, text, RFIM_DOUBLE, RFIM__TOY_PLAIN, 6);
    if (!drawn)
        return NULL;
    for (size_t j = 0; j < outputs; j++)
        drawn->parameters[1][j * outputs + j] += 2;
    return rfim__toy_with(check, text, RFIM_DOUBLE, 6, drawn->x,
                          (const double *const *)drawn->parameters);
}

static void check_linear(rfim__check *check, size_t outputs)
{
    enum { ORDER = HIDDEN * (INPUTS + 1), COUNT = ORDER * ORDER };
    if (!rfim__check_begin(check, "linear-gaussian %d-%zu", HIDDEN, outputs))
        return;
    rfim__toy *s = linear_layers(check, outputs);
    rfim_metric_options own = rfim__toy_options(0, 0);
    rfim_metric_options next = own;
    own.sigma = .7;
    next.sigma = .4;
    next.response = RFIM_RESPONSE_NEXT;
    const double *g_own = rfim__toy_dense(s, &own);
    const double *g_next = rfim__toy_dense(s, &next);
    if (!g_own || !g_next)
        return;
    const double *g = integrated(s, own.sigma, next.sigma);
    rfim__check_near(check, "s1 = 0: next", /* Gauss-Newton */
                     rfim__check_difference(g_next, integrated(s, 0, next.sigma), COUNT), 1e-12);
    if (outputs >= HIDDEN) /* C0 C0^-1: as badly conditioned as C0 */
        rfim__check_near(check, "s2 = 0: own",
                         rfim__check_difference(g_own, integrated(s, own.sigma, 0), COUNT), 1e-9);
    rfim__check_near(
        check,
        "own >=", rfim__check_below_zero(check, rfim__check_minus(check, g_own, g, COUNT), ORDER),
        1e-13);
    rfim__check_near(
        check,
        "next >=", rfim__check_below_zero(check, rfim__check_minus(check, g_next, g, COUNT), ORDER),
        1e-13);
}

void rfim__check_stochastic(rfim__check *check)
{
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        check_binary(check, &rows[r]);
    check_linear(check, 3);
    check_linear(check, 2);
}
