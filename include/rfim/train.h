/* train.h - training in one call, evaluation, and runs that are kept in a folder. */
#ifndef RFIM_TRAIN_H
#define RFIM_TRAIN_H

#include <rfim/options.h>

/* Loss and error of a network over a data set, in inference mode. */
typedef struct rfim_evaluation {
    size_t samples;
    double loss;     /* mean over samples */
    double accuracy; /* share of samples with the right class; NaN where there are no classes */
    double error;    /* squared error, summed over outputs, mean over samples, no 1/2; NaN for
                        classifiers */
} rfim_evaluation;

/* One line of metrics.jsonl. */
typedef struct rfim_epoch {
    size_t epoch; /* from 1 */
    size_t step;
    size_t samples;
    double seconds;       /* cumulative training wall time, without evaluation and files */
    double setup_seconds; /* of it: before the first step */
    double eval_seconds;  /* cumulative */
    double train_cost;    /* training loss + L2 term */
    rfim_evaluation train, valid, test; /* samples = 0 where there is no such split */
    double learning_rate;
    double step_microseconds; /* mean over the epoch's steps */
    int improved;             /* 1: the lowest validation loss so far */
    int interrupted;          /* 1: the epoch was cut short */
    rfim_optimizer_report optimizer;
} rfim_epoch;

typedef struct rfim_progress {
    size_t epoch, epochs;       /* the one in progress, from 1 */
    size_t step, steps;         /* in all */
    double seconds;             /* training time so far */
    double loss;                /* of the last batch */
    const rfim_epoch *finished; /* an epoch that has just ended, or NULL */
} rfim_progress;

/* Called after every step and after every epoch (then `finished` is set). Non-zero: stop, after
 * this step; training then reports RFIM_STOPPED. */
typedef int (*rfim_progress_fn)(void *user, const rfim_progress *progress);

#ifdef __cplusplus
extern "C" {
#endif

/* Trains network on splits as options->optimizer and options->train say (options->optimizer.steps
 * is set from epochs and batch). last, may be NULL: figures of the last epoch; when training
 * ended before the epoch was evaluated, its evaluations have no samples. RFIM_DIVERGED: the network
 * holds the last weights whose loss was finite. A NULL network, splits or options is
 * RFIM_ERROR_ARGUMENT, as NULL objects are everywhere. */
RFIM_API rfim_status rfim_train(rfim_network *network, const rfim_splits *splits,
                                const rfim_options *options, rfim_progress_fn progress, void *user,
                                rfim_epoch *last);

/* Training, batch by batch: what rfim_train is made of. One trainer at a time works on a network;
 * while it does, the network's weights are the trainer's (rfim_trainer_read). Network and splits
 * outlive it.
 *
 * A whole step: the next batch (options->optimizer.accumulate of them) of the shuffled training
 * samples, forward, backward, update. Epochs follow each other, the last batch of one may be
 * smaller. What has to be made before the first step (whitened data, say) is made by
 * rfim_trainer_create. */
typedef struct rfim_trainer rfim_trainer;

RFIM_API rfim_status rfim_trainer_create(rfim_network *network, const rfim_splits *splits,
                                         const rfim_options *options, rfim_trainer **out);
RFIM_API void rfim_trainer_free(rfim_trainer *trainer);
/* loss, may be NULL: the mean loss of the batch, before the update. RFIM_DIVERGED: the weights are
 * the last ones whose loss was finite, and the network has them; the trainer goes no further. */
RFIM_API rfim_status rfim_trainer_step(rfim_trainer *trainer, double *loss);
/* network <- the weights as they are now (a whitened layer is folded back, in float64), or with
 * options->train.weight_average their mean over the steps. */
RFIM_API rfim_status rfim_trainer_read(rfim_trainer *trainer);
/* Wall time of what was made before the first step. */
RFIM_API double rfim_trainer_setup_seconds(const rfim_trainer *trainer);
RFIM_API void rfim_trainer_report_get(const rfim_trainer *trainer, rfim_optimizer_report *out);

/* Whether, by this rule, the network learns to give its own inputs (*out = 1) or the data's targets
 * (0). Errors: as training on these data would have. */
RFIM_API rfim_status rfim_targets_are_inputs(rfim_network *network, const rfim_dataset *dataset,
                                             rfim_target_rule rule, int *out);
RFIM_API rfim_status rfim_evaluate(rfim_network *network, const rfim_dataset *dataset,
                                   rfim_target_rule target, rfim_evaluation *out);

/* What `rfim train` does: opens the data, makes the network, makes the run folder, trains, and
 * keeps the folder up to date after every epoch. Just before the folder is made, progress is called
 * once with step 0; when it returns non-zero, there is no folder and RFIM_STOPPED. While the run
 * goes on, runs of other processes are kept out of its folder. run_path (room for RFIM_TEXT_SIZE
 * bytes, may be NULL) receives the folder; it is empty while there is none. */
RFIM_API rfim_status rfim_run_train(rfim_context *context, const rfim_options *options,
                                    rfim_progress_fn progress, void *user, char *run_path,
                                    rfim_epoch *last);

#ifdef __cplusplus
}
#endif
#endif
