/* linear.c - a layer: t = x~ W, h = f(t).
 *
 * W: [D x m], D = d+1, column j is w_j of neuron j, the last row the biases. With
 * e = d(sum of losses)/dh: delta = f'(t) . e, gradient of the mean loss = x~^T delta / n,
 * e of the input = delta W0^T, W0 = W without its bias row. 6 n D m flops forward and backward. */
#include "algebra/ragged.h"
#include "network/module.h"

#include <math.h>
#include <stdio.h>

static rfim_status parse(rfim_context *context, char **words, size_t count, rfim__module *module)
{
    if (count == 0 || !rfim__parse_width(words[0], &module->outputs))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "network text: `linear` is followed by its number of outputs, 1 to %d, "
                          "found `%.40s`; for example `linear 80 relu`",
                          RFIM__WIDEST, count > 0 ? words[0] : "nothing");
    return rfim__activation_parse(context, words + 1, count - 1, &module->activation);
}

static void describe(const rfim__module *module, char *text, size_t size)
{
    int used = snprintf(text, size, "linear %zu", module->outputs);
    if (module->activation.kind != RFIM__LINEAR)
        rfim__activation_describe(&module->activation, text + used, size - (size_t)used);
}

static size_t parameter_rows(const rfim__module *module)
{
    return module->inputs + 1;
}

static size_t no_rows(const rfim__module *module)
{
    (void)module;
    return 0;
}

static size_t decayed_rows(const rfim__module *module)
{
    return module->inputs;
}

static size_t tensors(const rfim__module *module, rfim__module_tensor out[RFIM__MODULE_TENSORS])
{
    out[0] = (rfim__module_tensor){"weight", true, 0, module->inputs, false, false};
    out[1] = (rfim__module_tensor){"bias", true, module->inputs, 1, true, false};
    return 2;
}

/* glorot as in the authors' experiments: one bound for the whole D x m matrix, bias row included.
 * Drawn row by row, weights first, so that the draw does not depend on the precision. */
static void initialize(const rfim__module *module, const rfim_network_options *options,
                       rfim__random *random, double *parameters, double *state)
{
    (void)state;
    size_t d = module->inputs;
    size_t m = module->outputs;
    /* whitened: the first layer is drawn anew (whitened_init.h) */
    bool uniform = options->init == RFIM_INIT_GLOROT || options->init == RFIM_INIT_WHITENED;
    double bound = sqrt(6.0 / (double)(d + 1 + m));
    double sd = options->init == RFIM_INIT_HE ? sqrt(2.0 / (double)d) : options->init_sd;
    for (size_t k = 0; k <= d; k++) {
        for (size_t j = 0; j < m; j++) {
            double *w = parameters + k * m + j;
            if (uniform)
                *w = bound * (2 * rfim__random_uniform(random) - 1);
            else
                *w = k < d ? sd * rfim__random_normal(random) : 0;
        }
    }
}

static void forward(rfim__algebra *algebra, const rfim__module *module, rfim__slot *slot,
                    rfim__mode mode)
{
    (void)mode;
    rfim__ragged_multiply(algebra, slot->input, slot->firsts, module->parameters, slot->pre);
    rfim__activation_forward(algebra, &module->activation, slot->pre,
                             rfim__columns(algebra, slot->output, 0, module->outputs));
}

static void backward(rfim__algebra *algebra, const rfim__module *module, rfim__slot *slot,
                     rfim__matrix input_delta)
{
    rfim__activation_backward(algebra, &module->activation, slot->pre, slot->delta);
    if (input_delta.data)
        algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1, slot->delta,
                          rfim__rows(algebra, module->parameters, 0, module->inputs), 0,
                          input_delta);
}

/* dh = f'(t) . (dx W0 + x~ dW) */
static void tangent(rfim__algebra *algebra, const rfim__module *module, const rfim__slot *slot,
                    rfim__matrix input_tangent, rfim__matrix parameter_tangent,
                    rfim__matrix output_tangent)
{
    double keep = 0;
    if (input_tangent.data) {
        algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, input_tangent,
                          rfim__rows(algebra, module->parameters, 0, module->inputs), 0,
                          output_tangent);
        keep = 1;
    }
    if (parameter_tangent.data) {
        algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__PLAIN, 1, slot->input, parameter_tangent,
                          keep, output_tangent);
        keep = 1;
    }
    if (keep == 0)
        algebra->ops.fill(algebra, 0, output_tangent);
    rfim__activation_backward(algebra, &module->activation, slot->pre, output_tangent);
}

static void pull_back(rfim__algebra *algebra, const rfim__module *module, const rfim__slot *slot,
                      bool at_pre, rfim__matrix cotangent, rfim__matrix input_cotangent)
{
    if (!at_pre)
        rfim__activation_backward(algebra, &module->activation, slot->pre, cotangent);
    if (input_cotangent.data)
        algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1, cotangent,
                          rfim__rows(algebra, module->parameters, 0, module->inputs), 0,
                          input_cotangent);
}

/* M = W0 D' P D' W0^T, D' = diag f'(t) (docs/mathematics.md, section 4.3), as W0 (P D')^T =
 * W0 D' P, once more times D'. */
static void pull_back_metric(rfim__algebra *algebra, const rfim__module *module,
                             const rfim__slot *slot, size_t sample, rfim__matrix p,
                             rfim__matrix room_p, rfim__matrix room, rfim__matrix m)
{
    const rfim__activation_kernels *kernels = rfim__activation_kernels_of(algebra);
    rfim__matrix w0 = rfim__rows(algebra, module->parameters, 0, module->inputs);
    rfim__matrix t = rfim__rows(algebra, slot->pre, sample, 1);
    t.stride = 0; /* the same t for every row */
    t.rows = module->outputs;
    algebra->ops.combine(algebra, 1, p, 0, p, room_p);
    kernels->backward(&module->activation, t, room_p);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1, w0, room_p, 0, room);
    t.rows = module->inputs;
    kernels->backward(&module->activation, t, room);
    algebra->ops.gemm(algebra, RFIM__PLAIN, RFIM__TRANSPOSED, 1, room, w0, 0, m);
}

static bool response(const rfim__module *module, const rfim__slot *slot, rfim__response_view *out)
{
    *out = (rfim__response_view){slot->input, slot->pre, module->activation};
    return true;
}

const rfim__module_table rfim__linear_module = {
    .word = "linear",
    .stem = "layer",
    .parse = parse,
    .describe = describe,
    .parameter_rows = parameter_rows,
    .state_rows = no_rows,
    .statistics_rows = no_rows,
    .decayed_rows = decayed_rows,
    .tensors = tensors,
    .initialize = initialize,
    .product = true,
    .forward = forward,
    .backward = backward,
    .average = NULL,
    .tangent = tangent,
    .pull_back = pull_back,
    .pull_back_metric = pull_back_metric,
    .response = response,
};
