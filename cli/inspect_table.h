/* inspect_table.h - an inspection as tables for a terminal of 80 columns. */
#ifndef RFIM_CLI_INSPECT_TABLE_H
#define RFIM_CLI_INSPECT_TABLE_H

#include <rfim/rfim.h>

/* A line for each subsystem, twice: its metric, its neurons; then the notes. */
void inspect_table_print(const rfim_inspection *inspection);
/* A line for each neuron of the first subsystem. */
void inspect_table_print_neurons(const rfim_inspection *inspection);

#endif
