/* group_precision.c - single precision against double, on the same numbers: nu, and products with
 * metrics of every representation. Products do not depend on how a metric is conditioned; what
 * does is in the group `solving`, by backward errors. */
#include "check/compare.h"
#include "check/specimens.h"

#include <math.h>

/* G v in single precision against double: the network, its batch and v are those that single
 * precision holds. */
static double product_error(rfim__check *check, const rfim__specimen *specimen,
                            rfim_representation representation)
{
    rfim__toy *single = rfim__specimen_create(check, specimen, RFIM_SINGLE);
    rfim_metric_options options = rfim__specimen_options(specimen, representation);
    if (!single)
        return (double)NAN;
    rfim__toy *wide = rfim__toy_with(check, specimen->text, RFIM_DOUBLE, specimen->samples,
                                     single->x, (const double *const *)single->parameters);
    rfim_metric *a = rfim__toy_observed(single, &options);
    rfim_metric *b = rfim__toy_observed(wide, &options);
    size_t order = a ? rfim_metric_order(a) : 1;
    double *v = rfim__check_normals(check, order);
    double *found = rfim__check_numbers(check, order);
    double *expected = rfim__check_numbers(check, order);
    for (size_t k = 0; v && k < order; k++)
        v[k] = (double)(float)v[k];
    if (!a || !b || !v || !found || !expected || rfim_metric_multiply(a, v, found) != RFIM_OK ||
        rfim_metric_multiply(b, v, expected) != RFIM_OK)
        return (double)NAN;
    return rfim__check_difference(found, expected, order);
}

static double largest_product_error(rfim__check *check, rfim_representation representation)
{
    double worst = 0;
    size_t tried = 0;
    for (size_t s = 0; s < rfim__specimens_count; s++)
        if (rfim__specimen_is_for(check, &rfim__specimens[s], representation)) {
            worst = rfim__check_worse(worst,
                                      product_error(check, &rfim__specimens[s], representation));
            tried++;
        }
    return tried > 0 ? worst : (double)NAN;
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
        if (rfim__check_begin(check, "G v, %s, float32", rfim_representation_name(representation)))
            rfim__check_near(check, "float64", largest_product_error(check, representation), 1e-5);
    }
}
