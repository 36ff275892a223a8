/* natural_step.c - natural gradient steps by hand, with the verbs of a metric, beside the plain
 * gradient. One input is ten times as large as the other: the natural gradient does not mind.
 *
 *   theta <- theta - rate (G + Lambda)^-1 gradient,   G the metric of all parameters with respect
 *                                                     to the response of the network */
#include <math.h>
#include <rfim/rfim.h>
#include <stdio.h>

enum { SAMPLES = 64, STEPS = 60, PARAMETERS = 37 };

/* Ends at `done` with the first status that is not RFIM_OK. */
#define TRY(call)                                                                                  \
    if ((status = (call)) != RFIM_OK)                                                              \
    goto done

static double x[SAMPLES][2], y[SAMPLES];

/* Takes STEPS steps from the same initial weights; *loss: before the last one. */
static rfim_status fit(rfim_context *context, int natural, double rate, double *loss)
{
    rfim_network *network = NULL;
    rfim_trace *trace = NULL;
    rfim_metric *metric = NULL;
    double theta[PARAMETERS], direction[PARAMETERS];
    rfim_network_options shape;
    rfim_metric_options options;
    rfim_status status;
    rfim_network_defaults(&shape);
    rfim_metric_defaults(&options); /* every entry of G */
    shape.precision = RFIM_DOUBLE;
    shape.loss = RFIM_LOSS_SQUARED;
    options.last = 1; /* both modules */
    options.response = RFIM_RESPONSE_NETWORK;
    TRY(rfim_network_create(context, "2-9-1 tanh", &shape, &network));
    TRY(rfim_trace_create(network, SAMPLES, &trace));
    TRY(rfim_metric_create(network, &options, &metric));
    for (int step = 0; step < STEPS; step++) {
        TRY(rfim_trace_forward(trace, rfim_doubles(x[0], SAMPLES, 2)));
        TRY(rfim_trace_loss(trace, rfim_doubles(y, SAMPLES, 1), loss));
        TRY(rfim_trace_backward(trace));
        TRY(rfim_metric_observe(metric, trace, 0, 1)); /* G of this batch */
        TRY(rfim_metric_refresh(metric, RFIM_DAMPING_DIAGONAL, 0.1, NULL));
        TRY(natural ? rfim_metric_direction(metric, trace, direction)
                    : rfim_metric_gradient(metric, trace, direction));
        TRY(rfim_metric_parameters(metric, theta));
        for (int a = 0; a < PARAMETERS; a++)
            theta[a] -= rate * direction[a];
        TRY(rfim_metric_parameters_set(metric, theta));
    }
    printf("%s gradient, rate %-5g loss %.5f\n", natural ? "natural" : "plain  ", rate, *loss);
done:
    rfim_metric_free(metric);
    rfim_trace_free(trace);
    rfim_network_free(network);
    return status;
}

int main(void)
{
    rfim_context *context = NULL;
    rfim_status status;
    const double rates[] = {0.025, 0.05, 0.1, 0.2};
    double plain = 1, loss = 1;
    for (int i = 0; i < SAMPLES; i++) {
        double a = i % 8 / 3.5 - 1, b = (i - i % 8) / 28.0 - 1; /* a grid on -1 ... 1 */
        x[i][0] = a, x[i][1] = 10 * b, y[i] = sin(3 * a) * exp(-b);
    }
    TRY(rfim_context_create(NULL, &context));
    for (int i = 0; i < 4; i++, plain = fmin(plain, loss))
        TRY(fit(context, 0, rates[i], &loss));
    TRY(fit(context, 1, 0.5, &loss));
done:
    if (status != RFIM_OK)
        fprintf(stderr, "natural_step: %s\n", context ? rfim_context_error(context) : "no context");
    rfim_context_free(context);
    return status == RFIM_OK ? !(loss < plain / 10) : rfim_status_exit(status);
}
