/* train.c - the training loop: batches, steps, an evaluation after every epoch. */
#include "core/size.h"
#include "data/batches.h"
#include "train/evaluate.h"

#include <math.h>
#include <string.h>
#include <time.h>

typedef struct loop {
    rfim_network *network;
    const rfim_splits *splits;
    const rfim_options *options;
    rfim_progress_fn progress;
    void *user;
    rfim_trace *trace;
    rfim_trace *eval_trace;
    rfim_optimizer *optimizer;
    rfim__batches *batches;
    rfim__target_source source;
    size_t steps_per_epoch;
    size_t step;
    size_t samples;
    double seconds;
    double eval_seconds;
    double loss;
    double best;
    rfim_epoch epoch;
} loop;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static rfim_status prepare(loop *run)
{
    rfim_context *context = run->network->context;
    const rfim_train_options *train = &run->options->train;
    size_t samples = run->splits->train ? run->splits->train->samples : 0;
    if (samples == 0 || train->batch == 0)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "training needs at least one sample and a batch of at least one, found "
                          "%zu samples and a batch of %zu",
                          samples, train->batch);
    rfim_status status = rfim__check_splits(run->network, run->splits, train->target);
    if (status == RFIM_OK)
        status = rfim__target_source_of(run->network, run->splits->train, train->target,
                                        &run->source);
    size_t batch = rfim__size_min(train->batch, samples);
    run->steps_per_epoch = (samples + batch - 1) / batch;
    run->best = INFINITY;
    rfim_optimizer_options optimizer = run->options->optimizer;
    optimizer.steps = run->steps_per_epoch * train->epochs;
    if (status == RFIM_OK)
        status = rfim_trace_create(run->network, batch, &run->trace);
    if (status == RFIM_OK)
        status = rfim__trace_create(run->network, RFIM__EVAL_BATCH, false, &run->eval_trace);
    if (status == RFIM_OK)
        status = rfim_optimizer_create(run->trace, &optimizer, &run->optimizer);
    if (status == RFIM_OK)
        status = rfim__batches_create(context, samples, train->seed, &run->batches);
    return status;
}

static int report(loop *run, const rfim_epoch *finished)
{
    rfim_progress progress = {.epoch = run->epoch.epoch,
                              .epochs = run->options->train.epochs,
                              .step = run->step,
                              .steps = run->steps_per_epoch * run->options->train.epochs,
                              .seconds = run->seconds,
                              .loss = run->loss,
                              .finished = finished};
    if (!run->progress)
        return 0;
    rfim__algebra_end(run->network->context); /* the caller computes in its own settings */
    int stop = run->progress(run->user, &progress);
    rfim__algebra_begin(run->network->context);
    return stop;
}

/* One batch. When its loss is not finite, the weights before the last update come back: the last
 * ones whose loss was. */
static rfim_status step(loop *run, const uint32_t *rows, size_t n)
{
    rfim_network *network = run->network;
    rfim_context *context = network->context;
    const rfim_dataset *train = run->splits->train;
    rfim_status status = rfim__trace_load(run->trace, train, rows, 0, n);
    if (status == RFIM_OK)
        status = rfim__trace_load_targets(run->trace, train, run->source, rows, 0);
    if (status != RFIM_OK)
        return status;
    rfim__trace_pass(run->trace, RFIM__TRAIN);
    double loss = rfim__trace_loss_sums(run->trace).loss / (double)n;
    if (!isfinite(loss)) {
        if (run->step > 0)
            rfim__network_undo(network);
        return rfim__fail(context, RFIM_DIVERGED,
                          "training diverged: the loss of the batch at step %zu (epoch %zu) is not "
                          "finite; lower the learning rate or raise the damping",
                          run->step + 1, run->epoch.epoch);
    }
    run->loss = loss;
    run->trace->loss_done = true;
    status = rfim_trace_backward(run->trace);
    if (status == RFIM_OK)
        status = rfim_optimizer_step(run->optimizer, run->trace);
    if (status != RFIM_OK)
        return status;
    run->step++;
    run->samples += n;
    return RFIM_OK;
}

static rfim_status evaluate_split(loop *run, const rfim_dataset *dataset, rfim_evaluation *out)
{
    memset(out, 0, sizeof *out);
    if (!dataset || dataset->samples == 0)
        return RFIM_OK;
    size_t most = run->options->train.eval_samples;
    size_t samples = most > 0 ? rfim__size_min(most, dataset->samples) : dataset->samples;
    return rfim__evaluate(run->eval_trace, dataset, samples, run->options->train.target, out);
}

