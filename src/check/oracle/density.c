#include "check/oracle/density.h"

#include "check/oracle/activation.h"
#include "check/oracle/memory.h"

#include <math.h>

#define PATH_NODES 16
#define ROOT_2_PI 2.50662827463100050242

rfim__oracle_status rfim__oracle_density_begin(const rfim__oracle_problem *problem, size_t outputs,
                                               rfim__oracle_density *density)
{
    const rfim__oracle_response *response = &problem->response;
    *density = (rfim__oracle_density){.response = response, .memory = &problem->memory};
    density->outputs = outputs;
    density->factors = response->family == RFIM__ORACLE_CATEGORICAL ? 1 : outputs;
    if (response->family == RFIM__ORACLE_GAUSSIAN)
        rfim__oracle_hermite(problem->nodes ? problem->nodes : 12, &density->hermite);
    if (response->family == RFIM__ORACLE_BREGMAN)
        rfim__oracle_legendre(PATH_NODES, &density->path);
    density->base = rfim__oracle_array(density->memory, outputs, 1, sizeof *density->base);
    density->first = rfim__oracle_array(density->memory, density->factors + 1, 1,
                                        sizeof *density->first);
    if (density->base && density->first)
        return RFIM__ORACLE_OK;
    rfim__oracle_density_end(density);
    return RFIM__ORACLE_MEMORY;
}

void rfim__oracle_density_end(rfim__oracle_density *density)
{
    rfim__oracle_outcomes_forget(density);
    rfim__oracle_release(density->memory, density->base);
    rfim__oracle_release(density->memory, density->first);
    density->base = NULL;
    density->first = NULL;
}

void rfim__oracle_density_base(rfim__oracle_density *density, const double complex *t)
{
    for (size_t j = 0; j < density->outputs; j++)
        density->base[j] = creal(t[j]);
}

double complex rfim__oracle_path(const rfim__oracle_density *density, double a, double complex t)
{
    double complex sum = 0;
    for (size_t q = 0; q < density->path.count; q++)
        sum += density->path.weight[q] *
               rfim__oracle_apply(&density->response->mean, a + density->path.node[q] * (t - a));
    return sum * (t - a);
}

/* log sum_k e^{t_k - largest}, and the largest */
static double complex log_total(const double complex *t, size_t count, double *largest)
{
    *largest = creal(t[0]);
    for (size_t k = 1; k < count; k++)
        *largest = fmax(*largest, creal(t[k]));
    double complex total = 0;
    for (size_t k = 0; k < count; k++)
        total += cexp(t[k] - *largest);
    return clog(total);
}

double complex rfim__oracle_log(const rfim__oracle_density *density, size_t factor, double y,
                                const double complex *t)
{
    const rfim__oracle_response *response = density->response;
    double base = creal(density->base[factor]);
    double complex own = t[factor];
    double largest;
    switch (response->family) {
    case RFIM__ORACLE_BERNOULLI01:
        return rfim__oracle_log_sigm(y > 0 ? own : -own);
    case RFIM__ORACLE_BERNOULLI11: /* (1 + tanh t)/2 = sigm(2 t), which does not cancel */
        return rfim__oracle_log_sigm(y > 0 ? 2 * own : -2 * own);
    case RFIM__ORACLE_CATEGORICAL:
        own = log_total(t, density->outputs, &largest);
        return t[(size_t)y] - largest - own;
    case RFIM__ORACLE_GAUSSIAN:
        own = (y - rfim__oracle_apply(&response->mean, own)) / response->sigma;
        return -own * own / 2;
    case RFIM__ORACLE_POISSON:
        return y * own - cexp(own);
    case RFIM__ORACLE_BREGMAN:
        return y * (own - base) - rfim__oracle_path(density, base, own);
    }
    return 0;
}

double complex rfim__oracle_root(const rfim__oracle_density *density, size_t factor, size_t row,
                                 const double complex *t)
{
    const rfim__oracle_response *response = density->response;
    double y = density->y[row];
    double base = creal(density->base[factor]);
    double complex own = t[factor];
    double largest;
    switch (response->family) {
    case RFIM__ORACLE_BERNOULLI01:
        return csqrt(rfim__oracle_sigm(y > 0 ? own : -own));
    case RFIM__ORACLE_BERNOULLI11:
        return csqrt(rfim__oracle_sigm(y > 0 ? 2 * own : -2 * own));
    case RFIM__ORACLE_CATEGORICAL:
        own = log_total(t, density->outputs, &largest);
        return csqrt(cexp(t[(size_t)y] - largest) / cexp(own));
    case RFIM__ORACLE_GAUSSIAN:
        own = (y - rfim__oracle_apply(&response->mean, own)) / response->sigma;
        return cexp(-own * own / 4) / sqrt(ROOT_2_PI * response->sigma);
    case RFIM__ORACLE_POISSON: /* p(y|t) = p(y|base) times the ratio of the two */
        return sqrt(density->weight[row]) * cexp((y * (own - base) - cexp(own) + exp(base)) / 2);
    case RFIM__ORACLE_BREGMAN:
        break;
    }
    return 0;
}

static bool label_is_legal(const rfim__oracle_density *density, double y)
{
    switch (density->response->family) {
    case RFIM__ORACLE_BERNOULLI01:
        return y == 0 || y == 1;
    case RFIM__ORACLE_BERNOULLI11:
        return y == -1 || y == 1;
    case RFIM__ORACLE_CATEGORICAL:
        return y >= 0 && y < (double)density->outputs && floor(y) == y;
    case RFIM__ORACLE_POISSON:
        return y >= 0 && isfinite(y) && floor(y) == y;
    case RFIM__ORACLE_GAUSSIAN:
    case RFIM__ORACLE_BREGMAN:
        break;
    }
    return isfinite(y);
}

bool rfim__oracle_labels_are_legal(const rfim__oracle_density *density, const double *y,
                                   size_t samples)
{
    for (size_t k = 0; k < samples * density->factors; k++)
        if (!label_is_legal(density, y[k]))
            return false;
    return true;
}
