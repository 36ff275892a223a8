/* group_invariances.c - what must not change a metric, and how it must change: <d,d>_g under other
 * coordinates of the same model, samples split, permuted and merged, sigma, part and whole. */
#include "check/compare.h"
#include "check/oracle/dense.h"
#include "check/oracle_of.h"
#include "check/specimens.h"

#include <math.h>
#include <string.h>

/* --- other coordinates ------------------------------------------------------------------------ */

/* An invertible matrix [order x order]: normal numbers beside 2 on the diagonal, times a scale a
 * row. */
static double *invertible(rfim__check *check, size_t order)
{
    double *a = rfim__check_normals(check, order * order);
    for (size_t k = 0; a && k < order; k++) {
        double scale = pow(10, rfim__check_uniform(check, -1, 1));
        for (size_t l = 0; l < order; l++)
            a[k * order + l] = scale * (.5 * a[k * order + l] + (k == l ? 2 : 0));
    }
    return a;
}

/* v^T G v of a subsystem of the toy. */
static double quadratic(rfim__toy *s, const rfim_metric_options *options, const double *v)
{
    double out = 0;
    rfim_metric *metric = rfim__toy_observed(s, options);
    return metric && rfim_metric_quadratic(metric, v, &out) == RFIM_OK ? out : (double)NAN;
}

/* W' with W'^T x'~ = W^T x~ for x = B x' + b. W, W': [(d+1) x m] */
static void pull_weights(const double *w, size_t d, size_t m, const double *matrix,
                         const double *shift, double *out)
{
    for (size_t j = 0; j < m; j++) {
        out[d * m + j] = w[d * m + j];
        for (size_t k = 0; k < d; k++) {
            out[d * m + j] += shift[k] * w[k * m + j];
            out[k * m + j] = 0;
            for (size_t l = 0; l < d; l++)
                out[k * m + j] += matrix[l * d + k] * w[l * m + j];
        }
    }
}

/* A list of matrices' columns, one after another: [rows x m] -> [m rows] from `flat` on. */
static void flatten(const double *w, size_t rows, size_t m, double *flat)
{
    for (size_t j = 0; j < m; j++)
        for (size_t k = 0; k < rows; k++)
            flat[j * rows + k] = w[k * m + j];
}

/* A layer on the inputs x = B x' + b, and the same layer on x'. */
static double affine_error(rfim__check *check, const char *text, rfim_representation representation)
{
    rfim__toy *near = rfim__toy_create(check, text, RFIM_DOUBLE, RFIM__TOY_PLAIN, 7);
    size_t d = near ? near->inputs : 1;
    size_t m = near ? near->modules[0].outputs : 1;
    size_t numbers = (d + 1) * m;
    const double *matrix = invertible(check, d);
    const double *shift = rfim__check_normals(check, d);
    double *x = rfim__check_numbers(check, 7 * d);
    double *weights = rfim__check_normals(check, numbers);
    double *step = rfim__check_normals(check, numbers);
    double *pulled = rfim__check_numbers(check, numbers);
    double *pulled_step = rfim__check_numbers(check, numbers);
    double *v = rfim__check_numbers(check, 2 * numbers);
    if (!near || !matrix || !shift || !x || !weights || !step || !pulled || !pulled_step || !v)
        return (double)NAN;
    for (size_t i = 0; i < 7; i++)
        for (size_t k = 0; k < d; k++) {
            x[i * d + k] = shift[k];
            for (size_t l = 0; l < d; l++)
                x[i * d + k] += matrix[k * d + l] * near->x[i * d + l];
        }
    for (size_t k = 0; k < numbers; k++)
        weights[k] *= .3; /* so that responses are not all saturated */
    pull_weights(weights, d, m, matrix, shift, pulled);
    pull_weights(step, d, m, matrix, shift, pulled_step);
    const double **parameters = rfim__check_room(check, near->count, sizeof *parameters);
    if (!parameters)
        return (double)NAN;
    for (size_t l = 1; l < near->count; l++)
        parameters[l] = near->parameters[l];
    parameters[0] = weights;
    rfim__toy *far = rfim__toy_with(check, text, RFIM_DOUBLE, 7, x, parameters);
    parameters[0] = pulled;
    near = rfim__toy_with(check, text, RFIM_DOUBLE, 7, near->x, parameters);
    rfim_metric_options options = rfim__toy_options(0, 0);
    options.representation = representation;
    flatten(step, d + 1, m, v);
    flatten(pulled_step, d + 1, m, v + numbers);
    return rfim__check_apart(quadratic(near, &options, v + numbers), quadratic(far, &options, v));
}

