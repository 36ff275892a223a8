/* A network with one stochastic hidden response h: module `hidden` hands on h ~ p(h|t), not f(t).
 * Enumerated over h and y, the probabilities with complex steps:
 *
 *   marginal  p(y|x) = sum_h p(h|x) p(y|h),  E_y[s s^T],  s = d log p(y|x)
 *   complete  E_{h,y}[s s^T],                s = d log p(h|x) + d log p(y|h) */
#include "check/oracle/memory.h"
#include "check/oracle/work.h"

#include <math.h>

typedef struct chain {
    rfim__oracle_work work; /* all modules; its density is p(y|h) */
    rfim__oracle_problem below;
    rfim__oracle_density lower; /* p(h|x) */
    size_t hidden;
    bool complete;
    size_t combinations;         /* of y */
    size_t *h_rows;              /* [m1] */
    size_t *y_rows;              /* [m] */
    double complex *lower_steps; /* [N x m1]: t of module hidden, with a step in theta_k */
    double complex *h;           /* [m1] */
    double complex *p;           /* [N x combinations]: p(y|x), or p(h, y|x) of one h */
    double *score;               /* [N] */
} chain;

static void fill_lower(chain *a, size_t sample)
{
    rfim__oracle_pass *pass = &a->work.pass;
    rfim__oracle_run(pass, sample); /* puts the sample into pass->input */
    for (size_t k = 0; k < pass->problem->order; k++) {
        pass->shift[k] = I * RFIM__ORACLE_STEP;
        rfim__oracle_forward(pass, 0, a->hidden, pass->input,
                             a->lower_steps + k * a->lower.outputs);
        pass->shift[k] = 0;
    }
    rfim__oracle_density_base(&a->lower, a->lower_steps);
}

/* log p(h|x) of the h in h_rows with a step in theta_k */
static double complex log_hidden(const chain *a, size_t k)
{
    double complex sum = 0;
    for (size_t j = 0; j < a->lower.factors; j++)
        sum += rfim__oracle_log(&a->lower, j, a->lower.y[a->h_rows[j]],
                                a->lower_steps + k * a->lower.outputs);
    return sum;
}

/* p [N x combinations] += p(h, y|x) of the h in h_rows */
static void add_hidden(chain *a)
{
    rfim__oracle_pass *pass = &a->work.pass;
    const rfim__oracle_density *upper = &a->work.density;
    for (size_t j = 0; j < a->lower.factors; j++)
        a->h[j] = a->lower.y[a->h_rows[j]];
    for (size_t k = 0; k < pass->problem->order; k++) {
        pass->shift[k] = I * RFIM__ORACLE_STEP;
        rfim__oracle_forward(pass, a->hidden + 1, pass->problem->count - 1, a->h, pass->t);
        pass->shift[k] = 0;
        double complex below = log_hidden(a, k);
        double complex *p = a->p + k * a->combinations;
        rfim__oracle_combinations(upper, a->y_rows);
        do {
            double complex sum = below;
            for (size_t j = 0; j < upper->factors; j++)
                sum += rfim__oracle_log(upper, j, upper->y[a->y_rows[j]], pass->t);
            *p++ += cexp(sum);
        } while (rfim__oracle_next(upper, a->y_rows));
    }
}

/* g += sum over combinations of p s s^T; p <- 0 */
static void add_scores(chain *a, double *g)
{
    size_t order = a->work.pass.problem->order;
    for (size_t c = 0; c < a->combinations; c++) {
        double probability = creal(a->p[c]);
        for (size_t k = 0; k < order; k++) {
            double complex *p = &a->p[k * a->combinations + c];
            a->score[k] = cimag(*p) / RFIM__ORACLE_STEP / creal(*p);
            *p = 0;
        }
        if (probability > 0)
            rfim__oracle_add_outer(g, order, probability, a->score);
    }
}

static rfim__oracle_status add_sample(chain *a, size_t sample, double *g)
{
    fill_lower(a, sample);
    rfim__oracle_status status = rfim__oracle_outcomes(&a->lower);
    if (status)
        return status;
    if (rfim__oracle_combinations(&a->lower, a->h_rows) == 0)
        return RFIM__ORACLE_UNSUPPORTED;
    do {
        add_hidden(a);
        if (a->complete)
            add_scores(a, g);
    } while (rfim__oracle_next(&a->lower, a->h_rows));
    if (!a->complete)
        add_scores(a, g);
    return RFIM__ORACLE_OK;
}

