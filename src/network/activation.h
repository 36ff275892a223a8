/* activation.h - element-wise responses h = f(t), their derivatives, and the slope that the metric
 * reads.
 *
 *   linear    t                                f' = 1                      f'' = 0
 *   relu      t for t > 0, iota t otherwise    1 or iota                   0
 *   elu       t for t >= 0, alpha (e^t - 1)    1 or alpha e^t              0 or alpha e^t
 *   tanh      tanh t                           1 - tanh^2 t                -2 f f'
 *   sigm      s = 1/(1+e^-t)                   s (1 - s)                   -f' tanh(t/2)
 *   gelu      t Phi(t), Phi = erfc(-t/sqrt 2)/2   Phi + t phi              phi (2 - t^2)
 *   silu      t s(t)                           s + t s'                    s' (2 - t tanh(t/2))
 *   softplus  omega ln(e^{iota t/omega} + e^{t/omega})
 *                                              iota + (1-iota) s(r t)      (1-iota) r s'(r t)
 *   sin       sin t                            cos t                       -sin t
 *
 * phi is the normal density e^{-t^2/2}/sqrt(2 pi), s the sigm, r = (1-iota)/omega. `softplus` is
 * the smooth relu of Sun and Nielsen (2017, section 4). gelu: Hendrycks and Gimpel 2016, in its
 * exact form; silu: Elfwing, Uchibe and Doya 2018. At the kink relu's f' is iota and elu's is 1;
 * f'' is 0 there.
 *
 * The slope is f' itself, but for relu: there it is the derivative of the smooth relu, which tends
 * to f' as omega -> 0; omega = 0 is f' itself (the forward and backward passes stay hard).
 *
 * An activation from outside the library (rfim_activation_register) is of the kind RFIM__CUSTOM and
 * goes through its functions, in float64, number by number, on the calling thread. */
#ifndef RFIM_NETWORK_ACTIVATION_H
#define RFIM_NETWORK_ACTIVATION_H

#include "algebra/algebra.h"
#include "core/kernels.h"

#include <rfim/network.h>

typedef enum rfim__activation_kind {
    RFIM__LINEAR,
    RFIM__RELU,
    RFIM__ELU,
    RFIM__TANH,
    RFIM__SIGM,
    RFIM__GELU,
    RFIM__SILU,
    RFIM__SOFTPLUS,
    RFIM__SIN,
    RFIM__ACTIVATIONS, /* so many are the library's own */
    RFIM__CUSTOM = RFIM__ACTIVATIONS
} rfim__activation_kind;

#define RFIM__ACTIVATION_NAME 16 /* bytes of a name, with its end */

/* An activation from outside. It stays where it is until the context is freed. */
typedef struct rfim__custom_activation {
    rfim__kept kept;
    rfim_activation told; /* its name is the copy below */
    char name[RFIM__ACTIVATION_NAME];
} rfim__custom_activation;

typedef struct rfim__activation {
    rfim__activation_kind kind;
    double iota;  /* relu, softplus: slope far to the left, in [0, 1) */
    double omega; /* width of the smooth slope; relu: >= 0, softplus: > 0 */
    double alpha; /* elu: > 0 */
    const rfim__custom_activation *custom; /* of the kind RFIM__CUSTOM */
} rfim__activation;

/* Loops over n x m numbers. T, H, E, S: [n x m], any strides. */
typedef struct rfim__activation_kernels {
    /* H <- f(T) */
    void (*forward)(const rfim__activation *f, rfim__matrix t, rfim__matrix h);
    /* E <- f'(T) . E */
    void (*backward)(const rfim__activation *f, rfim__matrix t, rfim__matrix e);
    /* S <- slope(T) */
    void (*slope)(const rfim__activation *f, rfim__matrix t, rfim__matrix s);
    /* S <- f''(T) */
    void (*second)(const rfim__activation *f, rfim__matrix t, rfim__matrix s);
} rfim__activation_kernels;

RFIM__DECLARE_VARIANTS(rfim__activation_kernels, rfim__activations);

/* H <- f(T), and E <- f'(T) . E, on several threads where the matrices are large. */
void rfim__activation_forward(const rfim__algebra *algebra, const rfim__activation *f,
                              rfim__matrix t, rfim__matrix h);
void rfim__activation_backward(const rfim__algebra *algebra, const rfim__activation *f,
                               rfim__matrix t, rfim__matrix e);
/* What a number costs in such a loop, in operations of a product that takes as long. */
double rfim__activation_flops(const rfim__activation *f);

/* One of the library's own. */
rfim__activation rfim__activation_defaults(rfim__activation_kind kind);
/* Finds an activation by its name, with default settings: the library's own, or one that the
 * context was told of. false when there is none. */
bool rfim__activation_find(const rfim_context *context, const char *name, rfim__activation *out);
/* The name of one of the library's own, NULL for others. */
const char *rfim__activation_name(rfim__activation_kind kind);
const char *rfim__activation_label(const rfim__activation *f);
/* Whether f never falls, so that the canonical family exists (metric/response.h). */
bool rfim__activation_is_increasing(const rfim__activation *f);
/* Sets iota, omega or alpha from its name, if the activation has it and the value is in range. */
bool rfim__activation_set(rfim__activation *f, const char *name, double value);
/* Reads "NAME key=value ..." of a network's text; the name may be left out (linear). */
rfim_status rfim__activation_parse(rfim_context *context, char **words, size_t count,
                                   rfim__activation *f);
/* Appends " key=value" at *used, the value in the shortest form that reads back the same. */
void rfim__setting_append(char *text, size_t size, size_t *used, const char *key, double value);
/* " relu iota=0.1", " linear": what a network's text says of it; parameters at their default are
 * left out. */
void rfim__activation_describe(const rfim__activation *f, char *text, size_t size);
const rfim__activation_kernels *rfim__activation_kernels_of(const rfim__algebra *algebra);
/* f''(t) of an activation from outside; central differences where it does not say. */
double rfim__custom_second(const rfim__custom_activation *custom, double t);

#endif
