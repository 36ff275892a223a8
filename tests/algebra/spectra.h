/* spectra.h - symmetric matrices whose spectrum is known, for properties of conformance.h, and what
 * is expected of their factors:
 * A = H diag H^T with H a product of Householder reflections, the eigenvalues spread evenly in
 * the logarithm from 1/condition to 1.
 *
 * Bounds, u the unit of rounding, D the order (Higham, Accuracy and Stability, chapters 10 and
 * 14): Cholesky is off by at most (D+1) u |L||L^T| entry by entry; an inverse P leaves a residual
 * of a few D u condition, a solution errs by as much. The errors of single roundings add up like a
 * random walk, so sqrt(D) u condition is what is seen, and 8 times that is asked for. Whatever the
 * condition, the residual of a solution is at most 10 D u (|A||x| + |b|). */
#ifndef RFIM_TESTS_ALGEBRA_SPECTRA_H
#define RFIM_TESTS_ALGEBRA_SPECTRA_H

#include "conformance.h"

#define REFLECTIONS 12 /* at most */

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
    for (size_t r = 0; r < REFLECTIONS && r < order; r++)
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

/* 1e4 to 1e10 in float64, 1e2 to 1e4 in float32 */
static inline double random_condition(trial *t)
{
    double most = t->algebra->precision == RFIM_DOUBLE ? 10 : 4;
    return pow(10, uniform(t, most / 2.5, most));
}

static inline double residual_bound(const trial *t, size_t order, double condition)
{
    return 8 * t->unit * condition * sqrt((double)order + 1);
}

static inline void expect_inverse(const trial *t, const double *a, const double *p, size_t order,
                                  double bound)
{
    double norm = 0;
    for (size_t k = 0; k < order; k++) {
        for (size_t l = 0; l < order; l++) {
            double sum = k == l ? -1 : 0;
            for (size_t q = 0; q < order; q++)
                sum += a[k * order + q] * p[l * order + q];
            norm += sum * sum;
        }
    }
    /* the sums above round, too: in float64 that is part of what the bound allows */
    expect(t, sqrt(norm) <= bound * sqrt((double)order), "|A P - I| is %g, bound %g", sqrt(norm),
           bound * sqrt((double)order));
}

/* L L^T = A, the lower triangle of L */
static inline void expect_factor(const trial *t, const double *a, const double *l, size_t order)
{
    for (size_t i = 0; i < order; i++) {
        expect(t, l[i * order + i] > 0, "the diagonal of L is not positive");
        for (size_t j = 0; j <= i; j++) {
            long double product = 0;
            double size = 0;
            for (size_t k = 0; k <= j; k++) {
                long double term = (long double)l[i * order + k] * l[j * order + k];
                product += term;
                size += fabs((double)term);
            }
            /* twice, as libraries multiply by the rounded inverse of a pivot */
            double bound = 2 * ((double)order + 2) * t->unit * size;
            expect(t, fabs((double)(product - a[i * order + j])) <= bound,
                   "L L^T is off by %Lg at %zu %zu, bound %g", product - a[i * order + j], i, j,
                   bound);
        }
    }
}

/* A = L diag(d) L^T with a unit lower L: d_k are the squares of Cholesky's pivots, so pivot `bad`
 * (from 1) is the first that is not positive. */
static inline double *broken_matrix(trial *t, size_t order, size_t bad)
{
    double *l = new_values(t, order * order);
    double *a = new_values(t, order * order);
    for (size_t k = 0; k < order; k++) {
        for (size_t j = 0; j < k; j++)
            l[k * order + j] = uniform(t, -1, 1) / sqrt((double)order);
        l[k * order + k] = 1;
    }
    for (size_t k = 0; k < order; k++) {
        for (size_t j = 0; j <= k; j++) {
            for (size_t p = 0; p <= j; p++) {
                double pivot = p + 1 == bad ? -1 : p + 1 > bad ? uniform(t, -1, 1) : 1;
                a[k * order + j] += l[k * order + p] * pivot * l[j * order + p];
            }
        }
    }
    return a;
}

/* The largest condition that a solve is asked to stand */
static inline double bad_condition(const trial *t)
{
    return t->algebra->precision == RFIM_DOUBLE ? 1e13 : 1e6;
}

/* Column j of B: random, so that A^-1 b is as large as it gets, or A times something random. */
static inline void set_right_side(trial *t, const operand *b, size_t j, const double *a,
                                  size_t order, bool times_a)
{
    double *z = new_values(t, order);
    for (size_t k = 0; k < order; k++)
        z[k] = uniform(t, -1, 1);
    for (size_t k = 0; k < order; k++) {
        double sum = times_a ? 0 : z[k];
        for (size_t q = 0; q < order && times_a; q++)
            sum += a[k * order + q] * z[q];
        set(t, b, k, j, sum);
    }
    free(t->values[--t->value_count]);
}

/* |A x - b| <= 10 D u (|A||x| + |b|) for column j of X and of B; |A| is given. */
static inline void expect_small_residual(const trial *t, const double *a, double norm,
                                         const operand *x, const double *b, size_t j)
{
    size_t order = x->view.rows;
    double residual = 0;
    double solution = 0;
    double right = 0;
    for (size_t k = 0; k < order; k++) {
        double bk = b[k * x->view.columns + j];
        long double sum = -bk;
        for (size_t q = 0; q < order; q++)
            sum += (long double)a[k * order + q] * get(t, x, q, j);
        residual += (double)(sum * sum);
        solution += pow(get(t, x, k, j), 2);
        right += bk * bk;
    }
    double bound = 10 * (double)order * t->unit * (norm * sqrt(solution) + sqrt(right));
    expect(t, sqrt(residual) <= bound, "the residual of column %zu is %g, bound %g", j,
           sqrt(residual), bound);
}

/* around those of vectors and of the lanes */
static const size_t orders[] = {0, 1, 2, 15, 16, 17, 31, 50, 80, 81, 97, 129};
#define ORDERS (sizeof orders / sizeof orders[0])

#endif
