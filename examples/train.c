/* train.c - your own data, a network from text, training in one call, prediction.
 *
 * The data: points in a plane, and whether they lie in a spiral's first or second arm. */
#include <math.h>
#include <rfim/rfim.h>
#include <stdio.h>

#define SAMPLES 2000
#define HELD_OUT 500

static float inputs[SAMPLES][2];
static int32_t labels[SAMPLES];

/* Points in the order in which they are used: the last HELD_OUT are not trained on. */
static void make_data(void)
{
    for (int i = 0; i < SAMPLES; i++) {
        double radius = 0.1 + 0.9 * (i * 377 % SAMPLES) / SAMPLES; /* 377: all radii, mixed */
        double angle = 9 * radius + 3.14159265 * (i % 2);
        inputs[i][0] = (float)(radius * cos(angle));
        inputs[i][1] = (float)(radius * sin(angle));
        labels[i] = i % 2;
    }
}

static int show(void *user, const rfim_progress *progress)
{
    (void)user;
    const rfim_epoch *epoch = progress->finished;
    if (epoch && epoch->epoch % 10 == 0)
        printf("epoch %2zu  loss %.5f  held out: accuracy %.1f %%\n", epoch->epoch,
               epoch->train.loss, 100 * epoch->valid.accuracy);
    return 0; /* anything else stops the training */
}

int main(void)
{
    rfim_context *context = NULL;
    rfim_network *network = NULL;
    rfim_splits splits = {0};
    rfim_options options;
    make_data();
    rfim_options_defaults(&options); /* relative natural gradient descent */
    options.train.epochs = 60;
    options.optimizer.metric_every = 1; /* small problems can afford a fresh metric */
    options.optimizer.refresh_every = 5;
    options.optimizer.metric_decay = 0.9;

    rfim_status status = rfim_context_create(NULL, &context);
    if (status != RFIM_OK)
        return rfim_status_exit(status);
    size_t train = SAMPLES - HELD_OUT;
    status = rfim_dataset_from_arrays(context, rfim_floats(inputs[0], train, 2),
                                      rfim_labels(labels, train), &splits.train);
    if (status == RFIM_OK)
        status = rfim_dataset_from_arrays(context, rfim_floats(inputs[train], HELD_OUT, 2),
                                          rfim_labels(labels + train, HELD_OUT), &splits.valid);
    if (status == RFIM_OK)
        status = rfim_network_create(context, "2-32-32-2 tanh", &options.init, &network);
    if (status == RFIM_OK)
        status = rfim_train(network, &splits, &options, show, NULL, NULL);

    double probability[2] = {0};
    if (status == RFIM_OK)
        status = rfim_network_predict(network, rfim_floats(inputs[0], 1, 2), probability);
    if (status == RFIM_OK)
        printf("point (%.2f, %.2f) of arm %d: p(arm 0) = %.3f, p(arm 1) = %.3f\n",
               (double)inputs[0][0], (double)inputs[0][1], (int)labels[0], probability[0],
               probability[1]);
    else
        fprintf(stderr, "train: %s\n", rfim_context_error(context));
    rfim_network_free(network);
    rfim_splits_free(&splits);
    rfim_context_free(context);
    return rfim_status_exit(status);
}
