/* drawn_kernels.c - loops of response_root.h that draw. Sample i reads the stream from block i m
 * on: a uniform number takes half a block, a normal one a whole. */
#include "core/random.h"
#include "core/real.h"
#include "subsystem/response_root.h"

static RFIM_REAL *row_of(rfim__matrix x, size_t i)
{
    return (RFIM_REAL *)x.data + i * x.stride;
}

static rfim__random of_sample(uint64_t seed, uint64_t stream, size_t i, size_t m)
{
    rfim__random random = rfim__random_start(seed, stream);
    random.position = (uint64_t)i * m;
    return random;
}

/* The class at that place of [0, 1), of those that are likely at all */
static size_t class_at(const RFIM_REAL *eta, size_t m, double place)
{
    size_t y = 0;
    double sum = (double)eta[0];
    while (y + 1 < m && sum <= place)
        sum += (double)eta[++y];
    while (y > 0 && eta[y] == 0) /* the sum's last digits */
        y--;
    return y;
}

static void classes(uint64_t seed, uint64_t stream, rfim__matrix eta, rfim__matrix others,
                    rfim__matrix c)
{
    for (size_t i = 0; i < eta.rows; i++) {
        rfim__random random = of_sample(seed, stream, i, eta.columns);
        const RFIM_REAL *ei = row_of(eta, i);
        RFIM_REAL *ci = row_of(c, i);
        size_t y = class_at(ei, eta.columns, rfim__random_uniform(&random));
        for (size_t j = 0; j < eta.columns; j++)
            ci[j] = j == y ? row_of(others, i)[j] : -ei[j];
    }
}

static void two_values(uint64_t seed, uint64_t stream, double low, double high, rfim__matrix f,
                       rfim__matrix c)
{
    for (size_t i = 0; i < f.rows; i++) {
        rfim__random random = of_sample(seed, stream, i, f.columns);
        const RFIM_REAL *fi = row_of(f, i);
        RFIM_REAL *ci = row_of(c, i);
        for (size_t j = 0; j < f.columns; j++) {
            double mean = (double)fi[j];
            bool is_high = low + (high - low) * rfim__random_uniform(&random) < mean;
            ci[j] = (RFIM_REAL)((is_high ? high : low) - mean);
        }
    }
}

static void normals(uint64_t seed, uint64_t stream, rfim__matrix s, rfim__matrix c)
{
    for (size_t i = 0; i < s.rows; i++) {
        rfim__random random = of_sample(seed, stream, i, s.columns);
        for (size_t j = 0; j < s.columns; j++)
            row_of(c, i)[j] = (RFIM_REAL)((double)row_of(s, i)[j] * rfim__random_normal(&random));
    }
}

const rfim__drawn_kernels RFIM__VARIANT(rfim__drawn) = {
    .classes = classes,
    .two_values = two_values,
    .normals = normals,
};
