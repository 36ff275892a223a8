/* Scores at given labels: observed ones (the empirical Fisher), or drawn from the model (Monte
 * Carlo). The draws of different samples are independent strata: the variance of the mean is
 * sum_i var_i/R over n^2, R draws a sample. */
#include "check/oracle/activation.h"
#include "check/oracle/memory.h"
#include "check/oracle/work.h"

#include <math.h>

typedef struct scores {
    rfim__oracle_work work;
    double *score;   /* [N] */
    double *drawn;   /* labels [m] */
    double *sum;     /* [N x N], over draws of score score^T */
    double *squares; /* [N x N], of its square */
    uint64_t state;
} scores;

/* score <- d log p(labels); after rfim__oracle_steps */
static void fill_score(scores *a, const double *labels)
{
    const rfim__oracle_density *density = &a->work.density;
    for (size_t k = 0; k < a->work.pass.problem->order; k++) {
        double complex sum = 0;
        for (size_t j = 0; j < density->factors; j++)
            sum += rfim__oracle_log(density, j, labels[j],
                                    a->work.pass.steps + k * density->outputs);
        a->score[k] = cimag(sum) / RFIM__ORACLE_STEP;
    }
}

static void scores_end(scores *a)
{
    const rfim__oracle_memory *memory = &a->work.pass.problem->memory;
    rfim__oracle_release(memory, a->score);
    rfim__oracle_release(memory, a->drawn);
    rfim__oracle_release(memory, a->sum);
    rfim__oracle_release(memory, a->squares);
    rfim__oracle_work_end(&a->work);
}

static rfim__oracle_status scores_begin(const rfim__oracle_problem *problem, scores *a)
{
    const rfim__oracle_memory *memory = &problem->memory;
    size_t order = problem->order;
    *a = (scores){0};
    rfim__oracle_status status = rfim__oracle_work_begin(problem, &a->work);
    if (status)
        return status;
    a->score = rfim__oracle_array(memory, order, 1, sizeof *a->score);
    a->drawn = rfim__oracle_array(memory, a->work.pass.outputs, 1, sizeof *a->drawn);
    a->sum = rfim__oracle_array(memory, order, order, sizeof *a->sum);
    a->squares = rfim__oracle_array(memory, order, order, sizeof *a->squares);
    if (a->score && a->drawn && a->sum && a->squares)
        return RFIM__ORACLE_OK;
    scores_end(a);
    return RFIM__ORACLE_MEMORY;
}

rfim__oracle_status rfim__oracle_empirical(const rfim__oracle_problem *problem, const double *y,
                                           double *g)
{
    size_t order = problem->order;
    scores a;
    rfim__oracle_status status = scores_begin(problem, &a);
    if (status)
        return status;
    if (problem->response.family == RFIM__ORACLE_BREGMAN)
        status = RFIM__ORACLE_UNSUPPORTED;
    else if (!rfim__oracle_labels_are_legal(&a.work.density, y, problem->samples))
        status = RFIM__ORACLE_SHAPE;
    for (size_t k = 0; k < order * order && !status; k++)
        g[k] = 0;
    for (size_t i = 0; i < problem->samples && !status; i++) {
        status = rfim__oracle_work_sample(&a.work, i);
        if (status)
            break;
        rfim__oracle_steps(&a.work.pass, i);
        fill_score(&a, y + i * a.work.density.factors);
        rfim__oracle_add_outer(g, order, 1 / (double)problem->samples, a.score);
    }
    scores_end(&a);
    return status;
}

/* xorshift64*, S. Vigna, ACM Transactions on Mathematical Software 42(4), 2016; on (0, 1) */
static double uniform(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return ((double)((*state * 2685821657736338717u) >> 11) + .5) / 9007199254740992.;
}

/* Box and Muller */
static double normal(uint64_t *state)
{
    double radius = sqrt(-2 * log(uniform(state)));
    return radius * cos(6.28318530717958647693 * uniform(state));
}

static void draw(scores *a)
{
    const rfim__oracle_density *density = &a->work.density;
    const rfim__oracle_response *response = density->response;
    for (size_t j = 0; j < density->factors; j++) {
        if (response->family == RFIM__ORACLE_GAUSSIAN) {
            double mean = creal(rfim__oracle_apply(&response->mean, density->base[j]));
            a->drawn[j] = mean + response->sigma * normal(&a->state);
            continue;
        }
        size_t row = density->first[j];
        double left = uniform(&a->state) - density->weight[row];
        while (left > 0 && row + 1 < density->first[j + 1])
            left -= density->weight[++row];
        a->drawn[j] = density->y[row];
    }
}

static void add_draw(scores *a)
{
    size_t order = a->work.pass.problem->order;
    draw(a);
    fill_score(a, a->drawn);
    for (size_t p = 0; p < order; p++)
        for (size_t q = 0; q < order; q++) {
            double product = a->score[p] * a->score[q];
            a->sum[p * order + q] += product;
            a->squares[p * order + q] += product * product;
        }
}

static rfim__oracle_status sample_monte_carlo(scores *a, size_t i, size_t draws, double *g,
                                              double *variance)
{
    size_t order = a->work.pass.problem->order;
    rfim__oracle_status status = rfim__oracle_work_sample(&a->work, i);
    if (status)
        return status;
    rfim__oracle_steps(&a->work.pass, i);
    for (size_t k = 0; k < order * order; k++)
        a->sum[k] = a->squares[k] = 0;
    for (size_t r = 0; r < draws; r++)
        add_draw(a);
    for (size_t k = 0; k < order * order; k++) {
        double mean = a->sum[k] / (double)draws;
        g[k] += mean;
        variance[k] += fmax(0, a->squares[k] / (double)draws - mean * mean) / ((double)draws - 1);
    }
    return RFIM__ORACLE_OK;
}

rfim__oracle_status rfim__oracle_fim_monte_carlo(const rfim__oracle_problem *problem, size_t draws,
                                                 uint64_t seed, double *g, double *error)
{
    size_t order = problem->order;
    double n = (double)problem->samples;
    scores a;
    rfim__oracle_status status = scores_begin(problem, &a);
    if (status)
        return status;
    if (draws < 2)
        status = RFIM__ORACLE_SHAPE;
    else if (problem->response.family == RFIM__ORACLE_BREGMAN)
        status = RFIM__ORACLE_UNSUPPORTED;
    a.state = (seed ^ 0x9e3779b97f4a7c15u) | 1;
    for (int warming = 0; warming < 20; warming++)
        uniform(&a.state);
    for (size_t k = 0; k < order * order && !status; k++)
        g[k] = error[k] = 0;
    for (size_t i = 0; i < problem->samples && !status; i++)
        status = sample_monte_carlo(&a, i, draws, g, error);
    for (size_t k = 0; k < order * order && !status; k++) {
        g[k] /= n;
        error[k] = sqrt(error[k]) / n;
    }
    scores_end(&a);
    return status;
}
