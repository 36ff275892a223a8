/* spectra.h - symmetric matrices whose spectrum is known, for properties of conformance.h. */
#ifndef RFIM_TESTS_ALGEBRA_SPECTRA_H
#define RFIM_TESTS_ALGEBRA_SPECTRA_H

#include "conformance.h"

#define REFLECTIONS 3

/* A <- H A H with H = I - 2 v v^T: A - 2 (v w^T + w v^T) + 4 (v^T w) v v^T, w = A v */
static inline void reflect(trial *t, double *a, size_t order)
{
    double *v = new_values(t, order);
    double *w = new_values(t, order);
    double norm = 0;
    for (size_t k = 0; k < order; k++) {
        v[k] = rfim__random_normal(&t->random);
        norm += v[k] * v[k];
    }
    for (size_t k = 0; k < order; k++)
        v[k] /= sqrt(norm);
    double vw = 0;
    for (size_t k = 0; k < order; k++) {
        for (size_t l = 0; l < order; l++)
            w[k] += a[k * order + l] * v[l];
        vw += v[k] * w[k];
    }
    for (size_t k = 0; k < order; k++)
        for (size_t l = 0; l < order; l++)
            a[k * order + l] += 4 * vw * v[k] * v[l] - 2 * (v[k] * w[l] + w[k] * v[l]);
}

/* H diag(eigenvalues) H^T: [order x order], symmetric to the last bit, in the trial's precision */
static inline double *matrix_of_spectrum(trial *t, const double *eigenvalues, size_t order)
{
    size_t kept = t->value_count;
    double *a = new_values(t, order * order);
    for (size_t k = 0; k < order; k++)
        a[k * order + k] = eigenvalues[k];
    for (size_t r = 0; r < REFLECTIONS; r++)
        reflect(t, a, order);
    while (t->value_count > kept + 1)
        free(t->values[--t->value_count]);
    for (size_t k = 0; k < order; k++)
        for (size_t l = 0; l <= k; l++)
            a[k * order + l] = a[l * order + k] = rounded(t, a[k * order + l]);
    return a;
}

/* The same with eigenvalues from 1/condition to 1, spread evenly in the logarithm. */
static inline double *spectral_matrix(trial *t, size_t order, double condition)
{
    double *eigenvalues = calloc(order + 1, sizeof *eigenvalues);
    assert_non_null(eigenvalues);
    for (size_t k = 0; k < order; k++)
        eigenvalues[k] = pow(condition, order > 1 ? -(double)k / (double)(order - 1) : 0);
    double *a = matrix_of_spectrum(t, eigenvalues, order);
    free(eigenvalues);
    return a;
}

/* The lower triangle of a; NaN above it, which must not be read. */
static inline operand *lower_operand(trial *t, const double *a, size_t order)
{
    operand *x = new_operand(t, order, order);
    for (size_t k = 0; k < order; k++)
        for (size_t l = 0; l <= k; l++)
            set(t, x, k, l, a[k * order + l]);
    return x;
}

/* Matrix j of the packed lanes m <- a */
static inline void set_packed(const trial *t, const operand *m, size_t j, const double *a,
                              size_t order)
{
    for (size_t k = 0; k < order; k++)
        for (size_t l = 0; l <= k; l++)
            set(t, m, rfim__triangle(k) + l, j, a[k * order + l]);
}

#endif
