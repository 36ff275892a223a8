/* network.h - modules in order, with a loss; and the trace of one pass through them. */
#ifndef RFIM_NETWORK_H
#define RFIM_NETWORK_H

#include <rfim/array.h>
#include <rfim/context.h>
#include <rfim/data.h>

typedef struct rfim_network rfim_network;
/* The tape of one pass: what every module received and produced, and what came back. */
typedef struct rfim_trace rfim_trace;

/* The loss is -log p of the output family at sigma = 1 up to constants: summed over outputs,
 * averaged over samples (docs/CONVENTIONS.md). */
typedef enum rfim_loss_kind {
    RFIM_LOSS_SOFTMAX, /* soft-max cross entropy */
    RFIM_LOSS_SIGMOID, /* sigmoid cross entropy, summed over outputs */
    RFIM_LOSS_SQUARED  /* (1/2) sum_k (y_k - h_k)^2 */
} rfim_loss_kind;

typedef enum rfim_init_rule {
    RFIM_INIT_GLOROT,  /* uniform, bound sqrt(6/(D+m)) on the whole D x m matrix, bias included */
    RFIM_INIT_HE,      /* normal, sd sqrt(2/d), bias 0 */
    RFIM_INIT_NORMAL,  /* normal with the sd given, bias 0 */
    RFIM_INIT_WHITENED /* the first layer normal, variance 1/D, in the coordinates in which the
                          inputs of given data are white (rfim_network_create_for); glorot for the
                          others */
} rfim_init_rule;

typedef struct rfim_network_options {
    rfim_precision precision;
    rfim_init_rule init;
    double init_sd; /* for RFIM_INIT_NORMAL */
    int loss;       /* rfim_loss_kind that replaces the text's; -1: the text's own */
    uint64_t seed;
} rfim_network_options;

/* An activation from outside the library: h = value(t). It runs through these functions, number by
 * number, on the thread that calls rfim: slower, correct. While rfim computes, denormal numbers are
 * taken as 0. */
typedef struct rfim_activation {
    const char
        *name; /* in a network's text; letters, digits, `_`, at most 15, begins with a letter */
    double (*value)(void *user, double t);
    double (*derivative)(void *user, double t);
    /* For exact Hessians; NULL: central differences of the derivative. */
    double (*second_derivative)(void *user, double t);
    int increasing; /* 1: value never falls: the canonical family may be asked for */
    void *user;
} rfim_activation;

/* A named array of a network as it is stored in model files: `layer1.weight` [m x d],
 * `layer1.bias` [m], `norm1.gamma` [m] and so on. */
typedef struct rfim_tensor_info {
    char name[48];
    size_t rows;    /* of a vector: its length */
    size_t columns; /* of a vector: 1 */
    int vector;     /* 1: one axis, 0: two */
    int trained;    /* 0: a moving average */
} rfim_tensor_info;

