/* run_folder.h - the folder of a run: its name, what may lie in its place, making and unmaking. */
#ifndef RFIM_TRAIN_RUN_FOLDER_H
#define RFIM_TRAIN_RUN_FOLDER_H

#include "train/run_lock.h"

#include <rfim/options.h>
#include <stdbool.h>

/* The files of a run. */
#define RFIM__RUN_CONFIG "config.ini"
#define RFIM__RUN_METRICS "metrics.jsonl"
#define RFIM__RUN_CURVES "curves.svg"
#define RFIM__RUN_MODEL "model.safetensors"
#define RFIM__RUN_BEST "best.safetensors"
#define RFIM__RUN_LOG "run.log"

typedef struct rfim__run_folder {
    char path[RFIM_TEXT_SIZE];
    bool chosen;     /* nobody named it: when the name is taken, another one will do */
    bool was_there;  /* before rfim__run_folder_make */
    size_t existing; /* bytes of path that name the deepest folder there was before */
    rfim__run_lock lock;
} rfim__run_folder;

/* options->run.out, or a name of the form runs/20261123-142501-784-80-10-relu-rngd-1. */
rfim_status rfim__run_folder_name(rfim_context *context, const rfim_options *options,
                                  rfim__run_folder *folder);
/* Whether the folder can be made, or taken as it is, before anything is done: it may be missing or
 * empty, or, with overwrite, hold an earlier run. */
rfim_status rfim__run_folder_check(rfim_context *context, rfim__run_folder *folder, bool overwrite);
/* Makes the folder and those above it, locks it against other runs, and sets the files of an
 * earlier run aside (NAME.old). A name that nobody chose and that another run has taken meanwhile
 * gets a number. */
rfim_status rfim__run_folder_make(rfim_context *context, rfim__run_folder *folder, bool overwrite);
/* Gives the lock back; nothing when the folder was not made. */
void rfim__run_folder_leave(rfim__run_folder *folder);
/* Training has begun: the files of the earlier run go for good. */
void rfim__run_folder_settle(const rfim__run_folder *folder);
/* Training has not begun and will not: the new files go, the earlier run's come back, and the
 * folders that rfim__run_folder_make has made go too. */
void rfim__run_folder_remove(rfim__run_folder *folder);
/* The path of one of the files above. */
rfim_status rfim__run_folder_file(rfim_context *context, const rfim__run_folder *folder,
                                  const char *name, char path[RFIM_TEXT_SIZE]);

#endif
