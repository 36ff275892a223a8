/* subject.c - small networks in double precision with their Fisher information matrices, written
 * into a folder for fim.py, which computes the same by automatic differentiation.
 *
 *   subject FOLDER
 *
 * For each case: N.model.safetensors, N.inputs, N.targets, N.metric, N.scores, ... as text. */
#include <rfim/rfim.h>
#include <stdio.h>
#include <stdlib.h>

#define SAMPLES 5

/* Batch normalisation and relu come before other modules as well as at the end. */
static const char *const texts[] = {
    "input 4; linear 5 tanh; linear 4 elu alpha=1.5; linear 3; loss softmax",
    "input 3; linear 4 relu iota=0.1; batchnorm; linear 4 gelu; linear 3; loss sigmoid",
    "input 3; linear 4; batchnorm; activation silu; linear 3; linear 2; loss squared",
    "input 2; linear 5 sin; linear 4 softplus omega=0.5; linear 3 sigm; linear 4",
    "input 3; linear 4 tanh; linear 2 tanh; loss squared",
};

static const rfim_fim_expression expressions[] = {RFIM_FIM_METRIC,   RFIM_FIM_SCORES,
                                                  RFIM_FIM_HESSIAN,  RFIM_FIM_ROOTS,
                                                  RFIM_FIM_OBSERVED, RFIM_FIM_EMPIRICAL};

static uint64_t state = 20261123;

/* Uniform in [-1, 1), by a linear congruential generator. */
static double uniform(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) * 0x1p-52 - 1;
}

static int write_numbers(const char *folder, size_t number, const char *name, const double *values,
                         size_t rows, size_t columns)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%zu.%s", folder, number, name);
    FILE *file = fopen(path, "w");
    if (!file)
        return 0;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            fprintf(file, "%.17g%c", values[i * columns + j], j + 1 < columns ? ' ' : '\n');
    return fclose(file) == 0;
}

/* All parameters, and moving averages away from 0 and 1. */
static rfim_status shuffle(rfim_network *network)
{
    double values[64];
    rfim_tensor_info info;
    rfim_status status = RFIM_OK;
    for (size_t t = 0; t < rfim_network_tensors(network) && status == RFIM_OK; t++) {
        status = rfim_network_tensor_info(network, t, &info);
        for (size_t i = 0; i < info.rows * info.columns; i++)
            values[i] = info.trained ? uniform() : 0.6 + 0.4 * uniform();
        if (status == RFIM_OK)
            status = rfim_network_tensor_write(network, t, values);
    }
    return status;
}

static rfim_status write_case(rfim_context *context, const char *folder, size_t number)
{
    rfim_network_options options;
    rfim_network *network = NULL;
    double inputs[SAMPLES * 4];
    double targets[SAMPLES * 4];
    int32_t classes[SAMPLES];
    char path[512];
    rfim_network_defaults(&options);
    options.precision = RFIM_DOUBLE;
    rfim_status status = rfim_network_create(context, texts[number], &options, &network);
    if (status != RFIM_OK)
        return status;
    size_t d = rfim_network_inputs(network);
    size_t m = rfim_network_outputs(network);
    size_t order = rfim_network_parameters(network);
    int has_classes = rfim_network_loss(network) == RFIM_LOSS_SOFTMAX;
    double *matrix = malloc(order * order * sizeof *matrix);
    for (size_t i = 0; i < SAMPLES * d; i++)
        inputs[i] = 1.5 * uniform();
    for (size_t i = 0; i < SAMPLES; i++) {
        classes[i] = (int32_t)(i % m);
        for (size_t j = 0; j < m; j++)
            targets[i * m + j] = uniform() > 0 ? 1 : 0;
        if (has_classes)
            targets[i] = classes[i];
    }
    rfim_array y = has_classes ? rfim_labels(classes, SAMPLES) : rfim_doubles(targets, SAMPLES, m);
    snprintf(path, sizeof path, "%s/%zu.model.safetensors", folder, number);
    status = matrix ? shuffle(network) : RFIM_ERROR_MEMORY;
    if (status == RFIM_OK)
        status = rfim_network_save(network, path);
    int written = write_numbers(folder, number, "inputs", inputs, SAMPLES, d) &&
                  write_numbers(folder, number, "targets", targets, SAMPLES, has_classes ? 1 : m);
    for (size_t e = 0; e < sizeof expressions / sizeof *expressions && status == RFIM_OK; e++) {
        status = rfim_fim(network, rfim_doubles(inputs, SAMPLES, d), y, expressions[e], NULL,
                          matrix, NULL);
        written = written && write_numbers(folder, number, rfim_fim_expression_name(expressions[e]),
                                           matrix, order, order);
    }
    free(matrix);
    rfim_network_free(network);
    return status == RFIM_OK && !written ? RFIM_ERROR_IO : status;
}

int main(int argc, char **argv)
{
    rfim_context *context = NULL;
    if (argc != 2)
        return 2;
    rfim_status status = rfim_context_create(NULL, &context);
    for (size_t number = 0; number < sizeof texts / sizeof *texts && status == RFIM_OK; number++)
        status = write_case(context, argv[1], number);
    if (status != RFIM_OK)
        fprintf(stderr, "subject: %s: %s\n", rfim_status_name(status),
                context ? rfim_context_error(context) : "no context");
    rfim_context_free(context);
    return rfim_status_exit(status);
}