/* Two layers whose hidden numbers are h' = A^T h: (W, C) -> (W A, A^-1 C0; c), the same model where
 * the activation allows it: linear for any A, relu for positive diagonal ones. */
static double hidden_error(rfim__check *check, const char *text, bool diagonal)
{
    rfim__toy *s = rfim__toy_create(check, text, RFIM_DOUBLE, RFIM__TOY_PLAIN, 6);
    size_t d = s ? s->inputs : 1;
    size_t m = s ? s->modules[0].outputs : 1;
    size_t q = s ? s->modules[1].outputs : 1;
    size_t first = (d + 1) * m;
    size_t second = (m + 1) * q;
    double *a = invertible(check, m);
    double *step[2] = {rfim__check_normals(check, first), rfim__check_normals(check, second)};
    double *moved[4] = {rfim__check_numbers(check, first), rfim__check_numbers(check, second),
                        rfim__check_numbers(check, first), rfim__check_numbers(check, second)};
    double *v = rfim__check_numbers(check, 2 * (first + second));
    if (!s || !rfim__check_is_well(check))
        return (double)NAN;
    for (size_t k = 0; diagonal && k < m * m; k++)
        a[k] = k / m == k % m ? fabs(a[k]) + .1 : 0;
    for (size_t t = 0; t < 2; t++) { /* the parameters, then the step */
        rfim__oracle_product(t ? step[0] : s->parameters[0], a, d + 1, m, m, moved[2 * t]);
        memcpy(moved[2 * t + 1], t ? step[1] : s->parameters[1], second * sizeof(double));
        double *copy = rfim__check_copy(check, a, m * m);
        if (!copy || !rfim__oracle_solve(copy, m, moved[2 * t + 1], q))
            return (double)NAN;
    }
    rfim__toy *other = rfim__toy_with(check, text, RFIM_DOUBLE, 6, s->x,
                                      (const double *const *)moved);
    rfim_metric_options options = rfim__toy_options(0, 1);
    options.response = RFIM_RESPONSE_NETWORK;
    flatten(step[0], d + 1, m, v);
    flatten(step[1], m + 1, q, v + first);
    flatten(moved[2], d + 1, m, v + first + second);
    flatten(moved[3], m + 1, q, v + first + second + first);
    return rfim__check_apart(quadratic(other, &options, v + first + second),
                             quadratic(s, &options, v));
}

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

static void check_coordinates(rfim__check *check)
{
    static const char elu[] = "input 4; linear 3 elu; linear 2; loss squared";
    static const char softmax[] = "input 4; linear 3; loss softmax";
    static const struct {
        rfim_representation representation;
        const char *text;
    } rows[] = {{RFIM_SHARED, elu},      {RFIM_NEURON, elu}, {RFIM_KRONECKER, elu},
                {RFIM_SOFTMAX, softmax}, {RFIM_DENSE, elu},  {RFIM_GRAM, elu}};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        if (rfim__check_begin(check, "affine inputs, %s",
                              rfim_representation_name(rows[r].representation)))
            rfim__check_near(check, "<d,d>_g",
                             affine_error(check, rows[r].text, rows[r].representation), 1e-11);
    if (rfim__check_begin(check, "linear layer mixed"))
        rfim__check_near(check, "<d,d>_g",
                         hidden_error(check, "input 3; linear 3; linear 3; loss softmax", false),
                         1e-11);
    if (rfim__check_begin(check, "relu layer rescaled"))
        rfim__check_near(
            check, "<d,d>_g",
            hidden_error(check, "input 3; linear 4 relu; linear 2; loss squared", true), 1e-11);
}

void rfim__check_invariances(rfim__check *check)
{
    check_coordinates(check);
    for (size_t p = 0; p < sizeof properties / sizeof properties[0]; p++)
        for (int r = 0; r < RFIM_REPRESENTATIONS; r++)
            check_property(check, &properties[p], (rfim_representation)r);
    if (rfim__check_begin(check, "sigma 0.3 times 0.3^2"))
        rfim__check_near(check, "sigma 1", sigma_error(check), 1e-13);
    if (rfim__check_begin(check, "two neurons"))
        rfim__check_near(check, "layer's block", group_error(check), 1e-13);
}
