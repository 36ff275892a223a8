/* response_kernels.c - loops of response.h. */
#include "core/elementary.h"
#include "metric/response.h"

static void square(double s, rfim__matrix x)
{
    for (size_t i = 0; i < x.rows; i++) {
        RFIM_REAL *xi = (RFIM_REAL *)x.data + i * x.stride;
        for (size_t j = 0; j < x.columns; j++)
            xi[j] = xi[j] * xi[j] * (RFIM_REAL)s;
    }
}

/* Columns at a time, whose sums stay in the first cache */
#define PIECE 64

/* One row's piece: s, r, and what it adds to the sums; gaussian is a constant where inlined. */
static inline void dual_row(bool gaussian, RFIM_REAL scale, double k, size_t count,
                            const RFIM_REAL *delta, RFIM_REAL *restrict s, RFIM_REAL *r,
                            double *restrict sums)
{
#pragma omp simd
    for (size_t j = 0; j < count; j++) {
        RFIM_REAL slope = s[j];
        RFIM_REAL nu = slope < 0 ? 0 : slope * scale; /* canonical; NaN stays */
        RFIM_REAL root = gaussian ? RFIM_FABS(slope) * scale : RFIM_SQRT(nu);
        RFIM_REAL quotient = delta[j] / root;
        r[j] = root == 0 ? 0 * delta[j] : quotient;
        s[j] = root;
        sums[j] += (double)root * (double)root * k;
    }
}

static void dual(rfim_family family, double scale, rfim__matrix delta, rfim__matrix k,
                 rfim__matrix s, rfim__matrix r, rfim__matrix c)
{
    bool gaussian = family == RFIM_FAMILY_GAUSSIAN;
    RFIM_REAL factor = (RFIM_REAL)(gaussian ? sqrt(scale) : scale);
    for (size_t first = 0; first < s.columns; first += PIECE) {
        size_t count = s.columns - first < PIECE ? s.columns - first : PIECE;
        double sums[PIECE] = {0};
        for (size_t i = 0; i < s.rows; i++) {
            const RFIM_REAL *di = (const RFIM_REAL *)delta.data + i * delta.stride + first;
            RFIM_REAL *si = (RFIM_REAL *)s.data + i * s.stride + first;
            RFIM_REAL *ri = (RFIM_REAL *)r.data + i * r.stride + first;
            double ki = (double)((const RFIM_REAL *)k.data)[i * k.stride];
            if (gaussian)
                dual_row(true, factor, ki, count, di, si, ri, sums);
            else
                dual_row(false, factor, ki, count, di, si, ri, sums);
        }
        for (size_t j = 0; j < count; j++)
            ((RFIM_REAL *)c.data)[first + j] = (RFIM_REAL)sums[j];
    }
}

static void root(rfim__matrix x)
{
    for (size_t i = 0; i < x.rows; i++) {
        RFIM_REAL *xi = (RFIM_REAL *)x.data + i * x.stride;
        for (size_t j = 0; j < x.columns; j++)
            xi[j] = xi[j] < 0 ? 0 : RFIM_SQRT(xi[j]); /* NaN stays */
    }
}

static void softmax(rfim__matrix u, rfim__matrix eta)
{
    for (size_t i = 0; i < u.rows; i++) {
        const RFIM_REAL *ui = (const RFIM_REAL *)u.data + i * u.stride;
        RFIM_REAL *ei = (RFIM_REAL *)eta.data + i * eta.stride;
        RFIM_REAL top = ui[0];
        for (size_t j = 1; j < u.columns; j++)
            top = ui[j] > top ? ui[j] : top;
        RFIM_REAL total = 0;
        for (size_t j = 0; j < u.columns; j++) {
            ei[j] = rfim__exp(ui[j] - top);
            total += ei[j];
        }
        for (size_t j = 0; j < u.columns; j++)
            ei[j] /= total;
    }
}

static size_t top_of(const RFIM_REAL *eta, size_t m)
{
    size_t top = 0;
    for (size_t j = 1; j < m; j++)
        top = eta[j] > eta[top] ? j : top;
    return top;
}

/* A class that is not the largest has 1/2 at most: nothing cancels in its difference. */
static void others(rfim__matrix eta, rfim__matrix r)
{
    for (size_t i = 0; i < eta.rows; i++) {
        const RFIM_REAL *ei = (const RFIM_REAL *)eta.data + i * eta.stride;
        RFIM_REAL *ri = (RFIM_REAL *)r.data + i * r.stride;
        size_t top = top_of(ei, eta.columns);
        double rest = 0;
        for (size_t j = 0; j < eta.columns; j++)
            rest += j == top ? 0 : (double)ei[j];
        for (size_t j = 0; j < eta.columns; j++)
            ri[j] = (RFIM_REAL)(j == top ? rest : rest + (double)ei[top] - (double)ei[j]);
    }
}

const rfim__response_kernels RFIM__VARIANT(rfim__responses) = {
    .square = square,
    .dual = dual,
    .root = root,
    .softmax = softmax,
    .others = others,
};
