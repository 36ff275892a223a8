/* coordinates.c - <d,d>_g does not change under other coordinates of the same model, of the group
 * `invariances`: affine maps of a layer's inputs, and of what lies between two layers. */
#include "check/compare.h"
#include "check/oracle/dense.h"
#include "check/toy.h"

#include <math.h>
#include <string.h>

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

void rfim__check_coordinates(rfim__check *check)
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
