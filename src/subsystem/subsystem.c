#include "subsystem/subsystem.h"

#include "core/size.h"
#include "metric/representation.h"
#include "metric/response.h"

#include <math.h>
#include <stdio.h>

/* Numbers that an observation's stacks hold, about: 8 MB in double precision. */
#define PIECE_NUMBERS ((size_t)1 << 20)
#define PIECE_SAMPLES 512

/* Does the module's parameter act as x~ s^T (a layer), or channel by channel? */
static bool is_layer(const rfim__module *module)
{
    return module->table->parameter_rows(module) > 0 && !module->table->elementwise;
}

static rfim_status check_choice(rfim_context *context, const char *what, int value, int count)
{
    if (value >= 0 && value < count)
        return RFIM_OK;
    return rfim__fail(context, RFIM_ERROR_ARGUMENT, "metric: %s is a number from 0 to %d, found %d",
                      what, count - 1, value);
}

static rfim_status check_options(rfim_network *network, const rfim_metric_options *options)
{
    rfim_context *context = network->context;
    rfim_status status = check_choice(context, "the representation", (int)options->representation,
                                      RFIM_REPRESENTATIONS);
    if (status == RFIM_OK)
        status = check_choice(context, "the response", (int)options->response, 3);
    if (status == RFIM_OK)
        status = check_choice(context, "the family", (int)options->family, 4);
    if (status == RFIM_OK)
        status = check_choice(context, "the variable", (int)options->variable, 2);
    if (status == RFIM_OK)
        status = check_choice(context, "the kronecker rule", (int)options->kronecker_rule, 2);
    if (status != RFIM_OK)
        return status;
    if (options->first > options->last || options->last >= network->count)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "metric: the subsystem is modules first to last of %zu (counted from 0), "
                          "found %zu to %zu",
                          network->count, options->first, options->last);
    if (!(options->sigma > 1e-30 && options->sigma < 1e30))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "metric: sigma is the standard deviation of gaussian responses, above 0, "
                          "found %g",
                          options->sigma);
    if (options->max_samples == 0)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "metric: max_samples is at least 1, found 0");
    return RFIM_OK;
}

/* --- the response ----------------------------------------------------------------------------- */

static rfim_status canonical(rfim_network *network, const rfim__module *module,
                             rfim__asked_response *out)
{
    if (rfim__activation_is_increasing(&out->activation))
        return RFIM_OK;
    if (out->activation.kind == RFIM__CUSTOM)
        return rfim__fail(network->context, RFIM_ERROR_UNSUPPORTED,
                          "metric: the response of %s cannot be canonical: its mean `%s` was "
                          "registered without `increasing`, and where it falls nu = f'(t) would be "
                          "negative; take the family gaussian",
                          module->name, rfim__activation_label(&out->activation));
    return rfim__fail(network->context, RFIM_ERROR_UNSUPPORTED,
                      "metric: the response of %s cannot be canonical: its mean f(t) = %s falls "
                      "somewhere, and nu = f'(t) would be negative there; take the family gaussian",
                      module->name, rfim__activation_label(&out->activation));
}

static rfim_status categorical(rfim_network *network, const rfim__module *module,
                               const rfim__asked_response *out)
{
    if (out->activation.kind == RFIM__LINEAR && module->outputs > 1)
        return RFIM_OK;
    return rfim__fail(network->context, RFIM_ERROR_UNSUPPORTED,
                      "metric: the response of %s cannot be categorical: classes are softmax(t) of "
                      "a linear module with two outputs or more, found %zu output%s of `%s`; take "
                      "the family gaussian",
                      module->name, module->outputs, module->outputs == 1 ? "" : "s",
                      rfim__activation_label(&out->activation));
}

rfim_status rfim__subsystem_response(rfim_network *network, size_t module, rfim_family family,
                                     double sigma, rfim__asked_response *out)
{
    const rfim__module *at = &network->modules[module];
    bool is_last = module + 1 == network->count;
    *out = (rfim__asked_response){
        .module = module, .family = family, .activation = at->activation, .sigma = sigma};
    if (is_last && network->loss == RFIM_LOSS_SIGMOID && family != RFIM_FAMILY_GAUSSIAN &&
        family != RFIM_FAMILY_CATEGORICAL) {
        out->activation = rfim__activation_defaults(RFIM__SIGM);
        out->family = RFIM_FAMILY_CANONICAL;
        return RFIM_OK;
    }
    switch (family) {
    case RFIM_FAMILY_PUBLISHED:
        out->family = is_last && network->loss == RFIM_LOSS_SOFTMAX && at->outputs > 1
                          ? RFIM_FAMILY_CATEGORICAL
                          : rfim__family_of(at->activation.kind);
        return RFIM_OK;
    case RFIM_FAMILY_CANONICAL:
        return canonical(network, at, out);
    case RFIM_FAMILY_CATEGORICAL:
        return categorical(network, at, out);
    default:
        return RFIM_OK;
    }
}

