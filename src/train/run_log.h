/* run_log.h - what a run tells about itself: metrics.jsonl, a line per epoch, and run.log. */
#ifndef RFIM_TRAIN_RUN_LOG_H
#define RFIM_TRAIN_RUN_LOG_H

#include "core/context.h"

#include <rfim/train.h>

/* Appends an epoch's line to the file at path. */
rfim_status rfim__run_log_epoch(rfim_context *context, const char *path, const rfim_epoch *epoch,
                                rfim_method method);

/* Between begin and end, all that the context's log says also goes to a file. */
typedef struct rfim__run_log {
    rfim_context *context;
    const char *path; /* of run.log; the caller's text */
    rfim_log_fn before;
    void *before_user;
} rfim__run_log;

/* *log stays in its place until the end. */
void rfim__run_log_begin(rfim__run_log *log, rfim_context *context, const char *path);
void rfim__run_log_end(rfim__run_log *log);
/* A line for the file alone. A line that cannot be written is lost: metrics and models, which a
 * run must not lose, report their own failures. */
void rfim__run_log_note(const rfim__run_log *log, const char *message);

#endif
