/* group_invariances.c - what must not change a metric, and how it must change: other coordinates of
 * the same model (coordinates.c), samples split, permuted and merged, sigma, part and whole. */
#include "check/compare.h"
#include "check/specimens.h"

#include <math.h>
#include <string.h>

/* --- the same samples otherwise --------------------------------------------------------------- */

/* The metric after the batch came in two parts, observed one after the other or merged. */
static double parts_error(rfim__check *check, const rfim__specimen *specimen,
                          rfim_representation representation, bool merged)
{
    rfim__toy *s = rfim__specimen_create(check, specimen, RFIM_DOUBLE);
    rfim_metric_options options = rfim__specimen_options(specimen, representation);
    const double *whole = rfim__toy_dense(s, &options);
    rfim_metric *parts = rfim__toy_metric(s, &options);
    rfim_metric *second = merged ? rfim__toy_metric(s, &options) : parts;
    if (!whole || !parts || !second)
        return (double)NAN;
    size_t n = specimen->samples;
    size_t first = n / 3 + 1;
    double share = (double)first / (double)n;
    if (!rfim__toy_pass(s, 0, first) ||
        rfim_metric_observe(parts, s->trace, 0, merged ? 1 : share) != RFIM_OK ||
        !rfim__toy_pass(s, first, n - first) ||
        rfim_metric_observe(second, s->trace, merged ? 0 : 1, merged ? 1 : 1 - share) != RFIM_OK ||
        (merged && rfim_metric_merge(parts, share, 1 - share, second) != RFIM_OK))
        return (double)NAN;
    size_t order = rfim_metric_order(parts);
    return rfim__check_difference(rfim__check_dense(check, parts), whole, order * order);
}

/* The samples in the opposite order. */
static double order_error(rfim__check *check, const rfim__specimen *specimen,
                          rfim_representation representation)
{
    rfim__toy *s = rfim__specimen_create(check, specimen, RFIM_DOUBLE);
    rfim_metric_options options = rfim__specimen_options(specimen, representation);
    size_t n = specimen->samples;
    double *x = s ? rfim__check_numbers(check, n * s->inputs) : NULL;
    if (!x)
        return (double)NAN;
    for (size_t i = 0; i < n; i++)
        memcpy(x + i * s->inputs, s->x + (n - 1 - i) * s->inputs, s->inputs * sizeof *x);
    rfim__toy *turned = rfim__toy_with(check, specimen->text, RFIM_DOUBLE, n, x,
                                       (const double *const *)s->parameters);
    const double *a = rfim__toy_dense(s, &options);
    const double *b = rfim__toy_dense(turned, &options);
    rfim_metric *metric = rfim__toy_metric(s, &options);
    size_t order = metric ? rfim_metric_order(metric) : 0;
    return rfim__check_difference(b, a, order * order);
}

static double below_zero(rfim__check *check, const rfim__specimen *specimen,
                         rfim_representation representation)
{
    rfim__toy *s = rfim__specimen_create(check, specimen, RFIM_DOUBLE);
    rfim_metric_options options = rfim__specimen_options(specimen, representation);
    rfim_metric *metric = rfim__toy_observed(s, &options);
    const double *g = rfim__check_dense(check, metric);
    return g ? rfim__check_below_zero(check, g, rfim_metric_order(metric)) : (double)NAN;
}

static double split_error(rfim__check *check, const rfim__specimen *specimen,
                          rfim_representation representation)
{
    return parts_error(check, specimen, representation, false);
}

static double merge_error(rfim__check *check, const rfim__specimen *specimen,
                          rfim_representation representation)
{
    return parts_error(check, specimen, representation, true);
}

static void free_dataset(void *object)
{
    rfim_dataset_free(object);
}

/* Streamed from a data set, in inference mode. */
static double dataset_error(rfim__check *check, const rfim__specimen *specimen,
                            rfim_representation representation)
{
    rfim_dataset *dataset = NULL;
    rfim__toy *s = rfim__specimen_create(check, specimen, RFIM_DOUBLE);
    rfim_metric_options options = rfim__specimen_options(specimen, representation);
    const double *expected = rfim__toy_dense(s, &options);
    rfim_metric *metric = rfim__toy_metric(s, &options);
    if (!expected || !metric ||
        rfim_dataset_from_arrays(check->context, rfim_doubles(s->x, s->samples, s->inputs),
                                 rfim_no_targets(), &dataset) != RFIM_OK ||
        !rfim__check_keep(check, dataset, free_dataset) ||
        rfim_metric_observe_dataset(metric, dataset, 0) != RFIM_OK)
        return (double)NAN;
    size_t order = rfim_metric_order(metric);
    return rfim__check_difference(rfim__check_dense(check, metric), expected, order * order);
}