#ifdef __cplusplus
extern "C" {
#endif

/* Makes an activation known to the context, for networks that are created or loaded in it from then
 * on. The struct and its name are copied; its functions and `user` must outlive the context's
 * networks. RFIM_ERROR_ARGUMENT: a name that is taken or not as said above, value or derivative
 * NULL. */
RFIM_API rfim_status rfim_activation_register(rfim_context *context,
                                              const rfim_activation *activation);

RFIM_API void rfim_network_defaults(rfim_network_options *options);
/* text: "784-80-80-10 relu", "784-80-80-10 relu bna", or modules separated by `;`:
 * "input 784; linear 80 relu; batchnorm; linear 10; loss softmax" (docs/networks.md).
 * options NULL: the defaults (single precision, glorot, seed 1). */
RFIM_API rfim_status rfim_network_create(rfim_context *context, const char *text,
                                         const rfim_network_options *options, rfim_network **out);
/* The same for networks that begin by looking at data, as RFIM_INIT_WHITENED does at the inputs of
 * dataset, which other rules do not need (may be NULL). With WHITENED the network computes the same
 * function, up to rounding, whatever units and offsets the inputs come in. */
RFIM_API rfim_status rfim_network_create_for(rfim_context *context, const char *text,
                                             const rfim_network_options *options,
                                             const rfim_dataset *dataset, rfim_network **out);
RFIM_API void rfim_network_free(rfim_network *network);

/* The network's text in its long form; making a network from it gives the same modules. */
RFIM_API const char *rfim_network_text(const rfim_network *network);
RFIM_API rfim_precision rfim_network_precision(const rfim_network *network);
RFIM_API rfim_loss_kind rfim_network_loss(const rfim_network *network);
RFIM_API size_t rfim_network_inputs(const rfim_network *network);
RFIM_API size_t rfim_network_outputs(const rfim_network *network);
/* How many numbers are trained (moving averages are not). */
RFIM_API size_t rfim_network_parameters(const rfim_network *network);

/* How many modules there are, from the inputs to the outputs. */
RFIM_API size_t rfim_network_modules(const rfim_network *network);
/* "layer1", "norm1", "activation1": layers count from 1, the others have the number of the layer
 * before them (0 in front of the first). NULL when there is no module of this index. */
RFIM_API const char *rfim_network_module_name(const rfim_network *network, size_t index);
/* RFIM_ERROR_ARGUMENT, with the nearest name, when there is no such module. */
RFIM_API rfim_status rfim_network_module_find(const rfim_network *network, const char *name,
                                              size_t *index);
/* A module's trained numbers: a layer D x m with D = inputs + 1, batch normalisation 2 x m,
 * an activation 0 x m. */
RFIM_API rfim_status rfim_network_module_shape(const rfim_network *network, size_t index,
                                               size_t *parameter_rows, size_t *outputs);

RFIM_API size_t rfim_network_tensors(const rfim_network *network);
RFIM_API rfim_status rfim_network_tensor_info(const rfim_network *network, size_t index,
                                              rfim_tensor_info *out);
/* values: rows x columns numbers, row-major. */
RFIM_API rfim_status rfim_network_tensor_read(const rfim_network *network, size_t index,
                                              double *values);
/* Not finite numbers are refused. */
RFIM_API rfim_status rfim_network_tensor_write(rfim_network *network, size_t index,
                                               const double *values);

/* Inference for n samples. inputs: [n x d]. outputs: [n x m] row-major: class probabilities
 * (soft-max), probabilities (sigmoid) or values (squared error). */
RFIM_API rfim_status rfim_network_predict(rfim_network *network, rfim_array inputs,
                                          double *outputs);

/* For a network that was trained on standardised inputs (rfim_data_options): changes its first
 * layer so that it computes the same from the inputs as they were. dataset: one of the splits it
 * was trained on. RFIM_ERROR_ARGUMENT: the data are not standardised, or the network does not begin
 * with a linear module. */
RFIM_API rfim_status rfim_network_take_raw_inputs(rfim_network *network,
                                                  const rfim_dataset *dataset);

/* Room for passes of at most max_samples. Nothing is allocated by the passes themselves. */
RFIM_API rfim_status rfim_trace_create(rfim_network *network, size_t max_samples, rfim_trace **out);
RFIM_API void rfim_trace_free(rfim_trace *trace);

/* Training pass over a batch: inputs [n x d], n <= max_samples. Copies the batch. */
RFIM_API rfim_status rfim_trace_forward(rfim_trace *trace, rfim_array inputs);
/* Mean loss of the batch last passed forward; targets: classes [n x 1] int32 or uint8, or values
 * [n x m]; rfim_no_targets(): the inputs themselves. RFIM_DIVERGED when it is not finite. */
RFIM_API rfim_status rfim_trace_loss(rfim_trace *trace, rfim_array targets, double *loss);
/* Gradients of the mean loss. RFIM_DIVERGED, naming the module, when one is not finite. */
RFIM_API rfim_status rfim_trace_backward(rfim_trace *trace);
/* The gradient of tensor `index` as rfim_network_tensor_read would lay it out; moving averages
 * have none (RFIM_ERROR_ARGUMENT). */
RFIM_API rfim_status rfim_trace_gradient(const rfim_trace *trace, size_t index, double *values);

#ifdef __cplusplus
}
#endif
#endif
