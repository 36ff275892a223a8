/* sample_kernels.c - loops of sample_kernels.h. Sums over samples run in float64. */
#include "metric/sample_kernels.h"

#include "core/real.h"

static RFIM_REAL *row(rfim__matrix x, size_t i)
{
    return (RFIM_REAL *)x.data + i * x.stride;
}

/* Roots of it can be squared, and numbers divided by them, without leaving the normal range. */
static const RFIM_REAL least = (RFIM_REAL)(sizeof(RFIM_REAL) == sizeof(double) ? 0x1p-500
                                                                               : 0x1p-100);

static RFIM_REAL root(RFIM_REAL x)
{
    return RFIM_SQRT(x < least ? least : x); /* NaN stays */
}

static void roots(rfim__matrix w, rfim__matrix p, rfim__matrix r)
{
    for (size_t i = 0; i < r.rows; i++) {
        const RFIM_REAL *pi = row(p, i);
        RFIM_REAL *ri = row(r, i);
        RFIM_REAL wi = root(*row(w, i));
        for (size_t j = 0; j < r.columns; j++)
            ri[j] = wi * root(pi[j]);
    }
}

/* The class of the largest probability. */
static size_t top_of(const RFIM_REAL *eta, size_t m)
{
    size_t top = 0;
    for (size_t j = 1; j < m; j++)
        top = eta[j] > eta[top] ? j : top;
    return top;
}

/* The probability of all classes but one. */
static double others(const RFIM_REAL *eta, size_t m, size_t but)
{
    double sum = 0;
    for (size_t j = 0; j < m; j++)
        sum += j == but ? 0 : (double)eta[j];
    return sum;
}

static void class_roots(rfim__matrix w, rfim__matrix eta, rfim__matrix r)
{
    size_t m = eta.columns;
    for (size_t i = 0; i < eta.rows; i++) {
        const RFIM_REAL *ei = row(eta, i);
        RFIM_REAL wi = root(*row(w, i));
        for (size_t a = 0; a < m; a++) {
            RFIM_REAL *ra = row(r, i * m + a);
            RFIM_REAL sa = root(ei[a]);
            for (size_t j = 0; j < m; j++)
                ra[j] = -wi * ei[j] * sa;
            ra[a] = wi * sa * (RFIM_REAL)others(ei, m, a);
        }
    }
}

/* F u is the same for u less its entry of the top class: with 0 there, no large terms cancel. */
static void class_multiply(rfim__matrix eta, rfim__matrix u)
{
    for (size_t i = 0; i < u.rows; i++) {
        const RFIM_REAL *ei = row(eta, i);
        RFIM_REAL *ui = row(u, i);
        size_t top = top_of(ei, u.columns);
        double base = (double)ui[top];
        double total = (double)ei[top] + others(ei, u.columns, top);
        double mean = 0;
        for (size_t j = 0; j < u.columns; j++)
            mean += (double)ei[j] * ((double)ui[j] - base);
        for (size_t j = 0; j < u.columns; j++)
            ui[j] = (RFIM_REAL)((double)ei[j] * (total * ((double)ui[j] - base) - mean));
    }
}

static void row_dots(rfim__matrix u, rfim__matrix s, rfim__matrix y)
{
    for (size_t i = 0; i < u.rows; i++) {
        const RFIM_REAL *ui = row(u, i);
        const RFIM_REAL *si = row(s, i);
        double sum = 0;
        for (size_t j = 0; j < u.columns; j++)
            sum += (double)ui[j] * (double)si[j];
        *row(y, i) = (RFIM_REAL)sum;
    }
}

static void add_scaled_rows(rfim__matrix y, rfim__matrix s, rfim__matrix t)
{
    for (size_t i = 0; i < t.rows; i++) {
        const RFIM_REAL *si = row(s, i);
        RFIM_REAL *ti = row(t, i);
        RFIM_REAL yi = *row(y, i);
        for (size_t j = 0; j < t.columns; j++)
            ti[j] += yi * si[j];
    }
}

static void divide(double scale, rfim__matrix x, rfim__matrix r, rfim__matrix y)
{
    for (size_t i = 0; i < y.rows; i++) {
        const RFIM_REAL *xi = row(x, i);
        const RFIM_REAL *ri = row(r, i);
        RFIM_REAL *yi = row(y, i);
        for (size_t j = 0; j < y.columns; j++)
            yi[j] = xi[j] / ((RFIM_REAL)scale * ri[j]);
    }
}

static void channels_forward(rfim__matrix a, rfim__matrix v, rfim__matrix u)
{
    for (size_t i = 0; i < u.rows; i++) {
        const RFIM_REAL *ai = row(a, i);
        RFIM_REAL *ui = row(u, i);
        for (size_t j = 0; j < u.columns; j++)
            ui[j] = ai[j] * row(v, 0)[j] + row(v, 1)[j];
    }
}

static void channels_backward(rfim__matrix a, rfim__matrix t, rfim__matrix v)
{
    for (size_t j = 0; j < v.columns; j++) {
        double gain = 0;
        double shift = 0;
        for (size_t i = 0; i < t.rows; i++) {
            gain += (double)row(a, i)[j] * (double)row(t, i)[j];
            shift += (double)row(t, i)[j];
        }
        row(v, 0)[j] = (RFIM_REAL)gain;
        row(v, 1)[j] = (RFIM_REAL)shift;
    }
}

static void scale_columns(rfim__matrix x, rfim__matrix d, rfim__matrix y)
{
    for (size_t i = 0; i < y.rows; i++) {
        const RFIM_REAL *xi = row(x, i);
        RFIM_REAL *yi = row(y, i);
        for (size_t k = 0; k < y.columns; k++)
            yi[k] = xi[k] * *row(d, k);
    }
}

static void add_sandwich(rfim__matrix k, rfim__matrix l, rfim__matrix r, rfim__matrix b)
{
    for (size_t i = 0; i < b.rows; i++) {
        const RFIM_REAL *ki = row(k, i);
        RFIM_REAL *bi = row(b, i);
        RFIM_REAL li = *row(l, i);
        for (size_t j = 0; j < b.columns; j++)
            bi[j] += li * ki[j] * *row(r, j);
    }
}

static void add_constant(double value, rfim__matrix x)
{
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            row(x, i)[j] += (RFIM_REAL)value;
}

static void inverse_roots(rfim__matrix x, rfim__matrix y)
{
    for (size_t i = 0; i < y.rows; i++)
        for (size_t j = 0; j < y.columns; j++)
            row(y, i)[j] = 1 / RFIM_SQRT(row(x, i)[j]);
}

static double log_sum(rfim__matrix x)
{
    double sum = 0;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            sum += log((double)row(x, i)[j]);
    return sum;
}

static bool constant(rfim__matrix x)
{
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            if (row(x, i)[j] != row(x, 0)[0])
                return false;
    return true;
}

const rfim__sample_kernels RFIM__VARIANT(rfim__sample_loops) = {
    .roots = roots,
    .class_roots = class_roots,
    .class_multiply = class_multiply,
    .row_dots = row_dots,
    .add_scaled_rows = add_scaled_rows,
    .divide = divide,
    .channels_forward = channels_forward,
    .channels_backward = channels_backward,
    .scale_columns = scale_columns,
    .add_sandwich = add_sandwich,
    .add_constant = add_constant,
    .inverse_roots = inverse_roots,
    .log_sum = log_sum,
    .constant = constant,
};
