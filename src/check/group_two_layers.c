/* group_two_layers.c - two layers with their joint parameter and all cross blocks:
 *
 *   g_WW = (D' C0 F C0^T D') (x) x~x~^T,  g_WC = (D' C0 F) (x) x~h~^T,  g_CC = F (x) h~h~^T
 *
 * D' = diag f'(t). Taking nu_i nu_j for f'_i f'_j is a mistake that tanh and sigm do not show. */
#include "check/compare.h"
#include "check/oracle_of.h"

#include <math.h>
#include <stdio.h>

#define INPUTS 3
#define HIDDEN 4
#define OUTPUTS 3

static void check_pair(rfim__check *check, const char *hidden, const char *output)
{
    char text[128];
    bool classes = output[0] == 's' && output[1] == 'o';
    if (!rfim__check_begin(check, "%s, then %s", hidden, output))
        return;
    snprintf(text, sizeof text, "input %d; linear %d %s; linear %d %s; loss %s", INPUTS, HIDDEN,
             hidden, OUTPUTS, classes ? "linear" : output, classes ? "softmax" : "squared");
    rfim__toy *s = rfim__toy_create(check, text, RFIM_DOUBLE, RFIM__TOY_PLAIN, 6);
    rfim_metric_options options = rfim__toy_options(0, 1);
    if (!classes)
        options.sigma = .8;
    rfim__check_by_oracle(check, s, &options,
                          RFIM__BY_SCORES | (check->options->thorough ? RFIM__BY_ALL : 0));
}

/* g_WW [order x order] of a linear output with sigma 1 (F = I), made with nu in place of f'. */
static double *mistaken(rfim__toy *s)
{
    enum { D = INPUTS + 1, ORDER = HIDDEN * D };
    const double *c = s->parameters[1];
    double *g = rfim__check_numbers(s->check, (size_t)ORDER * ORDER);
    double *nu = rfim__check_numbers(s->check, s->samples * HIDDEN);
    if (!g || !nu || rfim_metric_nu(s->trace, 0, RFIM_FAMILY_PUBLISHED, 1, nu) != RFIM_OK)
        return NULL;
    for (size_t p = 0; p < ORDER; p++)
        for (size_t q = 0; q < ORDER; q++)
            for (size_t i = 0; i < s->samples; i++) {
                const double *x = s->x + i * INPUTS;
                double a = p % D == INPUTS ? 1 : x[p % D];
                double b = q % D == INPUTS ? 1 : x[q % D];
                double sum = 0;
                for (size_t l = 0; l < OUTPUTS; l++)
                    sum += c[p / D * OUTPUTS + l] * c[q / D * OUTPUTS + l];
                g[p * ORDER + q] += nu[i * HIDDEN + p / D] * nu[i * HIDDEN + q / D] * sum * a * b /
                                    (double)s->samples;
            }
    return g;
}

/* The mistake's distance from the metric. */
static double mistake(rfim__check *check, const char *hidden)
{
    enum { ORDER = HIDDEN * (INPUTS + 1) };
    char text[128];
    snprintf(text, sizeof text, "input %d; linear %d %s; linear %d; loss squared", INPUTS, HIDDEN,
             hidden, OUTPUTS);
    rfim__toy *s = rfim__toy_create(check, text, RFIM_DOUBLE, RFIM__TOY_PLAIN, 8);
    rfim_metric_options options = rfim__toy_options(0, 0);
    options.response = RFIM_RESPONSE_NEXT;
    const double *g = rfim__toy_dense(s, &options);
    return g ? rfim__check_difference(mistaken(s), g, (size_t)ORDER * ORDER) : (double)NAN;
}

void rfim__check_two_layers(rfim__check *check)
{
    static const char *const hidden[] = {"tanh", "sigm", "relu", "elu"};
    static const char *const output[] = {"tanh", "sigm", "relu", "elu", "linear", "soft-max"};
    for (size_t h = 0; h < sizeof hidden / sizeof hidden[0]; h++)
        for (size_t o = 0; o < sizeof output / sizeof output[0]; o++)
            check_pair(check, hidden[h], output[o]);
    for (size_t h = 0; h < 2; h++)
        if (rfim__check_begin(check, "%s: nu_i nu_j is right", hidden[h]))
            rfim__check_near(check, "own metric", mistake(check, hidden[h]), 1e-12);
    if (rfim__check_begin(check, "elu: nu_i nu_j is wrong"))
        rfim__check_beyond(check, "must exceed", mistake(check, "elu"), 1e-2);
    if (rfim__check_begin(check, "softplus: same is wrong"))
        rfim__check_beyond(check, "must exceed", mistake(check, "softplus"), 1e-2);
}