/* What the loss is -log p of. */
static rfim_status trained_response(rfim_network *network, const rfim_metric_options *options,
                                    rfim__asked_response *out)
{
    size_t last = network->count - 1;
    if (options->family != RFIM_FAMILY_PUBLISHED)
        return rfim__fail(network->context, RFIM_ERROR_UNSUPPORTED,
                          "metric: the network's response has the family of its loss; leave the "
                          "family out, or ask for the response own or next");
    *out = (rfim__asked_response){.module = last,
                                  .family = RFIM_FAMILY_GAUSSIAN,
                                  .activation = network->modules[last].activation,
                                  .sigma = 1,
                                  .trained = true};
    if (network->loss == RFIM_LOSS_SOFTMAX)
        out->family = RFIM_FAMILY_CATEGORICAL;
    if (network->loss == RFIM_LOSS_SIGMOID) {
        out->family = RFIM_FAMILY_CANONICAL;
        out->activation = rfim__activation_defaults(RFIM__SIGM);
    }
    return RFIM_OK;
}

static rfim_status find_response(rfim__subsystem *subsystem)
{
    rfim_network *network = subsystem->network;
    const rfim_metric_options *options = &subsystem->options;
    size_t module = options->last;
    if (options->response == RFIM_RESPONSE_NETWORK)
        return trained_response(network, options, &subsystem->response);
    if (options->response == RFIM_RESPONSE_NEXT) {
        for (module++; module < network->count && !is_layer(&network->modules[module]); module++)
            ;
        if (module == network->count)
            return rfim__fail(network->context, RFIM_ERROR_UNSUPPORTED,
                              "metric: after %s there is no module with weights, so there is no "
                              "response `next`; take own or network",
                              network->modules[options->last].name);
    }
    return rfim__subsystem_response(network, module, options->family, options->sigma,
                                    &subsystem->response);
}

/* --- the parts -------------------------------------------------------------------------------- */

static rfim_status check_group(rfim__subsystem *subsystem)
{
    rfim_metric_options *options = &subsystem->options;
    const rfim__module *module = &subsystem->network->modules[options->first];
    bool layer = options->first == options->last && options->variable == RFIM_VARIABLE_PARAMETERS;
    if (options->outputs == 0 && options->first_output == 0) {
        options->outputs = layer ? module->outputs : 0;
        return RFIM_OK;
    }
    if (!layer)
        return rfim__fail(subsystem->network->context, RFIM_ERROR_ARGUMENT,
                          "metric: a group of neurons belongs to the parameters of one module; "
                          "take one module, or leave the group out");
    if (options->outputs == 0 && options->first_output < module->outputs)
        options->outputs = module->outputs - options->first_output;
    if (options->first_output >= module->outputs ||
        options->outputs > module->outputs - options->first_output)
        return rfim__fail(subsystem->network->context, RFIM_ERROR_SHAPE,
                          "metric: %s has %zu outputs, found a group of %zu from %zu", module->name,
                          module->outputs, options->outputs, options->first_output);
    return RFIM_OK;
}

static rfim_status find_parts(rfim__subsystem *subsystem)
{
    rfim_network *network = subsystem->network;
    const rfim_metric_options *options = &subsystem->options;
    size_t most = options->last - options->first + 1;
    rfim__shape *shape = &subsystem->shape;
    subsystem->parts = rfim__allocate(network->context, most, sizeof *subsystem->parts);
    if (!subsystem->parts)
        return RFIM_ERROR_MEMORY;
    shape->parts = subsystem->parts;
    for (size_t l = options->first; l <= options->last; l++) {
        const rfim__module *module = &network->modules[l];
        rfim__part *part = &subsystem->parts[shape->count];
        *part = (rfim__part){.kind = is_layer(module) ? RFIM__LAYER : RFIM__CHANNELS,
                             .module = l,
                             .rows = module->table->parameter_rows(module),
                             .columns = module->outputs,
                             .first = shape->order};
        if (options->variable == RFIM_VARIABLE_INPUT)
            *part = (rfim__part){.module = l, .rows = 1, .columns = module->inputs};
        else if (options->first == options->last) {
            part->columns = options->outputs;
            part->first_output = options->first_output;
        }
        size_t numbers = 0;
        if (!rfim__size_multiply(part->rows, part->columns, &numbers) ||
            !rfim__size_add(shape->order, numbers, &shape->order))
            return rfim__fail(network->context, RFIM_ERROR_MEMORY,
                              "metric: %s has more parameters than this machine can address",
                              module->name);
        shape->count += part->rows > 0;
        if (options->variable == RFIM_VARIABLE_INPUT)
            break;
    }
    if (shape->count > 0)
        return RFIM_OK;
    return rfim__fail(network->context, RFIM_ERROR_UNSUPPORTED,
                      "metric: %s has no parameters; take a subsystem that holds a module with "
                      "some",
                      subsystem->name);
}

static void find_name(rfim__subsystem *subsystem)
{
    const rfim_metric_options *options = &subsystem->options;
    const char *first = subsystem->network->modules[options->first].name;
    const char *last = subsystem->network->modules[options->last].name;
    const char *input = options->variable == RFIM_VARIABLE_INPUT ? "the input of " : "";
    if (options->first == options->last)
        snprintf(subsystem->name, sizeof subsystem->name, "%s%s", input, first);
    else
        snprintf(subsystem->name, sizeof subsystem->name, "%s%s ... %s", input, first, last);
}

