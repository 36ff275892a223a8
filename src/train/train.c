/* train.c - the training loop: the steps of a trainer, an evaluation after every epoch. */
#include "core/size.h"
#include "train/evaluate.h"
#include "train/trainer.h"

#include <math.h>
#include <string.h>

typedef struct loop {
    rfim_network *network;
    const rfim_splits *splits;
    const rfim_options *options;
    rfim_progress_fn progress;
    void *user;
    rfim_trainer *trainer;
    rfim_trace *eval_trace;
    double seconds;
    double setup_seconds;
    double eval_seconds;
    double best;
    rfim_epoch epoch;
} loop;

static rfim_status prepare(loop *run)
{
    double start = rfim__now();
    run->best = INFINITY;
    rfim_status status = rfim_trainer_create(run->network, run->splits, run->options,
                                             &run->trainer);
    if (status == RFIM_OK)
        status = rfim__trace_create(run->network, RFIM__EVAL_BATCH, false, &run->eval_trace);
    run->setup_seconds = rfim__now() - start;
    run->seconds = run->setup_seconds; /* set-up is part of training */
    return status;
}

static int report(loop *run, const rfim_epoch *finished)
{
    rfim_progress progress = {.epoch = run->epoch.epoch,
                              .epochs = run->options->train.epochs,
                              .step = run->trainer->step,
                              .steps = run->trainer->planned,
                              .seconds = run->seconds,
                              .loss = run->trainer->loss,
                              .finished = finished};
    if (!run->progress)
        return 0;
    rfim__algebra_end(run->network->context); /* the caller computes in its own settings */
    int stop = run->progress(run->user, &progress);
    rfim__algebra_begin(run->network->context);
    return stop;
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
    double start = rfim__now();
    rfim__trainer_read(run->trainer);
    rfim_status status = evaluate_split(run, run->splits->train, &epoch->train);
    if (status == RFIM_OK)
        status = evaluate_split(run, run->splits->valid, &epoch->valid);
    if (status == RFIM_OK)
        status = evaluate_split(run, run->splits->test, &epoch->test);
    run->eval_seconds += rfim__now() - start;
    if (status != RFIM_OK)
        return status;
    epoch->train_cost = epoch->train.loss +
                        run->options->optimizer.l2 * rfim__network_half_squares(run->network);
    if (!isfinite(epoch->train.loss)) {
        rfim__trainer_undo(run->trainer);
        rfim__trainer_read(run->trainer);
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
    for (size_t s = 0; s < run->trainer->steps_per_epoch; s++) {
        double start = rfim__now(); /* the caller's own time is not ours */
        rfim_status status = rfim__trainer_step(run->trainer);
        run->seconds += rfim__now() - start;
        if (status != RFIM_OK)
            return status;
        if (report(run, NULL) != 0)
            return rfim__fail(run->network->context, RFIM_STOPPED,
                              "training was stopped after step %zu (epoch %zu)", run->trainer->step,
                              run->epoch.epoch);
    }
    return RFIM_OK;
}

/* What there is to say of the epoch so far, without its evaluation. */
static void sum_up(loop *run, size_t first_step, double first_seconds)
{
    rfim_epoch *epoch = &run->epoch;
    size_t steps = run->trainer->step - first_step;
    epoch->step = run->trainer->step;
    epoch->samples = run->trainer->samples;
    epoch->seconds = run->seconds;
    epoch->setup_seconds = run->setup_seconds;
    epoch->eval_seconds = run->eval_seconds;
    epoch->step_microseconds = steps > 0 ? 1e6 * (run->seconds - first_seconds) / (double)steps : 0;
    epoch->interrupted = steps < run->trainer->steps_per_epoch;
    rfim_trainer_report_get(run->trainer, &epoch->optimizer);
    epoch->learning_rate = epoch->optimizer.learning_rate;
}

static rfim_status run_epoch(loop *run, size_t number)
{
    size_t first_step = run->trainer->step;
    double first_seconds = run->seconds;
    run->epoch = (rfim_epoch){.epoch = number};
    rfim_status stopped = run_steps(run);
    rfim_status status = stopped;
    if (stopped == RFIM_OK || stopped == RFIM_STOPPED)
        status = evaluate(run);
    sum_up(run, first_step, first_seconds);
    if (status != RFIM_OK)
        return status;
    bool finished = run->trainer->step == run->trainer->planned;
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
    rfim_status status = prepare(&run);
    for (size_t e = 1; e <= options->train.epochs && status == RFIM_OK; e++)
        status = run_epoch(&run, e);
    rfim__algebra_end(network->context);
    if (last)
        *last = run.epoch;
    rfim_trainer_free(run.trainer);
    rfim_trace_free(run.eval_trace);
    return status;
}