static bool is_bernoulli(rfim__oracle_family family)
{
    return family == RFIM__ORACLE_BERNOULLI01 || family == RFIM__ORACLE_BERNOULLI11;
}

static void chain_end(chain *a)
{
    const rfim__oracle_memory *memory = &a->below.memory;
    rfim__oracle_release(memory, a->h_rows);
    rfim__oracle_release(memory, a->y_rows);
    rfim__oracle_release(memory, a->lower_steps);
    rfim__oracle_release(memory, a->h);
    rfim__oracle_release(memory, a->p);
    rfim__oracle_release(memory, a->score);
    rfim__oracle_density_end(&a->lower);
    rfim__oracle_work_end(&a->work);
}

/* The arrays; the two densities are there. */
static rfim__oracle_status chain_fill(chain *a)
{
    const rfim__oracle_memory *memory = &a->below.memory;
    size_t order = a->below.order;
    size_t hidden = a->lower.outputs;
    if (rfim__oracle_outcomes(&a->work.density))
        return RFIM__ORACLE_MEMORY;
    a->h_rows = rfim__oracle_array(memory, hidden, 1, sizeof *a->h_rows);
    a->y_rows = rfim__oracle_array(memory, a->work.density.factors, 1, sizeof *a->y_rows);
    a->lower_steps = rfim__oracle_array(memory, order, hidden, sizeof *a->lower_steps);
    a->h = rfim__oracle_array(memory, hidden, 1, sizeof *a->h);
    a->score = rfim__oracle_array(memory, order, 1, sizeof *a->score);
    if (!a->h_rows || !a->y_rows || !a->lower_steps || !a->h || !a->score)
        return RFIM__ORACLE_MEMORY;
    a->combinations = rfim__oracle_combinations(&a->work.density, a->y_rows);
    if (a->combinations == 0)
        return RFIM__ORACLE_UNSUPPORTED;
    a->p = rfim__oracle_array(memory, order, a->combinations, sizeof *a->p);
    return a->p ? RFIM__ORACLE_OK : RFIM__ORACLE_MEMORY;
}

static rfim__oracle_status chain_begin(const rfim__oracle_problem *problem, size_t hidden,
                                       rfim__oracle_family response, bool complete, chain *a)
{
    *a = (chain){.hidden = hidden, .complete = complete, .below = *problem};
    a->below.response.family = response;
    if (problem->count == 0 || hidden >= problem->count - 1)
        return RFIM__ORACLE_SHAPE;
    if (!is_bernoulli(response) || !(is_bernoulli(problem->response.family) ||
                                     problem->response.family == RFIM__ORACLE_CATEGORICAL))
        return RFIM__ORACLE_UNSUPPORTED;
    rfim__oracle_status status = rfim__oracle_work_begin(problem, &a->work);
    if (status)
        return status;
    status = rfim__oracle_density_begin(&a->below, problem->modules[hidden].outputs, &a->lower);
    if (status) {
        rfim__oracle_work_end(&a->work);
        return status;
    }
    status = chain_fill(a);
    if (status)
        chain_end(a);
    return status;
}

static rfim__oracle_status expectation(const rfim__oracle_problem *problem, size_t hidden,
                                       rfim__oracle_family response, bool complete, double *g)
{
    size_t order = problem->order;
    chain a;
    rfim__oracle_status status = chain_begin(problem, hidden, response, complete, &a);
    if (status)
        return status;
    for (size_t k = 0; k < order * order; k++)
        g[k] = 0;
    for (size_t i = 0; i < problem->samples && !status; i++)
        status = add_sample(&a, i, g);
    for (size_t k = 0; k < order * order && !status; k++)
        g[k] /= (double)problem->samples;
    chain_end(&a);
    return status;
}

rfim__oracle_status rfim__oracle_fim_marginal(const rfim__oracle_problem *problem, size_t hidden,
                                              rfim__oracle_family response, double *g)
{
    return expectation(problem, hidden, response, false, g);
}

rfim__oracle_status rfim__oracle_fim_complete(const rfim__oracle_problem *problem, size_t hidden,
                                              rfim__oracle_family response, double *g)
{
    return expectation(problem, hidden, response, true, g);
}
