/* activation_kernels.c - the element-wise loops of the activations; formulas: activation.h. */
#include "core/normal.h"
#include "network/activation.h"

/* A narrower smooth slope is the hard one, and 1/omega might not be finite in float32. */
#define NARROW 1e-30

/* The parameters as RFIM_REAL, by value: stores to the output cannot touch them. */
typedef struct constants {
    RFIM_REAL iota;
    RFIM_REAL alpha;
    RFIM_REAL omega;
    RFIM_REAL rate; /* (1 - iota)/omega */
    const rfim__custom_activation *custom;
} constants;

static constants constants_of(const rfim__activation *f)
{
    double omega = f->omega > NARROW ? f->omega : NARROW;
    constants c = {(RFIM_REAL)f->iota, (RFIM_REAL)f->alpha, (RFIM_REAL)omega,
                   (RFIM_REAL)((1 - f->iota) / omega), f->custom};
    return c;
}

/* a(t) b where b vanishes far out, and a may be infinite there */
static inline RFIM_REAL faded(RFIM_REAL a, RFIM_REAL b)
{
    return b != 0 ? a * b : 0;
}

/* What follows is at one point; the kind is a constant wherever it is inlined. */

static inline RFIM_REAL value(rfim__activation_kind kind, constants c, RFIM_REAL t)
{
    switch (kind) {
    case RFIM__RELU:
        return t > 0 ? t : c.iota * t;
    case RFIM__ELU:
        return t >= 0 ? t : c.alpha * rfim__expm1_left(t);
    case RFIM__TANH:
        return rfim__tanh(t);
    case RFIM__SIGM:
        return rfim__sigm(t);
    case RFIM__GELU:
        return faded(t, rfim__normal_probability(t));
    case RFIM__SILU:
        return faded(t, rfim__sigm(t));
    case RFIM__SOFTPLUS: /* the larger exponent taken out */
        return (t > 0 ? t : c.iota * t) +
               c.omega * rfim__log1p_unit(rfim__exp(-c.rate * RFIM_FABS(t)));
    case RFIM__SIN:
        return RFIM_SIN(t);
    case RFIM__CUSTOM:
        return (RFIM_REAL)c.custom->told.value(c.custom->told.user, (double)t);
    default:
        return t;
    }
}

static inline RFIM_REAL derivative(rfim__activation_kind kind, constants c, RFIM_REAL t)
{
    switch (kind) {
    case RFIM__RELU:
        return t > 0 ? 1 : c.iota;
    case RFIM__ELU:
        return t >= 0 ? 1 : c.alpha * rfim__exp(t);
    case RFIM__TANH: /* 1 - tanh^2 would be 0 from |t| = 9 on in float32, where it is 6e-8 */
        return 4 * rfim__sigm_derivative(2 * t);
    case RFIM__SIGM:
        return rfim__sigm_derivative(t);
    case RFIM__GELU:
        return rfim__normal_probability(t) + faded(t, rfim__normal_density(t));
    case RFIM__SILU:
        return rfim__sigm(t) + faded(t, rfim__sigm_derivative(t));
    case RFIM__SOFTPLUS:
        return c.iota + (1 - c.iota) * rfim__sigm(c.rate * t);
    case RFIM__SIN:
        return RFIM_COS(t);
    case RFIM__CUSTOM:
        return (RFIM_REAL)c.custom->told.derivative(c.custom->told.user, (double)t);
    default:
        return 1;
    }
}

static inline RFIM_REAL second_derivative(rfim__activation_kind kind, constants c, RFIM_REAL t)
{
    switch (kind) {
    case RFIM__ELU:
        return t >= 0 ? 0 : c.alpha * rfim__exp(t);
    case RFIM__TANH:
        return -8 * rfim__tanh(t) * rfim__sigm_derivative(2 * t);
    case RFIM__SIGM:
        return -rfim__sigm_derivative(t) * rfim__tanh(t / 2);
    case RFIM__GELU:
        return faded(2 - t * t, rfim__normal_density(t));
    case RFIM__SILU:
        return faded(2 - t * rfim__tanh(t / 2), rfim__sigm_derivative(t));
    case RFIM__SOFTPLUS:
        return (1 - c.iota) * c.rate * rfim__sigm_derivative(c.rate * t);
    case RFIM__SIN:
        return -RFIM_SIN(t);
    case RFIM__CUSTOM:
        return (RFIM_REAL)rfim__custom_second(c.custom, (double)t);
    default:
        return 0;
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
            LOOP(RFIM__GELU, statement)                                                            \
            LOOP(RFIM__SILU, statement)                                                            \
            LOOP(RFIM__SOFTPLUS, statement)                                                        \
            LOOP(RFIM__SIN, statement)                                                             \
            LOOP(RFIM__CUSTOM, statement)                                                          \
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

/* The smooth relu is the softplus of the same settings. */
static void slope(const rfim__activation *f, rfim__matrix t, rfim__matrix s)
{
    constants c = constants_of(f);
    rfim__activation g = *f;
    if (f->kind == RFIM__RELU && f->omega > NARROW)
        g.kind = RFIM__SOFTPLUS;
    FOR_ALL(&g, t, s, out[j] = derivative(fixed, c, in[j]))
}

static void second(const rfim__activation *f, rfim__matrix t, rfim__matrix s)
{
    constants c = constants_of(f);
    FOR_ALL(f, t, s, out[j] = second_derivative(fixed, c, in[j]))
}

const rfim__activation_kernels RFIM__VARIANT(rfim__activations) = {
    .forward = forward,
    .backward = backward,
    .slope = slope,
    .second = second,
};
