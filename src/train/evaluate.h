/* evaluate.h - loss and error over a whole data set, in inference mode, on a trace kept for it. */
#ifndef RFIM_TRAIN_EVALUATE_H
#define RFIM_TRAIN_EVALUATE_H

#include "network/trace.h"

#include <rfim/train.h>

#define RFIM__EVAL_BATCH 512

/* What the network is compared with on this data set; an error when that cannot be. */
rfim_status rfim__target_source_of(rfim_network *network, const rfim_dataset *dataset,
                                   rfim_target_rule rule, rfim__target_source *out);

/* Whether the network fits every part of the data that there is. */
rfim_status rfim__check_splits(rfim_network *network, const rfim_splits *splits,
                               rfim_target_rule rule);

/* The first `samples` samples; trace: made for inference, at least RFIM__EVAL_BATCH samples. */
rfim_status rfim__evaluate(rfim_trace *trace, const rfim_dataset *dataset, size_t samples,
                           rfim_target_rule rule, rfim_evaluation *out);

#endif
