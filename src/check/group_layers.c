/* group_layers.c - the metric of one module in every way that the oracle knows. */
#include "check/oracle_of.h"

static const struct row {
    const char *name;
    const char *text;
    size_t first, last, first_output, outputs;
    rfim_variable variable;
    rfim_response response;
    rfim_family family;
    double sigma;
} rows[] = {
#define NEURON(f)                                                                                  \
    {                                                                                              \
        .name = "one neuron, " #f, .text = "input 3; linear 3 " #f "; linear 2; loss squared",     \
        .first_output = 1, .outputs = 1                                                            \
    }
    NEURON(linear),
    NEURON(relu),
    NEURON(elu),
    NEURON(tanh),
    NEURON(sigm),
    NEURON(gelu),
    NEURON(silu),
    NEURON(softplus),
    NEURON(sin),
    {.name = "one neuron, tanh, gaussian",
     .text = "input 3; linear 3 tanh; linear 2; loss squared",
     .outputs = 1,
     .family = RFIM_FAMILY_GAUSSIAN,
     .sigma = .6},
    {.name = "one neuron, elu, canonical",
     .text = "input 3; linear 3 elu; linear 2; loss squared",
     .outputs = 1,
     .family = RFIM_FAMILY_CANONICAL},
    {.name = "two neurons of four, sigm",
     .text = "input 3; linear 4 sigm; linear 2; loss squared",
     .first_output = 1,
     .outputs = 2},
    {.name = "linear layer, sigma 0.7",
     .text = "input 3; linear 3; linear 2; loss squared",
     .sigma = .7},
    {.name = "non-linear layer, tanh", .text = "input 3; linear 3 tanh; linear 2; loss squared"},
    {.name = "non-linear layer, elu", .text = "input 3; linear 3 elu; linear 2; loss squared"},
    {.name = "non-linear layer, relu", .text = "input 3; linear 3 relu; linear 2; loss squared"},
    {.name = "soft-max layer", .text = "input 3; linear 4; loss softmax"},
    {.name = "sigmoid-loss layer", .text = "input 3; linear 3; loss sigmoid"},
    {.name = "layer, response next",
     .text = "input 3; linear 3 elu; linear 2 tanh; linear 2; loss squared",
     .response = RFIM_RESPONSE_NEXT},
    {.name = "layer, response network",
     .text = "input 3; linear 3 tanh; linear 3 sigm; linear 3; loss softmax",
     .response = RFIM_RESPONSE_NETWORK},
    {.name = "norm after activation, own",
     .text = "input 3; linear 3 tanh; batchnorm; linear 2; loss squared",
     .first = 1,
     .last = 1,
     .sigma = .8},
    {.name = "norm after activation, next",
     .text = "input 3; linear 3 elu; batchnorm; linear 2 sigm; linear 2; loss squared",
     .first = 1,
     .last = 1,
     .response = RFIM_RESPONSE_NEXT},
    {.name = "norm after act., network",
     .text = "input 3; linear 3 tanh; batchnorm; linear 3; loss softmax",
     .first = 1,
     .last = 1,
     .response = RFIM_RESPONSE_NETWORK},
    {.name = "norm before activation, own",
     .text = "input 3; linear 3; batchnorm; activation elu; linear 2; loss squared",
     .first = 1,
     .last = 2},
    {.name = "norm before activation, next",
     .text = "input 3; linear 3; batchnorm; activation tanh; linear 2; loss squared",
     .first = 1,
     .last = 2,
     .response = RFIM_RESPONSE_NEXT},
    {.name = "layer, norm and activation",
     .text = "input 3; linear 3; batchnorm; activation sigm; linear 2; loss squared",
     .last = 2},
    {.name = "input of a tanh layer",
     .text = "input 4; linear 3 tanh; linear 2; loss squared",
     .variable = RFIM_VARIABLE_INPUT},
    {.name = "input of the soft-max layer",
     .text = "input 3; linear 4 elu; linear 3; loss softmax",
     .first = 1,
     .last = 1,
     .variable = RFIM_VARIABLE_INPUT},
    {.name = "input, response network",
     .text = "input 3; linear 4 silu; linear 3 tanh; linear 3; loss sigmoid",
     .variable = RFIM_VARIABLE_INPUT,
     .response = RFIM_RESPONSE_NETWORK},
};

void rfim__check_layers(rfim__check *check)
{
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        const struct row *row = &rows[r];
        if (!rfim__check_begin(check, "%s", row->name))
            return;
        rfim__toy *s = rfim__toy_create(check, row->text, RFIM_DOUBLE, RFIM__TOY_PLAIN, 5);
        rfim_metric_options options = rfim__toy_options(row->first, row->last);
        options.first_output = row->first_output;
        options.outputs = row->outputs;
        options.variable = row->variable;
        options.response = row->response;
        options.family = row->family;
        options.sigma = row->sigma > 0 ? row->sigma : 1;
        rfim__check_by_oracle(check, s, &options, RFIM__BY_ALL);
    }
}
