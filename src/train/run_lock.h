/* run_lock.h - a run has its folder for itself: a lock that ends with the process at the latest. */
#ifndef RFIM_TRAIN_RUN_LOCK_H
#define RFIM_TRAIN_RUN_LOCK_H

#include "core/context.h"

#define RFIM__RUN_LOCK ".lock" /* the file in the folder; nothing else opens it */

typedef struct rfim__run_lock {
    int file; /* -1: not held */
} rfim__run_lock;

/* RFIM_ERROR_EXISTS, with a sentence, while a run of another process is going in the folder. */
rfim_status rfim__run_lock_check(rfim_context *context, const char *folder);
/* Takes the lock, or fails as rfim__run_lock_check does. Where files cannot be locked, as on some
 * network file systems, the run goes on without. */
rfim_status rfim__run_lock_take(rfim_context *context, const char *folder, rfim__run_lock *lock);
/* Removes the file and gives the lock back; nothing when it is not held. */
void rfim__run_lock_release(const char *folder, rfim__run_lock *lock);

#endif
