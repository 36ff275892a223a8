/* neuron.c - the metric of one neuron, by hand and by rfim_metric, in both readings.
 *
 * A tanh neuron: y is 1 or -1, P(y = 1) = (1 + tanh t)/2, t = w^T x~, x~ = (x1, x2, 1). Its
 * response carries the information nu(t) = 1 - tanh^2 t about t (docs/mathematics.md):
 *
 *   discriminator  the parameters w, given the inputs:  G = (1/n) sum_i nu_i x~_i x~_i^T
 *   generator      the input x, given the parameters:   G = (1/n) sum_i nu_i w0 w0^T, w0 = (w1, w2)
 */
#include <math.h>
#include <rfim/rfim.h>
#include <stdio.h>

/* Ends at `done` with the first status that is not RFIM_OK. */
#define TRY(call)                                                                                  \
    if ((status = (call)) != RFIM_OK)                                                              \
    goto done

/* t = 0 (a fair coin), 0.5, and 2 (nearly sure) */
static const double x[3][2] = {{0.5, 0.5}, {1, 0.5}, {1.5, -0.5}};
static const double w[3] = {1, -1, 0}; /* two weights and the bias */

/* Prints G [order x order]; returns how far it is from the formula. */
static double compare(const double *G, size_t order, int of_input)
{
    double worst = 0;
    for (size_t a = 0; a < order; a++)
        for (size_t b = 0; b < order; b++) {
            double sum = 0;
            for (size_t i = 0; i < 3; i++) {
                const double xa[3] = {x[i][0], x[i][1], 1};
                const double *v = of_input ? w : xa;
                double h = tanh(w[0] * xa[0] + w[1] * xa[1] + w[2]);
                sum += (1 - h * h) * v[a] * v[b] / 3;
            }
            worst = fmax(worst, fabs(sum - G[a * order + b]));
            printf("%10.6f%s", G[a * order + b], b + 1 == order ? "\n" : "");
        }
    return worst;
}

int main(void)
{
    rfim_context *context = NULL;
    rfim_network *network = NULL;
    rfim_trace *trace = NULL;
    rfim_metric *metric = NULL;
    rfim_network_options shape;
    rfim_metric_options options;
    rfim_status status;
    double G[9], worst = 0;
    rfim_network_defaults(&shape);
    rfim_metric_defaults(&options); /* module 0, its own response, every entry */
    shape.precision = RFIM_DOUBLE;
    TRY(rfim_context_create(NULL, &context));
    TRY(rfim_network_create(context, "input 2; linear 1 tanh; loss squared", &shape, &network));
    TRY(rfim_network_tensor_write(network, 0, w));     /* layer1.weight */
    TRY(rfim_network_tensor_write(network, 1, w + 2)); /* layer1.bias */
    TRY(rfim_trace_create(network, 3, &trace));
    TRY(rfim_trace_forward(trace, rfim_doubles(x[0], 3, 2)));
    for (int of_input = 0; of_input < 2; of_input++) {
        options.variable = of_input ? RFIM_VARIABLE_INPUT : RFIM_VARIABLE_PARAMETERS;
        rfim_metric_free(metric);
        TRY(rfim_metric_create(network, &options, &metric));
        TRY(rfim_metric_observe(metric, trace, 0, 1));
        TRY(rfim_metric_to_dense(metric, G));
        puts(of_input ? "generator: the input, given the parameters"
                      : "discriminator: the parameters, given the inputs");
        worst = fmax(worst, compare(G, rfim_metric_order(metric), of_input));
    }
    printf("by hand: %s\n", worst < 1e-14 ? "the same" : "different");
done:
    if (status != RFIM_OK)
        fprintf(stderr, "neuron: %s\n", context ? rfim_context_error(context) : "no context");
    rfim_metric_free(metric);
    rfim_trace_free(trace);
    rfim_network_free(network);
    rfim_context_free(context);
    return status == RFIM_OK ? !(worst < 1e-14) : rfim_status_exit(status);
}
