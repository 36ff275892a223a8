/* group_nu.c - how much information scalar responses carry: nu(t) of every activation and family,
 * pre-activation by pre-activation. The error is the largest relative one of all t. */
#include "check/compare.h"
#include "check/oracle_of.h"

#include <math.h>
#include <stdio.h>

static const struct activation {
    const char *name;
    const char *text; /* in a network's text */
    bool increasing;
} activations[] = {
    {"linear", "linear", true},
    {"relu", "relu", true},
    {"leaky relu", "relu omega=0.25 iota=0.1", true},
    {"hard relu", "relu omega=0", true},
    {"hard leaky relu", "relu omega=0 iota=0.1", true},
    {"elu", "elu", true},
    {"elu alpha=0.7", "elu alpha=0.7", true},
    {"tanh", "tanh", true},
    {"sigm", "sigm", true},
    {"gelu", "gelu", false},
    {"silu", "silu", false},
    {"softplus", "softplus", true},
    {"softplus 0.3, 0.2", "softplus omega=0.3 iota=0.2", true},
    {"sin", "sin", false},
    {"one's own (exp)", "exp", true},
};
#define ACTIVATIONS (sizeof activations / sizeof activations[0])

static double exponential(void *user, double t)
{
    (void)user;
    return exp(t);
}

static void register_exponential(rfim__check *check)
{
    const rfim_activation f = {.name = "exp",
                               .value = exponential,
                               .derivative = exponential,
                               .second_derivative = exponential,
                               .increasing = 1};
    (void)rfim_activation_register(check->context, &f); /* without it its rows fail */
}

/* A network whose module 0 has t = x, so that t are the inputs given: [n x m]. */
static rfim__toy *pass_through(rfim__check *check, const char *text, const double *t,
                               size_t samples, size_t m)
{
    double *identity = rfim__check_numbers(check, (m + 1) * m);
    double *next = rfim__check_numbers(check, (m + 1) * m);
    const double *parameters[2] = {identity, next};
    if (!identity || !next)
        return NULL;
    for (size_t j = 0; j < m; j++)
        identity[j * m + j] = 1;
    return rfim__toy_with(check, text, RFIM_DOUBLE, samples, t, parameters);
}

/* nu [n x m] of module 0 */
static double *information(rfim__toy *toy, rfim_family family, double sigma)
{
    size_t m = toy ? toy->modules[0].outputs : 0;
    double *nu = toy ? rfim__check_numbers(toy->check, toy->samples * m) : NULL;
    return nu && rfim_metric_nu(toy->trace, 0, family, sigma, nu) == RFIM_OK ? nu : NULL;
}

/* Each t by itself: one with a small nu counts as much as one with a large nu. Where the oracle has
 * 0 (hard relu), the error is nu itself; where it has 0 everywhere, nothing is compared: NaN. */
static double largest_difference(rfim__toy *toy, const rfim__oracle_problem *problem,
                                 const double *nu)
{
    double worst = 0;
    size_t compared = 0;
    size_t m = toy->modules[0].outputs;
    for (size_t i = 0; i < toy->samples; i++) {
        const double *f = rfim__oracle_information(toy->check, problem, i);
        if (!f || !nu)
            return (double)NAN;
        for (size_t j = 0; j < m; j++) {
            double expected = f[j * m + j];
            double found = nu[i * m + j];
            compared += expected != 0;
            worst = rfim__check_worse(worst, expected != 0 ? rfim__check_apart(found, expected)
                                                           : fabs(found));
        }
    }
    return compared > 0 ? worst : (double)NAN;
}

