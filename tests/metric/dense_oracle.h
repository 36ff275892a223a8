/* dense_oracle.h - a metric as one dense matrix, by plain loops from the definition
 *
 *   G = (1/n) sum_i J_i^T P_i J_i,   Kronecker product: (mean P_i) (x) (mean x~_i x~_i^T)
 *
 * in float64 and flat order, with what is needed to compare: eigenvalues and norms. */
#ifndef RFIM_TESTS_METRIC_DENSE_ORACLE_H
#define RFIM_TESTS_METRIC_DENSE_ORACLE_H

#include "algebra/conformance.h"
#include "metric/metric.h"

#define MOST_PARTS 3

/* Samples as plain numbers, which the algebra's precision holds exactly. */
typedef struct sample_set {
    const rfim__shape *shape;
    size_t samples, copies;
    double *reference[MOST_PARTS]; /* [n x D], channels: [n x m] */
    double *factors[MOST_PARTS];   /* nu, eta: [n x m]; FACTORS: [n x copies x m] */
} sample_set;

/* A coordinate of a flat vector: number `row` of output j of part p. */
typedef struct coordinate {
    size_t part, output, row;
} coordinate;

static inline coordinate coordinate_of(const rfim__shape *shape, size_t c)
{
    size_t p = 0;
    while (p + 1 < shape->count && c >= shape->parts[p + 1].first)
        p++;
    c -= shape->parts[p].first;
    return (coordinate){p, c / shape->parts[p].rows, c % shape->parts[p].rows};
}

static inline size_t reference_columns(const rfim__part *part)
{
    return part->kind == RFIM__LAYER ? part->rows : part->columns;
}

/* d t_(part, output) / d theta_c of sample i */
static inline double derivative(const sample_set *drawn, size_t i, coordinate c)
{
    const rfim__part *part = &drawn->shape->parts[c.part];
    const double *reference = drawn->reference[c.part] + i * reference_columns(part);
    if (part->kind == RFIM__LAYER)
        return reference[c.row];
    return c.row == 0 ? reference[c.output] : 1;
}

/* (P_i) between the pre-activations of two coordinates */
static inline double curvature_between(const sample_set *drawn, size_t i, coordinate c,
                                       coordinate d)
{
    const rfim__part *parts = drawn->shape->parts;
    const double *left = drawn->factors[c.part]
                             ? drawn->factors[c.part] + i * drawn->copies * parts[c.part].columns
                             : NULL;
    const double *right = drawn->factors[d.part]
                              ? drawn->factors[d.part] + i * drawn->copies * parts[d.part].columns
                              : NULL;
    bool same = c.part == d.part && c.output == d.output;
    double sum = 0;
    switch (drawn->shape->curvature) {
    case RFIM__UNIT:
        return same ? drawn->shape->scale : 0;
    case RFIM__WEIGHTS:
        return same ? left[c.output] : 0;
    case RFIM__CLASSES:
        return (same ? left[c.output] : 0) - left[c.output] * left[d.output];
    default:
        for (size_t a = 0; a < drawn->copies; a++)
            sum += left[a * parts[c.part].columns + c.output] *
                   right[a * parts[d.part].columns + d.output];
        return sum;
    }
}

/* What has been observed: G itself, and the factors of its Kronecker product. */
typedef struct dense_oracle {
    const rfim__shape *shape;
    double *g;       /* [N x N] */
    double *outputs; /* [m x m] of the first part */
    double *inputs;  /* [D x D] */
    double mass;
} dense_oracle;

static inline dense_oracle oracle_create(trial *t, const rfim__shape *shape)
{
    size_t m = shape->parts[0].columns;
    size_t rows = shape->parts[0].rows;
    return (dense_oracle){shape, new_values(t, shape->order * shape->order), new_values(t, m * m),
                          new_values(t, rows * rows), 0};
}

