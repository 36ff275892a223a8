/* Batch normalisation as the formulas say: what a training pass gives, the recurrence of the moving
 * averages, and that inference uses them. */
#include "network/small_network.h"

#include <rfim/optimizer.h>

#define SAMPLES 11
#define CHANNELS 3

typedef struct example {
    rfim_context *context;
    rfim_network *network;
    rfim_trace *trace;
    double *inputs;
    double mean[CHANNELS]; /* of the inputs */
    double variance[CHANNELS];
} example;

static const char text[] = "input 3; batchnorm eps=0.01 decay=0.75; linear 2 ; loss squared";

static void measure(example *e, const double *inputs)
{
    for (size_t j = 0; j < CHANNELS; j++) {
        e->mean[j] = 0;
        e->variance[j] = 0;
        for (size_t i = 0; i < SAMPLES; i++)
            e->mean[j] += inputs[i * CHANNELS + j] / SAMPLES;
        for (size_t i = 0; i < SAMPLES; i++)
            e->variance[j] += pow(inputs[i * CHANNELS + j] - e->mean[j], 2) / SAMPLES;
    }
}

static void draw(example *e, uint64_t seed)
{
    fill_normal(seed, 2, e->inputs, SAMPLES * CHANNELS);
    for (size_t k = 0; k < SAMPLES * CHANNELS; k++)
        e->inputs[k] += 5 * (double)(k % CHANNELS);
    measure(e, e->inputs);
}

static void set_up(example *e, rfim_precision precision)
{
    e->context = small_context(RFIM_KERNELS_AUTOMATIC);
    e->network = small_network(e->context, text, precision, 1);
    shake(e->network, 2);
    must(e->context, rfim_trace_create(e->network, SAMPLES, &e->trace));
    e->inputs = malloc(SAMPLES * CHANNELS * sizeof *e->inputs);
    draw(e, 1);
}

static void tear_down(example *e)
{
    free(e->inputs);
    rfim_trace_free(e->trace);
    rfim_network_free(e->network);
    rfim_context_free(e->context);
}

static rfim_array inputs_of(const example *e)
{
    return rfim_doubles(e->inputs, SAMPLES, CHANNELS);
}

/* mean beta, variance gamma^2 v/(v+eps) */
static void check_training_output(rfim_precision precision, double tolerance)
{
    example e;
    double gamma[CHANNELS];
    double beta[CHANNELS];
    double outputs[SAMPLES * CHANNELS];
    set_up(&e, precision);
    must(e.context, rfim_network_tensor_read(e.network, 0, gamma));
    must(e.context, rfim_network_tensor_read(e.network, 1, beta));
    must(e.context, rfim_trace_forward(e.trace, inputs_of(&e)));
    example out = e;
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t j = 0; j < CHANNELS; j++)
            outputs[i * CHANNELS + j] = at(e.network, e.trace->slots[0].output, i, j);
    measure(&out, outputs);
    for (size_t j = 0; j < CHANNELS; j++) {
        double expected = gamma[j] * gamma[j] * e.variance[j] / (e.variance[j] + 0.01);
        assert_true(fabs(out.mean[j] - beta[j]) <= tolerance);
        assert_true(fabs(out.variance[j] - expected) <= tolerance);
    }
    tear_down(&e);
}

static void training_output_has_the_mean_and_variance_asked_for(void **state)
{
    (void)state;
    check_training_output(RFIM_SINGLE, 1e-5);
    check_training_output(RFIM_DOUBLE, 1e-14);
}

