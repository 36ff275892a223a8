/* trainer_make.c - what a trainer needs before its first step, whitened data among it. */
#include "core/size.h"
#include "network/network_clone.h"
#include "train/evaluate.h"
#include "train/plan.h"
#include "train/trainer.h"
#include "train/whitening_settings.h"

static rfim_status keep_dropped(rfim_trainer *trainer)
{
    rfim__algebra *algebra = trainer->network->algebra;
    const rfim__kept_inputs *inputs = &trainer->whitening->inputs;
    rfim__matrix w = trainer->network->modules[0].parameters;
    size_t count = inputs->inputs + 1 - inputs->order;
    rfim__arena arena = {0};
    rfim__arena_matrix(&arena, algebra, count, w.columns);
    trainer->block = rfim__allocate(trainer->network->context, arena.used, 1);
    if (!trainer->block)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = trainer->block};
    trainer->dropped = rfim__arena_matrix(&arena, algebra, count, w.columns);
    for (size_t k = 0; k < count; k++) {
        rfim__matrix row = rfim__rows(algebra, w, inputs->dropped[k], 1);
        algebra->ops.combine(algebra, 1, row, 0, row, rfim__rows(algebra, trainer->dropped, k, 1));
    }
    return RFIM_OK;
}

/* The whitened data, and the network that is trained on them. */
static rfim_status whiten(rfim_trainer *trainer, const rfim_optimizer_options *options,
                          size_t batch)
{
    rfim_network *network = trainer->network;
    const rfim__whitening_settings settings = rfim__whitening_settings_of(
        options, &network->modules[0], trainer->data->samples);
    rfim_status status = rfim__whitening_create(network->algebra, trainer->data, &settings,
                                                &trainer->whitening);
    if (status == RFIM_OK)
        status = rfim__network_clone_whitened(network, trainer->whitening->inputs.order,
                                              &trainer->inner);
    if (status != RFIM_OK)
        return status;
    rfim__module *first = &trainer->inner->modules[0];
    rfim__whitening_into(trainer->whitening, network->modules[0].parameters, first->parameters);
    rfim__whitening_bias(trainer->whitening, first->bias);
    trainer->sorted = rfim__allocate(network->context, 2 * batch, sizeof *trainer->sorted);
    if (!trainer->sorted)
        return RFIM_ERROR_MEMORY;
    trainer->firsts = trainer->sorted + batch;
    return options->weight_decay != 0 ? keep_dropped(trainer) : RFIM_OK;
}

/* The network that is trained, where it is not the caller's. */
static rfim_status make_inner(rfim_trainer *trainer, const rfim_optimizer_options *optimizer,
                              size_t batch, bool whitens, double decay)
{
    rfim_status status = RFIM_OK;
    if (whitens)
        status = whiten(trainer, optimizer, batch);
    else if (decay > 0)
        status = rfim__network_clone(trainer->network, &trainer->inner);
    if (status == RFIM_OK && decay > 0)
        status = rfim__weight_average_create(trainer->inner, decay, &trainer->average);
    return status;
}

static rfim_status prepare(rfim_trainer *trainer, const rfim_splits *splits,
                           const rfim_options *options)
{
    rfim_network *network = trainer->network;
    const rfim_train_options *train = &options->train;
    size_t samples = splits->train ? splits->train->samples : 0;
    rfim__plan_verdict verdict = {0};
    if (samples == 0 || train->batch == 0)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "training needs at least one sample and a batch of at least one, found "
                          "%zu samples and a batch of %zu",
                          samples, train->batch);
    if (options->optimizer.accumulate == 0)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "training: accumulate is 1 batch a step or more, found 0");
    if (!(train->weight_average >= 0 && train->weight_average < 1))
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "training: weight_average is from 0 to below 1, found %g",
                          train->weight_average);
    rfim_status status = rfim__check_splits(network, splits, train->target);
    if (status == RFIM_OK)
        status = rfim__target_source_of(network, splits->train, train->target, &trainer->source);
    if (status != RFIM_OK)
        return status;
    size_t batch = rfim__size_min(train->batch, samples);
    trainer->data = splits->train;
    trainer->step_samples = rfim_optimizer_samples(&options->optimizer, batch, samples);
    trainer->steps_per_epoch = (samples + trainer->step_samples - 1) / trainer->step_samples;
    trainer->planned = trainer->steps_per_epoch * train->epochs;
    rfim_optimizer_options optimizer = options->optimizer;
    optimizer.steps = trainer->planned;
    rfim_optimizer_settle(&optimizer, trainer->step_samples, network->modules[0].inputs, samples);
    optimizer.seed = train->seed;
    /* What cannot be is refused before anything large is allocated. */
    status = rfim__plan_check(network, splits, options, &verdict);
    optimizer.memory = verdict.metric_memory;
    if (status == RFIM_OK)
        status = make_inner(trainer, &optimizer, batch, verdict.whitens, train->weight_average);
    if (status == RFIM_OK)
        status = rfim_trace_create(trainer->inner, batch, &trainer->trace);
    if (status == RFIM_OK)
        status = rfim_optimizer_create(trainer->trace, &optimizer, &trainer->optimizer);
    if (status == RFIM_OK)
        status = rfim__batches_create(network->context, samples, train->seed, &trainer->batches);
    return status;
}

rfim_status rfim_trainer_create(rfim_network *network, const rfim_splits *splits,
                                const rfim_options *options, rfim_trainer **out)
{
    if (!network || !splits || !options || !out)
        return RFIM_ERROR_ARGUMENT;
    *out = NULL;
    rfim_trainer *trainer = rfim__allocate(network->context, 1, sizeof *trainer);
    if (!trainer)
        return RFIM_ERROR_MEMORY;
    double start = rfim__now();
    trainer->network = network;
    trainer->inner = network;
    trainer->decay = options->optimizer.weight_decay;
    trainer->share[0] = 1;
    trainer->share[1] = 1;
    rfim__algebra_begin(network->context);
    rfim_status status = prepare(trainer, splits, options);
    rfim__algebra_end(network->context);
    trainer->setup_seconds = rfim__now() - start;
    if (status != RFIM_OK) {
        rfim_trainer_free(trainer);
        trainer = NULL;
    }
    *out = trainer;
    return status;
}

void rfim_trainer_free(rfim_trainer *trainer)
{
    if (!trainer)
        return;
    rfim_context *context = trainer->network->context;
    rfim__batches_free(trainer->batches);
    rfim_optimizer_free(trainer->optimizer);
    rfim_trace_free(trainer->trace);
    rfim__weight_average_free(trainer->average);
    if (trainer->inner != trainer->network) /* NULL: it could not be cloned */
        rfim_network_free(trainer->inner);
    rfim__whitening_free(trainer->whitening);
    rfim__release(context, trainer->sorted);
    rfim__release(context, trainer->block);
    rfim__release(context, trainer);
}
