/* spectrum.c - the spectrum of every layer's metric. usage: spectrum [MODEL.safetensors]
 *
 * Without a model it trains a small network on the built-in digits for two epochs. The metric is
 * that of the layer's own response, over 500 digits. */
#include <rfim/rfim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends at `done` with the first status that is not RFIM_OK. */
#define TRY(call)                                                                                  \
    if ((status = (call)) != RFIM_OK)                                                              \
    goto done

static int failures; /* figures that cannot be */

static rfim_status look(rfim_network *network, const rfim_dataset *digits, size_t module)
{
    rfim_metric *metric = NULL;
    rfim_metric_options options;
    rfim_metric_plan plan;
    double *values = NULL, sum, rank;
    rfim_status status;
    rfim_metric_defaults(&options);
    options.first = options.last = module;
    TRY(rfim_metric_plan_get(network, &options, &plan));
    /* Every entry, the default, would be slow: neuron by neuron, or one block for all. */
    if (plan.order > 1000)
        options.representation = plan.order <= 10000 ? RFIM_NEURON : RFIM_SHARED;
    TRY(rfim_metric_create(network, &options, &metric));
    TRY(rfim_metric_observe_dataset(metric, digits, 0));
    values = malloc(plan.order * sizeof *values);
    TRY(values ? RFIM_OK : RFIM_ERROR_MEMORY);
    TRY(rfim_metric_spectrum(metric, values));
    TRY(rfim_metric_metric_trace(metric, &sum));
    TRY(rfim_metric_effective_rank(metric, &rank));
    printf("%-10s %-9s %7zu %10.3e %10.3e %8.1f\n", rfim_network_module_name(network, module),
           rfim_representation_name(options.representation), plan.order, values[0],
           values[plan.order - 1], rank);
    /* The largest eigenvalue is at most the trace; the least is not negative but for rounding. */
    failures += !(values[0] <= sum * 1.0001 && values[plan.order - 1] > -1e-4 * values[0]);
done:
    free(values);
    rfim_metric_free(metric);
    return status;
}

int main(int argc, char **argv)
{
    rfim_context *context = NULL;
    rfim_network *network = NULL;
    rfim_splits splits = {0};
    rfim_options options;
    rfim_status status;
    rfim_options_defaults(&options);
    strcpy(options.data.where, "digits:2000/500/0");
    options.train.epochs = 2;
    TRY(rfim_context_create(NULL, &context));
    TRY(rfim_splits_open(context, &options.data, &splits));
    TRY(argc > 1 ? rfim_network_load(context, argv[1], &network)
                 : rfim_network_create(context, "784-20-20-10 relu", &options.init, &network));
    TRY(argc > 1 ? RFIM_OK : rfim_train(network, &splits, &options, NULL, NULL, NULL));
    puts("layer      kept as      order    largest   smallest  effective rank");
    for (size_t l = 0; l < rfim_network_modules(network); l++) {
        size_t rows, columns;
        TRY(rfim_network_module_shape(network, l, &rows, &columns));
        if (rows > 0)
            TRY(look(network, splits.valid, l));
    }
done:
    if (status != RFIM_OK)
        fprintf(stderr, "spectrum: %s\n", context ? rfim_context_error(context) : "no context");
    rfim_network_free(network);
    rfim_splits_free(&splits);
    rfim_context_free(context);
    return status == RFIM_OK ? failures > 0 : rfim_status_exit(status);
}
