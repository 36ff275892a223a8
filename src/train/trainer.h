/* trainer.h - the inside of a trainer: what happens at a step, and on which network.
 *
 * A first layer whose metric remembers the data set is trained in whitened coordinates
 * (metric/whitening.h), on a clone of the caller's network; reading folds its weights back. With a
 * weight average (weight_average.h) it is a clone as well, and reading gives the average. */
#ifndef RFIM_TRAIN_TRAINER_H
#define RFIM_TRAIN_TRAINER_H

#include "data/batches.h"
#include "metric/whitening.h"
#include "network/trace.h"
#include "train/weight_average.h"

#include <rfim/train.h>

struct rfim_trainer {
    rfim_network *network; /* the caller's */
    rfim_network *inner;   /* the one that is trained: the caller's, or a clone */
    const rfim_dataset *data;
    rfim__target_source source;
    rfim__whitening *whitening; /* NULL: the first layer is trained as it is */
    uint32_t *sorted; /* [batch] rows of the whitened data, by how many zeros they begin with */
    uint32_t *firsts; /* [batch] how many those are */
    rfim__weight_average *average; /* NULL: reading gives the weights themselves */
    bool fresh; /* the weights are not in the average yet: their loss may not be finite */
    rfim_trace *trace;
    rfim_optimizer *optimizer;
    rfim__batches *batches;
    size_t step_samples; /* of a whole step: one batch, or what is accumulated */
    size_t steps_per_epoch;
    size_t planned;  /* steps */
    size_t step;     /* done so far */
    size_t samples;  /* seen so far */
    size_t epoch;    /* the one in progress, from 1; 0 before the first step */
    size_t position; /* in it: the first sample of the next step */
    double loss;     /* of the last step's samples */
    double setup_seconds;
    bool may_undo; /* the last thing done was a whole step */
    bool diverged;
    /* Weights of dropped inputs have no gradient and only decay: by share[0] so far, by share[1]
     * before the last step. */
    double decay;
    double share[2];
    double mean_share;    /* share[0] over the steps in the average */
    rfim__matrix dropped; /* [dropped inputs x m] their initial weights, where they decay */
    void *block;          /* of it */
};

double rfim__now(void);
/* The next batch, as rfim_trainer_step. */
rfim_status rfim__trainer_step(rfim_trainer *trainer);
/* Takes the last step back, when there is one to take back; not into the caller's network. */
void rfim__trainer_undo(rfim_trainer *trainer);
/* As rfim_trainer_read. */
void rfim__trainer_read(rfim_trainer *trainer);

#endif
