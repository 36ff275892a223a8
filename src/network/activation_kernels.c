/* activation_kernels.c - the element-wise loops of the activations; formulas: activation.h. */
#include "core/real.h"
#include "network/activation.h"

typedef struct row {
    const RFIM_REAL *t;
    RFIM_REAL *out;
    size_t count;
} row;

static row row_of(rfim__matrix t, rfim__matrix out, size_t i)
{
    row r = {(const RFIM_REAL *)t.data + i * t.stride, (RFIM_REAL *)out.data + i * out.stride,
             t.columns};
    return r;
}

/* The derivative at one point; the kind is a constant wherever this is inlined. */
static inline RFIM_REAL derivative(rfim__activation_kind kind, const rfim__activation *f,
                                   RFIM_REAL t)
{
    switch (kind) {
    case RFIM__RELU:
        return t > 0 ? 1 : (RFIM_REAL)f->iota;
    case RFIM__ELU:
        return t >= 0 ? 1 : (RFIM_REAL)f->alpha * RFIM_EXP(t);
    case RFIM__TANH: {
        RFIM_REAL h = RFIM_TANH_OF(t);
        return (1 - h) * (1 + h);
    }
    case RFIM__SIGM: {
        RFIM_REAL e = RFIM_EXP(-RFIM_FABS(t));
        return e / ((1 + e) * (1 + e));
    }
    default:
        return 1;
    }
}

static inline RFIM_REAL value(rfim__activation_kind kind, const rfim__activation *f, RFIM_REAL t)
{
    switch (kind) {
    case RFIM__RELU:
        return t > 0 ? t : (RFIM_REAL)f->iota * t;
    case RFIM__ELU:
        return t >= 0 ? t : (RFIM_REAL)f->alpha * RFIM_EXPM1(t);
    case RFIM__TANH:
        return RFIM_TANH_OF(t);
    case RFIM__SIGM:
        return rfim__sigm(t);
    default:
        return t;
    }
}

/* Calls `loop` with the kind as a constant, so that the compiler drops the switch inside. */
#define FOR_EACH_KIND(kind, loop)                                                                  \
    switch (kind) {                                                                                \
    case RFIM__RELU:                                                                               \
        loop(RFIM__RELU);                                                                          \
        break;                                                                                     \
    case RFIM__ELU:                                                                                \
        loop(RFIM__ELU);                                                                           \
        break;                                                                                     \
    case RFIM__TANH:                                                                               \
        loop(RFIM__TANH);                                                                          \
        break;                                                                                     \
    case RFIM__SIGM:                                                                               \
        loop(RFIM__SIGM);                                                                          \
        break;                                                                                     \
    default:                                                                                       \
        loop(RFIM__LINEAR);                                                                        \
        break;                                                                                     \
    }

static void forward(const rfim__activation *f, rfim__matrix t, rfim__matrix h)
{
    for (size_t i = 0; i < t.rows; i++) {
        row r = row_of(t, h, i);
#define LOOP(kind)                                                                                 \
    for (size_t j = 0; j < r.count; j++)                                                           \
    r.out[j] = value(kind, f, r.t[j])
        FOR_EACH_KIND(f->kind, LOOP)
#undef LOOP
    }
}

static void backward(const rfim__activation *f, rfim__matrix t, rfim__matrix e)
{
    if (f->kind == RFIM__LINEAR)
        return;
    for (size_t i = 0; i < t.rows; i++) {
        row r = row_of(t, e, i);
#define LOOP(kind)                                                                                 \
    for (size_t j = 0; j < r.count; j++)                                                           \
    r.out[j] *= derivative(kind, f, r.t[j])
        FOR_EACH_KIND(f->kind, LOOP)
#undef LOOP
    }
}

/* iota + (1-iota) sigm((1-iota) t/omega) */
static void smooth_relu_slope(const rfim__activation *f, row r)
{
    RFIM_REAL iota = (RFIM_REAL)f->iota;
    RFIM_REAL rate = (RFIM_REAL)((1 - f->iota) / f->omega);
    for (size_t j = 0; j < r.count; j++)
        r.out[j] = iota + (1 - iota) * rfim__sigm(rate * r.t[j]);
}

static void slope(const rfim__activation *f, rfim__matrix t, rfim__matrix s)
{
    for (size_t i = 0; i < t.rows; i++) {
        row r = row_of(t, s, i);
        if (f->kind == RFIM__RELU && f->omega > 0) {
            smooth_relu_slope(f, r);
            continue;
        }
#define LOOP(kind)                                                                                 \
    for (size_t j = 0; j < r.count; j++)                                                           \
    r.out[j] = derivative(kind, f, r.t[j])
        FOR_EACH_KIND(f->kind, LOOP)
#undef LOOP
    }
}

const rfim__activation_kernels RFIM__VARIANT(rfim__activations) = {
    .forward = forward,
    .backward = backward,
    .slope = slope,
};
