#include "network/network.h"

#include "core/size.h"
#include "network/whitened_init.h"

#include <stdio.h>
#include <string.h>

#define LARGEST_SD 1e30 /* single precision ends at 3e38 */

void rfim_network_defaults(rfim_network_options *options)
{
    *options = (rfim_network_options){
        .precision = RFIM_SINGLE, .init = RFIM_INIT_GLOROT, .init_sd = 0.1, .loss = -1, .seed = 1};
}

void rfim__network_lay_out(rfim_network *network, rfim__arena *arena)
{
    for (size_t l = 0; l < network->count; l++) {
        rfim__module *module = &network->modules[l];
        size_t rows = module->table->parameter_rows(module);
        size_t state = module->table->state_rows(module);
        module->parameters = rfim__arena_matrix(arena, network->algebra, rows, module->outputs);
        module->previous = rfim__arena_matrix(arena, network->algebra, rows, module->outputs);
        module->state = rfim__arena_matrix(arena, network->algebra, state, module->outputs);
        module->previous_state = rfim__arena_matrix(arena, network->algebra, state,
                                                    module->outputs);
        module->bias = rfim__arena_matrix(arena, network->algebra, module->whitened ? rows : 0, 1);
    }
}

static rfim_status allocate(rfim_network *network)
{
    rfim__arena arena = {0};
    rfim__network_lay_out(network, &arena);
    if (arena.overflow)
        return rfim__fail(network->context, RFIM_ERROR_MEMORY,
                          "the network `%.200s` has more weights than this machine can address",
                          network->text);
    network->block = rfim__allocate(network->context, arena.used, 1);
    if (!network->block)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = network->block};
    rfim__network_lay_out(network, &arena);
    return RFIM_OK;
}

static rfim_status initialize(rfim_network *network, const rfim_network_options *options)
{
    for (size_t l = 0; l < network->count; l++) {
        rfim__module *module = &network->modules[l];
        size_t rows = module->parameters.rows + module->state.rows;
        double *values = rfim__allocate(network->context, rows * module->outputs, sizeof *values);
        if (!values)
            return RFIM_ERROR_MEMORY;
        rfim__random random = rfim__random_start(options->seed, rfim__stream(RFIM__STREAM_INIT, l));
        double *state = values + module->parameters.rows * module->outputs;
        module->table->initialize(module, options, &random, values, state);
        network->algebra->ops.import(network->algebra, values, module->parameters);
        network->algebra->ops.import(network->algebra, state, module->state);
        rfim__release(network->context, values);
    }
    return RFIM_OK;
}

static rfim_status check_options(rfim_context *context, const rfim_network_options *options)
{
    if (options->precision != RFIM_SINGLE && options->precision != RFIM_DOUBLE)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "network: precision is RFIM_SINGLE or RFIM_DOUBLE, found %d",
                          (int)options->precision);
    if ((int)options->init < 0 || options->init > RFIM_INIT_WHITENED)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "network: init is one of rfim_init_rule, found %d", (int)options->init);
    if (options->init == RFIM_INIT_NORMAL &&
        !(options->init_sd >= 0 && options->init_sd <= LARGEST_SD))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "network: the standard deviation of initial weights is from 0 to %g, "
                          "found %g",
                          LARGEST_SD, options->init_sd);
    if (options->loss < -1 || options->loss > (int)RFIM_LOSS_SQUARED)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "network: loss is one of rfim_loss_kind or -1, found %d", options->loss);
    return RFIM_OK;
}

/* Soft-max and sigmoid are part of their loss: the module below gives them t itself. */
static rfim_status check_loss(rfim_network *network)
{
    const rfim__module *last = &network->modules[network->count - 1];
    if (network->loss == RFIM_LOSS_SQUARED || last->activation.kind == RFIM__LINEAR)
        return RFIM_OK;
    return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                      "network: the loss `%s` wants a linear last module, found `%s`; drop its "
                      "activation, or take the loss `squared`",
                      rfim__loss_name(network->loss), rfim__activation_label(&last->activation));
}

