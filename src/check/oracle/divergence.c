/* v^T g v from the Kullback-Leibler divergence, which g is the second derivative of:
 *
 *   KL(theta || theta + s v) = s^2/2 v^T g v + O(s^3)
 *   D(s) = [KL(theta || theta + s v) + KL(theta || theta - s v)]/s^2 = v^T g v + a s^2 + b s^4 +
 * ...
 *
 * D(s), D(2s), D(3s) are extrapolated to s = 0, which leaves O(s^6). s moves the pre-activation
 * that moves most by 1/100. The divergences are those of the densities: finite sums, and gaussian
 * (f' - f)^2/(2 sigma^2), Poisson e^t (e^d - 1 - d), d = t' - t; bregman A(t') - A(t) - f(t)(t' -
 * t) = integral of f(.) - f(t) from t to t'. */
#include "check/oracle/activation.h"
#include "check/oracle/work.h"

#include <math.h>

#define LARGEST_MOVE .01

/* e^d - 1 - d, by its series where the difference would cancel */
static double exp_beyond_first_order(double d)
{
    if (fabs(d) > .5)
        return expm1(d) - d;
    double term = d * d / 2;
    double sum = term;
    for (int k = 3; k < 20; k++) {
        term *= d / k;
        sum += term;
    }
    return sum;
}

/* sum p (-d) with d = log p' - log p. As sum p e^d = sum p' = 1 = sum p, that is
 * sum p (e^d - 1 - d), in which no two terms cancel. */
static double enumerated(const rfim__oracle_density *density, size_t factor,
                         const double complex *t)
{
    double sum = 0;
    for (size_t row = density->first[factor]; row < density->first[factor + 1]; row++) {
        double y = density->y[row];
        double d = creal(rfim__oracle_log(density, factor, y, t) -
                         rfim__oracle_log(density, factor, y, density->base));
        sum += density->weight[row] * exp_beyond_first_order(d);
    }
    return sum;
}

/* KL(p(.|base) || p(.|t)) of one factor */
static double factor_divergence(const rfim__oracle_density *density, size_t factor,
                                const double complex *t)
{
    const rfim__oracle_response *response = density->response;
    double base = creal(density->base[factor]);
    double own = creal(t[factor]);
    double mean, difference;
    switch (response->family) {
    case RFIM__ORACLE_BERNOULLI01:
    case RFIM__ORACLE_BERNOULLI11:
    case RFIM__ORACLE_CATEGORICAL:
        break;
    case RFIM__ORACLE_GAUSSIAN:
        mean = creal(rfim__oracle_apply(&response->mean, base));
        difference = (creal(rfim__oracle_apply(&response->mean, own)) - mean) / response->sigma;
        return difference * difference / 2;
    case RFIM__ORACLE_POISSON:
        return exp(base) * exp_beyond_first_order(own - base);
    case RFIM__ORACLE_BREGMAN:
        mean = creal(rfim__oracle_apply(&response->mean, base));
        return creal(rfim__oracle_path(density, base, own)) - mean * (own - base);
    }
    return enumerated(density, factor, t);
}

/* The mean over samples; the shift is the pass's. */
static rfim__oracle_status mean_divergence(rfim__oracle_work *work, const double *v, double factor,
                                           double *value)
{
    const rfim__oracle_problem *problem = work->pass.problem;
    double sum = 0;
    for (size_t i = 0; i < problem->samples; i++) {
        rfim__oracle_status status = rfim__oracle_work_sample(work, i);
        if (status)
            return status;
        for (size_t k = 0; k < problem->order; k++)
            work->pass.shift[k] = factor * v[k];
        rfim__oracle_run(&work->pass, i);
        for (size_t j = 0; j < work->density.factors; j++)
            sum += factor_divergence(&work->density, j, work->pass.t);
    }
    *value = sum / (double)problem->samples;
    return RFIM__ORACLE_OK;
}

rfim__oracle_status rfim__oracle_kl(const rfim__oracle_problem *problem, const double *shift,
                                    double *value)
{
    rfim__oracle_work work;
    rfim__oracle_status status = rfim__oracle_work_begin(problem, &work);
    if (status)
        return status;
    status = mean_divergence(&work, shift, 1, value);
    rfim__oracle_work_end(&work);
    return status;
}

/* s with which no pre-activation of any sample moves by more than LARGEST_MOVE, nor theta by more
 * than ten times that. */
static double step_along(rfim__oracle_work *work, const double *v)
{
    const rfim__oracle_problem *problem = work->pass.problem;
    double fastest = 0;
    for (size_t k = 0; k < problem->order; k++) {
        work->pass.shift[k] = I * (RFIM__ORACLE_STEP * v[k]);
        fastest = fmax(fastest, fabs(v[k]) / 10);
    }
    for (size_t i = 0; i < problem->samples; i++)
        fastest = fmax(fastest, rfim__oracle_run(&work->pass, i) / RFIM__ORACLE_STEP);
    return fastest > 0 ? LARGEST_MOVE / fastest : 0;
}

rfim__oracle_status rfim__oracle_kl_quadratic(const rfim__oracle_problem *problem, const double *v,
                                              double *value)
{
    /* The parabola in s^2 through s^2, 4 s^2, 9 s^2, at 0. */
    static const double extrapolation[3] = {1.5, -.6, .1};
    rfim__oracle_work work;
    rfim__oracle_status status = rfim__oracle_work_begin(problem, &work);
    if (status)
        return status;
    double step = step_along(&work, v);
    *value = 0;
    for (int k = 1; k <= 3 && step > 0 && !status; k++) {
        double s = k * step;
        double ahead = 0;
        double behind = 0;
        status = mean_divergence(&work, v, s, &ahead);
        if (!status)
            status = mean_divergence(&work, v, -s, &behind);
        *value += extrapolation[k - 1] * (ahead + behind) / (s * s);
    }
    rfim__oracle_work_end(&work);
    return status;
}
