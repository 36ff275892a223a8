/* own_loop.c - the training loop in your own hands: forward, loss, backward, one step of relative
 * natural gradient descent. It fits y = sin(3 x) in float64. */
#include <math.h>
#include <rfim/rfim.h>
#include <stdio.h>

enum { SAMPLES = 64, STEPS = 400 };

/* Ends at `done` with the first status that is not RFIM_OK. */
#define TRY(call)                                                                                  \
    if ((status = (call)) != RFIM_OK)                                                              \
    goto done

static double x[SAMPLES];
static double y[SAMPLES];

int main(void)
{
    for (int i = 0; i < SAMPLES; i++) {
        x[i] = 2.0 * i / (SAMPLES - 1) - 1;
        y[i] = sin(3 * x[i]);
    }
    rfim_context *context = NULL;
    rfim_network *network = NULL;
    rfim_trace *trace = NULL;
    rfim_optimizer *optimizer = NULL;
    rfim_network_options shape;
    rfim_optimizer_options method;
    rfim_status status;
    double loss = 0;
    rfim_network_defaults(&shape);
    shape.precision = RFIM_DOUBLE;
    rfim_optimizer_defaults(RFIM_RNGD, &method);
    method.steps = STEPS;    /* the rate falls to 0 over so many steps */
    method.metric_every = 1; /* a small problem can afford a fresh metric at every step */
    method.refresh_every = 1;
    method.metric_decay = 0.9;
    TRY(rfim_context_create(NULL, &context));
    TRY(rfim_network_create(context, "input 1; linear 16 tanh; linear 1; loss squared", &shape,
                            &network));
    TRY(rfim_trace_create(network, SAMPLES, &trace));
    TRY(rfim_optimizer_create(trace, &method, &optimizer));
    for (int step = 0; step < STEPS; step++) {
        TRY(rfim_trace_forward(trace, rfim_doubles(x, SAMPLES, 1)));
        TRY(rfim_trace_loss(trace, rfim_doubles(y, SAMPLES, 1), &loss));
        TRY(rfim_trace_backward(trace));
        TRY(rfim_optimizer_step(optimizer, trace));
        if (step % 50 == 0 || step == STEPS - 1)
            printf("step %3d  loss %.3e\n", step, loss);
    }
done:
    if (status != RFIM_OK)
        fprintf(stderr, "own_loop: %s\n", context ? rfim_context_error(context) : "no context");
    rfim_optimizer_free(optimizer);
    rfim_trace_free(trace);
    rfim_network_free(network);
    rfim_context_free(context);
    return rfim_status_exit(status);
}