/* G <- keep G + add x mean over the samples */
static inline void oracle_observe(dense_oracle *oracle, double keep, double add,
                                  const sample_set *drawn)
{
    const rfim__shape *shape = oracle->shape;
    size_t m = shape->parts[0].columns;
    size_t rows = shape->parts[0].rows;
    double share = add / (double)drawn->samples;
    for (size_t c = 0; c < shape->order; c++) {
        for (size_t d = 0; d < shape->order; d++) {
            coordinate left = coordinate_of(shape, c);
            coordinate right = coordinate_of(shape, d);
            double sum = 0;
            for (size_t i = 0; i < drawn->samples; i++)
                sum += derivative(drawn, i, left) * curvature_between(drawn, i, left, right) *
                       derivative(drawn, i, right);
            double *entry = oracle->g + c * shape->order + d;
            *entry = keep * *entry + share * sum;
        }
    }
    for (size_t j = 0; j < m; j++) {
        for (size_t k = 0; k < m; k++) {
            double sum = 0;
            for (size_t i = 0; i < drawn->samples; i++)
                sum += curvature_between(drawn, i, (coordinate){0, j, 0}, (coordinate){0, k, 0});
            oracle->outputs[j * m + k] = keep * oracle->outputs[j * m + k] + share * sum;
        }
    }
    for (size_t k = 0; k < rows; k++) {
        for (size_t l = 0; l < rows; l++) {
            double sum = 0;
            for (size_t i = 0; i < drawn->samples; i++)
                sum += derivative(drawn, i, (coordinate){0, 0, k}) *
                       derivative(drawn, i, (coordinate){0, 0, l});
            oracle->inputs[k * rows + l] = keep * oracle->inputs[k * rows + l] + share * sum;
        }
    }
    oracle->mass = keep * oracle->mass + add;
}

/* What a representation should hold of it, [N x N]. */
static inline double *oracle_dense(trial *t, const dense_oracle *oracle,
                                   rfim_representation representation)
{
    const rfim__shape *shape = oracle->shape;
    size_t m = shape->parts[0].columns;
    size_t rows = shape->parts[0].rows;
    double *g = new_values(t, shape->order * shape->order);
    for (size_t c = 0; c < shape->order; c++) {
        for (size_t d = 0; d < shape->order; d++) {
            coordinate left = coordinate_of(shape, c);
            coordinate right = coordinate_of(shape, d);
            bool same = left.part == right.part && left.output == right.output;
            double *entry = g + c * shape->order + d;
            *entry = oracle->g[c * shape->order + d];
            if ((representation == RFIM_NEURON && !same) ||
                (representation == RFIM_DIAGONAL && c != d))
                *entry = 0;
            if (representation == RFIM_KRONECKER)
                *entry = oracle->outputs[left.output * m + right.output] *
                         oracle->inputs[left.row * rows + right.row] / oracle->mass;
        }
    }
    return g;
}

/* --- dense matrices ----------------------------------------------------------------------------
 */

static inline void jacobi_rotate(double *a, size_t order, size_t p, size_t q)
{
    double theta = (a[q * order + q] - a[p * order + p]) / (2 * a[p * order + q]);
    double tangent = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
    double cosine = 1 / sqrt(tangent * tangent + 1);
    double sine = tangent * cosine;
    for (size_t k = 0; k < order; k++) {
        double kp = a[k * order + p];
        double kq = a[k * order + q];
        a[k * order + p] = cosine * kp - sine * kq;
        a[k * order + q] = sine * kp + cosine * kq;
    }
    for (size_t k = 0; k < order; k++) {
        double pk = a[p * order + k];
        double qk = a[q * order + k];
        a[p * order + k] = cosine * pk - sine * qk;
        a[q * order + k] = sine * pk + cosine * qk;
    }
    a[p * order + q] = a[q * order + p] = 0;
}

static inline int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The eigenvalues of a symmetric matrix by Jacobi's rotations, ascending. */
static inline double *eigenvalues(trial *t, const double *symmetric, size_t order)
{
    double *a = new_values(t, order * order);
    double *values = new_values(t, order);
    double size = 0;
    memcpy(a, symmetric, order * order * sizeof *a);
    for (size_t k = 0; k < order * order; k++)
        size = fmax(size, fabs(a[k]));
    bool done = size == 0;
    for (size_t sweep = 0; sweep < 60 && !done; sweep++) {
        done = true;
        for (size_t p = 0; p < order; p++) {
            for (size_t q = p + 1; q < order; q++) {
                if (fabs(a[p * order + q]) <= 0x1p-58 * size)
                    continue;
                jacobi_rotate(a, order, p, q);
                done = false;
            }
        }
    }
    assert_true(done);
    for (size_t k = 0; k < order; k++)
        values[k] = a[k * order + k];
    qsort(values, order, sizeof *values, ascending);
    return values;
}

/* Largest absolute value, by which the 2-norm of a symmetric matrix is its eigenvalues' */
static inline double largest(const double *values, size_t count)
{
    double most = 0;
    for (size_t k = 0; k < count; k++)
        most = fmax(most, fabs(values[k]));
    return most;
}

static inline double length(const double *values, size_t count)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += values[k] * values[k];
    return sqrt(sum);
}

#endif
