/* group_representations.c - every representation holds what it should of subsystems of every kind,
 * and its verbs agree with its entries. The error is the largest of all subsystems. */
#include "check/compare.h"
#include "check/oracle/dense.h"
#include "check/oracle_of.h"
#include "check/specimens.h"

#include <math.h>

/* What is compared of one metric with entries G [N x N]. */
typedef double verb_fn(rfim__check *check, rfim_metric *metric, const double *g, size_t order);

/* Against the oracle, see below. */
static double every_entry(rfim__check *check, rfim_metric *metric, const double *g, size_t order)
{
    return rfim__check_difference(rfim__check_dense(check, metric), g, order * order);
}

static double product(rfim__check *check, rfim_metric *metric, const double *g, size_t order)
{
    double quadratic = 0;
    double *v = rfim__check_normals(check, order);
    double *expected = rfim__check_numbers(check, order);
    double *found = rfim__check_numbers(check, order);
    if (!v || !expected || !found || rfim_metric_multiply(metric, v, found) != RFIM_OK ||
        rfim_metric_quadratic(metric, v, &quadratic) != RFIM_OK)
        return (double)NAN;
    rfim__oracle_matvec(g, order, order, v, expected);
    return rfim__check_worse(rfim__check_difference(found, expected, order),
                             rfim__check_apart(quadratic, rfim__oracle_quadratic(g, order, v)));
}

static double diagonal(rfim__check *check, rfim_metric *metric, const double *g, size_t order)
{
    double sum = 0;
    double expected_sum = 0;
    double *found = rfim__check_numbers(check, order);
    double *expected = rfim__check_numbers(check, order);
    if (!found || !expected || rfim_metric_diagonal(metric, found) != RFIM_OK ||
        rfim_metric_metric_trace(metric, &sum) != RFIM_OK)
        return (double)NAN;
    for (size_t k = 0; k < order; k++) {
        expected[k] = g[k * order + k];
        expected_sum += expected[k];
    }
    return rfim__check_worse(rfim__check_difference(found, expected, order),
                             rfim__check_apart(sum, expected_sum));
}

static double spectrum(rfim__check *check, rfim_metric *metric, const double *g, size_t order)
{
    double *found = rfim__check_numbers(check, order);
    double *ascending = rfim__check_numbers(check, order);
    double *descending = rfim__check_numbers(check, order);
    double *copy = rfim__check_copy(check, g, order * order);
    if (!found || !ascending || !descending || !copy ||
        rfim_metric_spectrum(metric, found) != RFIM_OK ||
        !rfim__oracle_eigenvalues(copy, order, ascending))
        return (double)NAN;
    for (size_t k = 0; k < order; k++)
        descending[k] = ascending[order - 1 - k];
    return rfim__check_difference(found, descending, order);
}

static double effective_rank(rfim__check *check, rfim_metric *metric, const double *g, size_t order)
{
    double found = 0;
    double sum = 0;
    double norm = rfim__check_norm(g, order * order);
    (void)check;
    if (rfim_metric_effective_rank(metric, &found) != RFIM_OK)
        return (double)NAN;
    for (size_t k = 0; k < order; k++)
        sum += g[k * order + k];
    return rfim__check_apart(found, sum / norm * (sum / norm));
}

/* The largest error of a verb over all specimens. */
static double largest(rfim__check *check, rfim_representation representation, verb_fn *verb)
{
    double worst = 0;
    size_t tried = 0;
    for (size_t s = 0; s < rfim__specimens_count; s++) {
        const rfim__specimen *specimen = &rfim__specimens[s];
        if (!rfim__specimen_is_for(check, specimen, representation))
            continue;
        rfim__toy *toy = rfim__specimen_create(check, specimen, RFIM_DOUBLE);
        rfim_metric_options options = rfim__specimen_options(specimen, representation);
        rfim_metric *metric = rfim__toy_observed(toy, &options);
        const double *g = verb == every_entry
                              ? rfim__specimen_expected(toy, specimen, representation)
                              : rfim__check_dense(check, metric);
        worst = rfim__check_worse(
            worst, metric && g ? verb(check, metric, g, rfim_metric_order(metric)) : (double)NAN);
        tried++;
    }
    return tried > 0 ? worst : (double)NAN;
}

/* --- conversions ------------------------------------------------------------------------------ */

static const struct conversion {
    size_t specimen;
    rfim_representation from, to;
} conversions[] = {
    {0, RFIM_SHARED, RFIM_NEURON},   {0, RFIM_SHARED, RFIM_KRONECKER},
    {0, RFIM_SHARED, RFIM_DENSE},    {0, RFIM_SHARED, RFIM_DIAGONAL},
    {1, RFIM_NEURON, RFIM_DENSE},    {1, RFIM_NEURON, RFIM_DIAGONAL},
    {5, RFIM_KRONECKER, RFIM_DENSE}, {5, RFIM_KRONECKER, RFIM_NEURON},
    {2, RFIM_SOFTMAX, RFIM_DENSE},   {2, RFIM_SOFTMAX, RFIM_NEURON},
    {3, RFIM_GRAM, RFIM_DENSE},      {5, RFIM_GRAM, RFIM_NEURON},
    {5, RFIM_DENSE, RFIM_NEURON},    {3, RFIM_DENSE, RFIM_DIAGONAL},
    {5, RFIM_DIAGONAL, RFIM_DENSE},  {0, RFIM_DENSE, RFIM_SHARED},
    {0, RFIM_DENSE, RFIM_KRONECKER},
};

static void free_metric(void *object)
{
    rfim_metric_free(object);
}

