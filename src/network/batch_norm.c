/* batch_norm.c - batch normalisation as a module; formulas: batch_norm.h.
 *
 * The moving averages start at mean 0 and variance 1 and follow the training pass:
 * average <- decay average + (1 - decay) of the batch. The RFIM of gamma and beta with respect to
 * the module's own gaussian output is the identity up to eps (docs/mathematics.md, section 4.4):
 * their plain gradient is the natural one. In metrics and tangents the batch's statistics are
 * references (constants). */
#include "network/batch_norm.h"

#include <stdio.h>
#include <string.h>

#define EPS 1e-3
#define DECAY .999

static const rfim__batch_norm_kernels *kernels_of(const rfim__algebra *algebra)
{
    return RFIM__PICK_VARIANT(rfim__batch_norm, algebra->context->kernels, algebra->precision);
}

static rfim_status parse(rfim_context *context, char **words, size_t count, rfim__module *module)
{
    module->outputs = module->inputs;
    module->eps = EPS;
    module->decay = DECAY;
    for (size_t w = 0; w < count; w++) {
        char key[16];
        double value = 0;
        bool read = rfim__parse_setting(words[w], key, sizeof key, &value);
        if (read && strcmp(key, "eps") == 0 && value > 0 && value < 1e6)
            module->eps = value;
        else if (read && strcmp(key, "decay") == 0 && value >= 0 && value < 1)
            module->decay = value;
        else
            return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                              "network text: `%.40s` is no setting of `batchnorm`; it takes eps "
                              "(above 0) and decay (0 to below 1)",
                              words[w]);
    }
    return RFIM_OK;
}

static void describe(const rfim__module *module, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "batchnorm");
    if (module->eps != EPS)
        rfim__setting_append(text, size, &used, "eps", module->eps);
    if (module->decay != DECAY)
        rfim__setting_append(text, size, &used, "decay", module->decay);
}

static size_t two_rows(const rfim__module *module)
{
    (void)module;
    return 2;
}

static size_t statistics_rows(const rfim__module *module)
{
    (void)module;
    return RFIM__NORM_ROWS;
}

static size_t decayed_rows(const rfim__module *module)
{
    (void)module;
    return 0;
}

static size_t tensors(const rfim__module *module, rfim__module_tensor out[RFIM__MODULE_TENSORS])
{
    (void)module;
    out[0] = (rfim__module_tensor){"gamma", true, 0, 1, true, false};
    out[1] = (rfim__module_tensor){"beta", true, 1, 1, true, false};
    out[2] = (rfim__module_tensor){"moving_mean", false, 0, 1, true, false};
    out[3] = (rfim__module_tensor){"moving_variance", false, 1, 1, true, true};
    return 4;
}

static void initialize(const rfim__module *module, const rfim_network_options *options,
                       rfim__random *random, double *parameters, double *state)
{
    (void)options;
    (void)random;
    size_t m = module->outputs;
    for (size_t j = 0; j < m; j++) {
        parameters[j] = 1;
        parameters[m + j] = 0;
        state[j] = 0;
        state[m + j] = 1;
    }
}

static void forward(rfim__algebra *algebra, const rfim__module *module, rfim__slot *slot,
                    rfim__mode mode)
{
    const rfim__batch_norm_kernels *kernels = kernels_of(algebra);
    rfim__matrix x = rfim__columns(algebra, slot->input, 0, module->inputs);
    if (mode == RFIM__TRAIN)
        kernels->measure(x, module->eps, slot->statistics);
    else
        kernels->recall(module->state, module->eps, slot->statistics);
    kernels->normalise(x, slot->statistics, module->parameters, slot->pre,
                       rfim__columns(algebra, slot->output, 0, module->outputs));
}

static void backward(rfim__algebra *algebra, const rfim__module *module, rfim__slot *slot,
                     rfim__matrix input_delta)
{
    const rfim__batch_norm_kernels *kernels = kernels_of(algebra);
    kernels->gradient(slot->pre, slot->delta, slot->gradient);
    if (input_delta.data)
        kernels->backward(slot->pre, slot->delta, slot->statistics, module->parameters,
                          slot->gradient, input_delta);
}

static void average(rfim__algebra *algebra, rfim__module *module, const rfim__slot *slot)
{
    algebra->ops.combine(algebra, module->decay, module->state, 1 - module->decay,
                         rfim__rows(algebra, slot->statistics, RFIM__NORM_MEAN, 2),
                         module->previous_state);
}

static void tangent(rfim__algebra *algebra, const rfim__module *module, const rfim__slot *slot,
                    rfim__matrix input_tangent, rfim__matrix parameter_tangent,
                    rfim__matrix output_tangent)
{
    kernels_of(algebra)->tangent(slot->pre, slot->statistics, module->parameters, input_tangent,
                                 parameter_tangent, output_tangent);
}

/* The Jacobian at constant statistics is diagonal: it is its own transpose. */
static void pull_back(rfim__algebra *algebra, const rfim__module *module, const rfim__slot *slot,
                      bool at_pre, rfim__matrix cotangent, rfim__matrix input_cotangent)
{
    (void)at_pre;
    rfim__matrix still = {0};
    if (input_cotangent.data)
        kernels_of(algebra)->tangent(slot->pre, slot->statistics, module->parameters, cotangent,
                                     still, input_cotangent);
}

static void pull_back_metric(rfim__algebra *algebra, const rfim__module *module,
                             const rfim__slot *slot, size_t sample, rfim__matrix p,
                             rfim__matrix room_p, rfim__matrix room, rfim__matrix m)
{
    (void)sample;
    (void)room_p;
    (void)room;
    kernels_of(algebra)->pull_back(slot->statistics, module->parameters, p, m);
}

static bool response(const rfim__module *module, const rfim__slot *slot, rfim__response_view *out)
{
    (void)module;
    (void)slot;
    (void)out;
    return false;
}

const rfim__module_table rfim__batch_norm_module = {
    .word = "batchnorm",
    .stem = "norm",
    .elementwise = true,
    .parse = parse,
    .describe = describe,
    .parameter_rows = two_rows,
    .state_rows = two_rows,
    .statistics_rows = statistics_rows,
    .decayed_rows = decayed_rows,
    .tensors = tensors,
    .initialize = initialize,
    .forward = forward,
    .backward = backward,
    .average = average,
    .tangent = tangent,
    .pull_back = pull_back,
    .pull_back_metric = pull_back_metric,
    .response = response,
};