/* --- sigma, part and whole -------------------------------------------------------------------- */

static double sigma_error(rfim__check *check)
{
    rfim__toy *s = rfim__toy_create(check, "input 3; linear 4 elu; linear 2; loss squared",
                                    RFIM_DOUBLE, RFIM__TOY_PLAIN, 6);
    rfim_metric_options options = rfim__toy_options(0, 0);
    const double *at_one = rfim__toy_dense(s, &options);
    options.sigma = .3;
    double *g = rfim__toy_dense(s, &options);
    for (size_t k = 0; g && k < (size_t)16 * 16; k++)
        g[k] *= .3 * .3;
    return rfim__check_difference(g, at_one, (size_t)16 * 16);
}

/* The metric of neurons 1 and 2 is a block of the layer's. */
static double group_error(rfim__check *check)
{
    enum { D = 4, M = 4, ORDER = D * M, FEW = 2 * D };
    rfim__toy *s = rfim__toy_create(check, "input 3; linear 4 tanh; linear 3; loss softmax",
                                    RFIM_DOUBLE, RFIM__TOY_PLAIN, 6);
    rfim_metric_options options = rfim__toy_options(0, 0);
    options.response = RFIM_RESPONSE_NETWORK;
    const double *g = rfim__toy_dense(s, &options);
    options.first_output = 1;
    options.outputs = 2;
    const double *few = rfim__toy_dense(s, &options);
    double *block = rfim__check_numbers(check, (size_t)FEW * FEW);
    if (!g || !block)
        return (double)NAN;
    for (size_t p = 0; p < FEW; p++)
        for (size_t q = 0; q < FEW; q++)
            block[p * FEW + q] = g[(p + D) * ORDER + q + D];
    return rfim__check_difference(few, block, (size_t)FEW * FEW);
}

/* --- tables ----------------------------------------------------------------------------------- */

typedef double property_fn(rfim__check *check, const rfim__specimen *specimen,
                           rfim_representation representation);

static const struct property {
    const char *name;
    const char *against;
    property_fn *holds;
    bool statistics; /* also where batch statistics are references: not of parts of a batch */
    double tolerance;
} properties[] = {
    {"samples split", "whole batch", split_error, false, 1e-12},
    {"samples merged", "whole batch", merge_error, false, 1e-12},
    {"samples permuted", "as they were", order_error, true, 1e-12},
    {"data set streamed", "one batch", dataset_error, false, 1e-12},
    {"semi-definite", "Jacobi", below_zero, true, 1e-13},
};

static void check_property(rfim__check *check, const struct property *property,
                           rfim_representation representation)
{
    double worst = 0;
    size_t tried = 0;
    if (!rfim__check_begin(check, "%s: %s", rfim_representation_name(representation),
                           property->name))
        return;
    for (size_t s = 0; s < rfim__specimens_count; s++) {
        const rfim__specimen *specimen = &rfim__specimens[s];
        bool statistics = strstr(specimen->text, "batchnorm") != NULL;
        if (!rfim__specimen_is_for(check, specimen, representation) ||
            (statistics && !property->statistics))
            continue;
        worst = rfim__check_worse(worst, property->holds(check, specimen, representation));
        tried++;
    }
    rfim__check_near(check, property->against, tried > 0 ? worst : (double)NAN,
                     property->tolerance);
}

void rfim__check_invariances(rfim__check *check)
{
    rfim__check_coordinates(check);
    for (size_t p = 0; p < sizeof properties / sizeof properties[0]; p++)
        for (int r = 0; r < RFIM_REPRESENTATIONS; r++)
            check_property(check, &properties[p], (rfim_representation)r);
    if (rfim__check_begin(check, "sigma 0.3 times 0.3^2"))
        rfim__check_near(check, "sigma 1", sigma_error(check), 1e-13);
    if (rfim__check_begin(check, "two neurons"))
        rfim__check_near(check, "layer's block", group_error(check), 1e-13);
}
