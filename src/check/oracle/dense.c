#include "check/oracle/dense.h"

#include <math.h>

double rfim__oracle_difference(const double *a, const double *b, size_t count)
{
    double apart = 0;
    double size = 0;
    for (size_t k = 0; k < count; k++) {
        apart = hypot(apart, a[k] - b[k]);
        size = hypot(size, b[k]);
    }
    return size == 0 ? apart : apart / size;
}

void rfim__oracle_matvec(const double *a, size_t rows, size_t columns, const double *x, double *y)
{
    for (size_t r = 0; r < rows; r++) {
        y[r] = 0;
        for (size_t c = 0; c < columns; c++)
            y[r] += a[r * columns + c] * x[c];
    }
}

double rfim__oracle_quadratic(const double *a, size_t order, const double *v)
{
    double sum = 0;
    for (size_t r = 0; r < order; r++)
        for (size_t c = 0; c < order; c++)
            sum += v[r] * a[r * order + c] * v[c];
    return sum;
}

void rfim__oracle_product(const double *a, const double *b, size_t rows, size_t inner,
                          size_t columns, double *c)
{
    for (size_t p = 0; p < rows; p++)
        for (size_t q = 0; q < columns; q++) {
            c[p * columns + q] = 0;
            for (size_t k = 0; k < inner; k++)
                c[p * columns + q] += a[p * inner + k] * b[k * columns + q];
        }
}

void rfim__oracle_kronecker(const double *a, size_t p, const double *b, size_t q, double *c)
{
    for (size_t row = 0; row < p * q; row++)
        for (size_t column = 0; column < p * q; column++)
            c[row * p * q + column] = a[row / q * p + column / q] * b[row % q * q + column % q];
}

/* A <- R^T A R with the rotation in the plane (p, q) that makes A_pq zero. */
static void rotate(double *a, size_t order, size_t p, size_t q)
{
    double off = a[p * order + q];
    double ratio = (a[q * order + q] - a[p * order + p]) / (2 * off);
    double tangent = copysign(1, ratio) / (fabs(ratio) + hypot(1, ratio));
    double cosine = 1 / hypot(1, tangent);
    double sine = tangent * cosine;
    for (size_t k = 0; k < order; k++) {
        double left = a[k * order + p];
        double right = a[k * order + q];
        a[k * order + p] = cosine * left - sine * right;
        a[k * order + q] = sine * left + cosine * right;
    }
    for (size_t k = 0; k < order; k++) {
        double upper = a[p * order + k];
        double lower = a[q * order + k];
        a[p * order + k] = cosine * upper - sine * lower;
        a[q * order + k] = sine * upper + cosine * lower;
    }
}

static double off_diagonal(const double *a, size_t order)
{
    double sum = 0;
    for (size_t p = 0; p < order; p++)
        for (size_t q = 0; q < order; q++)
            if (p != q)
                sum = hypot(sum, a[p * order + q]);
    return sum;
}

bool rfim__oracle_eigenvalues(double *a, size_t order, double *values)
{
    double size = off_diagonal(a, order);
    for (size_t p = 0; p < order; p++)
        size = hypot(size, a[p * order + p]);
    if (!isfinite(size))
        return false;
    for (int sweep = 0; sweep < 60 && off_diagonal(a, order) > 1e-18 * size; sweep++)
        for (size_t p = 0; p < order; p++)
            for (size_t q = p + 1; q < order; q++)
                if (a[p * order + q] != 0)
                    rotate(a, order, p, q);
    for (size_t p = 0; p < order; p++) {
        size_t place = p;
        for (; place > 0 && values[place - 1] > a[p * order + p]; place--)
            values[place] = values[place - 1];
        values[place] = a[p * order + p];
    }
    return true;
}

static void swap_rows(double *a, size_t columns, size_t p, size_t q)
{
    for (size_t c = 0; c < columns; c++) {
        double kept = a[p * columns + c];
        a[p * columns + c] = a[q * columns + c];
        a[q * columns + c] = kept;
    }
}

static void add_row(double *a, size_t columns, size_t from, double factor, size_t to)
{
    for (size_t c = 0; c < columns; c++)
        a[to * columns + c] += factor * a[from * columns + c];
}

bool rfim__oracle_solve(double *a, size_t order, double *b, size_t columns)
{
    for (size_t p = 0; p < order; p++) {
        size_t pivot = p;
        for (size_t r = p + 1; r < order; r++)
            if (fabs(a[r * order + p]) > fabs(a[pivot * order + p]))
                pivot = r;
        if (!(fabs(a[pivot * order + p]) > 0))
            return false;
        swap_rows(a, order, p, pivot);
        swap_rows(b, columns, p, pivot);
        double inverse = 1 / a[p * order + p];
        for (size_t r = 0; r < order; r++)
            if (r != p) {
                double factor = -a[r * order + p] * inverse;
                add_row(a, order, p, factor, r);
                add_row(b, columns, p, factor, r);
            }
        for (size_t c = 0; c < columns; c++)
            b[p * columns + c] *= inverse;
        for (size_t c = 0; c < order; c++)
            a[p * order + c] *= inverse;
    }
    return true;
}
