/* group_precision.c - single precision against double, on the same numbers: nu, and products with
 * metrics of every representation.
 *
 * An error of G v is relative to |G v| for a v of normal numbers, which has something of the
 * largest eigenvalues. That says something only where the eigenvalues lie far apart: so one case
 * of each representation has badly scaled inputs, and the condition of G there is told, and has to
 * be large. (Along the smallest eigenvalue an error relative to |G v| is that condition times
 * larger, in any representation.) Solving is in the group `solving`, by backward errors. */
#include "check/compare.h"
#include "check/specimens.h"

#include <float.h>
#include <math.h>

/* Of the worst metric of each representation, at least: times float32's rounding unit it is ten
 * times the tolerance, so that an error that grows with the condition would be noticed. */
#define CONDITION 1e3

/* Largest eigenvalue over the smallest one above rounding level. */
static double condition_of(rfim__check *check, rfim_metric *metric)
{
    size_t order = rfim_metric_order(metric);
    double *values = rfim__check_numbers(check, order);
    if (!values || rfim_metric_spectrum(metric, values) != RFIM_OK)
        return (double)NAN;
    double noise = (double)order * DBL_EPSILON * values[0];
    size_t last = order - 1;
    while (last > 0 && values[last] <= noise)
        last--;
    return values[0] / values[last];
}

typedef struct product {
    double error;     /* the largest */
    double condition; /* the largest, of the metrics that were multiplied with */
} product;

/* G v in single precision against double: the network, its batch and v are those that single
 * precision holds. */
static void try_product(rfim__check *check, const rfim__specimen *specimen,
                        rfim_representation representation, product *found)
{
    rfim__toy *single = rfim__specimen_create(check, specimen, RFIM_SINGLE);
    rfim_metric_options options = rfim__specimen_options(specimen, representation);
    found->error = (double)NAN; /* until the end is reached */
    if (!single)
        return;
    rfim__toy *wide = rfim__toy_with(check, specimen->text, RFIM_DOUBLE, specimen->samples,
                                     single->x, (const double *const *)single->parameters);
    rfim_metric *a = rfim__toy_observed(single, &options);
    rfim_metric *b = rfim__toy_observed(wide, &options);
    size_t order = a ? rfim_metric_order(a) : 1;
    double *v = rfim__check_normals(check, order);
    double *narrow = rfim__check_numbers(check, order);
    double *expected = rfim__check_numbers(check, order);
    for (size_t k = 0; v && k < order; k++)
        v[k] = (double)(float)v[k];
    if (!a || !b || !v || !narrow || !expected || rfim_metric_multiply(a, v, narrow) != RFIM_OK ||
        rfim_metric_multiply(b, v, expected) != RFIM_OK)
        return;
    found->error = rfim__check_difference(narrow, expected, order);
    found->condition = rfim__check_worse(found->condition, condition_of(check, b));
}

/* All specimens as they are, and with badly scaled inputs. */
static product try_products(rfim__check *check, rfim_representation representation)
{
    product worst = {0, 0};
    size_t tried = 0;
    for (size_t s = 0; s < rfim__specimens_count; s++) {
        rfim__specimen specimen = rfim__specimens[s];
        if (!rfim__specimen_is_for(check, &specimen, representation))
            continue;
        for (int harsh = 0; harsh < 2; harsh++) {
            product found = {0, worst.condition};
            if (harsh && specimen.data == RFIM__TOY_HARSH)
                continue;
            specimen.data = harsh ? RFIM__TOY_HARSH : specimen.data;
            try_product(check, &specimen, representation, &found);
            worst.error = rfim__check_worse(worst.error, found.error);
            worst.condition = found.condition;
            tried++;
        }
    }
    worst.error = tried > 0 ? worst.error : (double)NAN;
    return worst;
}

/* nu of a layer in both precisions. */
static double nu_error(rfim__check *check, const char *text)
{
    rfim__toy *single = rfim__toy_create(check, text, RFIM_SINGLE, RFIM__TOY_PLAIN, 20);
    if (!single)
        return (double)NAN;
    rfim__toy *wide = rfim__toy_with(check, text, RFIM_DOUBLE, 20, single->x,
                                     (const double *const *)single->parameters);
    size_t count = 20 * single->modules[0].outputs;
    double *found = rfim__check_numbers(check, count);
    double *expected = rfim__check_numbers(check, count);
    if (!wide || !found || !expected ||
        rfim_metric_nu(single->trace, 0, RFIM_FAMILY_PUBLISHED, 1, found) != RFIM_OK ||
        rfim_metric_nu(wide->trace, 0, RFIM_FAMILY_PUBLISHED, 1, expected) != RFIM_OK)
        return (double)NAN;
    return rfim__check_difference(found, expected, count);
}

void rfim__check_precision(rfim__check *check)
{
#define NU(f)                                                                                      \
    {                                                                                              \
        "nu of " #f ", float32", "input 3; linear 4 " #f "; linear 2; loss squared"                \
    }
    static const struct {
        const char *name;
        const char *text;
    } rows[] = {
        NU(relu),     NU(elu),  NU(tanh),
        NU(sigm),     NU(gelu), NU(silu),
        NU(softplus), NU(sin),  {"nu of soft-max, float32", "input 3; linear 4; loss softmax"},
    };
#undef NU
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        if (rfim__check_begin(check, "%s", rows[r].name))
            rfim__check_near(check, "float64", nu_error(check, rows[r].text), 1e-5);
    for (int r = 0; r < RFIM_REPRESENTATIONS; r++) {
        rfim_representation representation = (rfim_representation)r;
        if (!rfim__check_begin(check, "G v, %s, float32", rfim_representation_name(representation)))
            continue;
        product found = try_products(check, representation);
        rfim__check_near(check, "float64", found.error, 1e-5);
        rfim__check_beyond(check, "condition over", found.condition, CONDITION);
    }
}
