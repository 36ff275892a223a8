/* curves.h - pictures of training: loss and accuracy against epochs, from metrics.jsonl. */
#ifndef RFIM_TRAIN_CURVES_H
#define RFIM_TRAIN_CURVES_H

#include "core/context.h"

/* Reads run_folder/metrics.jsonl and writes run_folder/curves.svg. */
rfim_status rfim__curves_draw(rfim_context *context, const char *run_folder);

#endif
