/* run_record.h - what a run folder tells about a run: its settings and its metrics by epoch. */
#ifndef RFIM_TRAIN_RUN_RECORD_H
#define RFIM_TRAIN_RUN_RECORD_H

#include "core/context.h"

/* Columns that pictures use, by their keys in metrics.jsonl. */
#define RFIM__COLUMN_LIST(X)                                                                       \
    X(EPOCH, "epoch")                                                                              \
    X(TRAIN_LOSS, "train_loss")                                                                    \
    X(TRAIN_COST, "train_cost")                                                                    \
    X(VALID_LOSS, "valid_loss")                                                                    \
    X(TRAIN_ACCURACY, "train_accuracy")                                                            \
    X(VALID_ACCURACY, "valid_accuracy")                                                            \
    X(TRAIN_ERROR, "train_error")                                                                  \
    X(VALID_ERROR, "valid_error")

typedef enum rfim__column {
#define RFIM__COLUMN_NAME(name, key) RFIM__COLUMN_##name,
    RFIM__COLUMN_LIST(RFIM__COLUMN_NAME)
#undef RFIM__COLUMN_NAME
        RFIM__COLUMNS
} rfim__column;

/* One key of config.ini. Lines of a repeated key are joined by "; ". */
typedef struct rfim__setting {
    char *key;
    char *value;
} rfim__setting;

typedef struct rfim__run_record {
    rfim_context *context;
    const char *path; /* the run folder; the caller's text */
    rfim__setting *settings;
    size_t setting_count; /* 0 without config.ini */
    size_t setting_room;
    size_t epochs;   /* lines of metrics.jsonl */
    double *columns; /* [RFIM__COLUMNS x epochs]; NaN where the file has no number */
} rfim__run_record;

/* Reads path/metrics.jsonl and, where there is one, path/config.ini. A folder that is missing or
 * has no metrics is RFIM_ERROR_IO; metrics of no epoch are RFIM_ERROR_FORMAT. *out can be freed
 * after a failure too. */
rfim_status rfim__run_record_read(rfim_context *context, const char *path, rfim__run_record *out);
void rfim__run_record_free(rfim__run_record *run);

/* The numbers of a column, one an epoch. */
const double *rfim__run_column(const rfim__run_record *run, rfim__column column);
/* The value of a setting; NULL when config.ini does not have it. */
const char *rfim__run_setting(const rfim__run_record *run, const char *key);

#endif
