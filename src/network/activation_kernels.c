/* activation_kernels.c - the element-wise loops of the activations; formulas: activation.h. */
#include "core/real.h"
#include "network/activation.h"

/* The parameters as RFIM_REAL, by value: stores to the output cannot touch them. */
typedef struct constants {
    RFIM_REAL iota;
    RFIM_REAL alpha;
} constants;

static constants constants_of(const rfim__activation *f)
{
    constants c = {(RFIM_REAL)f->iota, (RFIM_REAL)f->alpha};
    return c;
}

/* The derivative at one point; the kind is a constant wherever this is inlined. */
static inline RFIM_REAL derivative(rfim__activation_kind kind, constants c, RFIM_REAL t)
{
    switch (kind) {
    case RFIM__RELU:
        return t > 0 ? 1 : c.iota;
    case RFIM__ELU:
        return t >= 0 ? 1 : c.alpha * RFIM_EXP(t);
    case RFIM__TANH: {
        /* 1 - tanh^2 would cancel: 0 from |t| = 9 on in float32, where it is 6e-8 */
        RFIM_REAL e = RFIM_EXP(-2 * RFIM_FABS(t));
        return 4 * e / ((1 + e) * (1 + e));
    }
    case RFIM__SIGM: {
        RFIM_REAL e = RFIM_EXP(-RFIM_FABS(t));
        return e / ((1 + e) * (1 + e));
    }
    default:
        return 1;
    }
}

static inline RFIM_REAL value(rfim__activation_kind kind, constants c, RFIM_REAL t)
{
    switch (kind) {
    case RFIM__RELU:
        return t > 0 ? t : c.iota * t;
    case RFIM__ELU:
        return t >= 0 ? t : c.alpha * RFIM_EXPM1(t);
    case RFIM__TANH:
        return RFIM_TANH_OF(t);
    case RFIM__SIGM:
        return rfim__sigm(t);
    default:
        return t;
    }
}

/* Runs `statement` for every number in[j], out[j] of two matrices, with `fixed` as a constant, so
 * that the compiler drops the switches inside and can use vectors. */
#define LOOP(kind, statement)                                                                      \
    case kind: {                                                                                   \
        const rfim__activation_kind fixed = kind;                                                  \
        for (size_t j = 0; j < count; j++)                                                         \
            statement; /* no expression: NOLINT(bugprone-macro-parentheses) */                     \
        break;                                                                                     \
    }
#define FOR_ALL(f, x, y, statement)                                                                \
    for (size_t i = 0; i < (x).rows; i++) {                                                        \
        const RFIM_REAL *restrict in = (const RFIM_REAL *)(x).data + i * (x).stride;               \
        RFIM_REAL *restrict out = (RFIM_REAL *)(y).data + i * (y).stride;                          \
        size_t count = (x).columns;                                                                \
        switch ((f)->kind) {                                                                       \
            LOOP(RFIM__RELU, statement)                                                            \
            LOOP(RFIM__ELU, statement)                                                             \
            LOOP(RFIM__TANH, statement)                                                            \
            LOOP(RFIM__SIGM, statement)                                                            \
        default:                                                                                   \
            LOOP(RFIM__LINEAR, statement)                                                          \
        }                                                                                          \
    }

static void forward(const rfim__activation *f, rfim__matrix t, rfim__matrix h)
{
    constants c = constants_of(f);
    FOR_ALL(f, t, h, out[j] = value(fixed, c, in[j]))
}

static void backward(const rfim__activation *f, rfim__matrix t, rfim__matrix e)
{
    constants c = constants_of(f);
    if (f->kind != RFIM__LINEAR)
        FOR_ALL(f, t, e, out[j] *= derivative(fixed, c, in[j]))
}

/* A narrower smooth slope is the hard one, and 1/omega might not be finite in float32. */
#define NARROW 1e-30

/* iota + (1-iota) sigm((1-iota) t/omega) */
static void smooth_relu_slope(const rfim__activation *f, rfim__matrix t, rfim__matrix s)
{
    RFIM_REAL iota = (RFIM_REAL)f->iota;
    RFIM_REAL rate = (RFIM_REAL)((1 - f->iota) / f->omega);
    for (size_t i = 0; i < t.rows; i++) {
        const RFIM_REAL *restrict in = (const RFIM_REAL *)t.data + i * t.stride;
        RFIM_REAL *restrict out = (RFIM_REAL *)s.data + i * s.stride;
        for (size_t j = 0; j < t.columns; j++)
            out[j] = iota + (1 - iota) * rfim__sigm(rate * in[j]);
    }
}

static void slope(const rfim__activation *f, rfim__matrix t, rfim__matrix s)
{
    constants c = constants_of(f);
    if (f->kind == RFIM__RELU && f->omega > NARROW)
        smooth_relu_slope(f, t, s);
    else
        FOR_ALL(f, t, s, out[j] = derivative(fixed, c, in[j]))
}

const rfim__activation_kernels RFIM__VARIANT(rfim__activations) = {
    .forward = forward,
    .backward = backward,
    .slope = slope,
};