static void check_family(rfim__check *check, const struct activation *f, rfim_family family,
                         double sigma)
{
    static const double t[] = {-6, -2.3, -1.1, -.6, -.2, .2, .5, 1.3, 2, 3.7};
    char text[128];
    bool gaussian = family == RFIM_FAMILY_GAUSSIAN;
    if (!(gaussian ? sigma == 1 ? rfim__check_begin(check, "%s, gaussian", f->name)
                                : rfim__check_begin(check, "%s, sigma %g", f->name, sigma)
                   : rfim__check_begin(check, "%s, canonical", f->name)))
        return;
    snprintf(text, sizeof text, "input 1; linear 1 %s; linear 1; loss squared", f->text);
    rfim__toy *s = pass_through(check, text, t, sizeof t / sizeof t[0], 1);
    rfim_metric_options options = rfim__toy_options(0, 0);
    rfim__oracle_problem problem;
    options.family = family;
    options.sigma = sigma;
    if (!s || !rfim__oracle_problem_of(s, &options, &problem))
        return;
    bool hessian = problem.response.family == RFIM__ORACLE_BREGMAN;
    rfim__check_near(check, rfim__oracle_way_name(&problem),
                     largest_difference(s, &problem, information(s, family, sigma)),
                     hessian ? 1e-9 : 1e-12);
}

/* The values that the paper's formulas take, to fifteen digits. */
static void check_golden_values(rfim__check *check)
{
    static const double t[] = {-1, -.5, 0, .5, 2};
    static const struct {
        const char *name;
        const char *text;
        double nu[5];
    } golden[] = {
        {"tanh, published",
         "tanh",
         {0.419974341614026, 0.786447732965928, 1, 0.786447732965928, 0.070650824853164}},
        {"sigm, published",
         "sigm",
         {0.196611933241482, 0.235003712201594, .25, 0.235003712201594, 0.104993585403506}},
        {"relu, published",
         "relu",
         {0.072329488128513, 0.142536956596551, .25, 0.387455619000260, 0.775803492574376}},
        {"leaky relu, published",
         "relu omega=0.25 iota=0.1",
         {0.015360452898371, 0.051831788618944, .3025, 0.760966680115978, 0.998657598911901}},
        {"elu, published", "elu", {0.135335283236613, 0.367879441171442, 1, 1, 1}},
    };
    for (size_t g = 0; g < sizeof golden / sizeof golden[0]; g++) {
        char text[128];
        if (!rfim__check_begin(check, "%s", golden[g].name))
            return;
        snprintf(text, sizeof text, "input 1; linear 1 %s; linear 1; loss squared", golden[g].text);
        const double *nu = information(pass_through(check, text, t, 5, 1), RFIM_FAMILY_PUBLISHED,
                                       1);
        rfim__check_near(check, "golden values", rfim__check_difference(nu, golden[g].nu, 5),
                         1e-12);
    }
}

/* Of classes nu is the diagonal of F; with the sigmoid loss it is eta (1 - eta), output by output.
 */
static void check_losses(rfim__check *check)
{
    static const struct {
        const char *name;
        const char *text;
    } rows[] = {
        {"soft-max loss", "input 4; linear 4; loss softmax"},
        {"sigmoid loss", "input 4; linear 4; loss sigmoid"},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        if (!rfim__check_begin(check, "%s", rows[r].name))
            return;
        double *t = rfim__check_normals(check, 6 * 4);
        rfim__toy *s = t ? pass_through(check, rows[r].text, t, 6, 4) : NULL;
        rfim_metric_options options = rfim__toy_options(0, 0);
        rfim__oracle_problem problem;
        if (!s || !rfim__oracle_problem_of(s, &options, &problem))
            return;
        rfim__check_near(check, rfim__oracle_way_name(&problem),
                         largest_difference(s, &problem, information(s, RFIM_FAMILY_PUBLISHED, 1)),
                         1e-12);
    }
}

void rfim__check_nu(rfim__check *check)
{
    register_exponential(check);
    check_golden_values(check);
    for (size_t f = 0; f < ACTIVATIONS; f++) {
        check_family(check, &activations[f], RFIM_FAMILY_GAUSSIAN, 1);
        check_family(check, &activations[f], RFIM_FAMILY_GAUSSIAN, .7);
        if (activations[f].increasing)
            check_family(check, &activations[f], RFIM_FAMILY_CANONICAL, 1);
    }
    check_losses(check);
}