/* options: checked */
static rfim_status outline(rfim_context *context, const char *text,
                           const rfim_network_options *options, rfim_network *network)
{
    network->context = context;
    rfim_status status = rfim__network_parse(context, text, &network->modules, &network->count,
                                             &network->loss);
    if (status != RFIM_OK)
        return status;
    if (options->loss >= 0)
        network->loss = (rfim_loss_kind)options->loss;
    status = check_loss(network);
    if (status == RFIM_OK)
        status = rfim__network_describe(context, network->modules, network->count, network->loss,
                                        &network->text);
    if (status == RFIM_OK)
        status = rfim__algebra_create_cpu(context, options->precision, &network->algebra);
    if (status == RFIM_OK)
        rfim__network_lay_out(network, &(rfim__arena){0});
    return status;
}

rfim_status rfim__network_outline(rfim_context *context, const char *text,
                                  const rfim_network_options *options, rfim_network **out)
{
    *out = NULL;
    rfim_status status = check_options(context, options);
    if (status != RFIM_OK)
        return status;
    rfim_network *network = rfim__allocate(context, 1, sizeof *network);
    if (!network)
        return RFIM_ERROR_MEMORY;
    status = outline(context, text, options, network);
    if (status != RFIM_OK) {
        rfim_network_free(network);
        network = NULL;
    }
    *out = network;
    return status;
}

rfim_status rfim_network_create(rfim_context *context, const char *text,
                                const rfim_network_options *options, rfim_network **out)
{
    return rfim_network_create_for(context, text, options, NULL, out);
}

rfim_status rfim_network_create_for(rfim_context *context, const char *text,
                                    const rfim_network_options *options,
                                    const rfim_dataset *dataset, rfim_network **out)
{
    rfim_network_options settings;
    rfim_network_defaults(&settings);
    if (options)
        settings = *options;
    rfim_status status = rfim__network_outline(context, text, &settings, out);
    if (status != RFIM_OK)
        return status;
    bool whitens = settings.init == RFIM_INIT_WHITENED;
    if (whitens && !dataset)
        status = rfim__fail(context, RFIM_ERROR_ARGUMENT,
                            "init whitened looks at the inputs of data, and there are none; give "
                            "a data set to rfim_network_create_for, or take glorot");
    if (status == RFIM_OK)
        status = allocate(*out);
    if (status == RFIM_OK)
        status = initialize(*out, &settings);
    if (status == RFIM_OK && whitens)
        status = rfim__whitened_init(*out, dataset, settings.seed);
    if (status != RFIM_OK) {
        rfim_network_free(*out);
        *out = NULL;
    }
    return status;
}

void rfim_network_free(rfim_network *network)
{
    if (!network)
        return;
    rfim_context *context = network->context;
    rfim__algebra_free(network->algebra);
    rfim__release(context, network->modules);
    rfim__release(context, network->block);
    rfim__release(context, network->text);
    rfim__release(context, network);
}

const char *rfim_network_text(const rfim_network *network)
{
    return network->text;
}

rfim_precision rfim_network_precision(const rfim_network *network)
{
    return network->algebra->precision;
}

rfim_loss_kind rfim_network_loss(const rfim_network *network)
{
    return network->loss;
}

size_t rfim_network_inputs(const rfim_network *network)
{
    return network->modules[0].inputs;
}

size_t rfim_network_outputs(const rfim_network *network)
{
    return network->modules[network->count - 1].outputs;
}

size_t rfim_network_parameters(const rfim_network *network)
{
    size_t sum = 0;
    for (size_t l = 0; l < network->count; l++)
        sum += network->modules[l].parameters.rows * network->modules[l].outputs;
    return sum;
}

double rfim__network_half_squares(rfim_network *network)
{
    double sum = 0;
    for (size_t l = 0; l < network->count; l++) {
        rfim__module *module = &network->modules[l];
        rfim__matrix weights = rfim__rows(network->algebra, module->parameters, 0,
                                          module->table->decayed_rows(module));
        sum += network->algebra->ops.dot(network->algebra, weights, weights);
    }
    return sum / 2;
}
