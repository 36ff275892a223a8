/* The outcomes of every factor of a response at t = base, with weights: all of them where they are
 * discrete, Gauss-Hermite nodes where they are not.
 *
 * Gaussian: y = mean + sqrt(2) sigma z, so E g(y) = sum_q w_q g(y_q)/sqrt(pi), and the integral of
 * g(y) dy is sum_q w_q e^{z_q^2} sqrt(2) sigma g(y_q). */
#include "check/oracle/activation.h"
#include "check/oracle/density.h"
#include "check/oracle/memory.h"

#include <math.h>

#define ROOT_2 1.41421356237309504880
#define ROOT_PI 1.77245385090551602730
#define LARGEST_POISSON 12.0 /* log of the mean: so 160000 */
#define NEGLIGIBLE 1e-22     /* of the largest probability */
#define LEAST_ABOVE_MODE                                                                           \
    20.0 /* a small mean's information sits at outcomes of small probability                       \
          */

#define MOST_COMBINATIONS 4194304

/* The Poisson outcomes that count. */
typedef struct range {
    double mode, low, high;
} range;

static range poisson_range(double mean)
{
    range found = {.mode = floor(mean)};
    double p = 1;
    for (found.low = found.mode; found.low > 0 && p > NEGLIGIBLE; found.low--)
        p *= found.low / mean;
    p = 1;
    for (found.high = found.mode; p > NEGLIGIBLE || found.high < found.mode + LEAST_ABOVE_MODE;
         found.high++)
        p *= mean / (found.high + 1);
    return found;
}

void rfim__oracle_outcomes_forget(rfim__oracle_density *density)
{
    rfim__oracle_release(density->memory, density->y);
    rfim__oracle_release(density->memory, density->weight);
    rfim__oracle_release(density->memory, density->stride);
    density->y = density->weight = density->stride = NULL;
    density->room = 0;
}

static size_t rows_of(const rfim__oracle_density *density, size_t factor)
{
    range poisson;
    switch (density->response->family) {
    case RFIM__ORACLE_BERNOULLI01:
    case RFIM__ORACLE_BERNOULLI11:
        return 2;
    case RFIM__ORACLE_CATEGORICAL:
        return density->outputs;
    case RFIM__ORACLE_GAUSSIAN:
        return density->hermite.count;
    case RFIM__ORACLE_POISSON:
        poisson = poisson_range(exp(creal(density->base[factor])));
        return (size_t)(poisson.high - poisson.low) + 1;
    case RFIM__ORACLE_BREGMAN:
        break;
    }
    return 1;
}

static rfim__oracle_status make_room(rfim__oracle_density *density)
{
    for (size_t j = 0; j < density->factors; j++)
        density->first[j + 1] = density->first[j] + rows_of(density, j);
    density->rows = density->first[density->factors];
    if (density->rows <= density->room)
        return RFIM__ORACLE_OK;
    rfim__oracle_outcomes_forget(density);
    density->y = rfim__oracle_array(density->memory, density->rows, 1, sizeof(double));
    density->weight = rfim__oracle_array(density->memory, density->rows, 1, sizeof(double));
    density->stride = rfim__oracle_array(density->memory, density->rows, 1, sizeof(double));
    if (!density->y || !density->weight || !density->stride)
        return RFIM__ORACLE_MEMORY;
    density->room = density->rows;
    return RFIM__ORACLE_OK;
}

/* By ratios from the mode, then to sum 1: no factorials. */
static void poisson_outcomes(rfim__oracle_density *density, size_t factor)
{
    double mean = exp(creal(density->base[factor]));
    range poisson = poisson_range(mean);
    double *y = density->y + density->first[factor];
    double *weight = density->weight + density->first[factor];
    size_t count = density->first[factor + 1] - density->first[factor];
    size_t mode = (size_t)(poisson.mode - poisson.low);
    for (size_t r = 0; r < count; r++)
        y[r] = poisson.low + (double)r;
    weight[mode] = 1;
    for (size_t r = mode; r > 0; r--)
        weight[r - 1] = weight[r] * y[r] / mean;
    for (size_t r = mode + 1; r < count; r++)
        weight[r] = weight[r - 1] * mean / y[r];
    double total = 0;
    for (size_t r = 0; r < count; r++)
        total += weight[r];
    for (size_t r = 0; r < count; r++)
        weight[r] /= total;
}

static void gaussian_outcomes(rfim__oracle_density *density, size_t factor)
{
    const rfim__oracle_response *response = density->response;
    double mean = creal(rfim__oracle_apply(&response->mean, density->base[factor]));
    for (size_t q = 0; q < density->hermite.count; q++) {
        size_t row = density->first[factor] + q;
        double z = density->hermite.node[q];
        double weight = density->hermite.weight[q];
        density->y[row] = mean + ROOT_2 * response->sigma * z;
        density->weight[row] = weight / ROOT_PI;
        density->stride[row] = weight * exp(z * z) * ROOT_2 * response->sigma;
    }
}

/* A finite list: the probabilities are the density's own. */
static void finite_outcomes(rfim__oracle_density *density, size_t factor)
{
    static const double signs[2] = {-1, 1};
    for (size_t row = density->first[factor]; row < density->first[factor + 1]; row++) {
        size_t r = row - density->first[factor];
        bool signed_values = density->response->family == RFIM__ORACLE_BERNOULLI11;
        density->y[row] = signed_values ? signs[r] : (double)r;
        density->weight[row] = exp(
            creal(rfim__oracle_log(density, factor, density->y[row], density->base)));
    }
}

static void factor_outcomes(rfim__oracle_density *density, size_t factor)
{
    size_t first = density->first[factor];
    switch (density->response->family) {
    case RFIM__ORACLE_BERNOULLI01:
    case RFIM__ORACLE_BERNOULLI11:
    case RFIM__ORACLE_CATEGORICAL:
        finite_outcomes(density, factor);
        break;
    case RFIM__ORACLE_GAUSSIAN:
        gaussian_outcomes(density, factor);
        break;
    case RFIM__ORACLE_POISSON:
        poisson_outcomes(density, factor);
        break;
    case RFIM__ORACLE_BREGMAN:
        density->y[first] = creal(
            rfim__oracle_apply(&density->response->mean, density->base[factor]));
        density->weight[first] = 1;
        break;
    }
}

rfim__oracle_status rfim__oracle_outcomes(rfim__oracle_density *density)
{
    if (density->response->family == RFIM__ORACLE_POISSON)
        for (size_t j = 0; j < density->factors; j++)
            if (!(creal(density->base[j]) <= LARGEST_POISSON))
                return RFIM__ORACLE_UNSUPPORTED;
    rfim__oracle_status status = make_room(density);
    if (status)
        return status;
    for (size_t row = 0; row < density->rows; row++)
        density->stride[row] = 1;
    for (size_t j = 0; j < density->factors; j++)
        factor_outcomes(density, j);
    return RFIM__ORACLE_OK;
}

size_t rfim__oracle_combinations(const rfim__oracle_density *density, size_t *outcome)
{
    size_t count = 1;
    for (size_t j = 0; j < density->factors; j++) {
        size_t outcomes = density->first[j + 1] - density->first[j];
        if (outcomes > MOST_COMBINATIONS / count)
            return 0;
        count *= outcomes;
        outcome[j] = density->first[j];
    }
    return count;
}

bool rfim__oracle_next(const rfim__oracle_density *density, size_t *outcome)
{
    for (size_t j = 0; j < density->factors; j++) {
        if (++outcome[j] < density->first[j + 1])
            return true;
        outcome[j] = density->first[j];
    }
    return false;
}
