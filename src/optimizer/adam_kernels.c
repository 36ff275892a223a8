/* adam_kernels.c - the loop of Adam; formulas: adam.c. */
#include "core/real.h"
#include "optimizer/adam.h"

static bool update(const rfim_optimizer_options *options, size_t step, double rate, double decay,
                   rfim__matrix gradient, rfim__matrix first, rfim__matrix second, rfim__matrix w,
                   rfim__matrix w_next)
{
    RFIM_REAL b1 = (RFIM_REAL)options->adam_beta1;
    RFIM_REAL b2 = (RFIM_REAL)options->adam_beta2;
    RFIM_REAL rest1 = (RFIM_REAL)(1 - options->adam_beta1);
    RFIM_REAL rest2 = (RFIM_REAL)(1 - options->adam_beta2);
    RFIM_REAL scale1 = (RFIM_REAL)(rate / (1 - pow(options->adam_beta1, (double)step)));
    RFIM_REAL scale2 = (RFIM_REAL)(1 / sqrt(1 - pow(options->adam_beta2, (double)step)));
    RFIM_REAL epsilon = (RFIM_REAL)options->adam_epsilon;
    RFIM_REAL keep = (RFIM_REAL)(1 - decay);
    RFIM_REAL check = 0;
    for (size_t k = 0; k < w.rows; k++) {
        const RFIM_REAL *restrict g = (RFIM_REAL *)gradient.data + k * gradient.stride;
        RFIM_REAL *restrict a = (RFIM_REAL *)first.data + k * first.stride;
        RFIM_REAL *restrict b = (RFIM_REAL *)second.data + k * second.stride;
        const RFIM_REAL *old = (RFIM_REAL *)w.data + k * w.stride;
        RFIM_REAL *new = (RFIM_REAL *)w_next.data + k *w_next.stride;
#pragma omp simd reduction(+ : check)
        for (size_t j = 0; j < w.columns; j++) {
            a[j] = b1 * a[j] + rest1 * g[j];
            b[j] = b2 * b[j] + rest2 * g[j] * g[j];
            RFIM_REAL next = keep * old[j] - scale1 * a[j] / (scale2 * RFIM_SQRT(b[j]) + epsilon);
            new[j] = next;
            check += 0 * next + 0 * b[j]; /* NaN as well where b has overflowed */
        }
    }
    return check == 0;
}

const rfim__adam_kernels RFIM__VARIANT(rfim__adam) = {
    .update = update,
};
