/* The metric from first derivatives, by two of its definitions:
 *
 *   scores  E_y[s s^T],  s = d log p              roots  4 sum_y d sqrt(p) d sqrt(p)^T
 *
 * Row r of an outcome: sqrt(weight) s, or 2 sqrt(stride) d sqrt(p), so that either is the sum of
 * r r^T. Jointly the outcomes are all combinations over the factors, with the joint density. Factor
 * by factor, y_j independent, no mean taken for zero:
 *
 *   sum over combinations = sum_j sum_o r_o r_o^T + (sum_j e_j)(sum_j e_j)^T - sum_j e_j e_j^T,
 *   e_j = sum_o sqrt(weight_o) r_o */
#include "check/oracle/memory.h"
#include "check/oracle/work.h"

#include <math.h>

typedef struct rows {
    rfim__oracle_work work;
    bool roots;
    double complex *value; /* [rows x N]: log p or sqrt(p) of an outcome with a step in theta_k */
    double *r;             /* [N] */
    double *mean;          /* e_j [N] */
    double *means;         /* sum_j e_j [N] */
    size_t *outcome;       /* joint: the row of every factor */
} rows;

static void fill_values(rows *a, size_t sample)
{
    const rfim__oracle_density *density = &a->work.density;
    size_t order = a->work.pass.problem->order;
    rfim__oracle_steps(&a->work.pass, sample);
    for (size_t j = 0; j < density->factors; j++)
        for (size_t row = density->first[j]; row < density->first[j + 1]; row++)
            for (size_t k = 0; k < order; k++) {
                const double complex *t = a->work.pass.steps + k * density->outputs;
                a->value[row * order + k] = a->roots
                                                ? rfim__oracle_root(density, j, row, t)
                                                : rfim__oracle_log(density, j, density->y[row], t);
            }
}

static void add_factor_by_factor(rows *a, double *g)
{
    const rfim__oracle_density *density = &a->work.density;
    size_t order = a->work.pass.problem->order;
    for (size_t k = 0; k < order; k++)
        a->means[k] = 0;
    for (size_t j = 0; j < density->factors; j++) {
        for (size_t k = 0; k < order; k++)
            a->mean[k] = 0;
        for (size_t row = density->first[j]; row < density->first[j + 1]; row++) {
            double root = sqrt(density->weight[row]);
            double scale = a->roots ? 2 * sqrt(density->stride[row]) : root;
            for (size_t k = 0; k < order; k++) {
                a->r[k] = scale * (cimag(a->value[row * order + k]) / RFIM__ORACLE_STEP);
                a->mean[k] += root * a->r[k];
            }
            rfim__oracle_add_outer(g, order, 1, a->r);
        }
        rfim__oracle_add_outer(g, order, -1, a->mean);
        for (size_t k = 0; k < order; k++)
            a->means[k] += a->mean[k];
    }
    rfim__oracle_add_outer(g, order, 1, a->means);
}

static void add_combination(rows *a, double *g)
{
    const rfim__oracle_density *density = &a->work.density;
    size_t order = a->work.pass.problem->order;
    double weight = 1;
    double stride = 1;
    for (size_t j = 0; j < density->factors; j++) {
        weight *= density->weight[a->outcome[j]];
        stride *= density->stride[a->outcome[j]];
    }
    double scale = a->roots ? 2 * sqrt(stride) : sqrt(weight);
    for (size_t k = 0; k < order; k++) {
        double complex joint = a->roots ? 1 : 0;
        for (size_t j = 0; j < density->factors; j++) {
            double complex value = a->value[a->outcome[j] * order + k];
            joint = a->roots ? joint * value : joint + value;
        }
        a->r[k] = scale * (cimag(joint) / RFIM__ORACLE_STEP);
    }
    rfim__oracle_add_outer(g, order, 1, a->r);
}

static rfim__oracle_status add_joint(rows *a, double *g)
{
    if (rfim__oracle_combinations(&a->work.density, a->outcome) == 0)
        return RFIM__ORACLE_UNSUPPORTED;
    do
        add_combination(a, g);
    while (rfim__oracle_next(&a->work.density, a->outcome));
    return RFIM__ORACLE_OK;
}

static rfim__oracle_status add_sample(rows *a, size_t sample, double *g)
{
    const rfim__oracle_problem *problem = a->work.pass.problem;
    rfim__oracle_status status = rfim__oracle_work_sample(&a->work, sample);
    if (status)
        return status;
    a->value = rfim__oracle_array(&problem->memory, a->work.density.rows, problem->order,
                                  sizeof *a->value);
    if (!a->value)
        return RFIM__ORACLE_MEMORY;
    fill_values(a, sample);
    if (problem->joint)
        status = add_joint(a, g);
    else
        add_factor_by_factor(a, g);
    rfim__oracle_release(&problem->memory, a->value);
    return status;
}

static rfim__oracle_status expectation(const rfim__oracle_problem *problem, bool roots, double *g)
{
    const rfim__oracle_memory *memory = &problem->memory;
    size_t order = problem->order;
    rows a = {.roots = roots};
    rfim__oracle_status status = rfim__oracle_work_begin(problem, &a.work);
    if (status)
        return status;
    a.r = rfim__oracle_array(memory, order, 1, sizeof *a.r);
    a.mean = rfim__oracle_array(memory, order, 1, sizeof *a.mean);
    a.means = rfim__oracle_array(memory, order, 1, sizeof *a.means);
    a.outcome = rfim__oracle_array(memory, a.work.density.factors, 1, sizeof *a.outcome);
    if (!a.r || !a.mean || !a.means || !a.outcome)
        status = RFIM__ORACLE_MEMORY;
    else if (problem->response.family == RFIM__ORACLE_BREGMAN)
        status = RFIM__ORACLE_UNSUPPORTED;
    for (size_t k = 0; k < order * order && !status; k++)
        g[k] = 0;
    for (size_t i = 0; i < problem->samples && !status; i++)
        status = add_sample(&a, i, g);
    for (size_t k = 0; k < order * order && !status; k++)
        g[k] /= (double)problem->samples;
    rfim__oracle_release(memory, a.r);
    rfim__oracle_release(memory, a.mean);
    rfim__oracle_release(memory, a.means);
    rfim__oracle_release(memory, a.outcome);
    rfim__oracle_work_end(&a.work);
    return status;
}

rfim__oracle_status rfim__oracle_fim_scores(const rfim__oracle_problem *problem, double *g)
{
    return expectation(problem, false, g);
}

rfim__oracle_status rfim__oracle_fim_roots(const rfim__oracle_problem *problem, double *g)
{
    return expectation(problem, true, g);
}
