/* dense_kernels.c - loops of dense.h. */
#include "metric/dense.h"

/* x s^T, neuron by neuron */
static void layer_row(const RFIM_REAL *x, size_t order, const RFIM_REAL *s, size_t outputs,
                      RFIM_REAL *out)
{
    for (size_t j = 0; j < outputs; j++)
        for (size_t k = 0; k < order; k++)
            out[j * order + k] = s[j] * x[k];
}

/* (a^ s, s), channel by channel */
static void channels_row(const RFIM_REAL *a, const RFIM_REAL *s, size_t channels, RFIM_REAL *out)
{
    for (size_t j = 0; j < channels; j++) {
        out[2 * j] = s[j] * a[j];
        out[2 * j + 1] = s[j];
    }
}

static void jacobian(rfim__part_kind kind, rfim__matrix reference, rfim__matrix factors,
                     size_t first, rfim__matrix out)
{
    for (size_t r = 0; r < out.rows; r++) {
        size_t i = (first + r) % reference.rows;
        const RFIM_REAL *x = (const RFIM_REAL *)reference.data + i * reference.stride;
        const RFIM_REAL *s = (const RFIM_REAL *)factors.data + (first + r) * factors.stride;
        RFIM_REAL *row = (RFIM_REAL *)out.data + r * out.stride;
        if (kind == RFIM__LAYER)
            layer_row(x, reference.columns, s, factors.columns, row);
        else
            channels_row(x, s, factors.columns, row);
    }
}

const rfim__dense_kernels RFIM__VARIANT(rfim__denses) = {
    .jacobian = jacobian,
};
