/* response_kernels.c - loops of response.h. */
#include "metric/response.h"

static void square(double s, rfim__matrix x)
{
    for (size_t i = 0; i < x.rows; i++) {
        RFIM_REAL *xi = (RFIM_REAL *)x.data + i * x.stride;
        for (size_t j = 0; j < x.columns; j++)
            xi[j] = xi[j] * xi[j] * (RFIM_REAL)s;
    }
}

const rfim__response_kernels RFIM__VARIANT(rfim__responses) = {
    .square = square,
};
