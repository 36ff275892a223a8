/* module.h - a piece of model with its parameters, as a table of functions: a new module is a new
 * file that fills one such table and is listed in module.c.
 *
 * Shapes. n samples, d inputs, m outputs. A module's parameters are ONE matrix
 * [parameter_rows x m], its moving state another. Inputs and outputs are augmented: a last column
 * of ones follows the d or m numbers, so that x~ = (x; 1) needs no copy. */
#ifndef RFIM_NETWORK_MODULE_H
#define RFIM_NETWORK_MODULE_H

#include "algebra/algebra.h"
#include "core/random.h"
#include "network/activation.h"

#include <rfim/network.h>

typedef struct rfim__module rfim__module;
typedef struct rfim__module_table rfim__module_table;

typedef enum rfim__mode {
    RFIM__TRAIN, /* batch norm: statistics of the batch */
    RFIM__INFER  /* batch norm: moving averages */
} rfim__mode;

struct rfim__module {
    const rfim__module_table *table;
    char name[24]; /* "layer2": what tensors and sentences call it */
    size_t inputs;
    size_t outputs;
    rfim__activation activation;
    double eps;   /* batch norm: added to the variance */
    double decay; /* batch norm: of the moving averages, per step */
    /* A first layer in whitened coordinates (metric/whitening.h): its input is X L^-T, without a
     * column of ones, its parameters L^T W. bias: [D x 1] L^T e_b / L_bb, so that (bias) x (the
     * last row of the parameters) is what the biases contribute to them: they do not decay. */
    bool whitened;
    rfim__matrix bias;
    rfim__matrix parameters;
    rfim__matrix previous; /* the parameters before the last update */
    rfim__matrix state;    /* not trained: moving averages */
    rfim__matrix previous_state;
};

/* A module's place on the trace: what it received, what it produced, what came back. */
typedef struct rfim__slot {
    rfim__matrix input;     /* x~: [n x (d+1)], last column 1; the output of the slot before */
    const uint32_t *firsts; /* NULL, or ascending: so many numbers of a row of x~ are 0 at least
                               before the first other one (algebra/ragged.h) */
    rfim__matrix pre;       /* linear, activation: t [n x m]; batch norm: the normalised a^ */
    rfim__matrix output;    /* h~: [n x (m+1)], last column 1 */
    rfim__matrix delta;     /* [n x m]: e = d(sum of losses)/dh before backward; after it
                               modules linear and activation leave d(sum of losses)/dt here */
    rfim__matrix gradient;  /* [parameter_rows x m], of the MEAN loss, once it is formed */
    bool gradient_formed;
    rfim__matrix statistics; /* batch norm: mean, variance, 1/sd [3 x m] */
} rfim__slot;

/* One array of a model file: rows of the parameters or of the state. */
typedef struct rfim__module_tensor {
    const char *suffix; /* "weight" */
    bool trained;       /* of the parameters, else of the state */
    size_t first_row;
    size_t rows;
    bool vector;       /* stored as [m], else transposed as [m x rows] */
    bool not_negative; /* a variance */
} rfim__module_tensor;

#define RFIM__MODULE_TENSORS 4

/* A module that has a response of its own, as the metric sees it: h = f(t), t = W^T x~. */
typedef struct rfim__response_view {
    rfim__matrix input; /* x~ [n x D] */
    rfim__matrix pre;   /* t [n x m] */
    rfim__activation activation;
} rfim__response_view;

