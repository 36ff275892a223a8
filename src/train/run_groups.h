/* run_groups.h - runs that differ in their seeds only, taken together: mean and range. */
#ifndef RFIM_TRAIN_RUN_GROUPS_H
#define RFIM_TRAIN_RUN_GROUPS_H

#include "train/run_record.h"

#include <stdbool.h>

typedef struct rfim__run_group {
    const rfim__run_record **runs; /* never empty */
    size_t run_count;
    size_t epochs; /* of its longest run */
    double *mean;  /* [RFIM__COLUMNS x epochs] over the runs that have the epoch; else NaN */
    double *low;   /* the smallest of them */
    double *high;  /* the largest */
    char *label;   /* tells the group from the others */
} rfim__run_group;

typedef struct rfim__run_groups {
    rfim_context *context;
    rfim__run_group *groups; /* in the order of their first runs */
    size_t count;
    char *title; /* what all groups share: the network; and, of a single group, its label */
} rfim__run_groups;

/* Groups `count` runs, which must outlive *out. Runs without config.ini stay alone. *out can be
 * freed after a failure too. */
rfim_status rfim__run_groups_make(rfim_context *context, const rfim__run_record *runs, size_t count,
                                  rfim__run_groups *out);
void rfim__run_groups_free(rfim__run_groups *groups);

/* Whether two settings (NULL: missing) are the same. */
bool rfim__same_setting(const char *a, const char *b);

/* Whether a setting is one of those in which runs of one group may differ. */
bool rfim__is_seed(const char *key);

/* Gives the groups their title, and each group its label: optimizer and learning rate, the network
 * where networks differ, and from there on whatever setting tells groups apart; without config.ini,
 * the folder's name. */
rfim_status rfim__run_labels_make(rfim__run_groups *groups);

#endif
