#include "check/oracle_of.h"

#include "check/compare.h"
#include "check/oracle/dense.h"

#include <math.h>

#define DRAWS 100000 /* of sampled responses, in all */

/* --- the oracle's words for ours -------------------------------------------------------------- */

rfim__oracle_activation rfim__oracle_activation_of(const rfim__activation *f, bool slope)
{
    static const rfim__oracle_function functions[RFIM__ACTIVATIONS] = {
        [RFIM__LINEAR] = RFIM__ORACLE_IDENTITY, [RFIM__RELU] = RFIM__ORACLE_RELU,
        [RFIM__ELU] = RFIM__ORACLE_ELU,         [RFIM__TANH] = RFIM__ORACLE_TANH,
        [RFIM__SIGM] = RFIM__ORACLE_SIGM,       [RFIM__GELU] = RFIM__ORACLE_GELU,
        [RFIM__SILU] = RFIM__ORACLE_SILU,       [RFIM__SOFTPLUS] = RFIM__ORACLE_SOFTPLUS,
        [RFIM__SIN] = RFIM__ORACLE_SIN,
    };
    rfim__oracle_activation out = {.iota = f->iota, .omega = f->omega, .alpha = f->alpha};
    if (f->kind == RFIM__CUSTOM) {
        out.function = RFIM__ORACLE_GIVEN;
        out.value = f->custom->told.value;
        out.derivative = f->custom->told.derivative;
        out.user = f->custom->told.user;
        return out;
    }
    out.function = functions[f->kind];
    if (slope && f->kind == RFIM__RELU && f->omega > 0)
        out.function = RFIM__ORACLE_SOFTPLUS;
    return out;
}

static size_t response_module(const rfim__toy *toy, const rfim_metric_options *options)
{
    size_t l = options->last;
    if (options->response == RFIM_RESPONSE_NETWORK)
        return toy->count - 1;
    if (options->response == RFIM_RESPONSE_NEXT)
        for (l++; l + 1 < toy->count && toy->modules[l].kind != RFIM__ORACLE_LINEAR; l++)
            ;
    return l;
}

/* The density whose mean is f in the canonical family. */
static rfim__oracle_family canonical(rfim__oracle_function f)
{
    return f == RFIM__ORACLE_TANH   ? RFIM__ORACLE_BERNOULLI11
           : f == RFIM__ORACLE_SIGM ? RFIM__ORACLE_BERNOULLI01
                                    : RFIM__ORACLE_BREGMAN;
}

static rfim__oracle_response response_of(const rfim__toy *toy, const rfim_metric_options *options,
                                         size_t module)
{
    bool trained = options->response == RFIM_RESPONSE_NETWORK;
    bool last = module + 1 == toy->count;
    rfim_loss_kind loss = rfim_network_loss(toy->network);
    rfim__oracle_response out = {.sigma = trained ? 1 : options->sigma};
    out.mean = rfim__oracle_activation_of(&toy->network->modules[module].activation, !trained);
    if (toy->modules[module].kind == RFIM__ORACLE_BATCH_NORM)
        out.mean = (rfim__oracle_activation){.function = RFIM__ORACLE_IDENTITY};
    rfim__oracle_function f = out.mean.function;
    bool published = options->family == RFIM_FAMILY_PUBLISHED;
    out.family = RFIM__ORACLE_GAUSSIAN;
    if (options->family == RFIM_FAMILY_CATEGORICAL ||
        (published && last && loss == RFIM_LOSS_SOFTMAX))
        out.family = RFIM__ORACLE_CATEGORICAL;
    else if (published && last && loss == RFIM_LOSS_SIGMOID)
        out.family = RFIM__ORACLE_BERNOULLI01;
    else if (options->family == RFIM_FAMILY_CANONICAL ||
             (published && !trained && (f == RFIM__ORACLE_TANH || f == RFIM__ORACLE_SIGM)))
        out.family = canonical(f);
    return out;
}

