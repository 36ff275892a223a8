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
            xi[j] = xi[j] > 0 ? RFIM_SQRT(xi[j]) : 0;
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

const rfim__response_kernels RFIM__VARIANT(rfim__responses) = {
    .square = square,
    .root = root,
    .softmax = softmax,
};