/* Every step: average <- decay average + (1 - decay) of the batch; passes alone change nothing. */
static void moving_averages_follow_the_recurrence(void **state)
{
    (void)state;
    example e;
    set_up(&e, RFIM_DOUBLE);
    rfim_optimizer_options options;
    rfim_optimizer_defaults(RFIM_SGD, &options);
    options.schedule = RFIM_SCHEDULE_CONSTANT;
    rfim_optimizer *optimizer = NULL;
    must(e.context, rfim_optimizer_create(e.trace, &options, &optimizer));
    double mean[CHANNELS];
    double variance[CHANNELS];
    double found[2][CHANNELS];
    double targets[SAMPLES * 2] = {0};
    double loss = 0;
    must(e.context, rfim_network_tensor_read(e.network, 2, mean));
    must(e.context, rfim_network_tensor_read(e.network, 3, variance));
    for (uint64_t step = 1; step <= 5; step++) {
        draw(&e, step);
        must(e.context, rfim_trace_forward(e.trace, inputs_of(&e)));
        must(e.context, rfim_trace_forward(e.trace, inputs_of(&e)));
        must(e.context, rfim_trace_loss(e.trace, rfim_doubles(targets, SAMPLES, 2), &loss));
        must(e.context, rfim_trace_backward(e.trace));
        must(e.context, rfim_optimizer_step(optimizer, e.trace));
        must(e.context, rfim_network_tensor_read(e.network, 2, found[0]));
        must(e.context, rfim_network_tensor_read(e.network, 3, found[1]));
        for (size_t j = 0; j < CHANNELS; j++) {
            mean[j] = 0.75 * mean[j] + 0.25 * e.mean[j];
            variance[j] = 0.75 * variance[j] + 0.25 * e.variance[j];
            assert_true(fabs(found[0][j] - mean[j]) < 1e-13);
            assert_true(fabs(found[1][j] - variance[j]) < 1e-13);
        }
    }
    rfim_optimizer_free(optimizer);
    tear_down(&e);
}

/* Inference does not depend on the batch, and moves with the moving averages: with mean = x and
 * gamma, beta = 1, b the output is W^T b + bias. */
static void inference_uses_the_moving_averages(void **state)
{
    (void)state;
    example e;
    set_up(&e, RFIM_DOUBLE);
    double beta[CHANNELS];
    double weight[2 * CHANNELS];
    double bias[2];
    double outputs[2];
    must(e.context, rfim_network_tensor_write(e.network, 2, e.inputs)); /* the first sample */
    must(e.context, rfim_network_tensor_read(e.network, 1, beta));
    must(e.context, rfim_network_tensor_read(e.network, 4, weight));
    must(e.context, rfim_network_tensor_read(e.network, 5, bias));
    must(e.context, rfim_network_predict(e.network, rfim_doubles(e.inputs, 1, CHANNELS), outputs));
    for (size_t j = 0; j < 2; j++) {
        double expected = bias[j];
        for (size_t k = 0; k < CHANNELS; k++)
            expected += weight[j * CHANNELS + k] * beta[k];
        assert_true(fabs(outputs[j] - expected) < 1e-14);
    }
    tear_down(&e);
}

/* A batch of one, and a channel that never changes: no NaN, the output is beta. */
static void constant_channels_give_beta(void **state)
{
    (void)state;
    for (int precision = RFIM_SINGLE; precision <= RFIM_DOUBLE; precision++) {
        example e;
        set_up(&e, (rfim_precision)precision);
        double beta[CHANNELS];
        double loss = 0;
        double target[2 * SAMPLES] = {0};
        must(e.context, rfim_network_tensor_read(e.network, 1, beta));
        for (size_t k = 0; k < SAMPLES * CHANNELS; k++)
            e.inputs[k] = 0.1 + (double)(k % CHANNELS);
        for (size_t n = 1; n <= SAMPLES; n += SAMPLES - 1) {
            must(e.context, rfim_trace_forward(e.trace, rfim_doubles(e.inputs, n, CHANNELS)));
            for (size_t j = 0; j < CHANNELS; j++)
                assert_true(fabs(at(e.network, e.trace->slots[0].output, n - 1, j) - beta[j]) <
                            1e-5);
            must(e.context, rfim_trace_loss(e.trace, rfim_doubles(target, n, 2), &loss));
            must(e.context, rfim_trace_backward(e.trace));
        }
        tear_down(&e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_output_has_the_mean_and_variance_asked_for),
        cmocka_unit_test(moving_averages_follow_the_recurrence),
        cmocka_unit_test(inference_uses_the_moving_averages),
        cmocka_unit_test(constant_channels_give_beta),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