/* --- problems --------------------------------------------------------------------------------- */

static void *allocate(void *user, size_t bytes)
{
    return rfim__allocate(user, bytes, 1);
}

static void release(void *user, void *block)
{
    rfim__release(user, block);
}

rfim__oracle_problem rfim__oracle_problem_empty(rfim__check *check)
{
    return (rfim__oracle_problem){.memory = {allocate, release, check->context}};
}

bool rfim__oracle_problem_of(rfim__toy *toy, const rfim_metric_options *options,
                             rfim__oracle_problem *out)
{
    size_t first = options->first;
    size_t r = response_module(toy, options);
    bool input = options->variable == RFIM_VARIABLE_INPUT;
    size_t outputs = options->outputs ? options->outputs : toy->modules[first].outputs;
    *out = rfim__oracle_problem_empty(toy->check);
    out->modules = input ? toy->modules + first : toy->modules;
    out->count = input ? r + 1 - first : r + 1;
    out->x = input && first > 0 ? toy->out[first - 1] : toy->x;
    out->samples = toy->samples;
    out->response = response_of(toy, options, r);
    out->order = input ? toy->modules[first].inputs
                 : first == options->last
                     ? rfim__oracle_neurons(toy->modules, first, options->first_output, outputs,
                                            NULL)
                     : rfim__oracle_parameters(toy->modules, first, options->last, NULL);
    rfim__oracle_entry *theta = rfim__check_room(toy->check, out->order + 1, sizeof *theta);
    out->theta = theta;
    if (!theta)
        return false;
    if (input)
        rfim__oracle_inputs(out->modules, theta);
    else if (first == options->last)
        rfim__oracle_neurons(toy->modules, first, options->first_output, outputs, theta);
    else
        rfim__oracle_parameters(toy->modules, first, options->last, theta);
    return true;
}

/* --- answers ---------------------------------------------------------------------------------- */

/* Is it an answer? Else the context gets a sentence. */
static bool answered(rfim__check *check, rfim__oracle_status status)
{
    static const char *const words[] = {"", "has no memory", "does not fit together",
                                        "has no answer for this response"};
    if (status != RFIM__ORACLE_OK)
        rfim__fail(check->context, RFIM_ERROR_UNSUPPORTED, "the oracle %s", words[status]);
    return status == RFIM__ORACLE_OK;
}

typedef rfim__oracle_status answer_fn(const rfim__oracle_problem *problem, double *g);

static double *ask(rfim__check *check, const rfim__oracle_problem *problem, answer_fn *answer)
{
    double *g = rfim__check_numbers(check, problem->order * problem->order);
    return g && answered(check, answer(problem, g)) ? g : NULL;
}

const char *rfim__oracle_way_name(const rfim__oracle_problem *problem)
{
    return problem->response.family == RFIM__ORACLE_GAUSSIAN  ? "quadrature"
           : problem->response.family == RFIM__ORACLE_POISSON ? "summation"
           : problem->response.family == RFIM__ORACLE_BREGMAN ? "-E[Hessian]"
                                                              : "enumeration";
}

double *rfim__oracle_metric(rfim__check *check, const rfim__oracle_problem *problem)
{
    bool bregman = problem->response.family == RFIM__ORACLE_BREGMAN;
    return ask(check, problem, bregman ? rfim__oracle_fim_hessian : rfim__oracle_fim_scores);
}

double *rfim__oracle_information(rfim__check *check, const rfim__oracle_problem *problem, size_t i)
{
    size_t m = problem->modules[problem->count - 1].outputs;
    rfim__oracle_module identity = {.kind = RFIM__ORACLE_ELEMENTWISE, .inputs = m, .outputs = m};
    rfim__oracle_problem of_t = rfim__oracle_problem_empty(check);
    double *t = rfim__check_numbers(check, m);
    rfim__oracle_entry *theta = rfim__check_room(check, m, sizeof *theta);
    if (!t || !theta || !answered(check, rfim__oracle_output(problem, i, t)))
        return NULL;
    of_t.modules = &identity;
    of_t.count = 1;
    of_t.x = t;
    of_t.samples = 1;
    of_t.response = problem->response;
    of_t.theta = theta;
    of_t.order = rfim__oracle_inputs(&identity, theta);
    return rfim__oracle_metric(check, &of_t);
}