struct rfim__module_table {
    const char *word; /* in a network's text */
    const char *stem; /* of names: "layer" */
    bool elementwise; /* output j depends on input j and column j of the parameters alone */
    /* Reads what follows the word in a network's text; module->inputs is set. */
    rfim_status (*parse)(rfim_context *context, char **words, size_t count, rfim__module *module);
    /* Writes what parse reads. */
    void (*describe)(const rfim__module *module, char *text, size_t size);
    size_t (*parameter_rows)(const rfim__module *module);
    size_t (*state_rows)(const rfim__module *module);
    size_t (*statistics_rows)(const rfim__module *module);
    /* How many of the first parameter rows get L2 and weight decay (biases do not). */
    size_t (*decayed_rows)(const rfim__module *module);
    size_t (*tensors)(const rfim__module *module, rfim__module_tensor out[RFIM__MODULE_TENSORS]);
    /* Fills parameters and state, both [rows x m] in float64. */
    void (*initialize)(const rfim__module *module, const rfim_network_options *options,
                       rfim__random *random, double *parameters, double *state);
    /* input -> pre, output */
    void (*forward)(rfim__algebra *algebra, const rfim__module *module, rfim__slot *slot,
                    rfim__mode mode);
    /* The gradient of the parameters is x~^T delta / n: backward leaves it unformed. */
    bool product;
    /* delta -> delta, gradient (unless `product`), and e at the input ([n x d]; data NULL: not
     * wanted) */
    void (*backward)(rfim__algebra *algebra, const rfim__module *module, rfim__slot *slot,
                     rfim__matrix input_delta);
    /* The step's moving averages: previous_state <- from state and the slot's statistics. */
    void (*average)(rfim__algebra *algebra, rfim__module *module, const rfim__slot *slot);
    /* Jacobian times vector, statistics held constant: how the output [n x m] moves when the
     * input moves by input_tangent [n x d] (data NULL: not at all) and the parameters by
     * parameter_tangent [rows x m] (likewise). After a forward pass. */
    void (*tangent)(rfim__algebra *algebra, const rfim__module *module, const rfim__slot *slot,
                    rfim__matrix input_tangent, rfim__matrix parameter_tangent,
                    rfim__matrix output_tangent);
    /* Transposed Jacobian times vectors, statistics held constant: a vector a sample.
     * cotangent [n x m]: on the output; becomes the one on the pre-activation t (linear,
     * activation: times f'(t); batch norm, which has none: unchanged). With at_pre it is on t
     * already. input_cotangent [n x d] <- the one on the input (data NULL: not wanted). After a
     * forward pass. For a part of the samples the slot given is cut to their rows
     * (rfim__slot_rows). */
    void (*pull_back)(rfim__algebra *algebra, const rfim__module *module, const rfim__slot *slot,
                      bool at_pre, rfim__matrix cotangent, rfim__matrix input_cotangent);
    /* M <- J^T P J for sample i, J = d output / d input, statistics held constant. P: [m x m] on
     * the output, M: [d x d] on the input, room_p: [m x m], room: [d x m]. After a forward pass. */
    void (*pull_back_metric)(rfim__algebra *algebra, const rfim__module *module,
                             const rfim__slot *slot, size_t sample, rfim__matrix p,
                             rfim__matrix room_p, rfim__matrix room, rfim__matrix m);
    /* The closed-form metrics (docs/mathematics.md, section 4): false when the module has no
     * parameters, or when its RFIM is the identity up to its eps, so that the plain gradient is
     * the natural one. */
    bool (*response)(const rfim__module *module, const rfim__slot *slot, rfim__response_view *out);
};

extern const rfim__module_table rfim__linear_module;
extern const rfim__module_table rfim__batch_norm_module;
extern const rfim__module_table rfim__activation_module;

/* NULL-terminated list of all modules. */
extern const rfim__module_table *const rfim__module_tables[];

/* The slot of samples first ... first+n-1: input, pre, output and delta are cut to their rows. */
rfim__slot rfim__slot_rows(const rfim__algebra *algebra, const rfim__slot *slot, size_t first,
                           size_t n);

#define RFIM__WIDEST 10000000 /* inputs or outputs; more is taken for a slip */

/* Reads a number of inputs or outputs, 1 to RFIM__WIDEST, in plain digits. */
bool rfim__parse_width(const char *word, size_t *width);
/* Reads "key=value" with a finite number; false when it is none. key: size bytes. */
bool rfim__parse_setting(const char *word, char *key, size_t size, double *value);

#endif
