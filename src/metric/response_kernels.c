/* response_kernels.c - loops of response.h. */
#include "core/real.h"
#include "metric/response.h"

static void square(double s, rfim__matrix x)
{
    for (size_t i = 0; i < x.rows; i++) {
        RFIM_REAL *xi = (RFIM_REAL *)x.data + i * x.stride;
        for (size_t j = 0; j < x.columns; j++)
            xi[j] = xi[j] * xi[j] * (RFIM_REAL)s;
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
            ei[j] = RFIM_EXP(ui[j] - top);
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
    .root = root,
    .softmax = softmax,
    .others = others,
};
