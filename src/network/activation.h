/* activation.h - element-wise responses h = f(t), their derivatives, and the slope that the metric
 * reads.
 *
 *   linear  t                                   f' = 1
 *   relu    t for t > 0, iota t otherwise       f' = 1 or iota
 *   elu     t for t >= 0, alpha (e^t - 1)       f' = 1 or alpha e^t
 *   tanh    tanh t                              f' = 1 - tanh^2 t
 *   sigm    1/(1+e^-t)                          f' = h (1 - h)
 *
 * The slope is f' itself, but for relu: there it is the derivative of the smooth relu,
 * iota + (1-iota) sigm((1-iota) t/omega), which tends to f' as omega -> 0; omega = 0 is f' itself
 * (Sun and Nielsen 2017, section 4; the forward and backward passes stay hard). */
#ifndef RFIM_NETWORK_ACTIVATION_H
#define RFIM_NETWORK_ACTIVATION_H

#include "algebra/algebra.h"
#include "core/kernels.h"

typedef enum rfim__activation_kind {
    RFIM__LINEAR,
    RFIM__RELU,
    RFIM__ELU,
    RFIM__TANH,
    RFIM__SIGM,
    RFIM__ACTIVATIONS
} rfim__activation_kind;

typedef struct rfim__activation {
    rfim__activation_kind kind;
    double iota;  /* relu: slope for t <= 0, in [0, 1) */
    double omega; /* relu: width of the smooth slope, >= 0 */
    double alpha; /* elu: > 0 */
} rfim__activation;

/* Loops over n x m numbers. T, H, E, S: [n x m], any strides. */
typedef struct rfim__activation_kernels {
    /* H <- f(T) */
    void (*forward)(const rfim__activation *f, rfim__matrix t, rfim__matrix h);
    /* E <- f'(T) . E */
    void (*backward)(const rfim__activation *f, rfim__matrix t, rfim__matrix e);
    /* S <- slope(T) */
    void (*slope)(const rfim__activation *f, rfim__matrix t, rfim__matrix s);
} rfim__activation_kernels;

RFIM__DECLARE_VARIANTS(rfim__activation_kernels, rfim__activations);

rfim__activation rfim__activation_defaults(rfim__activation_kind kind);
/* RFIM__ACTIVATIONS when there is none of this name. */
rfim__activation_kind rfim__activation_find(const char *name);
const char *rfim__activation_name(rfim__activation_kind kind);
/* Sets iota, omega or alpha from its name, if the activation has it and the value is in range. */
bool rfim__activation_set(rfim__activation *f, const char *name, double value);
/* Appends " key=value" at *used, the value in the shortest form that reads back the same. */
void rfim__setting_append(char *text, size_t size, size_t *used, const char *key, double value);
/* " relu iota=0.1": what a network's text says of it; parameters at their default are left out. */
void rfim__activation_describe(const rfim__activation *f, char *text, size_t size);
const rfim__activation_kernels *rfim__activation_kernels_of(const rfim__algebra *algebra);

#endif
