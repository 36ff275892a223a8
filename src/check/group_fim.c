/* group_fim.c - the Fisher information of whole networks by rfim_fim: three equal expressions and
 * J^T F J against the oracle's scores; minus the Hessian, and the outer products of the scores, at
 * observed labels. */
#include "check/compare.h"
#include "check/oracle_of.h"

#include <math.h>
#include <rfim/fim.h>

#define SAMPLES 4

static const struct row {
    const char *name;
    const char *text;
} neurons[] = {
#define NEURON(f)                                                                                  \
    {                                                                                              \
        "one neuron, " #f, "input 3; linear 1 " #f "; loss squared"                                \
    }
    NEURON(linear),
    {"one neuron, leaky relu", "input 3; linear 1 relu iota=0.1; loss squared"},
    NEURON(elu),
    NEURON(tanh),
    NEURON(sigm),
    NEURON(gelu),
    NEURON(silu),
    NEURON(softplus),
    NEURON(sin),
#undef NEURON
    {"one neuron, sigmoid loss", "input 3; linear 1; loss sigmoid"},
    {"one soft-max layer", "input 3; linear 3; loss softmax"},
};

static const struct row networks[] = {
    {"tanh, soft-max", "input 3; linear 3 tanh; linear 3; loss softmax"},
    {"sigm, sigmoid", "input 2; linear 3 sigm; linear 2; loss sigmoid"},
    {"relu, squared", "input 3; linear 3 relu; linear 2; loss squared"},
    {"gelu silu", "input 2; linear 2 gelu; linear 2 silu; linear 2; loss squared"},
    {"norm, soft-max", "input 2; linear 3 tanh; batchnorm; linear 3; loss softmax"},
    {"norm silu", "input 2; linear 3; batchnorm; activation silu; linear 2; loss squared"},
};

/* rfim_fim is in inference mode: batch normalisation by moving averages, here the first ones. */
static void take_moving_averages(rfim__toy *s)
{
    for (size_t l = 0; l < s->count; l++)
        for (size_t j = 0;
             s->modules[l].kind == RFIM__ORACLE_BATCH_NORM && j < s->modules[l].outputs; j++) {
            ((double *)s->modules[l].mean)[j] = 0;
            ((double *)s->modules[l].scale)[j] = 1 / sqrt(1 + s->network->modules[l].eps);
        }
}

typedef struct labelled {
    rfim__toy *toy;
    rfim__oracle_problem problem;
    double *y; /* as the oracle takes labels */
    rfim_array targets;
} labelled;

static bool begin(rfim__check *check, const struct row *row, labelled *out)
{
    rfim__toy *s = rfim__toy_create(check, row->text, RFIM_DOUBLE, RFIM__TOY_PLAIN, SAMPLES);
    out->toy = s;
    if (!s)
        return false;
    take_moving_averages(s);
    rfim_metric_options options = rfim__toy_options(0, s->count - 1);
    options.response = RFIM_RESPONSE_NETWORK;
    size_t m = rfim_network_outputs(s->network);
    rfim_loss_kind loss = rfim_network_loss(s->network);
    out->y = rfim__check_normals(check, SAMPLES * m);
    int32_t *classes = rfim__check_room(check, SAMPLES, sizeof *classes);
    if (!out->y || !classes || !rfim__oracle_problem_of(s, &options, &out->problem))
        return false;
    for (size_t k = 0; loss == RFIM_LOSS_SIGMOID && k < SAMPLES * m; k++)
        out->y[k] = out->y[k] > 0;
    out->targets = rfim_doubles(out->y, SAMPLES, m);
    for (size_t i = 0; loss == RFIM_LOSS_SOFTMAX && i < SAMPLES; i++) {
        classes[i] = (int32_t)rfim__random_below(&check->random, (uint32_t)m);
        out->y[i] = classes[i];
        out->targets = rfim_labels(classes, SAMPLES);
    }
    return true;
}

/* The library's matrix; NULL when it fails, or when it was not exact. */
static double *expression(rfim__check *check, const labelled *l, rfim_fim_expression which)
{
    rfim_fim_report report;
    double *g = rfim__check_numbers(check, l->problem.order * l->problem.order);
    if (!g || rfim_fim(l->toy->network, rfim_doubles(l->toy->x, SAMPLES, l->toy->inputs),
                       l->targets, which, NULL, g, &report) != RFIM_OK)
        return NULL;
    return report.exact ? g : NULL;
}

static double distance(rfim__check *check, const labelled *l, rfim_fim_expression which,
                       const double *expected)
{
    return rfim__check_difference(expression(check, l, which), expected,
                                  l->problem.order * l->problem.order);
}

/* All four of one neuron; the largest. */
static void check_neuron(rfim__check *check, const struct row *row)
{
    static const rfim_fim_expression equal[] = {RFIM_FIM_SCORES, RFIM_FIM_HESSIAN, RFIM_FIM_ROOTS,
                                                RFIM_FIM_METRIC};
    labelled l;
    double worst = 0;
    if (!rfim__check_begin(check, "%s", row->name) || !begin(check, row, &l))
        return;
    const double *expected = rfim__oracle_metric(check, &l.problem);
    for (size_t e = 0; e < sizeof equal / sizeof equal[0]; e++)
        worst = rfim__check_worse(worst, distance(check, &l, equal[e], expected));
    rfim__check_near(check, rfim__oracle_way_name(&l.problem), worst, 1e-9);
}

/* What the oracle says at the labels: minus the Hessian, or the outer products of the scores. */
static double *at_labels(rfim__check *check, const labelled *l, rfim_fim_expression which)
{
    double *g = rfim__check_numbers(check, l->problem.order * l->problem.order);
    if (!g)
        return NULL;
    rfim__oracle_status status = which == RFIM_FIM_OBSERVED
                                     ? rfim__oracle_observed(&l->problem, l->y, g)
                                     : rfim__oracle_empirical(&l->problem, l->y, g);
    return status == RFIM__ORACLE_OK ? g : NULL;
}

static void check_network(rfim__check *check, const struct row *row)
{
    for (int e = 0; e < RFIM_FIM_EXPRESSIONS; e++) {
        rfim_fim_expression which = (rfim_fim_expression)e;
        bool of_labels = which == RFIM_FIM_OBSERVED || which == RFIM_FIM_EMPIRICAL;
        labelled l;
        if (!rfim__check_begin(check, "%s: %s", row->name, rfim_fim_expression_name(which)))
            return;
        if (!begin(check, row, &l))
            continue;
        const double *expected = of_labels ? at_labels(check, &l, which)
                                           : rfim__oracle_metric(check, &l.problem);
        /* The oracle's own Hessians are differences. */
        rfim__check_near(check, of_labels ? "its oracle" : rfim__oracle_way_name(&l.problem),
                         distance(check, &l, which, expected),
                         which == RFIM_FIM_OBSERVED ? 1e-9 : 1e-12);
    }
}

void rfim__check_fim(rfim__check *check)
{
    for (size_t r = 0; r < sizeof neurons / sizeof neurons[0]; r++)
        check_neuron(check, &neurons[r]);
    for (size_t r = 0; r < sizeof networks / sizeof networks[0]; r++)
        check_network(check, &networks[r]);
}
