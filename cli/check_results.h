/* check_results.h - what rfim check found: kept, printed as a table, written as JSON. */
#ifndef RFIM_CLI_CHECK_RESULTS_H
#define RFIM_CLI_CHECK_RESULTS_H

#include <rfim/rfim.h>
#include <stdio.h>

typedef struct check_line {
    char group[24];
    char name[64];
    char against[24];
    double error, tolerance, seconds;
    int passed;
} check_line;

typedef struct check_results {
    check_line *lines;
    size_t count, room;
    int silent; /* no table */
    int color;
    int out_of_memory;
} check_results;

void check_results_begin(check_results *results, int silent);
void check_results_free(check_results *results);
/* An rfim_check_fn; user: check_results. Prints the line, and keeps it. */
int check_results_add(void *user, const rfim_check_result *result);
/* "all 143 checks passed in 12.3 s", or which failed. */
void check_results_conclude(const check_results *results, const rfim_check_summary *summary);
void check_results_write(const check_results *results, const rfim_check_summary *summary,
                         const rfim_check_options *options, FILE *file);

#endif