static rfim_status evaluate(loop *run)
{
    rfim_epoch *epoch = &run->epoch;
    double start = now();
    rfim_status status = evaluate_split(run, run->splits->train, &epoch->train);
    if (status == RFIM_OK)
        status = evaluate_split(run, run->splits->valid, &epoch->valid);
    if (status == RFIM_OK)
        status = evaluate_split(run, run->splits->test, &epoch->test);
    run->eval_seconds += now() - start;
    if (status != RFIM_OK)
        return status;
    epoch->train_cost = epoch->train.loss +
                        run->options->optimizer.l2 * rfim__network_half_squares(run->network);
    if (!isfinite(epoch->train.loss)) {
        if (run->step > 0)
            rfim__network_undo(run->network);
        return rfim__fail(run->network->context, RFIM_DIVERGED,
                          "training diverged: the training loss after epoch %zu is not finite; "
                          "lower the learning rate or raise the damping",
                          epoch->epoch);
    }
    epoch->improved = epoch->valid.samples > 0 && epoch->valid.loss < run->best;
    if (epoch->improved)
        run->best = epoch->valid.loss;
    return RFIM_OK;
}

/* The batches of one epoch; RFIM_STOPPED when the caller said so. */
static rfim_status run_steps(loop *run)
{
    size_t samples = run->splits->train->samples;
    size_t batch = run->trace->max_samples;
    double start = now();
    rfim__batches_shuffle(run->batches, run->epoch.epoch);
    rfim_optimizer_begin_epoch(run->optimizer);
    for (size_t first = 0; first < samples; first += batch) {
        rfim_status status = step(run, run->batches->rows + first,
                                  rfim__size_min(batch, samples - first));
        run->seconds += now() - start;
        if (status != RFIM_OK)
            return status;
        bool stop = report(run, NULL) != 0;
        start = now(); /* the caller's own time is not ours */
        if (stop)
            return rfim__fail(run->network->context, RFIM_STOPPED,
                              "training was stopped after step %zu (epoch %zu)", run->step,
                              run->epoch.epoch);
    }
    return RFIM_OK;
}

/* What there is to say of the epoch so far, without its evaluation. */
static void sum_up(loop *run, size_t first_step, double first_seconds)
{
    rfim_epoch *epoch = &run->epoch;
    size_t steps = run->step - first_step;
    epoch->step = run->step;
    epoch->samples = run->samples;
    epoch->seconds = run->seconds;
    epoch->eval_seconds = run->eval_seconds;
    epoch->step_microseconds = steps > 0 ? 1e6 * (run->seconds - first_seconds) / (double)steps : 0;
    epoch->interrupted = steps < run->steps_per_epoch;
    rfim_optimizer_report_get(run->optimizer, &epoch->optimizer);
    epoch->learning_rate = epoch->optimizer.learning_rate;
}

static rfim_status run_epoch(loop *run, size_t number)
{
    size_t first_step = run->step;
    double first_seconds = run->seconds;
    run->epoch = (rfim_epoch){.epoch = number};
    rfim_status stopped = run_steps(run);
    rfim_status status = stopped;
    if (stopped == RFIM_OK || stopped == RFIM_STOPPED)
        status = evaluate(run);
    sum_up(run, first_step, first_seconds);
    if (status != RFIM_OK)
        return status;
    bool finished = run->step == run->steps_per_epoch * run->options->train.epochs;
    bool stop = report(run, &run->epoch) != 0;
    if (finished) /* whoever wanted it stopped wanted it too late */
        return RFIM_OK;
    if (stop && stopped == RFIM_OK)
        stopped = rfim__fail(run->network->context, RFIM_STOPPED,
                             "training was stopped after epoch %zu", number);
    return stopped;
}

rfim_status rfim_train(rfim_network *network, const rfim_splits *splits,
                       const rfim_options *options, rfim_progress_fn progress, void *user,
                       rfim_epoch *last)
{
    if (!network || !splits || !options)
        return RFIM_ERROR_ARGUMENT;
    loop run = {.network = network,
                .splits = splits,
                .options = options,
                .progress = progress,
                .user = user};
    rfim__algebra_begin(network->context);
    double start = now();
    rfim_status status = prepare(&run);
    run.seconds = now() - start; /* set-up is part of training */
    for (size_t e = 1; e <= options->train.epochs && status == RFIM_OK; e++)
        status = run_epoch(&run, e);
    rfim__algebra_end(network->context);
    if (last)
        *last = run.epoch;
    rfim__batches_free(run.batches);
    rfim_optimizer_free(run.optimizer);
    rfim_trace_free(run.trace);
    rfim_trace_free(run.eval_trace);
    return status;
}
