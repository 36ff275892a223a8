#include "check/specimens.h"

#include "check/oracle/dense.h"
#include "check/oracle_of.h"

#include <math.h>
#include <string.h>

#define HELD(r) (1u << RFIM_##r)
#define BY_ALL (HELD(DENSE) | HELD(DIAGONAL) | HELD(GRAM))
#define BY_LAYERS (BY_ALL | HELD(NEURON) | HELD(KRONECKER))

const rfim__specimen rfim__specimens[] = {
    {.name = "linear layer, n < D",
     .text = "input 6; linear 4; linear 2; loss squared",
     .sigma = .7,
     .data = RFIM__TOY_HARSH,
     .samples = 5,
     .held_by = BY_LAYERS | HELD(SHARED)},
    {.name = "non-linear layer, n > D",
     .text = "input 6; linear 4 elu; linear 2; loss squared",
     .sigma = .7,
     .samples = 12,
     .held_by = BY_LAYERS | HELD(SHARED)},
    {.name = "soft-max layer",
     .text = "input 5; linear 3; loss softmax",
     .sigma = 1,
     .samples = 5,
     .held_by = BY_LAYERS | HELD(SOFTMAX)},
    {.name = "two layers",
     .text = "input 3; linear 4 tanh; linear 3; loss softmax",
     .last = 1,
     .sigma = 1,
     .samples = 6,
     .held_by = BY_ALL},
    {.name = "batch norm",
     .text = "input 3; linear 4 tanh; batchnorm; linear 2; loss squared",
     .first = 1,
     .last = 1,
     .sigma = .7,
     .samples = 6,
     .held_by = BY_ALL | HELD(NEURON)},
    {.name = "layer, response network",
     .text = "input 4; linear 4 sigm; linear 3; loss softmax",
     .response = RFIM_RESPONSE_NETWORK,
     .sigma = 1,
     .samples = 9,
     .held_by = BY_LAYERS},
    {.name = "input of a layer",
     .text = "input 5; linear 4 tanh; linear 2; loss squared",
     .variable = RFIM_VARIABLE_INPUT,
     .sigma = 1,
     .samples = 4,
     .held_by = BY_LAYERS},
    {.name = "wide layer",
     .text = "input 30; linear 6 relu; linear 2; loss squared",
     .sigma = 1,
     .samples = 50,
     .held_by = BY_LAYERS | HELD(SHARED),
     .thorough = true},
    {.name = "wide soft-max layer",
     .text = "input 20; linear 6; loss softmax",
     .sigma = 1,
     .data = RFIM__TOY_HARSH,
     .samples = 12,
     .held_by = BY_LAYERS | HELD(SOFTMAX),
     .thorough = true},
    {.name = "whole network",
     .text = "input 5; linear 6 tanh; batchnorm; linear 5 elu; linear 4; loss softmax",
     .last = 3,
     .response = RFIM_RESPONSE_NETWORK,
     .sigma = 1,
     .samples = 20,
     .held_by = BY_ALL,
     .thorough = true},
};
const size_t rfim__specimens_count = sizeof rfim__specimens / sizeof rfim__specimens[0];

bool rfim__specimen_is_for(const rfim__check *check, const rfim__specimen *specimen,
                           rfim_representation representation)
{
    return (specimen->held_by >> representation & 1) &&
           (!specimen->thorough || check->options->thorough);
}

rfim__toy *rfim__specimen_create(rfim__check *check, const rfim__specimen *specimen,
                                 rfim_precision precision)
{
    return rfim__toy_create(check, specimen->text, precision, specimen->data, specimen->samples);
}

rfim_metric_options rfim__specimen_options(const rfim__specimen *specimen,
                                           rfim_representation representation)
{
    rfim_metric_options options = rfim__toy_options(specimen->first, specimen->last);
    options.variable = specimen->variable;
    options.response = specimen->response;
    options.sigma = specimen->sigma;
    options.representation = representation;
    options.max_samples = specimen->samples;
    return options;
}

size_t rfim__specimen_rows(const rfim__toy *toy, const rfim__specimen *specimen)
{
    return specimen->variable == RFIM_VARIABLE_INPUT ? 1 : rfim__toy_rows(toy, specimen->first);
}

/* Keeps the entries of g within blocks of `rows` along the diagonal. */
static void keep_blocks(double *g, size_t order, size_t rows)
{
    for (size_t p = 0; p < order; p++)
        for (size_t q = 0; q < order; q++)
            if (p / rows != q / rows)
                g[p * order + q] = 0;
}

/* g <- (mean of P_i) (x) (mean of x~_i x~_i^T). The last reference is the one, so that the entries
 * of the biases are the mean of P_i. The specimen is of module 0. */
static bool product_of_means(rfim__toy *toy, size_t rows, double *g, size_t order)
{
    size_t m = order / rows;
    double *a = rfim__check_numbers(toy->check, m * m);
    double *b = rfim__check_numbers(toy->check, rows * rows);
    if (!a || !b)
        return false;
    for (size_t j = 0; j < m; j++)
        for (size_t k = 0; k < m; k++)
            a[j * m + k] = g[(j * rows + rows - 1) * order + k * rows + rows - 1];
    for (size_t i = 0; i < toy->samples; i++)
        for (size_t k = 0; k < rows; k++)
            for (size_t l = 0; l < rows; l++)
                b[k * rows + l] += (k + 1 < rows ? toy->x[i * toy->inputs + k] : 1) *
                                   (l + 1 < rows ? toy->x[i * toy->inputs + l] : 1) /
                                   (double)toy->samples;
    rfim__oracle_kronecker(a, m, b, rows, g);
    return true;
}

double *rfim__specimen_expected(rfim__toy *toy, const rfim__specimen *specimen,
                                rfim_representation representation)
{
    rfim_metric_options options = rfim__specimen_options(specimen, representation);
    rfim__oracle_problem problem;
    if (!toy || !rfim__oracle_problem_of(toy, &options, &problem))
        return NULL;
    if (representation == RFIM_SHARED) /* it takes the layer for a linear one */
        problem.response.mean = (rfim__oracle_activation){.function = RFIM__ORACLE_IDENTITY};
    double *g = rfim__oracle_metric(toy->check, &problem);
    size_t rows = rfim__specimen_rows(toy, specimen);
    if (!g)
        return NULL;
    if (representation == RFIM_NEURON || representation == RFIM_DIAGONAL)
        keep_blocks(g, problem.order, representation == RFIM_NEURON ? rows : 1);
    if (representation == RFIM_KRONECKER && !product_of_means(toy, rows, g, problem.order))
        return NULL;
    return g;
}