/* --- the curvature ---------------------------------------------------------------------------- */

/* From the part's pre-activations to the response's, number by number? */
static bool is_elementwise(const rfim__subsystem *subsystem)
{
    const rfim_metric_options *options = &subsystem->options;
    size_t module = subsystem->parts[0].module;
    if (subsystem->shape.count != 1 || options->variable == RFIM_VARIABLE_INPUT)
        return false;
    while (module < subsystem->response.module &&
           subsystem->network->modules[module + 1].table->elementwise)
        module++;
    return module == subsystem->response.module;
}

static rfim__curvature curvature_for(const rfim__subsystem *subsystem,
                                     rfim_representation representation)
{
    const rfim__asked_response *response = &subsystem->response;
    const rfim__part *part = &subsystem->parts[0];
    bool direct = part->module == response->module && is_elementwise(subsystem);
    bool whole = part->kind == RFIM__LAYER &&
                 part->columns == subsystem->network->modules[part->module].outputs;
    if (response->family == RFIM_FAMILY_CATEGORICAL)
        return direct && whole && representation != RFIM_GRAM ? RFIM__CLASSES : RFIM__FACTORS;
    if (!is_elementwise(subsystem))
        return RFIM__FACTORS;
    bool own = subsystem->options.response == RFIM_RESPONSE_OWN;
    bool linear = response->activation.kind == RFIM__LINEAR;
    return direct && (linear || (own && representation == RFIM_SHARED)) ? RFIM__UNIT
                                                                        : RFIM__WEIGHTS;
}

static rfim__shape shape_for(const rfim__subsystem *subsystem, rfim_representation representation)
{
    rfim__shape shape = subsystem->shape;
    const rfim__asked_response *response = &subsystem->response;
    bool unit = response->family == RFIM_FAMILY_CANONICAL &&
                response->activation.kind == RFIM__LINEAR;
    size_t columns = 0;
    for (size_t p = 0; p < shape.count; p++)
        columns += shape.parts[p].columns;
    shape.curvature = curvature_for(subsystem, representation);
    shape.copies = shape.curvature == RFIM__FACTORS
                       ? subsystem->network->modules[response->module].outputs
                       : 1;
    shape.scale = unit ? 1 : 1 / (response->sigma * response->sigma);
    size_t samples = PIECE_NUMBERS / rfim__size_max(1, shape.copies * columns);
    shape.piece = rfim__size_max(1, rfim__size_min(samples, PIECE_SAMPLES));
    shape.max_samples = subsystem->options.max_samples;
    shape.kronecker_rule = subsystem->options.kronecker_rule;
    return shape;
}

static void add_name(char *text, size_t size, size_t *used, rfim_representation representation)
{
    *used += (size_t)snprintf(text + *used, size - *used, "%s%s", *used > 0 ? ", " : "",
                              rfim_representation_name(representation));
}

static rfim_status check_representation(const rfim__subsystem *subsystem)
{
    char exact[128] = "";
    char others[128] = "";
    size_t exact_used = 0;
    size_t others_used = 0;
    if (rfim__representation_holds(subsystem->options.representation, &subsystem->shape))
        return RFIM_OK;
    for (int r = 0; r < RFIM_REPRESENTATIONS; r++) {
        rfim_representation representation = (rfim_representation)r;
        rfim__shape shape = shape_for(subsystem, representation);
        if (!rfim__representation_holds(representation, &shape))
            continue;
        if (rfim__representation_is_exact(representation, &shape))
            add_name(exact, sizeof exact, &exact_used, representation);
        else
            add_name(others, sizeof others, &others_used, representation);
    }
    return rfim__fail(subsystem->network->context, RFIM_ERROR_UNSUPPORTED,
                      "metric: the representation `%s` cannot hold the metric of %s with respect "
                      "to the response `%s`%s; these hold it: %s%s%s",
                      rfim_representation_name(subsystem->options.representation), subsystem->name,
                      rfim_response_name(subsystem->options.response),
                      subsystem->response.family == RFIM_FAMILY_CATEGORICAL ? " (soft-max)" : "",
                      exact, others_used > 0 ? "; and these, approximately: " : "", others);
}

rfim_status rfim__subsystem_resolve(rfim_network *network, const rfim_metric_options *options,
                                    rfim__subsystem *out)
{
    *out = (rfim__subsystem){.network = network, .options = *options};
    rfim_status status = check_options(network, options);
    if (status != RFIM_OK)
        return status;
    find_name(out);
    status = check_group(out);
    if (status == RFIM_OK)
        status = find_response(out);
    if (status == RFIM_OK)
        status = find_parts(out);
    if (status == RFIM_OK) {
        out->shape = shape_for(out, options->representation);
        status = check_representation(out);
    }
    if (status != RFIM_OK)
        rfim__subsystem_release(out);
    return status;
}

void rfim__subsystem_release(rfim__subsystem *subsystem)
{
    rfim__release(subsystem->network->context, subsystem->parts);
    subsystem->parts = NULL;
}
