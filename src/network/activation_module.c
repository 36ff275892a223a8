/* activation_module.c - an activation as a module of its own: h = f(t), t the input, for example
 * after a batch normalisation. It has no parameters, hence no metric. */
#include "network/module.h"

#include <stdio.h>

static rfim_status parse(rfim_context *context, char **words, size_t count, rfim__module *module)
{
    module->outputs = module->inputs;
    if (count == 0)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "network text: `activation` is followed by its name; for example "
                          "`activation relu`");
    return rfim__activation_parse(context, words, count, &module->activation);
}

static void describe(const rfim__module *module, char *text, size_t size)
{
    int used = snprintf(text, size, "activation");
    rfim__activation_describe(&module->activation, text + used, size - (size_t)used);
}

static size_t no_rows(const rfim__module *module)
{
    (void)module;
    return 0;
}

static size_t tensors(const rfim__module *module, rfim__module_tensor out[RFIM__MODULE_TENSORS])
{
    (void)module;
    (void)out;
    return 0;
}

static void initialize(const rfim__module *module, const rfim_network_options *options,
                       rfim__random *random, double *parameters, double *state)
{
    (void)module;
    (void)options;
    (void)random;
    (void)parameters;
    (void)state;
}

static void copy(rfim__algebra *algebra, rfim__matrix x, rfim__matrix y)
{
    algebra->ops.combine(algebra, 1, x, 0, x, y);
}

static void forward(rfim__algebra *algebra, const rfim__module *module, rfim__slot *slot,
                    rfim__mode mode)
{
    (void)mode;
    copy(algebra, rfim__columns(algebra, slot->input, 0, module->inputs), slot->pre);
    rfim__activation_forward(algebra, &module->activation, slot->pre,
                             rfim__columns(algebra, slot->output, 0, module->outputs));
}

/* E <- f'(t) . E */
static void times_derivative(rfim__algebra *algebra, const rfim__module *module,
                             const rfim__slot *slot, rfim__matrix e)
{
    rfim__activation_backward(algebra, &module->activation, slot->pre, e);
}

static void backward(rfim__algebra *algebra, const rfim__module *module, rfim__slot *slot,
                     rfim__matrix input_delta)
{
    times_derivative(algebra, module, slot, slot->delta);
    if (input_delta.data)
        copy(algebra, slot->delta, input_delta);
}

static void tangent(rfim__algebra *algebra, const rfim__module *module, const rfim__slot *slot,
                    rfim__matrix input_tangent, rfim__matrix parameter_tangent,
                    rfim__matrix output_tangent)
{
    (void)parameter_tangent;
    if (!input_tangent.data) {
        algebra->ops.fill(algebra, 0, output_tangent);
        return;
    }
    copy(algebra, input_tangent, output_tangent);
    times_derivative(algebra, module, slot, output_tangent);
}

static void pull_back(rfim__algebra *algebra, const rfim__module *module, const rfim__slot *slot,
                      bool at_pre, rfim__matrix cotangent, rfim__matrix input_cotangent)
{
    if (!at_pre)
        times_derivative(algebra, module, slot, cotangent);
    if (input_cotangent.data)
        copy(algebra, cotangent, input_cotangent);
}

/* M = D' P D', D' = diag f'(t): the columns, then the rows */
static void pull_back_metric(rfim__algebra *algebra, const rfim__module *module,
                             const rfim__slot *slot, size_t sample, rfim__matrix p,
                             rfim__matrix room_p, rfim__matrix room, rfim__matrix m)
{
    (void)room_p;
    (void)room;
    const rfim__activation_kernels *kernels = rfim__activation_kernels_of(algebra);
    rfim__matrix t = rfim__rows(algebra, slot->pre, sample, 1);
    t.rows = module->outputs;
    t.stride = 0; /* the same t for every row */
    copy(algebra, p, m);
    kernels->backward(&module->activation, t, m);
    t.columns = 1;
    t.stride = 1; /* and once a row */
    for (size_t j = 0; j < module->outputs; j++)
        kernels->backward(&module->activation, t, rfim__columns(algebra, m, j, 1));
}

static bool response(const rfim__module *module, const rfim__slot *slot, rfim__response_view *out)
{
    (void)module;
    (void)slot;
    (void)out;
    return false;
}

const rfim__module_table rfim__activation_module = {
    .word = "activation",
    .stem = "activation",
    .elementwise = true,
    .parse = parse,
    .describe = describe,
    .parameter_rows = no_rows,
    .state_rows = no_rows,
    .statistics_rows = no_rows,
    .decayed_rows = no_rows,
    .tensors = tensors,
    .initialize = initialize,
    .forward = forward,
    .backward = backward,
    .average = NULL,
    .tangent = tangent,
    .pull_back = pull_back,
    .pull_back_metric = pull_back_metric,
    .response = response,
};