static rfim_metric *converted(rfim__check *check, rfim_metric *metric, rfim_representation to)
{
    rfim_metric *out = NULL;
    if (!metric || rfim_metric_convert(metric, to, 1, &out) != RFIM_OK ||
        !rfim__check_keep(check, out, free_metric))
        return NULL;
    return out;
}

/* Entries after the conversion against those before, of which the smaller representations keep the
 * blocks or the diagonal. What is converted to shared or kronecker was of that form. */
static double conversion_error(rfim__check *check, const struct conversion *c)
{
    const rfim__specimen *specimen = &rfim__specimens[c->specimen];
    rfim__toy *toy = rfim__specimen_create(check, specimen, RFIM_DOUBLE);
    rfim_metric_options options = rfim__specimen_options(specimen, c->from);
    rfim_metric *metric = rfim__toy_observed(toy, &options);
    double *expected = rfim__check_dense(check, metric);
    const double *found = rfim__check_dense(check, converted(check, metric, c->to));
    if (!expected || !found)
        return (double)NAN;
    size_t order = rfim_metric_order(metric);
    size_t block = c->to == RFIM_DIAGONAL ? 1
                   : c->to == RFIM_NEURON ? rfim__specimen_rows(toy, specimen)
                                          : order;
    for (size_t p = 0; p < order * order; p++)
        if (p / order / block != p % order / block)
            expected[p] = 0;
    return rfim__check_difference(found, expected, order * order);
}

/* L^-1 B L^-T for symmetric B, A = L L^T; A becomes L. */
static bool turn(double *a, double *b, size_t order)
{
    for (size_t p = 0; p < order; p++)
        for (size_t q = 0; q <= p; q++) {
            double sum = a[p * order + q];
            for (size_t k = 0; k < q; k++)
                sum -= a[p * order + k] * a[q * order + k];
            if (p == q && !(sum > 0))
                return false;
            a[p * order + q] = p == q ? sqrt(sum) : sum / a[q * order + q];
        }
    for (int side = 0; side < 2; side++) { /* B <- (L^-1 B)^T, twice */
        for (size_t c = 0; c < order; c++)
            for (size_t p = 0; p < order; p++) {
                for (size_t k = 0; k < p; k++)
                    b[p * order + c] -= a[p * order + k] * b[k * order + c];
                b[p * order + c] /= a[p * order + p];
            }
        for (size_t p = 0; p < order; p++)
            for (size_t q = 0; q < p; q++) {
                double held = b[p * order + q];
                b[p * order + q] = b[q * order + p];
                b[q * order + p] = held;
            }
    }
    return true;
}

/* The two distances of rfim_metric_compare, of a diagonal from its dense metric. */
static double compare_error(rfim__check *check, bool quadratic)
{
    const double damping = 1e-2;
    const rfim__specimen *specimen = &rfim__specimens[3];
    rfim__toy *toy = rfim__specimen_create(check, specimen, RFIM_DOUBLE);
    rfim_metric_options options = rfim__specimen_options(specimen, RFIM_DENSE);
    rfim_metric *dense = rfim__toy_observed(toy, &options);
    rfim_metric *smaller = converted(check, dense, RFIM_DIAGONAL);
    double *h = rfim__check_dense(check, dense);
    const double *g = rfim__check_dense(check, smaller);
    rfim_metric_distance distance;
    if (!h || !g || rfim_metric_compare(smaller, dense, damping, &distance) != RFIM_OK)
        return (double)NAN;
    size_t order = rfim_metric_order(dense);
    if (!quadratic)
        return rfim__check_apart(distance.frobenius, rfim__check_difference(g, h, order * order));
    double *gap = rfim__check_minus(check, g, h, order * order);
    double *values = rfim__check_numbers(check, order);
    double sum = 0;
    for (size_t k = 0; k < order; k++)
        sum += h[k * order + k];
    for (size_t k = 0; k < order; k++)
        h[k * order + k] += damping * sum / (double)order;
    if (!gap || !values || !turn(h, gap, order) || !rfim__oracle_eigenvalues(gap, order, values))
        return (double)NAN;
    return rfim__check_apart(distance.quadratic, fmax(-values[0], values[order - 1]));
}

void rfim__check_representations(rfim__check *check)
{
    static const struct {
        const char *name;
        const char *against;
        verb_fn *verb;
        double tolerance;
    } verbs[] = {
        {"every entry", "oracle", every_entry, 1e-12},
        {"G v, v^T G v", "entries", product, 1e-12},
        {"diagonal, trace", "entries", diagonal, 1e-12},
        {"spectrum", "Jacobi", spectrum, 1e-12},
        {"effective rank", "entries", effective_rank, 1e-12},
    };
    for (int r = 0; r < RFIM_REPRESENTATIONS; r++)
        for (size_t v = 0; v < sizeof verbs / sizeof verbs[0]; v++) {
            rfim_representation representation = (rfim_representation)r;
            if (!rfim__check_begin(check, "%s: %s", rfim_representation_name(representation),
                                   verbs[v].name))
                return;
            rfim__check_near(check, verbs[v].against, largest(check, representation, verbs[v].verb),
                             verbs[v].tolerance);
        }
    for (size_t c = 0; c < sizeof conversions / sizeof conversions[0]; c++)
        if (rfim__check_begin(check, "%s to %s", rfim_representation_name(conversions[c].from),
                              rfim_representation_name(conversions[c].to)))
            rfim__check_near(check, "entries", conversion_error(check, &conversions[c]), 1e-12);
    if (rfim__check_begin(check, "distance, Frobenius"))
        rfim__check_near(check, "definition", compare_error(check, false), 1e-12);
    if (rfim__check_begin(check, "distance, quadratic forms"))
        rfim__check_near(check, "Jacobi", compare_error(check, true), 1e-10);
}