/* --- comparisons ------------------------------------------------------------------------------ */

/* v^T G v against the divergences, v random; the largest of some. */
static void tell_divergence(rfim__check *check, const rfim__oracle_problem *problem,
                            const double *g)
{
    double worst = 0;
    for (size_t trial = 0; trial < rfim__check_trials(check); trial++) {
        double *v = rfim__check_normals(check, problem->order);
        double found = (double)NAN;
        if (!g || !v || !answered(check, rfim__oracle_kl_quadratic(problem, v, &found)))
            found = (double)NAN;
        else
            found = rfim__check_apart(rfim__oracle_quadratic(g, problem->order, v), found);
        worst = rfim__check_worse(worst, found);
    }
    rfim__check_near(check, "KL divergence", worst, 1e-6);
}

/* Norm-wise: |G - estimate|_F in units of |standard errors|_F; one is usual, a mistake in many
 * entries grows beyond all. And entry by entry. */
static void tell_draws(rfim__check *check, const rfim__oracle_problem *problem, const double *g)
{
    size_t count = problem->order * problem->order;
    double *estimate = rfim__check_numbers(check, count);
    double *errors = rfim__check_numbers(check, count);
    double norm = (double)NAN;
    double entry = (double)NAN;
    if (g && estimate && errors &&
        answered(check, rfim__oracle_fim_monte_carlo(problem, DRAWS / problem->samples,
                                                     check->options->seed, estimate, errors))) {
        const double *gap = rfim__check_minus(check, g, estimate, count);
        norm = rfim__check_norm(gap, count) / rfim__check_norm(errors, count);
        entry = rfim__check_worst_entry(gap, errors, count);
    }
    rfim__check_near(check, "Monte Carlo", norm, 4);
    rfim__check_near(check, "MC, by entry", entry, rfim__check_entry_bound(problem->order));
}

void rfim__check_by_oracle(rfim__check *check, rfim__toy *toy, const rfim_metric_options *options,
                           unsigned ways)
{
    static const struct {
        unsigned way;
        answer_fn *answer;
        const char *name; /* NULL: the oracle's own */
        double tolerance;
    } table[] = {
        {RFIM__BY_SCORES, rfim__oracle_fim_scores, NULL, 1e-12},
        {RFIM__BY_ROOTS, rfim__oracle_fim_roots, "square roots", 1e-12},
        /* differences of order 8: about 1e-12 themselves */
        {RFIM__BY_HESSIAN, rfim__oracle_fim_hessian, "-E[Hessian]", 1e-9},
    };
    rfim__oracle_problem problem;
    if (!toy || !rfim__oracle_problem_of(toy, options, &problem)) {
        rfim__check_near(check, "oracle", (double)NAN, 0);
        return;
    }
    const double *g = rfim__toy_dense(toy, options);
    if (problem.response.family == RFIM__ORACLE_BREGMAN)
        ways &= RFIM__BY_HESSIAN | RFIM__BY_KL;
    for (size_t w = 0; w < sizeof table / sizeof table[0]; w++) {
        if (!(ways & table[w].way))
            continue;
        const double *expected = g ? ask(check, &problem, table[w].answer) : NULL;
        rfim__check_near(check, table[w].name ? table[w].name : rfim__oracle_way_name(&problem),
                         rfim__check_difference(g, expected, problem.order * problem.order),
                         table[w].tolerance);
    }
    if (ways & RFIM__BY_KL)
        tell_divergence(check, &problem, g);
    if ((ways & RFIM__BY_DRAWS) && check->options->thorough)
        tell_draws(check, &problem, g);
}
