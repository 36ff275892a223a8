/* Minus the Hessian of l(theta) = sum over outcomes of weight log p(y|theta), the weights and y
 * held: the model's own at theta (expected), or one observed label of weight 1 (observed).
 *
 * The gradient is exact, by complex step; column q is its central difference of order 8,
 *   d/dq grad = [4/5 (g_1 - g_-1) - 1/5 (g_2 - g_-2) + 4/105 (g_3 - g_-3) - 1/280 (g_4 - g_-4)]/s.
 * s moves the pre-activation that moves most by 1/100: s^8 leaves 1e-16 of the ninth derivative
 * over 630, rounding 1e-14 of the gradient. The result is made symmetric. */
#include "check/oracle/memory.h"
#include "check/oracle/work.h"

#include <math.h>

#define LARGEST_MOVE .01

typedef struct hessian {
    rfim__oracle_work work;
    size_t sample;
    const double *labels; /* the sample's, or NULL: expected */
    double *gradient;     /* [N] */
} hessian;

static double complex log_likelihood(const hessian *a, const double complex *t)
{
    const rfim__oracle_density *density = &a->work.density;
    double complex sum = 0;
    for (size_t j = 0; j < density->factors; j++) {
        if (a->labels) {
            sum += rfim__oracle_log(density, j, a->labels[j], t);
            continue;
        }
        for (size_t row = density->first[j]; row < density->first[j + 1]; row++)
            sum += density->weight[row] * rfim__oracle_log(density, j, density->y[row], t);
    }
    return sum;
}

/* gradient <- d l/d theta at theta + pass.shift */
static void fill_gradient(hessian *a)
{
    size_t order = a->work.pass.problem->order;
    rfim__oracle_steps(&a->work.pass, a->sample);
    for (size_t k = 0; k < order; k++)
        a->gradient[k] = cimag(log_likelihood(a, a->work.pass.steps + k * a->work.pass.outputs)) /
                         RFIM__ORACLE_STEP;
}

static double step_along(hessian *a, size_t q)
{
    a->work.pass.shift[q] = I * RFIM__ORACLE_STEP;
    double moved = rfim__oracle_run(&a->work.pass, a->sample) / RFIM__ORACLE_STEP;
    return LARGEST_MOVE / fmax(moved, .1);
}

/* g[:, q] and g[q, :] -= half of column q of the Hessian each */
static void add_column(hessian *a, size_t q, double *g)
{
    static const double stencil[4] = {4. / 5, -1. / 5, 4. / 105, -1. / 280};
    size_t order = a->work.pass.problem->order;
    double step = step_along(a, q);
    for (int k = -4; k <= 4; k++) {
        if (k == 0)
            continue;
        a->work.pass.shift[q] = k * step;
        fill_gradient(a);
        double factor = (k > 0 ? stencil[k - 1] : -stencil[-k - 1]) / step;
        for (size_t p = 0; p < order; p++) {
            g[p * order + q] -= factor * a->gradient[p] / 2;
            g[q * order + p] -= factor * a->gradient[p] / 2;
        }
    }
    a->work.pass.shift[q] = 0;
}

static rfim__oracle_status minus_hessian(const rfim__oracle_problem *problem, const double *labels,
                                         double *g)
{
    size_t order = problem->order;
    hessian a = {0};
    rfim__oracle_status status = rfim__oracle_work_begin(problem, &a.work);
    if (status)
        return status;
    a.gradient = rfim__oracle_array(&problem->memory, order, 1, sizeof *a.gradient);
    if (!a.gradient)
        status = RFIM__ORACLE_MEMORY;
    else if (labels && !rfim__oracle_labels_are_legal(&a.work.density, labels, problem->samples))
        status = RFIM__ORACLE_SHAPE;
    for (size_t k = 0; k < order * order && !status; k++)
        g[k] = 0;
    for (a.sample = 0; a.sample < problem->samples && !status; a.sample++) {
        a.labels = labels ? labels + a.sample * a.work.density.factors : NULL;
        status = rfim__oracle_work_sample(&a.work, a.sample);
        for (size_t q = 0; q < order && !status; q++)
            add_column(&a, q, g);
    }
    for (size_t k = 0; k < order * order && !status; k++)
        g[k] /= (double)problem->samples;
    rfim__oracle_release(&problem->memory, a.gradient);
    rfim__oracle_work_end(&a.work);
    return status;
}

rfim__oracle_status rfim__oracle_fim_hessian(const rfim__oracle_problem *problem, double *g)
{
    return minus_hessian(problem, NULL, g);
}

rfim__oracle_status rfim__oracle_observed(const rfim__oracle_problem *problem, const double *y,
                                          double *g)
{
    return minus_hessian(problem, y, g);
}
